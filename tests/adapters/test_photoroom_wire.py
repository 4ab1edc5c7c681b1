"""PhotoRoom's HTTP interfaces: what is read, and what every answer and error looks like."""

import base64
import json

import pytest

from pixian_adapters.photoroom.adapter import ADAPTER
from pixian_adapters.photoroom.incumbent import INCUMBENT
from pixian_shim import errors
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import Account, Upload
from pixian_shim.translation import Call, Cutout, Form, HttpRequest, HttpResponse

SEGMENT = "https://sdk.photoroom.com/v1/segment"
EDIT = "https://image-api.photoroom.com/v2/edit"
KEY = {"x-api-key": "legacy"}


def cutout(**changes):
    fields = {
        "content": b"\x89PNG",
        "content_type": "image/png",
        "size": Size(500, 333),
        "input_size": Size(1000, 666),
        "max_size": Size(1000, 666),
        "foreground": Box(10, 20, 300, 200),
        "credits_charged": 0.25,
    }
    return Cutout(**(fields | changes))


def call(operation="segment", accept="*/*", **parameters):
    return Call("photoroom", operation, Form.of(parameters), "legacy", accept)


def read(method="POST", url=SEGMENT, headers=KEY, body=b""):
    return ADAPTER.read(HttpRequest(method, url, headers, body))


@pytest.mark.parametrize(
    ("method", "url", "operation"),
    [
        ("POST", SEGMENT, "segment"),
        ("post", f"{SEGMENT}/", "segment"),
        ("POST", f"{SEGMENT}?format=png", "segment"),
        ("POST", "http://proxy.internal/photoroom/v1/segment", "segment"),
        ("POST", EDIT, "edit"),
        ("GET", f"{EDIT}?imageUrl=https://x/y.jpg", "edit"),
        ("POST", "https://beta-sdk.photoroom.com/v2/edit", "edit"),
        ("GET", "https://image-api.photoroom.com/v1/account", "account-v1"),
        ("GET", "https://image-api.photoroom.com/v2/account", "account-v2"),
        ("POST", "https://image-api.photoroom.com/v1/render", "render"),
        ("GET", "https://image-api.photoroom.com/v1/render?templateId=x", "render"),
    ],
)
def test_endpoints(method, url, operation):
    assert read(method, url).operation == operation


@pytest.mark.parametrize(
    "url", [SEGMENT, EDIT, "https://beta-sdk.photoroom.com/v2/edit", "https://image-api.photoroom.com/v2/account"]
)
def test_every_host_is_the_adapters(url):
    assert ADAPTER.serves(url)


@pytest.mark.parametrize(
    ("method", "path", "status", "shape"),
    [
        ("GET", "/v1/segment", 405, "v1"),
        ("PUT", "/v2/edit", 405, "v2"),
        ("POST", "/v2/account", 405, "v2"),
        ("POST", "/v1/edit", 404, "v1"),
        ("POST", "/v2/segment", 404, "v2"),
        ("GET", "/", 404, "v1"),
    ],
)
def test_other_paths_and_methods_are_refused_in_the_shape_of_their_version(method, path, status, shape):
    with pytest.raises(errors.TranslationError) as caught:
        read(method, "https://sdk.photoroom.com" + path)
    answer = ADAPTER.refuse(None, caught.value)
    assert answer.status == status
    assert (set(json.loads(answer.body)) == {"detail", "status_code", "type"}) == (shape == "v1")


@pytest.mark.parametrize("headers", [{"X-Api-Key": "k"}, {"x-api-key": "k"}, {"X-API-KEY": "k"}])
def test_key_is_read_whatever_the_spelling_of_its_header(headers):
    assert read(headers=headers).key == "k"


@pytest.mark.parametrize("headers", [{}, {"x-api-key": ""}])
@pytest.mark.parametrize(
    ("method", "url", "status", "body"),
    [
        ("POST", SEGMENT, 403, {"detail": "The header x-api-key is missing", "status_code": 403, "type": "unknown_error"}),
        ("POST", EDIT, 403, {"error": {"message": "The header x-api-key is missing"}}),
        ("GET", "https://image-api.photoroom.com/v2/account", 400, {"error": {"message": "apiKey: Required"}}),
    ],
)  # fmt: skip
def test_missing_key(headers, method, url, status, body):
    with pytest.raises(errors.TranslationError) as caught:
        read(method, url, headers)
    answer = ADAPTER.refuse(None, caught.value)
    assert (answer.status, json.loads(answer.body)) == (status, body)


def test_basic_authorization_is_let_in():
    assert read(headers={"Authorization": "Basic eDp5"}).key is None


def test_key_is_in_no_repr():
    assert "s3cret" not in repr(read(headers={"x-api-key": "s3cret"}))


@pytest.mark.parametrize("url", [SEGMENT, EDIT])
def test_sandbox_key_asks_for_test_mode(url):
    source = "image_file" if url == SEGMENT else "imageFile"
    request = HttpRequest("POST", url, {"x-api-key": "sandbox_abc"}, parsed=Form.of({source: Upload(b"x")}))
    asked = ADAPTER.read(request)
    assert asked.key == "sandbox_abc"
    assert ADAPTER.plan(asked).parameters.test
    plain = HttpRequest("POST", url, KEY, parsed=request.parsed)
    assert not ADAPTER.plan(ADAPTER.read(plain)).parameters.test


def test_parameters_come_from_body_and_query():
    body = b'{"image_file_b64": "aGVsbG8=", "size": "hd"}'
    asked = read("POST", f"{SEGMENT}?crop=true", KEY | {"Content-Type": "application/json"}, body)
    assert dict(asked.form) == {"crop": "true", "image_file_b64": "aGVsbG8=", "size": "hd"}


@pytest.mark.parametrize(("url", "key"), [(SEGMENT, "detail"), (EDIT, "error")])
def test_a_body_that_cannot_be_read_is_refused_in_the_shape_of_its_version(url, key):
    with pytest.raises(errors.TranslationError) as caught:
        read("POST", url, KEY | {"Content-Type": "application/json"}, b"[1")
    answer = ADAPTER.refuse(None, caught.value)
    assert answer.status == 400
    assert next(iter(json.loads(answer.body))) == key


@pytest.mark.parametrize("operation", ["segment", "edit"])
@pytest.mark.parametrize("accept", ["*/*", "image/*", "image/png", "", "image/png, application/json"])
def test_answer_is_the_bytes(operation, accept):
    answer = ADAPTER.answer(call(operation, accept), cutout())
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"\x89PNG", "image/png")


@pytest.mark.parametrize(
    ("accept", "json_wanted"),
    [
        ("application/json", True),
        ("APPLICATION/JSON; charset=utf-8", True),
        ("application/json, */*;q=0.1", True),
        ("application/json;q=0.9, image/png;q=0.5", True),
        ("application/json, text/plain, */*", False),
        ("application/json;q=0", False),
        ("application/json;q=high", False),
        ("text/html", False),
    ],
)
def test_json_is_answered_where_it_is_liked_best(accept, json_wanted):
    answer = ADAPTER.answer(call("segment", accept), cutout())
    assert (answer.headers["Content-Type"] == "application/json") == json_wanted


def test_json_has_both_names_for_the_picture():
    told = json.loads(ADAPTER.answer(call("segment", "application/json"), cutout()).body)
    assert list(told) == ["base64img", "result_b64"]
    assert {base64.b64decode(text) for text in told.values()} == {b"\x89PNG"}


def test_version_2_knows_no_json():
    assert ADAPTER.answer(call("edit", "application/json"), cutout()).body == b"\x89PNG"


def test_unknown_parameters_of_version_2_are_listed():
    parameters = {"padding": "0.1", "background.inner": "x", "größe\r\nX-Evil: 1": "y", "output_type": "cutout"}
    headers = ADAPTER.answer(Call("photoroom", "edit", Form.of(parameters)), cutout()).headers
    listed = headers["pr-unsupported-attributes"]
    assert listed.startswith("Unsupported attributes: background.inner, gr%C3%B6%C3%9Fe%0D%0AX-Evil%3A 1, output_type")
    assert listed.isascii()
    assert listed.isprintable()


@pytest.mark.parametrize(("names", "listed"), [(("", "0"), "0"), (("0", ""), "0"), ((" a ", "b "), " a , b")])
def test_names_that_are_blank_leave_no_blank_at_the_end_of_that_list(names, listed):
    headers = ADAPTER.answer(call("edit", **dict.fromkeys(names, "x")), cutout()).headers
    assert headers["pr-unsupported-attributes"] == f"Unsupported attributes: {listed}"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [("edit", {"padding": "0.1", "test": "true"}), ("edit", {"": "x"}), ("segment", {"padding": "0.1"})],
)
def test_no_list_of_unknown_parameters_otherwise(operation, parameters):
    assert "pr-unsupported-attributes" not in ADAPTER.answer(call(operation, **parameters), cutout()).headers


def test_that_list_does_not_outgrow_a_header():
    many = {f"{'x' * 40}{index}": "1" for index in range(500)}
    assert len(ADAPTER.answer(call("edit", **many), cutout()).headers["pr-unsupported-attributes"]) < 1100


def test_headers_that_nobody_can_fill_are_left_out():
    headers = ADAPTER.answer(call(), cutout()).headers
    assert set(headers) == {"Content-Type", "Access-Control-Allow-Origin"}


@pytest.mark.parametrize(
    ("operation", "credits_left", "body"),
    [
        ("account-v1", 12.5, {"credits": {"available": 12.5, "subscription": 12.5}}),
        ("account-v1", 7.0, {"credits": {"available": 7, "subscription": 7}}),
        ("account-v2", 12.5, {"images": {"available": 12, "subscription": 12}, "plan": "Pack 100"}),
    ],
)
def test_accounts_show_pixians_credits(operation, credits_left, body):
    account = Account(credit_pack="Pack 100", state="active", use_before=None, credits=credits_left)
    told = json.loads(ADAPTER.answer(Call("photoroom", operation), account).body)
    assert told == body
    available = next(iter(told.values()))["available"]
    assert isinstance(available, type(next(iter(body.values()))["available"]))


def test_a_call_without_a_result_is_none_of_photorooms():
    with pytest.raises(errors.ConfigurationError):
        ADAPTER.answer(call(), None)


def api_error(kind, status, code=None, message="words ", headers=None):
    return kind(message, status=status, code=code, headers=headers)


CASES = [
    (
        errors.TranslationError("Please provide an image.", code="missing_image"),
        400,
        "missing_image",
        "Please provide an image.",
    ),
    (
        errors.TranslationError("crop must be boolean", code="x", parameter="crop"),
        400,
        "unknown_error",
        "crop must be boolean",
    ),
    (errors.Refused("cannot be done", parameter="shadow.mode"), 400, "unknown_error", "shadow.mode: cannot be done"),
    (errors.Refused("photoroom: despill=true", parameter="despill"), 400, "unknown_error", "photoroom: despill"),
    (errors.NoForeground(), 400, "unknown_error", "no foreground"),
    (errors.TooLarge(99, 10, "bytes"), 400, "unknown_error", "the picture has 99"),
    (
        errors.ImageError("background.imageFile cannot be read: x", parameter="background.imageFile"),
        400,
        "unknown_error",
        "background.imageFile cannot be read: x",
    ),
    (errors.ImageError("broken"), 400, "unknown_error", "The image cannot be read: broken"),
    (errors.CannotWrite("AVIF", "update Pillow"), 500, "unknown_error", "AVIF cannot be written here"),
    (errors.FetchError("HTTP Status 404"), 400, "unknown_error", "imageUrl: HTTP Status 404"),
    (errors.FetchError("x", parameter="background.imageUrl"), 400, "unknown_error", "background.imageUrl: x"),
    (errors.InvalidParameter("size", "x", "words"), 400, "unknown_error", "size="),
    (errors.ConfigurationError("no credentials"), 403, "unknown_error", "Invalid API key: no credentials"),
    (errors.Busy(500, seconds=7), 429, "unknown_error", "500 calls"),
    (errors.LinkFailed("x"), 500, "unknown_error", "x"),
    (errors.MissingExtra("images", "this"), 500, "unknown_error", "this needs"),
    (api_error(errors.AuthenticationFailed, 401, 1001), 403, "unknown_error", "Invalid API key: words"),
    (api_error(errors.InsufficientCredits, 402, 1011), 402, "unknown_error", "API credits exhausted. words"),
    (api_error(errors.RateLimited, 429, 1015), 429, "unknown_error", "Too many requests: words"),
    (api_error(errors.PayloadTooLarge, 413), 400, "unknown_error", "words"),
    (api_error(errors.BadRequest, 400, 1005), 400, "missing_image", "words"),
    (api_error(errors.BadRequest, 400, 1006), 400, "unknown_error", "words"),
    (api_error(errors.ServerError, 503, -3), 500, "unknown_error", "words"),
    (api_error(errors.ServerError, 500, message=""), 500, "unknown_error", "Unknown error"),
    (errors.TimedOut("x"), 500, "unknown_error", "x"),
    (errors.ConnectFailed("x"), 500, "unknown_error", "x"),
    (errors.NotAnImage("x", status=200), 500, "unknown_error", "x"),
    (errors.ShimError("x"), 500, "unknown_error", "x"),
]


@pytest.mark.parametrize(
    ("error", "status", "kind", "words"), CASES, ids=[f"{type(case[0]).__name__}-{case[1]}-{case[2]}" for case in CASES]
)
@pytest.mark.parametrize("operation", ["segment", "edit", "account-v1", None])
def test_every_error_has_the_shape_of_its_version(operation, error, status, kind, words):
    answer = ADAPTER.refuse(call(operation) if operation else None, error)
    told = json.loads(answer.body)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    if operation in ("segment", None):
        assert (told["status_code"], told["type"]) == (status, kind)
        assert told["detail"].startswith(words)
    else:
        assert list(told) == ["error"]
    if operation != "segment":
        (key,) = told["error"]
        assert key == ("detail" if status == 402 else "message")
        assert told["error"][key].startswith(words)
    assert ("Retry-After" in answer.headers) == (status == 429)


@pytest.mark.parametrize(("error", "waits"), [
    (errors.Busy(500, seconds=7), "7"),
    (api_error(errors.RateLimited, 429, headers={"retry-after": "20"}), "20"),
    (api_error(errors.RateLimited, 429, headers={"retry-after": "soon"}), "5"),
    (api_error(errors.RateLimited, 429), "5"),
])  # fmt: skip
def test_a_429_says_how_long_to_wait(error, waits):
    assert ADAPTER.refuse(call(), error).headers["Retry-After"] == waits


def test_a_paid_result_that_cannot_be_finished_is_no_fault_of_the_callers():
    error = errors.ImageError("a WEBP has at most 16,383 pixels on a side")
    error.result = cutout()
    answer = ADAPTER.refuse(call("edit"), error)
    assert answer.status == 500
    assert "charged 0.25 credits" in json.loads(answer.body)["error"]["message"]


def test_every_answered_status_has_its_row():
    assert {row.status for row in ADAPTER.errors} == {400, 402, 403, 404, 405, 429, 500}


class TestIncumbent:
    @pytest.mark.parametrize(
        ("operation", "parameters", "price"),
        [
            ("segment", {}, 1.0),
            ("segment", {"size": "preview"}, 0.25),
            ("segment", {"size": "full"}, 1.0),
            ("edit", {"padding": "0.1"}, 5.0),
            ("account-v1", {}, 0.0),
        ],
    )
    def test_price(self, operation, parameters, price):
        assert INCUMBENT.price(call(operation, **parameters)) == price

    def test_sandbox_keys_are_free(self):
        assert INCUMBENT.price(Call("photoroom", "edit", trial=True)) == 0

    @pytest.mark.parametrize(("status", "charged"), [(200, None), (400, 0.0), (402, 0.0), (429, 0.0), (500, None)])
    def test_only_refusals_are_known_to_be_free(self, status, charged):
        assert INCUMBENT.charged(HttpResponse(status, {}, b"")) == charged
