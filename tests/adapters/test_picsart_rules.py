"""What becomes of each Picsart parameter: the rows of the table, one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixian_adapters.picsart.adapter import ADAPTER
from pixian_adapters.picsart.effects import BACKGROUNDS, SHADOWS
from pixian_adapters.picsart.rules import RULES, SOURCES
from pixian_shim.errors import Refused, ShimError, TranslationError
from pixian_shim.geometry import Length, Size
from pixian_shim.pixian import ImageUrl, Parameters, Upload
from pixian_shim.translation import (
    Arrange,
    BlurOriginal,
    Call,
    CastShadow,
    Confidence,
    FillColour,
    FillImage,
    Form,
    Outline,
    Output,
    PlaceSubject,
    Plan,
    Task,
    Verdict,
)

PHOTO = Upload(b"photo", "photo.jpg")
URL = ImageUrl("https://x/b.jpg")
SHEET = ("image image_url image_id output_type bg_image bg_image_url bg_image_id bg_color bg_blur bg_width bg_height scale "
         "auto_center stroke_size stroke_color stroke_opacity shadow shadow_opacity shadow_blur shadow_offset_x "
         "shadow_offset_y model format").split()  # fmt: skip


def plan(**parameters):
    form = parameters if set(parameters) & set(SOURCES) else {"image": PHOTO} | parameters
    return ADAPTER.plan(Call("picsart", "removebg", Form.of(form)))


def note(name, **parameters):
    (found,) = [note for note in plan(**parameters).notes if note.name == name]
    return found


def refusal(**parameters):
    with pytest.raises(TranslationError) as caught:
        plan(**parameters)
    return caught.value


def shadow(offset, opacity=0.2, blur=25):
    return CastShadow(opacity=opacity, blur=Length(blur, "px"), offset=offset)


def line(width, colour=(255, 255, 255, 255)):
    return Outline(width=Length(width, "px"), colour=colour)


def canvas(width, height, scaling="fit"):
    return Arrange(canvas=Size(width, height), max_pixels=25_000_000, reference="original", scaling=scaling)


def test_every_parameter_of_the_description_has_its_row():
    assert {rule.name for rule in RULES} == {*SHEET, "test"}
    assert all(rule.capability for rule in RULES)


def test_what_is_unknown_is_marked():
    low = {rule.name for rule in RULES if rule.confidence is Confidence.LOW}
    assert low == {"bg_blur", "shadow_blur"}
    for rule in RULES:
        if rule.confidence is not Confidence.HIGH:
            assert any(word in rule.says for word in ("assumption", "likewise", "sample", "Pixels of the canvas")), (
                rule.name
            )


def test_bare_call_is_passed_on_as_a_png():
    bare = plan()
    assert bare.parameters == Parameters(output_format="png")
    assert not bare.local
    assert bare.source == PHOTO
    assert [(note.name, note.given) for note in bare.notes] == [("image", True), ("format", False)]


@pytest.mark.parametrize(
    ("parameters", "asked"),
    [
        ({"format": "PNG"}, {"output_format": "png"}),
        ({"format": "png"}, {"output_format": "png"}),
        ({"bg_color": "red"}, {"output_format": "png", "background_color": "#FF0000"}),
        ({"bg_color": "#81d4fa"}, {"output_format": "png", "background_color": "#81D4FA"}),
        ({"bg_color": "fff", "bg_blur": "80"}, {"output_format": "png", "background_color": "#FFFFFF"}),
        ({"format": "JPG"}, {"output_format": "jpeg", "background_color": "#FFFFFF", "jpeg_quality": 90}),
        ({"format": "jpeg"}, {"output_format": "jpeg", "background_color": "#FFFFFF", "jpeg_quality": 90}),
        (
            {"format": "jpg", "bg_color": "#00f"},
            {"output_format": "jpeg", "background_color": "#0000FF", "jpeg_quality": 90},
        ),
        ({"test": "true"}, {"output_format": "png", "test": True}),
        ({"bg_width": "80", "bg_height": "60"}, {"output_format": "png", "target_size": Size(80, 60)}),
        (
            {"output_type": "cutout", "scale": "fit", "auto_center": "false", "stroke_size": "0", "stroke_color": "FFFFFF",
             "stroke_opacity": "100", "shadow": "disabled", "shadow_opacity": "20", "shadow_blur": "50", "bg_blur": "0"},
            {"output_format": "png"},
        ),
    ],
)  # fmt: skip
def test_what_pixian_can_do_itself_is_left_to_it(parameters, asked):
    made = plan(**parameters)
    assert not made.local
    assert made.parameters == Parameters(**asked)


@pytest.mark.parametrize(
    ("parameters", "steps"),
    [
        ({"auto_center": "true"}, [PlaceSubject(None, (0.5, 0.5))]),
        ({"auto_center": "True"}, [PlaceSubject(None, (0.5, 0.5))]),
        ({"bg_width": "80", "bg_height": "60", "scale": "fill"}, [canvas(80, 60, "fill")]),
        ({"bg_width": "80"}, [canvas(80, 0)]),
        ({"bg_height": "60"}, [canvas(0, 60)]),
        (
            {"auto_center": "1", "bg_width": "80", "bg_height": "60"},
            [PlaceSubject(None, (0.5, 0.5)), canvas(80, 60)],
        ),
        ({"stroke_size": "5"}, [line(5)]),
        ({"stroke_size": "5", "stroke_color": "red", "stroke_opacity": "40"}, [line(5, (255, 0, 0, 102))]),
        ({"stroke_size": "5", "stroke_color": "#ff000080", "stroke_opacity": "50"}, [line(5, (255, 0, 0, 64))]),
        ({"shadow": "bottom"}, [shadow((0, 10))]),
        ({"shadow": "TOP-LEFT", "shadow_opacity": "100", "shadow_blur": "0"}, [shadow((-10, -10), 1, 0)]),
        ({"shadow": "custom", "shadow_offset_x": "-7", "shadow_offset_y": "+3"}, [shadow((-7, 3))]),
        ({"shadow": "bottom", "shadow_offset_x": "50"}, [shadow((0, 10))]),
        ({"bg_color": "81d4fa77"}, [FillColour(129, 212, 250, 119)]),
        ({"bg_image": PHOTO}, [FillImage(PHOTO, "bg_image")]),
        ({"bg_image_url": URL.url}, [FillImage(URL, "bg_image_url")]),
        ({"bg_image_url": URL.url, "bg_blur": "40"}, [FillImage(URL, "bg_image_url", blur=Length(2, "%"))]),
        ({"bg_image": PHOTO, "output_type": "mask"}, [FillImage(PHOTO, "bg_image")]),
        ({"bg_blur": "100"}, [BlurOriginal(Length(5, "%"))]),
        (
            {"auto_center": "true", "bg_width": "90", "bg_height": "90", "scale": "fill", "stroke_size": "2",
             "shadow": "right", "bg_color": "ff0"},
            [PlaceSubject(None, (0.5, 0.5)), canvas(90, 90, "fill"), line(2), shadow((10, 0)), FillColour(255, 255, 0)],
        ),
        (
            {"auto_center": "true", "bg_width": "90", "bg_blur": "20", "stroke_size": "2", "format": "jpg"},
            [canvas(90, 0), line(2), BlurOriginal(Length(1, "%")), FillColour(255, 255, 255)],
        ),
    ],
)  # fmt: skip
def test_the_rest_is_done_here_in_order(parameters, steps):
    made = plan(**parameters)
    assert list(made.steps) == steps
    assert made.local
    assert made.parameters == Parameters(output_format="png")


def test_named_shadows_fall_where_their_names_say():
    assert len(SHADOWS) == 8
    for name, (across, down) in SHADOWS.items():
        assert ("right" in name) - ("left" in name) == across / 10
        assert ("bottom" in name) - ("top" in name) == down / 10


@pytest.mark.parametrize("word", ["WEBP", "webp", "WebP"])
def test_webp_is_made_here(word):
    assert plan(format=word).output == Output("webp")
    assert note("format", format=word).verdict is Verdict.EMULATED


def test_a_mask_is_the_alpha_alone():
    made = plan(output_type="mask", bg_width="80", bg_height="60")
    assert made.output == Output("png", channels="alpha")
    assert made.steps == (canvas(80, 60),)
    assert plan(output_type="mask", format="jpg").steps == ()


@pytest.mark.parametrize(
    ("name", "value"), [("bg_color", "red"), ("shadow", "top"), ("stroke_size", "3"), ("bg_blur", "9")]
)
def test_what_belongs_to_a_picture_does_nothing_to_a_mask(name, value):
    made = plan(output_type="mask", **{name: value})
    assert made.steps == ()
    assert note(name, output_type="mask", **{name: value}).verdict is Verdict.IGNORED


@pytest.mark.parametrize(
    ("name", "parameters", "verdict", "words"),
    [
        ("auto_center", {"auto_center": "true", "output_type": "mask"}, Verdict.EXACT, "cutouts only"),
        ("auto_center", {"auto_center": "true", "bg_blur": "9"}, Verdict.IGNORED, "assumption"),
        ("auto_center", {"auto_center": "true"}, Verdict.EMULATED, "assumption"),
        ("bg_width", {"bg_width": "80"}, Verdict.APPROXIMATED, "aspect (assumption)"),
        ("bg_width", {"bg_width": "80", "bg_height": "60"}, Verdict.CONVERTED, "`result.target_size`"),
        ("bg_width", {"bg_width": "80", "bg_height": "60", "scale": "fill"}, Verdict.EMULATED, "here"),
        ("scale", {"scale": "fill"}, Verdict.EXACT, "Without bg_width"),
        ("scale", {"scale": "fill", "bg_width": "80"}, Verdict.EXACT, "same"),
        ("scale", {"scale": "fill", "bg_width": "80", "bg_height": "60"}, Verdict.EMULATED, "fill: it covers"),
        ("stroke_color", {"stroke_color": "red"}, Verdict.EXACT, "without a stroke_size"),
        ("stroke_opacity", {"stroke_opacity": "1", "stroke_size": "2"}, Verdict.EMULATED, "per cent"),
        ("shadow", {"shadow": "top"}, Verdict.APPROXIMATED, "10 px"),
        ("shadow_blur", {"shadow": "top", "shadow_blur": "7"}, Verdict.APPROXIMATED, "assumption"),
        ("shadow_blur", {"shadow_blur": "7"}, Verdict.EXACT, "without a shadow"),
        ("shadow_offset_x", {"shadow": "top", "shadow_offset_x": "7"}, Verdict.EXACT, "without shadow=custom"),
        ("bg_blur", {"bg_color": "red", "bg_blur": "7"}, Verdict.EXACT, "plain colour"),
        ("bg_blur", {"bg_blur": "7"}, Verdict.APPROXIMATED, "which one is meant"),
        ("bg_color", {"bg_color": "red"}, Verdict.CONVERTED, "`background.color`"),
        ("bg_color", {"bg_color": "#f008"}, Verdict.EMULATED, "opaque"),
        ("bg_color", {"bg_color": "red", "stroke_size": "1"}, Verdict.EMULATED, "here"),
        ("output_type", {"output_type": "mask"}, Verdict.EMULATED, "assumption"),
        ("output_type", {"output_type": "mask", "bg_image": PHOTO}, Verdict.EXACT, "No effect"),
        ("model", {"model": "urn:air:picsart:model:picsart:sod@10.1"}, Verdict.IGNORED, "one model"),
        ("crop", {"crop": "true"}, Verdict.IGNORED, "no parameter of this name"),
        ("bgcolor", {"bgcolor": "red"}, Verdict.IGNORED, "Did you mean bg_color?"),
    ],
)
def test_notes_say_what_happened(name, parameters, verdict, words):
    found = note(name, **parameters)
    assert found.verdict is verdict
    assert words in found.says


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"image": "photo.jpg"}, "image_url"),
        ({"image_url": "ftp://x/y"}, "http"),
        ({"image_url": "http://["}, "http"),
        ({"image": PHOTO, "image_url": "http://x/y"}, "only one of image, image_url"),
        ({"bg_color": "red", "bg_image": PHOTO}, "only one of bg_color, bg_image"),
        ({"bg_image": PHOTO, "bg_image_url": "http://x/y"}, "only one"),
        ({"bg_image": "text"}, "bg_image_url"),
        ({"bg_color": "blurple"}, "hexadecimal"),
        ({"bg_blur": "101"}, "0 to 100"),
        ({"bg_blur": "some"}, "whole number"),
        ({"bg_width": "0"}, "from 1 to 10000"),
        ({"bg_width": "9999", "bg_height": "9999"}, "25 megapixels"),
        ({"stroke_size": "-1"}, "0 to 100"),
        ({"shadow": "middle"}, "bottom-right"),
        ({"shadow": "custom"}, "shadow_offset_x"),
        ({"shadow": "custom", "shadow_offset_x": "1"}, "shadow_offset_y"),
        ({"shadow_offset_x": "101"}, "-100 to 100"),
        ({"output_type": "both"}, "cutout, mask"),
        ({"scale": "stretch"}, "fit, fill"),
        ({"auto_center": "perhaps"}, "true, false"),
        ({"format": "GIF"}, "jpg, png, webp"),
        ({"format": PHOTO}, "text is expected"),
    ],
)
def test_what_breaks_the_syntax_is_refused(parameters, words):
    error = refusal(**parameters)
    assert words in str(error)
    assert ADAPTER.refuse(None, error).status == 400


@pytest.mark.parametrize("name", ["image_id", "bg_image_id"])
def test_pictures_that_only_picsart_has_are_refused_by_name(name):
    error = refusal(**{name: "abc"})
    assert isinstance(error, Refused)
    assert error.parameter == name
    assert str(error).endswith(f"send {name.removesuffix('_id')} or {name.removesuffix('_id')}_url")


def test_numbers_may_be_written_as_python_writes_them():
    assert plan(stroke_size="5.0").steps == plan(stroke_size=" 5 ").steps == plan(stroke_size=5).steps == (line(5),)


def test_empty_fields_count_as_not_given():
    assert plan(bg_color="", bg_width="", shadow_offset_x="") == plan()


def test_no_picture_is_refused():
    with pytest.raises(TranslationError, match="one of image and image_url is needed"):
        ADAPTER.plan(Call("picsart", "removebg", Form.of({"format": "PNG"})))


def test_balance_is_an_operation_of_its_own():
    assert ADAPTER.plan(Call("picsart", "balance")) == Plan(task=Task.ACCOUNT)


VALUES = st.one_of(
    st.text(max_size=12),
    st.integers(-200, 200).map(str),
    st.sampled_from(
        "true false mask cutout PNG jpg WEBP fit fill custom disabled fff 81d4fa77 red http://x/y https://[ 9999 1.0 "
        "top bottom-left".split()
    ),
    st.builds(Upload, st.binary(max_size=8)),
)
NAMES = st.one_of(
    st.sampled_from([*SHEET, "test", "Format", "bgcolor", "shadow[x]"]),
    st.text(min_size=1, max_size=8),
)


def sensible(rule_name):
    """Values of which about half are right for a parameter."""
    words = {
        "output_type": ["cutout", "mask"],
        "scale": ["fit", "fill"],
        "shadow": ["custom", "disabled", *SHADOWS],
        "format": ["PNG", "jpg", "WebP"],
        "auto_center": ["true", "false"],
        "test": ["true", "false"],
        "bg_color": ["red", "#fff8"],
        "stroke_color": ["red", "#fff8"],
        "bg_image_url": ["http://x/y"],
        "model": ["x"],
    }.get(rule_name)
    if rule_name == "bg_image":
        return st.just(PHOTO)
    return st.sampled_from(words) if words else st.integers(1, 100).map(str)


NAMED = st.sampled_from([name for name in [*SHEET, "test"] if not name.endswith("_id") and name not in SOURCES])
PAIRS = NAMED.flatmap(lambda name: st.tuples(st.just(name), sensible(name)))


@settings(max_examples=1000, deadline=None)
@given(st.one_of(st.dictionaries(NAMES, VALUES, max_size=9), st.lists(PAIRS, max_size=9).map(dict)))
def test_translation_is_total_and_nothing_vanishes(parameters):
    form = Form.of({name: value for name, value in parameters.items() if name not in SOURCES} | {"image": PHOTO})
    try:
        made = ADAPTER.plan(Call("picsart", "removebg", form))
    except TranslationError as error:
        answer = ADAPTER.refuse(None, error)
        assert answer.status == 400
        assert b'"detail"' in answer.body
        return
    given = [note.name for note in made.notes if note.given]
    assert sorted(given) == sorted(form.names)
    assert len({note.name for note in made.notes}) == len(made.notes)
    assert made.local == (made.output is not None)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*SHEET]), VALUES, max_size=6))
def test_any_dictionary_ends_in_a_plan_or_a_legacy_refusal(parameters):
    try:
        ADAPTER.plan(Call("picsart", "removebg", Form.of(parameters)))
    except ShimError as error:
        assert isinstance(error, TranslationError)
        assert ADAPTER.refuse(None, error).status == 400


def test_at_most_one_background_is_a_rule_of_its_own():
    assert set(BACKGROUNDS) <= {rule.name for rule in RULES}
