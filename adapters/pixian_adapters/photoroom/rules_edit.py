"""Every parameter of PhotoRoom's ``/v2/edit``, GET and POST, and what becomes of it on Pixian.

The order is that in which they take effect. Facts are from PhotoRoom's own description of its interface (June 2026),
unless ``confidence`` says otherwise. Sizes and places, and artificial intelligence, have modules of their own.
"""

from __future__ import annotations

from functools import partial

from pixian_adapters.photoroom import effects, values
from pixian_adapters.photoroom.rules_ai import AI_RULES
from pixian_adapters.photoroom.rules_layout import LAYOUT
from pixian_shim.translation import (
    BlurOriginal,
    Confidence,
    FillImage,
    Outline,
    Rule,
    RuleTable,
    Verdict,
    free_test,
    one_of,
    take_source,
)

SOURCES = ("imageFile", "imageUrl")
"""In the order in which they count if several are given."""

METADATA = ("never", "xmp", "exifSubset", "exifSubsetWithXmpCompatibility")


PICTURES = (
    Rule(
        name="imageFile",
        values="file part: PNG, JPEG or WebP",
        verdict=Verdict.CONVERTED,
        says="Sent as Pixian's `image`. WebP and AVIF are rewritten as PNG first, because Pixian does not list them; "
        "more than 32 megapixels are shrunk first. HEIC is refused: convert it to JPEG.",
        read=values.file_part,
        apply=take_source,
        source=True,
        upload=True,
        capability="source",
    ),
    Rule(
        name="imageUrl",
        values="http or https address",
        verdict=Verdict.CONVERTED,
        says="Pixian fetches it (`image.url`) where it does all of the work; mostly it is fetched here. With POST "
        "as well.",
        here="Fetched here, because the picture is worked on here.",
        read=values.address,
        apply=take_source,
        source=True,
        capability="source",
    ),
    free_test("PhotoRoom", read=values.boolean, also="A key that begins with `sandbox_` asks for it, too."),
    Rule(
        name="keepExistingAlphaChannel",
        values="never, auto",
        default="never",
        verdict=Verdict.EMULATED,
        says="Where the original is transparent anywhere, its own alpha is the matte, and Pixian is not asked.",
        read=one_of("never", "auto"),
        apply=effects.keep_alpha,
        capability="transparency",
    ),
)

BLUR = (
    Rule(
        name="removeBackground",
        values="true, false",
        default="true",
        verdict=Verdict.EXACT,
        says="What Pixian does. `false` is possible with `background.blur.mode` only; without that it is an error.",
        read=values.boolean,
        apply=effects.keep_background,
    ),
    Rule(
        name="background.blur.mode",
        values="gaussian, bokeh",
        verdict=Verdict.APPROXIMATED,
        says="The original is blurred here and put behind the subject; bokeh averages over a disk. PhotoRoom asks for "
        "removeBackground=false with it; here it does the same without (assumption).",
        read=one_of("gaussian", "bokeh"),
        apply=effects.blur,
        confidence=Confidence.MEDIUM,
        capability="background blur",
    ),
    Rule(
        name="background.blur.radius",
        values="0 to 0.05",
        default="0.01",
        verdict=Verdict.APPROXIMATED,
        says="A share of the picture's longer side (what it is a share of is not documented).",
        read=values.share(0.05),
        apply=partial(effects.needs, BlurOriginal, "No effect without background.blur.mode."),
        confidence=Confidence.MEDIUM,
        capability="background blur",
    ),
)

OUTLINE = (
    Rule(
        name="outline.color",
        values="hexadecimal or a colour name",
        verdict=Verdict.APPROXIMATED,
        says="A line is drawn around the subject here; its corners are ours.",
        read=values.colour,
        apply=effects.outline,
        confidence=Confidence.MEDIUM,
        capability="outline",
    ),
    Rule(
        name="outline.width",
        values="0 to 0.1",
        default="0.03",
        verdict=Verdict.APPROXIMATED,
        says="A share of the canvas's longer side (PhotoRoom: of the image size).",
        read=values.share(0.1),
        apply=partial(effects.needs, Outline, "No effect without outline.color."),
        confidence=Confidence.MEDIUM,
        capability="outline",
    ),
    Rule(
        name="outline.blurRadius",
        values="0 to 0.025",
        default="0",
        verdict=Verdict.APPROXIMATED,
        says="Likewise a share of the canvas's longer side (assumption).",
        read=values.share(0.025),
        apply=partial(effects.needs, Outline, "No effect without outline.color."),
        confidence=Confidence.MEDIUM,
        capability="outline",
    ),
)

BACKGROUND = (
    Rule(
        name="background.imageFile",
        values="file part",
        verdict=Verdict.EMULATED,
        says="Put behind the subject here, centred.",
        read=values.file_part,
        apply=effects.put_behind,
        upload=True,
        capability="background image",
    ),
    Rule(
        name="background.imageUrl",
        values="http or https address",
        verdict=Verdict.EMULATED,
        says="Fetched here and put behind the subject, centred. Taken with POST as well.",
        read=values.address,
        apply=effects.put_behind,
        capability="background image",
    ),
    Rule(
        name="background.scaling",
        values="fill, fit",
        default="fill",
        verdict=Verdict.EMULATED,
        says="fill covers the canvas, fit shows all of the background picture.",
        read=one_of("fill", "fit"),
        apply=partial(effects.needs, FillImage, "No effect without a background picture."),
        capability="background image",
    ),
    Rule(
        name="background.color",
        values="hexadecimal with or without #, 3 to 8 digits, a colour name, or transparent",
        default="transparent",
        verdict=Verdict.CONVERTED,
        says="`background.color`, where Pixian lays the picture out; otherwise put behind the subject here, and behind "
        "a background picture that does not cover the canvas.",
        here="Put behind the subject here.",
        read=values.colour,
        apply=effects.fill,
        capability="background colour",
    ),
)

EXPORT = (
    Rule(
        name="export.format",
        values="png, jpeg, jpg, webp, avif",
        default="png",
        verdict=Verdict.CONVERTED,
        says="JPEG with quality 80, WebP and AVIF with 90, as on PhotoRoom; written here, unless Pixian does all "
        "of the work. JPEG has white behind the subject unless a background is given (not documented). `image/png` and "
        "the like are accepted as well.",
        here="Written here.",
        read=values.image_format("png", "jpg", "webp", "avif"),
        apply=effects.encode,
        default_matters=True,
        capability="format",
    ),
    Rule(
        name="export.dpi",
        values="72 to 1200",
        verdict=Verdict.EMULATED,
        says="Written into the file, where its format can hold it.",
        read=values.whole(72, 1200),
        apply=effects.resolve,
    ),
    Rule(
        name="preserveMetadata",
        values=", ".join(METADATA),
        default="never",
        verdict=Verdict.IGNORED,
        says="Nothing is carried over from the original's metadata.",
        read=one_of(*METADATA),
    ),
    Rule(
        name="colorSpace",
        values="sRGB, original",
        default="sRGB",
        verdict=Verdict.IGNORED,
        says="The result is sRGB.",
        read=one_of("sRGB", "original"),
        apply=effects.keep_profile,
    ),
)

RULES = RuleTable(
    "PhotoRoom", (*PICTURES, *BLUR, *LAYOUT, *OUTLINE, *BACKGROUND, *EXPORT, *AI_RULES), refusal=values.INVALID
)
