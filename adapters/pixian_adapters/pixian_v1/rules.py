"""Every parameter of version 1's ``remove-background``, and its name in version 2.

The vendor's changelog says that v2 (13 Jun 2023) only moved the names from camelCase to snake_case; the table of v1 is
not stored anywhere we know of. The v1 names are inferred by undoing that. ``image`` and ``image.url`` are documented.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pixian_shim.errors import InvalidParameter, TranslationError
from pixian_shim.pixian import V1_NAMES, WIRE_NAMES, Parameters
from pixian_shim.translation import (
    Confidence,
    Outcome,
    Refusal,
    Rule,
    RuleTable,
    Unreadable,
    Verdict,
    as_address,
    as_base64,
    as_file,
    as_text,
    saying,
    take_source,
)

if TYPE_CHECKING:
    from pixian_shim.pixian import Upload
    from pixian_shim.translation import Call, Capability, Draft, Plan

SOURCES = ("image", "image.base64", "image.url")
"""In the order in which they count if several are given (assumption)."""

VALUES: dict[str, tuple[str, str | None]] = {
    "test": ("true, false", "false"),
    "max_pixels": ("100 to 25000000", "25000000"),
    "background_color": ("`#RRGGBB`, the # is mandatory", None),
    "crop_to_foreground": ("true, false", "false"),
    "margin": ("1 to 4 lengths in px or %, in CSS order", "0px"),
    "target_size": ("width height", None),
    "vertical_alignment": ("top, middle, bottom", "middle"),
    "output_format": ("auto, png, jpeg, delta_png (or deltaPng)", "auto"),
    "jpeg_quality": ("1 to 100", "75"),
}
"""Of each field of ``Parameters``: what it may be, in words, and its default. Documented for v2."""

CAPABILITIES: dict[str, Capability] = {
    "test": "test",
    "max_pixels": "size",
    "background_color": "background colour",
    "crop_to_foreground": "crop",
    "margin": "margin",
    "target_size": "size",
    "vertical_alignment": "position",
    "output_format": "format",
    "jpeg_quality": "quality",
}


_NO_FILE = Refusal("The image parameter arrived as text: send the file itself, not its name.", "1016")
_NO_ADDRESS = Refusal("The image URL could not be parsed; http and https are fetched.", "1024")
_NO_BASE64 = Refusal("Failed to read the supplied image. ", "1006")


def _typed(field: str, value: str | Upload) -> Any:
    """Read one parameter as v2 does."""
    text = as_text(value)
    if field == "output_format" and text == "deltaPng":  # how v1 spelled it is not known; so the page is called
        text = "delta_png"
    alone: dict[str, Any] = {field: text}
    try:
        return getattr(Parameters(**alone), field)
    except InvalidParameter as error:
        raise Unreadable(error.problem) from error


def _take(field: str, value: Any, draft: Draft) -> None:
    draft.parameters[field] = value


def _take_v1(v2: str, field: str, value: Any, draft: Draft) -> Outcome | None:
    if v2 in draft.given:
        return Outcome(Verdict.IGNORED, f"{v2} is given as well, and goes first (assumption).")
    _take(field, value, draft)
    return None


def _rule(field: str) -> Rule:
    """Make the rule of a v1 name."""
    v2 = WIRE_NAMES[field]
    name = next(v1 for v1, known in V1_NAMES.items() if known == v2)
    values, default = VALUES[field]
    renamed = name != v2
    return Rule(
        name=name,
        capability=CAPABILITIES[field],
        values=values,
        default=default,
        verdict=Verdict.CONVERTED if renamed else Verdict.EXACT,
        says=f"`{v2}`." if renamed else "The same name in v2.",
        read=partial(_typed, field),
        apply=partial(_take_v1, v2, field) if renamed else partial(_take, field),
        confidence=Confidence.MEDIUM,
    )


def _rule_of_v2(field: str) -> Rule:
    """Make the rule of a v2 name in a v1 call."""
    name, (values, default) = WIRE_NAMES[field], VALUES[field]
    return Rule(
        name=name,
        capability=CAPABILITIES[field],
        values=values,
        default=default,
        verdict=Verdict.EXACT,
        says="v2's own name, accepted beside (whether v1 did so is not known).",
        read=partial(_typed, field),
        apply=partial(_take, field),
        confidence=Confidence.LOW,
    )


RULES = RuleTable(
    "Pixian v1",
    refusal=Refusal("Bad parameter: {parameter}={value!r:.60}: {expected}", "1019"),
    rules=(
        Rule(
            name="image",
            capability="source",
            values="file part",
            verdict=Verdict.EXACT,
            says="Sent as it came.",
            read=saying(as_file, refusal=_NO_FILE),
            apply=take_source,
            source=True,
            upload=True,
        ),
        Rule(
            name="image.base64",
            capability="source",
            values="base64 text, with or without `data:` prefix",
            verdict=Verdict.CONVERTED,
            says="Decoded here and sent as binary: Pixian's own field ends at 1 MB.",
            read=saying(as_base64, refusal=_NO_BASE64),
            apply=take_source,
            source=True,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="image.url",
            capability="source",
            values="http or https address",
            verdict=Verdict.EXACT,
            says="Pixian fetches it.",
            read=saying(as_address, refusal=_NO_ADDRESS),
            apply=take_source,
            source=True,
        ),
        *(_rule(field) for field in VALUES),
        *(_rule_of_v2(field) for field in VALUES if WIRE_NAMES[field] not in V1_NAMES),
    ),
)


def plan(call: Call) -> Plan:
    """Translate a call: other names, nothing else.

    Raises:
        TranslationError: with Pixian's number as its code.
    """
    if not any(name in SOURCES for name in call.form.names):
        raise TranslationError("No image was supplied: send image, image.base64 or image.url.", code="1005")
    return RULES.plan(call, untouched=True)
