"""Pixian v2 on loopback: an embedded server for tests, demos and rehearsals that really removes backgrounds.

What looks after files that are not ours (the model, the demo photos) is imported when one is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pixian_shim.sandbox._credits import per_megapixel
from pixian_shim.sandbox._engines import PRESETS, Engine, Model, Preset
from pixian_shim.sandbox._faults import KINDS, Fault, FaultKind
from pixian_shim.sandbox._journal import Entry
from pixian_shim.sandbox._server import Sandbox, serve

if TYPE_CHECKING:
    from pixian_shim.sandbox._assets import Photo, asset, photos

__all__ = [
    "KINDS",
    "PRESETS",
    "Engine",
    "Entry",
    "Fault",
    "FaultKind",
    "Model",
    "Photo",
    "Preset",
    "Sandbox",
    "asset",
    "per_megapixel",
    "photos",
    "serve",
]

_ASSETS = ("Photo", "asset", "photos")


def __getattr__(name: str) -> object:
    """Import what concerns assets at its first use.

    Raises:
        AttributeError: there is no such name.
    """
    if name not in _ASSETS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}._assets"), name)
    globals()[name] = found
    return found
