"""What becomes of each remove.bg parameter: the rows of the table, one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixian_adapters.removebg.adapter import ADAPTER
from pixian_adapters.removebg.effects import BACKGROUNDS, SIZES
from pixian_adapters.removebg.rules import RULES, SOURCES
from pixian_shim.errors import ShimError, TranslationError
from pixian_shim.geometry import Length, Margin
from pixian_shim.pixian import ImageUrl, Parameters, Upload
from pixian_shim.translation import (
    Call,
    CropToForeground,
    DropShadow,
    FillColour,
    FillImage,
    Form,
    Output,
    PlaceSubject,
    Plan,
    Region,
    Task,
    Verdict,
)

PHOTO = Upload(b"photo", "photo.jpg")
SHEET = ("image_file image_file_b64 image_url size type type_level format roi crop crop_margin scale position channels "
         "add_shadow shadow_type shadow_opacity shadow_method semitransparency bg_color bg_image_url bg_image_file").split()  # fmt: skip


def plan(**parameters):
    form = parameters if set(parameters) & set(SOURCES) else {"image_file": PHOTO} | parameters
    return ADAPTER.plan(Call("removebg", "removebg", Form.of(form)))


def note(name, **parameters):
    (found,) = [note for note in plan(**parameters).notes if note.name == name]
    return found


def refusal(**parameters):
    with pytest.raises(TranslationError) as caught:
        plan(**parameters)
    return caught.value


def test_every_parameter_of_the_documentation_has_its_row():
    assert {rule.name for rule in RULES} == {*SHEET, "test"}


def test_bare_call_is_passed_on_with_the_preview_cap():
    bare = plan()
    assert bare.parameters == Parameters(max_pixels=250_000)
    assert not bare.local
    assert bare.source == PHOTO
    assert [(note.name, note.given) for note in bare.notes] == [("image_file", True), ("size", False)]


@pytest.mark.parametrize(
    ("size", "with_transparency", "opaque"),
    [
        ("preview", 250_000, 250_000),
        ("small", 250_000, 250_000),
        ("regular", 250_000, 250_000),
        ("medium", 1_500_000, 1_500_000),
        ("hd", 4_000_000, 4_000_000),
        ("full", 10_000_000, 25_000_000),
        ("4k", 10_000_000, 25_000_000),
        ("auto", 10_000_000, 25_000_000),
        ("50MP", 10_000_000, 50_000_000),
    ],
)
def test_size_caps_the_result_and_png_ends_at_10_megapixels(size, with_transparency, opaque):
    assert plan(size=size).max_pixels == with_transparency
    assert plan(size=size, format="png", bg_color="fff").max_pixels == with_transparency
    assert plan(size=size, bg_color="fff0").max_pixels == with_transparency
    for parameters in (
        {"format": "jpg"},
        {"format": "zip"},
        {"format": "webp"},
        {"bg_color": "fff"},
        {"bg_image_url": "http://x/y"},
    ):
        assert plan(size=size, **parameters).max_pixels == opaque


def test_size_table_is_whole():
    assert len(SIZES) == 9
    assert refusal(size="huge").code == "invalid_size"


def test_beyond_25_megapixels_the_work_is_done_here():
    large = plan(size="50MP", format="jpg")
    assert large.local
    assert large.parameters == Parameters(output_format="png")
    assert note("size", size="50MP", format="jpg").verdict is Verdict.EMULATED


@pytest.mark.parametrize(
    ("parameters", "asked"),
    [
        ({"format": "png"}, {"output_format": "png"}),
        ({"format": "jpg"}, {"output_format": "jpeg", "background_color": "#FFFFFF", "jpeg_quality": 90}),
        (
            {"format": "jpg", "bg_color": "red"},
            {"output_format": "jpeg", "background_color": "#FF0000", "jpeg_quality": 90},
        ),
        ({"bg_color": "#81d4fa"}, {"background_color": "#81D4FA", "jpeg_quality": 90}),
        ({"crop": "true"}, {"crop_to_foreground": True}),
        ({"crop": "true", "crop_margin": "0"}, {"crop_to_foreground": True}),
        ({"crop": "1"}, {"crop_to_foreground": True}),
        ({"crop": "false", "crop_margin": "10%"}, {}),
        ({"test": "true"}, {"test": True}),
        ({"roi": "0% 0% 100% 100%"}, {}),
        ({"roi": "0 0 100% 100%"}, {}),
        ({"scale": "original", "position": "original", "channels": "rgba", "type": "auto"}, {}),
        ({"type": "car", "type_level": "2", "semitransparency": "false", "add_shadow": "true"}, {}),
        ({"shadow_type": "none", "shadow_opacity": "30", "shadow_method": "legacy"}, {}),
        ({"shadow_type": "car"}, {}),
        ({"shadow_type": "3D"}, {}),
        ({"shadow_type[car]": "drop"}, {}),
    ],
)
def test_what_pixian_can_do_itself_is_left_to_it(parameters, asked):
    made = plan(**parameters)
    assert not made.local
    assert made.parameters == Parameters(max_pixels=250_000, **asked)


@pytest.mark.parametrize(
    ("parameters", "steps"),
    [
        ({"crop": "true", "crop_margin": "10% 5px"}, [CropToForeground(Margin.parse("10% 5px"), 0.5, 500)]),
        ({"scale": "80%"}, [PlaceSubject(0.8, (0.5, 0.5))]),
        ({"scale": "80%", "position": "original"}, [PlaceSubject(0.8, None)]),
        ({"scale": "80%", "position": "10% 90%"}, [PlaceSubject(0.8, (0.1, 0.9))]),
        ({"position": "center"}, [PlaceSubject(None, (0.5, 0.5))]),
        ({"position": "20%"}, [PlaceSubject(None, (0.2, 0.2))]),
        ({"shadow_type": "drop"}, [DropShadow(0.5)]),
        ({"shadow_type": "auto", "shadow_opacity": "80"}, [DropShadow(0.8)]),
        ({"shadow_type": "drop", "shadow_opacity[other]": "20"}, [DropShadow(0.2)]),
        ({"type": "product", "shadow_type[product]": "drop"}, [DropShadow(0.5)]),
        ({"shadow_type[other]": "drop", "shadow_opacity[car]": "10"}, [DropShadow(0.5)]),
        ({"shadow_type": "none", "shadow_type[other]": "drop"}, [DropShadow(0.5)]),
        ({"shadow_type": "drop", "shadow_opacity": "0"}, [DropShadow(0.0)]),
        ({"shadow_type": "drop", "shadow_opacity": "30", "shadow_opacity[other]": "auto"}, [DropShadow(0.5)]),
        ({"type": "car", "shadow_type": "drop"}, [DropShadow(0.9)]),
        ({"type": "car", "shadow_type[car]": "drop", "shadow_opacity[car]": "auto"}, [DropShadow(0.9)]),
        ({"type": "animal", "shadow_type": "auto"}, [DropShadow(0.5)]),
        (
            {"crop": "true", "shadow_type": "drop"},
            [DropShadow(0.5), CropToForeground(Margin(), 0.5, 500)],
        ),
        ({"bg_color": "81d4fa77"}, [FillColour(129, 212, 250, 119)]),
        ({"bg_image_url": "https://x/b.jpg"}, [FillImage(ImageUrl("https://x/b.jpg"), "bg_image_url")]),
        ({"bg_image_file": PHOTO}, [FillImage(PHOTO, "bg_image_file")]),
        (
            {"crop": "true", "scale": "50%", "shadow_type": "drop", "bg_color": "fff"},
            [
                CropToForeground(Margin(), 0.5, 500),
                PlaceSubject(0.5, (0.5, 0.5)),
                DropShadow(0.5),
                FillColour(255, 255, 255),
            ],
        ),
    ],
)
def test_the_rest_is_done_here_in_order(parameters, steps):
    made = plan(**parameters)
    assert list(made.steps) == steps
    assert made.local
    assert made.parameters == Parameters(max_pixels=250_000, output_format="png")


@pytest.mark.parametrize("encoding", ["webp", "zip"])
def test_formats_that_pixian_does_not_write_are_made_here(encoding):
    assert plan(format=encoding).output == Output(encoding)
    assert note("format", format=encoding).verdict is Verdict.EMULATED


@pytest.mark.parametrize(
    "parameters",
    [
        {"shadow_type": "drop", "shadow_type[other]": "none"},
        {"shadow_type": "drop", "shadow_type[other]": "3D"},
        {"type": "product", "shadow_type": "drop", "shadow_type[product]": "none"},
        {"type": "person", "shadow_type[other]": "drop"},
        {"type": "car", "shadow_type": "auto"},
        {"type": "person", "shadow_type": "auto"},
    ],
)
def test_no_shadow_is_drawn_where_remove_bg_draws_none_or_another_kind(parameters):
    assert not plan(**parameters).steps


@pytest.mark.parametrize(
    ("parameters", "name", "verdict", "words"),
    [
        ({"shadow_type": "drop", "shadow_type[other]": "none"}, "shadow_type", Verdict.EXACT, "[other] counts instead"),
        ({"type": "person", "shadow_type": "auto"}, "shadow_type", Verdict.IGNORED, "3D shadow cannot be drawn"),
        ({"type": "person", "shadow_type[car]": "car"}, "shadow_type[car]", Verdict.EXACT, "type=person"),
        ({"shadow_type[banana]": "drop"}, "shadow_type[banana]", Verdict.IGNORED, "no class banana"),
        (
            {"shadow_type": "drop", "shadow_opacity": "9", "shadow_opacity[other]": "8"},
            "shadow_opacity",
            Verdict.EXACT,
            "counts instead",
        ),
    ],
)
def test_note_says_which_shadow_counts(parameters, name, verdict, words):
    found = note(name, **parameters)
    assert found.verdict is verdict
    assert words in found.says


def test_alpha_channel_is_taken_out_here():
    assert plan(channels="alpha").output == Output(channels="alpha")


@pytest.mark.parametrize("form", ["auto", "png", "jpg", "webp"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("bg_color", "f00"), ("bg_color", "ff000080"), ("bg_image_file", PHOTO), ("shadow_type", "drop")],
)
def test_nothing_is_put_behind_a_matte(form, name, value):
    parameters = {"channels": "alpha", "format": form, name: value}
    assert not plan(**parameters).steps
    assert note(name, **parameters).verdict is Verdict.IGNORED


def test_zip_holds_colours_and_alpha_whatever_the_channels():
    made = plan(channels="alpha", format="zip", bg_color="f00")
    assert made.output == Output("zip")
    assert made.steps == (FillColour(255, 0, 0),)
    assert note("channels", channels="alpha", format="zip").verdict is Verdict.IGNORED


def test_region_is_kept_apart():
    made = plan(roi="10px 20% 100px 90%")
    assert made.region == Region(Length(10, "px"), Length(20, "%"), Length(100, "px"), Length(90, "%"))
    assert made.local


def test_translucent_colour_before_jpg_gets_white_behind_it():
    assert plan(bg_color="ff000080", format="jpg").steps == (FillColour(255, 0, 0, 128),)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"format": "gif"}, "invalid_format"),
        ({"channels": "rgb"}, "invalid_channels"),
        ({"roi": "10%"}, "invalid_roi"),
        ({"roi": "a b c d"}, "invalid_roi"),
        ({"roi": "0 0 100 100"}, "invalid_roi"),
        ({"roi": "-1px 0 10px 10px"}, "invalid_roi"),
        ({"roi": "50% 0% 50% 100%"}, "roi_region_empty"),
        ({"roi": "0% 60px 10% 0px"}, "roi_region_empty"),
        ({"roi": "0% 0% 101% 100%"}, "roi_exceeds_bounds"),
        ({"crop": "maybe"}, "invalid_crop"),
        ({"crop_margin": "1% 2% 3%"}, "invalid_crop_margin"),
        ({"crop_margin": "10"}, "invalid_crop_margin"),
        ({"crop_margin": "10em"}, "invalid_crop_margin"),
        ({"scale": "9%"}, "invalid_scale"),
        ({"scale": "101%"}, "invalid_scale"),
        ({"scale": "big"}, "invalid_scale"),
        ({"position": "left"}, "invalid_position"),
        ({"position": "1% 2% 3%"}, "invalid_position"),
        ({"semitransparency": "2"}, "invalid_semitransparency"),
        ({"bg_color": "nocolour"}, "invalid_bg_color"),
        ({"bg_image_url": "ftp://x/y"}, "invalid_bg_image_url"),
        ({"shadow_type": "big"}, "invalid_shadow_type"),
        ({"shadow_opacity": "101"}, "invalid_shadow_opacity"),
        ({"image_url": "file:///etc/passwd"}, "invalid_image_url"),
        ({"image_url": "http://[broken"}, "invalid_image_url"),
        ({"image_url": "http://x/\ud800"}, "invalid_image_url"),
        ({"image_file_b64": "***"}, "failed_to_read_image"),
        ({"image_file": "a-file-name.jpg"}, "invalid_file_type"),
        ({"bg_image_file": "a-file-name.jpg"}, "invalid_file_type"),
        ({"size": PHOTO}, "invalid_size"),
        ({"image_file": PHOTO, "image_url": "http://x/"}, "multiple_sources"),
        ({"bg_color": "fff", "bg_image_url": "http://x/"}, "multiple_bg_sources"),
    ],
)
def test_what_remove_bg_refuses_is_refused_with_its_code(parameters, code):
    assert refusal(**parameters).code == code


def test_refusal_names_the_parameter():
    assert refusal(scale="9%").parameter == "scale"


def test_missing_picture_is_refused():
    with pytest.raises(TranslationError) as caught:
        ADAPTER.plan(Call("removebg", "removebg"))
    assert caught.value.code == "missing_source"
    assert "image_url, image_file and image_file_b64" in caught.value.detail


def test_base64_is_sent_as_binary_whatever_its_size():
    assert plan(image_file_b64="data:image/png;base64,aGVsbG8=").source.read() == b"hello"
    assert plan(image_file_b64=Upload(b"aGVsbG8")).source.read() == b"hello"


@pytest.mark.parametrize(
    ("name", "value", "verdict", "words"),
    [
        ("type", "auto", Verdict.EXACT, "default"),
        ("type", "car", Verdict.IGNORED, "without being told"),
        ("type_level", "none", Verdict.EXACT, "left out"),
        ("type_level", "2", Verdict.IGNORED, "other"),
        ("semitransparency", "false", Verdict.IGNORED, "car windows"),
        ("add_shadow", "true", Verdict.IGNORED, "cars only"),
        ("shadow_type", "car", Verdict.IGNORED, "car shadow"),
        ("shadow_type", "drop", Verdict.APPROXIMATED, "ours"),
        ("shadow_type[animal]", "drop", Verdict.IGNORED, "animal"),
        ("shadow_opacity", "70", Verdict.EXACT, "without a shadow"),
        ("crop_margin", "10px", Verdict.EXACT, "without crop=true"),
        ("bg_colour", "red", Verdict.IGNORED, "Did you mean bg_color?"),
        ("zzz", "1", Verdict.IGNORED, "no parameter"),
        ("type", "person", Verdict.IGNORED, "chooses among shadows"),
        ("type[car]", "1", Verdict.IGNORED, "no parameter"),
    ],
)
def test_note_says_what_happened(name, value, verdict, words):
    found = note(name, **{name: value})
    assert found.verdict is verdict
    assert words in found.says


@pytest.mark.parametrize(
    ("name", "value", "handed_over", "done_here"),
    [
        ("bg_color", "ff0000", "`background.color`.", "Put behind the subject here."),
        ("crop", "true", "`result.crop_to_foreground`.", "Cropped here."),
        ("format", "png", "`output.format`", "Written here"),
    ],
)
def test_note_says_who_does_it(name, value, handed_over, done_here):
    by_pixian, local = note(name, **{name: value}), note(name, **{name: value}, shadow_type="drop")
    assert by_pixian.verdict is Verdict.CONVERTED
    assert by_pixian.says.startswith(handed_over)
    assert local.verdict is Verdict.EMULATED
    assert local.says.startswith(done_here)


def test_a_repeated_parameter_says_that_its_last_value_counts():
    form = Form((("image_file", PHOTO), ("size", "full"), ("size", "hd"), ("crop", ""), ("crop", "true")))
    notes = {note.name: note for note in ADAPTER.plan(Call("removebg", "removebg", form)).notes}
    assert (notes["size"].value, notes["size"].says[-45:]) == ("hd", " Given more than once: the last value counts.")
    assert "more than once" not in notes["crop"].says


def test_account_and_improve_are_operations_of_their_own():
    assert ADAPTER.plan(Call("removebg", "account")) == Plan(task=Task.ACCOUNT)
    improve = ADAPTER.plan(Call("removebg", "improve", Form.of({"image_file": PHOTO, "tag": "x", "nonsense": "y"})))
    assert improve.task is Task.NOTHING
    assert {note.name: note.verdict for note in improve.notes} == dict.fromkeys(
        ("image_file", "tag", "nonsense"), Verdict.IGNORED
    )
    with pytest.raises(TranslationError):
        ADAPTER.plan(Call("removebg", "improve"))


VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *SIZES,
            "true",
            "false",
            "auto",
            "png",
            "jpg",
            "zip",
            "webp",
            "alpha",
            "rgba",
            "10%",
            "50% 20%",
            "center",
            "original",
            "0 0 100% 100%",
            "10px 10px 50% 90%",
            "drop",
            "car",
            "none",
            "fff",
            "81d4fa77",
            "red",
            "http://x/y",
            "https://[",
            "0",
            "75",
        ]
    ),
    st.builds(Upload, st.binary(max_size=8)),
)
NAMES = st.one_of(
    st.sampled_from([*SHEET, "test", "shadow_type[car]", "shadow_opacity[other]", "Size", "bg_colour"]),
    st.text(min_size=1, max_size=8),
)


@settings(max_examples=1500)
@given(st.dictionaries(NAMES, VALUES, max_size=9))
def test_translation_is_total_and_nothing_vanishes(parameters):
    form = Form.of({name: value for name, value in parameters.items() if name not in SOURCES} | {"image_file": PHOTO})
    try:
        made = ADAPTER.plan(Call("removebg", "removebg", form))
    except TranslationError as error:
        answer = ADAPTER.refuse(None, error)
        assert answer.status == 400
        assert b'"title"' in answer.body
        return
    given = [note.name for note in made.notes if note.given]
    assert sorted(given) == sorted(form.names)
    assert len({note.name for note in made.notes}) == len(made.notes)
    assert made.parameters.to_form().keys() <= {"max_pixels", "test", "background.color", "result.crop_to_foreground", "output.format", "output.jpeg_quality"}  # fmt: skip
    assert made.local == (made.output is not None)


@given(st.dictionaries(st.sampled_from([*SHEET]), VALUES, max_size=6))
def test_any_dictionary_ends_in_a_plan_or_a_legacy_refusal(parameters):
    try:
        ADAPTER.plan(Call("removebg", "removebg", Form.of(parameters)))
    except ShimError as error:
        assert isinstance(error, TranslationError)
        assert ADAPTER.refuse(None, error).status == 400


def test_at_most_one_background_is_a_rule_of_its_own():
    assert set(BACKGROUNDS) <= {rule.name for rule in RULES}
