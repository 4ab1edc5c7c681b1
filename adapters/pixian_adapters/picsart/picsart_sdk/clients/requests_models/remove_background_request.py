"""The words that ``remove_background`` takes; their values may be given as well."""

from __future__ import annotations

from enum import Enum


class RemoveBackgroundOutputType(str, Enum):  # noqa: UP042 (what it is written as in a text, programs may rely on)
    """What the result shows."""

    CUTOUT = "cutout"
    MASK = "mask"


class RemoveBackgroundScale(str, Enum):  # noqa: UP042
    """How the photo is laid out on the canvas."""

    FIT = "fit"
    FILL = "fill"


class RemoveBackgroundShadow(str, Enum):  # noqa: UP042
    """Where the shadow falls."""

    DISABLED = "disabled"
    CUSTOM = "custom"
    BOTTOM_RIGHT = "bottom-right"
    BOTTOM = "bottom"
    BOTTOM_LEFT = "bottom-left"
    LEFT = "left"
    RIGHT = "right"
    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
