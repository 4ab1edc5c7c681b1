"""The keywords that the README of ``removebg`` promises, which ``rembgpy`` has as well.

Both spell some of remove.bg's parameters differently: ``crop`` is switch and margin in one, ``bg`` needs a ``bg_type``.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from pixian_shim.translation import warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALLOWED: dict[str, tuple[str, ...]] = {
    "size": ("auto", "preview", "small", "regular", "medium", "hd", "full", "4k"),
    "type": (
        "auto",
        "person",
        "product",
        "animal",
        "car",
        "car_interior",
        "car_part",
        "transportation",
        "graphics",
        "other",
    ),
    "type_level": ("none", "latest", "1", "2"),
    "format": ("jpg", "zip", "png", "auto"),
    "channels": ("rgba", "alpha"),
}
"""What the packages let pass, in the order in which they look; the service itself knows some more."""

PLAIN = ("type", "type_level", "format", "roi", "scale", "position", "channels")
SWITCHES = {"shadow": "add_shadow", "semitransparency": "semitransparency"}


class Options(TypedDict, total=False):
    """Keywords beside source, size and name of the result."""

    type: str
    type_level: str
    format: str
    roi: str
    crop: str | bool | None
    scale: str
    position: str
    channels: str
    shadow: bool
    semitransparency: bool
    bg: str | None
    bg_type: str | None


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options among a function's arguments."""
    return {name: value for name, value in values.items() if name in Options.__annotations__}


def check(values: Mapping[str, Any], message: str) -> None:
    """Refuse what the packages refuse before anything is sent.

    Args:
        values: by keyword; those without a list of allowed values are not looked at.
        message: with ``{}`` for the keyword.

    Raises:
        ValueError: the first keyword whose value is not allowed.
        TypeError: there is no such keyword.
    """
    known = Options.__annotations__.keys() | {"size"}
    for name in values:
        if name not in known:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
    for name, allowed in ALLOWED.items():
        if name in values and values[name] not in allowed:
            raise ValueError(message.format(name))


@contextmanager
def on_the_wire(options: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give the options as remove.bg's own form fields and files.

    Raises:
        OSError: ``bg`` names a file that cannot be opened.
    """
    fields = {name: options[name] for name in PLAIN if name in options}
    fields |= {field: _switch(options[name]) for name, field in SWITCHES.items() if name in options}
    crop = options.get("crop")
    if "crop" in options:
        fields["crop"] = _switch(crop)
    if crop and crop is not True:
        fields["crop_margin"] = crop
    kind, background = options.get("bg_type"), options.get("bg")
    if kind == "path" and background is not None:
        with open(background, "rb") as file:  # noqa: PTH123 (the path stays as given, in errors)
            yield fields, {"bg_image_file": file}
        return
    if kind in ("color", "url"):
        fields["bg_color" if kind == "color" else "bg_image_url"] = background
    elif background:
        warn(f"bg={background!r} is left unused without a bg_type of 'path', 'color' or 'url'")
    yield fields, {}


def _switch(value: object) -> str:
    return "true" if value else "false"
