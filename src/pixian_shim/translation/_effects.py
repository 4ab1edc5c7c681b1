"""What a parameter's value does to the plan, where providers mean the same by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixian_shim.translation._notes import Verdict
from pixian_shim.translation._plans import FillColour
from pixian_shim.translation._rules import Outcome

if TYPE_CHECKING:
    from pixian_shim.pixian import Source
    from pixian_shim.translation._colours import Colour
    from pixian_shim.translation._rules import Draft


def take_source(source: Source, draft: Draft) -> Outcome | None:
    """Make it the picture of the call, unless there is one already: several are refused before, or the first counts."""
    if draft.source is not None:
        return Outcome(Verdict.IGNORED, "Another picture is given as well, and goes first (assumption).")
    draft.source = source
    return None


def use_test_mode(wanted: bool, draft: Draft) -> None:
    """Use Pixian's test mode: free, with a watermark."""
    draft.parameters["test"] = wanted


def put_colour_behind(colour: Colour, draft: Draft) -> Outcome | None:
    """Put a colour behind the subject."""
    draft.add(FillColour(*colour))
    if colour.opaque:
        return None
    return Outcome(Verdict.EMULATED, "Pixian's colours are opaque; this one is put behind the subject here.")
