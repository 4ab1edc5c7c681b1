"""Ways in for legacy code, and what drop-ins are made of."""

from pixian_shim.doors._alias import alias, unalias
from pixian_shim.doors._destination import StrPath, check_destination, paid_for, save_result
from pixian_shim.doors._exchange import exchange, exchange_async
from pixian_shim.doors._install import install, intercept, uninstall
from pixian_shim.doors._responses import no_answer, raise_for_status, reason_of, refusal, response_of
from pixian_shim.doors._results import fetchable

__all__ = [
    "StrPath",
    "alias",
    "check_destination",
    "exchange",
    "exchange_async",
    "fetchable",
    "install",
    "intercept",
    "no_answer",
    "paid_for",
    "raise_for_status",
    "reason_of",
    "refusal",
    "response_of",
    "save_result",
    "unalias",
    "uninstall",
]
