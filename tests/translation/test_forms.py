import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from pixian_shim.errors import TranslationError
from pixian_shim.pixian import Upload
from pixian_shim.translation import Form, HttpRequest

URL = "https://api.remove.bg/v1.0/removebg"


def prepared(**kwargs):
    """Encode as requests does: the encoder most callers use."""
    request = Request("POST", URL, **kwargs).prepare()
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    return HttpRequest("POST", request.url, request.headers, body).form


def test_multipart_of_requests_is_read():
    form = prepared(files={"image_file": ("photo.jpg", b"\xff\xd8\r\n--x\r\n", "image/jpeg")}, data={"size": "auto"})
    assert form.get("size") == "auto"
    upload = form.get("image_file")
    assert isinstance(upload, Upload)
    assert (upload.name, upload.read()) == ("photo.jpg", b"\xff\xd8\r\n--x\r\n")


def test_file_name_beyond_ascii_is_read():
    upload = prepared(files={"image_file": ("größe.jpg", b"x")}).get("image_file")
    assert upload.name == "größe.jpg"


@given(st.binary(max_size=200), st.text(max_size=20).filter(lambda text: "\x00" not in text and text.isprintable()))
def test_any_content_survives_multipart(content, text):
    form = prepared(files={"image_file": ("f", content)}, data={"field": text})
    assert form.get("image_file").read() == content
    assert form.get("field") == (text or None)


def test_urlencoded_form_is_read():
    assert dict(prepared(data={"image_url": "http://x/?a=1&b=2", "size": "hd"})) == {
        "image_url": "http://x/?a=1&b=2",
        "size": "hd",
    }


def test_json_values_are_written_as_forms_do():
    form = prepared(json={"crop": True, "scale": None, "n": 5, "shadow_type": {"car": "drop"}, "s": "x", "e": {}})
    assert dict(form) == {"crop": "true", "n": "5", "shadow_type[car]": "drop", "s": "x", "e": "{}"}


def test_query_string_counts_and_the_body_comes_after_it():
    form = HttpRequest(
        "POST", URL + "?size=hd&crop=true", {"Content-Type": "application/json"}, b'{"size": "full"}'
    ).form
    assert dict(form) == {"size": "full", "crop": "true"}


def test_empty_field_counts_as_unset():
    assert dict(prepared(data={"size": "", "crop": "true"})) == {"crop": "true"}


def test_last_value_of_a_repeated_name_wins():
    assert dict(Form.of([("size", "hd"), ("size", "full")])) == {"size": "full"}


def test_unknown_content_type_leaves_the_query_only():
    assert dict(HttpRequest("POST", URL + "?a=1", {"Content-Type": "text/plain"}, b"size=hd").form) == {"a": "1"}


def test_python_values_are_written_as_requests_would():
    assert dict(Form.of({"a": 1, "b": True, "c": None, "d": b"x"})) == {"a": "1", "b": "True", "d": "x"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b"[" * 100_000),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary in it"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut off'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nno blank line\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 1001 + b"--x--",
        ),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1001))),
        ("application/x-www-form-urlencoded", b"\xff\xfe=1"),
    ],
)
def test_broken_body_is_a_clear_error(content_type, body):
    with pytest.raises(TranslationError) as caught:
        _ = HttpRequest("POST", URL, {"Content-Type": content_type}, body).form
    assert caught.value.code == "malformed_body"


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]),
)
def test_reading_never_fails_in_another_way(body, content_type):
    try:
        form = HttpRequest("POST", URL, {"content-type": content_type}, body).form
    except TranslationError:
        return
    assert all(isinstance(name, str) for name, _ in form)


def test_preamble_before_the_first_boundary_is_passed_over():
    body = b'preamble\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
    assert dict(HttpRequest("POST", URL, {"Content-Type": "multipart/form-data; boundary=b"}, body).form) == {"a": "1"}


def test_flattened_json_keeps_braces_in_names():
    assert dict(
        HttpRequest("POST", URL, {"Content-Type": "application/json"}, json.dumps({"{a": {"}b": 1}}).encode()).form
    ) == {"{a[}b]": "1"}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://api.remove.bg/v1.0/removebg", "/v1.0/removebg"),
        ("https://api.remove.bg/v1.0/removebg/?x=1", "/v1.0/removebg"),
        ("/v1.0/account?y", "/v1.0/account"),
        ("https://api.remove.bg", "/"),
    ],
)
def test_path_of_a_request(url, path):
    assert HttpRequest("get", url, {}).path == path


def test_a_picture_without_a_file_name_is_taken_as_a_file():
    form = prepared(files={"image_file": (None, b"\xff\xd8\xff\xe0"), "size": (None, "größe")})
    assert form.get("image_file").read() == b"\xff\xd8\xff\xe0"
    assert form.get("size") == "größe"
