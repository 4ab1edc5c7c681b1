"""Compare what two providers answered to the same photos: measure, look, decide. Needs the extra ``images``."""

from importlib import import_module

from pixian_shim.errors import MissingExtra

try:
    for needed in ("numpy", "PIL"):
        import_module(needed)
except ModuleNotFoundError as error:
    raise MissingExtra("images", "comparing pictures") from error

from pixian_shim.compare._comparison import Comparison, Row
from pixian_shim.compare._run import compare
from pixian_shim.compare.judging.accept import Rules, load_rules
from pixian_shim.compare.judging.causes import CAUSES, Finding, Level, findings, limits
from pixian_shim.compare.judging.prices import Prices, load_prices
from pixian_shim.compare.judging.verdict import Group, Verdict
from pixian_shim.compare.measuring.histogram import AlphaHistogram
from pixian_shim.compare.measuring.measure import Measures, measure
from pixian_shim.compare.measuring.views import Views
from pixian_shim.compare.report.folder import Folder
from pixian_shim.compare.report.serve import ReportServer
from pixian_shim.compare.report.thresholds import Threshold
from pixian_shim.compare.sides.ask import Questions
from pixian_shim.compare.sides.originals import Originals
from pixian_shim.compare.sides.sides import Item, Side, side

__all__ = [
    "CAUSES",
    "AlphaHistogram",
    "Comparison",
    "Finding",
    "Folder",
    "Group",
    "Item",
    "Level",
    "Measures",
    "Originals",
    "Prices",
    "Questions",
    "ReportServer",
    "Row",
    "Rules",
    "Side",
    "Threshold",
    "Verdict",
    "Views",
    "compare",
    "findings",
    "limits",
    "load_prices",
    "load_rules",
    "measure",
    "side",
]
