"""An engine with a segmentation network: u2netp, or an own ONNX file."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.sandbox._guided import refine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from pixian_shim.images._pixels import Pixels
    from pixian_shim.sandbox._engines import Preset

NO_SUBJECT_BELOW = 0.3
"""The largest raw value for pictures without a subject is at most 0.21, for photos at least 0.99 (measured)."""

STRETCH = 0.1, 0.9
"""This range of the filtered matte becomes nothing to opaque."""


class Network:
    """Ask a network for a coarse matte, then sharpen it along the photo's edges.

    Args:
        path: gives the ONNX file, asked when the first picture comes.
        preset: how the network wants its input.
        mirrored: whether to average with the mirrored photo.
    """

    def __init__(self, path: Callable[[], Path], preset: Preset, *, mirrored: bool = False) -> None:
        self._path, self._preset, self._mirrored = path, preset, mirrored
        self._lock = Lock()
        self._session: Any = None

    def matte(self, rgb: Pixels) -> Pixels:
        """Give the alpha of each pixel; all 0 where the network is not sure of anything.

        Raises:
            ConfigurationError: the model cannot be had or loaded.
            MissingExtra: onnxruntime is not installed.
        """
        raw = self._coarse(rgb)
        low, high = float(raw.min()), float(raw.max())
        if high < NO_SUBJECT_BELOW:  # scaling would invent a subject out of nothing
            return np.zeros(rgb.shape[:2], np.uint8)
        scaled = (raw - np.float32(low)) / np.float32(max(high - low, 1e-6))
        return refine(rgb, scaled, STRETCH)

    def _coarse(self, rgb: Pixels) -> NDArray[np.float32]:
        small = self._shrunk(rgb)
        raw = self._run(small)
        if self._mirrored:
            raw = (raw + self._run(small[:, ::-1])[:, ::-1]) * np.float32(0.5)
        return raw

    def _shrunk(self, rgb: Pixels) -> NDArray[np.float32]:
        """Stretch to the network's square: neither letterboxed nor enlarged inputs work as well (measured)."""
        side = self._preset.side
        kernel = Image.Resampling.BOX if min(rgb.shape[:2]) >= side else Image.Resampling.BILINEAR
        small = np.asarray(Image.fromarray(rgb).resize((side, side), kernel), np.float32)
        return small * (255 / max(float(small.max()), 1e-6)) if self._preset.by_maximum else small

    def _run(self, square: NDArray[np.float32]) -> NDArray[np.float32]:
        session = self._loaded()
        preset = self._preset
        values = (square - np.array(preset.mean, np.float32)) / np.array(preset.scale, np.float32)
        wanted = _output(session, preset.output)
        (output,) = session.run([wanted], {session.get_inputs()[0].name: values.transpose(2, 0, 1)[np.newaxis]})
        return np.asarray(output, np.float32).reshape(output.shape[-2:])

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _session(self._path())
            return self._session


def _output(session: Any, number: int) -> str:
    names = [output.name for output in session.get_outputs()]
    if not 0 <= number < len(names):
        raise ConfigurationError(f"the model has {len(names)} outputs, there is no output {number} (counted from 0)")
    return str(names[number])


def _session(path: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra("sandbox", "removing backgrounds with a network") from error
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # a third less memory for a fifth more time
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no class of their own
        raise ConfigurationError(f"the model {path} cannot be loaded: {error}") from error
