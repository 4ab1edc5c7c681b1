"""Run code that was written against another background-removal provider on the Pixian.AI v2 API."""

from pixian_shim.doors import install, intercept, uninstall
from pixian_shim.shim import AsyncShim, Shim, using
from pixian_shim.translation import Policy, TranslationWarning, Verdict, providers

__all__ = [
    "AsyncShim",
    "Policy",
    "Shim",
    "TranslationWarning",
    "Verdict",
    "install",
    "intercept",
    "providers",
    "uninstall",
    "using",
]
