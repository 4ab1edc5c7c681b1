"""Every parameter of remove.bg's ``POST /removebg``, and what becomes of it on Pixian.

The order is that in which they take effect. Facts about remove.bg are from its own documentation (state of April 2025)
and recorded answers, unless ``confidence`` says otherwise.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import InvalidParameter, TranslationError
from pixian_shim.geometry import Length, Margin
from pixian_shim.pixian import Base64Text, ImageUrl, Upload
from pixian_shim.translation import (
    Call,
    Colour,
    Confidence,
    CropToForeground,
    Draft,
    DropShadow,
    FillColour,
    FillImage,
    Outcome,
    PlaceSubject,
    Plan,
    Region,
    Rule,
    RuleTable,
    Task,
    Verdict,
    as_text,
    no_change,
    parse_colour,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pixian_shim.translation import Encoding

SIZES = {
    "preview": 250_000,
    "small": 250_000,
    "regular": 250_000,
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 25_000_000,
    "4k": 25_000_000,
    "auto": 25_000_000,
    "50MP": 50_000_000,
}
"""Largest result in pixels."""

MAX_PNG_PIXELS = 10_000_000
MAX_INPUT_PIXELS = 50_000_000
MAX_MARGIN_SHARE, MAX_MARGIN_PX = 0.5, 500
SOURCES = ("image_file", "image_file_b64", "image_url")
BACKGROUNDS = ("bg_color", "bg_image_url", "bg_image_file")
TYPES = ("auto", "person", "product", "car", "animal", "graphic", "transportation", "other")


def _invalid(parameter: str) -> TranslationError:
    return TranslationError(f"Invalid {parameter} parameter given", code=f"invalid_{parameter}", parameter=parameter)


def _one_of(parameter: str, allowed: Collection[str], value: str | Upload) -> str:
    text = as_text(value)
    if text not in allowed:
        raise TranslationError(
            f"Invalid value for parameter '{parameter}'",
            code=f"invalid_{parameter}",
            parameter=parameter,
            detail=f"one of {', '.join(allowed)} is expected",
        )
    return text


def _boolean(parameter: str, value: str | Upload) -> bool:
    text = as_text(value).lower()
    if text not in ("true", "false", "1", "0"):
        raise _invalid(parameter)
    return text in ("true", "1")


def _file(parameter: str, value: str | Upload) -> Upload:
    if not isinstance(value, Upload):
        raise TranslationError(
            "Invalid file type",
            code="invalid_file_type",
            parameter=parameter,
            detail=f"{parameter} is text; send it as a file part, or use image_url or image_file_b64",
        )
    return value


def _base64(value: str | Upload) -> Upload:
    if isinstance(value, Upload):
        value = value.read().decode("ascii", "replace")
    try:
        return Base64Text(value).decode(parameter="image_file_b64")
    except InvalidParameter as error:
        message = "There was an error reading the image."
        raise TranslationError(message, code="failed_to_read_image", detail="image_file_b64 is not base64") from error


def _url(parameter: str, value: str | Upload) -> ImageUrl:
    text = as_text(value).strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise TranslationError(f"Invalid {parameter}: {text}", code=f"invalid_{parameter}", parameter=parameter)
    return ImageUrl(text)


def _colour(value: str | Upload) -> Colour:
    colour = parse_colour(as_text(value))
    if colour is None:
        raise _invalid("bg_color")
    return colour


def _lengths(parameter: str, value: str | Upload, counts: Collection[int]) -> list[Length]:
    words = as_text(value).split()
    if len(words) not in counts:
        raise _invalid(parameter)
    try:
        return [Length.parse(word, parameter=parameter) for word in words]
    except InvalidParameter as error:
        raise _invalid(parameter) from error


def _region(value: str | Upload) -> Region:
    region = Region(*_lengths("roi", value, {4}))
    for low, high in ((region.left, region.right), (region.top, region.bottom)):
        if (low.unit == high.unit or low.value == 0) and low.value >= high.value:
            raise TranslationError("ROI region is empty", code="roi_region_empty", parameter="roi", detail=str(value))
        if any(edge.unit == "%" and edge.value > 100 for edge in (low, high)):  # noqa: PLR2004
            raise TranslationError(
                "ROI exceeds image bounds", code="roi_exceeds_bounds", parameter="roi", detail=str(value)
            )
    return region


def _crop_margin(value: str | Upload) -> Margin:
    return Margin.parse([str(length) for length in _lengths("crop_margin", value, {1, 2, 4})])


def _percent(word: str, low: float, parameter: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", word)
    if match is None or not low <= float(match[1]) <= 100:  # noqa: PLR2004
        raise _invalid(parameter)
    return float(match[1]) / 100


def _scale(value: str | Upload) -> float | None:
    text = as_text(value)
    return None if text == "original" else _percent(text, 10, "scale")


def _position(value: str | Upload) -> tuple[float, float] | str:
    text = as_text(value)
    if text == "original":
        return text
    if text == "center":
        return (0.5, 0.5)
    words = text.split()
    if len(words) not in (1, 2):
        raise _invalid("position")
    shares = [_percent(word, 0, "position") for word in words]
    return shares[0], shares[-1]


def _opacity(value: str | Upload) -> float:
    text = as_text(value)
    if text == "auto":
        return 0.5  # documented for every class but car
    if not re.fullmatch(r"\d{1,3}", text) or int(text) > 100:  # noqa: PLR2004
        raise _invalid("shadow_opacity")
    return int(text) / 100


def _take_source(source: Upload | ImageUrl, draft: Draft) -> None:
    draft.source = source


def _keep_region(region: Region, draft: Draft) -> Outcome | None:
    if region in (_WHOLE, _WHOLE_BARE):
        return Outcome(Verdict.EXACT, "The whole picture.")
    draft.region = region
    return None


def _cap_pixels(size: str, draft: Draft) -> Outcome:
    cap = SIZES[size]
    if draft.settings["format"] == "png" or (draft.settings["format"] == "auto" and not _opaque_background(draft)):
        cap = min(cap, MAX_PNG_PIXELS)
    draft.max_pixels = cap
    says = f"The result has at most {cap / 1e6:g} megapixels."
    if cap > SIZES["full"]:
        return Outcome(
            Verdict.EMULATED,
            f"{says} Beyond Pixian's 25 the matte is enlarged and applied to the original's own pixels.",
        )
    return Outcome(Verdict.CONVERTED, says)


def _opaque_background(draft: Draft) -> bool:
    colour = draft.settings["bg_color"]
    return bool(
        draft.settings["bg_image_url"] or draft.settings["bg_image_file"] or (colour is not None and colour.opaque)
    )


def _crop(wanted: bool, draft: Draft) -> Outcome | None:
    if not wanted:
        return Outcome(Verdict.EXACT, "The default; it asks for nothing.")
    margin = draft.settings["crop_margin"]
    draft.add(CropToForeground(margin, MAX_MARGIN_SHARE, MAX_MARGIN_PX))
    return None if margin == Margin() else Outcome(Verdict.EMULATED, "Cropped here, because of the margin.")


def _margin_note(_margin: Margin, draft: Draft) -> Outcome | None:
    return (
        None if draft.settings["crop"] else Outcome(Verdict.EXACT, "No effect without crop=true; on remove.bg neither.")
    )


def _place(scale: float | None, draft: Draft) -> None:
    if scale is not None:
        position = draft.settings["position"] or (0.5, 0.5)
        draft.add(PlaceSubject(scale, None if position == "original" else position))


def _move(position: tuple[float, float] | str, draft: Draft) -> Outcome | None:
    if position == "original":
        return Outcome(Verdict.EXACT, "The subject stays where it is.")
    if draft.settings["scale"] is None:
        draft.add(PlaceSubject(None, position))  # type: ignore[arg-type]
    return None


def _shadow(kind: str, draft: Draft) -> Outcome | None:
    if kind == "none":
        return Outcome(Verdict.EXACT, "No shadow.")
    if kind in ("car", "3D"):
        return Outcome(Verdict.IGNORED, f"Pixian draws no shadow, and a {kind} shadow cannot be drawn here.")
    draft.add(DropShadow(draft.settings["shadow_opacity"]))
    return None


def _shadow_of_class(subject: str, kind: str, draft: Draft) -> Outcome | None:
    if subject not in (draft.settings["type"], "other"):
        return Outcome(
            Verdict.IGNORED, f"Pixian does not say whether the subject is a {subject}; type={subject} would."
        )
    return _shadow(kind, draft)


def _shadow_strength(_opacity: float, draft: Draft) -> Outcome | None:
    if DropShadow in draft.steps:
        return None
    return Outcome(Verdict.EXACT, "No effect without a shadow.")


def _strength_of_class(subject: str, opacity: float, draft: Draft) -> Outcome | None:
    if DropShadow in draft.steps and subject in (draft.settings["type"], "other"):
        draft.add(DropShadow(opacity))
        return None
    return Outcome(Verdict.EXACT, "No effect without a shadow of that class.")


def _fill(colour: Colour, draft: Draft) -> Outcome | None:
    draft.add(FillColour(*colour))
    if colour.opaque:
        return None
    return Outcome(Verdict.EMULATED, "Pixian's colours are opaque; this one is put behind the subject here.")


def _backdrop(parameter: str, source: Upload | ImageUrl, draft: Draft) -> None:
    draft.add(FillImage(source, parameter))


def _encode(encoding: Encoding, draft: Draft) -> Outcome | None:
    if encoding == "jpg" and not draft.given.intersection(BACKGROUNDS):
        draft.add(FillColour(255, 255, 255))
    draft.output = attrs.evolve(draft.output, encoding=encoding)
    if encoding in ("webp", "zip"):
        return Outcome(Verdict.EMULATED, f"Pixian writes no {encoding}; it is made here from a PNG.")
    return None


def _channels(channels: Literal["rgba", "alpha"], draft: Draft) -> None:
    draft.output = attrs.evolve(draft.output, channels=channels)


def _without_type_level(level: str, _draft: Draft) -> Outcome | None:
    return Outcome(Verdict.EXACT, "X-Type is left out of the answer.") if level == "none" else None


def _test(wanted: bool, draft: Draft) -> None:
    draft.parameters["test"] = wanted


def _format(value: str | Upload) -> str:
    text = as_text(value)
    if text not in ("auto", "png", "jpg", "webp", "zip"):
        raise _invalid("format")
    return text


def _choice(name: str, allowed: Collection[str]) -> Callable[[str | Upload], Any]:
    return partial(_one_of, name, allowed)


_WHOLE = Region(Length(0, "%"), Length(0, "%"), Length(100, "%"), Length(100, "%"))
_WHOLE_BARE = Region(Length(0, "px"), Length(0, "px"), Length(100, "%"), Length(100, "%"))

RULES = RuleTable(
    "remove.bg",
    (
        Rule(
            name="image_file",
            values="file part: JPG, PNG or WebP",
            verdict=Verdict.CONVERTED,
            says="Sent as Pixian's `image`. WebP is rewritten as PNG first, because Pixian does not list it; more than "
            "32 megapixels are shrunk first.",
            read=partial(_file, "image_file"),
            apply=_take_source,
            source=True,
            upload=True,
        ),
        Rule(
            name="image_file_b64",
            values="base64 text, with or without `data:` prefix",
            verdict=Verdict.CONVERTED,
            says="Decoded here and sent as binary: Pixian's own base64 field ends at 1 MB.",
            read=_base64,
            apply=_take_source,
            source=True,
        ),
        Rule(
            name="image_url",
            values="http or https address",
            verdict=Verdict.CONVERTED,
            says="Pixian fetches it (`image.url`); where the original's pixels are needed here, it is fetched here.",
            read=partial(_url, "image_url"),
            apply=_take_source,
            source=True,
        ),
        Rule(
            name="test",
            values="true, false",
            default="false",
            verdict=Verdict.EXACT,
            says="Not remove.bg's: Pixian's free test mode, with a watermark.",
            read=partial(_boolean, "test"),
            apply=_test,
        ),
        Rule(
            name="type",
            values="auto, person, product, car, animal, graphic, transportation",
            default="auto",
            verdict=Verdict.IGNORED,
            says="Pixian finds the subject without being told its class.",
        ),
        Rule(
            name="type_level",
            values="none, 1, 2, latest",
            default="1",
            verdict=Verdict.IGNORED,
            says="The picture is the same; X-Type is always `other`, because Pixian names no class.",
            apply=_without_type_level,
        ),
        Rule(
            name="semitransparency",
            values="true, false",
            default="true",
            verdict=Verdict.IGNORED,
            says="It concerns car windows only, and Pixian has no switch for them.",
            read=partial(_boolean, "semitransparency"),
        ),
        Rule(
            name="roi",
            values="x1 y1 x2 y2, each px or %",
            default="0% 0% 100% 100%",
            verdict=Verdict.EMULATED,
            says="The region is cut out before the upload and put back in place afterwards.",
            read=_region,
            apply=_keep_region,
        ),
        Rule(
            name="size",
            values="preview (small, regular), medium, hd, full (4k), 50MP, auto",
            default="preview",
            verdict=Verdict.CONVERTED,
            says="Caps the result at as many megapixels: preview 0.25, medium 1.5, hd 4, full 25, 50MP 50; PNG 10. "
            "auto is taken as full; what it costs is Pixian's own price.",
            read=_choice("size", SIZES),
            apply=_cap_pixels,
            default_matters=True,
        ),
        Rule(
            name="crop",
            values="true, false",
            default="false",
            verdict=Verdict.CONVERTED,
            says="`result.crop_to_foreground`.",
            read=partial(_boolean, "crop"),
            apply=_crop,
        ),
        Rule(
            name="crop_margin",
            values="1, 2 or 4 lengths in px or % of the subject",
            default="0",
            verdict=Verdict.EMULATED,
            says="Added here, each side capped at half the subject and at 500 px as on remove.bg.",
            read=_crop_margin,
            apply=_margin_note,
        ),
        Rule(
            name="scale",
            values="original, 10% to 100%",
            default="original",
            verdict=Verdict.EMULATED,
            says="The subject is scaled here until its larger side takes that share of the canvas, and centred unless "
            "a position is given. That the larger side counts is an assumption.",
            read=_scale,
            apply=_place,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="position",
            values="original, center, or one or two % (horizontal, vertical)",
            verdict=Verdict.EMULATED,
            says="The subject is moved here; a per cent is the share of the spare space left of or above it "
            "(assumption).",
            read=_position,
            apply=_move,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="shadow_type",
            values="auto, car, 3D, drop, none; also per class, `shadow_type[car]`",
            verdict=Verdict.APPROXIMATED,
            says="A soft drop shadow is drawn here. Its shape is ours; auto counts as drop, as Pixian names no class.",
            read=_choice("shadow_type", ("auto", "car", "3D", "drop", "none")),
            apply=_shadow,
            apply_variant=_shadow_of_class,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="shadow_opacity",
            values="0 to 100, auto; also per class",
            default="auto",
            verdict=Verdict.APPROXIMATED,
            says="Strength of the drop shadow; auto is 50.",
            read=_opacity,
            apply=_shadow_strength,
            apply_variant=_strength_of_class,
            confidence=Confidence.MEDIUM,
        ),
        Rule(
            name="add_shadow",
            values="true, false",
            default="false",
            verdict=Verdict.IGNORED,
            says="Deprecated on remove.bg, where it drew shadows under cars only; Pixian draws none.",
            read=partial(_boolean, "add_shadow"),
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
            values="3, 4, 6 or 8 hexadecimal digits, with or without #, or a colour name",
            verdict=Verdict.CONVERTED,
            says="`background.color`.",
            read=_colour,
            apply=_fill,
        ),
        Rule(
            name="bg_image_url",
            values="http or https address",
            verdict=Verdict.EMULATED,
            says="Fetched here and put behind the subject, centred and scaled to cover.",
            read=partial(_url, "bg_image_url"),
            apply=partial(_backdrop, "bg_image_url"),
        ),
        Rule(
            name="bg_image_file",
            values="file part",
            verdict=Verdict.EMULATED,
            says="Put behind the subject here, centred and scaled to cover.",
            read=partial(_file, "bg_image_file"),
            apply=partial(_backdrop, "bg_image_file"),
            upload=True,
        ),
        Rule(
            name="format",
            values="auto, png, jpg, webp, zip",
            default="auto",
            verdict=Verdict.CONVERTED,
            says="`output.format`; jpg has quality 90 and white behind the subject unless a background is given (what "
            "remove.bg puts there is not documented).",
            read=_format,
            apply=_encode,
        ),
        Rule(
            name="channels",
            values="rgba, alpha",
            default="rgba",
            verdict=Verdict.EMULATED,
            says="The alpha channel is taken out of the result here.",
            read=_choice("channels", ("rgba", "alpha")),
            apply=_channels,
        ),
    ),
)


IMPROVE_RULES = RuleTable(
    "remove.bg",
    tuple(
        Rule(
            name=name,
            values=values,
            verdict=Verdict.IGNORED,
            says="Pixian takes no training material: nothing is sent anywhere, and the answer holds an id of ours.",
            read=read,
            apply=apply,
        )
        for name, values, read, apply in (
            ("image_file", "file part", partial(_file, "image_file"), _take_source),
            ("image_file_b64", "base64 text", _base64, _take_source),
            ("image_url", "http or https address", partial(_url, "image_url"), _take_source),
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
