"""Every parameter of remove.bg's ``POST /removebg``, and what becomes of it on Pixian.

The order is that in which they take effect. Facts about remove.bg are from its own documentation (state of April 2025)
and recorded answers, unless ``confidence`` says otherwise.
"""

from __future__ import annotations

from pixian_adapters.removebg import effects, values
from pixian_adapters.removebg.effects import BACKGROUNDS, SIZES
from pixian_shim.errors import TranslationError
from pixian_shim.translation import (
    Call,
    Confidence,
    Plan,
    Rule,
    RuleTable,
    Task,
    Verdict,
    as_text,
    free_test,
    no_change,
    take_source,
)

MAX_INPUT_PIXELS = 50_000_000
SOURCES = ("image_file", "image_file_b64", "image_url")

RULES = RuleTable(
    "remove.bg",
    refusal=values.INVALID,
    rules=(
        Rule(
            name="image_file",
            capability="source",
            values="file part: JPG, PNG or WebP",
            verdict=Verdict.CONVERTED,
            says="Sent as Pixian's `image`. WebP and AVIF are rewritten as PNG first, because Pixian does not list "
            "them; more than 32 megapixels are shrunk first.",
            read=values.file_part,
            apply=take_source,
            source=True,
            upload=True,
        ),
        Rule(
            name="image_file_b64",
            capability="source",
            values="base64 text, with or without `data:` prefix",
            verdict=Verdict.CONVERTED,
            says="Decoded here and sent as binary: Pixian's own base64 field ends at 1 MB.",
            read=values.base64_text,
            apply=take_source,
            source=True,
        ),
        Rule(
            name="image_url",
            capability="source",
            values="http or https address",
            verdict=Verdict.CONVERTED,
            says="Pixian fetches it (`image.url`); where the original's pixels are needed here, it is fetched here.",
            read=values.address,
            apply=take_source,
            source=True,
        ),
        free_test("remove.bg", read=values.boolean),
        Rule(
            name="type",
            capability="subject class",
            values="auto, person, product, car, animal, graphic, transportation, other",
            default="auto",
            verdict=Verdict.IGNORED,
            says="Pixian finds the subject without being told its class; here it only chooses among shadows.",
        ),
        Rule(
            name="type_level",
            capability="subject class",
            values="none, 1, 2, latest",
            default="1",
            verdict=Verdict.IGNORED,
            says="The picture is the same; X-Type is always `other`, because Pixian names no class.",
            apply=effects.answer_type,
        ),
        Rule(
            name="semitransparency",
            capability="transparency",
            values="true, false",
            default="true",
            verdict=Verdict.IGNORED,
            says="It concerns car windows only, and Pixian has no switch for them.",
            read=values.boolean,
        ),
        Rule(
            name="roi",
            capability="region",
            values="x1 y1 x2 y2, each px or %",
            default="0% 0% 100% 100%",
            verdict=Verdict.EMULATED,
            says="The region is cut out before the upload and put back in place afterwards. A subject that reaches "
            "beyond it may be found less well than in the whole picture.",
            read=values.region,
            apply=effects.keep_region,
        ),
        Rule(
            name="size",
            capability="size",
            values="preview (small, regular), medium, hd, full (4k), 50MP, auto",
            default="preview",
            verdict=Verdict.CONVERTED,
            says="Caps the result at as many megapixels: preview 0.25, medium 1.5, hd 4, full 25, 50MP 50; PNG 10. "
            "auto is taken as full; what it costs is Pixian's own price.",
            read=values.word(*SIZES),
            apply=effects.cap_pixels,
            default_matters=True,
        ),
        Rule(
            name="crop",
            capability="crop",
            values="true, false",
            default="false",
            verdict=Verdict.CONVERTED,
            says="`result.crop_to_foreground`.",
            here="Cropped here.",
            read=values.boolean,
            apply=effects.crop,
        ),
        Rule(
            name="crop_margin",
            capability="margin",
            values="1, 2 or 4 lengths in px or % of the subject",
            default="0",
            verdict=Verdict.EMULATED,
            says="Added here, each side capped at half the subject and at 500 px as on remove.bg. px are the result's "
            "(assumption).",
            read=values.crop_margin,
            apply=effects.check_margin,
        ),
        Rule(
            name="scale",
            capability="scale",
            values="original, 10% to 100%",
            default="original",
            verdict=Verdict.EMULATED,
            says="The subject is scaled here until its larger side takes that share of the canvas, and centred unless "
            "a position is given. That the larger side counts is an assumption.",
            read=values.scale,
            apply=effects.place,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="position",
            capability="position",
            values="original (also where it is not given, unless scale is), center, or one or two % (horizontal, "
            "vertical)",
            verdict=Verdict.EMULATED,
            says="The subject is moved here; a per cent is the share of the spare space left of or above it "
            "(assumption).",
            read=values.position,
            apply=effects.move,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="shadow_type",
            capability="shadow",
            values="auto, car, 3D, drop, none; also per class, `shadow_type[car]`",
            verdict=Verdict.APPROXIMATED,
            says="A soft drop shadow is drawn here, its shape is ours; car and 3D shadows are left out. auto goes by "
            "type: drop unless that is car, person or transportation. A type that is not given counts as `other`. A "
            "crop keeps the shadow.",
            read=values.word("auto", "car", "3D", "drop", "none"),
            apply=effects.draw_shadow,
            apply_variant=effects.draw_shadow_of_class,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="shadow_opacity",
            capability="shadow",
            values="0 to 100, auto; also per class",
            verdict=Verdict.APPROXIMATED,
            says="Strength of the drop shadow; auto is 90 for a car and 50 for anything else, and so is no value (what "
            "remove.bg then takes is not documented).",
            read=values.opacity,
            apply=effects.check_opacity,
            apply_variant=effects.check_opacity_of_class,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="add_shadow",
            capability="shadow",
            values="true, false",
            default="false",
            verdict=Verdict.IGNORED,
            says="Deprecated on remove.bg, where it drew shadows under cars only; Pixian draws none.",
            read=values.boolean,
        ),
        Rule(
            name="shadow_method",
            values="legacy, latest",
            default="latest",
            verdict=Verdict.EXACT,
            says="Without effect on remove.bg since 2021, and here.",
        ),
        Rule(
            name="bg_color",
            capability="background colour",
            values="3, 4, 6 or 8 hexadecimal digits, with or without #, or a colour name",
            verdict=Verdict.CONVERTED,
            says="`background.color`.",
            here="Put behind the subject here.",
            read=values.colour,
            apply=effects.fill,
        ),
        Rule(
            name="bg_image_url",
            capability="background image",
            values="http or https address",
            verdict=Verdict.EMULATED,
            says="Fetched here and put behind the subject, centred and scaled to cover.",
            read=values.address,
            apply=effects.put_behind,
        ),
        Rule(
            name="bg_image_file",
            capability="background image",
            values="file part",
            verdict=Verdict.EMULATED,
            says="Put behind the subject here, centred and scaled to cover.",
            read=values.file_part,
            apply=effects.put_behind,
            upload=True,
        ),
        Rule(
            name="format",
            capability="format",
            values="auto, png, jpg, webp, zip",
            default="auto",
            verdict=Verdict.CONVERTED,
            says="`output.format`; jpg has quality 90 and white behind the subject unless a background is given (what "
            "remove.bg puts there is not documented).",
            here="Written here, from Pixian's transparent PNG.",
            read=values.file_format,
            apply=effects.encode,
        ),
        Rule(
            name="channels",
            capability="mask",
            values="rgba, alpha",
            default="rgba",
            verdict=Verdict.EMULATED,
            says="The subject's alpha channel is taken out here, without shadow and background.",
            read=values.word("rgba", "alpha"),
            apply=effects.take_channels,
        ),
    ),
)


IMPROVE_RULES = RuleTable(
    "remove.bg",
    refusal=values.INVALID,
    rules=tuple(
        Rule(
            name=name,
            values=values,
            verdict=Verdict.IGNORED,
            says="Pixian takes no training material: nothing is sent anywhere, and the answer holds an id of ours.",
            read=read,
            apply=apply,
        )
        for name, values, read, apply in (
            ("image_file", "file part", values.file_part, take_source),
            ("image_file_b64", "base64 text", values.base64_text, take_source),
            ("image_url", "http or https address", values.address, take_source),
            ("image_filename", "text", as_text, no_change),
            ("tag", "text", as_text, no_change),
        )
    ),
)


def plan(call: Call) -> Plan:
    """Translate a call of any operation.

    Raises:
        TranslationError: with remove.bg's own code, for what remove.bg refuses too.
    """
    if call.operation == "account":
        return Plan(task=Task.ACCOUNT)
    sources = [name for name in call.form.names if name in SOURCES]
    backgrounds = [name for name in call.form.names if name in BACKGROUNDS]
    if not sources:
        detail = "One of image_url, image_file and image_file_b64 is needed."
        raise TranslationError("No image given", code="missing_source", detail=detail)
    if len(sources) > 1:
        raise TranslationError(f"Multiple image sources given: {', '.join(sources)}", code="multiple_sources")
    if len(backgrounds) > 1:
        message = f"Multiple background sources given: {', '.join(backgrounds)}"
        raise TranslationError(message, code="multiple_bg_sources")
    if call.operation == "improve":
        return IMPROVE_RULES.plan(call, task=Task.NOTHING)
    return RULES.plan(call, max_input_pixels=MAX_INPUT_PIXELS, needs_foreground=True)
