"""Ways in for legacy code."""

from pixian_shim.doors._alias import alias, unalias
from pixian_shim.doors._install import install, intercept, uninstall
from pixian_shim.doors._responses import no_answer, raise_for_status, response_of

__all__ = ["alias", "install", "intercept", "no_answer", "raise_for_status", "response_of", "unalias", "uninstall"]
