"""The module ``rembg.sessions.base``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg.models import OWN
from pixian_adapters.rembg.versions import OF_REMOVE
from pixian_shim.pixian import Credentials

if TYPE_CHECKING:
    from PIL.Image import Image


class BaseSession:
    """A way to find the subject. A class of your own with its own ``predict`` is asked as in rembg.

    Attributes:
        model_name: what it was made with.
        inner_session: ``None``: there is no network here.
        options: what else it was made with.
    """

    def __init__(self, model_name: str, sess_opts: Any = None, *args: Any, **kwargs: Any) -> None:
        self.model_name, self.inner_session = model_name, None
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
