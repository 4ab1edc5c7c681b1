"""remove.bg's errors: its statuses, codes and titles, and which of them an error of this library's becomes.

They follow the official OpenAPI description and recordings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_shim.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    CannotWrite,
    ConfigurationError,
    DeadlineExceeded,
    FetchError,
    ImageError,
    InsufficientCredits,
    InvalidParameter,
    MissingExtra,
    NoForeground,
    PayloadTooLarge,
    RateLimited,
    ResponseError,
    ShimError,
    TimedOut,
    TooLarge,
    TranslationError,
    TransportError,
)
from pixian_shim.translation import LegacyError, by_class, credits_text, kept, own_words, pixians_words

if TYPE_CHECKING:
    from collections.abc import Callable

ERRORS = (
    LegacyError(400, "missing_source", "no picture given"),
    LegacyError(400, "multiple_sources", "more than one of image_file, image_file_b64 and image_url"),
    LegacyError(400, "invalid_image_url", "image_url is no http or https address"),
    LegacyError(400, "failed_image_download", "image_url cannot be fetched, by Pixian or here"),
    LegacyError(
        400, "failed_to_read_image", "no picture, or a broken one; also where remove.bg says invalid_dimensions"
    ),
    LegacyError(400, "invalid_file_type", "image_file or bg_image_file sent as text"),
    LegacyError(400, "file_too_large", "more than 30 MiB (remove.bg: 22 MB)"),
    LegacyError(400, "resolution_too_high", "more than 50 megapixels"),
    LegacyError(
        400, "unknown_foreground", "nothing was found to keep; Pixian may have charged, the detail says how much"
    ),
    LegacyError(
        400,
        "invalid_size",
        "value not listed above; likewise invalid_channels, invalid_format, invalid_roi, "
        "invalid_crop_margin, invalid_scale, invalid_position, invalid_semitransparency, invalid_bg_color, and for "
        "the parameters whose code is not known invalid_crop, invalid_add_shadow, invalid_shadow_type, "
        "invalid_shadow_opacity, invalid_test",
    ),
    LegacyError(400, "roi_exceeds_bounds", "the region reaches beyond the picture"),
    LegacyError(400, "roi_region_empty", "the region holds no pixel"),
    LegacyError(400, "invalid_bg_image_url", "bg_image_url is no http or https address"),
    LegacyError(400, "failed_bg_download", "the background cannot be fetched or is no picture"),
    LegacyError(400, "multiple_bg_sources", "more than one of the three backgrounds"),
    LegacyError(400, "invalid_parameter", "ours: the policy is strict"),
    LegacyError(400, "malformed_body", "ours: the body is not what its content type says"),
    LegacyError(402, "insufficient_credits", "no credits left at Pixian, or a dormant pack"),
    LegacyError(403, "auth_failed", "no key, or Pixian does not accept the API Id and Secret, or there are none"),
    LegacyError(404, "not_found", "ours: another path"),
    LegacyError(405, "method_not_allowed", "ours: another method"),
    LegacyError(
        429,
        "rate_limit_exceeded",
        "Pixian still asks to slow down after the waits, or the gateway works on as many calls as it may; with "
        "Retry-After",
    ),
    LegacyError(
        500,
        "",
        "a part of pixian-shim is not installed, the detail says which command installs it; or a result that was paid "
        "for could not be finished here: the detail says where Pixian's picture is kept",
    ),
    LegacyError(502, "", "Pixian's answer cannot be read; or Pixian cannot be reached (in Python an exception)"),
    LegacyError(503, "", "Pixian's own error, as any other status from 500 on"),
    LegacyError(504, "", "Pixian did not answer in time (in Python an exception)"),
)
"""What callers may see. Codes are remove.bg's own unless marked as ours; 502 and 504 have none there either."""

_STATUSES = {error.code: error.status for error in ERRORS if error.code}

PIXIAN_CODES = {
    1005: ("missing_source", "No image given"),
    1006: ("failed_to_read_image", "There was an error reading the image."),
    1012: ("file_too_large", "File too large"),
    1013: ("resolution_too_high", "Image resolution too high"),
    1016: ("invalid_file_type", "Invalid file type"),
    1017: ("failed_image_download", "Failed to download image from given image_url: it took too long"),
    1020: ("failed_image_download", "Failed to download image from given image_url: its server did not answer 200"),
    1021: ("failed_image_download", "Failed to download image from given image_url: it is no image"),
    1022: ("failed_image_download", "Failed to download image from given image_url: connection failed"),
    1024: ("invalid_image_url", "Invalid image_url"),
}
"""Pixian's numeric codes in remove.bg's words. Only 1006 is documented by Pixian; the rest is its sister service's."""


def explained(error: ShimError) -> tuple[int, str, str, str | None]:
    """Give status, code, title and detail of any error."""
    paid = kept(error)
    if paid is not None:
        return 500, "", "The result could not be finished", paid
    return by_class(_SHAPES, error)(error)


def _shape(status: int, code: str, title: str) -> Callable[[Any], tuple[int, str, str, str | None]]:
    """Keep the error's own words as detail."""
    return lambda error: (status, code, title, own_words(error))


def _no_answer(status: int, title: str) -> Callable[[Any], tuple[int, str, str, str | None]]:
    return lambda error: (status, "", f"{error.asked} {title}", str(error))


def _of_translation(error: TranslationError) -> tuple[int, str, str, str | None]:
    return _STATUSES.get(error.code, 400), error.code, str(error), error.detail


def _of_no_foreground(error: NoForeground) -> tuple[int, str, str, str | None]:
    charged = (
        f"Pixian charged {credits_text(error.credits_charged)} credits for looking." if error.credits_charged else None
    )
    return 400, "unknown_foreground", "Could not identify foreground in image.", charged


def _of_size(error: TooLarge) -> tuple[int, str, str, str | None]:
    code, title = PIXIAN_CODES[1012 if error.unit == "bytes" else 1013]
    return 400, code, title, str(error)


def _of_image(error: ImageError) -> tuple[int, str, str, str | None]:
    if error.parameter is not None:
        return 400, "failed_bg_download", "There was an error reading the background image.", str(error)
    return 400, *PIXIAN_CODES[1006], str(error)


def _of_fetch(error: FetchError) -> tuple[int, str, str, str | None]:
    parameter = error.parameter or "image_url"
    if error.invalid:
        return 400, f"invalid_{parameter}", f"Invalid {parameter}: {error}", None
    code = "failed_image_download" if parameter == "image_url" else "failed_bg_download"
    return 400, code, f"Failed to download image from given {parameter}: {error}", None


def _of_parameter(error: InvalidParameter) -> tuple[int, str, str, str | None]:
    return 400, f"invalid_{error.parameter}", f"Invalid {error.parameter} parameter given", error.problem


def _of_api(error: ApiError) -> tuple[int, str, str, str | None]:
    if error.code in PIXIAN_CODES:
        return 400, *PIXIAN_CODES[error.code], error.message
    if isinstance(error, PayloadTooLarge):
        return 400, *PIXIAN_CODES[1012], error.message
    return error.status, "", pixians_words(error), None


_SHAPES: dict[type, Callable[[Any], tuple[int, str, str, str | None]]] = {
    TranslationError: _of_translation,
    NoForeground: _of_no_foreground,
    TooLarge: _of_size,
    ImageError: _of_image,
    FetchError: _of_fetch,
    InvalidParameter: _of_parameter,
    AuthenticationFailed: _shape(403, "auth_failed", "API Key invalid"),
    Busy: _shape(429, "rate_limit_exceeded", "Rate limit exceeded"),
    CannotWrite: _shape(500, "", "A part of pixian-shim is not installed"),
    MissingExtra: _shape(500, "", "A part of pixian-shim is not installed"),
    ConfigurationError: _shape(403, "auth_failed", "API Key invalid"),
    InsufficientCredits: _shape(402, "insufficient_credits", "Insufficient credits"),
    RateLimited: _shape(429, "rate_limit_exceeded", "Rate limit exceeded"),
    ApiError: _of_api,
    TimedOut: _no_answer(504, "did not answer in time"),
    DeadlineExceeded: _no_answer(504, "did not answer in time"),
    TransportError: _no_answer(502, "could not be reached"),
    ResponseError: _shape(502, "", "Pixian's answer could not be read"),
    ShimError: _shape(500, "", "Internal error"),
}
