"""Every parameter of PhotoRoom's ``POST /v1/segment``, and what becomes of it on Pixian.

The order is that in which they take effect. Facts are from PhotoRoom's own description of its interface (June 2026),
unless ``confidence`` says otherwise.
"""

from __future__ import annotations

from pixian_adapters.photoroom import effects, values
from pixian_shim.translation import (
    Confidence,
    Rule,
    RuleTable,
    Verdict,
    free_test,
    one_of,
    take_source,
)

SOURCES = ("image_file", "image_file_b64", "image_url")
"""In the order in which they count if several are given."""

RULES = RuleTable(
    "PhotoRoom",
    refusal=values.INVALID,
    rules=(
        Rule(
            name="image_file",
            values="file part: PNG, JPEG, WebP or HEIC",
            verdict=Verdict.CONVERTED,
            says="Sent as Pixian's `image`. WebP and AVIF are rewritten as PNG first, because Pixian does not list "
            "them; more than 32 megapixels are shrunk first. HEIC is refused: convert it to JPEG.",
            read=values.file_part,
            apply=take_source,
            source=True,
            upload=True,
            capability="source",
        ),
        Rule(
            name="image_file_b64",
            values="base64 text, with or without `data:` prefix",
            verdict=Verdict.CONVERTED,
            says="Documented until about 2023, mostly in a JSON body; whether PhotoRoom still takes it is not known. "
            "Decoded here and sent as binary.",
            read=values.base64_text,
            apply=take_source,
            source=True,
            confidence=Confidence.MEDIUM,
            capability="source",
        ),
        Rule(
            name="image_url",
            values="http or https address",
            verdict=Verdict.CONVERTED,
            says="Never documented, seen in one program. Pixian fetches it (`image.url`); where the original's pixels "
            "are needed here, it is fetched here.",
            read=values.address,
            apply=take_source,
            source=True,
            confidence=Confidence.LOW,
            capability="source",
        ),
        free_test("PhotoRoom", read=values.boolean, also="A key that begins with `sandbox_` asks for it, too."),
        Rule(
            name="size",
            values="preview, medium, hd, full",
            default="full",
            verdict=Verdict.CONVERTED,
            says="Caps the result at as many megapixels: preview 0.25, medium 1.5, hd 4, full 36. Beyond Pixian's 25, "
            "the matte is enlarged here, unless the picture is given by its address.",
            read=one_of("preview", "medium", "hd", "full"),
            apply=effects.cap_pixels,
            default_matters=True,
            capability="size",
        ),
        Rule(
            name="despill",
            values="true, false",
            default="false",
            verdict=Verdict.IGNORED,
            says="Pixian has no switch for the reflections of a green screen.",
            read=values.boolean,
        ),
        Rule(
            name="crop",
            values="true, false",
            default="false",
            verdict=Verdict.CONVERTED,
            says="`result.crop_to_foreground`.",
            here="Cropped here.",
            read=values.boolean,
            apply=effects.crop,
            capability="crop",
        ),
        Rule(
            name="bg_color",
            values="hexadecimal, with or without #, or a colour name",
            verdict=Verdict.CONVERTED,
            says="`background.color`.",
            here="Put behind the subject here.",
            read=values.colour,
            apply=effects.fill_segment,
            capability="background colour",
        ),
        Rule(
            name="channels",
            values="rgba, alpha",
            default="rgba",
            verdict=Verdict.EMULATED,
            says="The matte is taken out here, white where the subject is.",
            read=one_of("rgba", "alpha"),
            apply=effects.take_channels,
            capability="mask",
        ),
        Rule(
            name="format",
            values="png, jpg, webp",
            default="png",
            verdict=Verdict.CONVERTED,
            says="`output.format`; `image/png` and the like are accepted as well. jpg has quality 80, and white behind "
            "the subject unless bg_color says otherwise (neither is documented for this interface).",
            here="Written here, from Pixian's transparent PNG.",
            read=values.image_format("png", "jpg", "webp"),
            apply=effects.encode,
            default_matters=True,
            capability="format",
        ),
    ),
)
