"""Read a comparison that was written as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_shim._documents import fields_of, is_number, listed, shown
from pixian_shim.compare._comparison import ACCEPT, FORMAT, REJECT, Account, Comparison, Row, RowSide, ordered
from pixian_shim.compare._work import Told
from pixian_shim.compare.judging.causes import CAUSES, Finding, Level
from pixian_shim.compare.measuring.measure import Measures
from pixian_shim.errors import ConfigurationError
from pixian_shim.geometry import Box

if TYPE_CHECKING:
    from pixian_shim.compare.judging.causes import Limits

_CAUSES = tuple(cause.name for cause in CAUSES)


@attrs.frozen
class _Limit:
    """As it is written for one cause."""

    look: float
    bad: float


def from_json(told: object) -> Comparison:
    """Give the comparison that ``Comparison.as_json`` wrote; numbers have five digits.

    Raises:
        ConfigurationError: it is none, or of another version of this package; the message begins with the place.
    """
    if not isinstance(told, dict):
        raise ConfigurationError(f"it must be an object, not {shown(told)}")
    if told.get("format") != FORMAT:
        raise ConfigurationError(f"it has format {shown(told.get('format'))}, and {FORMAT} is read here")
    known = fields_of(Comparison, told, "the document")
    rows = [_row(row, f"rows[{number}]") for number, row in enumerate(listed(known["rows"], "rows"))]
    known["left"] = _account(told["left"], "left", [row.left for row in rows])
    known["right"] = _account(told["right"], "right", [row.right for row in rows])
    known["limits"], known["rows"] = _limits(told["limits"]), tuple(ordered(rows))
    return Comparison(**known)


def _account(told: object, place: str, sides: list[RowSide | None]) -> Account:
    times = sorted(side.seconds for side in sides if side is not None and side.seconds is not None)
    seconds = {"seconds": times}  # of a document they are another thing: they follow from the rows
    return Account(**fields_of(Account, told | seconds if isinstance(told, dict) else told, place))


def _limits(told: object) -> Limits:
    if not isinstance(told, dict):
        raise ConfigurationError(f"limits must be an object, not {shown(told)}")
    limits = {}
    for cause, limit in told.items():
        pair = fields_of(_Limit, limit, f"limits.{cause}")
        limits[cause] = (pair["look"], pair["bad"])
    return limits


def _row(told: object, place: str) -> Row:
    known = fields_of(Row, told, place)
    known["measures"] = _measures(known.get("measures"), f"{place}.measures")
    findings = listed(known.get("findings", []), f"{place}.findings")
    known["findings"] = tuple(_finding(one, f"{place}.findings[{number}]") for number, one in enumerate(findings))
    for side in ("left", "right"):
        known[side] = _side(known.get(side), f"{place}.{side}")
    _one_of(known.get("decision", ""), ("", ACCEPT, REJECT), f"{place}: decision")
    return Row(**known)


def _measures(told: object, place: str) -> Measures | None:
    if told is None:
        return None
    known = fields_of(Measures, told, place)
    if known["spot"] is not None:
        sides = listed(known["spot"], f"{place}: spot")
        if len(sides) != len(Box._fields) or not all(map(is_number, sides)):
            raise ConfigurationError(f"{place}: spot must be four numbers: {', '.join(Box._fields)}")
        known["spot"] = Box(*sides)
    return Measures(**known)


def _finding(told: object, place: str) -> Finding:
    known = fields_of(Finding, told, place)
    _one_of(known["cause"], _CAUSES, f"{place}: cause")
    _one_of(known["level"], tuple(Level), f"{place}: level")
    known["level"] = Level(known["level"])
    return Finding(**known)


def _side(told: object, place: str) -> RowSide | None:
    if told is None:
        return None
    known = fields_of(RowSide, told, place)
    known["told"] = Told(**fields_of(Told, known.get("told"), f"{place}.told"))
    return RowSide(**known)


def _one_of(value: object, words: tuple[str, ...], place: str) -> None:
    if value not in words:
        named = ", ".join(repr(str(word)) for word in words)
        raise ConfigurationError(f"{place} must be one of {named}, not {shown(value)}")
