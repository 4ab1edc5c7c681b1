"""Send a legacy request to the provider's own service, as it came, and give its answer as it came.

The door through which a call came has seen to what belongs to one connection; everything else, keys included, goes out
unchanged, and only to the provider's own host.
"""

from __future__ import annotations

import os
import socket
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pixian_shim.errors import ConfigurationError, ConnectFailed, ConnectionLost, LegacyGone, TimedOut
from pixian_shim.pixian import Credentials, Upload
from pixian_shim.pixian._transport import CONNECT_TIMEOUT, failure_of
from pixian_shim.shim import Fetcher
from pixian_shim.shim._shim import asking
from pixian_shim.translation import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from pixian_shim.translation import Adapter, Form, HttpRequest

_OF_ONE_CONNECTION = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization"}
    | {"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_GONE, _REFUSED = 410, (401, 403, 404)
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
_MOST = 1 << 28  # bytes of an answer; the largest picture has half of that
_PIECE = 1 << 16
_LINK_SECONDS = 60.0  # for a result in all


class LegacyHost:
    """Ask the providers' own services, from threads.

    Redirects are not followed: a key goes to no host that was not chosen. Proxies are taken from the environment.

    Args:
        at: other addresses in place of a provider's home, by its name: a proxy of your own, a double in tests.
        client: an ``httpx.Client`` with settings of your own (certificates, proxies); it stays yours to close.
        timeout: seconds without a single byte, where a call does not say.
    """

    def __init__(self, at: Mapping[str, str] | None = None, *, client: Any = None, timeout: float = 60.0) -> None:
        self._at = {name: _address(url) for name, url in (at or {}).items()}
        self._given, self._timeout = client, timeout
        self._made: dict[int, Any] = {}  # by process: sockets must not be shared with a forked one
        self._lock = Lock()

    @property
    def fetcher(self) -> Fetcher:
        """What answers link to is fetched by this, without any key; of addresses that are not public only ``at``'s."""
        return Fetcher(max_bytes=_MOST, seconds=_LINK_SECONDS, chosen=frozenset(map(_place, self._at.values())))

    def can_ask(self, adapter: Adapter, key: str | None) -> bool:
        """Tell whether a provider can be asked with a legacy key: Pixian's own credentials are not sent to it."""
        return (adapter.incumbent is not None or adapter.name in self._at) and (
            key is None or Credentials.parse_key(key) is None
        )

    def send(
        self,
        adapter: Adapter,
        request: HttpRequest,
        *,
        content: Iterable[bytes] | None = None,
        length: int | None = None,
        timeout: float | None = None,
        raw: bool = False,
    ) -> HttpResponse:
        """Send one request, once.

        Args:
            adapter: of the provider.
            request: with the address of the service, unless ``at`` says another.
            content: the body in pieces, where the request does not hold it.
            length: of ``content``, in bytes; without it the body is sent in chunks.
            timeout: seconds without a single byte.
            raw: leave the body's content encoding as it is; otherwise it is undone, and its header taken away.

        Raises:
            LegacyGone: the service's name is not known any more.
            ConnectFailed: it cannot be reached; nothing was charged.
            TimedOut: nothing arrived in time; the call may have been charged.
            ConnectionLost: the connection broke; likewise.
        """
        headers = {name: value for name, value in request.headers.items() if _is_the_calls(name, value)}
        if not raw:
            headers["accept-encoding"] = "gzip, deflate"
        client, url = self._client(), self._url(adapter, request.url)
        body: dict[str, Any] = {"content": request.body}
        if content is not None:
            body = {"content": content}
            headers |= {} if length is None else {"content-length": str(length)}
        elif request.parsed is not None and not request.body:
            body = _multipart(request.parsed)
        seconds = timeout or self._timeout
        token = asking.set(True)  # what is sent here passes every door
        try:
            message = client.build_request(
                request.method, url, headers=headers, timeout=(CONNECT_TIMEOUT, seconds, seconds, None), **body
            )
            for name in ("user-agent", "accept", "accept-encoding"):  # httpx's own are no part of the call
                if name not in headers:
                    message.headers.pop(name, None)
            response = client.send(message, stream=True, auth=None, follow_redirects=False)
            try:
                return _answer(response, raw=raw)
            finally:
                response.close()
        except Exception as error:
            told = _told(error, adapter, urlsplit(url).netloc)
            if told is error:
                raise
            raise told from error
        finally:
            asking.reset(token)

    def _url(self, adapter: Adapter, url: str) -> str:
        parts = urlsplit(url)
        tail = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return self._at[adapter.name] + tail if adapter.name in self._at else url

    def _client(self) -> Any:
        if self._given is not None:
            return self._given
        process = os.getpid()
        if process not in self._made:
            import httpx

            limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
            with self._lock:
                self._made.setdefault(process, httpx.Client(limits=limits))
        return self._made[process]

    def close(self) -> None:
        """Close the connections made here."""
        client = self._made.pop(os.getpid(), None)
        if client is not None:
            client.close()

    def __enter__(self) -> Self:
        """Give the host itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def gone(adapter: Adapter, answer: HttpResponse, now: datetime) -> str | None:
    """Tell in a sentence if an answer means that a provider's service is there no more; ``None`` if it does not.

    410 always says so. A refusal counts from the announced end on: what a service that has stopped answers is not
    known for any of them, and before that day it is about the key.

    Args:
        adapter: of the provider.
        answer: of its service.
        now: with time zone.
    """
    incumbent = adapter.incumbent
    ended = incumbent is not None and incumbent.ends is not None and now >= incumbent.ends
    if answer.status == _GONE:
        return f"{adapter.title} answers 410: its service is gone"
    if ended and answer.status in _REFUSED:
        return f"{adapter.title} answers {answer.status}, and was announced to stop on {incumbent.ends:%d %B %Y}"  # type: ignore[union-attr]
    return None


def _is_the_calls(name: str, value: str) -> bool:
    """Tell whether a header goes on; ``id:secret`` of Pixian would be a Basic authorization."""
    return name not in _OF_ONE_CONNECTION and not (name == "authorization" and value.lower().startswith("basic "))


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
        _ = parts.port  # raises what is no port
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"{url!r} is no address such as https://api.remove.bg")
    return url.rstrip("/")


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _multipart(form: Form) -> dict[str, Any]:
    """Write parameters that were never on a wire; httpx reads files while it sends them."""
    fields: dict[str, list[str]] = {}
    files: list[tuple[str, Any]] = []
    for name, value in form.items:
        if isinstance(value, Upload):
            files.append((name, (value.name, value.read())))
        else:
            fields.setdefault(name, []).append(value)
    return {"data": fields, "files": files} if files else {"data": fields}


def _answer(response: Any, *, raw: bool) -> HttpResponse:
    seen, pieces = 0, []
    for piece in _pieces(response, raw=raw):
        seen += len(piece)
        if seen > _MOST:
            raise ConnectionLost(f"the answer has more than {_MOST:,} bytes")
        pieces.append(piece)
    left_out = _OF_ONE_CONNECTION | (set() if raw else {"content-encoding"})
    headers = {name: value for name, value in response.headers.items() if name not in left_out}
    return HttpResponse(response.status_code, headers, b"".join(pieces))


def _pieces(response: Any, *, raw: bool) -> Iterator[bytes]:
    return response.iter_raw(_PIECE) if raw else response.iter_bytes(_PIECE)  # type: ignore[no-any-return]


def _told(error: Exception, adapter: Adapter, host: str) -> Exception:
    """Say what happened in our words; of the request only the host is named."""
    kind = failure_of(error)
    if kind is None:
        return error  # a mistake of the call's or of ours
    if kind is ConnectFailed and _unknown_name(error):
        return LegacyGone(adapter.title, host)
    said = {ConnectFailed: "could not be reached", TimedOut: "gave no byte in time"}.get(kind, "broke the connection")
    told = kind(f"{host} {said} ({type(error).__name__}); it was asked as {adapter.title}'s own service")
    told.asked = adapter.title
    return told


def _unknown_name(error: BaseException | None) -> bool:
    """Tell whether a name could not be looked up, by the causes of an exception."""
    while error is not None:
        if isinstance(error, socket.gaierror):
            return error.errno in _NO_SUCH_NAME  # anything else is the name server's trouble
        error = error.__cause__ or error.__context__
    return False
