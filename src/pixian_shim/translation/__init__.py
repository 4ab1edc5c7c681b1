"""Calls, rules, verdicts, plans, notes and policy: how a legacy request becomes one to Pixian. Pure."""

from pixian_shim.translation._adapters import Adapter, Endpoint, LegacyError, load, providers
from pixian_shim.translation._calls import Call, Cutout, HttpRequest, HttpResponse
from pixian_shim.translation._colours import Colour, parse_colour
from pixian_shim.translation._error_object import ErrorObject
from pixian_shim.translation._forms import Form
from pixian_shim.translation._hiding import safe, shown
from pixian_shim.translation._incumbent import Incumbent
from pixian_shim.translation._notes import (
    Note,
    Policy,
    TranslationWarning,
    Verdict,
    calling_frame,
    calling_from,
    enforce,
    forget_warnings,
    unheard,
    warn,
)
from pixian_shim.translation._plans import (
    CropToForeground,
    DropShadow,
    Encoding,
    FillColour,
    FillImage,
    Output,
    PlaceSubject,
    Plan,
    Region,
    Step,
    Task,
)
from pixian_shim.translation._rules import Confidence, Draft, Outcome, Rule, RuleTable, as_text, no_change

__all__ = [
    "Adapter",
    "Call",
    "Colour",
    "Confidence",
    "CropToForeground",
    "Cutout",
    "Draft",
    "DropShadow",
    "Encoding",
    "Endpoint",
    "ErrorObject",
    "FillColour",
    "FillImage",
    "Form",
    "HttpRequest",
    "HttpResponse",
    "Incumbent",
    "LegacyError",
    "Note",
    "Outcome",
    "Output",
    "PlaceSubject",
    "Plan",
    "Policy",
    "Region",
    "Rule",
    "RuleTable",
    "Step",
    "Task",
    "TranslationWarning",
    "Verdict",
    "as_text",
    "calling_frame",
    "calling_from",
    "enforce",
    "forget_warnings",
    "load",
    "no_change",
    "parse_colour",
    "providers",
    "safe",
    "shown",
    "unheard",
    "warn",
]
