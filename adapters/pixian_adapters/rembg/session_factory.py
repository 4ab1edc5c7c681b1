"""The module ``rembg.session_factory``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg.failures import Rejected
from pixian_adapters.rembg.models import BY_NAME
from pixian_adapters.rembg.sessions import sessions_class
from pixian_adapters.rembg.sessions.base import OnPixian

if TYPE_CHECKING:
    from pixian_adapters.rembg.sessions.base import BaseSession


def new_session(model_name: str = "bria-rmbg", *args: Any, sess_opts: Any = None, **kwargs: Any) -> BaseSession:
    """Make a session, which is a name and no network: Pixian is asked when it is used.

    Args:
        model_name: any of rembg's names, ``pixian``, or that of a class of your own in ``sessions_class``.
        args: left aside.
        sess_opts: left aside.
        kwargs: ``api_key="id:secret"`` and ``timeout=`` with the model ``pixian``; everything else is left aside.

    Raises:
        ValueError: there is no such model, or Pixian cannot do what it does.
    """
    found = next((known for known in sessions_class if known.name() == model_name), None)
    if found is None:
        raise Rejected(f"No session class found for model '{model_name}'")
    model = BY_NAME.get(model_name)
    if model is not None and model.kind == "refused" and issubclass(found, OnPixian):
        raise Rejected(model.refusal)
    return found(model_name, sess_opts, *args, **kwargs)
