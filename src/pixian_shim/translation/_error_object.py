"""Any error of this library as Pixian itself would tell it, for providers whose shape of errors is Pixian's.

The envelope and code 1006 with its text are documented. The other codes are those of a sister service that shares the
envelope (inferred); -1 and the HTTP statuses as codes are ours, for what has no code there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.errors import (
    ApiError,
    Busy,
    DeadlineExceeded,
    FetchError,
    ImageError,
    InvalidParameter,
    ResponseError,
    ShimError,
    TimedOut,
    TooLarge,
    TranslationError,
    TransportError,
)
from pixian_shim.translation._refusals import by_class

if TYPE_CHECKING:
    from collections.abc import Callable

NO_CODE = -1
UNREADABLE = "Failed to read the supplied image. "
"""Documented, with the space at its end."""

STATUSES = {1001: 401, 1012: 413, 1013: 413, 404: 404, 405: 405}
"""Of the codes that a translation may be refused with; any other one is a 400."""


@attrs.frozen
class ErrorObject:
    """What stands in ``{"error": {...}}``."""

    status: int
    code: int
    message: str

    @classmethod
    def of(cls, error: ShimError) -> ErrorObject:
        """Put an error into Pixian's words.

        A ``TranslationError`` is expected to have Pixian's number as its code; without one it is a bad parameter.
        """
        return by_class(_SHAPES, error)(error)

    @property
    def body(self) -> str:
        """As JSON."""
        return json.dumps({"error": attrs.asdict(self)}, separators=(",", ":"), ensure_ascii=False)


def _of_translation(error: TranslationError) -> ErrorObject:
    code = int(error.code) if error.code.isdecimal() else 1019
    return ErrorObject(STATUSES.get(code, 400), code, str(error))


def _of_size(error: TooLarge) -> ErrorObject:
    return ErrorObject(413, 1012 if error.unit == "bytes" else 1013, str(error))


def _of_parameter(error: InvalidParameter) -> ErrorObject:
    code = _OF_PICTURES.get(error.parameter, 1019)
    return ErrorObject(400, code, UNREADABLE if code == 1006 else f"Bad parameter: {error}")  # noqa: PLR2004


_OF_PICTURES = {"image.base64": 1006, "image_url": 1024, "image.url": 1024}
"""Parameters that hold the picture, as the client calls them."""


def _of_fetch(error: FetchError) -> ErrorObject:
    return ErrorObject(400, 1024 if error.invalid else 1022, str(error))


def _of_api(error: ApiError) -> ErrorObject:
    return ErrorObject(error.status, NO_CODE if error.code is None else error.code, error.message)


def _always(status: int, code: int = NO_CODE) -> Callable[[Any], ErrorObject]:
    return lambda error: ErrorObject(status, code, str(error))


_SHAPES: dict[type, Callable[[Any], ErrorObject]] = {
    TranslationError: _of_translation,
    TooLarge: _of_size,
    ImageError: lambda _error: ErrorObject(400, 1006, UNREADABLE),
    InvalidParameter: _of_parameter,
    FetchError: _of_fetch,
    ApiError: _of_api,
    TimedOut: _always(504, -10),
    DeadlineExceeded: _always(504, -10),
    TransportError: _always(502),
    ResponseError: _always(502),
    Busy: _always(429),
    ShimError: _always(500),
}
