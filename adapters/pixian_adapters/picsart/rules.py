"""Every parameter of Picsart's ``POST /removebg``, and what becomes of it on Pixian.

The order is that in which they take effect. Names, values and defaults are from Picsart's own OpenAPI description (copy
of March 2026). What that leaves open (units of the blurs, a single side of the canvas, what is centred and scaled) is
marked by ``confidence`` and the word assumption.
"""

from __future__ import annotations

from pixian_adapters.picsart import effects, values
from pixian_adapters.picsart.effects import BACKGROUNDS, SHADOWS
from pixian_adapters.picsart.values import MAX_SIDE
from pixian_shim.errors import TranslationError
from pixian_shim.translation import (
    Call,
    Confidence,
    Plan,
    Rule,
    RuleTable,
    Task,
    Verdict,
    as_switch,
    free_test,
    one_of,
    take_source,
)

MAX_INPUT_PIXELS = 50_000_000
"""Ours; Picsart's own limit is not documented."""

SOURCES = ("image", "image_url", "image_id")

RULES = RuleTable(
    "Picsart",
    refusal=values.INVALID,
    rules=(
        Rule(
            name="image",
            values="file part",
            verdict=Verdict.CONVERTED,
            says="Sent as Pixian's `image`. PNG, JPEG, GIF, BMP and TIFF as they are; WebP and AVIF are rewritten as "
            "PNG first. Any other format is a 400. More than 32 megapixels are shrunk first.",
            read=values.file_part,
            apply=take_source,
            source=True,
            upload=True,
            capability="source",
        ),
        Rule(
            name="image_url",
            values="http or https address",
            verdict=Verdict.CONVERTED,
            says="Pixian fetches it (`image.url`); where the original's pixels are needed here, it is fetched here. A "
            "link of a former result is taken from where it is kept.",
            read=values.address,
            apply=take_source,
            source=True,
            capability="source",
        ),
        Rule(
            name="image_id",
            values="id of a picture in Picsart's storage (deprecated there)",
            verdict=Verdict.REFUSED,
            says="Nobody but Picsart can read it: send `image` or `image_url`.",
            apply=effects.refuse_stored,
            source=True,
            capability="source",
        ),
        free_test("Picsart"),
        Rule(
            name="model",
            values="`urn:air:picsart:model:picsart:sod@10`, `...@10.1`",
            default="urn:air:picsart:model:picsart:sod@10",
            verdict=Verdict.IGNORED,
            says="Pixian has one model, and no choice. Any text is taken.",
            capability="ai",
        ),
        Rule(
            name="auto_center",
            values="true, false",
            default="false",
            verdict=Verdict.EMULATED,
            says="The subject is moved to the canvas's centre here, at its size (that it keeps its size is an "
            "assumption).",
            read=as_switch,
            apply=effects.centre,
            confidence=Confidence.MEDIUM,
            capability="position",
        ),
        Rule(
            name="bg_width",
            values=f"1 to {MAX_SIDE:,} px",
            verdict=Verdict.CONVERTED,
            says="With `bg_height` `result.target_size`: the whole photo lies on a canvas of that size. Alone, the "
            "height follows the photo's aspect (assumption), which is done here.",
            here="The whole photo is laid out on a canvas of that size here, as `scale` says.",
            read=values.whole(1, MAX_SIDE),
            apply=effects.lay_out,
            confidence=Confidence.MEDIUM,
            capability="size",
        ),
        Rule(
            name="bg_height",
            values=f"1 to {MAX_SIDE:,} px",
            verdict=Verdict.CONVERTED,
            says="Height of the canvas, likewise.",
            here="Height of the canvas, likewise here.",
            read=values.whole(1, MAX_SIDE),
            apply=effects.lay_out,
            confidence=Confidence.MEDIUM,
            capability="size",
        ),
        Rule(
            name="scale",
            values="fit, fill",
            default="fit",
            verdict=Verdict.EMULATED,
            says="fit: the photo lies wholly inside the canvas; fill: it covers the canvas and is cut off beside it. "
            "That the whole photo is meant, not the subject alone, is an assumption.",
            read=one_of("fit", "fill"),
            apply=effects.check_scale,
            confidence=Confidence.MEDIUM,
            capability="scale",
        ),
        Rule(
            name="stroke_size",
            values="0 to 100",
            default="0",
            verdict=Verdict.EMULATED,
            says="A line of as many px is drawn around the subject here (the unit is from a comment in the vendor's "
            "sample).",
            read=values.whole(0, 100),
            apply=effects.outline,
            confidence=Confidence.MEDIUM,
            capability="outline",
        ),
        Rule(
            name="stroke_color",
            values="3, 4, 6 or 8 hexadecimal digits, with or without #, or a colour name",
            default="FFFFFF",
            verdict=Verdict.EMULATED,
            says="Colour of the line.",
            read=values.colour,
            apply=effects.check_outline,
            capability="outline",
        ),
        Rule(
            name="stroke_opacity",
            values="0 to 100",
            default="100",
            verdict=Verdict.EMULATED,
            says="Opacity of the line in per cent.",
            read=values.whole(0, 100),
            apply=effects.check_outline,
            capability="outline",
        ),
        Rule(
            name="shadow",
            values=f"disabled, custom, {', '.join(SHADOWS)}",
            default="disabled",
            verdict=Verdict.APPROXIMATED,
            says="The silhouette of subject and line is put behind them here, in black (assumption); the named ones "
            "are moved by 10 px, as documented.",
            read=one_of("disabled", "custom", *SHADOWS),
            apply=effects.cast_shadow,
            confidence=Confidence.MEDIUM,
            capability="shadow",
        ),
        Rule(
            name="shadow_opacity",
            values="0 to 100",
            default="20",
            verdict=Verdict.EMULATED,
            says="Opacity of the shadow in per cent.",
            read=values.whole(0, 100),
            apply=effects.check_shadow,
            capability="shadow",
        ),
        Rule(
            name="shadow_blur",
            values="0 to 100",
            default="50",
            verdict=Verdict.APPROXIMATED,
            says="Taken as px as in CSS, a standard deviation of half as much (assumption: the unit is not "
            "documented).",
            read=values.whole(0, 100),
            apply=effects.check_shadow,
            confidence=Confidence.LOW,
            capability="shadow",
        ),
        *(
            Rule(
                name=name,
                values="-100 to 100; needed with `shadow=custom`",
                verdict=Verdict.EMULATED,
                says=f"Pixels of the canvas that the shadow is moved {direction}.",
                read=values.whole(-100, 100),
                apply=effects.check_offset,
                confidence=Confidence.MEDIUM,
                capability="shadow",
            )
            for name, direction in (("shadow_offset_x", "to the right"), ("shadow_offset_y", "down"))
        ),
        Rule(
            name="bg_blur",
            values="0 to 100",
            default="0",
            verdict=Verdict.APPROXIMATED,
            says="The new background is blurred here; without one, the photo's own stays, blurred (which one is meant "
            "is not documented). 100 is a standard deviation of 5 % of the longer side (assumption).",
            read=values.whole(0, 100),
            apply=effects.blur,
            confidence=Confidence.LOW,
            capability="background blur",
        ),
        Rule(
            name="bg_color",
            values="3, 4, 6 or 8 hexadecimal digits, with or without #, or a colour name",
            verdict=Verdict.CONVERTED,
            says="`background.color`.",
            here="Put behind the subject here.",
            read=values.colour,
            apply=effects.fill,
            capability="background colour",
        ),
        Rule(
            name="bg_image",
            values="file part",
            verdict=Verdict.EMULATED,
            says="Put behind the subject here, centred and scaled to cover the canvas (assumption).",
            read=values.file_part,
            apply=effects.put_behind,
            upload=True,
            confidence=Confidence.MEDIUM,
            capability="background image",
        ),
        Rule(
            name="bg_image_url",
            values="http or https address",
            verdict=Verdict.EMULATED,
            says="Fetched here and put behind the subject, likewise.",
            read=values.address,
            apply=effects.put_behind,
            confidence=Confidence.MEDIUM,
            capability="background image",
        ),
        Rule(
            name="bg_image_id",
            values="id of a picture in Picsart's storage",
            verdict=Verdict.REFUSED,
            says="Nobody but Picsart can read it: send `bg_image` or `bg_image_url`.",
            apply=effects.refuse_stored,
            capability="background image",
        ),
        Rule(
            name="output_type",
            values="cutout, mask",
            default="cutout",
            verdict=Verdict.EMULATED,
            says="The mask is the subject's alpha as a grey picture, white where the subject is (assumption). With a "
            "background picture it has no effect, as on Picsart.",
            read=one_of("cutout", "mask"),
            apply=effects.choose_output,
            confidence=Confidence.MEDIUM,
            capability="mask",
        ),
        Rule(
            name="format",
            values="PNG, JPG, WEBP, in any case",
            default="PNG",
            verdict=Verdict.CONVERTED,
            says="`output.format`; JPG has quality 90 and white behind the subject unless a background is given (what "
            "Picsart puts there is not documented).",
            here="Written here, from Pixian's transparent PNG.",
            read=values.file_format,
            apply=effects.encode,
            default_matters=True,
            capability="format",
        ),
    ),
)


def plan(call: Call) -> Plan:
    """Translate a call of any operation.

    Raises:
        TranslationError: with Picsart's status as its code.
    """
    if call.operation == "balance":
        return Plan(task=Task.ACCOUNT)
    sources = [name for name in call.form.names if name in SOURCES]
    backgrounds = [name for name in call.form.names if name in BACKGROUNDS]
    if not sources:
        raise TranslationError("one of image and image_url is needed", code="400")
    if len(sources) > 1:
        raise TranslationError(f"only one of {', '.join(sources)} can be given", code="400")
    if len(backgrounds) > 1:
        raise TranslationError(f"only one of {', '.join(backgrounds)} can be given", code="400")
    return RULES.plan(call, max_input_pixels=MAX_INPUT_PIXELS, tells_balance=True)
