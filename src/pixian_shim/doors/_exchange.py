"""One HTTP exchange as a legacy package makes it, and no HTTP: what a drop-in asks, and the provider's answer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from pixian_shim.doors._claims import Interception
from pixian_shim.doors._failures import failure
from pixian_shim.doors._responses import no_answer
from pixian_shim.errors import TransportError
from pixian_shim.shim import default_shim
from pixian_shim.translation import Form, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pixian_shim.translation import Adapter, HttpResponse

    Fields = Mapping[str, object] | Iterable[tuple[str, object]]
    Library = Literal["requests", "httpx"]


def exchange(
    adapter: Adapter,
    method: str,
    url: str,
    fields: Fields = (),
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
    spoke: Library | None = None,
) -> HttpResponse:
    """Have a request answered in the provider's shape, by whatever shim this process uses; nothing is sent to ``url``.

    Args:
        adapter: of the provider.
        method: ``GET`` or ``POST``.
        url: whose path tells the operation; the rest shows in responses and exceptions only.
        fields: parameters and ``Upload``; ``None`` is left out, anything else is written as text.
        headers: among them whatever stands in the slot for the legacy key.
        timeout: seconds without a byte from Pixian, instead of the client's own.
        spoke: the library that the package used; its exceptions are raised where no answer comes, and are ours as well.

    Returns:
        The answer, also for errors with a status.

    Raises:
        TransportError: no answer came.
    """
    with _unanswered(spoke, method, url):
        return default_shim().serve(adapter, _request(method, url, fields, headers), timeout=timeout)


async def exchange_async(
    adapter: Adapter,
    method: str,
    url: str,
    fields: Fields = (),
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
    spoke: Library | None = None,
) -> HttpResponse:
    """Do as ``exchange``, in a thread.

    Raises:
        TransportError: no answer came.
    """
    service = Interception(adapter, None, ())  # answers as a door does, though no address is claimed
    with _unanswered(spoke, method, url):
        return await service.serve_async(_request(method, url, fields, headers), timeout=timeout)


def _request(method: str, url: str, fields: Fields, headers: Mapping[str, str] | None) -> HttpRequest:
    return HttpRequest(method, url, headers or {}, parsed=Form.of(fields))


@contextmanager
def _unanswered(library: Library | None, method: str, url: str) -> Iterator[None]:
    """Raise what a library would where no answer came."""
    try:
        yield
    except TransportError as error:
        if library is None:
            raise
        if library == "requests":
            raise no_answer(error, url, method=method) from error
        import httpx

        raise failure(library, error, _request=httpx.Request(method, url)) from error
