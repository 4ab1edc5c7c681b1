"""The module ``rembg.sessions.base``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg import networks
from pixian_adapters.rembg.models import OWN
from pixian_adapters.rembg.versions import OF_REMOVE
from pixian_shim.pixian import Credentials

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image


class BaseSession:
    """A way to find the subject. A class of your own with its own ``predict`` is asked as in rembg.

    Attributes:
        model_name: what it was made with.
        inner_session: the network that a class of your own gets with its ``download_models``; ``None`` for all others.
        options: what else it was made with.
    """

    def __init__(self, model_name: str, sess_opts: Any = None, *args: Any, **kwargs: Any) -> None:
        self.model_name = model_name
        self.inner_session: Any = None
        further = {name: value for name, value in kwargs.items() if name != "providers"}
        path = self.download_models(*args, **further)
        if path:
            self.inner_session = networks.loaded(str(path), sess_opts, kwargs.get("providers"))
        self.options: dict[str, Any] = dict(kwargs)
        if sess_opts is not None:
            self.options["sess_opts"] = sess_opts
        if args:
            self.options["*args"] = args

    def __repr__(self) -> str:
        """Show the model, and no key."""
        return f"{type(self).__name__}({self.model_name!r})"

    def predict(self, img: Image, *args: Any, **kwargs: Any) -> list[Image]:
        """Give the masks of an image, each grey and of its size.

        Raises:
            NotImplementedError: here; a class of one's own says how, as in rembg.
        """
        raise NotImplementedError

    def normalize(
        self,
        img: Image,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
        size: tuple[int, int],
        *_args: Any,
        **_kwargs: Any,
    ) -> dict[str, np.ndarray[Any, Any]]:
        """Give what the network is run with: ``(1, 3, height, width)`` of ``float32``, under its first input's name."""
        first: str = self.inner_session.get_inputs()[0].name
        return {first: networks.normalized(img, mean, std, size)}

    @classmethod
    def rembg_home(cls, *_args: Any, **_kwargs: Any) -> str:
        """Give the folder of rembg's files."""
        return networks.home()

    @classmethod
    def u2net_home(cls, *_args: Any, **_kwargs: Any) -> str:
        """Give the same, under its former name."""
        return networks.home()

    @classmethod
    def legacy_home(cls, *_args: Any, **_kwargs: Any) -> str:
        """Give the folder in which older releases kept every model."""
        return networks.former_home()

    @classmethod
    def model_dir(cls, *_args: Any, **_kwargs: Any) -> str:
        """Give the folder of this model's files."""
        return str(Path(networks.home(), "models", cls.name()))

    @classmethod
    def resolve_existing(cls, fname: str, *_args: Any, **_kwargs: Any) -> str | None:
        """Find a file of this model, also where older releases kept it."""
        places = (Path(folder, fname) for folder in (cls.model_dir(), cls.legacy_home()))
        return next((str(path) for path in places if path.exists()), None)

    @classmethod
    def validate_model_path(cls, *_args: Any, **kwargs: Any) -> str:
        """Give the resolved ``model_path=``.

        Raises:
            ValueError: there is none, or it lies outside the folders of models.
        """
        return networks.within(kwargs.get("model_path"))

    @classmethod
    def checksum_disabled(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell whether downloads are not checked."""
        return networks.UNCHECKED in os.environ

    @classmethod
    def is_local(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell whether pictures stay on this machine."""
        return True

    @classmethod
    def requires_credentials(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell whether somebody has to pay."""
        return False

    @classmethod
    def has_usage_cost(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell whether each picture costs."""
        return False

    @classmethod
    def download_models(cls, *_args: Any, **_kwargs: Any) -> str:
        """Download nothing."""
        return ""

    @classmethod
    def name(cls, *_args: Any, **_kwargs: Any) -> str:
        """Give the name that ``new_session`` knows it by.

        Raises:
            NotImplementedError: here; a class of one's own has a name, as in rembg.
        """
        raise NotImplementedError


class OnPixian(BaseSession):
    """A session of any model's name, for which Pixian finds the subject."""

    @property
    def key(self) -> str | None:
        """``id:secret`` of Pixian, where it was made with such; a key of another service is never used."""
        key = self.options.get("api_key") if self.model_name == OWN.name else None
        return key if isinstance(key, str) and Credentials.parse_key(key) else None

    @property
    def timeout(self) -> float | None:
        """Seconds without a byte from Pixian, where it was made for Pixian with such."""
        seconds = self.options.get("timeout") if self.model_name == OWN.name else None
        return float(seconds) if seconds else None

    def predict(self, img: Image, *_args: Any, **kwargs: Any) -> list[Image]:
        """Ask Pixian for the matte.

        Args:
            img: upright.
            kwargs: what ``remove`` hands on, as it is none of its own: ``test=True`` asks for test mode, which is free.

        Raises:
            RuntimeError: Pixian answered with an error, or not at all.
        """
        from pixian_adapters.rembg import pictures

        further = {name: value for name, value in kwargs.items() if name not in OF_REMOVE}
        if "test" in further:
            further["test"] = bool(further["test"])
        arguments = {"session": self.model_name, **self.options, **further}
        return [pictures.matte(img, arguments, self.key, self.timeout)]

    @classmethod
    def is_local(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell that pictures go to Pixian."""
        return False

    @classmethod
    def requires_credentials(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell that Pixian wants an API Id and Secret."""
        return True

    @classmethod
    def has_usage_cost(cls, *_args: Any, **_kwargs: Any) -> bool:
        """Tell that each picture costs credits."""
        return True
