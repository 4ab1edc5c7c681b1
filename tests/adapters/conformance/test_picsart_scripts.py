"""The same scripts against a double of Picsart and, through the door, against us: what they see must not differ.

Picsart's own SDK is not on the package index; the double and these scripts are written from the fact sheet.
"""

import contextlib
import gc
import io
import sys
from pathlib import Path

import pytest
from requests.adapters import HTTPAdapter

import pixian_shim
from doubles.picsart_double import PicsartDouble
from pixian_shim import Shim
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import Fetcher

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from observer import (  # noqa: E402
    SITUATIONS,
    START,
    begin,
    client_on,
    closed_port,
    picture_kind,
    rerouting,
    scripts_of,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",  # such scripts close no file
)


def load(monkeypatch, server, key):
    monkeypatch.setenv("PICSART_API_KEY", key)
    monkeypatch.setenv("PHOTO_SERVER", server)
    return scripts_of("picsart")


def described(value):
    """Write a value so that two runs can be compared: words are each service's own, keys and kinds are promised."""
    if isinstance(value, bytes):
        return picture_kind(value)
    if isinstance(value, dict):
        kept = ("status", "message", "code")
        return {key: item if key in kept else described(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [*map(described, value)]
    if isinstance(value, int) and value >= 500:
        return "a server's error"
    if not hasattr(value, "raise_for_status"):
        return type(value).__name__ if isinstance(value, str) and " " in value else repr(value)
    if value.status_code >= 500:
        return "a server's error"
    if value.headers["Content-Type"] != "application/json":
        return {"status": value.status_code, "body": picture_kind(value.content)}
    told = value.json()
    for key in ("detail", "credits"):
        told |= {key: type(told[key]).__name__} if key in told else {}
    told |= {"data": {key: type(item).__name__ for key, item in told["data"].items()}} if "data" in told else {}
    return {
        "status": value.status_code,
        "reason": value.reason,
        "url": value.url,
        "body": told,
        "order": [*told],
        "correlation": "data" in told and "X-Picsart-Correlation-Id" in value.headers,  # ours has it with results only
    }


def observe(script, folder):
    """Run a script in a fresh folder, and write down what its user sees."""
    for name, content in START.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    out, seen = io.StringIO(), {}
    try:
        with contextlib.redirect_stdout(out):
            seen["returned"] = described(script())
    except Exception as error:  # noqa: BLE001 (whatever the script's user would see)
        response = getattr(error, "response", None)
        seen["raised"] = [type(error).__name__, None if response is None else described(response)]
    gc.collect()  # such scripts close no file: let that be said here, not in another test
    files = {path.name: picture_kind(path.read_bytes()) for path in folder.glob("*.png")}
    for name in files:
        (folder / name).unlink()
    return seen | {"files": files, "said": out.getvalue()}


@contextlib.contextmanager
def to_the_double(double, situation):
    """Lead what requests and httpx send to Picsart to the double."""
    port = closed_port() if situation == "unreachable" else double.port
    import httpx

    handle = httpx.HTTPTransport.handle_request

    def redirected(transport, request):
        if request.url.host == "api.picsart.io":
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
        return handle(transport, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", rerouting(HTTPAdapter.send, "api.picsart.io", lambda: port))
        patch.setattr(httpx.HTTPTransport, "handle_request", redirected)
        yield


@contextlib.contextmanager
def to_us(sandbox, situation):
    begin(sandbox, situation)
    with (
        client_on(sandbox, situation) as client,
        pixian_shim.intercept("picsart", shim=Shim(client, policy="silent", fetcher=Fetcher(allow_private=True))),
    ):
        yield


@pytest.fixture(scope="module")
def sides():
    gc.freeze()  # what other tests have left is not looked through each time
    with PicsartDouble() as double, Sandbox(engine="fast") as sandbox:
        yield double, sandbox
    gc.unfreeze()


def both(sides, situation, name, monkeypatch, folder):
    double, sandbox = sides
    script = load(monkeypatch, double.url, SITUATIONS[situation])[name]
    monkeypatch.chdir(folder)
    with to_the_double(double, situation):
        theirs = observe(script, folder)
    with to_us(sandbox, situation):
        ours = observe(script, folder)
    return theirs, ours


NAMES = [
    line.partition("(")[0].removeprefix("def ")
    for line in (HERE / "scripts" / "picsart.py").read_text().splitlines()
    if line.startswith("def ")
]


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", NAMES)
def test_scripts_see_the_same(name, situation, sides, monkeypatch, tmp_path):
    theirs, ours = both(sides, situation, name, monkeypatch, tmp_path)
    if theirs != ours and situation != "fine":
        # What is wrong with a call may be found out here before anybody is asked, as on the fine day.
        fine, _ = both(sides, "fine", name, monkeypatch, tmp_path)
        assert ours == fine
        return
    assert ours == theirs


@pytest.mark.parametrize("situation", [day for day in SITUATIONS if day != "fine"])
def test_bad_days_are_seen(situation, sides, monkeypatch, tmp_path):
    fine, _ = both(sides, "fine", "a_file", monkeypatch, tmp_path)
    theirs, ours = both(sides, situation, "a_file", monkeypatch, tmp_path)
    assert ours == theirs != fine
