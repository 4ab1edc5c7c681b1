"""Named rules for known, accepted differences: what they cover is counted apart, and never as equal."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.compare._causes import CAUSES, limits
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pixian_shim.compare._causes import Finding, Limits


@attrs.frozen(kw_only=True)
class Rule:
    """One difference that is known and accepted.

    Attributes:
        name: for the report.
        cause: that it accepts.
        why: a sentence.
        pairs: names of photos, with ``*`` and ``?``.
        up_to: the largest value that is accepted; ``None`` for any.
    """

    name: str
    cause: str
    why: str = ""
    pairs: str = "*"
    up_to: float | None = None

    def covers(self, name: str, finding: Finding) -> bool:
        """Tell whether it accepts a finding."""
        fits = finding.cause == self.cause and fnmatchcase(name, self.pairs)
        return fits and (self.up_to is None or finding.value <= self.up_to)


@attrs.frozen
class Rules:
    """What a file of rules says.

    Attributes:
        accept: in the order of the file; the first that covers a finding is named.
        limits: from which causes count.
    """

    accept: tuple[Rule, ...] = ()
    limits: Limits = attrs.field(factory=limits)

    def applied(self, name: str, found: list[Finding]) -> list[Finding]:
        """Note on each finding which rule accepts it."""
        return [attrs.evolve(finding, accepted=self._accepted(name, finding)) for finding in found]

    def _accepted(self, name: str, finding: Finding) -> str:
        return next((rule.name for rule in self.accept if rule.covers(name, finding)), "")


def load_rules(path: Path) -> Rules:
    """Read a TOML file with ``[[accept]]`` tables and ``[limits.CAUSE]`` tables.

    Raises:
        ConfigurationError: it cannot be read, or says what cannot be.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} is no file of rules: {error}") from error
    unknown = set(told) - {"accept", "limits"}
    if unknown:
        raise ConfigurationError(f"{path}: {', '.join(sorted(unknown))} is unknown; accept and limits are known")
    tables, changed = told.get("accept", []), told.get("limits", {})
    if not isinstance(tables, list) or not isinstance(changed, dict):
        raise ConfigurationError(f"{path}: [[accept]] and [limits.CAUSE] are expected")
    try:
        return Rules(tuple(_rule(table) for table in tables), limits(changed))
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _rule(table: Mapping[str, Any]) -> Rule:
    known = {attribute.name for attribute in attrs.fields(Rule)}
    if not isinstance(table, dict) or not {"name", "cause"} <= set(table) <= known:
        raise ConfigurationError(f"a rule takes name, cause, why, pairs and up_to, not {', '.join(table)}")
    if table["cause"] not in {cause.name for cause in CAUSES}:
        raise ConfigurationError(f"{table['cause']!r} is none of {', '.join(cause.name for cause in CAUSES)}")
    up_to = table.get("up_to")
    if isinstance(up_to, bool) or not isinstance(up_to, int | float | None):
        raise ConfigurationError(f"up_to is a number, not {up_to!r}")
    if not all(isinstance(table.get(name, ""), str) and table.get(name, "x") for name in ("name", "why", "pairs")):
        raise ConfigurationError("name, why and pairs are text")
    return Rule(**table)
