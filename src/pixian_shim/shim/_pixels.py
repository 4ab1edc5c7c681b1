"""The pixel side of a plan: what is done to the original before the upload, and to the result after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim import images
from pixian_shim.errors import FetchError, ImageError, Refused, TooLarge, TranslationError
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, MAX_UPLOAD_BYTES, MAX_UPLOAD_PIXELS, Upload
from pixian_shim.shim._flow import AS_IT_IS, finished
from pixian_shim.translation import (
    CropToForeground,
    DropShadow,
    FillColour,
    FillImage,
    Output,
    PlaceSubject,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pixian_shim.images import Header, Picture, Pixels
    from pixian_shim.pixian import Parameters, Result
    from pixian_shim.translation import Cutout, Plan, Region

_MIN_PIXELS = 100
"""Pixian's smallest ``max_pixels``."""

_UPLOAD_QUALITY = 95


@attrs.frozen(eq=False)
class Prepared:
    """What is sent to Pixian, and what is needed to finish its answer."""

    upload: Upload
    parameters: Parameters
    size: Size
    """Of the original, upright."""
    original: Upload
    """Decoded anew if finishing needs its pixels: kept, they would take up hundreds of megabytes while Pixian works."""
    region: Box | None
    """In the original's coordinates."""


def backdrop(upload: Upload, parameter: str) -> Pixels:
    """Decode a background picture.

    Raises:
        FetchError: it is no picture.
    """
    try:
        return images.decode(upload.read()).rgba
    except ImageError as error:
        raise FetchError(f"the background cannot be read: {error}", parameter=parameter) from error


def prepare(plan: Plan, upload: Upload, header: Header) -> Prepared:
    """Cut out the region, shrink and rewrite the original, as far as each is needed.

    Raises:
        ImageError: the original cannot be read.
        TranslationError: the region lies outside the original.
        Refused: the file format cannot hold the result.
        MissingExtra: numpy or Pillow is not installed.
    """
    _ = images.decode  # imports what the steps need: a missing extra shows before anything is paid
    size, picture = header.upright, None
    if size is None or _needs_pixels(plan, header, size):
        picture = _decoded(plan, upload, size)
        size = size or picture.size
    canvas = size.capped(plan.max_pixels)
    _check_sides(plan, canvas)
    region = None if plan.region is None else _box(plan.region, size)
    parameters, wanted = plan.parameters, size.capped(plan.parameters.max_pixels)
    if region is not None:
        wanted = region.scaled(size, canvas).size.capped(MAX_PROCESSED_PIXELS)
        parameters = attrs.evolve(parameters, max_pixels=max(wanted.pixels, _MIN_PIXELS))
    sent = upload
    if picture is not None and (region is not None or not _may_be_sent(header, size)):
        sent = _rewritten(picture, region, wanted)
    return Prepared(sent, parameters, size, upload, region)


def _decoded(plan: Plan, upload: Upload, size: Size | None) -> Picture:
    """Decode the original, no larger than the plan needs it."""
    enough = None if size is None or plan.region is not None else size.capped(plan.max_pixels)
    with upload.open() as file:
        return images.decode(file, max_pixels=plan.max_input_pixels, at_least=enough)


def finish(plan: Plan, prepared: Prepared, result: Result, backdrops: Mapping[FillImage, Pixels]) -> Cutout:
    """Turn Pixian's transparent answer into the result of the plan.

    Raises:
        ImageError: the answer cannot be read.
        NoForeground: the plan needs one and there is none.
    """
    size, canvas = prepared.size, prepared.size.capped(plan.max_pixels)
    output = plan.output or Output()
    pixels = images.decode(result.content).rgba
    whole = Box(0, 0, size.width, size.height)
    place = (prepared.region or whole).scaled(size, canvas)
    if place.size.pixels > MAX_PROCESSED_PIXELS:
        full = images.crop(_decoded(plan, prepared.original, size).rgba, prepared.region or whole)
        pixels = images.enlarge(pixels, images.resize(full, place.size))
    if prepared.region is not None:
        pixels = images.put_back(pixels, canvas, place)
    found = images.foreground_box(pixels[..., 3])
    foreground = Box(0, 0, 0, 0) if found is None else found.scaled(_size(pixels), size)
    if output.encoding == "zip":
        pixels = images.uncover(pixels, _decoded(plan, prepared.original, size).rgba)
    for step in plan.steps:
        pixels = _STEPS[type(step)](step, pixels, backdrops)
    content, content_type = _encoded(pixels, output)
    return finished(plan, result, content, content_type, _size(pixels), size, foreground)


def _needs_pixels(plan: Plan, header: Header, size: Size) -> bool:
    """Tell whether the original has to be decoded at all."""
    return bool(
        plan.region
        or not _may_be_sent(header, size)
        or size.capped(plan.max_pixels).pixels > MAX_PROCESSED_PIXELS
        or (plan.output is not None and plan.output.encoding == "zip")
    )


def _check_sides(plan: Plan, canvas: Size) -> None:
    """Find out before paying that the file format cannot hold the result; a crop may make it fit.

    Raises:
        Refused: it cannot.
    """
    encoding = plan.output.encoding if plan.output is not None else "auto"
    longest = images.longest_side(encoding)
    cropped = any(isinstance(step, CropToForeground) for step in plan.steps)
    if longest is not None and max(canvas) > longest and not cropped:
        found = f"the result would have {canvas.width} x {canvas.height}"
        raise Refused(f"{encoding} has at most {longest:,} pixels on a side; {found}", parameter="format")


def _may_be_sent(header: Header, size: Size) -> bool:
    return header.format in AS_IT_IS and size.pixels <= MAX_UPLOAD_PIXELS


def _rewritten(picture: Picture, region: Box | None, wanted: Size) -> Upload:
    """Give what is uploaded instead of the original, no larger than Pixian would shrink it to in any case.

    Raises:
        TooLarge: it cannot be made small enough without losing its transparency.
    """
    pixels = picture.rgba if region is None else images.crop(picture.rgba, region)
    pixels = images.resize(pixels, wanted)
    content = images.encode_png(pixels if picture.has_alpha else pixels[..., :3])
    if len(content) <= MAX_UPLOAD_BYTES:
        return Upload(content, "image.png")
    if picture.has_alpha:
        raise TooLarge(len(content), MAX_UPLOAD_BYTES, "bytes")
    # A photograph of that size: hardly visible, and better than an error.
    return Upload(images.encode_jpeg(pixels[..., :3], quality=_UPLOAD_QUALITY), "image.jpg")


def _box(region: Region, size: Size) -> Box:
    """Resolve a region's lengths.

    Raises:
        TranslationError: it lies outside the picture or holds no pixel.
    """
    left, right = (round(edge.pixels(size.width)) for edge in (region.left, region.right))
    top, bottom = (round(edge.pixels(size.height)) for edge in (region.top, region.bottom))
    detail = f"{left} {top} {right} {bottom} in a picture of {size.width} x {size.height}"
    if right > size.width or bottom > size.height:
        raise TranslationError("ROI exceeds image bounds", code="roi_exceeds_bounds", parameter="roi", detail=detail)
    if left >= right or top >= bottom:
        raise TranslationError("ROI region is empty", code="roi_region_empty", parameter="roi", detail=detail)
    return Box(top, left, right - left, bottom - top)


def _size(pixels: Pixels) -> Size:
    return Size(pixels.shape[1], pixels.shape[0])


def _crop(step: CropToForeground, pixels: Pixels, _backdrops: Mapping[FillImage, Pixels]) -> Pixels:
    return images.crop_to_foreground(pixels, step.margin, max_share=step.max_share, max_px=step.max_px)[0]


def _place(step: PlaceSubject, pixels: Pixels, _backdrops: Mapping[FillImage, Pixels]) -> Pixels:
    return images.place_subject(pixels, scale=step.scale, position=step.position)


def _shadow(step: DropShadow, pixels: Pixels, _backdrops: Mapping[FillImage, Pixels]) -> Pixels:
    return images.drop_shadow(pixels, step.opacity)


def _colour(step: FillColour, pixels: Pixels, _backdrops: Mapping[FillImage, Pixels]) -> Pixels:
    return images.over_colour(pixels, (step.red, step.green, step.blue, step.alpha))


def _image(step: FillImage, pixels: Pixels, backdrops: Mapping[FillImage, Pixels]) -> Pixels:
    return images.over_image(pixels, backdrops[step])


_STEPS: dict[type, Callable[[Any, Pixels, Mapping[FillImage, Pixels]], Pixels]] = {
    CropToForeground: _crop,
    PlaceSubject: _place,
    DropShadow: _shadow,
    FillColour: _colour,
    FillImage: _image,
}


def _encoded(pixels: Pixels, output: Output) -> tuple[bytes, str]:
    if output.encoding == "zip":
        return images.zip_cutout(pixels[..., :3], pixels[..., 3], quality=output.quality), "application/zip"
    if output.channels == "alpha":
        pixels = pixels[..., 3]
    return images.encode(pixels, output.encoding, quality=output.quality)
