"""From a picture to the result: one function for each rule.

Order (inferred): decode, orientation, shrink to ``max_pixels``, matte, crop, margin and target size, background,
watermark, encode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from pixian_shim.errors import ImageError, TooLarge
from pixian_shim.geometry import Box, Size
from pixian_shim.images import (
    apply_matte,
    crop,
    decode,
    encode_jpeg,
    encode_png,
    foreground_box,
    make_delta,
    over_colour,
    put_back,
    remove_fringe,
    resize,
)
from pixian_shim.pixian import MAX_UPLOAD_PIXELS
from pixian_shim.sandbox._layout import lay_out, scaled_up
from pixian_shim.sandbox._rejections import OVERSIZED, TOO_MANY_PIXELS, UNREADABLE, Rejected
from pixian_shim.sandbox._watermark import watermark

if TYPE_CHECKING:
    from pixian_shim.images import Picture
    from pixian_shim.images._pixels import Pixels
    from pixian_shim.pixian import Parameters
    from pixian_shim.sandbox._engines import Engine

NO_FOREGROUND = Box(0, 0, 0, 0)
"""Assumption: what the headers say where nothing is found; the result is then all transparent, and not cropped."""

FOREGROUND_ABOVE = 0
"""Assumption: any alpha above this counts as foreground."""

WHITE = (255, 255, 255, 255)


@attrs.frozen
class Finished:
    """A result and what its headers tell."""

    content: bytes = attrs.field(repr=False)
    content_type: str
    result_size: Size
    input_foreground: Box
    result_foreground: Box


def open_picture(content: bytes) -> Picture:
    """Decode an upload, upright; the pixels are counted before they are decoded. WebP is taken as well (assumption).

    Raises:
        Rejected: unreadable, or more than 32 MP.
    """
    try:
        return decode(content, max_pixels=MAX_UPLOAD_PIXELS)
    except TooLarge as error:
        raise Rejected(TOO_MANY_PIXELS, f"({error.found:,}; {error.limit:,} are accepted)") from error
    except ImageError as error:
        raise Rejected(UNREADABLE) from error


def processed_size(picture: Picture, parameters: Parameters) -> Size:
    """Give the size after the shrink to ``max_pixels``: aspect kept, rounded down, never below 1 px a side."""
    return picture.size.capped(parameters.max_pixels)


def remove_background(picture: Picture, parameters: Parameters, engine: Engine) -> Finished:
    """Do everything that was asked for.

    Raises:
        InvalidParameter: the margin leaves nothing of the target size.
        Rejected: the result would be too large.
    """
    original = resize(picture.rgba, processed_size(picture, parameters))
    cutout = cut_out(original, engine)
    found = foreground_box(cutout[..., 3], FOREGROUND_ABOVE)
    in_input = NO_FOREGROUND if found is None else scaled_up(found, _size(cutout), picture.size)
    if parameters.output_format == "delta_png":
        marked = watermark(cutout) if parameters.test else cutout
        content = encode_png(make_delta(marked, original), clear_hidden=False)
        return Finished(content, "image/png", _size(cutout), in_input, found or NO_FOREGROUND)
    framed = frame(crop(cutout, found) if parameters.crop_to_foreground and found else cutout, parameters)
    in_result = foreground_box(framed[..., 3], FOREGROUND_ABOVE) or NO_FOREGROUND
    content, content_type = encoded(finish(framed, parameters), parameters)
    return Finished(content, content_type, _size(framed), in_input, in_result)


def cut_out(rgba: Pixels, engine: Engine) -> Pixels:
    """Find the subject, and take the old background's colour out of its edge.

    Assumption: transparency that the picture brings along is seen on white by the engine, and multiplied with the
    matte; colours there are the subject's own already.
    """
    own = rgba[..., 3]
    brings_alpha = bool(own.min() < 255)  # noqa: PLR2004
    seen = over_colour(rgba, WHITE) if brings_alpha else rgba
    matte = engine.matte(np.ascontiguousarray(seen[..., :3]))
    cutout = apply_matte(rgba, matte)
    cleaned = remove_fringe(seen, matte)
    if brings_alpha:
        np.copyto(cutout[..., :3], cleaned, where=(own == 255)[..., np.newaxis])  # noqa: PLR2004
    else:
        cutout[..., :3] = cleaned
    return cutout


def frame(content: Pixels, parameters: Parameters) -> Pixels:
    """Scale the content and put it on the result's canvas.

    Raises:
        InvalidParameter: the margin leaves nothing of the target size.
        Rejected: the result would be too large.
    """
    layout = lay_out(_size(content), parameters)
    if layout.content == Box(0, 0, *layout.canvas) and _size(content) == layout.canvas:
        return content
    return put_back(content, layout.canvas, layout.content)


def finish(rgba: Pixels, parameters: Parameters) -> Pixels:
    """Fill the background, and mark tests."""
    if parameters.background_color is not None:
        red, green, blue = bytes.fromhex(parameters.background_color[1:])
        rgba = over_colour(rgba, (red, green, blue, 255))
    return watermark(rgba) if parameters.test else rgba


def encoded(rgba: Pixels, parameters: Parameters) -> tuple[bytes, str]:
    """Write the result: ``auto`` is JPEG with a background colour, else PNG; JPEG without one is on white (assumption).

    Raises:
        Rejected: more pixels on a side than a JPEG can hold.
    """
    opaque = parameters.background_color is not None
    if parameters.output_format == "jpeg" or (parameters.output_format == "auto" and opaque):
        try:
            return encode_jpeg(rgba, parameters.jpeg_quality), "image/jpeg"
        except ImageError as error:
            raise Rejected(OVERSIZED, f"({error})") from error
    return encode_png(rgba[..., :3] if opaque else rgba), "image/png"


def _size(pixels: Pixels) -> Size:
    return Size(pixels.shape[1], pixels.shape[0])
