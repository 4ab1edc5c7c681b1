"""What a session of one's own class has from rembg's: its network, what goes into that, and where its file lies.

Pixian's sessions have none of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg.failures import Rejected
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from PIL.Image import Image

UNCHECKED = "MODEL_CHECKSUM_DISABLED"
_GRAPHICS = ("CUDAExecutionProvider", "ROCMExecutionProvider")
_SMALLEST = 1e-6  # what a black picture is divided by


def loaded(path: str, options: Any, providers: Sequence[str] | None) -> Any:
    """Load the network in a file.

    Args:
        path: of the file.
        options: onnxruntime's, or ``None``.
        providers: where it runs; as rembg chooses among what is there, unless told otherwise.

    Raises:
        ConfigurationError: onnxruntime is not installed.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise ConfigurationError("a session of your own runs its network here: pip install onnxruntime") from error
    if providers is None:
        providers = _chosen(onnxruntime.get_device(), onnxruntime.get_available_providers())
    return onnxruntime.InferenceSession(path, sess_options=options, providers=providers)


def _chosen(device: str, there: Sequence[str]) -> list[str]:
    fast = [*(_GRAPHICS if device.startswith("GPU") else ()), "OpenVINOExecutionProvider"]
    return [*[name for name in fast if name in there][:1], "CPUExecutionProvider"]


def normalized(
    image: Image, mean: Sequence[float], std: Sequence[float], size: tuple[int, int]
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Make an image what networks are trained on.

    Args:
        image: of any mode that can be made RGB.
        mean: of each of the three channels, taken away after the brightest value has become 1.
        std: of each, divided by.
        size: width and height that the network wants.

    Returns:
        ``(1, 3, height, width)``, ``float32``.
    """
    import numpy as np
    from PIL import Image as Pillow

    small = np.asarray(image.convert("RGB").resize(size, Pillow.Resampling.LANCZOS))
    shares = small / max(small.max(), _SMALLEST)
    centred = (shares - [mean[n] for n in range(3)]) / [std[n] for n in range(3)]
    given: np.ndarray[Any, np.dtype[np.float32]] = centred.transpose(2, 0, 1)[np.newaxis].astype(np.float32)
    return given


def home() -> str:
    """Give the folder of rembg's files."""
    chosen = os.environ.get("U2NET_HOME") or os.environ.get("REMBG_HOME")
    data = os.environ.get("XDG_DATA_HOME")
    return str(Path(chosen or (f"{data}/rembg" if data else "~/.rembg")).expanduser())


def former_home() -> str:
    """Give the folder in which older releases kept every model."""
    chosen, data = os.environ.get("U2NET_HOME"), os.environ.get("XDG_DATA_HOME")
    return str(Path(chosen or (f"{data}/.u2net" if data else "~/.u2net")).expanduser())


def within(path: str | None) -> str:
    """Give the resolved path of a model of one's own, which has to lie in one of the two folders.

    Raises:
        Rejected: there is none, or it lies elsewhere.
    """
    if path is None:
        raise Rejected("model_path is required")
    found = Path(path).expanduser().resolve()
    homes = [Path(folder).resolve() for folder in (home(), former_home())]
    if not any(found.is_relative_to(folder) for folder in homes):
        raise Rejected(f"model_path must be within the models directory: {homes[0]}")
    return str(found)
