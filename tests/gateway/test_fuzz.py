"""Requests that were right before somebody damaged them: each is answered, below 500, soon. ``make fuzz`` tries more."""

import base64
import json
import os
import socket
from http.client import BadStatusLine, HTTPResponse

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pictures import encoded, picture
from pixian_shim.gateway import Config, Gateway
from pixian_shim.sandbox import Sandbox

EXAMPLES = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100")), deadline=None, suppress_health_check=list(HealthCheck)
)
SMALL = encoded(picture((40, 30), (10, 10, 20, 20)))


def part(name, content, *more):
    return b'--edge\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name, b"".join(more), content)


MULTIPART = b"".join(
    [
        part(b"size", b"auto"),
        part(b"crop", b"true"),
        part(b"image_file", SMALL, b'; filename="photo.png"\r\nContent-Type: image/png'),
        b"--edge--\r\n",
    ]
)
JSON = json.dumps({"image_file_b64": base64.b64encode(SMALL).decode(), "roi": "0% 0% 50% 50%", "scale": "50%"}).encode()
URLENCODED = b"size=auto&bg_color=81d4fa77&image_file_b64=" + base64.b64encode(SMALL).replace(b"+", b"%2B")

BODIES = [
    (b"multipart/form-data; boundary=edge", MULTIPART),
    (b"application/json", JSON),
    (b"application/x-www-form-urlencoded", URLENCODED),
]
SPLINTERS = [b"\r\n", b"--edge", b"--edge--", b'"', b";", b"\0", b"\xff\xfe", b"{", b"]", b"%", b"=", b"1e999", b"\\u"]


@pytest.fixture(scope="module")
def port():
    with pytest.MonkeyPatch.context() as patch, Sandbox(engine="fast", http=True) as sandbox:
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            patch.setenv(f"PIXIAN_{name}", value)
        with Gateway(Config(port=0, idle_seconds=0.1)) as gateway:
            yield int(gateway.url.rpartition(":")[2])


@st.composite
def damaged(draw, content):
    """Take pieces out, put pieces in, say pieces twice."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        to = min(len(content), at + draw(st.integers(0, 60)))
        put = draw(st.one_of(st.just(b""), st.sampled_from(SPLINTERS), st.binary(max_size=20), st.just(content[at:to])))
        content = content[:at] + put + content[to:] + draw(st.sampled_from([b"", content[at:to]]))
    return content


def asked(port, message):
    """Send a message as it is, and give status and body of the first answer; 0 if the connection is closed instead."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, HTTPResponse(connection) as answer:
        try:
            connection.sendall(message)
            answer.begin()
            return answer.status, answer.read()
        except (ConnectionError, BadStatusLine):
            return 0, b""


def request(kind, body, length=None):
    head = [
        b"POST /v1.0/removebg HTTP/1.1",
        b"Host: localhost",
        b"X-Api-Key: legacy",
        b"Connection: close",
        b"Content-Type: " + kind,
        b"Content-Length: %d" % (len(body) if length is None else length),
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_undamaged_it_is_carried_out(port, kind, body):
    assert asked(port, request(kind, body))[0] == 200


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_a_damaged_body_is_answered(port, kind, body):
    @EXAMPLES
    @given(damaged(body))
    @example(b"")
    @example(body[:-1])
    def try_it(broken):
        status, content = asked(port, request(kind, broken))
        assert 200 <= status < 500, content[:500]
        if status >= 400:
            assert json.loads(content)["errors"][0]["title"]

    try_it()


@EXAMPLES
@given(st.sampled_from(BODIES).flatmap(lambda one: damaged(request(*one, length=len(one[1])))))
def test_a_damaged_message_is_answered(port, message):
    status, content = asked(port, message)
    assert status < 500, content[:500]


@EXAMPLES
@given(st.binary(max_size=300))
def test_noise_is_answered(port, noise):
    status, content = asked(port, noise + b"\r\n\r\n")
    assert status < 500, content[:500]
