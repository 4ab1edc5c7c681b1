"""What becomes of each argument of ``remove()`` and each option of the server."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pictures import photo
from pixian_adapters.rembg.adapter import ADAPTER
from pixian_adapters.rembg.models import BY_NAME, MODELS
from pixian_adapters.rembg.plans import FUNCTION, GET, POST
from pixian_adapters.rembg.rules import RULES, SERVER
from pixian_adapters.rembg.values import colour, written
from pixian_shim.errors import Refused, ShimError, TranslationError
from pixian_shim.images import encode_png
from pixian_shim.pixian import ImageUrl, Parameters, Upload
from pixian_shim.translation import (
    Call,
    FillColour,
    Form,
    HardenMatte,
    KeepColours,
    Output,
    Plan,
    Policy,
    Verdict,
    enforce,
)

PHOTO = Upload(photo(size=(40, 30), subject=(5, 5, 20, 20)), "photo.png")
PNG, MASK = Output(encoding="png"), Output(encoding="png", channels="alpha")
SHEET = (
    "data alpha_matting alpha_matting_foreground_threshold alpha_matting_background_threshold alpha_matting_erode_size session "
    "only_mask post_process_mask decontaminate vitmatte vitmatte_model bgcolor force_return_bytes putalpha sam_prompt sam_model "
    "sam_quant cc cloth_category model_path providers sess_opts api_key timeout model poll_timeout model_name"
).split()
OPTIONS = "url file model a om ppm dc vm af ab ae bgc extras".split()


def plan(**arguments):
    texts = {name: written(name, value) for name, value in arguments.items()}
    return ADAPTER.plan(Call("rembg", FUNCTION, Form.of({"data": PHOTO} | texts)))


def served(body=None, query=None, operation=POST, source=True):
    pictures = {"file": PHOTO} if operation == POST else {}
    address = Form.of({"url": "https://example.com/photo.jpg"} if operation == GET and source else {})
    query = Form((*address.items, *Form.of(query or {}).items))
    body = Form.of((pictures if source else {}) | (body or {}))
    return ADAPTER.plan(Call("rembg", operation, Form(query.items + body.items), query=query))


def note(name, found):
    (only,) = [note for note in found.notes if note.name == name]
    return only


def refusal(make, **arguments):
    with pytest.raises(TranslationError) as caught:
        make(**arguments)
    return caught.value


def test_every_argument_and_option_of_the_documentation_has_its_row():
    assert {rule.name for rule in RULES} == {*SHEET, "test", "*args"}
    assert {rule.name for rule in SERVER} == {*OPTIONS, "test"}


def test_every_row_that_is_not_for_the_machine_room_has_a_capability():
    silent = {rule.name for rule in RULES if rule.capability is None}
    assert silent == {"providers", "sess_opts", "timeout", "poll_timeout", "*args"}


def test_bare_call_asks_for_a_png_and_nothing_else():
    assert (plan().parameters, plan().local, plan().source) == (Parameters(output_format="png"), False, PHOTO)


@pytest.mark.parametrize(
    ("arguments", "steps", "output", "transparent_input"),
    [
        ({"only_mask": True}, [], MASK, "drop"),
        ({"post_process_mask": True}, [HardenMatte(), KeepColours()], PNG, "merge"),
        ({"post_process_mask": True, "only_mask": True}, [HardenMatte(), KeepColours()], MASK, "drop"),
        ({"putalpha": True}, [KeepColours()], PNG, "drop"),
        ({"putalpha": True, "only_mask": True}, [], MASK, "drop"),
        ({"bgcolor": (1, 2, 3, 4)}, [FillColour(1, 2, 3, 4)], PNG, "merge"),
        ({"bgcolor": (1, 2, 3, 4), "only_mask": True}, [], MASK, "drop"),
        (
            {"bgcolor": (1, 2, 3, 4), "putalpha": True, "post_process_mask": True},
            [HardenMatte(), KeepColours(), FillColour(1, 2, 3, 4)],
            PNG,
            "drop",
        ),
    ],
    ids=str,
)
def test_what_pixian_cannot_do_is_done_here(arguments, steps, output, transparent_input):
    found = plan(**arguments)
    assert (list(found.steps), found.output, found.transparent_input) == (steps, output, transparent_input)
    assert found.parameters == Parameters(output_format="png")


@pytest.mark.parametrize(
    "make", [lambda colour: plan(bgcolor=colour), lambda colour: served({}, {"bgc": written("bgc", colour)})]
)
def test_what_the_answer_does_to_the_picture_is_told(make):
    (told,) = make((255, 0, 16, 255)).when_answered
    assert "RGBA" in told
    for other in ((255, 0, 16, 100), (255, 0, 16, 0)):
        assert not make(other).when_answered


def test_model_is_named_for_explain_and_the_server_alone():
    function, server = RULES.find("session").values, SERVER.find("model").values
    assert function.startswith("what `new_session` gave; `pixian-shim explain` takes the name of its model: birefnet")
    assert server.startswith("birefnet")


def test_opaque_colour_is_pixians():
    found = plan(bgcolor=(255, 0, 16, 255))
    assert (found.parameters, found.local) == (Parameters(background_color="#FF0010", output_format="png"), False)


@pytest.mark.parametrize(
    "arguments", [{"bgcolor": (9, 9, 9, 0)}, {"only_mask": False}, {"test": False}, {"putalpha": None}]
)
def test_what_asks_for_nothing_leaves_the_plan_as_it_is(arguments):
    assert plan(**arguments).parameters == plan().parameters
    assert not plan(**arguments).local


def test_test_mode_is_asked_for():
    assert plan(test=True).parameters.test


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,2,3,4", (1, 2, 3, 4)),
        ("1,2,3", (1, 2, 3, 255)),
        (" 1, 2 ,3,4", (1, 2, 3, 4)),
        ("-5,300,0,255", (0, 255, 0, 255)),
    ],
)
def test_colour_is_read_as_pillow_takes_it(text, found):
    assert colour(text) == found


@pytest.mark.parametrize(
    "text", ["", "1", "1,2", "1,2,3,4,5", "a,b,c,d", "1.5,2,3,4", "#ffffff", f"1,2,3,{'9' * 5000}"]
)
def test_colour_that_is_none_is_where_the_server_fails(text):
    with pytest.raises(TranslationError) as caught:
        colour(text)
    assert caught.value.code == "500"


HINTS = [
    {"alpha_matting": True, "alpha_matting_foreground_threshold": 270, "alpha_matting_background_threshold": 20},
    {"alpha_matting_erode_size": 11, "decontaminate": True},
    {"vitmatte": True, "vitmatte_model": "base-composition-1k"},
    {"session": "birefnet-general"},
    {"session": "withoutbg", "api_key": "its-own-canary"},
    {
        "providers": ["CPUExecutionProvider"],
        "sess_opts": object(),
        "timeout": 5,
        "poll_timeout": 9,
        "model": "x",
        "*args": (1,),
    },
]


@pytest.mark.parametrize("arguments", HINTS, ids=" ".join)
@pytest.mark.parametrize("policy", [Policy.STRICT, Policy.WARN])
def test_hints_at_quality_change_nothing_and_nobody_is_warned(arguments, policy):
    found = plan(**arguments)
    assert (found.parameters, found.steps) == (plan().parameters, ())
    assert {note(name, found).verdict for name in arguments} == {Verdict.IGNORED}
    enforce(policy, "rembg", found.notes)


def test_key_of_another_service_is_not_written_down():
    assert "canary" not in repr(plan(session="withoutbg", api_key="its-own-canary"))
    assert "canary" not in repr(served(query={"extras": json.dumps({"api_key": "its-own-canary"})}))


@pytest.mark.parametrize("name", ["u2net_human_seg", "birefnet-portrait", "isnet-anime"])
def test_model_for_one_kind_of_subject_is_told_of(name):
    assert note("session", plan(session=name)).noteworthy
    assert note("model_name", plan(model_name=name)).noteworthy
    assert note("model", served({"model": name})).noteworthy


@pytest.mark.parametrize("name", ["sam", "u2net_cloth_seg", "u2net_custom", "dis_custom", "ben_custom"])
def test_model_that_cannot_be_had_is_refused_by_name(name):
    for error in (refusal(plan, session=name), refusal(served, body={"model": name})):
        assert isinstance(error, Refused)
        assert f"'{name}'" in str(error)


def test_every_model_is_of_a_known_kind():
    assert len(MODELS) == 22
    for name, model in BY_NAME.items():
        if model.kind != "refused":
            assert note("session", plan(session=name)).verdict is Verdict.IGNORED
        assert bool(model.instead) == (model.kind == "refused")


def test_unknown_model_is_what_the_library_says():
    assert str(refusal(plan, session="u3net")) == "No session class found for model 'u3net'"


@pytest.mark.parametrize("name", ["sam_prompt", "sam_model", "sam_quant", "cc", "cloth_category", "model_path"])
def test_what_a_refused_model_alone_listens_to_has_no_effect_with_another(name):
    assert note(name, plan(**{name: "x"})).verdict is Verdict.EXACT
    assert RULES.find(name).verdict is Verdict.REFUSED


def test_unknown_argument_is_noted_with_what_may_have_been_meant():
    told = note("bg_threshold", plan(bg_threshold=10))
    assert told.verdict is Verdict.IGNORED
    assert "Did you mean bgcolor?" in note("bg_colour", plan(bg_colour="1,2,3")).says


def test_result_of_more_than_25_megapixels_keeps_its_size():
    import numpy as np

    large = Upload(encode_png(np.zeros((5001, 5001), np.uint8)))
    found = ADAPTER.plan(Call("rembg", FUNCTION, Form.of({"data": large})))
    assert found.max_pixels > 5001 * 5001
    assert found.local


def test_call_without_a_picture_is_refused():
    with pytest.raises(TranslationError, match="no picture"):
        ADAPTER.plan(Call("rembg", FUNCTION, Form.of({"only_mask": "true"})))


PAIRS = {
    "a": ("alpha_matting", "true"),
    "om": ("only_mask", "true"),
    "ppm": ("post_process_mask", "true"),
    "dc": ("decontaminate", "true"),
    "vm": ("vitmatte", "true"),
    "af": ("alpha_matting_foreground_threshold", "200"),
    "ab": ("alpha_matting_background_threshold", "20"),
    "ae": ("alpha_matting_erode_size", "7"),
    "model": ("session", "u2netp"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_short_name_asks_for_what_the_long_one_does(name):
    long, value = PAIRS[name]
    mine, theirs = served({name: value}), plan(**{long: value})
    assert (mine.parameters, mine.steps, mine.output) == (theirs.parameters, theirs.steps, theirs.output)
    assert note(name, mine).verdict is note(long, theirs).verdict


@pytest.mark.parametrize("word", "1 on t true y yes ON True".split())
def test_switch_is_on_by_any_of_pydantics_words(word):
    assert served({"om": word}).output == MASK


@pytest.mark.parametrize("word", "0 off f false n no OFF False".split())
def test_switch_is_off_by_any_of_pydantics_words(word):
    assert served({"om": word}).output is None


def test_colour_and_extras_are_read_from_the_address():
    assert served(query={"bgc": "1,2,3,4"}).steps == (FillColour(1, 2, 3, 4),)
    assert served(query={"extras": '{"putalpha": true}'}).steps == (KeepColours(),)


@pytest.mark.parametrize(("name", "value"), [("bgc", "1,2,3,4"), ("extras", '{"putalpha": true}')])
def test_colour_and_extras_in_the_form_are_in_vain(name, value):
    found = served({name: value})
    assert not found.local
    assert "the address only" in note(name, found).says


@pytest.mark.parametrize(("name", "value"), [("om", "true"), ("a", "nonsense"), ("model", "sam"), ("ppm", "true")])
def test_everything_else_in_the_address_is_in_vain_on_post(name, value):
    found = served(query={name: value})
    assert not found.local
    assert "the form only" in note(name, found).says


def test_form_counts_where_an_option_stands_in_both():
    found = served({"om": "false"}, {"om": "true"})
    assert not found.local
    assert note("om", found).value == "false"


def test_test_mode_may_stand_in_either():
    assert served(query={"test": "true"}).parameters.test
    assert served({"test": "true"}).parameters.test


def test_everything_is_read_from_the_address_on_get():
    found = served(query={"om": "1", "ppm": "1"}, operation=GET)
    assert (found.source, found.output) == (ImageUrl("https://example.com/photo.jpg"), MASK)


def test_picture_in_the_wrong_place_is_told_of():
    assert "GET" in note("file", served({"file": "x"}, operation=GET)).says
    assert "POST" in note("url", served({"url": "https://example.com/x"})).says


def test_each_of_the_extras_has_its_note():
    found = served(
        query={"extras": json.dumps({"putalpha": True, "sam_prompt": [{"type": "point"}], "zoom": 3, "nothing": None})}
    )
    verdicts = {note.name: note.verdict for note in found.notes if note.given}
    assert verdicts == {
        "file": Verdict.CONVERTED,
        "extras": Verdict.CONVERTED,
        "extras[putalpha]": Verdict.EMULATED,
        "extras[sam_prompt]": Verdict.EXACT,
        "extras[zoom]": Verdict.IGNORED,
    }


@pytest.mark.parametrize("text", ["{", "[1]", "7", "{}", "nonsense", "[" * 100_000, '{"a": ' * 5000])
def test_extras_that_hold_nothing_are_passed_over(text):
    found = served(query={"extras": text})
    assert (found.parameters, note("extras", found).verdict) == (served().parameters, Verdict.EXACT)


@pytest.mark.parametrize("name", ["bgcolor", "only_mask", "alpha_matting", "session"])
def test_extras_that_are_options_as_well_are_where_the_server_fails(name):
    assert refusal(served, query={"extras": json.dumps({name: 1})}).code == "500"


def test_every_problem_is_told_in_the_servers_order():
    error = refusal(served, body={"vm": "2", "af": "300", "ab": "x", "ae": "-1", "model": "nope"}, source=False)
    told = json.loads(error.detail)
    assert [(item["type"], item["loc"]) for item in told] == [
        ("string_pattern_mismatch", ["body", "model"]),
        ("less_than_equal", ["body", "af"]),
        ("int_parsing", ["body", "ab"]),
        ("greater_than_equal", ["body", "ae"]),
        ("bool_parsing", ["body", "vm"]),
        ("missing", ["body", "file"]),
    ]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.com/x", "Only http and https"),
        ("photo.png", "Only http and https"),
        ("", "Only http and https"),
        ("http:///x", "missing hostname"),
        ("http://[x", "missing hostname"),
        ("http://a\nb/", "missing hostname"),
        ("http://localhost/x", "private/internal"),
        ("http://10.1.2.3:8080/x", "private/internal"),
        ("https://[::ffff:10.0.0.1]/x", "private/internal"),
        ("http://224.0.0.1/x", "private/internal"),
    ],
)
def test_address_that_is_not_fetched_is_told_in_the_servers_words(url, words):
    with pytest.raises(TranslationError, match=words) as caught:
        ADAPTER.plan(Call("rembg", GET, form := Form((("url", url),)), query=form))
    assert caught.value.code == "400"


NAMES = st.one_of(st.sampled_from([*SHEET, *OPTIONS, "test", "extras[x]", "*args", "bg_color"]), st.text(max_size=8))
TEXTS = st.sampled_from(
    [
        "true",
        "0",
        "240",
        "1,2,3,4",
        "u2net",
        "sam",
        "https://example.com/x",
        "http://10.0.0.1/",
        '{"putalpha": true}',
        "{",
        "5.5",
    ]
)
VALUES = st.one_of(TEXTS, st.text(max_size=12), st.just(PHOTO))
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([FUNCTION, GET, POST]), FIELDS, FIELDS)
def test_any_call_ends_in_a_plan_with_every_note_or_in_a_refusal(operation, query, body):
    query = Form.received([(name, value) for name, value in query if isinstance(value, str)])
    whole = Form.received([*query.items, *body])
    call = Call("rembg", operation, whole, query=query)
    try:
        found = ADAPTER.plan(call)
    except ShimError as error:
        answer = ADAPTER.refuse(call, error)
        assert answer.status in (400, 422, 500)
        assert answer.body == b"Internal Server Error" or json.loads(answer.body)["detail"]
    else:
        assert isinstance(found, Plan)
        names = [note.name for note in found.notes if note.given]
        assert len(names) == len(set(names))
        expanded = {name for name in names if name.startswith("extras[") and name not in whole.names}
        assert set(names) - expanded == set(whole.names)
        assert found.parameters.output_format == "png"
