"""Write finished pictures: JPEG, WebP, AVIF, and the zip that holds colours and matte apart. PNG has its own module."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image, features

from pixian_shim.errors import CannotWrite, ImageError
from pixian_shim.images._composite import over_colour
from pixian_shim.images._png import encode_png

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

Kind = Literal["auto", "png", "jpg", "webp", "avif"]

_WHITE = (255, 255, 255, 255)
_OPAQUE = 255
# What their makers' own code writes and reads, which is less than the formats have room for: libjpeg's
# JPEG_MAX_DIMENSION, libwebp's WEBP_MAX_DIMENSION, libavif's AVIF_DEFAULT_IMAGE_DIMENSION_LIMIT (it writes more, and
# then does not read it). The zip holds a JPEG.
_LONGEST_SIDES = {"jpg": 65500, "webp": 16383, "avif": 32768, "zip": 65500}
_METHOD = 2  # of libwebp's 0 to 6: half the time of the usual 4 for a tenth more bytes
_SPEED = 8  # of AVIF's encoder, 0 to 10: a third of the time of the usual 6 for a few more bytes
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _INCH = 0x011A, 0x011B, 0x0128, 2
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip's earliest date: the same picture gives the same bytes


def longest_side(kind: str) -> int | None:
    """Give the most pixels that a file can have on a side; ``None`` where any picture fits.

    Args:
        kind: ``jpg``, ``webp``, ``avif``, ``zip``; any other one is PNG or may be.
    """
    return _LONGEST_SIDES.get(kind)


def check_writable(kind: str) -> None:
    """Find out whether a format can be written, before anything is done for it.

    Raises:
        CannotWrite: it is AVIF, and the Pillow that is installed was built without it.
    """
    if kind == "avif" and not features.check("avif"):
        raise CannotWrite("AVIF", 'AVIF comes with Pillow 11.3 and newer: pip install --upgrade "pillow>=11.3"')


def encode(pixels: Pixels, kind: Kind, quality: int = 90, dpi: int | None = None) -> tuple[bytes, str]:
    """Write a picture in the format asked for.

    Args:
        pixels: RGBA, RGB or grey.
        kind: ``auto`` is PNG where anything is less than opaque, else JPEG; a matte (grey) stays exact as PNG, and so
            does what is longer than a JPEG can be.
        quality: of JPEG, WebP and AVIF, 1 to 100.
        dpi: pixels per inch, written into the file.

    Returns:
        The file, and its content type.

    Raises:
        ImageError: the picture has more pixels on a side than the format can hold, or cannot be written otherwise.
        CannotWrite: the Pillow that is installed does not write the format.
    """
    if kind == "auto":
        kind = "jpg" if _suits_jpeg(pixels) else "png"
    if kind == "png":
        return encode_png(pixels, dpi=dpi), "image/png"
    if kind == "jpg":
        return encode_jpeg(pixels, quality, dpi=dpi), "image/jpeg"
    if kind == "avif":
        return encode_avif(pixels, quality, dpi=dpi), "image/avif"
    return encode_webp(pixels, quality, dpi=dpi), "image/webp"


def encode_jpeg(pixels: Pixels, quality: int = 90, *, dpi: int | None = None) -> bytes:
    """Write a JPEG; transparency is flattened on white.

    Args:
        pixels: RGBA, RGB or grey.
        quality: 1 to 100.
        dpi: pixels per inch.

    Raises:
        ImageError: more than 65,500 pixels on a side.
    """
    if _is_translucent(pixels):
        pixels = over_colour(pixels, _WHITE)
    colours = pixels[..., :3] if pixels.ndim == 3 else pixels  # noqa: PLR2004
    resolution = {} if dpi is None else {"dpi": (dpi, dpi)}
    return _saved(colours, "JPEG", _LONGEST_SIDES["jpg"], quality=quality, **resolution)


def encode_avif(pixels: Pixels, quality: int = 90, *, dpi: int | None = None) -> bytes:
    """Write an AVIF with its transparency.

    Args:
        pixels: RGBA, RGB or grey.
        quality: 1 to 100.
        dpi: pixels per inch.

    Raises:
        ImageError: more than 32,768 pixels on a side.
        CannotWrite: the Pillow that is installed was built without AVIF.
    """
    check_writable("avif")
    return _saved(pixels, "AVIF", _LONGEST_SIDES["avif"], quality=quality, speed=_SPEED, **_as_exif(dpi))


def encode_webp(pixels: Pixels, quality: int = 90, *, lossless: bool = False, dpi: int | None = None) -> bytes:
    """Write a WebP with its transparency.

    Args:
        pixels: RGBA, RGB or grey.
        quality: 1 to 100; of the colours, the transparency is kept exactly.
        lossless: keep the colours exactly as well, except under alpha 0.
        dpi: pixels per inch, as EXIF: WebP itself has no place for it.

    Raises:
        ImageError: more than 16,383 pixels on a side.
    """
    options = {"quality": quality, "lossless": lossless, "method": _METHOD}
    return _saved(pixels, "WEBP", _LONGEST_SIDES["webp"], **options, **_as_exif(dpi))


def zip_cutout(colour: Pixels, alpha: Pixels, quality: int = 90) -> bytes:
    """Write a zip of ``color.jpg`` and ``alpha.png``, in this order, stored: as remove.bg's ``format=zip``.

    Args:
        colour: RGB, the background included; of RGBA the colours are taken as they are.
        alpha: the matte, ``(height, width)``.
        quality: of the JPEG, 1 to 100.

    Raises:
        ImageError: more than 65,500 pixels on a side.
    """
    files = {"color.jpg": encode_jpeg(colour[..., :3], quality), "alpha.png": encode_png(alpha)}
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in files.items():
            bundle.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return archive.getvalue()


def _suits_jpeg(pixels: Pixels) -> bool:
    fits = max(pixels.shape[:2]) <= _LONGEST_SIDES["jpg"]
    return pixels.ndim == 3 and fits and not _is_translucent(pixels)  # noqa: PLR2004


def _is_translucent(pixels: Pixels) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] == 4 and bool(pixels[..., 3].min(initial=_OPAQUE) < _OPAQUE)  # noqa: PLR2004


def _as_exif(dpi: int | None) -> dict[str, bytes]:
    if dpi is None:
        return {}
    exif = Image.Exif()
    exif[_X_RESOLUTION] = exif[_Y_RESOLUTION] = float(dpi)
    exif[_RESOLUTION_UNIT] = _INCH
    return {"exif": exif.tobytes()}


def _saved(pixels: Pixels, form: str, max_side: int, **options: object) -> bytes:
    if not pixels.size or max(pixels.shape[:2]) > max_side:
        raise ImageError(f"a {form} has 1 to {max_side:,} pixels on a side, not {pixels.shape[1]} x {pixels.shape[0]}")
    file = BytesIO()
    try:
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, form, **options)
    except (OSError, ValueError, RuntimeError) as error:  # whatever else the encoders do not take
        raise ImageError(f"the {form} cannot be written: {error}") from error
    return file.getvalue()
