"""Decode pictures from strangers: guarded, upright, in sRGB, always as 8-bit RGBA."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import IO, TYPE_CHECKING, Protocol

import attrs
import numpy as np
from PIL import Image, features
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pixian_shim.errors import ImageError, ShimError, TooLarge
from pixian_shim.geometry import Size
from pixian_shim.images._header import read_header
from pixian_shim.images._inflate import Stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageFile import ImageFile

    from pixian_shim.images._header import Format
    from pixian_shim.images._pixels import Pixels

MAX_PIXELS = 100_000_000
"""What :func:`decode` accepts unless told otherwise; such a picture takes 400 MB."""

_MAX_PROFILE_BYTES = 4 << 20  # real colour profiles have at most about 3 MB


class Readable(Protocol):
    """An open binary file, as far as it is used here."""

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, all of them if no number is given."""
        ...


@attrs.frozen(eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        rgba: ``(height, width, 4)``, ``uint8``, straight alpha, sRGB, upright.
        orientation: the EXIF orientation that was applied, 1 to 8.
        format: of the file.
        has_alpha: whether the file tells anything about transparency.
    """

    rgba: Pixels = attrs.field(repr=False)
    orientation: int
    format: Format
    has_alpha: bool

    @property
    def size(self) -> Size:
        """Width and height, upright."""
        return Size(self.rgba.shape[1], self.rgba.shape[0])

    @property
    def alpha(self) -> Pixels:
        """The alpha channel, ``(height, width)``; a view."""
        return self.rgba[..., 3]


def decode(data: bytes | Readable, *, max_pixels: int = MAX_PIXELS, at_least: Size | None = None) -> Picture:
    """Decode a picture, the first frame of several.

    The size is read from the header and checked before anything is unpacked. Pillow's process-wide limit is neither
    changed nor in the way of pictures above it.

    Args:
        data: a PNG, JPEG, GIF, BMP, WebP, TIFF or AVIF, as bytes or as a file read from where it stands.
        max_pixels: width times height that is accepted.
        at_least: where a smaller picture will do, the upright size that it must not fall below: a JPEG is then decoded
            at a half, a quarter or an eighth of its size, in a fraction of the time and memory.

    Raises:
        TooLarge: more pixels than ``max_pixels``.
        ImageError: another format, or damaged, or cut off; or an AVIF, and the Pillow that is installed reads none.
    """
    content = data if isinstance(data, bytes) else data.read()
    header = read_header(content)
    if header.size is not None:
        _check(header.size, max_pixels)
    try:
        with _OPENERS[header.format](BytesIO(content)) as image:
            _check(Size(*image.size), max_pixels)
            if at_least is not None:
                image.draft(None, header.turned(at_least))
            image.load()
            rgba, has_alpha = _to_rgba(image)
    except (ShimError, MemoryError):
        raise
    except Exception as error:  # Pillow's decoders raise nearly any type on damaged bytes
        raise ImageError(f"the {header.format.upper()} cannot be decoded, it is damaged or cut off: {error}") from error
    if header.format != "tiff":  # Pillow turns a TIFF upright by itself while loading it
        rgba = _TURNS[header.orientation](rgba)
    return Picture(np.ascontiguousarray(rgba), header.orientation, header.format, has_alpha)


class _Tiff(TiffImageFile):
    """Allocate the canvas before Pillow does, which would first hold it against the process-wide limit."""

    def load_prepare(self) -> None:
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size, color=None).im
        super().load_prepare()


class _Png(PngImageFile):
    """Unpack right into the pixels that are given out, and with ISA-L: that takes less than half the time."""

    pixels: Pixels | None = None
    stored: Stored | None = None

    def load_prepare(self) -> None:
        if self.mode == "RGBA":
            self.pixels = np.zeros((self.height, self.width, 4), np.uint8)
            self.im = Image.frombuffer("RGBA", self.size, self.pixels, "raw", "RGBA", 0, 1).im
        self.stored = Stored.begun()
        super().load_prepare()

    def load_read(self, read_bytes: int) -> bytes:
        if self.stored is None:
            return super().load_read(read_bytes)
        return self.stored.read(super().load_read, read_bytes)


def _avif(file: IO[bytes]) -> ImageFile:
    """Open an AVIF; whatever its pixels say of their number, libavif takes no more than 16,384 x 16,384."""
    if not features.check("avif"):
        raise ImageError('AVIF cannot be read here; it comes with Pillow 11.3: pip install --upgrade "pillow>=11.3"')
    from PIL.AvifImagePlugin import AvifImageFile  # which older ones have not

    return AvifImageFile(file)


# The plugins' classes, not Image.open(): that would try other formats too, and warn above the process-wide limit.
_OPENERS: dict[Format, Callable[[IO[bytes]], ImageFile]] = {
    "avif": _avif,
    "bmp": BmpImageFile,
    "gif": GifImageFile,
    "jpeg": JpegImageFile,
    "png": _Png,
    "tiff": _Tiff,
    "webp": WebPImageFile,
}

_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a[::-1].transpose(1, 0, 2),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: a[:, ::-1].transpose(1, 0, 2),
}


def _check(size: Size, max_pixels: int) -> None:
    if size.pixels > max_pixels:
        raise TooLarge(size.pixels, max_pixels, "pixels")


def _to_rgba(image: Image.Image) -> tuple[Pixels, bool]:
    """Convert any of Pillow's modes, and tell whether there was transparency."""
    has_alpha = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La")
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_deep_grey(image), has_alpha
    profile = image.info.get("icc_profile")
    if profile:
        image = _to_srgb(image, profile, has_alpha=has_alpha)
    if isinstance(image, _Png) and image.pixels is not None:
        return image.pixels, has_alpha
    return np.array(_as_rgba(image)), has_alpha


def _as_rgba(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        return image
    if image.mode in ("CMYK", "YCbCr", "HSV", "LAB"):  # Pillow converts these to RGB only
        image = image.convert("RGB")
    return image.convert("RGBA")


def _from_deep_grey(image: Image.Image) -> Pixels:
    """Scale grey of 16 or 32 bits to 8, where Pillow would clip it.

    The range of 32 bits is not told by the file: up to 65535 it is taken as 16 bits, floats up to 1.0 as shares
    (assumptions).
    """
    levels = np.asarray(image)
    if levels.dtype.kind == "f":
        levels = np.nan_to_num(levels, posinf=0.0, neginf=0.0)
        top = 1.0 if levels.size and levels.max() <= 1.0 else 255.0
    else:
        top = 65535.0 if levels.dtype.itemsize == 2 or levels.max(initial=0) <= 65535 else float(2**31 - 1)  # noqa: PLR2004
    grey = (np.clip(levels / np.float64(top), 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    rgba = np.empty((*grey.shape, 4), np.uint8)
    rgba[..., :3] = grey[..., np.newaxis]
    rgba[..., 3] = 255
    hidden = image.info.get("transparency")
    if isinstance(hidden, int):
        rgba[levels == hidden, 3] = 0
    return rgba


def _to_srgb(image: Image.Image, profile: bytes, *, has_alpha: bool) -> Image.Image:
    """Convert colours from the embedded profile; a broken profile, or one of another colour space, is left aside."""
    if len(profile) > _MAX_PROFILE_BYTES:
        return image
    try:
        from PIL import ImageCms  # an optional part of Pillow
    except ImportError:
        return image
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        colours = _without_alpha(image)
        converted = ImageCms.profileToProfile(
            colours, source, ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
        )
        if converted is not None:
            if has_alpha:
                converted.putalpha(_as_rgba(image).getchannel("A"))
            return converted
    return image


def _without_alpha(image: Image.Image) -> Image.Image:
    """Leave the colours in the space that their profile speaks of."""
    if image.mode in ("1", "L", "LA", "La"):
        return image.convert("L")
    if image.mode in ("CMYK", "LAB"):
        return image
    return _as_rgba(image).convert("RGB")
