"""Run every script of one package on one side, and write down what its caller can see.

``python observer.py (real | drop-in | rolled) PACKAGE LEGACY_FOLDER OUT.json``, in a process and a folder of its own: the packages
set up logging for the whole process, and two of them have the same name.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import io
import json
import logging
import os
import re
import shutil
import socket
import sys
import types
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from pictures import photo  # noqa: E402

MODULES = {
    "removebg": {"removebg": "", "removebg.removebg": ".removebg"},
    "remove-bg-api": {"remove_bg_api": ".remove_bg_api"},
    "remove-bg": {
        "removebg": ".remove_bg",
        "removebg.removebg": ".remove_bg.removebg",
        "removebg.exceptions": ".remove_bg.exceptions",
        "removebg.constants": ".remove_bg.constants",
    },
    "rembgpy": {"rembgpy": ".rembgpy", "rembgpy.bg": ".rembgpy.bg"},
    "removebgplus": {"removebgplus": ".removebgplus", "removebgplus.removebg": ".removebgplus.removebg"},
    "unedited": {},
    "pyclipdrop": {
        "pyclipdrop": ".pyclipdrop",
        "pyclipdrop.client": ".pyclipdrop.client",
        "pyclipdrop.exceptions": ".pyclipdrop.exceptions",
    },
    "unedited_clipdrop": {},
}
"""The modules of each package, and where the drop-in has them; ``unedited`` is code that uses requests alone."""


@dataclass(frozen=True)
class Provider:
    """Who a package is written for: the adapter's name, and what the real side needs to know."""

    name: str
    host: str
    double: str
    key_variable: str
    asks_for_a_picture: str
    """The end of the path."""

    def start_double(self):
        module, _, name = self.double.partition(":")
        return getattr(importlib.import_module(module), name)()


REMOVE_BG = Provider(
    "removebg", "api.remove.bg", "doubles.removebg_double:RemoveBgDouble", "REMOVE_BG_API_KEY", "removebg"
)
CLIPDROP = Provider(
    "clipdrop", "clipdrop-api.co", "doubles.clipdrop_double:ClipdropDouble", "CLIPDROP_API_KEY", "remove-background/v1"
)
PROVIDERS = {"pyclipdrop": CLIPDROP, "unedited_clipdrop": CLIPDROP}
"""Of each package; any other one is for remove.bg."""


def provider_of(package: str) -> Provider:
    return PROVIDERS.get(package, REMOVE_BG)


SITUATIONS = {
    "fine": "good-key",
    "wrong key": "wrong-key",
    "no credits": "poor-key",
    "busy": "busy-key",
    "broken": "broken-key",
    "unreachable": "good-key",
}
"""The days a script is run on, with the key that the double takes as the sign."""


SMALL = {"size": (160, 120), "subject": (40, 30, 80, 90)}
PNG, JPEG = photo(**SMALL), photo("JPEG", **SMALL)
START = {"photo.jpg": JPEG, "photos/a.png": PNG, "photos/b.jpg": JPEG, "notes.txt": b"remember the milk"}
"""What is in the folder of every script."""


def only_loopback() -> None:
    """Let no socket reach beyond this machine."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a connection to {address} was tried")
        return connect(self, address)

    socket.socket.connect = guarded


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def rerouting(send, host: str, port: Callable[[], int]):
    """Make the ``HTTPAdapter.send`` of requests that leads what goes to a host to a port of this machine."""

    def rerouted(adapter, request, **options):
        asked, parts = request.url, urlsplit(request.url)
        if parts.hostname == host:
            request.url = parts._replace(scheme="http", netloc=f"127.0.0.1:{port()}").geturl()
        try:
            response = send(adapter, request, **options)
        finally:
            request.url = asked
        response.url = asked
        return response

    return rerouted


def client_on(sandbox, situation: str):
    """Make the client that a shim has on such a day."""
    from pixian_shim.pixian import Pixian, Retry

    retry = Retry(rate_limit_waits=0, connect_retries=0)
    if situation == "unreachable":
        return Pixian("sandbox", "sandbox", base_url=f"http://127.0.0.1:{closed_port()}", retry=retry)
    return sandbox.client(api_secret="not-the-secret" if situation == "wrong key" else "sandbox", retry=retry)


def begin(sandbox, situation: str) -> None:
    """Let such a day begin at the sandbox."""
    sandbox.reset()
    if situation == "no credits":
        sandbox.set_credits(0)
    elif situation in ("busy", "broken"):
        sandbox.fault("rate_limit" if situation == "busy" else "not_json", times=100_000)


def scripts_of(package: str) -> dict[str, Callable]:
    """Load the scripts for a package afresh, as they look up the key when they are loaded."""
    spec = importlib.util.spec_from_file_location("script", HERE / "scripts" / f"{package.replace('-', '_')}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        name: script
        for name, script in vars(module).items()
        if inspect.isfunction(script) and script.__module__ == "script" and not inspect.signature(script).parameters
    }


class RealSide(contextlib.ExitStack):
    """The real package: its requests to its provider are led to the double, at the outermost edge."""

    def __init__(self, package: str, legacy: str) -> None:
        super().__init__()
        self.provider = provider_of(package)
        sys.path.insert(0, legacy)
        if package == "remove-bg":
            import collections
            import collections.abc

            collections.Callable = collections.abc.Callable  # gone since Python 3.10
            for name, used in {
                "bs4": "BeautifulSoup",
                "python_anticaptcha": "AnticaptchaClient NoCaptchaTaskProxylessTask",
                "tempmail": "Tempmail",
            }.items():
                sys.modules[name] = types.ModuleType(name)
                vars(sys.modules[name]).update(dict.fromkeys(used.split()))
        self.double = self.enter_context(self.provider.start_double())
        self.port, self.closed = self.double.port, closed_port()
        from requests.adapters import HTTPAdapter

        HTTPAdapter.send = rerouting(HTTPAdapter.send, self.provider.host, lambda: self.port)

    @contextlib.contextmanager
    def situation(self, name: str):
        self.double.left = 1000
        self.port = self.closed if name == "unreachable" else self.double.port
        self.double.requests.clear()
        yield

    @property
    def pictures_sent(self) -> int:
        return sum(path.endswith(self.provider.asks_for_a_picture) for _, path, *_ in self.double.requests)


class DropInSide(contextlib.ExitStack):
    """Our drop-in under the package's name, and the sandbox."""

    def __init__(self, package: str) -> None:
        super().__init__()
        from pixian_shim.sandbox import Sandbox

        self.provider = provider_of(package)
        self.door = package.startswith("unedited")
        for theirs, ours in MODULES[package].items():
            sys.modules[theirs] = importlib.import_module(f"pixian_adapters.{self.provider.name}{ours}")
        self.sandbox = self.enter_context(Sandbox(engine="fast", formula=lambda _pixels: 1.0))
        self.shims = {name: self.shim(name) for name in SITUATIONS}

    def shim(self, situation: str):
        from pixian_shim import Shim
        from pixian_shim.shim import Fetcher

        client = self.enter_context(client_on(self.sandbox, situation))
        return Shim(client, policy="silent", fetcher=Fetcher(allow_private=True))

    @contextlib.contextmanager
    def situation(self, name: str):
        from pixian_shim import intercept, using

        begin(self.sandbox, name)
        with using(self.shims[name]), intercept(self.provider.name) if self.door else contextlib.nullcontext():
            yield

    @property
    def pictures_sent(self) -> int:
        return sum(entry.path.endswith("remove-background") for entry in self.sandbox.requests)


class RolledSide(DropInSide):
    """Our drop-in in a rollout that has not begun: the same double answers that the real package talks to."""

    def __init__(self, package: str) -> None:
        self.double = provider_of(package).start_double()
        self.closed = closed_port()
        super().__init__(package)
        self.enter_context(self.double)

    def shim(self, situation: str):
        from pixian_shim.rollout import Flag, Rollout

        port = self.closed if situation == "unreachable" else self.double.port
        url = f"http://127.0.0.1:{port}"
        legacy = {self.provider.name: url}
        return self.enter_context(Rollout(Flag(stage="off"), shim=super().shim(situation), legacy=legacy))

    @contextlib.contextmanager
    def situation(self, name: str):
        self.double.left = 1000
        self.double.requests.clear()
        with super().situation(name):
            yield

    @property
    def pictures_sent(self) -> int:
        # One script puts a wrong key of Pixian's own into the slot: that goes to Pixian at every stage.
        assert all(entry.status == 401 for entry in self.sandbox.requests), self.sandbox.requests
        return sum(path.endswith(self.provider.asks_for_a_picture) for _, path, *_ in self.double.requests)


SIDES = {"drop-in": DropInSide, "rolled": RolledSide}

PATHS = {
    "/photo.png": (200, "image/png", PNG),
    "/page.html": (200, "text/html", b"<p>"),
    "/moved.png": (302, "image/png", b""),
}


class PhotoServer(BaseHTTPRequestHandler):
    """What the photos' own addresses lead to."""

    def do_GET(self):
        status, content_type, body = PATHS.get(self.path, (404, "text/plain", b"no"))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/photo.png")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_args):
        pass


@contextlib.contextmanager
def photo_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), PhotoServer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def picture_kind(content: bytes) -> str:
    """Say what kind of picture it is, without its size: the subject is found differently on the two sides."""
    from PIL import Image

    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return f"ZIP {[(entry.filename, entry.compress_type) for entry in archive.infolist()]}"
    try:
        with Image.open(io.BytesIO(content)) as image:
            return f"{image.format} {image.mode}"
    except OSError:
        return f"text {content.decode(errors='replace')!r}" if len(content) < 200 else "something else"


def portless(text: str) -> str:
    """Leave out what changes with every run, and the reasons after a title's colon, which each service words itself."""
    text = re.sub(r"^(Failed to download|Multiple image sources)([^:]*):.*", r"\1\2: ...", text)
    text = re.sub(r"^(The request to the Clipdrop API failed): .*", r"\1: ...", text, flags=re.DOTALL)
    return re.sub(r"127\.0\.0\.1:\d+", "HOST", text)


def described(value):
    """Write a value so that two runs can be compared."""
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return portless(error_body(value))
    if isinstance(value, bytes):
        return f"bytes: {picture_kind(value)}"
    if isinstance(value, dict):
        return {key: described(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(described, value)]
    if hasattr(value, "status_code") and hasattr(value, "raise_for_status"):
        return described_response(value)
    return type(value).__name__


def error_body(text: str) -> str:
    """Reduce an error envelope inside a message to what both sides promise."""
    match = re.fullmatch(r"(\d{3}) - (.*)", text, re.DOTALL)
    if match is None:
        return text
    return f"{match[1]} - " + ("..." if match[1] >= "500" else str(envelope(json.loads(match[2]))))


def envelope(value):
    """Keep status-independent words of an error: ``detail`` is promised for some codes only, reasons follow a colon."""
    if isinstance(value, dict) and value.keys() == {"error"}:  # Clipdrop's, whose words are not documented
        return [type(value["error"]).__name__]
    if not isinstance(value, dict) or "errors" not in value:
        return described(value)
    return [(error["title"].partition(":")[0], error.get("code")) for error in value["errors"]]


NOT_COMPARED = {CLIPDROP.host: {"x-remaining-credits", "retry-after"}}
"""Headers that an answer here lacks, or has beyond what is known of the provider, as its guide says."""


def described_response(response):
    if response.status_code >= 500:
        return {"class": type(response).__name__, "status": response.status_code}
    names = {name.lower() for name in response.headers if re.match(r"(?i)retry-after$|x-", name)}
    is_json = response.headers["Content-Type"].startswith("application/json")
    return {
        "class": type(response).__name__,
        "status": response.status_code,
        "reason": response.reason,
        "url": response.url,
        "method": response.request.method,
        "content type": response.headers["Content-Type"],
        "headers": sorted(names - NOT_COMPARED.get(urlsplit(response.url).hostname, set())),
        "encoding": response.encoding,
        "body": envelope(response.json()) if is_json else picture_kind(response.content),
    }


def raised(error: BaseException) -> dict:
    ancestors = [
        kind.__name__ for kind in type(error).__mro__ if kind.__module__ in ("builtins", "requests.exceptions")
    ]
    if type(error).__module__ not in ("builtins", "requests.exceptions"):
        ancestors.insert(0, type(error).__name__)
    said = {"class": type(error).__name__, "ancestors": list(dict.fromkeys(ancestors))}
    if "ConnectionError" not in ancestors:  # whose words belong to the HTTP library
        said |= {"text": described(str(error)), "args": described(error.args)}
    for name in ("txt", "status_code", "errno", "filename"):
        said[name] = described(getattr(error, name, None))
    if "RequestException" in ancestors:
        said["response"] = described(error.response)
        said["request"] = error.request is not None and (error.request.method, error.request.url)
    return said


def fresh_folder(folder: Path) -> dict[str, bytes]:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "photos").mkdir(parents=True)
    for name, content in START.items():
        (folder / name).write_bytes(content)
    return START


def written(folder: Path, start: dict[str, bytes]) -> dict[str, str]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return {
        name: content.decode() if name.endswith(".log") else picture_kind(content)
        for name, content in found.items()
        if start.get(name) != content
    }


def observe(script: Callable[[], object], folder: Path, muted: int) -> dict:
    start = fresh_folder(folder)
    os.chdir(folder)
    logging.disable(muted)
    out, seen = io.StringIO(), {"returned": None, "raised": None}
    try:
        with contextlib.redirect_stdout(out):
            seen["returned"] = described(script())
    except Exception as error:  # noqa: BLE001 (whatever the script's caller would see)
        seen["raised"] = raised(error)
    for handler in logging.root.handlers[:]:
        logging.root.removeHandler(handler)
        handler.close()
    os.chdir(folder.parent)
    return seen | {"files": written(folder, start), "said": portless(out.getvalue()).splitlines()}


def signatures(package: str) -> dict[str, list]:
    """Give the parameters of every callable that the package defines."""
    found = {}
    for name in MODULES[package]:
        module, own = sys.modules[name], (name.partition(".")[0], "pixian_adapters")
        for thing, value in vars(module).items():
            if inspect.isclass(value) and not thing.startswith("_") and value.__module__.startswith(own):
                found |= methods(f"{name}.{thing}", value)
            elif (
                inspect.isfunction(value) and not thing.startswith("_") and value.__module__.startswith(module.__name__)
            ):
                found[f"{name}.{thing}"] = parameters(value)
    return found


def methods(path: str, owner: type) -> dict[str, list]:
    found = {path: "class"}
    for name, value in vars(owner).items():
        plain = value.__func__ if isinstance(value, staticmethod) else value
        if inspect.isclass(plain):
            found |= methods(f"{path}.{name}", plain)
        elif inspect.isfunction(plain) and not name.startswith(f"_{owner.__name__}__"):
            found[f"{path}.{name}"] = parameters(plain)
    return found


def parameters(function) -> list:
    inner = inspect.getclosurevars(function).nonlocals.get("method")  # a decorator that does not wrap
    given = inspect.signature(inner or function).parameters.values()
    return [(p.name, p.kind.name, None if p.default is p.empty else repr(p.default)) for p in given]


def main(side: str, package: str, legacy: str, out: str) -> None:
    only_loopback()
    work = Path(out).parent.resolve() / f"{side}-{package}"
    with RealSide(package, legacy) if side == "real" else SIDES[side](package) as stage, photo_server() as server:
        os.environ["PHOTO_SERVER"] = server
        seen, sent, muted = {}, {}, None
        for situation, key in SITUATIONS.items():
            os.environ[stage.provider.key_variable] = key
            scripts = scripts_of(package)
            muted = logging.root.manager.disable if muted is None else muted  # as importing the package left it
            for name, script in scripts.items():
                with stage.situation(situation):
                    seen[f"{name}, {situation}"] = observe(script, work, muted)
                    sent[f"{name}, {situation}"] = stage.pictures_sent
        Path(out).write_text(
            json.dumps({"signatures": signatures(package), "seen": seen, "pictures sent": sent}, indent=1)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
