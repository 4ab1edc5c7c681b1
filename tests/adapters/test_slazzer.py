"""Slazzer: what becomes of each parameter, what is read and written, and pictures through the doors."""

import base64
import json

import httpx
import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from error_tree import tree
from pictures import BLUE, RED, encoded, opened, photo, picture, subject_box
from pixian_adapters.slazzer.adapter import ADAPTER
from pixian_adapters.slazzer.effects import PREVIEW_PIXELS
from pixian_adapters.slazzer.incumbent import INCUMBENT
from pixian_adapters.slazzer.rules import RULES, UNCERTAIN
from pixian_shim import errors, intercept
from pixian_shim.gateway import Config, Gateway
from pixian_shim.geometry import Size
from pixian_shim.pixian import Account, ImageUrl, Parameters, Retry, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import (
    Call,
    Confidence,
    CropToForeground,
    Cutout,
    FillColour,
    FillImage,
    Form,
    HttpRequest,
    HttpResponse,
    Output,
    PlaceSubject,
    Policy,
    Task,
    Verdict,
    enforce,
    forget_warnings,
)

HOST = "https://api.slazzer.com"
URL = f"{HOST}/v2.0/remove_image_background"
OLD = "https://slazzer.com/api/v1/remove_image_background"
BALANCE = f"{HOST}/v2.0/account_balance"
KEY = {"API-KEY": "0123456789abcdef0123456789abcdef"}

PHOTO = Upload(b"photo", "photo.jpg")
BEHIND = Upload(b"behind", "behind.jpg")
RAW = b"pictures \xfb\xef\xbe."
TEXT = base64.b64encode(RAW).decode()  # with plus signs
ADDRESS = "https://x/y.jpg"
SHEET = (
    "source_image_file source_image_url source_image_base64 format bg_color_code bg_image_file bg_image_url "
    "bg_image_base64 crop preview scale position output_image_format client"
).split()


def plan(**parameters):
    given = parameters if any(name.startswith("source_") for name in parameters) else {"source_image_file": PHOTO}
    return ADAPTER.plan(Call("slazzer", "remove", Form.of(given | parameters)))


def note(name, **parameters):
    (found,) = [note for note in plan(**parameters).notes if note.name == name]
    return found


# Rules ----------------------------------------------------------------------------------------------------------------


def test_every_parameter_that_is_known_has_its_row_and_every_guess_too():
    assert {rule.name for rule in RULES} == {"test", *SHEET, *UNCERTAIN}
    assert {rule.name for rule in RULES if rule.upload} == {"source_image_file", "bg_image_file"}


def test_what_is_not_known_is_visibly_not_known():
    by_confidence = {kind: {rule.name for rule in RULES if rule.confidence is kind} for kind in Confidence}
    assert by_confidence[Confidence.HIGH] == {"source_image_file", "source_image_url", "test"}
    assert by_confidence[Confidence.LOW] == {"preview", "scale", "position", *UNCERTAIN}
    assert all("assumption" in rule.says for rule in RULES if rule.confidence is Confidence.LOW)


def test_a_bare_call_is_passed_on_as_a_png():
    bare = plan()
    assert bare.parameters == Parameters(output_format="png")
    assert (bare.local, bare.source, bare.max_input_pixels) == (False, PHOTO, 50_000_000)
    assert [(note.name, note.given) for note in bare.notes] == [("source_image_file", True), ("format", False)]


@pytest.mark.parametrize(
    ("parameters", "source"),
    [
        ({"source_image_file": PHOTO}, PHOTO),
        ({"source_image_url": ADDRESS}, ImageUrl(ADDRESS)),
        ({"source_image_url": "HTTP://x/y.jpg"}, ImageUrl("HTTP://x/y.jpg")),
        ({"source_image_url": f" {ADDRESS} ", "source_image_file": ""}, ImageUrl(ADDRESS)),
    ],
)
def test_the_picture_is_handed_over_in_one_of_three_ways(parameters, source):
    assert plan(**parameters).source == source


@pytest.mark.parametrize(
    "text",
    [TEXT, f"data:image/png;base64,{TEXT}", TEXT.replace("+", " "), Upload(TEXT.encode()), TEXT.replace("=", "")],
    ids=["plain", "data URI", "plus signs lost in a form body", "as a file part", "without padding"],
)
def test_base64_is_decoded_and_sent_as_binary(text):
    assert plan(source_image_base64=text).source.read() == RAW


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"source_image": PHOTO, "source_image_file": ""}, "one of source_image_file"),
        ({"source_image_file": ""}, "one of source_image_file"),
        ({"source_image_file": PHOTO, "source_image_url": ADDRESS}, "only one of source_image_file, source_image_url"),
        ({"source_image_file": "photo.jpg"}, "source_image_file: a file part"),
        ({"source_image_url": "photo.jpg"}, "source_image_url: an http or https address"),
        ({"source_image_url": f"{ADDRESS}\n/z"}, "source_image_url: an http or https address"),
        ({"source_image_url": "http://[x"}, "source_image_url: an http or https address"),
        ({"source_image_base64": "*"}, "source_image_base64: base64 text is expected"),
        ({"source_image_base64": "data:image/png;base64,"}, "source_image_base64: base64 text of a picture"),
        ({"bg_image_file": "photo.jpg"}, "bg_image_file: a file part"),
        ({"bg_image_url": "/photo.jpg"}, "bg_image_url: an http or https address"),
        ({"bg_image_base64": "*"}, "bg_image_base64: base64 text"),
        ({"crop": PHOTO}, "crop: text is expected"),
    ],
)
def test_what_cannot_be_a_picture_is_refused_before_anything_is_sent(parameters, words):
    with pytest.raises(errors.TranslationError) as caught:
        plan(**parameters)
    answer = ADAPTER.refuse(None, caught.value)
    assert answer.status == 400
    assert json.loads(answer.body)["error"].startswith(words)


JPEG = {"output_format": "jpeg", "jpeg_quality": 90}


@pytest.mark.parametrize(
    ("parameters", "asked"),
    [
        ({"format": "PNG"}, {"output_format": "png"}),
        ({"format": "webp", "bg_color_code": "red"}, {"output_format": "png", "background_color": "#FF0000"}),
        ({"format": "jpg"}, JPEG | {"background_color": "#FFFFFF"}),
        ({"format": "jpeg"}, JPEG | {"background_color": "#FFFFFF"}),
        ({"format": "jpg", "bg_color_code": "#00ff00"}, JPEG | {"background_color": "#00FF00"}),
        ({"bg_color_code": "#81d4fa"}, {"output_format": "png", "background_color": "#81D4FA"}),
        ({"bg_color_code": "f00"}, {"output_format": "png", "background_color": "#FF0000"}),
        ({"bg_color_code": ""}, {"output_format": "png"}),
        ({"crop": "true"}, {"output_format": "png", "crop_to_foreground": True}),
        ({"crop": True}, {"output_format": "png", "crop_to_foreground": True}),
        ({"crop": "1", "preview": "false"}, {"output_format": "png", "crop_to_foreground": True}),
        ({"crop": "false"}, {"output_format": "png"}),
        ({"preview": "true"}, {"output_format": "png", "max_pixels": PREVIEW_PIXELS}),
        ({"output_image_format": "base64", "client": "figma"}, {"output_format": "png"}),
    ],
)
def test_what_pixian_can_do_itself_is_left_to_it(parameters, asked):
    made = plan(**parameters)
    assert not made.local
    assert made.parameters == Parameters(**asked)


@pytest.mark.parametrize(
    ("parameters", "steps"),
    [
        ({"scale": "70%"}, [PlaceSubject(0.7)]),
        ({"scale": "70"}, [PlaceSubject(0.7)]),
        ({"scale": "70 %", "position": "center"}, [PlaceSubject(0.7)]),
        ({"position": "Center"}, [PlaceSubject(None)]),
        ({"bg_image_file": BEHIND}, [FillImage(BEHIND, "bg_image_file")]),
        ({"bg_image_url": ADDRESS}, [FillImage(ImageUrl(ADDRESS), "bg_image_url")]),
        (
            {"bg_image_url": ADDRESS, "bg_image_file": BEHIND, "bg_color_code": "red"},
            [FillImage(BEHIND, "bg_image_file"), FillColour(255, 0, 0)],
        ),
        ({"bg_color_code": "#ff000080"}, [FillColour(255, 0, 0, 128)]),
        (
            {"crop": "true", "scale": "50%", "position": "center", "bg_image_url": ADDRESS},
            [CropToForeground(), FillImage(ImageUrl(ADDRESS), "bg_image_url")],
        ),
    ],
)
def test_the_rest_is_done_here_in_order(parameters, steps):
    made = plan(**parameters)
    assert (list(made.steps), made.output) == (steps, Output("png"))


@pytest.mark.parametrize(
    ("name", "value", "verdict", "words", "beside"),
    [
        ("crop", "maybe", Verdict.IGNORED, "counts as not given (assumption)", {}),
        ("preview", "4k", Verdict.IGNORED, "counts as not given", {}),
        ("preview", "yes", Verdict.APPROXIMATED, "0.25 megapixels", {}),
        ("scale", "original", Verdict.IGNORED, "counts as not given", {}),
        ("scale", "0%", Verdict.IGNORED, "counts as not given", {}),
        ("scale", "101%", Verdict.IGNORED, "counts as not given", {}),
        ("scale", "50%", Verdict.IGNORED, "no canvas left", {"crop": "true"}),
        ("position", "center", Verdict.IGNORED, "no canvas left", {"crop": "true"}),
        ("position", "top", Verdict.IGNORED, "counts as not given", {}),
        ("bg_color_code", "reddish", Verdict.IGNORED, "counts as not given", {}),
        ("bg_color_code", "#00000080", Verdict.EMULATED, "put behind the subject here", {}),
        ("bg_color_code", "#000000", Verdict.EMULATED, "where the background picture is", {"bg_image_file": BEHIND}),
        ("bg_image_url", ADDRESS, Verdict.IGNORED, "Another background picture", {"bg_image_file": BEHIND}),
        ("format", "webp", Verdict.IGNORED, "Known is png and jpg", {}),
        ("output_image_format", "bytes", Verdict.IGNORED, "counts as not given", {}),
        ("output_image_format", "base64", Verdict.EMULATED, "text/plain", {}),
        ("crop_margin", "10%", Verdict.IGNORED, "is not known", {}),
        ("crop", "no", Verdict.EXACT, "asks for nothing", {}),
        ("preview", "0", Verdict.EXACT, "asks for nothing", {}),
        ("bg_colour_code", "red", Verdict.IGNORED, "Did you mean bg_color_code?", {}),
    ],
)
def test_a_note_says_what_became_of_it(name, value, verdict, words, beside):
    found = note(name, **{name: value}, **beside)
    assert found.verdict is verdict
    assert words in found.says


def test_a_value_nobody_knows_is_an_error_where_the_policy_is_strict_but_a_tag_is_none():
    enforce(Policy.STRICT, "slazzer", plan(client="woocommerce").notes)
    with pytest.raises(errors.Refused, match="position"):
        enforce(Policy.STRICT, "slazzer", plan(position="left").notes)


WORDS = st.sampled_from(["true", "false", "base64", "70%", "center", "#ff0000", "red", "jpg", "png", ADDRESS, TEXT, ""])
NAMES = st.one_of(st.sampled_from([*SHEET, *UNCERTAIN, "api_key"]), st.text(max_size=8))
VALUES = st.one_of(WORDS, st.text(max_size=12), st.builds(Upload, st.binary(max_size=8)))
PICTURES = st.sampled_from([{}, {"source_image_file": PHOTO}, {"source_image_url": ADDRESS}])


@settings(max_examples=1500)
@given(PICTURES, st.dictionaries(NAMES, VALUES, max_size=6))
def test_translation_is_total_and_nothing_vanishes(source, parameters):
    call = Call("slazzer", "remove", Form.of(parameters | source), "key")
    try:
        made = ADAPTER.plan(call)
    except errors.TranslationError as error:
        answer = ADAPTER.refuse(call, error)
        body = json.loads(answer.body)
        assert (answer.status, list(body), body["error_code"]) == (400, ["error_code", "error"], 400)
        return
    assert sorted(note.name for note in made.notes if note.given) == sorted(call.form.names)
    assert len({note.name for note in made.notes}) == len(made.notes)
    asked = made.parameters.to_form()
    assert asked.keys() <= {
        "output.format",
        "output.jpeg_quality",
        "background.color",
        "max_pixels",
        "result.crop_to_foreground",
    }
    assert asked["output.format"] in ("png", "jpeg")
    assert made.local == (made.output is not None)


# Wire -----------------------------------------------------------------------------------------------------------------


def read(url=URL, headers=KEY, body=b"", method="POST"):
    return ADAPTER.read(HttpRequest(method, url, headers, body))


def refusal(*args, **options):
    with pytest.raises(errors.TranslationError) as caught:
        read(*args, **options)
    answer = ADAPTER.refuse(None, caught.value)
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize(
    ("url", "operation"),
    [
        (URL, "remove"),
        (OLD, "remove"),
        (f"{URL}/", "remove"),
        (BALANCE, "account"),
        ("/proxy/account_balance", "account"),
    ],
)
def test_both_generations_and_the_balance_are_read(url, operation):
    assert read(url).operation == operation
    assert ADAPTER.serves(url) == url.startswith("https://")


@pytest.mark.parametrize("url", ["https://slazzer.com/pricing", f"{HOST}/", "https://evil-slazzer.com/v2.0/x"])
def test_the_website_is_not_claimed(url):
    assert not ADAPTER.serves(url)


@pytest.mark.parametrize(
    ("method", "url", "status", "words"),
    [
        ("GET", URL, 405, "GET is not possible"),
        ("POST", f"{HOST}/v2/remove-background", 404, "nothing at this address"),
        ("POST", f"{HOST}/v2.0/grocery", 404, "Pixian has no grocery"),
        ("POST", f"{HOST}/grocery", 404, "Pixian has no grocery"),
    ],
)
def test_other_addresses_are_refused(method, url, status, words):
    found, body = refusal(url, method=method)
    assert (found, list(body)) == (status, ["error_code", "error"])
    assert words in body["error"]


@pytest.mark.parametrize("name", ["API-KEY", "api-key", "Api-Key"])
def test_the_key_is_taken_from_the_header_in_any_case(name):
    assert read(headers={name: "legacy"}).key == "legacy"


@pytest.mark.parametrize("headers", [{}, {"API-KEY": ""}, {"Authorization": "Bearer x"}])
def test_without_the_header_there_is_no_key(headers):
    status, body = refusal(headers=headers)
    assert (status, list(body)) == (401, ["error_code", "error"])


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_the_balance_has_its_key_in_a_field():
    assert read(BALANCE, FORM, b"api_key=legacy").key == "legacy"
    assert read(BALANCE, KEY).key == KEY["API-KEY"]
    call = read(BALANCE, FORM | {"API-KEY": ""}, b"api_key=")
    with pytest.raises(errors.TranslationError) as caught:
        ADAPTER.plan(call)
    body = json.loads(ADAPTER.refuse(call, caught.value).body)
    assert (list(body), body["error_code"], body["status"]) == (["error_code", "error", "status"], 401, 401)


def test_a_field_named_api_key_is_no_key_beside_a_picture():
    assert refusal(URL, FORM, b"api_key=legacy")[0] == 401


def test_urlencoded_base64_is_read_as_the_vendors_plugin_sends_it():
    body = f"source_image_base64={TEXT}&client=woo&bg_color_code=%23ffffff".encode()  # the plus signs as they are
    call = read(headers=KEY | FORM, body=body)
    assert ADAPTER.plan(call).source.read() == RAW
    assert call.form.get("bg_color_code") == "#ffffff"


def cutout(**changes):
    fields = {
        "content": b"\x89PNG",
        "content_type": "image/png",
        "size": Size(4, 3),
        "input_size": Size(4, 3),
        "max_size": Size(4, 3),
        "foreground": None,
        "credits_charged": 0.25,
    }
    return Cutout(**(fields | changes))


def test_the_answer_is_the_picture():
    answer = ADAPTER.answer(Call("slazzer", "remove"), cutout())
    assert (answer.status, answer.headers, answer.body) == (200, {"Content-Type": "image/png"}, b"\x89PNG")


@pytest.mark.parametrize("wanted", ["base64", "BASE64 "])
def test_the_answer_is_base64_where_it_is_asked_for(wanted):
    answer = ADAPTER.answer(Call("slazzer", "remove", Form.of({"output_image_format": wanted})), cutout())
    assert (answer.headers["Content-Type"], base64.b64decode(answer.body)) == ("text/plain", b"\x89PNG")


@pytest.mark.parametrize("wanted", ["bytes", Upload(b"base64")])
def test_another_word_leaves_the_picture_as_it_is(wanted):
    answer = ADAPTER.answer(Call("slazzer", "remove", Form.of({"output_image_format": wanted})), cutout())
    assert answer.body == b"\x89PNG"


@pytest.mark.parametrize(("credits", "told"), [(12.0, b"12"), (12.5, b"12.5"), (0.0, b"0")])
def test_the_balance_is_pixians(credits, told):
    account = Account(credit_pack="x", state="active", use_before=None, credits=credits)
    answer = ADAPTER.answer(Call("slazzer", "account"), account)
    assert (answer.status, answer.body) == (200, b'{"total_credits": ' + told + b"}")
    assert ADAPTER.plan(Call("slazzer", "account", key="any")).task is Task.ACCOUNT


def test_there_is_no_answer_without_a_result():
    with pytest.raises(errors.ConfigurationError):
        ADAPTER.answer(Call("slazzer", "remove"), None)


def api_error(kind, status, message="words", headers=None):
    return kind(message, status=status, headers=headers)


def paid(error):
    error.result = cutout()
    return error


CASES = [
    (errors.TranslationError("words", code="404"), 404, "words"),
    (errors.TranslationError("words", code="malformed_body", detail="more"), 400, "words. more"),
    (errors.Refused("words", code="invalid_parameter"), 400, "words"),
    (errors.TooLarge(60_000_000, 50_000_000, "pixels"), 413, "the picture has 60,000,000 pixels"),
    (errors.ImageError("broken"), 400, "broken"),
    (
        errors.ImageError("bg_image_file cannot be read: x", parameter="bg_image_file"),
        400,
        "bg_image_file cannot be read: x",
    ),
    (errors.NoForeground(), 400, "no foreground"),
    (errors.FetchError("HTTP Status 404"), 400, "the address cannot be fetched: HTTP Status 404"),
    (errors.InvalidParameter("size", "x", "words"), 400, "size='x': words"),
    (errors.ConfigurationError("no credentials"), 401, "no credentials"),
    (errors.Busy(500, seconds=7), 429, "500 calls"),
    (errors.MissingExtra("images", "this"), 500, "this needs"),
    (errors.CannotWrite("WebP", "do this"), 500, "WebP cannot be written"),
    (errors.LinkFailed("x"), 500, "x"),
    (errors.ShimError("x"), 500, "x"),
    (api_error(errors.AuthenticationFailed, 401), 401, "words"),
    (api_error(errors.InsufficientCredits, 402), 402, "words"),
    (api_error(errors.RateLimited, 429), 429, "words"),
    (api_error(errors.PayloadTooLarge, 413), 413, "words"),
    (api_error(errors.BadRequest, 418), 400, "words"),
    (api_error(errors.BadRequest, 400, ""), 400, "Unknown error"),
    (api_error(errors.ServerError, 500), 503, "words"),
    (errors.TimedOut("x"), 504, "Pixian did not answer in time: x"),
    (errors.DeadlineExceeded("x"), 504, "Pixian did not answer in time: x"),
    (errors.ConnectFailed("x"), 502, "Pixian could not be reached: x"),
    (errors.LegacyGone("Slazzer", "api.slazzer.com"), 502, "Slazzer could not be reached"),
    (errors.NotAnImage("x", status=200), 502, "x"),
    (paid(errors.ImageError("broken")), 500, "The result could not be finished: broken. Pixian charged 0.25 credits"),
]


@pytest.mark.parametrize(
    ("error", "status", "words"), CASES, ids=[f"{type(case[0]).__name__}-{case[1]}" for case in CASES]
)
def test_every_error_has_slazzers_shape(error, status, words):
    answer = ADAPTER.refuse(Call("slazzer", "remove"), error)
    body = json.loads(answer.body)
    assert (answer.status, list(body), body["error_code"]) == (status, ["error_code", "error"], status)
    assert body["error"].startswith(words)
    about_balance = json.loads(ADAPTER.refuse(Call("slazzer", "account"), error).body)
    assert about_balance == body | {"status": status}


def test_every_class_of_the_error_tree_is_answered():
    covered = {type(error) for error, *_ in CASES}
    abstract = {errors.TransportError, errors.ResponseError, errors.ApiError}
    assert tree() - covered - abstract == {
        errors.ConnectionLost,
        errors.NotIntercepted,
        errors.IncompleteBody,
        errors.RebuildFailed,
    }
    assert {status for _, status, _ in CASES} <= {row.status for row in ADAPTER.errors}


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (api_error(errors.RateLimited, 429), "5"),
        (api_error(errors.RateLimited, 429, headers={"retry-after": "20"}), "20"),
        (api_error(errors.RateLimited, 429, headers={"retry-after": "soon"}), "5"),
        (errors.Busy(9, seconds=7), "7"),
    ],
)
def test_a_429_says_how_long_to_wait(error, waits):
    assert ADAPTER.refuse(None, error).headers["Retry-After"] == waits


def test_what_slazzer_itself_takes_is_an_assumption_or_unknown():
    assert (INCUMBENT.price(Call("slazzer", "remove")), INCUMBENT.price(Call("slazzer", "account"))) == (1.0, 0.0)
    charged = [INCUMBENT.charged(HttpResponse(status, {}, b"")) for status in (200, 400, 402, 499, 500)]
    assert charged == [None, 0.0, 0.0, 0.0, None]


# Doors and pixels -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    forget_warnings()
    return running


@pytest.fixture
def pixian(sandbox):
    with (
        sandbox.client(retry=Retry(rate_limit_waits=0)) as client,
        intercept("slazzer", client=client, policy="silent"),
    ):
        yield client


def ask(content=None, url=URL, files=None, **fields):
    files = {"source_image_file": ("photo.png", photo() if content is None else content)} | (files or {})
    return requests.post(url, headers=KEY, files=files, data=fields)


def result_of(*args, **fields):
    answer = ask(*args, **fields)
    assert answer.status_code == 200, answer.text
    return opened(answer.content)


@pytest.mark.parametrize("url", [URL, OLD])
def test_a_script_with_a_file_and_a_status_code(url, pixian, tmp_path):
    (tmp_path / "in.jpg").write_bytes(photo("JPEG"))
    with open(tmp_path / "in.jpg", "rb") as file:
        r = requests.post(url, headers=KEY, files={"source_image_file": file}, data={"format": "png", "crop": False})
    if r.status_code == 200:
        with open(tmp_path / "out.png", "wb") as out:
            out.write(r.content)
    result = Image.open(tmp_path / "out.png")
    assert (result.size, result.mode, r.headers["Content-Type"]) == ((400, 300), "RGBA", "image/png")
    assert np.allclose(subject_box(result), (100, 80, 200, 220), atol=2)


def test_a_script_with_raise_for_status(pixian, sandbox):
    sandbox.fault("no_credits")
    answer = ask()
    with pytest.raises(requests.HTTPError) as caught:
        answer.raise_for_status()
    assert caught.value.response.json()["error_code"] == 402


def test_a_script_that_asks_for_its_balance(pixian):
    answer = requests.post(BALANCE, data={"api_key": "legacy"}).json()
    assert "status" not in answer
    assert answer["total_credits"] == 1000


def test_a_key_of_pixians_in_the_old_slot_is_used(sandbox):
    with sandbox.client(api_secret="wrong") as wrong, intercept("slazzer", client=wrong):
        assert ask().status_code == 401
        files = {"source_image_file": photo()}
        assert requests.post(URL, headers={"API-KEY": "sandbox:sandbox"}, files=files).status_code == 200
        assert requests.post(BALANCE, data={"api_key": "sandbox:sandbox"}).status_code == 200


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64_in_a_urlencoded_body(prefix, pixian):
    text = prefix + base64.b64encode(photo()).decode()
    answer = requests.post(URL, headers=KEY, data={"source_image_base64": text, "client": "woo"})
    assert subject_box(opened(answer.content)) == (100, 80, 200, 220)


def test_the_answer_as_base64(pixian):
    answer = ask(url=OLD, output_image_format="base64", format="jpg")
    assert opened(base64.b64decode(answer.text)).format == "JPEG"


@pytest.mark.parametrize(
    "fields", [{}, {"source_image": "x"}, {"source_image_url": ADDRESS, "source_image_base64": TEXT}]
)
def test_no_picture_or_two_are_400_before_anything_is_sent(fields, pixian, sandbox):
    answer = requests.post(URL, headers=KEY, data=fields)
    assert (answer.status_code, list(answer.json())) == (400, ["error_code", "error"])
    assert not sandbox.requests


def test_a_crop_leaves_the_subject_alone(pixian):
    result = result_of(crop="true")
    assert np.allclose(result.size, (100, 140), atol=2)


def test_a_scaled_subject_stands_in_the_middle_with_that_share_of_the_canvas(pixian):
    result = result_of(scale="50%", position="center")
    left, top, right, bottom = subject_box(result)
    assert result.size == (400, 300)
    assert (bottom - top) / 300 == pytest.approx(0.5, abs=0.02)
    assert np.allclose(((left + right) / 2, (top + bottom) / 2), (200, 150), atol=2)


def test_a_position_alone_moves_the_subject_at_its_size(pixian):
    assert np.allclose(subject_box(result_of(position="center")), (150, 80, 250, 220), atol=2)


def test_a_preview_has_a_quarter_of_a_megapixel_at_most(pixian):
    content = encoded(picture((1200, 900), (300, 240, 600, 660)))
    width, height = result_of(content, preview="true").size
    assert 240_000 <= width * height <= PREVIEW_PIXELS
    assert width / height == pytest.approx(4 / 3, abs=0.01)


@pytest.mark.parametrize(
    ("fields", "kind", "corner"),
    [
        ({"bg_color_code": "#0000ff"}, "PNG", (0, 0, 255)),
        ({"bg_color_code": "#0000ff", "format": "jpg"}, "JPEG", (0, 0, 255)),
        ({"format": "jpg"}, "JPEG", (255, 255, 255)),
    ],
)
def test_a_colour_lies_behind_the_subject(fields, kind, corner, pixian):
    result = result_of(**fields)
    assert (result.format, result.size) == (kind, (400, 300))
    colours = result.convert("RGB")
    assert np.allclose(colours.getpixel((2, 2)), corner, atol=6)
    assert np.allclose(colours.getpixel((150, 150)), RED, atol=6)


@pytest.mark.parametrize("name", ["bg_image_file", "bg_image_base64"])
def test_a_picture_lies_behind_the_subject(name, pixian):
    behind = encoded(Image.new("RGB", (50, 50), BLUE))
    sent = {"files": {name: behind}} if name.endswith("file") else {name: base64.b64encode(behind).decode()}
    result = result_of(**sent).convert("RGBA")
    assert result.size == (400, 300)
    assert np.allclose(result.getpixel((2, 2)), (*BLUE, 255), atol=4)
    assert np.allclose(result.getpixel((150, 150)), (*RED, 255), atol=6)


@pytest.mark.parametrize(
    ("files", "fields", "name"),
    [
        ({"bg_image_file": b"no picture"}, {}, "bg_image_file"),
        ({}, {"bg_image_base64": base64.b64encode(b"no picture").decode()}, "bg_image_base64"),
    ],
    ids=["file", "base64"],
)
def test_a_broken_background_is_named_and_was_not_fetched(files, fields, name, pixian, sandbox):
    answer = ask(files=files, **fields)
    assert answer.status_code == 400
    assert f"{name} cannot be read: the data is not a picture" in answer.text
    assert not sandbox.requests


def see_through():
    """Draw the picture, with the upper half of it, subject and all, transparent."""
    image = picture().convert("RGBA")
    hidden = Image.new("L", image.size, 255)
    hidden.paste(0, (0, 0, 400, 150))
    image.putalpha(hidden)
    return encoded(image)


def test_transparent_places_of_the_original_stay_so(pixian):
    assert result_of(see_through()).getpixel((150, 100))[3] == 0


def test_a_background_colour_fills_them(pixian):
    assert np.allclose(result_of(see_through(), bg_color_code="#0000ff").getpixel((150, 100))[:3], (0, 0, 255), atol=6)


def test_httpx_comes_in_too(pixian):
    with httpx.Client() as client:
        answer = client.post(URL, files={"source_image_file": photo()}, headers=KEY, data={"format": "jpg"})
    assert opened(answer.content).format == "JPEG"


def test_other_services_are_told_apart(pixian, sandbox):
    answer = requests.post(f"{HOST}/v2.0/grocery", headers=KEY, files={"source_image_file": photo()})
    assert answer.status_code == 404
    assert "Pixian has no grocery" in answer.json()["error"]
    assert not sandbox.requests


def test_the_gateway_answers_by_path_and_by_name(monkeypatch):
    with Sandbox(engine="fast", http=True) as upstream:
        for name, value in (("BASE_URL", upstream.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            monkeypatch.setenv(f"PIXIAN_{name}", value)
        with Gateway(Config(port=0)) as gateway:
            paths = ("/v2.0/remove_image_background", "/api/v1/remove_image_background")
            for path in (*paths, f"/slazzer{paths[0]}"):
                answer = ask(url=gateway.url + path, crop="true")
                assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
            balance = requests.post(f"{gateway.url}/v2.0/account_balance", data={"api_key": "x"})
            assert balance.json()["total_credits"] < 1000
            nameless = requests.post(f"{gateway.url}/v2.0/account_balance")
            assert (nameless.status_code, nameless.json()["status"]) == (401, 401)
            missing = requests.post(gateway.url + paths[0], files={"source_image_file": photo()})
            assert (missing.status_code, missing.json()["error_code"]) == (401, 401)
            description = requests.get(f"{gateway.url}/openapi.json").json()["paths"]
            assert len({description[path]["post"]["operationId"] for path in paths}) == 2
