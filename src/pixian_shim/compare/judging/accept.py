"""Named rules for known, accepted differences: what they cover is counted apart, and never as equal."""

from __future__ import annotations

import unicodedata
from collections import Counter
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim._documents import is_number, read_toml, shown
from pixian_shim.compare.judging.causes import CAUSES, limits
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pixian_shim.compare.judging.causes import Finding, Limits

_NAMES = tuple(cause.name for cause in CAUSES)


@attrs.frozen(kw_only=True)
class Rule:
    """One difference that is known and accepted.

    Attributes:
        name: for the report.
        cause: that it accepts.
        why: a sentence.
        pairs: names of photos, with ``*`` for any number of signs, ``/`` among them, and ``?`` for one.
        up_to: the largest value that is accepted; ``None`` for any.
    """

    name: str
    cause: str
    why: str = ""
    pairs: str = "*"
    up_to: float | None = None

    def covers(self, name: str, finding: Finding) -> bool:
        """Tell whether it accepts a finding."""
        if finding.cause != self.cause or (self.up_to is not None and finding.value > self.up_to):
            return False
        # Brackets are part of many a file's name, "photo [1].png", and mean nothing more here.
        pattern = _composed(self.pairs).replace("[", "[[]")
        return fnmatchcase(_composed(name), pattern)


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
    """Read rules from a TOML file.

    ::

        [[accept]]
        name = "shadow under shoes"
        cause = "extra object"
        why = "The old provider cut it off, the new one keeps it: wanted."
        pairs = "shoes-*"
        up_to = 0.05

        [limits.edge]
        look = 0.1

    Raises:
        ConfigurationError: it cannot be read, or says what no rule can say; the message names the table.
    """
    told = read_toml(path)
    try:
        _only("a file of rules", told, ("accept", "limits"))
        return Rules(_accepted(told.get("accept", [])), _limits(told.get("limits", {})))
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _accepted(tables: Any) -> tuple[Rule, ...]:
    if not isinstance(tables, list):
        raise ConfigurationError("accept is a list of tables: write [[accept]], in double brackets")
    rules = tuple(_rule(f"[[accept]] number {number}", table) for number, table in enumerate(tables, 1))
    twice = [name for name, count in Counter(rule.name for rule in rules).items() if count > 1]
    if twice:
        raise ConfigurationError(f"[[accept]]: two rules are named {twice[0]!r}; a report could not tell them apart")
    return rules


def _limits(changed: Any) -> Limits:
    if not isinstance(changed, dict):
        raise ConfigurationError("limits holds one table for each cause: write [limits.edge]")
    _only("limits", changed, _NAMES)
    for cause, table in changed.items():
        if isinstance(table, dict):
            _only(f"[limits.{cause}]", table, ("look", "bad"))
    return limits(changed)


def _rule(place: str, table: Any) -> Rule:
    if not isinstance(table, dict):
        raise ConfigurationError(f"{place} is a table, with name and cause, not {table!r}")
    _only(place, table, tuple(attribute.name for attribute in attrs.fields(Rule)))
    for key in ("name", "cause"):
        if key not in table:
            raise ConfigurationError(
                f"{place} has no {key}; it takes name and cause, and may take why, pairs and up_to"
            )
    for key in ("name", "cause", "why", "pairs"):
        if not isinstance(table.get(key, ""), str):
            raise ConfigurationError(f"{place}: {key} is text, not {table[key]!r}")
    for key in ("name", "pairs"):
        if not table.get(key, "x").strip():
            raise ConfigurationError(f"{place}: {key} is empty")
    if table["cause"] not in _NAMES:
        raise ConfigurationError(f"{place}: cause {_unknown(table['cause'], _NAMES)}")
    up_to = table.get("up_to", 0)
    if not is_number(up_to) or up_to < 0:
        raise ConfigurationError(f"{place}: up_to is a number from 0 on, not {shown(up_to)}")
    return Rule(**table)


def _only(place: str, told: Collection[str], known: tuple[str, ...]) -> None:
    """Raise ConfigurationError for a key that is not known."""
    for key in told:
        if key not in known:
            raise ConfigurationError(f"{place}: {_unknown(key, known)}")


def _unknown(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{word!r} is none of {', '.join(known)}{meant}"


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
