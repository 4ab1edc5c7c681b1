"""Write finished pictures: JPEG, WebP, and the zip that holds colours and matte apart. PNG has a module of its own."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.images._composite import over_colour
from pixian_shim.images._png import encode_png

if TYPE_CHECKING:
    from pixian_shim.images._pixels import Pixels

Kind = Literal["auto", "png", "jpg", "webp"]

_WHITE = (255, 255, 255, 255)
_OPAQUE = 255
_LONGEST_SIDES = {"jpg": 65535, "webp": 16383, "zip": 65535}
_METHOD = 2  # of libwebp's 0 to 6: half the time of the usual 4 for a tenth more bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip's earliest date: the same picture gives the same bytes


def longest_side(kind: str) -> int | None:
    """Give the most pixels that a file can have on a side; ``None`` where any picture fits.

    Args:
        kind: ``jpg``, ``webp``, ``zip``; any other one is PNG or may be.
    """
    return _LONGEST_SIDES.get(kind)


def encode(pixels: Pixels, kind: Kind, quality: int = 90) -> tuple[bytes, str]:
    """Write a picture in the format asked for.

    Args:
        pixels: RGBA, RGB or grey.
        kind: ``auto`` is PNG where anything is less than opaque, else JPEG; a matte (grey) stays exact as PNG.
        quality: of JPEG and WebP, 1 to 100.

    Returns:
        The file, and its content type.

    Raises:
        ImageError: the picture has more pixels on a side than the format can hold.
    """
    if kind == "auto":
        kind = "png" if pixels.ndim == 2 or _is_translucent(pixels) else "jpg"  # noqa: PLR2004
    if kind == "png":
        return encode_png(pixels), "image/png"
    if kind == "jpg":
        return encode_jpeg(pixels, quality), "image/jpeg"
    return encode_webp(pixels, quality), "image/webp"


def encode_jpeg(pixels: Pixels, quality: int = 90) -> bytes:
    """Write a JPEG; transparency is flattened on white.

    Args:
        pixels: RGBA, RGB or grey.
        quality: 1 to 100.

    Raises:
        ImageError: more than 65,535 pixels on a side.
    """
    if _is_translucent(pixels):
        pixels = over_colour(pixels, _WHITE)
    return _saved(pixels[..., :3] if pixels.ndim == 3 else pixels, "JPEG", _LONGEST_SIDES["jpg"], quality=quality)  # noqa: PLR2004


def encode_webp(pixels: Pixels, quality: int = 90, *, lossless: bool = False) -> bytes:
    """Write a WebP with its transparency.

    Args:
        pixels: RGBA, RGB or grey.
        quality: 1 to 100; of the colours, the transparency is kept exactly.
        lossless: keep the colours exactly as well, except under alpha 0.

    Raises:
        ImageError: more than 16,383 pixels on a side.
    """
    return _saved(pixels, "WEBP", _LONGEST_SIDES["webp"], quality=quality, lossless=lossless, method=_METHOD)


def zip_cutout(colour: Pixels, alpha: Pixels, quality: int = 90) -> bytes:
    """Write a zip of ``color.jpg`` and ``alpha.png``, in this order, stored: as remove.bg's ``format=zip``.

    Args:
        colour: RGB, the background included; of RGBA the colours are taken as they are.
        alpha: the matte, ``(height, width)``.
        quality: of the JPEG, 1 to 100.

    Raises:
        ImageError: more than 65,535 pixels on a side.
    """
    files = {"color.jpg": encode_jpeg(colour[..., :3], quality), "alpha.png": encode_png(alpha)}
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in files.items():
            bundle.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return archive.getvalue()


def _is_translucent(pixels: Pixels) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] == 4 and bool(pixels[..., 3].min(initial=_OPAQUE) < _OPAQUE)  # noqa: PLR2004


def _saved(pixels: Pixels, form: str, max_side: int, **options: int) -> bytes:
    if not pixels.size or max(pixels.shape[:2]) > max_side:
        raise ImageError(f"a {form} has 1 to {max_side:,} pixels on a side, not {pixels.shape[1]} x {pixels.shape[0]}")
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, form, **options)
    return file.getvalue()
