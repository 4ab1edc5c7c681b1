"""What a body really is, whatever its content type says."""

from __future__ import annotations

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_CONTAINERS: tuple[tuple[bytes, bytes, str], ...] = (
    (b"RIFF", b"WEBP", "image/webp"),
    (b"", b"ftypavif", "image/avif"),
    (b"", b"ftypheic", "image/heic"),
)
_ENDS: dict[str, bytes] = {"image/png": b"IEND\xaeB`\x82", "image/jpeg": b"\xff\xd9"}
_TAIL = 1024  # some encoders append a few bytes

SUFFIXES: dict[str, str] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
}
"""Usual file name suffixes, by content type."""


def content_type_of(head: bytes) -> str | None:
    """Recognise a picture by its first 12 bytes or more; ``None`` for anything else."""
    for start, media_type in _STARTS:
        if head.startswith(start):
            return media_type
    for start, mark, media_type in _CONTAINERS:
        if head.startswith(start) and head[4 if not start else 8 :].startswith(mark):
            return media_type
    return None


def answer_type_of(head: bytes) -> str | None:
    """Recognise what Pixian answers with, PNG and JPEG; ``None`` for anything else."""
    found = content_type_of(head)
    return found if found in _ENDS else None


def cut_off(content: bytes, content_type: str) -> bool:
    """Tell whether a PNG or JPEG lacks its end, as after a wrong ``Content-Length``."""
    end = _ENDS.get(content_type)
    return end is not None and end not in content[-_TAIL:]
