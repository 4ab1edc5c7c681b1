"""The picture that an answer holds inside, or leads to: kept beside the answer, while it is still there."""

from __future__ import annotations

import json
import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs

from pixian_shim.baseline._exchange import PICTURE_SUFFIXES
from pixian_shim.errors import ConfigurationError, FetchError, ShimError
from pixian_shim.images import read_header
from pixian_shim.shim._shim import asking
from pixian_shim.translation import Cutout, HttpResponse, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixian_shim.baseline._exchange import Exchange
    from pixian_shim.baseline._store import Store
    from pixian_shim.shim import Fetcher
    from pixian_shim.translation import Adapter

_GONE = frozenset({403, 404, 410})
"""What a host answers for a link that was good once: signed ones are refused, others are not found."""
_FAILED = 300
_AT_ONCE = 4
_MOST_UNPACKED = 1 << 28
_TEXT_IN_JSON = re.compile(rb'"(?:[^"\\]|\\.)*"')


def found_in(adapter: Adapter, answer: HttpResponse) -> bytes | str | None:
    """Find the picture in an answer that is none itself: its bytes, or its address; ``None`` where there is neither."""
    if answer.status >= _FAILED:
        return None
    found = adapter.picture(_unpacked(answer))
    if found is not None and isinstance(answer.ending, Cutout):
        return answer.ending.content  # what a link of our own leads to
    return found


def picture_inside(adapter: Adapter, answer: HttpResponse) -> bytes:
    """Give the picture that an answer holds inside; no bytes where it holds none."""
    found = found_in(adapter, answer)
    return found if isinstance(found, bytes) else b""


def relinked(adapter: Adapter, answer: HttpResponse, address: str) -> HttpResponse:
    """Put another address in place of the one that an answer leads to, however its JSON writes that; nothing else."""
    link = found_in(adapter, answer)
    if not isinstance(link, str):
        return answer
    put = json.dumps(address).encode()
    body = _TEXT_IN_JSON.sub(lambda text: put if json.loads(text[0]) == link else text[0], _unpacked(answer).body)
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-encoding"}
    return attrs.evolve(answer, headers=headers, body=body)


def fetched(fetcher: Fetcher, url: str) -> bytes:
    """Get the picture that a provider links to.

    Raises:
        FetchError: it is not there any more, or cannot be had; the message says so, and does not tell the address,
            which may be all that protects the picture.
    """
    token = asking.set(True)  # what is sent here passes every door
    try:
        content = fetcher.fetch(url).read()
    except FetchError as error:
        why = "had expired" if error.status in _GONE else "could not be followed"
        raise FetchError(f"the provider's link {why}: {error}", status=error.status) from error
    except Exception as error:  # what a provider writes as an address may be anything
        raise FetchError(f"the provider's link could not be followed ({type(error).__name__})") from error
    finally:
        asking.reset(token)
    if not _is_picture(content):
        raise FetchError("the provider's link leads to something else than a picture")
    return content


def take(store: Store, adapter: Adapter, exchange: Exchange, answer: HttpResponse, fetcher: Fetcher) -> Exchange:
    """Keep the picture of an answer that is stored already, or why it cannot be had.

    Raises:
        OSError: it cannot be written; the answer stays.
    """
    found = None if exchange.picture else found_in(adapter, answer)
    if found is None:
        return exchange
    try:
        content = found if isinstance(found, bytes) else fetched(fetcher, found)
    except FetchError as error:
        return store.keep_missing(exchange, str(error))
    return store.keep_picture(exchange, content)


@attrs.frozen
class Lacking:
    """An answer whose picture is not there yet."""

    adapter: Adapter
    exchange: Exchange
    answer: HttpResponse


def lacking(store: Store) -> Iterator[Lacking]:
    """Give the answers that hold a picture inside, or lead to one, and have none beside them; damaged ones are left."""
    for path in sorted((store.folder / "exchanges").glob("*.json")):
        try:
            one = _looked_at(store, store.read(path))
        except ConfigurationError:
            continue
        if one is not None:
            yield one


def lacks_picture(store: Store, exchange: Exchange) -> bool:
    """Tell whether an answer holds a picture inside, or leads to one, and has none beside it; damaged ones do not."""
    try:
        return _looked_at(store, exchange) is not None
    except ConfigurationError:
        return False


def _looked_at(store: Store, exchange: Exchange) -> Lacking | None:
    if exchange.picture or exchange.status >= _FAILED or exchange.suffix in PICTURE_SUFFIXES:
        return None
    adapter = load(exchange.question.provider)
    answer = HttpResponse(exchange.status, exchange.headers, store.body(exchange))
    return Lacking(adapter, exchange, answer) if found_in(adapter, answer) is not None else None


@attrs.define
class Taken:
    """What came of a look for pictures that were not there yet."""

    pictures: int = 0
    """That are there now."""
    missing: int = 0
    """That cannot be had, or not now."""
    why: str = ""
    """One of the reasons."""

    def note(self, exchange: Exchange) -> None:
        """Count one."""
        self.pictures += bool(exchange.picture)
        self.missing += bool(exchange.missing)
        self.why = exchange.missing or self.why


def take_lacking(store: Store, fetcher: Fetcher) -> Taken:
    """Take what is lacking out of the answers, and fetch what they link to; the provider's interface is not asked.

    Raises:
        OSError: it cannot be written.
    """
    told = Taken()
    with ThreadPoolExecutor(_AT_ONCE, "pictures") as pool:
        for kept in pool.map(lambda one: take(store, one.adapter, one.exchange, one.answer, fetcher), lacking(store)):
            told.note(kept)
    return told


def _is_picture(content: bytes) -> bool:
    if content.startswith(b"PK\3\4") or content[4:8] == b"ftyp":  # colours and matte in a zip; AVIF and HEIC
        return True
    try:
        read_header(content[: 1 << 16])
    except ShimError:
        return False
    return True


def _unpacked(answer: HttpResponse) -> HttpResponse:
    """Undo the content encoding of an answer that was passed on as it came."""
    coding = next((value for name, value in answer.headers.items() if name.lower() == "content-encoding"), "")
    if coding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return answer
    try:
        body = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(answer.body, _MOST_UNPACKED)
    except zlib.error:
        return answer
    return attrs.evolve(answer, body=body)
