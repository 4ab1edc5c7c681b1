"""The pixel side of a plan: what is done to the original before the upload, and to the result after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_shim import images
from pixian_shim.errors import FetchError, ImageError, TooLarge, TranslationError
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, MAX_UPLOAD_BYTES, MAX_UPLOAD_PIXELS, ImageUrl, Upload
from pixian_shim.shim._canvas import check_canvases, own_size
from pixian_shim.shim._flow import AS_IT_IS, finished
from pixian_shim.shim._steps import Scene, carry_out, edges_touched
from pixian_shim.translation import Note, Output, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pixian_shim.images import Header, Picture, Pixels
    from pixian_shim.pixian import Parameters, Result
    from pixian_shim.translation import Cutout, FillImage, Plan, Region

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


def backdrop(upload: Upload, step: FillImage) -> Pixels:
    """Decode a background picture.

    Raises:
        FetchError: what its address leads to is no picture.
        ImageError: what was uploaded is none.
    """
    try:
        return images.decode(upload.read()).rgba
    except ImageError as error:
        if isinstance(step.source, ImageUrl):
            raise FetchError(f"the background cannot be read: {error}", parameter=step.parameter) from error
        raise ImageError(f"{step.parameter} cannot be read: {error}", parameter=step.parameter) from error


def prepare(plan: Plan, upload: Upload, header: Header) -> Prepared:
    """Cut out the region, shrink and rewrite the original, as far as each is needed.

    Raises:
        ImageError: the original cannot be read.
        TranslationError: the region lies outside the original.
        Refused: a canvas that cannot be, or a file format that cannot hold the result.
        CannotWrite: a file format that cannot be written here.
        MissingExtra: numpy or Pillow is not installed.
    """
    _ = images.decode  # imports what the steps need: a missing extra shows before anything is paid
    size, picture = header.upright, None
    drops = plan.transparent_input == "drop" and images.may_be_transparent(upload.head())
    if size is None or drops or _needs_pixels(plan, header, size):
        picture = _decoded(plan, upload, size)
        size = size or picture.size
    check_canvases(plan, size)
    canvas = size.capped(plan.max_pixels)
    region = None if plan.region is None else _box(plan.region, size)
    parameters, wanted = plan.parameters, size.capped(plan.parameters.max_pixels)
    if region is not None:
        wanted = region.scaled(size, canvas).size.capped(MAX_PROCESSED_PIXELS)
        parameters = attrs.evolve(parameters, max_pixels=max(wanted.pixels, _MIN_PIXELS))
    sent = upload
    dropped = drops and picture is not None and not picture.has_alpha
    if picture is not None and (dropped or region is not None or not _may_be_sent(header, size)):
        sent = _rewritten(picture, region, wanted)
    return Prepared(sent, parameters, size, upload, region)


def _decoded(plan: Plan, upload: Upload, size: Size | None) -> Picture:
    """Decode the original, no larger than the plan needs it, and without the alpha that is to be dropped."""
    enough = None if size is None or plan.region is not None else size.capped(plan.max_pixels)
    with upload.open() as file:
        picture = images.decode(file, max_pixels=plan.max_input_pixels, at_least=enough)
    if plan.transparent_input == "drop" and _is_translucent(picture):
        picture.rgba[..., 3] = 255
        return attrs.evolve(picture, has_alpha=False)
    return picture


def _is_translucent(picture: Picture) -> bool:
    return picture.has_alpha and not _is_opaque(picture.rgba)


def _is_opaque(pixels: Pixels) -> bool:
    return bool(pixels[..., 3].min() == 255)  # noqa: PLR2004


def finish(plan: Plan, prepared: Prepared, result: Result, backdrops: Mapping[FillImage, Pixels]) -> Cutout:
    """Turn Pixian's transparent answer into the result of the plan.

    Raises:
        ImageError: the answer cannot be read.
        NoForeground: the plan needs one and there is none.
    """
    size, canvas = prepared.size, prepared.size.capped(plan.max_pixels)
    pixels = images.decode(result.content).rgba
    whole = Box(0, 0, size.width, size.height)
    place = (prepared.region or whole).scaled(size, canvas)
    if place.size.pixels > MAX_PROCESSED_PIXELS:
        full = images.crop(_decoded(plan, prepared.original, size).rgba, prepared.region or whole)
        pixels = images.enlarge(pixels, images.resize(full, place.size))
    if prepared.region is not None:
        pixels = images.put_back(pixels, canvas, place)

    def load() -> Pixels:
        return _decoded(plan, prepared.original, size).rgba

    content, content_type, drawn, foreground = _drawn(plan, pixels, size, load, backdrops)
    return finished(plan, result, content, content_type, drawn, size, foreground)


def translucent(plan: Plan, upload: Upload) -> Picture | None:
    """Decode an original if any pixel of it is not opaque.

    Raises:
        ImageError: the original cannot be read.
    """
    with upload.open() as file:
        picture = images.decode(file, max_pixels=plan.max_input_pixels)
    return picture if _is_translucent(picture) else None


def without_call(
    plan: Plan, upload: Upload, header: Header, picture: Picture, backdrops: Mapping[FillImage, Pixels]
) -> Cutout:
    """Make the result of an original that is not opaque, and needs no background removed.

    Raises:
        NoForeground: the plan needs one and there is none.
        Refused: as ``prepare``; and what else it raises.
    """
    plan = plan.without_call or plan
    output, size = plan.output or Output(), picture.size
    check_canvases(plan, size)
    pixels = images.resize(picture.rgba, size.capped(plan.max_pixels))
    if plan.transparent_input == "matte":
        says = "Pixian was not asked, and nothing was charged: the original's own transparency is the matte."
        if plan.region is not None:
            place = _box(plan.region, size).scaled(size, _size(pixels))
            pixels = images.put_back(images.crop(pixels, place), _size(pixels), place)
    else:
        says = "Pixian was not asked, and nothing was charged: the original is itself the result."
        plan = attrs.evolve(plan, steps=())
    made = _drawn(plan, pixels, size, lambda: picture.rgba, backdrops)
    if plan.transparent_input == "return" and made[2] == size and _is_what_is_asked(header, output):
        made = (upload.read(), *made[1:])
    content, content_type, drawn, foreground = made
    told = Note("original", "not opaque", Verdict.EXACT, says, given=False)
    plan = attrs.evolve(plan, notes=(*plan.notes, told))
    return finished(plan, None, content, content_type, drawn, size, foreground)


_MADE_AS = {"auto": "png", "png": "png", "webp": "webp"}
"""The format of an original that may be handed back byte for byte, by the encoding asked for."""


def _is_what_is_asked(header: Header, output: Output) -> bool:
    plain = output.channels == "rgba" and output.dpi is None and header.orientation == 1
    return plain and _MADE_AS.get(output.encoding) == header.format


def _drawn(
    plan: Plan, pixels: Pixels, size: Size, load: Callable[[], Pixels], backdrops: Mapping[FillImage, Pixels]
) -> tuple[bytes, str, Size, Box]:
    """Do a plan's steps and encode; gives the file, its type, its size and the subject's box in the original."""
    output = plan.output or Output()
    found = images.foreground_box(pixels[..., 3])
    foreground = Box(0, 0, 0, 0) if found is None else found.scaled(_size(pixels), size)
    if output.encoding == "zip":
        pixels = images.uncover(pixels, load())
    longest = images.longest_side(output.encoding)
    scene = Scene(pixels, own_size(plan, size), edges_touched(pixels[..., 3]), load, backdrops, longest)
    for step in plan.steps:
        carry_out(step, scene)
    return (*_encoded(scene.pixels, output), scene.size, foreground)


def _needs_pixels(plan: Plan, header: Header, size: Size) -> bool:
    """Tell whether the original has to be decoded at all."""
    return bool(
        plan.region
        or not _may_be_sent(header, size)
        or size.capped(plan.max_pixels).pixels > MAX_PROCESSED_PIXELS
        or (plan.output is not None and plan.output.encoding == "zip")
    )


def _may_be_sent(header: Header, size: Size) -> bool:
    return header.format in AS_IT_IS and size.pixels <= MAX_UPLOAD_PIXELS


def _rewritten(picture: Picture, region: Box | None, wanted: Size) -> Upload:
    """Give what is uploaded instead of the original, no larger than Pixian would shrink it to in any case.

    Raises:
        TooLarge: it cannot be made small enough without losing its transparency.
    """
    pixels = picture.rgba if region is None else images.crop(picture.rgba, region)
    translucent = picture.has_alpha and not _is_opaque(pixels)
    pixels = images.resize(pixels, wanted)
    content = images.encode_png(pixels if translucent else pixels[..., :3])
    if len(content) <= MAX_UPLOAD_BYTES:
        return Upload(content, "image.png")
    if translucent:
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


def _encoded(pixels: Pixels, output: Output) -> tuple[bytes, str]:
    if output.encoding == "zip":
        return images.zip_cutout(pixels[..., :3], pixels[..., 3], quality=output.quality), "application/zip"
    if output.channels == "alpha":
        pixels = pixels[..., 3]
    return images.encode(pixels, output.encoding, quality=output.quality, dpi=output.dpi)
