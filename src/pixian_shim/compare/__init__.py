"""Compare what two providers answered to the same photos: measure, look, decide. Needs the extra ``images``."""

from pixian_shim.compare._accept import Rule, Rules, load_rules
from pixian_shim.compare._ask import Questions
from pixian_shim.compare._causes import CAUSES, Cause, Finding, Level, findings, limits
from pixian_shim.compare._colour import ciede2000, ssim_on_white_and_black
from pixian_shim.compare._comparison import Account, Comparison, Row, RowSide
from pixian_shim.compare._edges import boundary_f, gradient_error
from pixian_shim.compare._folder import Folder, load_decisions
from pixian_shim.compare._histogram import AlphaHistogram
from pixian_shim.compare._history import history
from pixian_shim.compare._measure import Measures, measure
from pixian_shim.compare._prices import TEMPLATE as PRICES
from pixian_shim.compare._prices import Prices, load_prices
from pixian_shim.compare._regions import connectivity_error
from pixian_shim.compare._run import compare
from pixian_shim.compare._sides import Item, Originals, Side, side
from pixian_shim.compare._thresholds import Threshold
from pixian_shim.compare._verdict import Group, Verdict, verdict
from pixian_shim.compare._views import Views

__all__ = [
    "CAUSES",
    "PRICES",
    "Account",
    "AlphaHistogram",
    "Cause",
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
    "Row",
    "RowSide",
    "Rule",
    "Rules",
    "Side",
    "Threshold",
    "Verdict",
    "Views",
    "boundary_f",
    "ciede2000",
    "compare",
    "connectivity_error",
    "findings",
    "gradient_error",
    "history",
    "limits",
    "load_decisions",
    "load_prices",
    "load_rules",
    "measure",
    "side",
    "ssim_on_white_and_black",
    "verdict",
]
