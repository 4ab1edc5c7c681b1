"""Ways in for legacy code."""

from pixian_shim.doors._install import install, intercept, uninstall
from pixian_shim.doors._responses import no_answer, prepared_request, raise_for_status, reason_of, response_of

__all__ = [
    "install",
    "intercept",
    "no_answer",
    "prepared_request",
    "raise_for_status",
    "reason_of",
    "response_of",
    "uninstall",
]
