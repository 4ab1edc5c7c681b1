"""Read a request: who asks, which picture, which parameters."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Literal

import attrs
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from pixian_shim.errors import InvalidParameter
from pixian_shim.pixian import V1_NAMES, WIRE_NAMES, Base64Text, ImageUrl, Parameters, Source, Upload
from pixian_shim.sandbox._rejections import (
    BAD_PARAMETER,
    IMAGE_IS_TEXT,
    NO_IMAGE,
    TOO_MANY_BYTES,
    UNKNOWN_ID,
    UNREADABLE,
    Rejected,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from pixian_shim.sandbox._journal import Entry
    from pixian_shim.sandbox._service import Service

SOURCES = ("image", "image.base64", "image.url")
"""In the order in which they count if several are given (assumption)."""

_OVERHEAD = 1 << 20  # of a form around its picture
_SHOWN = 200
_LONGEST_TEXT = 1 << 16


@attrs.frozen
class Order:
    """What one request asks for."""

    source: Source
    parameters: Parameters


def authenticate(request: Request, service: Service) -> None:
    """Check HTTP Basic credentials.

    Raises:
        Rejected: none, another scheme, or wrong ones.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise Rejected(UNKNOWN_ID)
    try:
        api_id, _, api_secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Rejected(UNKNOWN_ID) from None
    service.check(api_id, api_secret)


async def read_order(request: Request, service: Service, version: Literal["v1", "v2"], entry: Entry) -> Order:
    """Read multipart, urlencoded and query parameters; the body goes before the query. JSON is not read.

    Args:
        request: its body may be read once.
        service: for its limits.
        version: ``v1`` takes the camelCase names as well.
        entry: told what was asked.

    Raises:
        Rejected: no picture, one that is too large or not sent as a file, an unusable form.
        InvalidParameter: a parameter's value is not accepted.
    """
    limit = service.settings.max_bytes
    try:
        form = request.form(max_files=16, max_fields=200, max_part_size=limit + _OVERHEAD)
        async with form as sent:
            fields: dict[str, str | UploadFile] = {**request.query_params, **sent}
            texts = {name: await _text(value) for name, value in fields.items() if name not in SOURCES}
            _note(entry, texts)
            source = await _source(fields, limit, service.settings.max_base64)
    except HTTPException as error:
        raise Rejected(BAD_PARAMETER, str(error.detail)) from error
    entry.source = _name(source)
    return Order(source, Parameters.from_form(texts, version=version))


def body_limit(service: Service) -> int:
    """Tell how long a request may be: a picture, and a form around it."""
    return service.settings.max_bytes + _OVERHEAD


def _note(entry: Entry, texts: Mapping[str, str]) -> None:
    known = {*WIRE_NAMES.values(), *V1_NAMES}
    entry.parameters = {name: value[:_SHOWN] for name, value in texts.items() if name in known}
    entry.unknown = tuple(name[:_SHOWN] for name in texts if name not in known and name not in SOURCES)


async def _source(fields: Mapping[str, str | UploadFile], max_bytes: int, max_base64: int) -> Source:
    """Find the picture; an empty text, or an empty file without a name, counts as none (assumption)."""
    image, text, url = (fields.get(name) for name in SOURCES)
    if isinstance(image, UploadFile) and (image.size or image.filename or not (text or url)):
        if (image.size or 0) > max_bytes:
            raise Rejected(TOO_MANY_BYTES, f"({image.size:,}; {max_bytes:,} are accepted)")
        return Upload(await image.read(), image.filename or "image")
    if image and isinstance(image, str):
        raise Rejected(IMAGE_IS_TEXT)
    if text:
        if isinstance(text, UploadFile):
            text = (await text.read()).decode("latin-1")
        if len(text) > max_base64:
            raise Rejected(TOO_MANY_BYTES, f"({len(text):,} characters; {max_base64:,} are accepted as base64)")
        return _decoded(text)
    if url:
        return ImageUrl(await _text(url))
    raise Rejected(NO_IMAGE)


async def _text(value: str | UploadFile) -> str:
    """Take a value that came as a file part for text: some libraries give every part a file name (assumption)."""
    return value if isinstance(value, str) else (await value.read(_LONGEST_TEXT)).decode("utf-8", "replace")


def _decoded(text: str) -> Base64Text:
    """Check the text at once, so that a bad one is answered like any unreadable picture (assumption)."""
    found = Base64Text(text)
    try:
        found.decode()
    except InvalidParameter as error:
        raise Rejected(UNREADABLE) from error
    return found


def _name(source: Source) -> str:
    return {Upload: "image", Base64Text: "image.base64", ImageUrl: "image.url"}[type(source)]
