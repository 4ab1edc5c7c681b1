"""Requests and answers as values."""

import http.client
import io

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.translation import HttpRequest, HttpResponse


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("400 300", "400 300"),
        ("a, ", "a,"),
        (" \ta\tb\t ", "a\tb"),
        ("a\r\nX-Evil: 1", "a  X-Evil: 1"),
        ("a\x00b\x7fc", "a b c"),
        ("größe", "größe"),
        ("3 €", "3 ?"),
        ("", ""),
    ],
)
def test_what_a_header_cannot_hold_is_replaced(value, sent):
    assert HttpResponse(200, {"X-A": value}, b"").headers == {"X-A": sent}


@given(st.text())
def test_every_header_of_an_answer_can_be_sent_and_read(value):
    headers = HttpResponse(200, {"X-A": value}, b"").headers
    server = h11.Connection(h11.SERVER)
    server.receive_data(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    server.next_event()
    head = server.send(h11.Response(status_code=200, headers=[(b"X-A", headers["X-A"].encode("latin-1"))]))
    read = http.client.parse_headers(io.BytesIO(head.partition(b"\r\n")[2]))
    assert read["X-A"] == headers["X-A"]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com/v1/cut", "/v1/cut"),
        ("https://example.com/v1/cut/?size=4", "/v1/cut"),
        ("https://example.com/v1/cut#top", "/v1/cut"),
        ("https://example.com/v1/cut?a=1#top", "/v1/cut"),
        ("https://example.com", "/"),
        ("/v1/cut?a=1", "/v1/cut"),
    ],
)
def test_the_path_has_neither_query_nor_fragment(url, path):
    assert HttpRequest("GET", url, {}).path == path
