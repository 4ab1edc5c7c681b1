"""Pixian as one more session inside the real rembg, beside its own clouds.

::

    import rembg
    from pixian_adapters.rembg import register

    register()
    session = rembg.new_session("pixian")
    cutout = rembg.remove(photo, session=session)

Everything but the mask stays rembg's: its cutting out, its alpha matting, its command line with ``-m pixian``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from pixian_adapters.rembg.models import OWN
from pixian_adapters.rembg.sessions.base import OnPixian
from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import Credentials, Settings


def register() -> None:
    """Let the installed rembg know the session ``pixian``; call it before rembg's command line is imported.

    Raises:
        ConfigurationError: rembg is not installed, or cannot run here.
    """
    known = _rembg("sessions")
    if OWN.name in known.sessions_names:
        return
    made = pixian_session()
    known.sessions_names.append(OWN.name)
    known.sessions_class.append(made)
    getattr(known, "sessions", {})[OWN.name] = made  # older releases have no such dictionary


@cache
def pixian_session() -> type[Any]:
    """Make the class ``PixianSession``, a subclass of the installed rembg's ``BaseSession``.

    Raises:
        ConfigurationError: rembg is not installed, or cannot run here.
    """
    base: type[Any] = _rembg("sessions.base").BaseSession

    class PixianSession(OnPixian, base):  # type: ignore[misc]
        """Ask Pixian for the mask of each picture, which costs."""

        def __init__(self, model_name: str, sess_opts: Any = None, *args: Any, **kwargs: Any) -> None:
            """Find the credentials, and load no network.

            Args:
                model_name: ``pixian``.
                sess_opts: left aside.
                args: left aside.
                kwargs: ``api_key``, which is ``id:secret`` of Pixian, instead of credentials from the environment or a
                    settings file; ``timeout`` in seconds.

            Raises:
                ValueError: there are no credentials.
            """
            OnPixian.__init__(self, model_name, sess_opts, *args, **kwargs)
            _check_credentials(kwargs.get("api_key"))

        @classmethod
        def name(cls, *_args: Any, **_kwargs: Any) -> str:
            """Give its name."""
            return OWN.name

    PixianSession.__qualname__ = "PixianSession"
    return PixianSession


def _check_credentials(key: Any) -> None:
    from pixian_adapters.rembg.failures import Rejected

    if key is not None:
        if not isinstance(key, str) or Credentials.parse_key(key) is None:
            raise Rejected("api_key must be id:secret of a Pixian account")
        return
    try:
        Settings.resolve()
    except ConfigurationError as error:
        raise Rejected(f"pixian requires credentials: {error}") from error


def _rembg(module: str) -> Any:
    """Import a module of the installed rembg.

    Raises:
        ConfigurationError: it is not installed, or cannot run here.
    """
    try:
        return import_module(f"rembg.{module}")
    except ImportError as error:
        raise ConfigurationError(f'rembg cannot be imported: pip install "rembg[cpu]" ({error})') from error
    except SystemExit as error:  # what it does where onnxruntime is missing
        raise ConfigurationError('rembg ends the program without its runtime: pip install "rembg[cpu]"') from error


def __getattr__(name: str) -> Any:
    """Let the class that is made on demand be found by its name, by ``pickle`` as well."""
    if name == "PixianSession":
        return pixian_session()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
