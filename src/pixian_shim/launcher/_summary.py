"""What a program did, in one page: calls, failures, credits, time, and what became of parameters."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.launcher._journal import Entry, entries
from pixian_shim.translation import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

WIDTH = 80
_LOSSES_FIRST = [*reversed(Verdict)]


@attrs.frozen
class Failures:
    """How often calls failed in one way."""

    error: str
    count: int
    message: str
    """Of the first."""


@attrs.frozen
class Parameter:
    """How often a parameter was given, and what became of it."""

    provider: str
    name: str
    verdict: str
    count: int


@attrs.define(kw_only=True)
class Summary:
    """All calls of a program and of the processes that it started; only sums are kept, however many calls there are."""

    providers: Sequence[str] = ()
    """Whose hosts were answered."""
    started: int = 0
    """Python processes that took part."""
    calling: int = 0
    """Processes that made a call; forked ones count here only."""
    credits: float = 0.0
    credits_calculated: float = 0.0
    """What the calls made in test mode would have cost."""
    double_charges: int = 0
    """How many calls may have been charged more than once."""
    operations: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    """Calls by provider and operation."""
    _seconds: array[float] = attrs.field(factory=lambda: array("d"))
    _errors: Counter[str] = attrs.field(factory=Counter)
    _messages: dict[str, str] = attrs.field(factory=dict)
    _parameters: Counter[tuple[str, str, str]] = attrs.field(factory=Counter)

    def add(self, call: Entry) -> None:
        """Count a call in."""
        self.operations[call.provider, call.operation] += 1
        self.credits += call.credits
        self.credits_calculated += call.credits_calculated or 0.0
        self.double_charges += call.possible_double_charge
        self._seconds.append(call.seconds)
        self._parameters.update((call.provider, told.name, told.verdict) for told in call.notes if told.given)
        if call.error:
            self._errors[call.error] += 1
            self._messages.setdefault(call.error, call.message)

    @property
    def calls(self) -> int:
        """How many there were."""
        return len(self._seconds)

    @property
    def failed(self) -> int:
        """How many of them ended with an error."""
        return self._errors.total()

    @property
    def failures(self) -> list[Failures]:
        """The ways in which calls failed, the most frequent first."""
        return [Failures(error, count, self._messages[error]) for error, count in self._errors.most_common()]

    @property
    def parameters(self) -> list[Parameter]:
        """What was given, the losses first."""
        found = [Parameter(*key, count) for key, count in self._parameters.items()]
        return sorted(found, key=lambda it: (_LOSSES_FIRST.index(Verdict(it.verdict)), it.provider, it.name))

    @property
    def seconds(self) -> tuple[float, float] | None:
        """Median and longest; ``None`` without a call."""
        from statistics import median

        return (median(self._seconds), max(self._seconds)) if self._seconds else None

    def as_json(self) -> dict[str, Any]:
        """Give all of it for machines."""
        median, longest = self.seconds or (None, None)
        return {
            "calls": self.calls,
            "failed": self.failed,
            "operations": [
                {"provider": provider, "operation": operation, "count": count}
                for (provider, operation), count in sorted(self.operations.items())
            ],
            "processes": {"started": self.started, "calling": self.calling},
            "credits": round(self.credits, 6),
            "credits_calculated": round(self.credits_calculated, 6),
            "possible_double_charges": self.double_charges,
            "seconds": {"median": median, "max": longest},
            "failures": [attrs.asdict(failure) for failure in self.failures],
            "parameters": [attrs.asdict(parameter) for parameter in self.parameters],
        }

    def text(self) -> str:
        """Write it for people: plain lines of at most 80 characters."""
        return "\n".join(map(_fitted, self._lines() if self.calls else self._nothing()))

    def _nothing(self) -> Iterator[str]:
        yield "pixian-shim: no call reached a provider"
        if not self.started:
            yield "  No Python process took part. The options -I, -E and -S keep Python from it,"
            yield "  and so does a program that starts Python with an environment of its own."
            return
        yield f"  Answered would be: {', '.join(self.providers)}. Another address, such as a proxy"
        yield "  of your own, is named with --also HOST/PATH; a drop-in with --alias NAME."

    def _lines(self) -> Iterator[str]:
        yield f"pixian-shim: {_counted(self.calls, 'call')}, {self.failed or 'none'} failed"
        yield from _table("calls", ((*key, count) for key, count in sorted(self.operations.items())))
        yield from _table("processes", [(self.calling,)])
        yield from _table("credits", self._charges())
        if self.seconds:
            yield from _table("seconds", [(f"{self.seconds[0]:.2f} median", f"{self.seconds[1]:.2f} longest")])
        yield from _table("failures", ((it.error, it.count, it.message) for it in self.failures))
        yield from _table("parameters", ((it.name, it.verdict, it.count) for it in self.parameters))

    def _charges(self) -> Iterator[tuple[str]]:
        yield (f"{self.credits:g} charged",)
        if self.credits_calculated:
            yield (f"{self.credits_calculated:g} would have been, without test mode",)
        if self.double_charges:
            yield (f"{_counted(self.double_charges, 'call')} possibly charged twice",)


def summary_of(folder: Path, providers: Sequence[str]) -> Summary:
    """Read what the processes of a program wrote."""
    summary = Summary(providers=providers)
    for path in folder.glob("*.jsonl"):
        before = summary.calls
        for entry in entries(path):
            summary.add(entry)
        summary.started += 1
        summary.calling += summary.calls > before
    return summary


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _table(title: str, rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Align columns below each other, with the title before the first row; numbers to the right."""
    cells = [[*map(_cell, row)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for at, row in enumerate(cells):
        aligned = (
            cell.rjust(width) if cell.isdigit() else cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        )
        yield f"  {'' if at else title:<11} {'  '.join(aligned)}".rstrip()


def _cell(value: object) -> str:
    """Write on one line what a caller chose, such as a parameter's name: it must not steer the terminal."""
    words = " ".join(str(value).split())
    return words if words.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in words)


def _fitted(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
