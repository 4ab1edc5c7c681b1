"""Run code that was written against another background-removal provider on the Pixian.AI v2 API.

Names are imported at their first use: the sandbox, for one, needs none of them and starts in half the time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixian_shim.doors import alias, install, intercept, unalias, uninstall
    from pixian_shim.shim import AsyncShim, Shim, using
    from pixian_shim.translation import Policy, TranslationWarning, Verdict, providers

__all__ = [
    "AsyncShim",
    "Policy",
    "Shim",
    "TranslationWarning",
    "Verdict",
    "alias",
    "install",
    "intercept",
    "providers",
    "unalias",
    "uninstall",
    "using",
]

_HOMES = {
    "doors": ("alias", "install", "intercept", "unalias", "uninstall"),
    "shim": ("AsyncShim", "Shim", "using"),
    "translation": ("Policy", "TranslationWarning", "Verdict", "providers"),
}


def __getattr__(name: str) -> object:
    """Import a public name from its home.

    Raises:
        AttributeError: there is no such name.
    """
    for home, names in _HOMES.items():
        if name in names:
            found: object = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
