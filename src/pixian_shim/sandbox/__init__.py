"""Pixian v2 on loopback: an embedded server for tests, demos and rehearsals that really removes backgrounds."""

from pixian_shim.sandbox._assets import Photo, asset, photos
from pixian_shim.sandbox._credits import per_megapixel
from pixian_shim.sandbox._engines import PRESETS, Engine, Model, Preset
from pixian_shim.sandbox._faults import KINDS, Fault, FaultKind
from pixian_shim.sandbox._journal import Entry
from pixian_shim.sandbox._server import Sandbox, serve

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
