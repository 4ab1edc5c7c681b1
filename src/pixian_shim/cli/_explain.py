"""Say in words what a legacy call becomes: from the same table that translates it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pixian_shim.cli._work import work_of
from pixian_shim.errors import ConfigurationError, TranslationError
from pixian_shim.pixian import Upload
from pixian_shim.translation import Call, Form, Note, Plan, Verdict, load, providers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from pixian_shim.translation import Adapter, HttpResponse, Rule, RuleTable

COLOURS = {
    Verdict.EXACT: "green",
    Verdict.CONVERTED: "green",
    Verdict.EMULATED: "cyan",
    Verdict.APPROXIMATED: "yellow",
    Verdict.IGNORED: "yellow",
    Verdict.REFUSED: "red",
}

_TABLE_WIDTH = 120  # columns; on a narrower terminal five columns are unreadable


@attrs.frozen
class Explanation:
    """What would become of a legacy call."""

    adapter: Adapter
    operation: str
    plan: Plan | None
    refusal: HttpResponse | None
    """The error that the legacy caller would see."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """One note for each parameter given, and for defaults that have an effect."""
        return self.plan.notes if self.plan else ()

    @property
    def asked(self) -> dict[str, str]:
        """What Pixian would be asked, as form fields."""
        return self.plan.parameters.to_form() if self.plan else {}

    @property
    def work(self) -> list[str]:
        """What would be done here on pixels, in order."""
        return work_of(self.plan) if self.plan else []

    def as_json(self) -> dict[str, Any]:
        """Give all of it for machines."""
        return {
            "provider": self.adapter.name,
            "operation": self.operation,
            "notes": [attrs.asdict(note) for note in self.notes],
            "pixian": self.asked,
            "here": self.work,
            "error": None if self.refusal is None else {"status": self.refusal.status} | _body(self.refusal),
        }


def list_providers() -> list[str]:
    """Name every provider, and the operations of those that have several."""
    lines = []
    for name in providers():
        adapter = load(name)
        lines.append(f"{name:24} {adapter.title}")
        lines += [f"{f'{name}:{operation}':24} {adapter.title}, {operation}" for operation in adapter.further]
    return lines


def operation_of(word: str) -> tuple[Adapter, str]:
    """Read ``provider`` or ``provider:operation``.

    Raises:
        ConfigurationError: there is no such provider, or it has no rules for such an operation.
    """
    name, colon, operation = word.partition(":")
    adapter = load(name)
    if not colon:
        return adapter, adapter.operation
    if operation not in adapter.tables:
        known = ", ".join(f"{name}:{known}" for known in adapter.tables)
        raise ConfigurationError(f"{name} has no operation {operation!r} with parameters; there is {known}")
    return adapter, operation


def explain_call(adapter: Adapter, operation: str, words: Sequence[str]) -> Explanation:
    """Translate ``name=value`` words without carrying anything out.

    Raises:
        ConfigurationError: a word without ``=``.
    """
    pairs: list[tuple[str, str | Upload]] = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigurationError(f"{word!r} is not of the form name=value")
        pairs.append((name, _upload(adapter.table(operation), name, value)))
    form = Form(tuple(pairs))
    placeholder = _placeholder(adapter.table(operation), form)
    call = Call(adapter.name, operation, Form((*placeholder, *form.items)))
    try:
        plan = adapter.plan(call)
    except TranslationError as error:
        return Explanation(adapter, operation, None, adapter.refuse(call, error))
    hidden = {name for name, _ in placeholder}
    shown = tuple(note for note in plan.notes if note.name not in hidden)
    return Explanation(adapter, operation, attrs.evolve(plan, notes=shown), None)


def _upload(rules: RuleTable, name: str, value: str) -> str | Upload:
    """Let a path, or anything, stand for a file: nothing is read."""
    rule = rules.find(name)
    return Upload(b"", value) if rule is not None and rule.upload else value


def _placeholder(rules: RuleTable, form: Form) -> tuple[tuple[str, str | Upload], ...]:
    """Supply a picture where the caller left it out, as one does when asking about parameters."""
    sources = [rule for rule in rules if rule.source]
    if any(rule.name in form.names for rule in sources):
        return ()
    return next((((rule.name, Upload(b"")),) for rule in sources if rule.upload), ())


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Write for people."""
    if explanation.refusal is not None:
        console.print(f"[red]refused[/red]: the caller gets status {explanation.refusal.status} with")
        console.print_json(explanation.refusal.body.decode())
        return
    table = _table("parameter", "value", "verdict", "what happens")
    for note in explanation.notes:
        value = note.value if note.given else f"{note.value} (default)"
        table.add_row(Text(note.name), Text(value), Text(note.verdict, style=COLOURS[note.verdict]), Text(note.says))
    console.print(table)
    console.print()
    asked = ", ".join(f"{name}={value}" for name, value in explanation.asked.items()) or "its defaults"
    console.print(f"[bold]Pixian is asked:[/bold] {asked}", highlight=False)
    work = explanation.work
    done = "; ".join(work) or "nothing, its answer is passed on byte for byte"
    console.print(f"[bold]Done here:[/bold] {done}", highlight=False)


def print_rules(adapter: Adapter, operation: str, console: Console) -> None:
    """Write the whole table of an operation."""
    rules = adapter.table(operation)
    if console.width < _TABLE_WIDTH:
        for rule in rules:
            _print_rule(rule, console)
        return
    table = _table("parameter", "values", "default", "verdict", "what happens")
    for rule in rules:
        verdict = Text(rule.verdict, style=COLOURS[rule.verdict])
        table.add_row(rule.name, Text(rule.values), rule.default or "", verdict, Text(rule.says))
    console.print(table)


def _print_rule(rule: Rule, console: Console) -> None:
    head = Text.assemble((rule.name, "bold"), "  ", (rule.verdict, COLOURS[rule.verdict]))
    values = rule.values if rule.default is None else f"{rule.values} (default {rule.default})"
    console.print(head, Padding(Text(f"{values}\n{rule.says}"), (0, 0, 0, 4)), sep="\n")


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("parameter", "verdict"))
    return table


def _body(response: HttpResponse) -> dict[str, Any]:
    try:
        return {"body": json.loads(response.body)}
    except ValueError:
        return {"body": response.body.decode("utf-8", "replace")}
