"""rembg's server: what is read, what goes back, and through a gateway."""

from pathlib import Path

import httpx
import pytest
import requests

from pictures import BLUE, opened, photo, subject_box
from pixian_adapters.rembg.adapter import ADAPTER
from pixian_adapters.rembg.plans import FUNCTION, GET, POST
from pixian_adapters.rembg.wire import FUNCTION_URL
from pixian_shim import errors, intercept
from pixian_shim.gateway import Config, Gateway, Key
from pixian_shim.geometry import Size
from pixian_shim.images import encode_png
from pixian_shim.pixian import Account, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Call, Cutout, Form, HttpRequest, served_unasked

URL = "http://cutouts:7000/api/remove"
FILE = {"file": ("photo.png", photo())}


def read(method="POST", url=URL, headers=None, **more):
    return ADAPTER.read(HttpRequest(method, url, headers or {}, **more))


def refused(error):
    answer = ADAPTER.refuse(None, error)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.status, answer.body.decode()


@pytest.mark.parametrize(
    ("method", "url", "operation"),
    [
        ("GET", URL, GET),
        ("POST", URL, POST),
        ("post", f"{URL}/?bgc=1,2,3", POST),
        ("POST", "http://proxy/cutouts/api/remove", POST),
        ("POST", FUNCTION_URL, FUNCTION),
    ],
)
def test_operations(method, url, operation):
    assert read(method, url).operation == operation


def test_what_stands_in_the_address_is_kept_apart():
    call = read(url=f"{URL}?bgc=1,2,3&extras=%7B%7D", parsed=Form.of({"bgc": "9,9,9", "om": "true"}))
    assert dict(call.query) == {"bgc": "1,2,3", "extras": "{}"}
    assert dict(call.form) == {"bgc": "9,9,9", "om": "true"}


@pytest.mark.parametrize(
    ("method", "url", "answer"),
    [
        ("PUT", URL, (405, '{"detail":"Method Not Allowed"}')),
        ("GET", "http://cutouts:7000/api", (404, '{"detail":"Not Found"}')),
        ("GET", "http://cutouts:7000/", (404, '{"detail":"Not Found"}')),
    ],
)
def test_other_paths_and_methods_are_refused(method, url, answer):
    with pytest.raises(errors.TranslationError) as caught:
        read(method, url)
    assert refused(caught.value) == answer


@pytest.mark.parametrize(
    "headers", [{"X-Api-Key": "mine"}, {"Authorization": "Bearer mine"}, {"authorization": "bearer  mine "}]
)
def test_key_for_a_gateway_may_be_sent(headers):
    assert read(headers=headers).key == "mine"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}])
def test_no_key_is_needed(headers):
    assert read(headers=headers).key is None


def cutout(content, **more):
    size = Size(4, 3)
    return Cutout(
        content=content, content_type="image/png", size=size, input_size=size, max_size=size, foreground=None, **more
    )


@pytest.mark.parametrize(("channels", "mode"), [((), "L"), ((3,), "RGBA"), ((4,), "RGBA")])
def test_answer_is_a_png_with_alpha_or_grey(channels, mode):
    import numpy as np

    answer = ADAPTER.answer(
        Call("rembg", POST), cutout(encode_png(np.full((3, 4, *channels), 200, np.uint8)), credits_charged=0.25)
    )
    assert (answer.status, opened(answer.body).mode) == (200, mode)
    assert answer.headers == {
        "Content-Type": "image/png",
        "Access-Control-Allow-Origin": "*",
        "X-Credits-Charged": "0.250000",
    }


@pytest.mark.parametrize("result", [None, Account(credit_pack="none", state="active", use_before=None, credits=1.0)])
def test_there_is_no_other_answer(result):
    with pytest.raises(errors.ConfigurationError):
        ADAPTER.answer(Call("rembg", POST), result)


PLAIN = (500, "Internal Server Error")


def kept(error):
    error.kept_at = "http://gateway/links/x.png"
    return error


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (errors.TranslationError("words", code="500"), PLAIN),
        (errors.TranslationError("words", code="400"), (400, '{"detail":"words"}')),
        (errors.TranslationError("words", code="malformed_body"), (400, '{"detail":"words"}')),
        (errors.TranslationError("words", code="422", detail="[1]"), (422, '{"detail":[1]}')),
        (errors.Refused("words", code="invalid_parameter"), (400, '{"detail":"words"}')),
        (errors.ImageError("words"), PLAIN),
        (errors.BadRequest("words", status=400, code=1006), PLAIN),
        (errors.BadRequest("words ", status=400, code=1022), (400, '{"detail":"words"}')),
        (errors.BadRequest("words", status=418), (418, '{"detail":"words"}')),
        (errors.FetchError("words"), (400, '{"detail":"words"}')),
        (errors.AuthenticationFailed("words", status=403), (401, '{"detail":"words"}')),
        (errors.InsufficientCredits("words", status=402), (402, '{"detail":"words"}')),
        (errors.ServerError("words", status=500), (503, '{"detail":"words"}')),
        (errors.ServerError("", status=529), (503, '{"detail":"no message"}')),
        (errors.ConfigurationError("words"), (500, '{"detail":"words"}')),
        (errors.TimedOut("words"), (504, '{"detail":"words"}')),
        (errors.DeadlineExceeded("words"), (504, '{"detail":"words"}')),
        (errors.ConnectFailed("words"), (502, '{"detail":"words"}')),
        (errors.ShimError("words"), (500, '{"detail":"words"}')),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_a_shape(error, answer):
    assert refused(error) == answer


def test_picture_that_is_too_large_is_413():
    assert refused(errors.TooLarge(9, 1, "bytes"))[0] == 413


def test_what_was_paid_for_is_named():
    status, body = refused(kept(errors.ImageError("words")))
    assert status == 500
    assert "http://gateway/links/x.png" in body


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (errors.Busy(3, seconds=7), "7"),
        (errors.RateLimited("words", status=429, headers={"retry-after": "11"}), "11"),
        (errors.RateLimited("words", status=429, headers={"retry-after": "soon"}), "5"),
    ],
)
def test_who_is_to_wait_is_told_how_long(error, seconds):
    answer = ADAPTER.refuse(None, error)
    assert (answer.status, answer.headers["Retry-After"]) == (429, seconds)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", http=True) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(sandbox):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            patch.setenv(f"PIXIAN_{name}", value)
        with Gateway(Config(port=0, providers=("rembg",))) as up, httpx.Client(base_url=up.url, timeout=30) as client:
            yield client


def test_file_comes_back_cut_out(gateway):
    answer = gateway.post("/api/remove", files=FILE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert float(answer.headers["x-credits-charged"]) > 0
    assert subject_box(opened(answer.content)) == (100, 80, 200, 220)


def test_colour_is_behind_the_subject_and_the_result_stays_rgba(gateway):
    image = opened(gateway.post("/api/remove?bgc=20,40,200,255", files=FILE).content)
    assert (image.mode, image.getpixel((0, 0))) == ("RGBA", (*BLUE, 255))


def test_mask_is_grey_and_hard_after_processing(gateway):
    image = opened(gateway.post("/api/remove", files=FILE, data={"om": "true", "ppm": "true"}).content)
    assert (image.mode, image.size) == ("L", (400, 300))
    assert {value for _, value in image.getcolors()} == {0, 255}


def test_large_files_are_read_as_small_ones(gateway):
    noise = photo("BMP", size=(1200, 900), subject=(100, 100, 600, 700))
    assert len(noise) > 1 << 20
    answer = gateway.post("/api/remove", files={"file": ("photo.bmp", noise)}, data={"om": "1"})
    assert opened(answer.content).size == (1200, 900)


def test_what_became_of_each_parameter_is_told(gateway):
    answer = gateway.post("/api/remove?om=true&zoom=3", files=FILE, data={"model": "u2net_human_seg"})
    told = answer.headers["x-shim-notes"]
    assert all(name in told for name in ("om", "zoom", "model", "file"))


def test_pages_on_this_machine_may_ask_first(gateway):
    asking = {"Origin": "http://127.0.0.1:3000", "Access-Control-Request-Method": "POST"}
    answer = gateway.options("/api/remove", headers=asking)
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 422),
        ({"files": {"file": b"no picture"}}, 500),
        ({"files": FILE, "data": {"model": "sam"}}, 400),
        ({"files": FILE, "params": {"bgc": "white"}}, 500),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ],
)
def test_errors_have_the_servers_shape(gateway, options, status):
    answer = gateway.post("/api/remove", **options)
    assert answer.status_code == status
    assert answer.text == "Internal Server Error" or answer.json()["detail"]


def test_gateway_with_keys_takes_one_in_either_place(sandbox, monkeypatch):
    for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
        monkeypatch.setenv(f"PIXIAN_{name}", value)
    with Gateway(Config(port=0, providers=("rembg",), keys=(Key.of("bot", "s3cret-of-the-bot"),))) as running:
        url = f"{running.url}/api/remove"
        assert requests.post(url, files=FILE).status_code == 401
        assert requests.post(url, files=FILE, headers={"X-Api-Key": "s3cret-of-the-bot"}).status_code == 200
        assert requests.post(url, files=FILE, headers={"Authorization": "Bearer s3cret-of-the-bot"}).status_code == 200


def test_own_server_is_answered_in_the_program_once_it_is_named(sandbox):
    with sandbox.client() as client, intercept("rembg", client=client, also=["cutouts:7000"], policy="silent"):
        image = opened(requests.post(URL, files=FILE, data={"om": "true"}).content)
        refusal = requests.get(f"{URL}?url=http://10.0.0.1/x.png")
    assert image.mode == "L"
    assert (refusal.status_code, refusal.json()["detail"][:8]) == (400, "Requests")


def test_it_has_no_host_of_its_own():
    assert not ADAPTER.hosts
    assert ADAPTER.costs_nothing
    assert ADAPTER.any_origin


def test_it_is_served_only_where_it_is_named(gateway):
    assert "rembg" not in served_unasked()
    with Gateway(Config(port=0)) as unasked:
        assert httpx.post(f"{unasked.url}/api/remove", files=FILE).status_code == 404
        assert httpx.post(f"{unasked.url}/rembg/api/remove", files=FILE).status_code == 404
    assert gateway.post("/rembg/api/remove", files=FILE).status_code == 200


def test_error_table_names_every_status_that_is_answered():
    told = {(error.status, error.code) for error in ADAPTER.errors}
    assert {status for status, _ in told} == {400, 401, 402, 404, 405, 413, 422, 429, 500, 502, 503, 504}


def test_upload_from_a_path_is_sent_whole(sandbox, tmp_path):
    path = Path(tmp_path, "photo.png")
    path.write_bytes(photo())
    form = Form.of({"data": Upload.of(path)})
    from pixian_shim import Shim

    with sandbox.client() as client:
        answer = Shim(client).serve(ADAPTER, HttpRequest("POST", FUNCTION_URL, {}, parsed=form))
    assert answer.status == 200
