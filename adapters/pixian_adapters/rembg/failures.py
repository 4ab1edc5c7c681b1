"""What rembg's callers catch, which is ours as well.

rembg has no exceptions of its own: ``ValueError`` for what it does not take, ``RuntimeError`` for what its sessions in
the cloud meet, and Pillow's ``UnidentifiedImageError`` for what is no picture.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pixian_shim.errors import (
    ApiError,
    ConfigurationError,
    ImageError,
    MissingExtra,
    ResponseError,
    ShimError,
    TooLarge,
    TranslationError,
    TransportError,
)

_UNREADABLE = 1006


class Rejected(ShimError, ValueError):
    """An input, a model or a setting that cannot be used; nothing was sent."""


class Damaged(ImageError, OSError):
    """A picture that Pillow opens, and cannot read to its end."""


class RequestFailed(ShimError, RuntimeError):
    """Pixian answered with an error, or not at all; ``__cause__`` tells which, and whether it may have been charged."""


@cache
def unidentified() -> type[Exception]:
    """Give the class for what is no picture: Pillow's own, and ours; without Pillow an ``OSError``."""
    try:
        from PIL import UnidentifiedImageError as Theirs
    except ImportError:
        Theirs = type("UnidentifiedImageError", (OSError,), {})  # type: ignore[assignment, misc]  # noqa: N806
    return type("UnidentifiedImageError", (ImageError, Theirs), {"__module__": __name__})


def of_pillow(error: Exception) -> Exception:
    """Give what is raised for a file's picture that Pillow cannot read; its decoders raise nearly anything."""
    from PIL import Image

    if isinstance(error, Image.DecompressionBombError):
        return Rejected(f"the picture is too large: {error}")
    return Damaged(str(error) or type(error).__name__)


def of(error: ShimError) -> Exception:
    """Give what rembg would have raised, with the reason as its cause and what was paid for as ``result``."""
    raised = _translated(error)
    if raised is not error:
        for name in ("result", "attempts", "possible_double_charge"):
            if hasattr(error, name):
                setattr(raised, name, getattr(error, name))
        raised.__cause__ = error
    return raised


def _translated(error: ShimError) -> Exception:
    match error:
        case MissingExtra():
            return error
        case TranslationError() | ConfigurationError() | TooLarge():
            return Rejected(str(error))
        case ImageError():
            return unidentified()(str(error))
        case ApiError(code=code) if code == _UNREADABLE:
            return unidentified()(error.message.strip())
        case ApiError() | ResponseError():
            message = error.message.strip() or str(error)
            return RequestFailed(f"pixian API error ({error.status}): {message}")
        case TransportError():
            return RequestFailed(f"pixian API request failed: {error}")
        case _:
            return RequestFailed(f"pixian: {error}")


def __getattr__(name: str) -> Any:
    """Let the class that is made on demand be found by its name, by ``pickle`` as well."""
    if name == "UnidentifiedImageError":
        return unidentified()
    raise AttributeError(name)
