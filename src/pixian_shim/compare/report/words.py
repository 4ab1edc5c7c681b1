"""Say findings, money and seconds as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.compare.judging.causes import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pixian_shim.compare._comparison import Account, Comparison, Row
    from pixian_shim.compare.judging.causes import Finding

_CENTS = 0.1  # from which two digits say enough
_MANY = 1000  # per cent from which digits behind the point say nothing


def strength(finding: Finding) -> str:
    """Say a cause and how strong it is."""
    unit, value = describe(finding.cause).unit, finding.value
    if unit == "CIEDE2000":
        said = f"{finding.cause} ΔE {value:.3g}"
    elif unit.startswith("of "):
        share = 100 * value
        said = f"{finding.cause} {f'{share:,.0f}' if share >= _MANY else f'{share:.3g}'} % {unit}"
    elif finding.cause == "size":
        said = f"size ×{1 + value:.3g}"  # noqa: RUF001 (the sign that is meant)
    else:
        said = finding.cause
    return f"{said} (accepted: {finding.accepted})" if finding.accepted else said


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
    for name, share in (("answered within, median", 0.5), ("95 %", 0.95), ("99 %", 0.99)):
        yield name, *_both(seconds(side.percentile(share)) for side in sides)


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
