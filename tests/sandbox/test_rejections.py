"""Every error: status, code, shape, and that it costs nothing."""

import base64
import struct
import zlib

import pytest

from pictures import encoded, photo, picture
from pixian_shim.pixian import MAX_BASE64_CHARACTERS, MAX_UPLOAD_BYTES
from pixian_shim.sandbox import Sandbox, _fetch
from sandbox_pictures import PictureServer

PATH = "/api/v2/remove-background"


def error(answer, sandbox=None):
    """Check the envelope; give status and code."""
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"status", "code", "message"}
    assert body["error"]["status"] == answer.status_code
    assert answer.headers["content-type"] == "application/json"
    if sandbox is not None:
        assert sandbox.credits == 1000
        assert sandbox.requests[-1].code == body["error"]["code"]
        assert sandbox.requests[-1].status == answer.status_code
    return body["error"]["status"], body["error"]["code"]


def huge_png(width, height):
    """Claim a size in the header, without any pixels."""
    data = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + data + struct.pack(">I", zlib.crc32(data))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, 1001),
        ("", 1001),
        ("Bearer sandbox", 1001),
        ("Basic", 1001),
        ("Basic !!!", 1001),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), 1001),
        ("Basic " + base64.b64encode(b"someone:sandbox").decode(), 1001),
        ("Basic " + base64.b64encode(b"sandbox").decode(), 1004),
        ("Basic " + base64.b64encode(b"sandbox:").decode(), 1004),
        ("Basic " + base64.b64encode(b"sandbox:wrong").decode(), 1004),
        ("basic " + base64.b64encode(b"sandbox:sandbox").decode(), None),
    ],
)
def test_credentials(sandbox, header, code):
    with sandbox.http_client(auth=None, headers={} if header is None else {"Authorization": header}) as http:
        for answer in (http.get("/api/v2/account"), http.post(PATH, files={"image": photo()})):
            if code is None:
                assert answer.status_code == 200
            else:
                assert error(answer, sandbox) == (401, code)


def test_wrong_credentials_are_told_before_a_missing_image(sandbox):
    with sandbox.http_client(auth=("sandbox", "wrong")) as http:
        assert error(http.post(PATH), sandbox) == (401, 1004)


@pytest.mark.parametrize(
    "request_of",
    [
        {},
        {"data": {"test": "true"}},
        {"json": {"image": {"url": "http://127.0.0.1/"}}},
        {"data": {"image": "", "image.base64": "", "image.url": ""}},
        {"files": {"picture": photo()}},
        {"content": b"anything", "headers": {"Content-Type": "image/png"}},
    ],
)
def test_no_image(http, sandbox, request_of):
    assert error(http.post(PATH, **request_of), sandbox) == (400, 1005)


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", photo()[:200], encoded(picture(), "JPEG")[:900], huge_png(10, 10), b"\x89PNG\r\n\x1a\n"],
)
def test_unreadable_image_has_the_documented_message(ask, sandbox, content):
    answer = ask(content)
    assert error(answer, sandbox) == (400, 1006)
    assert answer.json()["error"]["message"] == "Failed to read the supplied image. "


@pytest.mark.parametrize("text", ["***", "abc", "aGVsbG8=", "data:image/png;base64,"])
def test_unreadable_base64(http, sandbox, text):
    assert error(http.post(PATH, data={"image.base64": text}), sandbox) in {(400, 1006), (400, 1005)}


def test_image_as_text(http, sandbox):
    assert error(http.post(PATH, data={"image": "photo.png"}), sandbox) == (400, 1016)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("test", "yes"),
        ("max_pixels", "99"),
        ("max_pixels", "25000001"),
        ("max_pixels", "many"),
        ("background.color", "336699"),
        ("background.color", "red"),
        ("result.crop_to_foreground", "1"),
        ("result.margin", "10"),
        ("result.margin", "-1px"),
        ("result.margin", "1em"),
        ("result.margin", "1px 1px 1px 1px 1px"),
        ("result.target_size", "100"),
        ("result.target_size", "0 100"),
        ("result.target_size", "100x100"),
        ("result.target_size", "5001 5000"),
        ("result.vertical_alignment", "center"),
        ("output.format", "webp"),
        ("output.jpeg_quality", "0"),
        ("output.jpeg_quality", "101"),
    ],
)
def test_bad_parameter_is_named_with_its_value(http, sandbox, name, value):
    answer = http.post(PATH, data={name: value}, files={"image": photo()})
    assert error(answer, sandbox) == (400, 1019)
    assert name in answer.json()["error"]["message"]
    assert repr(value) in answer.json()["error"]["message"]


def test_margin_that_eats_the_target_costs_nothing(ask, sandbox):
    assert error(ask(result__target_size="10 10", result__margin="5px"), sandbox) == (400, 1019)


def test_oversized_result(ask, sandbox):
    assert error(ask(result__margin="100000%"), sandbox) == (400, 1023)
    flat = encoded(picture((100, 100), (20, 20, 60, 60)))
    assert error(ask(flat, result__margin="0 40000px", background__color="#000000"), sandbox) == (400, 1023)


def test_too_many_pixels_are_refused_by_the_header_alone(ask, sandbox):
    assert error(ask(huge_png(8000, 4001)), sandbox) == (413, 1013)
    assert error(ask(huge_png(8000, 4000)), sandbox) == (400, 1006), "the limit itself is let through to the decoder"


@pytest.mark.parametrize("more", [1, 3 << 20])
def test_too_many_bytes(ask, sandbox, more):
    assert error(ask(photo() + bytes(MAX_UPLOAD_BYTES + more - len(photo()))), sandbox) == (413, 1012)


def test_as_many_bytes_as_allowed(ask):
    assert ask(photo() + bytes(MAX_UPLOAD_BYTES - len(photo()))).status_code == 200


def test_too_many_characters_of_base64(http, sandbox):
    text = base64.b64encode(photo()).decode()
    for length, expected in ((MAX_BASE64_CHARACTERS, 200), (MAX_BASE64_CHARACTERS + 1, 413)):
        answer = http.post(PATH, data={"image.base64": text + " " * (length - len(text))})
        assert answer.status_code == expected
    assert answer.json()["error"]["code"] == 1012


def test_broken_multipart(http, sandbox):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = http.post(PATH, content=b"--x\r\nnonsense\r\n\r\n--x--", headers=headers)
    assert error(answer, sandbox)[0] == 400
    headers = {"Content-Type": "multipart/form-data"}
    assert error(http.post(PATH, content=b"nonsense", headers=headers), sandbox)[0] == 400


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/missing", (400, 1020)),
        ("/page", (400, 1021)),
        ("/broken", (400, 1006)),
        ("/redirect/4", (400, 1022)),
        ("/cut", (400, 1022)),
    ],
)
def test_url_that_does_not_deliver(http, sandbox, path, code):
    with PictureServer() as server:
        assert error(http.post(PATH, data={"image.url": server.url + path}), sandbox) == code


def test_url_where_nobody_listens(http, sandbox):
    assert error(http.post(PATH, data={"image.url": "http://127.0.0.1:1/"}), sandbox) == (400, 1022)


@pytest.mark.parametrize(
    "url", ["photo.png", "file:///etc/passwd", "ftp://127.0.0.1/x.png", "http://", "http://[::1", "http://a b/", "//x"]
)
def test_url_that_is_none(http, sandbox, url):
    assert error(http.post(PATH, data={"image.url": url}), sandbox) == (400, 1024)


async def test_url_is_limited_in_bytes_and_time():
    with PictureServer() as server:
        for path, seconds, code in (("/large", 5, 1012), ("/slow", 0.1, 1017)):
            with pytest.raises(_fetch.Rejected) as caught:
                await _fetch.fetch(server.url + path, 2000, seconds)
            assert caught.value.code == code


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", PATH, 405), ("POST", "/api/v2/account", 405), ("GET", "/api/v3/account", 404), ("GET", "/", 404)],
)
def test_unknown_paths_and_methods_have_the_envelope(http, method, path, status):
    assert error(http.request(method, path)) == (status, status)


def test_internal_error_has_the_envelope_and_costs_nothing(caplog):
    class Broken:
        def matte(self, rgb):
            raise RuntimeError("canary")

    with Sandbox(engine=Broken()) as sandbox, sandbox.http_client() as http:
        answer = http.post(PATH, files={"image": photo()})
        assert error(answer, sandbox) == (500, -1)
        assert "canary" not in answer.text
        assert "canary" in caplog.text


def test_missing_model_says_what_to_do(tmp_path, monkeypatch, caplog):
    from pixian_shim.sandbox._engines import PRESETS
    from pixian_shim.sandbox._network import Network

    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model")
    with Sandbox(engine=Network(lambda: bad, PRESETS["u2net"])) as sandbox, sandbox.http_client() as http:
        answer = http.post(PATH, files={"image": photo()})
        assert error(answer, sandbox) == (500, -1)
        assert "cannot be loaded" in answer.json()["error"]["message"]
    caplog.clear()


def test_no_secret_is_kept_or_shown(caplog):
    caplog.set_level("DEBUG")
    secret = "canary-7f3a9c51"
    with Sandbox(engine="fast", api_secret=secret) as sandbox, sandbox.http_client() as http:
        http.post(PATH, files={"image": photo()}, data={"api_secret": secret})
        http.post(PATH, files={"image": photo()}, auth=("sandbox", secret + "x"))
        shown = f"{sandbox!r} {sandbox.greeting} {sandbox.requests} {http.get('/_sandbox/requests').text} {caplog.text}"
        assert secret not in shown
