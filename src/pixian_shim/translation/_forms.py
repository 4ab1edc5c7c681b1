"""The parameters of an HTTP request, whichever of four ways they came."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from email.message import Message
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, urlsplit

import attrs

from pixian_shim.errors import TranslationError
from pixian_shim.pixian import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_FIELDS = 1000
"""No provider knows a tenth as many; more is an attack or a mistake."""

_LONGEST_NAME, _LONGEST_NUMBER = 1000, 100
_MOST_TOKENS = 20 * MAX_FIELDS  # of JSON: reading millions of them would keep every other call of the process waiting


@attrs.frozen
class Form:
    """Names and values in the order they came; a value is text or an uploaded file."""

    items: tuple[tuple[str, str | Upload], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, object] | Iterable[tuple[str, object]]) -> Form:
        """Take what legacy Python code passes as ``data=``: ``None`` is left out, anything else is written as text."""
        pairs = cast("Iterable[tuple[str, object]]", values.items() if isinstance(values, Mapping) else values)
        return cls(tuple((name, _text(value)) for name, value in pairs if value is not None))

    @classmethod
    def received(cls, items: Sequence[tuple[str, str | Upload]]) -> Form:
        """Take what came over a network.

        Raises:
            TranslationError: more fields, or longer names, than any provider knows (code ``malformed_body``).
        """
        if len(items) > MAX_FIELDS:
            raise TranslationError(f"there are more than {MAX_FIELDS} parameters", code="malformed_body")
        if any(len(name) > _LONGEST_NAME for name, _ in items):
            raise _name_too_long()
        return cls(
            tuple((_writable(name), _writable(value) if isinstance(value, str) else value) for name, value in items)
        )

    @classmethod
    def parse(cls, url: str, content_type: str, body: bytes) -> Form:
        """Read the query string and a multipart, urlencoded or JSON body.

        Raises:
            TranslationError: the body is not what its content type says, or is beyond all measure (code
                ``malformed_body``).
        """
        query = urlsplit(url).query
        items: list[tuple[str, str | Upload]] = [*parse_qsl(query, keep_blank_values=True)] if query else []
        kind, _, _ = content_type.partition(";")
        read = _READERS.get(kind.strip().lower())
        if read is not None and body:
            items += read(content_type, body)
        return cls.received(items)

    @cached_property
    def _given(self) -> dict[str, str | Upload]:
        return {name: value for name, value in self.items if value != ""}

    def get(self, name: str) -> str | Upload | None:
        """Give the last value of a name; ``None`` if there is none or it is the empty string.

        That an empty field counts as unset is derived from the official Node CLI, which sends one for every option.
        """
        return self._given.get(name)

    @property
    def repeated(self) -> frozenset[str]:
        """Names with more than one value, of which the last one counts."""
        if len(self._given) == len(self.items):
            return frozenset()
        counts = Counter(name for name, value in self.items if value != "")
        return frozenset(name for name, count in counts.items() if count > 1)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that has a value, once, in order."""
        return tuple(self._given)

    def __iter__(self) -> Iterator[tuple[str, str | Upload]]:
        """Give each name that has a value with its last value."""
        return iter(self._given.items())


def _name_too_long() -> TranslationError:
    return TranslationError(f"a parameter's name has more than {_LONGEST_NAME} characters", code="malformed_body")


def _writable(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and nothing can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _text(value: object) -> str | Upload:
    if isinstance(value, Upload | str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def _urlencoded(_content_type: str, body: bytes) -> list[tuple[str, str | Upload]]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise TranslationError(f"the urlencoded body cannot be read: {error}", code="malformed_body") from None
    return [*pairs]


def _json(_content_type: str, body: bytes) -> list[tuple[str, str | Upload]]:
    if body.count(b",") + body.count(b"{") + body.count(b"[") > _MOST_TOKENS:
        raise TranslationError("the JSON body holds more values than any provider knows", code="malformed_body")
    try:
        value = json.loads(body, parse_int=_whole)
    except (ValueError, RecursionError):
        raise TranslationError("the JSON body cannot be read", code="malformed_body") from None
    if not isinstance(value, dict):
        raise TranslationError("the JSON body is not an object", code="malformed_body")
    return [*islice(_flat(value), MAX_FIELDS + 1)]


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _flat(value: dict[str, object], pattern: str = "{}") -> Iterator[tuple[str, str]]:
    """Write nested objects as forms do: ``shadow_type[car]``; an empty one as it is, so that it has its note."""
    for key, inner in value.items():
        if len(key) + len(pattern) > _LONGEST_NAME:
            raise _name_too_long()
        name = pattern.format(key)
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, name.replace("{", "{{").replace("}", "}}") + "[{}]")
        elif inner is not None:
            yield name, inner if isinstance(inner, str) else json.dumps(inner)


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str | Upload]]:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary()
    if not boundary:
        raise TranslationError("the multipart body has no boundary", code="malformed_body")
    return [_part(head, content) for head, content in _sections(body, boundary.encode("latin-1", "replace"))]


def _sections(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give head and content of each part."""
    opening, separator = b"--" + boundary, b"\r\n--" + boundary
    at = 0 if body.startswith(opening) else body.find(separator) + 2
    if at == 1:
        raise TranslationError("the multipart body does not hold its boundary", code="malformed_body")
    at += len(opening)
    for _ in range(MAX_FIELDS):
        if body.startswith(b"--", at):
            return
        start, end = body.find(b"\r\n", at) + 2, body.find(separator, at)
        blank = body.find(b"\r\n\r\n", start - 2, end)
        if start == 1 or end < 0 or blank < 0:
            raise TranslationError("the multipart body ends too early", code="malformed_body")
        yield body[start:blank], body[blank + 4 : end]
        at = end + len(separator)
    raise TranslationError(f"the multipart body has more than {MAX_FIELDS} parts", code="malformed_body")


def _part(head: bytes, content: bytes) -> tuple[str, str | Upload]:
    headers = Message()
    for line in head.decode("utf-8", "replace").split("\r\n"):
        key, _, value = line.partition(":")
        headers[key.strip()] = value.strip()
    named = headers.get_param("name", header="content-disposition")
    name = named[2] if isinstance(named, tuple) else named
    if not name:
        raise TranslationError("a part of the multipart body has no name", code="malformed_body")
    filename = headers.get_filename()
    if filename is None:
        try:
            return name, content.decode("utf-8")
        except UnicodeDecodeError:  # a picture: some programs send it without a name
            return name, Upload(content, name, named=False)
    return name, Upload(content, filename)


_READERS = {
    "application/json": _json,
    "application/x-www-form-urlencoded": _urlencoded,
    "multipart/form-data": _multipart,
}
