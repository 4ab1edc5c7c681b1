"""Pillow's side of the drop-in: what is sent of an image, and what comes back as one. Imported at the first need."""

from __future__ import annotations

from io import BytesIO
from operator import index
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg import failures
from pixian_adapters.rembg.exchange import ask
from pixian_shim import images
from pixian_shim.errors import ImageError, MissingExtra
from pixian_shim.pixian import MAX_UPLOAD_BYTES, Upload

try:
    import numpy as np
    from PIL import Image, ImageOps
except ModuleNotFoundError as missing:
    raise MissingExtra("images", "rembg's remove() with images and arrays") from missing

if TYPE_CHECKING:
    from collections.abc import Mapping

PNG_END, JPEG_END = bytes.fromhex("0000000049454e44ae426082"), b"\xff\xd9"
_QUALITY = 95
_OPAQUE = 255
_LOST = 7
"""Bytes that ``numpy.fromfile(path)`` leaves behind at most: it reads eight at a time."""


def opened(content: bytes) -> Image.Image:
    """Open an encoded picture of any format that Pillow knows; its pixels are read when they are needed.

    Raises:
        UnidentifiedImageError: there is none.
        Damaged: there is what looks like one.
        Rejected: it has too many pixels.
    """
    try:
        return Image.open(BytesIO(content))
    except MemoryError:
        raise
    except OSError as error:
        raise failures.unidentified()(str(error)) from error
    except Exception as error:
        raise failures.of_pillow(error) from error


def of_file(content: bytes) -> Image.Image:
    """Read an encoded picture, and turn it upright.

    Raises:
        UnidentifiedImageError: there is none.
        Damaged: it is cut off, or broken in another way.
        Rejected: it has too many pixels.
    """
    image = opened(content)
    try:
        return upright(image)
    except MemoryError:
        raise
    except Exception as error:
        raise failures.of_pillow(error) from error


def of_array(array: Any) -> Image.Image:
    """Take an array as an upright image, its channels as they are.

    Raises:
        TypeError: another type of numbers than Pillow takes.
    """
    return Image.fromarray(array)


def upright(image: Image.Image) -> Image.Image:
    """Turn an image as its EXIF data say; it is a copy in any case."""
    return ImageOps.exif_transpose(image)


def upload_of(image: Image.Image) -> Upload:
    """Write an upright image's bare pixels as PNG: no profile, no EXIF data, the same numbers.

    Where that is more than Pixian takes, an opaque one is written as JPEG of high quality.

    Raises:
        Rejected: it has no pixels, or too many bytes.
        OSError: the picture behind it is cut off.
        ValueError: its mode cannot be converted.
    """
    has_alpha = "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "RGBa", "La")
    pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
    transparent = has_alpha and bool(pixels[..., 3].min(initial=_OPAQUE) < _OPAQUE)
    pixels = pixels if transparent else pixels[..., :3]
    try:
        content = images.encode_png(pixels, clear_hidden=False)
        if len(content) > MAX_UPLOAD_BYTES and not transparent:
            content = images.encode_jpeg(pixels, _QUALITY)
    except ImageError as error:
        raise failures.Rejected(f"the picture cannot be sent: {image.size[0]} x {image.size[1]} pixels") from error
    if len(content) > MAX_UPLOAD_BYTES:
        raise failures.Rejected(f"the picture has {len(content):,} bytes; Pixian takes {MAX_UPLOAD_BYTES:,}")
    return Upload(content, "image")


def read(content: bytes, mode: str) -> Image.Image:
    """Read an answer as a plain image of a mode, without anything that the file tells besides."""
    with Image.open(BytesIO(content)) as answer:
        plain = answer.convert(mode)
    return Image.frombytes(mode, plain.size, plain.tobytes())


def matte(image: Image.Image, arguments: Mapping[str, Any], key: str | None, timeout: float | None) -> Image.Image:
    """Ask Pixian for an upright image's matte; it has the image's size."""
    found = read(ask(upload_of(image), {**arguments, "only_mask": True}, key=key, timeout=timeout), "L")
    return found if found.size == image.size else found.resize(image.size, Image.Resampling.LANCZOS)


def png(image: Image.Image) -> bytes:
    """Write an image."""
    out = BytesIO()
    (image.convert("RGBA") if image.mode == "PA" else image).save(out, "PNG")  # on the former rembg fails
    return out.getvalue()


def colour_of(given: Any) -> tuple[int, ...]:
    """Read a colour as rembg does, while nothing has been paid: any numbers that are whole, numpy's as well.

    Raises:
        TypeError: it is none.
    """
    numbers = tuple(given)
    Image.new("RGBA", (1, 1), numbers)
    return tuple(map(index, numbers))


def check_mode(image: Image.Image) -> None:
    """Raise what rembg would raise for an image that takes no alpha, while nothing has been paid.

    Raises:
        ValueError: it takes none.
    """
    Image.new(image.mode, (1, 1)).putalpha(0)


def completed(content: bytes) -> bytes:
    """Put back the end that a file loses when it is read as numbers of eight bytes."""
    if content.startswith(b"\x89PNG"):
        kept = next((n for n in range(len(PNG_END), 0, -1) if content.endswith(PNG_END[:n])), 0)
        return content + PNG_END[kept:] if len(PNG_END) - kept <= _LOST else content
    if content.startswith(b"\xff\xd8") and not content.rstrip(b"\0").endswith(JPEG_END):
        return content + JPEG_END
    return content
