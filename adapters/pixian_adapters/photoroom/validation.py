"""The module ``photoroom.validation``: what the client finds out about a picture before it is sent."""

from __future__ import annotations

from pathlib import Path

from pixian_shim import images
from pixian_shim.errors import ShimError
from pixian_shim.geometry import Size
from pixian_shim.pixian import Upload

MAX_IMAGE_SIZE_MB = 30
MAX_IMAGE_SIZE_BYTES = MAX_IMAGE_SIZE_MB * 1024 * 1024
MAX_DIMENSION_PIXELS = 5000

SUPPORTED_FORMATS = frozenset({"jpeg", "jpg", "png", "webp"})
CONVERTIBLE_FORMATS = frozenset({"heic", "heif", "tiff", "tif", "bmp", "gif", "ico"})

_QUALITY, _STEP = 95, 0.8


class ImageValidationError(ShimError):
    """The picture is beyond what the client sends."""


def prepared(source: str | Path | bytes, name: str, *, validate: bool, resize: bool, convert: bool) -> Upload:
    """Take a picture as the client's methods do.

    Args:
        source: a path, or the picture's bytes.
        name: of the upload, for bytes.
        validate: look at it at all.
        resize: make it smaller where it is too large; otherwise that is an error.
        convert: let formats pass that PhotoRoom does not take; the shim rewrites what it can read, and names the rest.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: it is none.
        ImageValidationError: the picture is not accepted.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        upload = Upload(bytes(source), name)
    else:
        path = Path(source)
        if not path.exists():
            raise FileNotFoundError(f"Image file not found: {source}")
        if not path.is_file():
            raise OSError(f"Path is not a file: {source}")
        if validate:
            _check_name(path, convert=convert)
        upload = Upload.of(path)
    return _checked(upload, resize=resize) if validate else upload


def _check_name(path: Path, *, convert: bool) -> None:
    extension = path.suffix.lower().lstrip(".")
    if extension in SUPPORTED_FORMATS or (convert and extension in CONVERTIBLE_FORMATS):
        return
    kind = "Unsupported" if extension in CONVERTIBLE_FORMATS else "Unknown"
    hint = f" Enable auto_convert=True to send {extension} all the same." if kind == "Unsupported" else ""
    raise ImageValidationError(
        f"{kind} image format: {extension}. Supported formats: {', '.join(sorted(SUPPORTED_FORMATS))}.{hint}"
    )


def _checked(upload: Upload, *, resize: bool) -> Upload:
    if not len(upload):
        raise ImageValidationError("Image data is empty")
    size = upload.header.upright if upload.header is not None else None
    longest = max(size) if size is not None else 0
    if longest <= MAX_DIMENSION_PIXELS and len(upload) <= MAX_IMAGE_SIZE_BYTES:
        return upload
    if size is not None and resize:
        return _shrunk(upload, size)
    hint = "Consider using auto_resize=True to automatically resize large images."
    if size is not None and longest > MAX_DIMENSION_PIXELS:
        raise ImageValidationError(
            f"Image resolution ({size.width}x{size.height}) exceeds maximum dimension of {MAX_DIMENSION_PIXELS}px on "
            f"widest side (current: {longest}px). {hint}"
        )
    raise ImageValidationError(
        f"Image size ({len(upload) / 1024**2:.1f}MB) exceeds maximum allowed size ({MAX_IMAGE_SIZE_MB}MB). {hint}"
    )


def _shrunk(upload: Upload, size: Size) -> Upload:
    """Make a picture small enough on every side, and in bytes; transparency is kept."""
    with upload.open() as file:
        picture = images.decode(file)
    scale = min(1.0, MAX_DIMENSION_PIXELS / max(size))
    while True:
        pixels = images.resize(picture.rgba, Size(*(max(1, int(side * scale)) for side in size)))
        content = images.encode_png(pixels) if picture.has_alpha else images.encode_jpeg(pixels[..., :3], _QUALITY)
        if len(content) <= MAX_IMAGE_SIZE_BYTES:
            return Upload(content, f"{Path(upload.name).stem}.{'png' if picture.has_alpha else 'jpg'}")
        scale *= _STEP
