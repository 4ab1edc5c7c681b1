"""Read one side's answer: whatever it is, either pixels, or a sentence that says what is there instead."""

from __future__ import annotations

import os
import stat
import warnings
import zipfile
from hashlib import blake2b, sha256
from io import BytesIO
from typing import TYPE_CHECKING

import attrs
import numpy as np
from PIL import Image

from pixian_shim.errors import ImageError, ShimError
from pixian_shim.images import apply_matte, decode, read_header
from pixian_shim.images._pixels import VISIBLE, as_words

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_shim.images import Pixels

_MOST_BYTES = 512 << 20
_MOST_UNPACKED = 128 << 20  # of one file in a zip: pictures hardly shrink in one, so that what grows more is a bomb
_PNG_DEPTH = 24  # where a PNG's header tells its bits a channel
_TIFF_DEPTH = 258  # the tag that tells a TIFF's
_DEEP, _MOST_SHOWN = 16, 60
_KINDS = {"icc_profile": "ICC", "exif": "EXIF", "xmp": "XMP", "dpi": "dpi", "comment": "comment", "transparency": ""}
_SUFFIXES = {"jpg": "jpeg", "tif": "tiff", "jpe": "jpeg", "jfif": "jpeg", "apng": "png"}

_BRANDS = dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "a HEIC picture")
_MAGIC = (
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop file"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
)
_MARKUP = ((b"<svg", "an SVG drawing"), (b"<!doctype html", "an HTML page"), (b"<html", "an HTML page"), (b"<", "XML"))


@attrs.frozen
class Answer:
    """A cut-out, decoded.

    Attributes:
        rgba: its pixels.
        format: of the file.
        metadata: what it carries beside pixels, such as ``ICC``.
        notes: what is unusual about it, for people.
    """

    rgba: Pixels = attrs.field(repr=False)
    format: str
    metadata: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load(path: Path) -> bytes:
    """Read a file's bytes; anything but a file, such as a pipe, which would be waited for for ever, is left alone.

    Raises:
        ImageError: it is no file, empty, larger than any picture, or cannot be read; the message says so.
    """
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise ImageError("it is a folder, not a file")
        if not stat.S_ISREG(about.st_mode):
            raise ImageError("it is no file, but a pipe, a socket or a device")
        if about.st_size > _MOST_BYTES:
            raise ImageError(f"the file has {about.st_size:,} bytes, more than {_MOST_BYTES:,}")
        with open(path, "rb", opener=_at_once) as file:
            content = file.read()
    except OSError as error:
        raise ImageError(f"it cannot be read: {error.strerror or error}") from error
    if not content:
        raise ImageError("the file is empty")
    return content


def _at_once(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))  # it may have become a pipe since it was looked at


def read(content: bytes, *, max_pixels: int, suffix: str = "", expected: str = "") -> Answer:
    """Decode a cut-out.

    Args:
        content: of the file.
        max_pixels: that are accepted.
        suffix: of the file's name, to tell where it says something else.
        expected: SHA-256 that it was stored under.

    Raises:
        ImageError: it is no picture, damaged, cut off, too large, or not what was stored; the message says so.
    """
    if expected and sha256(content).hexdigest() != expected:
        raise ImageError("the file is not what was stored: it was changed since")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            answer = _zipped(content, max_pixels) if content.startswith(b"PK") else _picture(content, max_pixels)
        except MemoryError as error:
            raise ImageError("there is not enough memory for it") from error
    notes = [*answer.notes, *dict.fromkeys(f"warning while it was read: {one.message}" for one in said)]
    named = suffix.lower().lstrip(".")
    if named and _SUFFIXES.get(named, named) != answer.format:
        notes.append(f"is {answer.format.upper()}, though its name ends in .{named}")
    if as_words(answer.rgba).max() < VISIBLE:
        notes.append("shows nothing: every pixel is transparent")
    return attrs.evolve(answer, notes=tuple(notes))


def digest(content: bytes) -> str:
    """Give 16 hexadecimal digits that stand for a file's content."""
    return blake2b(content, digest_size=8).hexdigest()


def is_picture(head: bytes) -> bool:
    """Tell by its first bytes whether a file without a suffix is meant to be looked at."""
    try:
        read_header(head)
    except ImageError:
        return head[4:8] == b"ftyp" and head[8:12] in _BRANDS
    return True


def _picture(content: bytes, max_pixels: int) -> Answer:
    try:
        read_header(content)
    except ImageError as error:
        raise ImageError(
            f"{_kind(content)}: nothing that can be compared (PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF)"
        ) from error
    picture = decode(content, max_pixels=max_pixels)
    metadata, notes = _about(content)
    if picture.orientation != 1:
        notes.append(f"was turned upright (EXIF orientation {picture.orientation})")
    return Answer(picture.rgba, picture.format, metadata, tuple(notes))


def _kind(content: bytes) -> str:
    """Say what a file is that is no picture."""
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return f"it is {_BRANDS[brand]}" if brand in _BRANDS else "it is a film, or a picture of an unknown kind"
    for magic, name in _MAGIC:
        if content.startswith(magic):
            return f"it is {name}"
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, name in _MARKUP:
        if start.lower().startswith(magic):
            return f"it is {'an SVG drawing' if b'<svg' in start else name}"
    shown = start[:_MOST_SHOWN].decode("utf-8", "replace").replace("\n", " ")
    if not shown.isprintable() or "\ufffd" in shown[:-1]:
        return "it is no picture of a known kind"
    return f"it is {'JSON' if start[:1] in (b'{', b'[') else 'text'}, {shown!r}"


def _zipped(content: bytes, max_pixels: int) -> Answer:
    """Put colours and matte of a zip together."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = [_unpacked(archive, name) for name in ("color.jpg", "alpha.png")]
    except (ShimError, MemoryError):
        raise
    except Exception as error:  # zipfile and its decompressors raise nearly any type on damaged bytes
        raise ImageError(f"the zip is damaged or cut off: {error}") from error
    pictures = []
    for name, part in zip(("color.jpg", "alpha.png"), parts, strict=True):
        try:
            pictures.append(decode(part, max_pixels=max_pixels).rgba)
        except ShimError as error:
            raise ImageError(f"{name} in the zip: {error}") from error
    colour, matte = pictures
    notes: tuple[str, ...] = ()
    if colour.shape != matte.shape:
        sizes = (f"{rgba.shape[1]} × {rgba.shape[0]}" for rgba in pictures)  # noqa: RUF001 (the sign that is meant)
        notes = (f"has colours and a matte of different sizes, {' and '.join(sizes)}; the matte was scaled",)
    return Answer(apply_matte(colour, np.ascontiguousarray(matte[..., 0])), "zip", notes=notes)


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        about = archive.getinfo(name)
    except KeyError as error:
        held = ", ".join(sorted(archive.namelist())[:5]) or "nothing"
        raise ImageError(f"there is no {name} in the zip; it holds {held}") from error
    if about.flag_bits & 1:
        raise ImageError(f"{name} in the zip is encrypted")
    if about.file_size > _MOST_UNPACKED:
        raise ImageError(f"{name} in the zip would have {about.file_size:,} bytes, more than {_MOST_UNPACKED:,}")
    return archive.read(about)


def _about(content: bytes) -> tuple[tuple[str, ...], list[str]]:
    """Tell what a picture carries, and what is unusual about it; its pixels are not unpacked."""
    try:
        with Image.open(BytesIO(content)) as image:
            carried = tuple(sorted({_KINDS.get(str(name), "") for name in image.info} - {""}))
            return carried, _unusual(content, image)
    except Exception as error:  # noqa: BLE001 (as above; the pixels are there, only this is not)
        return (), [f"may carry more than pixels; that could not be read: {error}"]


def _unusual(content: bytes, image: Image.Image) -> list[str]:
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.append(f"has {frames} frames; the first was compared")
    depth = content[_PNG_DEPTH] if content.startswith(b"\x89PNG") else 0
    depth = max(depth, *getattr(image, "tag_v2", {}).get(_TIFF_DEPTH, (0,)))
    if depth >= _DEEP or image.mode.startswith(("I", "F")):
        notes.append(f"has {max(depth, _DEEP)} bits a channel; it was compared with 8")
    if image.mode == "CMYK":
        notes.append("is CMYK; it was converted to sRGB")
    if image.mode == "P":
        notes.append("has a palette")
    if image.mode == "1":
        notes.append("has one bit a pixel, black or white")
    return notes
