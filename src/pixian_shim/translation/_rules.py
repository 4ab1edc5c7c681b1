"""One row per legacy parameter, and how a table of them turns a call into a plan."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal

import attrs

from pixian_shim.errors import TranslationError
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, Parameters, Upload
from pixian_shim.translation._hiding import hidden
from pixian_shim.translation._notes import Note, Verdict
from pixian_shim.translation._plans import Output, Plan, Region, Step, TransparentInput, handed_over
from pixian_shim.translation._readers import Refusal, Unreadable, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pixian_shim.pixian import Source
    from pixian_shim.translation._calls import Call


_AS_MEANT = frozenset({Verdict.EXACT, Verdict.CONVERTED})
_LONGEST_GUESSED = 64  # letters of a name that is compared with those that are known


Capability = Literal[
    "source",
    "size",
    "crop",
    "margin",
    "scale",
    "position",
    "region",
    "background colour",
    "background image",
    "background blur",
    "shadow",
    "outline",
    "mask",
    "format",
    "quality",
    "transparency",
    "test",
    "subject class",
    "account",
    "ai",
]
"""What users look for, whatever a provider calls it; several rules may share one. The columns of the matrix."""


class Confidence(StrEnum):
    """How well the provider's side of a rule is known."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@attrs.frozen
class Outcome:
    """What a rule did in one call, where that differs from what its row says."""

    verdict: Verdict
    says: str
    hint: bool = False
    """As ``Rule.hint``, for this value."""


@attrs.define
class Draft:
    """A plan in the making."""

    settings: Mapping[str, Any]
    """Every parameter's typed value, given or default. Variants stand under their full name."""
    given: frozenset[str]
    """Names that the caller wrote."""
    parameter: str = ""
    """The name of the rule that is being applied."""
    source: Source | None = None
    source_parameter: str | None = None
    """As the plan's; ``RuleTable.plan`` finds it."""
    parameters: dict[str, Any] = attrs.field(factory=dict)
    """Pixian parameters that have no step of their own, such as ``test``."""
    region: Region | None = None
    max_pixels: int = MAX_PROCESSED_PIXELS
    steps: dict[type[Step], Step] = attrs.field(factory=dict)
    output: Output = Output()
    transparent_input: TransparentInput | None = None
    """As the plan's, where a rule decides it; it goes before what the adapter says for all calls."""

    def add(self, step: Step) -> None:
        """Put a step in its place; a second one of its kind takes the place of the first."""
        self.steps[type(step)] = step

    def native(self) -> dict[str, Any] | None:
        """Express steps and output as Pixian parameters; ``None`` if Pixian cannot do all of it."""
        enlarged = self.max_pixels > MAX_PROCESSED_PIXELS
        return None if self.region or enlarged else handed_over(self.steps.values(), self.output)

    def finished(self, native: dict[str, Any] | None, **traits: Any) -> Plan:
        """Hand over to Pixian what it can do itself, or keep everything as steps."""
        asked = {"max_pixels": min(self.max_pixels, MAX_PROCESSED_PIXELS)} | (native or {"output_format": "png"})
        if self.transparent_input is not None:
            traits["transparent_input"] = self.transparent_input
        make = partial(
            Plan,
            source=self.source,
            source_parameter=self.source_parameter,
            parameters=_parameters(tuple((asked | self.parameters).items())),
            region=self.region,
            max_pixels=self.max_pixels,
            **traits,
        )
        here = partial(make, steps=tuple(self.steps.values()), output=self.output)
        if native is None:
            return here()
        return make(without_call=here() if traits.get("transparent_input") in ("return", "matte") else None)


def no_change(_value: Any, _draft: Draft) -> Outcome | None:
    """Leave the plan as it is."""
    return None


@attrs.frozen(kw_only=True)
class Rule:
    """One legacy parameter."""

    name: str
    values: str
    """What it may be, in words for the documentation."""
    default: str | None = None
    """As the provider documents it; ``None`` is *not set*."""
    verdict: Verdict
    says: str
    here: str = ""
    """Said instead, with the verdict *emulated*, where Pixian cannot do the whole of a call and this is done here."""
    read: Callable[[Any], Any] = as_text
    """From text (or an upload) to a typed value; raises ``Unreadable``, of which the table makes an error."""
    apply: Callable[[Any, Draft], Outcome | None] = no_change
    """Enter the value into the draft; an ``Outcome`` overrides the row's verdict and words."""
    apply_variant: Callable[[str, Any, Draft], Outcome | None] | None = None
    """Enter the value of ``name[variant]``, where such names exist."""
    default_matters: bool = False
    """Whether the default itself has an effect; other rules are not applied unless given."""
    source: bool = False
    """Whether it is one of the ways to hand over the picture."""
    upload: bool = False
    """Whether it is a file part."""
    confidence: Confidence = Confidence.HIGH
    capability: Capability | None = None
    """What it is about, for the matrix of all providers."""
    hint: bool = False
    """Whether it only says how hard the provider should try: without it there is nothing to warn of."""

    def note(
        self, name: str, value: str | Upload | None, outcome: Outcome | None, *, given: bool, local: bool = False
    ) -> Note:
        """Say what happened; ``local`` tells that Pixian was not asked for it."""
        shown = _upload(value) if isinstance(value, Upload) else _shortened(str(value))
        usual = value == self.default
        verdict, says, hint = self.verdict, self.says, self.hint or usual
        if outcome is not None:
            verdict, says, hint = outcome.verdict, outcome.says, hint or outcome.hint
        elif usual and verdict not in _AS_MEANT:
            verdict, says = Verdict.EXACT, "The default; it asks for nothing."
        elif local and self.here:
            verdict, says = Verdict.EMULATED, self.here
        return Note(name, shown, verdict, says, given=given, hint=hint)


def _upload(value: Upload) -> str:
    return f"<{value.name}, {len(value):,} bytes>" if len(value) else f"<{value.name}>"


def _shortened(value: str, longest: int = 60) -> str:
    return value if len(value) <= longest else f"{value[:longest]}... ({len(value):,} characters)"


@attrs.frozen
class RuleTable:
    """Every parameter of a provider's operation, in the order in which they take effect."""

    provider: str
    rules: tuple[Rule, ...]
    refusal: Refusal = Refusal("{parameter}: {expected} is expected", "invalid_parameter")
    """What the provider says of a value that it does not take, unless a reader knows better."""

    def __iter__(self) -> Iterator[Rule]:
        """Give the rules in order."""
        return iter(self.rules)

    @cached_property
    def _by_name(self) -> dict[str, Rule]:
        return {rule.name: rule for rule in self.rules}

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return {rule.name: self._read(rule, rule.name, rule.default, "") for rule in self.rules}

    def find(self, name: str) -> Rule | None:
        """Give the rule of a parameter, also of a variant, ``shadow_type[car]``, or of a whole family, ``shadow.*``."""
        if (rule := self._by_name.get(name)) is not None:
            return rule
        plain, bracket, rest = name.partition("[")
        rule = self._by_name.get(plain)
        if rule is not None and rule.apply_variant and rest.endswith("]"):
            return rule
        head, dot, _ = plain.partition(".")
        return self._by_name.get(f"{head}.*") if dot or bracket else None

    def plan(self, call: Call, **traits: Any) -> Plan:
        """Translate a call: pure, total, and with exactly one note for each parameter given.

        Args:
            call: the legacy call.
            traits: further fields of the plan that the provider's nature decides, such as ``max_input_pixels``.

        Raises:
            TranslationError: a value that the provider refuses too, or that cannot be had.
        """
        given = dict(call.form)
        told = hidden(given, call)
        known = {name: rule for name in given if (rule := self.find(name)) is not None}
        read = {name: self._read(rule, name, given[name], told[name]) for name, rule in known.items()}
        settings = self._defaults | read
        draft = Draft(settings, frozenset(given))
        outcomes = [(name, rule, _applied(rule, name, draft)) for name, rule in self._effective(known)]
        taken = (name for name, rule in known.items() if rule.source and settings[name] is draft.source)
        draft.source_parameter = next(taken, None)
        native = draft.native()
        notes = {name: self._unknown(name, value) for name, value in told.items() if name not in known}
        for name, rule, outcome in outcomes:
            value = told.get(name, rule.default)
            notes[name] = rule.note(name, value, outcome, given=name in known, local=native is None)
        for name in call.form.repeated:
            says = f"{notes[name].says} Given more than once: the last value counts."
            notes[name] = attrs.evolve(notes[name], says=says)
        ordered = (notes[name] for name in dict.fromkeys([*given, *notes]))
        return draft.finished(native, notes=tuple(ordered), **traits)

    def _read(self, rule: Rule, name: str, value: str | Upload | None, told: str | Upload) -> Any:
        if value is None:
            return None
        try:
            return rule.read(value)
        except Unreadable as problem:
            raise (problem.refusal or self.refusal).of(rule.name, problem.expected, told) from problem.__cause__
        except TranslationError as error:
            error.parameter = error.parameter or name
            raise

    def _effective(self, known: Mapping[str, Rule]) -> list[tuple[str, Rule]]:
        """Give the rules that have an effect in the table's order, each followed by variants that the caller wrote."""
        effective = [(name, rule) for name, rule in self._by_name.items() if rule.default_matters or name in known]
        variants = [(name, rule) for name, rule in known.items() if name != rule.name]
        if not variants:
            return effective
        place = {rule.name: number for number, rule in enumerate(self.rules)}
        return sorted(effective + variants, key=lambda pair: place[pair[1].name])

    def _unknown(self, name: str, value: str | Upload) -> Note:
        from difflib import get_close_matches

        near = name[:_LONGEST_GUESSED].lower()
        close = get_close_matches(near, [rule.name for rule in self.rules], n=1, cutoff=0.6)
        hint = f" Did you mean {close[0]}?" if close else ""
        shown = _upload(value) if isinstance(value, Upload) else _shortened(value)
        return Note(name, shown, Verdict.IGNORED, f"{self.provider} has no parameter of this name.{hint}")


@lru_cache(maxsize=256)
def _parameters(asked: tuple[tuple[str, Any], ...]) -> Parameters:
    """Check parameters once: programs ask for the same ones again and again."""
    return Parameters(**dict(asked))


def _applied(rule: Rule, name: str, draft: Draft) -> Outcome | None:
    value = draft.settings[name]
    if value is None:
        return None
    draft.parameter = rule.name
    if name == rule.name or rule.apply_variant is None:
        return rule.apply(value, draft)
    return rule.apply_variant(name[len(rule.name) + 1 : -1], value, draft)
