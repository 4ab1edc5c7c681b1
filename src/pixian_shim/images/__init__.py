"""Work on pixels: guarded decoding, boxes, placing, compositing, encoding, Delta PNG.

Reading a header needs the standard library only. Everything else needs the extra ``images`` (numpy and Pillow) and is
imported at its first use, so that importing this package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pixian_shim.errors import MissingExtra
from pixian_shim.images._header import Header, may_be_transparent, read_header

if TYPE_CHECKING:
    from pixian_shim.images._arrange import Layout, arrange, lay_out, show_through
    from pixian_shim.images._blur import bokeh, gaussian
    from pixian_shim.images._cast import cast_shadow
    from pixian_shim.images._composite import (
        apply_matte,
        enlarge,
        keep_colours,
        over_colour,
        over_image,
        over_tint,
        uncover,
    )
    from pixian_shim.images._decode import Picture, decode
    from pixian_shim.images._delta import apply_delta, make_delta, rebuild_delta
    from pixian_shim.images._encode import (
        check_writable,
        encode,
        encode_avif,
        encode_jpeg,
        encode_webp,
        longest_side,
        zip_cutout,
    )
    from pixian_shim.images._fringe import remove_fringe
    from pixian_shim.images._harden import harden
    from pixian_shim.images._outline import outline
    from pixian_shim.images._pixels import Pixels
    from pixian_shim.images._place import (
        crop,
        crop_to_foreground,
        extend,
        foreground_box,
        place_subject,
        placed,
        put_back,
        resize,
    )
    from pixian_shim.images._png import encode_png
    from pixian_shim.images._shadow import drop_shadow

__all__ = [
    "Header",
    "Layout",
    "Picture",
    "Pixels",
    "apply_delta",
    "apply_matte",
    "arrange",
    "bokeh",
    "cast_shadow",
    "check_writable",
    "crop",
    "crop_to_foreground",
    "decode",
    "drop_shadow",
    "encode",
    "encode_avif",
    "encode_jpeg",
    "encode_png",
    "encode_webp",
    "enlarge",
    "extend",
    "foreground_box",
    "gaussian",
    "harden",
    "keep_colours",
    "lay_out",
    "longest_side",
    "make_delta",
    "may_be_transparent",
    "outline",
    "over_colour",
    "over_image",
    "over_tint",
    "place_subject",
    "placed",
    "put_back",
    "read_header",
    "rebuild_delta",
    "remove_fringe",
    "resize",
    "show_through",
    "uncover",
    "zip_cutout",
]

_MODULES = {
    "_arrange": ("Layout", "arrange", "lay_out", "show_through"),
    "_blur": ("bokeh", "gaussian"),
    "_cast": ("cast_shadow",),
    "_composite": (*("apply_matte", "enlarge", "keep_colours", "over_colour", "over_image", "over_tint", "uncover"),),
    "_decode": ("Picture", "decode"),
    "_delta": ("apply_delta", "make_delta", "rebuild_delta"),
    "_encode": (
        *("check_writable", "encode", "encode_avif", "encode_jpeg", "encode_webp", "longest_side", "zip_cutout"),
    ),
    "_fringe": ("remove_fringe",),
    "_harden": ("harden",),
    "_outline": ("outline",),
    "_pixels": ("Pixels",),
    "_place": (
        *("crop", "crop_to_foreground", "extend", "foreground_box", "place_subject", "placed", "put_back", "resize"),
    ),
    "_png": ("encode_png",),
    "_shadow": ("drop_shadow",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a pixel function at its first use.

    Raises:
        AttributeError: there is no such name.
        MissingExtra: numpy or Pillow is not installed.
    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("numpy", "PIL"):
            raise
        raise MissingExtra("images", "working on pixels") from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
