"""Read a comparison that was written as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.compare._comparison import FORMAT, Account, Comparison, Row, RowSide, ordered
from pixian_shim.compare._work import Told
from pixian_shim.compare.judging.causes import Finding, Level
from pixian_shim.compare.measuring.measure import Measures
from pixian_shim.errors import ConfigurationError
from pixian_shim.geometry import Box

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPUTED = frozenset({"seconds"})  # of an account: follow from the rows


def from_json(told: Mapping[str, Any]) -> Comparison:
    """Give the comparison that ``Comparison.as_json`` wrote; numbers have five digits.

    Raises:
        ConfigurationError: it is none, or of another version of this package.
    """
    try:
        if told["format"] != FORMAT:
            raise ConfigurationError(f"it has format {told['format']!r}; {FORMAT} is read here: compare once more")
        rows = [_row(row) for row in told["rows"]]
        return Comparison(
            rows=tuple(ordered(rows)),
            left=_account(told["left"], [row.left for row in rows]),
            right=_account(told["right"], [row.right for row in rows]),
            limits={name: (limit["look"], limit["bad"]) for name, limit in told["limits"].items()},
            noise=dict(told["noise"]),
            noise_pairs=told["noise_pairs"],
            skipped=tuple(told["skipped"]),
            currency=told["currency"],
            made=told["made"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"it is no comparison: {type(error).__name__} {error}") from error


def _known(kind: type[attrs.AttrsInstance], told: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was written for machines only."""
    return {field.name: told[field.name] for field in attrs.fields(kind) if field.name in told}


def _account(told: Mapping[str, Any], sides: list[RowSide | None]) -> Account:
    seconds = sorted(side.seconds for side in sides if side is not None and side.seconds is not None)
    known = _known(Account, {name: value for name, value in told.items() if name not in _COMPUTED})
    return Account(seconds=tuple(seconds), **known)


def _row(told: Mapping[str, Any]) -> Row:
    known = _known(Row, told)
    measures = told["measures"]
    if measures is not None:
        fields = _known(Measures, measures)
        fields["spot"] = None if fields["spot"] is None else Box(*fields["spot"])
        measures = Measures(**fields)
    known["measures"], known["findings"] = measures, tuple(_finding(one) for one in told["findings"])
    known["left"], known["right"] = _side(told["left"]), _side(told["right"])
    return Row(**known)


def _finding(told: Mapping[str, Any]) -> Finding:
    known = _known(Finding, told)
    known["level"] = Level(told["level"])
    return Finding(**known)


def _side(told: Mapping[str, Any] | None) -> RowSide | None:
    if told is None:
        return None
    about, known = _known(Told, told["told"]), _known(RowSide, told)
    for name in ("metadata", "notes"):
        about[name] = tuple(about[name])
    known["told"] = Told(**about)
    return RowSide(**known)
