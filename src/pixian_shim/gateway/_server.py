"""The gateway as a context manager, as an ASGI application, and as a command that serves until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import sys
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.gateway._config import Config
from pixian_shim.gateway._lines import Lines
from pixian_shim.pixian import AsyncPixian
from pixian_shim.pixian._settings import Settings
from pixian_shim.shim import AsyncShim, Fetcher, Links, Shim

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from pixian_shim.rollout import Rollout
    from pixian_shim.serving.server import HttpServer
    from pixian_shim.shim import Serves
    from pixian_shim.shim._observer import Observer


def create_app(
    config: Config | None = None, *, on_call: Observer | None = None, rollout: Rollout | None = None
) -> Starlette:
    """Make the ASGI application, to be served by any server.

    Args:
        config: default is the file that ``PIXIAN_SHIM_GATEWAY`` names, else the defaults.
        on_call: told of every call that could be parsed when it has ended; must not block.
        rollout: decides which calls the providers themselves answer, in place of the one that the configuration
            names; it stays yours to close.

    Raises:
        ConfigurationError: a configuration that cannot work.
        MissingExtra: the extra ``gateway`` is not installed.
    """
    config = config or Config.load()
    try:
        from pixian_shim.gateway._app import build
    except ModuleNotFoundError as error:
        raise MissingExtra("gateway", "the gateway") from error
    kept = config.links
    links = Links.at(kept.store, seconds=kept.seconds, max_bytes=kept.max_bytes, max_disk_bytes=kept.max_disk_bytes)
    fetcher = Fetcher(
        allow_private=config.allow_private, ports=frozenset(config.fetch_ports) if config.fetch_ports else None
    )
    owned: list[Serves] = []
    if rollout is None and config.rollout is not None:
        from pixian_shim.rollout import load_rollout

        in_the_shadow = Shim(policy=config.policy, fetcher=fetcher, links=links)
        rollout = load_rollout(config.rollout, shim=in_the_shadow)
        owned = [rollout, in_the_shadow]
    make = partial(AsyncPixian, in_flight=config.max_active, timeout=config.pixian_seconds)
    shim = AsyncShim(policy=config.policy, fetcher=fetcher, links=links, on_call=on_call, make=make)
    return build(config, shim, rollout, owned)


class Gateway:
    """Answer the providers' HTTP interfaces on a socket, from a thread.

    ::

        with Gateway(Config(port=0)) as gateway:
            requests.post(f"{gateway.url}/v1.0/removebg", files=..., headers=...)

    Args:
        config: everything that can be chosen.
        on_call: told of every call that could be parsed when it has ended; must not block.
        rollout: as for ``create_app``.

    Raises:
        ConfigurationError: a configuration that cannot work.
        MissingExtra: the extra ``gateway`` is not installed.
    """

    def __init__(
        self, config: Config | None = None, *, on_call: Observer | None = None, rollout: Rollout | None = None
    ) -> None:
        self.config = config or Config.load()
        self.app = create_app(self.config, on_call=on_call, rollout=rollout)
        self._server: HttpServer | None = None

    @property
    def url(self) -> str:
        """The address to put in place of the provider's."""
        if self._server is None:
            raise ConfigurationError("this gateway does not serve yet: use it in a with statement, or call start()")
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        return f"http{'s' * (self.config.tls_cert is not None)}://{host}:{self._server.port}"

    def start(self) -> Self:
        """Begin to serve.

        Raises:
            ConfigurationError: already started, or the address cannot be listened on.
        """
        from pixian_shim.gateway._protocol import gateway_server

        if self._server is not None:
            raise ConfigurationError("this gateway was started already; make another one")
        self._server = gateway_server(self.app, self.config)
        self._server.start()
        return self

    def close(self) -> None:
        """Take no more calls, let those under way end, and stop."""
        self.app.state.answers.stopping = True
        if self._server is not None:
            self._server.close(self.config.grace_seconds + 5)

    def __enter__(self) -> Self:
        """Begin to serve."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.close()

    def __repr__(self) -> str:
        """Show the address."""
        return f"Gateway({self.url if self._server else self.config.host!r})"


def serve(config: Config) -> None:
    """Serve until interrupted or terminated; prints one line when ready, then the access log.

    The first signal lets calls under way end, since they have been paid for; a second one does not wait.

    Raises:
        ConfigurationError: a configuration that cannot work.
        MissingExtra: the extra ``gateway`` is not installed.
    """
    access, lines = logging.getLogger("pixian_shim.gateway.access"), Lines(sys.stdout)
    access.addHandler(lines)
    access.setLevel(logging.INFO)
    access.propagate = False
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stop = Event()
    warning = _unpaid(config)
    gateway = Gateway(config)

    def on_signal(*_: Any) -> None:
        if stop.is_set():
            answers = gateway.app.state.answers
            for record in list(answers.under_way):
                answers.cut_off(record)
            lines.close()
            os._exit(1)
        stop.set()

    previous = {kind: signal.signal(kind, on_signal) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        with gateway:
            names = ", ".join(adapter.name for adapter in gateway.app.state.answers.routes.adapters)
            sys.stdout.write(f"pixian-shim gateway: {gateway.url} ({names})\n")
            sys.stdout.flush()
            sys.stderr.write(warning)
            while not stop.wait(1.0):  # not for ever: on Windows that could not be interrupted
                pass
    finally:
        for kind, handler in previous.items():
            signal.signal(kind, handler)
        lines.close()
        if lines.lost:
            sys.stderr.write(f"{lines.lost} lines of the access log were lost: nobody read it fast enough\n")


def _unpaid(config: Config) -> str:
    """Look for the account that pays for keys without one of their own, before somebody calls.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        Settings.resolve()
    except ConfigurationError as error:
        names = ", ".join(repr(key.name) for key in config.keys if key.pixian is None)
        if names:
            raise ConfigurationError(f"nobody pays for calls with the keys {names}: {error}") from None
        if not config.keys:
            return f"only callers with id:secret of a Pixian account in their key slot are served: {error}\n"
    return ""
