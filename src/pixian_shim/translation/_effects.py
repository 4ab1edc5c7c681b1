"""What a parameter's value does to the plan, where providers mean the same by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_shim.translation._notes import Verdict
from pixian_shim.translation._plans import FillColour
from pixian_shim.translation._readers import as_switch
from pixian_shim.translation._rules import Outcome, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.pixian import Source
    from pixian_shim.translation._colours import Colour
    from pixian_shim.translation._rules import Draft


def take_source(source: Source, draft: Draft) -> Outcome | None:
    """Make it the picture of the call, unless there is one already: several are refused before, or the first counts."""
    if draft.source is not None:
        return Outcome(Verdict.IGNORED, "Another picture is given as well, and goes first (assumption).")
    draft.source = source
    return None


def _use_test_mode(wanted: bool, draft: Draft) -> None:
    """Ask for a free result with a watermark; ``false`` leaves it to the client's settings."""
    if wanted:
        draft.parameters["test"] = True


def free_test(provider: str, *, read: Callable[[Any], bool] = as_switch, also: str = "") -> Rule:
    """Make the rule of ``test``, which no provider has: whoever learnt it with one adapter shall not pay with another.

    Args:
        provider: as it is spelt in sentences.
        read: what the provider's other switches are read with.
        also: a further sentence, about how the provider asks for something like it.
    """
    return Rule(
        name="test",
        capability="test",
        values="true, false",
        default="false",
        verdict=Verdict.EXACT,
        says=f"Not {provider}'s: Pixian's free test mode, with a watermark.{also and ' '}{also}",
        read=read,
        apply=_use_test_mode,
    )


def put_colour_behind(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject."""
    draft.add(FillColour(*colour))
    if colour.opaque:
        return None
    return Outcome(Verdict.EMULATED, "Pixian's colours are opaque; this one is put behind the subject here.")
