"""What an argument's value does to the plan, and what to say where that differs from the argument's row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg.models import BY_NAME
from pixian_adapters.rembg.values import BAD_REQUEST, FAILED, UNPROCESSABLE
from pixian_shim.errors import Refused, TranslationError
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, Upload
from pixian_shim.translation import Colour, Draft, FillColour, HardenMatte, KeepColours, Outcome, Output, Verdict

if TYPE_CHECKING:
    from pixian_shim.pixian import ImageUrl
    from pixian_shim.translation import Rule

_UNCAPPED = 100_000_000
_NOT_IN_MASK = Outcome(Verdict.EXACT, "No effect on the mask alone, here and in rembg.")


def ignored(says: str) -> Outcome:
    """Say why something has no effect."""
    return Outcome(Verdict.IGNORED, says)


def take_source(source: Upload | ImageUrl, draft: Draft) -> None:
    """Make it the picture of the call; the result has its size, also beyond what Pixian processes."""
    draft.source = source
    size = source.header.upright if isinstance(source, Upload) and source.header is not None else None
    if size is not None and size.pixels > MAX_PROCESSED_PIXELS:
        draft.max_pixels = _UNCAPPED


def choose_model(name: str, _draft: Draft) -> Outcome:
    """Say what a model is here.

    Raises:
        TranslationError: there is none of that name, or it cannot be had.
    """
    check_model(name)
    if BY_NAME[name].kind == "subject":
        return ignored("Pixian finds whatever is in front, and cannot be told to look for one kind of subject.")
    if BY_NAME[name].kind == "remote":
        return Outcome(Verdict.IGNORED, "Another paid service in rembg; Pixian takes its place.", hint=True)
    return Outcome(Verdict.IGNORED, "A network for whatever is in front; Pixian takes its place.", hint=True)


def check_model(name: str) -> None:
    """Refuse a model that cannot be had.

    Raises:
        TranslationError: there is none of that name, which ends in an error in rembg as well.
        Refused: Pixian cannot do what it does.
    """
    model = BY_NAME.get(name)
    if model is None:
        raise TranslationError(f"No session class found for model '{name}'", code=FAILED, parameter="session")
    if model.kind == "refused":
        raise Refused(model.refusal, code=BAD_REQUEST, parameter="session")


def harden(wanted: bool, draft: Draft) -> None:
    """Make the matte hard; what was soft has the original's colours then, as Pixian's are meant to be mixed."""
    if wanted:
        draft.add(HardenMatte())
        draft.add(KeepColours())


def keep_colours(wanted: bool, draft: Draft) -> Outcome | None:
    """Give the original's own colours."""
    if wanted and _only_mask(draft):
        return _NOT_IN_MASK
    if wanted:
        draft.add(KeepColours())
        draft.transparent_input = "drop"
    return None


def give_mask(wanted: bool, draft: Draft) -> None:
    """Write a PNG, of the matte alone where that is wanted."""
    draft.output = Output(encoding="png", channels="alpha" if wanted else "rgba")
    if wanted:  # rembg looks at the colours alone, and an alpha of the original has no part in the mask
        draft.transparent_input = "drop"


def fill(colour: Colour, draft: Draft) -> Outcome | None:
    """Put the colour behind the subject, unless it cannot be seen."""
    if _only_mask(draft):
        return _NOT_IN_MASK
    if colour.alpha == 0:
        return Outcome(Verdict.EXACT, "Wholly transparent: nothing is put behind the subject.")
    draft.add(FillColour(*colour))
    return None


def _only_mask(draft: Draft) -> bool:
    """Tell by either name, the function's or the server's."""
    return bool(draft.settings.get("only_mask") or draft.settings.get("om"))


def leave_to_model(_value: Any, _draft: Draft) -> Outcome:
    """Say that it would count with another model, which has been refused before this is asked."""
    return Outcome(Verdict.EXACT, "No effect with this model, and none in rembg.")


def tell_of_extras(_text: str, draft: Draft) -> Outcome | None:
    """Say that there was nothing to take apart, where that is so."""
    if any(name.startswith("extras[") for name in draft.given):
        return None
    return Outcome(Verdict.EXACT, "No JSON object with arguments: passed over, as rembg does.")


def apply_as(rule: Rule | None, name: str, value: str, draft: Draft) -> Outcome:
    """Apply a rule of the function's to one of the extras."""
    if rule is None:
        return ignored(f"rembg hands {name} to a session that has no use for it, and so it ends here.")
    outcome = rule.apply(rule.read(value), draft)
    return outcome or Outcome(rule.verdict, rule.says, rule.hint)


def unprocessable(problems: list[dict[str, Any]]) -> TranslationError:
    """Refuse a call in FastAPI's words."""
    first = problems[0]
    name = first["loc"][-1]
    return TranslationError(f"{name}: {first['msg']}", code=UNPROCESSABLE, parameter=name, detail=json.dumps(problems))
