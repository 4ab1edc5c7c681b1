"""Clipdrop's HTTP interface: what is read, and what every answer and error looks like."""

import json

import pytest

from error_tree import tree
from pixian_adapters.clipdrop.adapter import ADAPTER
from pixian_adapters.clipdrop.incumbent import INCUMBENT
from pixian_adapters.clipdrop.wire import ELSEWHERE
from pixian_shim import errors
from pixian_shim.geometry import Size
from pixian_shim.pixian import Account
from pixian_shim.translation import Call, Cutout, Form, HttpRequest, HttpResponse

URL = "https://clipdrop-api.co/remove-background/v1"
KEY = {"x-api-key": "legacy"}
CALL = Call("clipdrop", "remove-background", Form(), "legacy")


def cutout(**changes):
    fields = {
        "content": b"\x89PNG",
        "content_type": "image/png",
        "size": Size(400, 300),
        "input_size": Size(400, 300),
        "max_size": Size(400, 300),
        "foreground": None,
        "credits_charged": 0.25,
    }
    return Cutout(**(fields | changes))


def read(method="POST", url=URL, headers=KEY, body=b""):
    return ADAPTER.read(HttpRequest(method, url, headers, body))


def refused(error):
    answer = ADAPTER.refuse(None, error)
    body = json.loads(answer.body)
    assert answer.headers["Content-Type"] == "application/json"
    assert list(body) == ["error"]
    return answer.status, body["error"]


@pytest.mark.parametrize("host", ["clipdrop-api.co", "apis.clipdrop.co"])
@pytest.mark.parametrize("end", ["", "/", "?transparency_handling=discard_alpha_layer"])
def test_both_hosts_are_served(host, end):
    url = f"https://{host}/remove-background/v1{end}"
    assert ADAPTER.serves(url)
    assert read(url=url).operation == "remove-background"


@pytest.mark.parametrize("url", ["https://proxy.internal/clipdrop/remove-background/v1", "//remove-background/v1"])
def test_what_stands_before_the_path_is_not_looked_at(url):
    assert read("post", url).key == "legacy"


def test_hosts_that_look_alike_are_not_served():
    assert not ADAPTER.serves("https://clipdrop-api.co.evil.example/remove-background/v1")
    assert not ADAPTER.serves("https://clipdrop.co/remove-background")


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/remove-background/v1", 405, "GET is not possible"),
        ("POST", "/remove-background/v2", 404, "/remove-background/v1 alone"),
        ("POST", "/remove-background", 404, "Not found"),
        ("POST", "/", 404, "Not found"),
        ("POST", "/my-remove-background/v1/", 404, "Not found"),
        ("POST", "/my-cleanup/v1", 404, "Not found"),
        *[("POST", f"/{name}/v1", 404, f"Pixian has no {name}") for name in ELSEWHERE],
        ("POST", "/reimagine/v1/reimagine", 404, "Pixian has no reimagine"),
        ("GET", "/cleanup/v1", 404, "send these calls to Clipdrop itself"),
    ],
)
def test_other_paths_and_methods_say_what_pixian_cannot_do(method, path, status, words):
    with pytest.raises(errors.TranslationError) as caught:
        read(method, "https://clipdrop-api.co" + path)
    found, message = refused(caught.value)
    assert found == status
    assert words in message


@pytest.mark.parametrize("headers", [{"x-api-key": "k"}, {"X-API-Key": "k"}])
def test_key_is_read_whatever_the_spelling_of_its_header(headers):
    assert read(headers=headers).key == "k"


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}, {"Authorization": "Bearer token"}])
def test_missing_key_is_401_in_clipdrops_words(headers):
    with pytest.raises(errors.TranslationError) as caught:
        read(headers=headers)
    assert refused(caught.value) == (401, "No api key provided")


def test_key_is_in_no_repr():
    assert "s3cret" not in repr(read(headers={"x-api-key": "s3cret"}))


def test_accept_is_read():
    assert read(headers=KEY | {"Accept": "image/webp"}).accept == "image/webp"
    assert read().accept == "*/*"


def test_a_broken_body_is_400():
    with pytest.raises(errors.TranslationError) as caught:
        read(headers=KEY | {"Content-Type": "multipart/form-data"}, body=b"x")
    assert refused(caught.value)[0] == 400


@pytest.mark.parametrize(("charged", "told"), [(0.25, "0.25"), (1.0, "1"), (0.0, "0"), (0.1234567, "0.123457")])
def test_answer_is_the_bytes_and_what_they_cost(charged, told):
    answer = ADAPTER.answer(CALL, cutout(credits_charged=charged))
    assert (answer.status, answer.body) == (200, b"\x89PNG")
    assert answer.headers == {"Content-Type": "image/png", "x-credits-consumed": told}


@pytest.mark.parametrize(("left", "told"), [(12.75, "12"), (0.4, "0"), (-0.5, "0"), (7.0, "7")])
def test_what_is_left_is_a_whole_number(left, told):
    assert ADAPTER.answer(CALL, cutout(credits_left=left)).headers["x-remaining-credits"] == told


@pytest.mark.parametrize("result", [None, Account(credit_pack="none", state="active", use_before=None, credits=1.0)])
def test_there_is_nothing_else_to_answer(result):
    with pytest.raises(errors.ConfigurationError):
        ADAPTER.answer(CALL, result)


def test_a_paid_result_that_cannot_be_finished_is_no_fault_of_the_callers():
    error = errors.ImageError("a WEBP has at most 16,383 pixels on a side")
    error.result = cutout()
    status, message = refused(error)
    assert status == 500
    assert "charged 0.25 credits" in message
    assert message.endswith("error.result, in Python only")
    error.kept_at = "http://gateway/kept"
    assert refused(error)[1].endswith("http://gateway/kept")


def api_error(kind, status, code=None, message="words ", headers=None):
    return kind(message, status=status, code=code, headers=headers)


CASES = [
    (errors.TranslationError("words", code="missing_image_file"), 400, "words"),
    (errors.TranslationError("words"), 400, "words"),
    (errors.TranslationError("words", code="not_acceptable"), 406, "words"),
    (errors.Refused("clipdrop: transparency_handling=x"), 400, "clipdrop: transparency_handling=x"),
    (errors.TooLarge(99, 10, "bytes"), 400, "The picture is too large: the picture has 99 bytes"),
    (errors.TooLarge(99, 10, "pixels"), 400, "The picture is too large: the picture has 99 pixels"),
    (errors.ImageError("broken"), 400, "The picture cannot be read: broken"),
    (errors.NoForeground(), 400, "The picture cannot be read: no foreground"),
    (errors.FetchError("HTTP Status 404"), 400, "The picture cannot be fetched: HTTP Status 404"),
    (errors.InvalidParameter("size", "x", "words"), 400, "Invalid parameter: size='x': words"),
    (errors.ConfigurationError("no credentials"), 403, "The api key is not valid: no credentials"),
    (errors.Busy(500, seconds=7), 429, "Too many requests: 500 calls"),
    (errors.MissingExtra("images", "this"), 500, "A part of pixian-shim is not installed: this needs"),
    (errors.CannotWrite("WebP", "do this"), 500, "A part of pixian-shim is not installed: WebP cannot be written"),
    (errors.LinkFailed("x"), 500, "Internal error: x"),
    (errors.ShimError("x"), 500, "Internal error: x"),
    (api_error(errors.AuthenticationFailed, 401, 1001), 403, "The api key is not valid: words"),
    (api_error(errors.InsufficientCredits, 402, 1011), 402, "No credits left: words"),
    (api_error(errors.InsufficientCredits, 402, message=""), 402, "No credits left"),
    (api_error(errors.RateLimited, 429, 1015), 429, "Too many requests: words"),
    (api_error(errors.PayloadTooLarge, 413, 1012), 400, "The picture is too large: words"),
    (api_error(errors.BadRequest, 400, 1006), 400, "words"),
    (api_error(errors.BadRequest, 418), 400, "words"),
    (api_error(errors.ServerError, 503, -3), 500, "words"),
    (api_error(errors.ServerError, 500, message=""), 500, "Unknown error"),
    (errors.TimedOut("x"), 504, "Pixian did not answer in time: x"),
    (errors.DeadlineExceeded("x"), 504, "Pixian did not answer in time: x"),
    (errors.ConnectFailed("x"), 502, "Pixian could not be reached: x"),
    (errors.LegacyGone("Clipdrop", "clipdrop-api.co"), 502, "Clipdrop could not be reached"),
    (errors.NotAnImage("x", status=200), 502, "Pixian's answer could not be read: x"),
]


@pytest.mark.parametrize(
    ("error", "status", "words"), CASES, ids=[f"{type(case[0]).__name__}-{case[1]}" for case in CASES]
)
def test_every_error_has_its_legacy_shape(error, status, words):
    found, message = refused(error)
    assert found == status
    assert message.startswith(words)


def test_every_class_of_the_error_tree_is_answered():
    covered = {type(error) for error, *_ in CASES}
    abstract = {errors.TransportError, errors.ResponseError, errors.ApiError}
    assert tree() - covered - abstract == {
        errors.ConnectionLost,
        errors.NotIntercepted,
        errors.IncompleteBody,
        errors.RebuildFailed,
    }


@pytest.mark.parametrize(
    ("headers", "waits"), [({}, "5"), ({"retry-after": "20"}, "20"), ({"retry-after": "soon"}, "5")]
)
def test_rate_limit_answer_says_how_long_to_wait(headers, waits):
    answer = ADAPTER.refuse(None, api_error(errors.RateLimited, 429, headers=headers))
    assert answer.headers["Retry-After"] == waits
    assert ADAPTER.refuse(None, errors.Busy(9, seconds=7)).headers["Retry-After"] == "7"


def test_every_documented_status_has_its_row():
    statuses = [row.status for row in ADAPTER.errors]
    assert {400, 401, 402, 403, 406, 429, 500} <= set(statuses)
    assert statuses == sorted(statuses)
    assert {status for _, status, _ in CASES} <= set(statuses)


@pytest.mark.parametrize(
    ("status", "headers", "charged"),
    [
        (200, {"X-Credits-Consumed": "1"}, 1.0),
        (200, {}, None),
        (200, {"x-credits-consumed": "many"}, None),
        (402, {}, 0.0),
        (500, {}, 0.0),
    ],
)
def test_what_clipdrop_itself_charged_is_read(status, headers, charged):
    assert INCUMBENT.charged(HttpResponse(status, headers, b"")) == charged
    assert INCUMBENT.price(CALL) == 1.0
