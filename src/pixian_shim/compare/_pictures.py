"""Read one side's answer: whatever it is, either pixels, or a sentence that says why there are none."""

from __future__ import annotations

import warnings
import zipfile
from hashlib import blake2b
from io import BytesIO
from typing import TYPE_CHECKING

import attrs
import numpy as np
from PIL import Image

from pixian_shim.errors import ImageError, ShimError
from pixian_shim.images import apply_matte, decode

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_shim.images import Pixels

_MOST_BYTES = 512 << 20
_PNG_DEPTH = 24  # where a PNG's header tells its bits a channel
_KINDS = {"icc_profile": "ICC", "exif": "EXIF", "xmp": "XMP", "dpi": "dpi", "comment": "comment", "transparency": ""}


@attrs.frozen
class Answer:
    """A cut-out, decoded.

    Attributes:
        rgba: its pixels.
        format: of the file.
        size: bytes of the file.
        digest: of these bytes.
        metadata: what it carries beside pixels, such as ``ICC``.
        notes: what is unusual about it, for people.
    """

    rgba: Pixels = attrs.field(repr=False)
    format: str
    size: int
    digest: str
    metadata: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read(path: Path, *, max_pixels: int) -> Answer:
    """Read a file.

    Raises:
        ImageError: it is no picture, damaged, cut off, too large, or cannot be read; the message says so.
    """
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise ImageError(f"the file has {size:,} bytes, more than {_MOST_BYTES:,}")
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path.name} cannot be read: {error.strerror}") from error
    if not content:
        raise ImageError("the file is empty")
    try:
        if content.startswith(b"PK"):
            return _zipped(content, max_pixels)
        picture = decode(content, max_pixels=max_pixels)
    except MemoryError as error:
        raise ImageError("there is not enough memory for it") from error
    metadata, notes = _about(content)
    return Answer(picture.rgba, picture.format, len(content), digest(content), metadata, notes)


def digest(content: bytes) -> str:
    """Give 16 hexadecimal digits that stand for a file's content."""
    return blake2b(content, digest_size=8).hexdigest()


def _zipped(content: bytes, max_pixels: int) -> Answer:
    """Put colours and matte of a zip together."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for name in ("color.jpg", "alpha.png"):
                if archive.getinfo(name).file_size > _MOST_BYTES:
                    raise ImageError(f"{name} in the zip is too large")
            colour, matte = (
                decode(archive.read(name), max_pixels=max_pixels).rgba for name in ("color.jpg", "alpha.png")
            )
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise ImageError(f"the zip does not hold a color.jpg and an alpha.png: {error}") from error
    try:
        rgba = apply_matte(colour, np.ascontiguousarray(matte[..., 0]))
        return Answer(rgba, "zip", len(content), digest(content))
    except (ShimError, ValueError) as error:
        raise ImageError(f"colours and matte of the zip do not fit: {error}") from error


def _about(content: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell what a picture carries, and what is unusual about it; its pixels are not unpacked."""
    notes = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size was checked, and nothing is unpacked
        with Image.open(BytesIO(content)) as image:
            frames = getattr(image, "n_frames", 1)
            mode = image.mode
            carried = tuple(sorted({_KINDS.get(str(name), "") for name in image.info} - {""}))
    if frames > 1:
        notes.append(f"has {frames} frames; the first was compared")
    if (content.startswith(b"\x89PNG") and content[_PNG_DEPTH] == 16) or mode.startswith("I"):  # noqa: PLR2004
        notes.append("has 16 bits a channel; it was compared with 8")
    if mode == "CMYK":
        notes.append("is CMYK; it was converted to sRGB")
    if mode == "P":
        notes.append("has a palette")
    return carried, tuple(notes)
