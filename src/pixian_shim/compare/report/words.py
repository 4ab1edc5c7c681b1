"""Say findings, money and seconds as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.compare.judging.causes import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pixian_shim.compare._comparison import Account, Comparison, Row
    from pixian_shim.compare.judging.causes import Finding

_CENTS = 0.1  # from which two digits say enough
_TIMES = 9.995  # from which a share, to three digits, is said as a multiple; as in model.js
PERCENTILES = ((0.5, 1), (0.95, 20), (0.99, 100))
"""Shares of answers, and from how many answers on they are told: of fewer it would be the slowest one."""


def strength(finding: Finding) -> str:
    """Say a cause and how strong it is."""
    unit, value = describe(finding.cause).unit, finding.value
    if unit == "CIEDE2000":
        said = f"{finding.cause} ΔE {value:.3g}"
    elif unit.startswith("of "):
        said = f"{finding.cause} {_share(min(value, 1.0) if finding.cause == 'edge' else value, unit)}"
    elif finding.cause == "size":
        said = f"size ×{1 + value:.3g}"  # noqa: RUF001 (the sign that is meant)
    else:
        said = finding.cause
    return f"{said} (accepted: {finding.accepted})" if finding.accepted else said


def _share(value: float, unit: str) -> str:
    """Say a share; thin parts count beside the outline, so that an edge may be more than all of it."""
    return f"{value:,.0f} times {unit.removeprefix('of ')}" if value >= _TIMES else f"{100 * value:.3g} % {unit}"


def reasons(row: Row) -> str:
    """Say why a row is not simply fine; empty where it is."""
    said = row.problem or ", ".join(strength(finding) for finding in row.findings)
    return said if said or not row.decision else f"{row.decision}ed by the reviewer"


def accounts(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    """Say what each side cost and how long it took: a heading and two cells a line."""
    sides = (comparison.left, comparison.right)
    yield "answers", *_both(f"{side.answers:,}" for side in sides)
    yield "credits", *_both(map(_credits, sides))
    yield f"{comparison.currency} in all", *_both(map(_amount, sides))
    if any(side.each is not None for side in sides):
        each = (None if side.each is None else 1000 * side.each for side in sides)
        yield f"{comparison.currency} for 1,000", *_both(map(money, each))
    for share, least in PERCENTILES:
        if least == 1 or any(len(side.seconds) >= least for side in sides):
            name = "answered within, median" if least == 1 else f"{share:.0%}".replace("%", " %")
            yield name, *_both(_within(side, share, least) for side in sides)


def _within(side: Account, share: float, least: int) -> str:
    return "too few" if 0 < len(side.seconds) < least else seconds(side.percentile(share))


def _both(cells: Iterable[str]) -> tuple[str, str]:
    left, right = cells
    return left, right


def _credits(account: Account) -> str:
    if account.answers == account.unknown:
        return "not known"
    return f"{account.credits:,g}" + (f" ({account.unknown} of unknown cost)" if account.unknown else "")


def _amount(account: Account) -> str:
    if account.money is None:
        return "no price known"
    told = [f"{account.estimated} at your price for a picture"] if account.estimated else []
    told += [f"{account.unpriced} of unknown price"] if account.unpriced else []
    return money(account.money) + (f" ({', '.join(told)})" if told else "")


def money(value: float | None) -> str:
    """Say an amount: cents, or two digits of what is less; empty where it is not known."""
    if value is None:
        return ""
    return f"{value:,.2f}" if value >= _CENTS or not value else f"{value:.2g}"


def seconds(value: float | None) -> str:
    """Say a duration; that it is not known where it is not."""
    if value is None:
        return "not timed"
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.0f} ms"
