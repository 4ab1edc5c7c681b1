"""The package ``rembg.sessions``: a class for each model, all of which ask Pixian.

Each class can be imported from the module that it has in rembg, too. Those modules hold nothing else, so they are made
from the table of models instead of being two dozen files.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg.models import MODELS, OWN
from pixian_adapters.rembg.sessions.base import BaseSession, OnPixian

if TYPE_CHECKING:
    from pixian_adapters.rembg.models import Model


_BESIDE = {"isnet-general-use": "DisSessionGeneralUse"}
"""What a class is called in this package, where that is not its own name."""


def _made(model: Model) -> type[OnPixian]:
    """Make a model's class, and the module that it is imported from."""
    home = f"{__name__}.{model.home}"

    def name(_cls: type[OnPixian], *_args: Any, **_kwargs: Any) -> str:
        return model.name

    says = f"Stand for {model.name}: Pixian finds the subject."
    members = {"__doc__": says, "__module__": home, "name": classmethod(name)}
    made = type(model.session, (OnPixian,), members)
    module = sys.modules.get(home) or ModuleType(home, f"The module ``rembg.sessions.{model.home}``.")
    module.__spec__ = ModuleSpec(home, None)
    vars(module).update({model.session: made, "BaseSession": BaseSession})
    sys.modules[home] = module
    globals().update({model.home: module, _BESIDE.get(model.name, model.session): made})
    return made


sessions: dict[str, type[BaseSession]] = {model.name: _made(model) for model in (*MODELS, OWN)}
sessions_names = list(sessions)
sessions_class = list(sessions.values())
sessions_names_no_credentials: list[str] = []
"""Empty: Pixian wants credentials whichever name is used."""
sessions_names_downloadable: list[str] = []
"""Empty: there is nothing to download."""
