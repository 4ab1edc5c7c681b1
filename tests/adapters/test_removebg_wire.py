"""remove.bg's HTTP interface: what is read, and what every answer and error looks like."""

import base64
import json

import pytest

from error_tree import tree
from pixian_adapters.removebg.adapter import ADAPTER
from pixian_adapters.removebg.errors import PIXIAN_CODES
from pixian_shim import errors
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import Account, Upload
from pixian_shim.translation import Call, Cutout, Form, HttpRequest, credits_text

URL = "https://api.remove.bg/v1.0/removebg"
KEY = {"X-Api-Key": "legacy"}


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


def call(accept="*/*", **parameters):
    return Call("removebg", "removebg", Form.of(parameters), "legacy", accept)


def read(method="POST", url=URL, headers=KEY, body=b""):
    return ADAPTER.read(HttpRequest(method, url, headers, body))


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/v1.0/removebg", "removebg"),
        ("GET", "/v1.0/account", "account"),
        ("POST", "/v1.0/improve", "improve"),
        ("post", "/v1.0/removebg/", "removebg"),
        ("POST", "/removebg", "removebg"),
    ],
)
def test_endpoints(method, path, operation):
    assert read(method, "https://api.remove.bg" + path).operation == operation


@pytest.mark.parametrize(
    ("method", "path", "code", "status"),
    [
        ("GET", "/v1.0/removebg", "method_not_allowed", 405),
        ("POST", "/v1.0/account", "method_not_allowed", 405),
        ("POST", "/v2/other", "not_found", 404),
        ("GET", "/", "not_found", 404),
    ],
)
def test_other_paths_and_methods_are_refused(method, path, code, status):
    with pytest.raises(errors.TranslationError) as caught:
        read(method, "https://api.remove.bg" + path)
    assert caught.value.code == code
    assert ADAPTER.refuse(None, caught.value).status == status


@pytest.mark.parametrize("headers", [{"X-Api-Key": "k"}, {"x-api-key": "k"}, {"X-API-Key": "k"}])
def test_key_is_read_whatever_the_spelling_of_its_header(headers):
    assert read(headers=headers).key == "k"


def test_access_token_instead_of_a_key_is_let_in_and_not_kept():
    assert read(headers={"Authorization": "Bearer token"}).key is None


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": ""}])
def test_missing_key_is_403(headers):
    with pytest.raises(errors.TranslationError) as caught:
        read(headers=headers)
    answer = ADAPTER.refuse(None, caught.value)
    assert answer.status == 403
    (item,) = json.loads(answer.body)["errors"]
    assert (item["title"], item["code"]) == ("Missing API Key", "auth_failed")


def test_key_is_in_no_repr():
    assert "s3cret" not in repr(read(headers={"X-Api-Key": "s3cret"}))
    assert "s3cret" not in repr(HttpRequest("POST", URL, {"X-Api-Key": "s3cret"}))


@pytest.mark.parametrize("accept", ["*/*", "image/*", "image/png", "application/octet-stream"])
def test_answer_is_the_bytes(accept):
    answer = ADAPTER.answer(call(accept), cutout())
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"\x89PNG", "image/png")


def test_every_header_of_the_documentation_is_there():
    headers = ADAPTER.answer(call(), cutout(credits_calculated=1.0)).headers
    assert headers == {
        "Content-Type": "image/png",
        "Access-Control-Allow-Origin": "*",
        "X-Type": "other",
        "X-Width": "500",
        "X-Height": "333",
        "X-Max-Width": "1000",
        "X-Max-Height": "666",
        "X-Credits-Charged": "0.25",
        "X-Credits-Calculated": "1",
        "X-Foreground-Top": "10",
        "X-Foreground-Left": "20",
        "X-Foreground-Width": "300",
        "X-Foreground-Height": "200",
        "X-RateLimit-Limit": "500",
        "X-RateLimit-Remaining": "500",
        "X-RateLimit-Reset": "0",
    }


def test_rate_limit_begins_anew_at_the_time_of_pixians_answer():
    date = {"date": "Mon, 23 Nov 2026 10:00:00 GMT"}
    assert ADAPTER.answer(call(), cutout(headers=date)).headers["X-RateLimit-Reset"] == "1795428000"
    busy = api_error(errors.RateLimited, 429, headers=date | {"retry-after": "20"})
    assert ADAPTER.refuse(None, busy).headers["X-RateLimit-Reset"] == "1795428020"
    assert ADAPTER.answer(call(), cutout(headers={"date": "soon"})).headers["X-RateLimit-Reset"] == "0"


@pytest.mark.parametrize("told", ["\u00b2", "\u0663", "9" * 5000, "soon", "-1"])
def test_a_wait_that_is_no_number_is_not_passed_on(told):
    busy = api_error(errors.RateLimited, 429, headers={"retry-after": told})
    assert ADAPTER.refuse(None, busy).headers["Retry-After"] == "5"


def test_a_date_beyond_all_time_is_none():
    answer = ADAPTER.answer(call(), cutout(headers={"date": "Mon, 99999999999999999999 Jan 2020 00:00:00 GMT"}))
    assert answer.headers["X-RateLimit-Reset"] == "0"


def test_a_paid_result_that_cannot_be_finished_is_no_fault_of_the_callers():
    error = errors.ImageError("a WEBP has at most 16,383 pixels on a side")
    error.result = cutout()
    answer = ADAPTER.refuse(None, error)
    assert answer.status == 500
    assert "charged 0.25 credits" in json.loads(answer.body)["errors"][0]["detail"]


def test_a_broken_background_was_not_downloaded():
    item = json.loads(ADAPTER.refuse(None, errors.ImageError("no picture", parameter="bg_image_file")).body)
    assert item["errors"][0] == {
        "title": "There was an error reading the background image.",
        "code": "failed_bg_download",
        "detail": "no picture",
    }


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("APPLICATION/JSON", "application/json; charset=utf-8"),
        ("application/json;q=0, */*", "image/png"),
        ("image/png, application/json;q=0.1", "image/png"),
        ("image/png;q=0.5, application/json", "application/json; charset=utf-8"),
        ("application/json;q=high", "image/png"),
        ("text/html, */*", "image/png"),
        ("", "image/png"),
    ],
)
def test_accept_is_weighed(accept, media):
    assert ADAPTER.answer(call(accept), cutout()).headers["Content-Type"] == media


def test_errors_may_be_read_by_pages_too():
    assert ADAPTER.refuse(None, errors.ImageError("no picture")).headers["Access-Control-Allow-Origin"] == "*"


def test_type_header_is_left_out_on_request():
    assert "X-Type" not in ADAPTER.answer(call(type_level="none"), cutout()).headers
    assert "X-Type" in ADAPTER.answer(call(type_level="1"), cutout()).headers


def test_unknown_foreground_box_is_left_out():
    answer = ADAPTER.answer(call("application/json"), cutout(foreground=None))
    assert list(json.loads(answer.body)["data"]) == ["result_b64"]
    assert not any("Foreground" in name for name in answer.headers)


@pytest.mark.parametrize("accept", ["application/json", "application/json, */*;q=0.1"])
def test_json_answer_carries_the_picture_and_its_box(accept):
    answer = ADAPTER.answer(call(accept), cutout())
    data = json.loads(answer.body)["data"]
    assert list(data) == ["result_b64", "foreground_top", "foreground_left", "foreground_width", "foreground_height"]
    assert base64.b64decode(data["result_b64"]) == b"\x89PNG"
    assert answer.headers["X-Credits-Charged"] == "0.25"
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("amount", "text"), [(0.25, "0.25"), (1.0, "1"), (0.0, "0"), (10.0, "10"), (1.234567, "1.234567"), (100.5, "100.5")]
)
def test_credits_are_written_as_recorded(amount, text):
    assert credits_text(amount) == text


@pytest.mark.parametrize(("credits", "shown"), [(12.5, 12.5), (7.0, 7)])
def test_account_shows_pixians_credits(credits, shown):
    account = Account(credit_pack="none", state="active", use_before=None, credits=credits)
    body = json.loads(ADAPTER.answer(Call("removebg", "account"), account).body)
    attributes = body["data"]["attributes"]
    assert list(attributes["credits"]) == ["subscription", "payg", "enterprise", "total"]
    assert list(attributes["credits"].values()) == [0, shown, 0, shown]
    assert isinstance(attributes["credits"]["total"], type(shown))
    assert attributes["api"] == {"free_calls": 0, "sizes": "all"}


def test_improve_takes_any_text():
    form = Form.of({"image_url": "http://x/a.png", "tag": "\ud800"})
    assert ADAPTER.answer(Call("removebg", "improve", form), None).status == 200


def test_improve_answers_an_id_that_depends_on_the_request_alone():
    def identify(content):
        form = Form.of({"image_file": Upload(content), "tag": "x"})
        return json.loads(ADAPTER.answer(Call("removebg", "improve", form), None).body)["id"]

    assert identify(b"a") == identify(b"a") != identify(b"b")
    assert len(identify(b"a")) == 36


def api_error(kind, status, code=None, message="words ", headers=None):
    return kind(message, status=status, code=code, headers=headers)


CASES = [
    (errors.TranslationError("No image given", code="missing_source"), 400, "missing_source", "No image given"),
    (errors.TranslationError("t", code="rate_limit_exceeded"), 429, "rate_limit_exceeded", "t"),
    (errors.Refused("removebg: type=car"), 400, None, "removebg: type=car"),
    (errors.NoForeground(0.25), 400, "unknown_foreground", "Could not identify foreground in image."),
    (errors.NoForeground(), 400, "unknown_foreground", "Could not identify foreground in image."),
    (errors.TooLarge(99, 10, "bytes"), 400, "file_too_large", "File too large"),
    (errors.TooLarge(99, 10, "pixels"), 400, "resolution_too_high", "Image resolution too high"),
    (errors.ImageError("broken"), 400, "failed_to_read_image", "There was an error reading the image."),
    (
        errors.FetchError("HTTP Status 404"),
        400,
        "failed_image_download",
        "Failed to download image from given image_url: HTTP Status 404",
    ),
    (errors.FetchError("x", parameter="image_url", invalid=True), 400, "invalid_image_url", "Invalid image_url: x"),
    (
        errors.FetchError("x", parameter="bg_image_url"),
        400,
        "failed_bg_download",
        "Failed to download image from given bg_image_url: x",
    ),
    (errors.InvalidParameter("size", "x", "words"), 400, "invalid_size", "Invalid size parameter given"),
    (errors.ConfigurationError("no credentials"), 403, "auth_failed", "API Key invalid"),
    (errors.Busy(500, seconds=7), 429, "rate_limit_exceeded", "Rate limit exceeded"),
    (errors.LinkFailed("x"), 500, None, "Internal error"),
    (errors.MissingExtra("images", "this"), 500, None, "A part of pixian-shim is not installed"),
    (errors.CannotWrite("AVIF", "upgrade Pillow"), 500, None, "A part of pixian-shim is not installed"),
    (api_error(errors.AuthenticationFailed, 401, 1001), 403, "auth_failed", "API Key invalid"),
    (api_error(errors.InsufficientCredits, 402, 1011), 402, "insufficient_credits", "Insufficient credits"),
    (api_error(errors.RateLimited, 429, 1015), 429, "rate_limit_exceeded", "Rate limit exceeded"),
    (api_error(errors.PayloadTooLarge, 413), 400, "file_too_large", "File too large"),
    (api_error(errors.PayloadTooLarge, 413, 1013), 400, "resolution_too_high", "Image resolution too high"),
    (api_error(errors.BadRequest, 400, 1019), 400, None, "words"),
    (api_error(errors.ServerError, 503, -3), 503, None, "words"),
    (api_error(errors.ServerError, 500, message=""), 500, None, "Unknown error"),
    (errors.TimedOut("x"), 504, None, "Pixian did not answer in time"),
    (errors.DeadlineExceeded("x"), 504, None, "Pixian did not answer in time"),
    (errors.ConnectFailed("x"), 502, None, "Pixian could not be reached"),
    (errors.LegacyGone("remove.bg", "api.remove.bg"), 502, None, "remove.bg could not be reached"),
    (errors.NotAnImage("x", status=200), 502, None, "Pixian's answer could not be read"),
    (errors.ShimError("x"), 500, None, "Internal error"),
    *[(api_error(errors.BadRequest, 400, number), 400, code, title) for number, (code, title) in PIXIAN_CODES.items()],
]


@pytest.mark.parametrize(
    ("error", "status", "code", "title"), CASES, ids=[f"{type(case[0]).__name__}-{case[1]}-{case[2]}" for case in CASES]
)
def test_every_error_has_its_legacy_shape(error, status, code, title):
    answer = ADAPTER.refuse(None, error)
    (item,) = json.loads(answer.body)["errors"]
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert item.get("code") == code
    assert item["title"].startswith(title)
    assert list(item) == [key for key in ("title", "code", "detail") if key in item]


def test_a_busy_gateway_says_how_long_to_wait():
    assert ADAPTER.refuse(None, errors.Busy(500, seconds=7)).headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("announced", "waits"), [({}, "5"), ({"retry-after": "20"}, "20"), ({"retry-after": "soon"}, "5")]
)
def test_rate_limit_answer_says_how_long_to_wait(announced, waits):
    headers = ADAPTER.refuse(None, api_error(errors.RateLimited, 429, headers=announced)).headers
    assert headers["Retry-After"] == waits
    assert headers["X-RateLimit-Remaining"] == "0"


def test_every_class_of_the_error_tree_is_answered():
    covered = {type(error) for error, *_ in CASES}
    abstract = {errors.TransportError, errors.ResponseError, errors.ApiError}
    assert tree() - covered - abstract == {
        errors.ConnectionLost,
        errors.NotIntercepted,
        errors.IncompleteBody,
        errors.RebuildFailed,
    }


DOCUMENTED = """missing_source multiple_sources invalid_image_url failed_image_download failed_to_read_image invalid_file_type
file_too_large resolution_too_high unknown_foreground invalid_size roi_exceeds_bounds roi_region_empty invalid_bg_image_url
failed_bg_download multiple_bg_sources insufficient_credits auth_failed rate_limit_exceeded""".split()


def test_every_documented_code_has_its_row_and_status():
    rows = {row.code: row.status for row in ADAPTER.errors}
    assert set(DOCUMENTED) <= set(rows)
    for code, status in rows.items():
        if code:
            assert ADAPTER.refuse(None, errors.TranslationError("t", code=code)).status == status
