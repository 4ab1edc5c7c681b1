"""Say findings, money and seconds as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.compare._causes import describe

if TYPE_CHECKING:
    from pixian_shim.compare._causes import Finding
    from pixian_shim.compare._comparison import Account, Row


def strength(finding: Finding) -> str:
    """Say a cause and how strong it is."""
    unit, value = describe(finding.cause).unit, finding.value
    if unit == "CIEDE2000":
        said = f"{finding.cause} ΔE {value:.3g}"
    elif unit.startswith("of "):
        said = f"{finding.cause} {100 * value:.3g} % {unit}"
    elif finding.cause == "size":
        said = f"size ×{1 + value:.3g}"  # noqa: RUF001 (the sign that is meant)
    else:
        said = finding.cause
    return f"{said} (accepted: {finding.accepted})" if finding.accepted else said


def reasons(row: Row) -> str:
    """Say why a row is not simply fine; empty where it is."""
    said = row.problem or ", ".join(strength(finding) for finding in row.findings)
    return said if said or not row.decision else f"{row.decision}ed by the reviewer"


def amount(account: Account) -> str:
    """Say the money of a side."""
    return "no price known" if account.money is None else f"{account.money:,.2f}"


def credit(account: Account) -> str:
    """Say the credits of a side, and of how many answers they are not known."""
    if account.answers == account.unknown:
        return "not known"
    return f"{account.credits:,g}" + (f" ({account.unknown} of unknown cost)" if account.unknown else "")


def seconds(value: float | None) -> str:
    """Say a duration."""
    if value is None:
        return "not timed"
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.0f} ms"
