"""The drop-in for the package pyclipdrop: what it does beyond what is compared in conformance/."""

import inspect
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from drop_ins import DAYS, LEGACY_KEY, SECRET, assert_no_secret_is_seen, fill_disk, nobody_there
from pictures import opened, photo
from pixian_adapters.clipdrop import ClipdropClient
from pixian_adapters.clipdrop.pyclipdrop import exceptions
from pixian_shim import Shim, using
from pixian_shim.errors import ConnectFailed, InsufficientCredits, ShimError, TimedOut, TranslationError
from pixian_shim.pixian import MAX_UPLOAD_BYTES, Retry
from pixian_shim.sandbox import Sandbox
from sandbox_pictures import PictureServer

OTHERS = sorted(name for name in vars(ClipdropClient) if not name.startswith("_") and name != "remove_background")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", api_secret=SECRET) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def folder(sandbox, tmp_path, monkeypatch):
    """Work in a fresh folder with a photo, on the sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIXIAN_SHIM_POLICY", raising=False)
    monkeypatch.delenv("CLIPDROP_API_KEY", raising=False)
    Path("photo.jpg").write_bytes(photo("JPEG"))
    Path("notes.png").write_text("remember the milk")
    sandbox.reset()
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client, using(Shim(client)):
        yield tmp_path


@pytest.fixture(scope="module")
def server():
    with PictureServer() as server:
        yield server.url


@pytest.fixture
def client():
    return ClipdropClient(LEGACY_KEY)


def asked(sandbox):
    return [entry for entry in sandbox.requests if entry.method == "POST"]


def test_a_photo_comes_back_without_its_background(client):
    assert client.remove_background("photo.jpg") is None
    result = opened(Path("output.png").read_bytes())
    assert result.size == (400, 300)
    assert result.getpixel((5, 5))[3] == 0
    assert result.getpixel((150, 150))[3] == 255


@pytest.mark.parametrize("day", DAYS)
def test_no_secret_is_seen_anywhere(day, folder, sandbox, caplog):
    def ask():
        ClipdropClient(LEGACY_KEY).remove_background("notes.png" if day == "bad picture" else "photo.jpg")

    refused = exceptions.APIRequestError
    assert_no_secret_is_seen(ask, day, sandbox=sandbox, folder=folder, caplog=caplog, raises=refused)


def test_a_key_of_pixians_in_the_old_slot_is_used(sandbox):
    with sandbox.client(api_id="nobody", api_secret="nothing") as wrong, using(Shim(wrong)):
        ClipdropClient(f"sandbox:{SECRET}").remove_background("photo.jpg")
    assert opened(Path("output.png").read_bytes()).mode == "RGBA"


def test_the_key_of_the_environment_is_looked_up_when_the_client_is_made(monkeypatch):
    with pytest.raises(ValueError, match="CLIPDROP_API_KEY environment variable"):
        ClipdropClient()
    monkeypatch.setenv("CLIPDROP_API_KEY", "from-the-environment")
    assert ClipdropClient().api_key == ClipdropClient("").api_key == "from-the-environment"
    assert ClipdropClient("given").api_key == "given"


@pytest.mark.parametrize(
    ("variables", "base_url", "version"),
    [
        ({}, "https://clipdrop-api.co", "v1"),
        ({"BASE_URL": "http://proxy", "VERSION": "v2"}, "http://proxy", "v2"),
        ({"base_url": "http://lower", "Version": ""}, "http://lower", ""),
    ],
)
def test_variables_of_the_environment_change_the_defaults(variables, base_url, version):
    code = (
        "from pixian_adapters.clipdrop import ClipdropClient; import inspect; "
        "client = ClipdropClient('k'); print([client.base_url, client.version, "
        "*[p.default for p in inspect.signature(ClipdropClient).parameters.values()]])"
    )
    environ = {name: value for name, value in os.environ.items() if name.upper() not in ("BASE_URL", "VERSION")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ | variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str([base_url, version, None, base_url, version])


@pytest.mark.parametrize("name", OTHERS)
def test_what_pixian_cannot_do_says_so_before_anything_is_sent(name, client, sandbox):
    method = getattr(client, name)
    needed = [p.name for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    with pytest.raises(exceptions.APIRequestError, match=rf"^{name}\(\) is not possible on Pixian") as caught:
        method(**dict.fromkeys(needed, "photo.jpg"))
    assert isinstance(caught.value, exceptions.NotOffered)
    assert "pyclipdrop" in str(caught.value)
    assert not sandbox.requests


def test_there_are_eleven_of_these():
    assert len(OTHERS) == 11


def test_every_exception_is_ours_as_well():
    own = [kind for kind in vars(exceptions).values() if getattr(kind, "__module__", "") == exceptions.__name__]
    assert len(own) == 11  # with NotOffered
    assert all(issubclass(kind, ShimError) for kind in own)


@pytest.mark.parametrize(
    ("fault", "status"), [("no_credits", 402), ("rate_limit", 429), ("server_error", 500), ("html", 502)]
)
def test_every_refusal_keeps_its_cause(fault, status, client, sandbox):
    sandbox.fault(fault, times=9)
    with pytest.raises(exceptions.APIRequestError, match=r"^The request to the Clipdrop API failed: ") as caught:
        client.remove_background("photo.jpg")
    error = caught.value
    assert isinstance(error.__cause__, requests.exceptions.HTTPError)
    assert error.__cause__.response.status_code == error.response.status_code == status
    assert error.response.json()["error"] in str(error)
    assert isinstance(error.__cause__.__cause__, ShimError)
    assert str(error.__cause__.__cause__) in error.__notes__[0]


def test_no_credits_is_told_in_words(client, sandbox):
    sandbox.set_credits(0)
    with pytest.raises(exceptions.APIRequestError, match="No credits left") as caught:
        client.remove_background("photo.jpg")
    assert isinstance(caught.value.__cause__.__cause__, InsufficientCredits)


def test_a_version_that_does_not_exist_is_told_as_such(sandbox):
    with pytest.raises(exceptions.APIRequestError, match="/remove-background/v1 alone") as caught:
        ClipdropClient("k", version="1.4.2").remove_background("photo.jpg")
    assert caught.value.response.status_code == 404
    assert isinstance(caught.value.__cause__.__cause__, TranslationError)
    assert not sandbox.requests


@pytest.mark.parametrize("address", ["clipdrop-api.co", "", "http://"])
def test_an_address_that_is_none_is_found_out_before_anything_is_paid(address, sandbox):
    with pytest.raises(ValueError, match="URL"):
        ClipdropClient("k", base_url=address).remove_background("photo.jpg")
    assert not sandbox.requests


def test_nobody_there_is_the_connection_error_of_requests(client):
    with nobody_there(), pytest.raises(requests.exceptions.ConnectionError) as caught:
        client.remove_background("photo.jpg")
    assert isinstance(caught.value, ConnectFailed)
    assert caught.value.request.url == "https://clipdrop-api.co/remove-background/v1"
    assert caught.value.may_have_run is False


def test_an_answer_that_is_late_is_the_timeout_of_requests(client):
    class Slow:
        def remove_background(self, *_, **__):
            raise TimedOut("nothing came")

        account = remove_background

    with using(Shim(Slow())), pytest.raises(requests.exceptions.ReadTimeout):
        client.remove_background("photo.jpg")


def test_a_refusal_leaves_no_file(client, folder, sandbox):
    before = sorted(folder.rglob("*"))
    sandbox.fault("no_credits", times=9)
    with pytest.raises(exceptions.APIRequestError):
        client.remove_background("photo.jpg")
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("output", "kind", "words"),
    [
        ("no/where.png", exceptions.FilePathError, "does not exist"),
        ("folder.png", exceptions.FileOpenError, "Is a directory: 'folder.png'"),
        ("photo.jpg/x.png", exceptions.FileOpenError, "Not a directory: 'photo.jpg/x.png'"),
        ("out.gif", exceptions.FileExtensionError, "supported extensions"),
    ],
)
def test_an_output_that_cannot_be_is_found_out_before_anything_is_paid(output, kind, words, client, sandbox):
    Path("folder.png").mkdir()
    with pytest.raises(kind, match=words):
        client.remove_background("photo.jpg", output_file=output)
    assert not sandbox.requests


def test_a_folder_that_may_not_be_written_to_is_found_out_as_well(client, sandbox, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(exceptions.FileOpenError, match=r"Permission denied: 'output\.png'") as caught:
        client.remove_background("photo.jpg")
    assert isinstance(caught.value.__cause__, OSError)
    assert not sandbox.requests


def test_a_full_disk_does_not_lose_the_picture(client, folder, monkeypatch):
    fill_disk(monkeypatch)
    with pytest.raises(exceptions.FileWriteError, match="No space") as caught:
        client.remove_background("photo.jpg")
    assert opened(caught.value.content).size == (400, 300)
    assert "paid for" in caught.value.__notes__[0]
    assert isinstance(caught.value.__cause__, OSError)
    assert not list(folder.glob("output*")) + list(folder.glob(".*"))


def test_an_input_that_cannot_be_read_keeps_its_cause(client):
    Path("folder.png").mkdir()
    with pytest.raises(exceptions.FileOpenError, match="Is a directory") as caught:
        client.remove_background("folder.png")
    assert isinstance(caught.value.__cause__, IsADirectoryError)


def test_an_input_may_be_a_path_object(client):
    client.remove_background(Path("photo.jpg"), output_file=Path("mine.png"))
    assert opened(Path("mine.png").read_bytes()).size == (400, 300)


def test_a_path_object_of_nothing_is_no_address(client):
    with pytest.raises(exceptions.FileOrURLError):
        client.remove_background(Path("http://127.0.0.1/photo.png"))


def test_a_name_beyond_all_measure_is_no_file(client):
    with pytest.raises(exceptions.FileOrURLError):
        client.remove_background("a" * 5000 + ".png")
    with pytest.raises(exceptions.FileOrURLError):
        client.remove_background("http://[broken/a.png")


@pytest.mark.parametrize("path", ["a.png?size=large", "a.png#top", "a b.png", "ä%20.png"])
def test_a_picture_at_an_address_is_fetched_here(path, client, server, sandbox):
    client.remove_background(f"{server}/{path}")
    assert opened(Path("output.png").read_bytes()).size == (400, 300)
    assert len(asked(sandbox)) == 1


@pytest.mark.parametrize("path", ["missing/a.png", "cut/a.png", "redirect/99.png"])
def test_an_address_that_does_not_deliver_is_told_with_its_cause(path, client, server, sandbox):
    with pytest.raises(exceptions.URLReadError, match=r"^Error in API request: ") as caught:
        client.remove_background(f"{server}/{path}")
    assert caught.value.__cause__ is not None
    assert not sandbox.requests


def test_a_picture_without_end_is_read_to_the_limit(client, monkeypatch, sandbox):
    class Endless:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def read(self, size):
            assert size == MAX_UPLOAD_BYTES + 1
            return photo() + bytes(size - len(photo()))

    monkeypatch.setattr("pixian_adapters.clipdrop.pyclipdrop._files.urlopen", lambda *_, **__: Endless())
    with pytest.raises(exceptions.APIRequestError, match="too large"):
        client.remove_background("http://127.0.0.1/a.png")
    assert not asked(sandbox)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'["busy"]', "No error message provided by the API"),
        (b'{"detail": 1}', "No error message provided by the API"),
        (b"<html>", "could not be decoded as JSON"),
        (b'{"error": "Too busy"}', "Too busy"),
    ],
)
def test_an_answer_of_clipdrops_own_is_told_whatever_it_looks_like(body, words, client):
    from pixian_shim.translation import HttpResponse

    class Legacy:
        def serve(self, *_, **__):
            return HttpResponse(503, {"Content-Type": "text/html"}, body)

    with using(Legacy()), pytest.raises(exceptions.APIRequestError, match=words):
        client.remove_background("photo.jpg")


def test_an_error_travels_between_processes(client, sandbox):
    sandbox.set_credits(0)
    with pytest.raises(exceptions.APIRequestError) as caught:
        client.remove_background("photo.jpg")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy)) == (type(caught.value), str(caught.value))
    assert copy.response.json() == caught.value.response.json()
    offered = pickle.loads(pickle.dumps(exceptions.NotOffered("cleanup")))
    assert str(offered).startswith("cleanup() is not possible")


def test_the_alias_gives_the_package_with_its_modules():
    code = """
import pixian_shim
pixian_shim.alias("pyclipdrop")
import pyclipdrop, pyclipdrop.client, pyclipdrop.settings
from pyclipdrop import ClipdropClient
from pyclipdrop.exceptions import APIRequestError
import pixian_adapters.clipdrop as ours
print(ClipdropClient is ours.ClipdropClient is pyclipdrop.client.ClipdropClient, pyclipdrop.settings.settings.VERSION)
"""
    environ = {name: value for name, value in os.environ.items() if name != "VERSION"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.strip() == "True v1"


def test_works_without_requests(tmp_path):
    code = f"""
import sys; sys.modules["requests"] = None
from pathlib import Path
from pixian_adapters.clipdrop import ClipdropClient
from pixian_shim import Shim, using
from pixian_shim.sandbox import Sandbox
Path("photo.jpg").write_bytes({photo("JPEG")!r})
with Sandbox(engine="fast") as sandbox, sandbox.client() as client, using(Shim(client)):
    ClipdropClient("k").remove_background("photo.jpg")
    try:
        ClipdropClient("k").remove_background("notes.png")
    except Exception as error:
        print(type(error).__name__, error.response.status_code, type(error.__cause__).__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "APIRequestError 400 HTTPError"
    assert (tmp_path / "output.png").is_file()
