"""Every parameter of Slazzer's ``remove_image_background``, and what becomes of it on Pixian.

The order is that in which they take effect. The sources are from Slazzer's own page, of which the copy that is known
ends after the first parameters; the others are from the vendor's plugins and from public programs (medium confidence),
or from one program alone (low). Where an effect is not known either, the words say *assumption*.
"""

from __future__ import annotations

from pixian_adapters.slazzer import effects, values
from pixian_shim.errors import TranslationError
from pixian_shim.translation import (
    Call,
    Capability,
    Confidence,
    Output,
    Plan,
    Rule,
    RuleTable,
    Task,
    Verdict,
    free_test,
    parse_colour,
    take_source,
)

MAX_INPUT_PIXELS = 50_000_000
"""Ours; Slazzer's own limit is not known."""

ACCOUNT, OPERATION = "account", "remove"
AS_TEXT, KEY_FIELD = "output_image_format", "api_key"
ANY_KEY = "Any text will do there once Pixian's credentials are configured."
SOURCES = ("source_image_file", "source_image_url", "source_image_base64")
UNCERTAIN: dict[str, Capability] = {
    "crop_margin": "margin",
    "roi": "region",
    "channels": "mask",
    "shadow": "shadow",
    "type": "subject class",
}
"""What services of this kind often have; nothing tells that Slazzer has it, or under which name."""

_SWITCH = "true, false (also 1, 0, yes, no, on, off, in any case: assumption)"

RULES = RuleTable(
    "Slazzer",
    refusal=values.UNUSABLE,
    rules=(
        Rule(
            name="source_image_file",
            capability="source",
            values="file part: PNG, JPG",
            verdict=Verdict.EXACT,
            says="Sent as Pixian's `image`. BMP, GIF and TIFF are taken as well; WebP and AVIF, too, which are "
            "rewritten as PNG first. Any other format is a 400. More than 32 megapixels are shrunk first.",
            read=values.file_part,
            apply=take_source,
            source=True,
            upload=True,
        ),
        Rule(
            name="source_image_url",
            capability="source",
            values="http or https address",
            verdict=Verdict.EXACT,
            says="Pixian fetches it (`image.url`); where the original's pixels are needed here, it is fetched here.",
            read=values.address,
            apply=take_source,
            source=True,
        ),
        Rule(
            name="source_image_base64",
            capability="source",
            values="base64 text, with or without `data:` prefix",
            verdict=Verdict.CONVERTED,
            says="Decoded here and sent as binary: Pixian's own base64 field ends at 1 MB.",
            read=values.base64_text,
            apply=take_source,
            source=True,
            confidence=Confidence.MEDIUM,
        ),
        free_test("Slazzer"),
        Rule(
            name="preview",
            capability="size",
            values=_SWITCH,
            default="false",
            verdict=Verdict.APPROXIMATED,
            says="`max_pixels`: 0.25 megapixels at most (assumption: neither the size nor the price of Slazzer's is "
            "known). It costs as Pixian charges it.",
            apply=effects.known(values.switch, effects.preview, _SWITCH),
            confidence=Confidence.LOW,
        ),
        Rule(
            name="crop",
            capability="crop",
            values=_SWITCH,
            default="false",
            verdict=Verdict.CONVERTED,
            says="`result.crop_to_foreground`, without a margin (assumption).",
            here="Cropped to the subject here, without a margin (assumption).",
            apply=effects.known(values.switch, effects.crop, _SWITCH),
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="scale",
            capability="scale",
            values="per cent, such as `70%`; above 0, up to 100",
            verdict=Verdict.EMULATED,
            says="The subject is scaled here until its larger side, measured by the canvas, has that share, and stands "
            "in the middle (assumption: seen in one program, whose result is not known). No effect with `crop`.",
            apply=effects.known(values.share, effects.scale, "per cent from above 0 up to 100"),
            confidence=Confidence.LOW,
        ),
        Rule(
            name="position",
            capability="position",
            values="`center`; other words are not known",
            verdict=Verdict.EMULATED,
            says="The subject is moved to the middle of the canvas here, at its size unless there is a `scale` "
            "(assumption). No effect with `crop`.",
            apply=effects.known(values.centre, effects.centre, "center"),
            confidence=Confidence.LOW,
        ),
        *(
            Rule(
                name=name,
                capability="background image",
                values=form,
                verdict=Verdict.EMULATED,
                says="Put behind the subject here, centred and scaled to cover the canvas (assumption). Of several the "
                "one that stands first in this table counts (assumption).",
                read=read,
                apply=effects.put_behind,
                upload=name == "bg_image_file",
                confidence=Confidence.MEDIUM,
            )
            for name, form, read in (
                ("bg_image_file", "file part", values.file_part),
                ("bg_image_url", "http or https address", values.address),
                ("bg_image_base64", "base64 text", values.base64_text),
            )
        ),
        Rule(
            name="bg_color_code",
            capability="background colour",
            values="`#RRGGBB`; 3, 4 and 8 digits, none #, and colour names as well (assumption)",
            verdict=Verdict.CONVERTED,
            says="`background.color`; the file stays a PNG unless `format` says otherwise.",
            here="Put behind the subject here.",
            apply=effects.known(parse_colour, effects.fill, "a hexadecimal colour or a colour's English name"),
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="format",
            capability="format",
            values="png, jpg",
            default="png",
            verdict=Verdict.CONVERTED,
            says="`output.format`; jpg has quality 90 and white behind the subject without a background colour "
            "(assumptions). jpeg is read as jpg, in any case (assumption).",
            here="Written here, from Pixian's transparent PNG; jpg has quality 90 and white behind (assumptions).",
            apply=effects.known(values.file_format, effects.encode, "png and jpg", Output("png")),
            default_matters=True,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name=AS_TEXT,
            values="`base64`",
            verdict=Verdict.EMULATED,
            says="The body is base64 text instead of the file, without a prefix, as text/plain (assumption: only the "
            "vendor's package for the old interface asks for it, and what the answer looks like is not known).",
            apply=effects.known(values.encoded_as_text, effects.answer_as_text, "base64"),
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="client",
            values="text",
            verdict=Verdict.IGNORED,
            says="By this the vendor's plugins tell who they are; the picture does not depend on it.",
            confidence=Confidence.MEDIUM,
            hint=True,
        ),
        *(
            Rule(
                name=name,
                capability=capability,
                values="not known",
                verdict=Verdict.IGNORED,
                says="Whether Slazzer has anything like this is not known; here it has no effect (assumption).",
                confidence=Confidence.LOW,
            )
            for name, capability in UNCERTAIN.items()
        ),
    ),
)


def plan(call: Call) -> Plan:
    """Translate a call of any operation.

    Raises:
        TranslationError: no picture or several, as documented, or one that cannot be read as such; of the balance, no
            key.
    """
    if call.operation == ACCOUNT:
        if call.key is None and call.form.get(KEY_FIELD) is None:
            raise TranslationError(f"The field {KEY_FIELD} is missing. {ANY_KEY}", code="401", parameter=KEY_FIELD)
        return Plan(task=Task.ACCOUNT)
    sources = [name for name in call.form.names if name in SOURCES]
    if not sources:
        raise TranslationError(f"one of {', '.join(SOURCES)} is needed", code="400")
    if len(sources) > 1:
        raise TranslationError(f"only one of {', '.join(sources)} can be given", code="400", parameter=sources[1])
    return RULES.plan(call, max_input_pixels=MAX_INPUT_PIXELS)
