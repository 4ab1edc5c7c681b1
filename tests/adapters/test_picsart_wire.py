"""Picsart's HTTP interface: what is read, and what every answer and error looks like."""

import json
from uuid import UUID

import pytest

from error_tree import tree
from pixian_adapters.picsart.adapter import ADAPTER
from pixian_shim import errors
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import Account, Upload
from pixian_shim.translation import Call, Cutout, HttpRequest, HttpResponse

HOST = "https://api.picsart.io"
URL = f"{HOST}/tools/1.0/removebg"
KEY = {"X-Picsart-API-Key": "legacy"}
LINK = f"{HOST}/pixian-shim/results/6b095db8-{'0' * 32}.png"


def cutout(**changes):
    fields = {
        "content": b"\x89PNG",
        "content_type": "image/png",
        "size": Size(500, 333),
        "input_size": Size(1000, 666),
        "max_size": Size(1000, 666),
        "foreground": Box(10, 20, 300, 200),
        "credits_charged": 0.25,
        "link": LINK,
    }
    return Cutout(**(fields | changes))


def read(method="POST", url=URL, headers=KEY, body=b""):
    return ADAPTER.read(HttpRequest(method, url, headers, body))


def refused(error):
    answer = ADAPTER.refuse(None, error)
    return answer.status, json.loads(answer.body), answer.headers


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/tools/1.0/removebg", "removebg"),
        ("post", "/tools/1.0/removebg/", "removebg"),
        ("GET", "/tools/1.0/balance", "balance"),
        ("POST", "/removebg", "removebg"),
    ],
)
def test_endpoints(method, path, operation):
    assert read(method, HOST + path).operation == operation


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tools/1.0/removebg", 405),
        ("POST", "/tools/1.0/balance", 405),
        ("POST", "/tools/1.0/upscale", 404),
        ("GET", "/", 404),
    ],
)
def test_other_addresses_are_refused(method, path, status):
    with pytest.raises(errors.TranslationError) as caught:
        read(method, HOST + path)
    assert refused(caught.value)[0] == status


def test_only_removebg_and_balance_are_claimed_at_the_host():
    assert ADAPTER.serves(URL)
    assert ADAPTER.serves(f"{HOST}/tools/1.0/balance")
    assert not ADAPTER.serves(f"{HOST}/tools/1.0/upscale")
    assert not ADAPTER.serves("https://genai-api.picsart.io/v1/text2image")


@pytest.mark.parametrize("name", ["X-Picsart-API-Key", "x-picsart-api-key", "X-PICSART-API-KEY"])
def test_key_is_taken_from_the_header_in_any_case(name):
    assert read(headers={name: "legacy"}).key == "legacy"


@pytest.mark.parametrize("headers", [{}, {"X-Picsart-API-Key": ""}])
def test_without_a_key_the_answer_is_the_documented_401(headers):
    with pytest.raises(errors.TranslationError) as caught:
        read(headers=headers)
    status, body, _ = refused(caught.value)
    assert status == 401
    assert list(body.items())[:2] == [("code", 401), ("message", "Unauthorized")]
    assert "X-Picsart-API-Key" in body["detail"]


def test_urlencoded_and_multipart_are_read():
    form = read(
        headers={**KEY, "Content-Type": "application/x-www-form-urlencoded"}, body=b"image_url=a&format=PNG"
    ).form
    assert dict(form) == {"image_url": "a", "format": "PNG"}
    body = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nxyz\r\n--b--\r\n'
    form = read(headers={**KEY, "Content-Type": "multipart/form-data; boundary=b"}, body=body).form
    assert isinstance(form.get("image"), Upload)
    assert form.get("image").read() == b"xyz"


def test_answer_is_a_link():
    answer = ADAPTER.answer(Call("picsart", "removebg"), cutout())
    body = json.loads(answer.body)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert list(body) == ["status", "data"]
    assert (body["status"], body["data"]["url"]) == ("success", LINK)
    assert answer.headers["X-Picsart-Correlation-Id"] == body["data"]["id"] == str(UUID(body["data"]["id"]))
    assert "X-Picsart-Ratelimit-Reset-Time" not in answer.headers  # nothing told the time


def test_the_id_does_not_tell_the_link():
    known = json.loads(ADAPTER.answer(Call("picsart", "removebg"), cutout()).body)["data"]["id"]
    assert known.replace("-", "") not in LINK
    other = ADAPTER.answer(Call("picsart", "removebg"), cutout(link=LINK.replace("0.png", "1.png")))
    assert json.loads(other.body)["data"]["id"] != known


def test_rate_limit_headers_tell_of_a_fresh_window():
    headers = {"date": "Fri, 27 Nov 2026 09:00:00 GMT"}
    answer = ADAPTER.answer(Call("picsart", "removebg"), cutout(headers=headers))
    found = {name: answer.headers[f"X-Picsart-Ratelimit-{name}"] for name in ("Available", "Limit", "Reset-Time")}
    assert found == {"Available": "100", "Limit": "100", "Reset-Time": "1795770000"}


@pytest.mark.parametrize(("left", "told"), [(12.75, 12), (0.0, 0), (7.0, 7)])
def test_balance_is_a_whole_number(left, told):
    account = Account(credit_pack="none", state="active", use_before=None, credits=left)
    answer = ADAPTER.answer(Call("picsart", "balance"), account)
    assert answer.body == b'{"credits":%d}' % told
    assert answer.headers["X-Picsart-Credit-Available"] == str(told)


def api(kind, status, message="no", **headers):
    return kind(message, status=status, code=1, headers=headers)


CASES = [
    (errors.TranslationError("no", code="404"), 404),
    (errors.TranslationError("no", code="malformed_body"), 400),
    (errors.Refused("policy", code="invalid_parameter"), 400),
    (errors.TooLarge(9, 8, "pixels"), 413),
    (errors.TooLarge(9, 8, "bytes"), 413),
    (errors.ImageError("no picture"), 400),
    (errors.NoForeground(), 400),
    (errors.FetchError("not found", parameter="bg_image_url"), 400),
    (errors.InvalidParameter("x", "y", "z"), 400),
    (api(errors.BadRequest, 400), 400),
    (api(errors.AuthenticationFailed, 403), 401),
    (errors.ConfigurationError("no credentials"), 401),
    (errors.MissingExtra("images", "pixels"), 500),
    (errors.CannotWrite("avif", "Pillow"), 500),
    (api(errors.InsufficientCredits, 402), 402),
    (api(errors.PayloadTooLarge, 413), 413),
    (api(errors.RateLimited, 429), 429),
    (errors.Busy(5), 429),
    (api(errors.ServerError, 503), 503),
    (errors.TimedOut("late"), 504),
    (errors.ConnectFailed("closed"), 502),
    (errors.ConnectionLost("cut"), 502),
    (errors.NotAnImage("page", status=200), 502),
    (errors.ShimError("what"), 500),
]


@pytest.mark.parametrize(("error", "status"), CASES, ids=lambda value: type(value).__name__)
def test_errors_have_picsarts_shape(error, status):
    found, body, _ = refused(error)
    assert found == status == body["code"]
    assert list(body) == (["code", "message", "detail"] if status == 401 else ["detail", "message", "code"])
    assert all(isinstance(body[name], str) and body[name] for name in ("detail", "message"))


def test_every_status_has_its_row_in_the_table():
    assert {status for _, status in CASES} | {405} == {row.status for row in ADAPTER.errors}


def test_every_class_of_errors_is_covered():
    told = {type(error) for error, _ in CASES}
    for kind in tree():
        assert any(parent in told for parent in kind.__mro__), kind


def test_what_cannot_be_fetched_is_named():
    assert refused(errors.FetchError("HTTP Status 404", parameter="bg_image_url"))[1]["detail"] == (
        "bg_image_url cannot be fetched: HTTP Status 404"
    )


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (api(errors.RateLimited, 429, **{"retry-after": "20"}), "20"),
        (api(errors.RateLimited, 429, **{"retry-after": "soon"}), "5"),
        (errors.Busy(3, seconds=7), "7"),
    ],
)
def test_too_many_requests_say_how_long_to_wait(error, wait):
    headers = refused(error)[2]
    assert headers["Retry-After"] == wait
    assert headers["X-Picsart-Ratelimit-Available"] == "0"


def test_what_was_paid_for_is_told_of():
    error = errors.ImageError("no memory")
    error.result, error.kept_at = cutout(), LINK
    status, body, _ = refused(error)
    assert status == 500
    assert f"Pixian charged 0.25 credits; its picture is kept at {LINK}" in body["detail"]


def test_incumbent_costs_what_one_program_says_and_nothing_for_refusals():
    incumbent = ADAPTER.incumbent
    assert incumbent.price(Call("picsart", "removebg")) == 8
    assert incumbent.price(Call("picsart", "balance")) == 0
    assert incumbent.charged(HttpResponse(429, {}, b"")) == 0
    assert [incumbent.charged(HttpResponse(status, {}, b"")) for status in (200, 503)] == [None, None]
