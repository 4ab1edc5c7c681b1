"""Every parameter of Clipdrop's ``POST /remove-background/v1``, and what becomes of it on Pixian.

The ``Accept`` header chooses the file format there: it is a parameter like the two fields of the form, and has a row.
Facts about Clipdrop are from its own documentation, unless ``confidence`` says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_adapters.clipdrop.negotiation import OFFERED, chosen
from pixian_shim.errors import TranslationError
from pixian_shim.translation import (
    Confidence,
    FillColour,
    Form,
    Outcome,
    Output,
    Refusal,
    Rule,
    RuleTable,
    Verdict,
    as_file,
    as_text,
    free_test,
    saying,
    take_source,
)

if TYPE_CHECKING:
    from pixian_shim.pixian import Upload
    from pixian_shim.translation import Call, Draft, Encoding, Plan

MAX_INPUT_PIXELS = 25_000_000
RETURN, DISCARD = "return_input_if_non_opaque", "discard_alpha_layer"
ACCEPT = "Accept"


def _accepted(value: str | Upload) -> Encoding:
    encoding = chosen(as_text(value))
    if encoding is None:
        raise TranslationError(
            f"Accept names no type that is offered; there are {', '.join(OFFERED)}",
            code="not_acceptable",
            parameter=ACCEPT,
        )
    return encoding


def _handle_transparency(handling: str, draft: Draft) -> Outcome:
    """Drop the alpha of an original that has one, or let it be the result."""
    if handling == DISCARD:
        draft.transparent_input = "drop"
        return Outcome(Verdict.EMULATED, "The alpha channel is dropped here before the upload; the colours stay.")
    draft.transparent_input = "return"
    says = "A picture with a pixel that is not opaque is the result itself: it is not sent, and costs nothing."
    if handling != RETURN:
        return Outcome(
            Verdict.IGNORED,
            f"There are {RETURN} and {DISCARD}; what Clipdrop makes of another word is not known, here it is left out "
            f"(assumption). {says}",
        )
    return Outcome(Verdict.EMULATED, says)


def _encode(encoding: Encoding, draft: Draft) -> Outcome | None:
    """Choose the file format; JPEG needs something behind the subject."""
    if encoding == "jpg":
        draft.add(FillColour(255, 255, 255))
    draft.output = Output(encoding)
    if encoding == "webp":
        return Outcome(Verdict.EMULATED, "Pixian writes no WebP; it is made here from a PNG.")
    return None


RULES = RuleTable(
    "Clipdrop",
    refusal=Refusal("{parameter} must be {expected}", "invalid_{parameter}"),
    rules=(
        Rule(
            name="image_file",
            capability="source",
            values="file part: PNG, JPG or WebP, at most 25 megapixels",
            verdict=Verdict.CONVERTED,
            says="Sent as Pixian's `image`. WebP is rewritten as PNG first, because Pixian does not list it. BMP, GIF, "
            "TIFF and AVIF are taken as well, which Clipdrop does not list.",
            read=saying(as_file, "a file: it was sent as text"),
            apply=take_source,
            source=True,
            upload=True,
        ),
        free_test("Clipdrop"),
        Rule(
            name="transparency_handling",
            capability="transparency",
            values=f"{RETURN}, {DISCARD}",
            default=RETURN,
            verdict=Verdict.EMULATED,
            says=f"{RETURN}: a picture with a pixel that is not opaque is the result itself, in the type accepted, and "
            f"is not sent. {DISCARD}: alpha is dropped here before the upload. Another word counts as not given "
            "(assumption).",
            apply=_handle_transparency,
            default_matters=True,
        ),
        Rule(
            name=ACCEPT,
            capability="format",
            values="image/png, image/webp, image/jpeg (image/jpg)",
            default="image/png",
            verdict=Verdict.CONVERTED,
            says="The header: `output.format`; 406 where none of these is acceptable. `*/*` is PNG; of several types "
            "the highest weight counts, then the order (assumptions). image/jpeg has quality 90 and white behind the "
            "subject (assumption: not documented). WebP is made here, in quality 90 (assumption).",
            here="Written here, from a PNG.",
            read=_accepted,
            apply=_encode,
            default_matters=True,
            confidence=Confidence.MEDIUM,
        ),
    ),
)


def plan(call: Call) -> Plan:
    """Translate a call.

    Raises:
        TranslationError: no picture, or no type that is accepted, as at Clipdrop.
    """
    if call.form.get("image_file") is None:
        raise TranslationError("image_file is missing", code="missing_image_file", parameter="image_file")
    return RULES.plan(_with_header(call), max_input_pixels=MAX_INPUT_PIXELS, tells_balance=True)


def _with_header(call: Call) -> Call:
    """Put the header among the parameters; ``*/*`` is what HTTP libraries write unasked, and counts as not given.

    Without a header a field of this name takes its place, so that ``explain`` can be asked about it.
    """
    if call.accept.strip() in ("", "*/*"):
        return call
    fields = tuple((name, value) for name, value in call.form.items if name != ACCEPT)
    return attrs.evolve(call, form=Form((*fields, (ACCEPT, call.accept))))
