"""Keeps a provider's answers before it is gone, and answers from them afterwards."""

from pixian_shim.baseline._exchange import Exchange, Question
from pixian_shim.baseline._pictures import Taken, take_lacking
from pixian_shim.baseline._record import Recording
from pixian_shim.baseline._replay import Replay, Verified, verify
from pixian_shim.baseline._report import Report
from pixian_shim.baseline._services import Service, rembg, through_shim
from pixian_shim.baseline._store import Store
from pixian_shim.baseline._writer import BaselineWriter

__all__ = [
    "BaselineWriter",
    "Exchange",
    "Question",
    "Recording",
    "Replay",
    "Report",
    "Service",
    "Store",
    "Taken",
    "Verified",
    "rembg",
    "take_lacking",
    "through_shim",
    "verify",
]
