"""What becomes of Clipdrop's parameters, of which the ``Accept`` header is one."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixian_adapters.clipdrop.adapter import ADAPTER
from pixian_adapters.clipdrop.negotiation import OFFERED, chosen
from pixian_adapters.clipdrop.rules import DISCARD, RETURN, RULES
from pixian_shim.errors import Refused, TranslationError
from pixian_shim.pixian import Parameters, Upload
from pixian_shim.translation import Call, Confidence, Form, Output, Policy, Verdict, enforce

PHOTO = Upload(b"photo", "photo.jpg")
BROWSER = "text/html,application/xhtml+xml,image/avif,image/webp,image/apng,*/*;q=0.8"


def plan(accept="*/*", **parameters):
    form = Form.of({"image_file": PHOTO} | parameters)
    return ADAPTER.plan(Call("clipdrop", "remove-background", form, "key", accept))


def note(name, accept="*/*", **parameters):
    (found,) = [note for note in plan(accept, **parameters).notes if note.name == name]
    return found


def refusal(accept="*/*", **parameters):
    with pytest.raises(TranslationError) as caught:
        ADAPTER.plan(Call("clipdrop", "remove-background", Form.of(parameters), "key", accept))
    return caught.value


def test_every_parameter_of_the_documentation_has_its_row():
    assert [rule.name for rule in RULES] == ["image_file", "test", "transparency_handling", "Accept"]
    assert all(rule.capability for rule in RULES)


def test_what_is_not_known_is_visibly_not_known():
    accept = RULES.find("Accept")
    assert accept.confidence is Confidence.MEDIUM
    assert "white behind the subject (assumption" in accept.says
    assert "(assumption)" in RULES.find("transparency_handling").says


def test_bare_call_is_a_png_of_the_same_size():
    bare = plan()
    assert bare.parameters == Parameters(output_format="png")
    assert (bare.max_pixels, bare.max_input_pixels) == (25_000_000, 25_000_000)
    assert (bare.local, bare.transparent_input, bare.source) == (False, "return", PHOTO)
    assert [(note.name, note.given) for note in bare.notes] == [
        ("image_file", True),
        ("transparency_handling", False),
        ("Accept", False),
    ]


@pytest.mark.parametrize(
    ("handling", "becomes", "verdict", "words"),
    [
        (RETURN, "return", Verdict.EMULATED, "not sent, and costs nothing"),
        (DISCARD, "drop", Verdict.EMULATED, "dropped here before the upload"),
        ("keep", "return", Verdict.IGNORED, "not known"),
    ],
)
def test_transparency_is_handled_here(handling, becomes, verdict, words):
    assert plan(transparency_handling=handling).transparent_input == becomes
    found = note("transparency_handling", transparency_handling=handling)
    assert (found.verdict, found.given) == (verdict, True)
    assert words in found.says


def test_an_empty_handling_counts_as_not_given():
    assert plan(transparency_handling="").transparent_input == "return"
    assert not note("transparency_handling", transparency_handling="").given


def test_another_handling_is_an_error_where_the_policy_is_strict():
    with pytest.raises(Refused, match="transparency_handling"):
        enforce(Policy.STRICT, "clipdrop", plan(transparency_handling="keep").notes)


@pytest.mark.parametrize("accept", ["image/jpeg", "image/jpg"])
def test_jpeg_has_white_behind_the_subject(accept):
    made = plan(accept)
    assert made.parameters == Parameters(output_format="jpeg", background_color="#FFFFFF", jpeg_quality=90)
    assert not made.local
    assert note("Accept", accept).verdict is Verdict.CONVERTED


def test_webp_is_made_here():
    made = plan("image/webp")
    assert (made.parameters, made.output) == (Parameters(output_format="png"), Output("webp"))
    assert note("Accept", "image/webp").verdict is Verdict.EMULATED


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("", "png"),
        (" ", "png"),
        (",", "png"),
        ("*/*", "png"),
        ("image/*", "png"),
        ("*", "png"),
        ("image/png", "png"),
        ("IMAGE/WEBP", "webp"),
        ("image/webp;q=0.5", "webp"),
        ("image/webp, image/png", "webp"),
        ("image/png, image/webp", "png"),
        ("image/png;q=0.5, image/webp", "webp"),
        ("image/png; q=0.5 , image/jpeg ;q=0.9", "jpg"),
        ("image/webp;quality=3;q=.4, image/jpeg;q=0.41", "jpg"),
        ("*/*, image/jpeg", "jpg"),
        ("*/*;q=0.9, image/jpeg;q=0.5", "png"),
        ("*/*, image/png;q=0", "webp"),
        ("image/*, image/png;q=0, image/webp;q=0", "jpg"),
        ("image/png;q=0.000, image/webp;q=0.001", "webp"),
        ("image/webp;q=high, image/png;q=0.9", "webp"),
        ("image/webp;q=, image/png;q=0.9", "webp"),
        ("image/webp;q=., image/png;q=0.9", "webp"),
        ("image/webp;q=1.9, image/png", "webp"),
        ("image/png, image/webp;q=1.9", "png"),
        ("application/json, text/plain, */*", "png"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "jpg"),
        (BROWSER, "webp"),
        ("application/json", None),
        ("image/gif, image/avif", None),
        ("text/*", None),
        ("image/png;q=0", None),
        ("*/*;q=0", None),
        ("png", None),
        ("image", None),
        (";q=1", "png"),
    ],
)
def test_header_is_weighed(accept, encoding):
    assert chosen(accept) == encoding


def test_a_header_without_end_is_read_to_the_hundredth_type():
    assert chosen("text/html," * 99 + "image/webp") == "webp"
    assert chosen("text/html," * 1_000_000 + "image/webp") is None


def test_nothing_acceptable_is_refused():
    error = refusal("text/html", image_file=PHOTO)
    assert (error.code, error.parameter) == ("not_acceptable", "Accept")
    assert "image/png, image/webp, image/jpeg" in str(error)


@pytest.mark.parametrize("accept", ["*/*", "", " */* "])
def test_what_libraries_write_unasked_counts_as_no_header(accept):
    found = note("Accept", accept)
    assert (found.value, found.given) == ("image/png", False)


def test_a_field_named_like_the_header_takes_its_place_where_there_is_none():
    assert plan(Accept="image/webp").output == Output("webp")
    assert plan("image/jpeg", Accept="image/webp").parameters.output_format == "jpeg"
    found = note("Accept", "image/jpeg", Accept="image/webp")
    assert (found.value, "more than once" in found.says) == ("image/jpeg", False)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "missing_image_file"),
        ({"image_url": "http://x/y.png"}, "missing_image_file"),
        ({"image_file": ""}, "missing_image_file"),
        ({"image_file": "photo.jpg"}, "invalid_image_file"),
        ({"image_file": PHOTO, "transparency_handling": PHOTO}, "invalid_transparency_handling"),
    ],
)
def test_what_clipdrop_refuses_is_refused(parameters, code):
    error = refusal(**parameters)
    assert error.code == code
    assert ADAPTER.refuse(None, error).status == 400


@pytest.mark.parametrize(
    ("name", "words"),
    [("transparency_handing", "Did you mean transparency_handling?"), ("size", "no parameter")],
)
def test_an_unknown_parameter_is_a_note(name, words):
    found = note(name, **{name: "x"})
    assert found.verdict is Verdict.IGNORED
    assert words in found.says


MEDIA = st.sampled_from([*OFFERED, "image/*", "*/*", "*", "text/html", "application/json", "png", ""])
RANGES = st.builds("{}{}".format, MEDIA, st.sampled_from(["", ";q=0", ";q=0.5", "; q=1", ";q=.2", ";q=x", ";v=1"]))
ACCEPT = st.one_of(st.lists(RANGES, max_size=5).map(", ".join), st.text(max_size=20))
NAMES = st.one_of(st.sampled_from(["transparency_handling", "Accept", "image_file", "size"]), st.text(max_size=8))
VALUES = st.one_of(st.text(max_size=12), st.sampled_from([RETURN, DISCARD, "image/webp"]), st.builds(Upload, st.binary(max_size=8)))  # fmt: skip


@settings(max_examples=1500)
@given(st.dictionaries(NAMES, VALUES, max_size=6), ACCEPT)
def test_translation_is_total_and_nothing_vanishes(parameters, accept):
    call = Call("clipdrop", "remove-background", Form.of({"image_file": PHOTO} | parameters), "key", accept)
    try:
        made = ADAPTER.plan(call)
    except TranslationError as error:
        answer = ADAPTER.refuse(call, error)
        assert answer.status == (406 if error.code == "not_acceptable" else 400)
        assert answer.body.startswith(b'{"error": ')
        return
    header = () if accept.strip() in ("", "*/*") else ("Accept",)
    assert sorted(note.name for note in made.notes if note.given) == sorted({*call.form.names, *header})
    assert len({note.name for note in made.notes}) == len(made.notes)
    asked = made.parameters.to_form()
    assert asked.keys() <= {"output.format", "background.color", "output.jpeg_quality"}
    assert asked["output.format"] in ("png", "jpeg")
    assert made.local == (made.output is not None)
    assert made.transparent_input in ("return", "drop")


@given(ACCEPT)
def test_the_format_is_one_that_the_header_does_not_refuse(accept):
    encoding = chosen(accept)
    if encoding is None:
        assert chosen(f"{accept},image/png") in ("png", None)
        return
    types = [media for media, written in OFFERED.items() if written == encoding]
    refused = [f"{media};q=0" for media in types]
    assert chosen(", ".join([*refused, accept])) != encoding or any(media in accept.lower() for media in types)


def test_the_plan_is_the_same_for_the_same_call():
    assert plan("image/webp", transparency_handling=DISCARD) == plan("image/webp", transparency_handling=DISCARD)
    assert attrs.asdict(plan(), recurse=False)["transparent_input"] == "return"
