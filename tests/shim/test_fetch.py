"""Fetching a picture's address: within limits, and never anywhere that is not public."""

import socket
import time

import pytest

from pixian_shim.errors import FetchError
from pixian_shim.shim import Fetcher
from socket_server import SocketServer

LOOPBACK = Fetcher(allow_private=True, seconds=5)


def answering(status=200, body=b"picture", **headers):
    def script(connection):
        while True:
            connection.read_request()
            connection.answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    return script


def redirecting(*locations):
    return [answering(302, b"", Location=location) for location in locations]


def test_picture_is_fetched_under_its_own_host_name():
    with SocketServer(answering()) as server:
        port = server.url.rpartition(":")[2]
        upload = LOOPBACK.fetch(f"http://localhost:{port}/folder/photo.jpg?x=1")
    assert (upload.read(), upload.name) == (b"picture", "photo.jpg")
    (request,) = server.received
    assert (request.path, request.headers["host"]) == ("/folder/photo.jpg?x=1", f"localhost:{port}")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "198.18.0.1",
        "240.0.0.1",
        "224.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[fec0::1]",
        "[3fff::1]",
        "168.63.129.16",
        "[2002:7f00:1::]",
        "2130706433",
    ],
)
def test_addresses_that_are_not_public_are_never_asked(host):
    with pytest.raises(FetchError, match="not public"):
        Fetcher().fetch(f"http://{host}/")


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    def resolve(*_args, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(FetchError, match="not public"):
        Fetcher().fetch("http://rebinding.example/")


def test_name_is_resolved_once_and_the_connection_goes_there(monkeypatch):
    asked = []
    real = socket.getaddrinfo

    def resolve(host, *args, **options):
        if host != "moving.example":
            return real(host, *args, **options)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with SocketServer(answering()) as server:
        assert LOOPBACK.fetch(f"http://moving.example:{server.url.rpartition(':')[2]}/").read() == b"picture"
    assert asked == ["moving.example"]


def test_redirects_are_followed_and_counted():
    with SocketServer(answering()) as last:
        with SocketServer(*redirecting(last.url)) as first:
            assert LOOPBACK.fetch(first.url).read() == b"picture"
        with SocketServer(*redirecting("/again")) as endless, pytest.raises(FetchError, match="3 redirects"):
            LOOPBACK.fetch(endless.url)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/", "gopher://x/"])
def test_redirect_to_another_scheme_is_refused(location):
    with SocketServer(*redirecting(location)) as server, pytest.raises(FetchError, match="http and https"):
        LOOPBACK.fetch(server.url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/x", "photo.jpg", "http://", "http://[bad"])
def test_unusable_address_is_refused(url):
    with pytest.raises(FetchError):
        Fetcher().fetch(url)


def test_status_is_told_in_remove_bgs_words():
    with SocketServer(answering(404)) as server, pytest.raises(FetchError, match="HTTP Status 404"):
        LOOPBACK.fetch(server.url)


def test_too_large_a_file_is_given_up():
    with (
        SocketServer(answering(body=b"x" * 5000)) as server,
        pytest.raises(FetchError, match="larger than 1,000 bytes"),
    ):
        Fetcher(allow_private=True, max_bytes=1000).fetch(server.url)


def test_slow_drip_ends_at_the_time_limit():
    def drip(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(100):
            connection.send(b"x")
            connection.wait(0.05)

    with SocketServer(drip) as server, pytest.raises(FetchError, match=r"longer than 0\.3 s"):
        Fetcher(allow_private=True, seconds=0.3).fetch(server.url)


def test_refused_connection_and_unknown_name_are_fetch_errors():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError, match="connection failed"):
        LOOPBACK.fetch(f"http://127.0.0.1:{port}/")
    with pytest.raises(FetchError, match="cannot be resolved"):
        Fetcher().fetch("http://nowhere.invalid/")


def test_only_certain_ports_may_be_asked():
    fetcher = Fetcher(ports=frozenset({80, 443}))
    for url in ("http://example.com:22/", "https://example.com:80443/", "http://example.com:443443/"):
        with pytest.raises(FetchError):
            fetcher.fetch(url)
    with pytest.raises(FetchError, match="port 8080 is not asked, only 80, 443") as caught:
        fetcher.fetch("http://example.com:8080/")
    assert caught.value.invalid


def test_a_redirect_to_another_port_is_refused():
    with SocketServer(*redirecting("http://example.com:22/")) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(FetchError, match="port 22 is not asked"):
            Fetcher(allow_private=True, ports=frozenset({port})).fetch(server.url)


@pytest.mark.parametrize("dripping", ["headers", "body"])
def test_what_drips_ends_in_time(dripping):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 1000\r\n\r\n" if dripping == "body" else b"X-A: "))
        for _ in range(100):
            connection.send(b"a")
            connection.wait(0.05)

    started = time.monotonic()
    with SocketServer(script) as server, pytest.raises(FetchError, match=r"longer than 0\.4 s"):
        Fetcher(allow_private=True, seconds=0.4).fetch(server.url)
    assert time.monotonic() - started < 2


def test_a_packed_body_is_not_unpacked():
    with (
        SocketServer(answering(body=b"x", Content_Encoding="gzip")) as server,
        pytest.raises(FetchError, match="packed"),
    ):
        LOOPBACK.fetch(server.url)
    assert server.received[0].headers["accept-encoding"] == "identity"


async def test_it_can_be_awaited_and_asked_from_within_a_loop():
    with SocketServer(answering(), answering()) as server:
        assert (await LOOPBACK.afetch(server.url)).read() == b"picture"
        assert LOOPBACK.fetch(server.url).read() == b"picture"
