"""The deadline of a call: nothing is sent after it, and nothing that was paid for is dropped because of it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

import httpx
import pytest

from pictures import PIXEL as PNG
from pixian_shim import errors
from pixian_shim.pixian import AsyncPixian, Pixian, Retry
from socket_server import SocketServer

IMAGE = {"Content-Type": "image/png", "X-Credits-Charged": "1.000000"}
ACCESS = {"api_id": "px-id", "api_secret": "px-secret"}


def good(connection):
    while True:
        connection.read_request()
        connection.answer(200, PNG, IMAGE)


def busy(connection):
    while True:
        connection.read_request()
        connection.answer_error(429, 1015, "Slow down.")


def silent(connection):
    connection.read_request()
    connection.wait(30)


def test_nothing_is_sent_after_a_wait_that_took_longer_than_it_should(front, clock):
    """As where a laptop is closed during a back-off."""

    def overslept(seconds):
        clock.sleep(seconds + 100)

    async def overslept_async(seconds):
        overslept(seconds)

    sleep = overslept if front.kind == "sync" else overslept_async
    with SocketServer(busy) as server, pytest.raises(errors.DeadlineExceeded) as caught:
        front.remove_background(PNG, deadline=12, client={"base_url": server.url, "sleep": sleep})
    assert len(server.received) == 1
    assert not caught.value.may_have_run


def test_waiting_for_other_calls_ends_at_the_deadline_and_sends_nothing():
    async def run(url):
        async with AsyncPixian(**ACCESS, base_url=url, in_flight=20, retry=Retry(connect_retries=0)) as client:
            others = [asyncio.create_task(client.remove_background(PNG)) for _ in range(20)]
            while len(server.received) < 20:  # noqa: ASYNC110 (the server is a thread)
                await asyncio.sleep(0.01)
            started = time.monotonic()
            with pytest.raises(errors.DeadlineExceeded) as caught:
                await client.remove_background(PNG, deadline=0.3)
            taken = time.monotonic() - started
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            return taken, caught.value.may_have_run

    with SocketServer(silent) as server:
        taken, may_have_run = asyncio.run(run(server.url))
    assert len(server.received) == 20
    assert 0.2 < taken < 2
    assert not may_have_run


def test_waiting_for_a_connection_ends_at_the_deadline_and_sends_nothing():
    limits = httpx.Limits(max_connections=1)
    with httpx.Client(limits=limits, trust_env=False) as http, SocketServer(silent) as server:
        client = Pixian(**ACCESS, base_url=server.url, http_client=http, retry=Retry(connect_retries=0))
        other = threading.Thread(target=failing, args=(client,))
        other.start()
        while not server.received:
            time.sleep(0.01)
        with pytest.raises(errors.DeadlineExceeded) as caught:
            client.remove_background(PNG, deadline=0.3)
        assert len(server.received) == 1
    other.join()
    assert not caught.value.may_have_run


def failing(client):
    with contextlib.suppress(errors.ShimError):
        client.remove_background(PNG)


def test_a_picture_that_comes_just_after_the_deadline_is_not_dropped(front):
    def late(connection):
        connection.read_request()
        connection.answer(200, PNG[:20], IMAGE, length=len(PNG))
        connection.wait(0.6)
        connection.send(PNG[20:])

    with SocketServer(late) as server:
        client = {"base_url": server.url, "clock": time.monotonic}
        assert front.remove_background(PNG, deadline=0.3, client=client).content == PNG


def test_headers_that_drip_do_not_outlast_the_deadline_of_a_task():
    def drip(connection):
        connection.read_request()
        for letter in "HTTP/1.1 200 OK\r\nX-Long: " + 100 * "x":
            connection.send(letter.encode())
            connection.wait(0.1)

    async def run(url):
        async with AsyncPixian(**ACCESS, base_url=url) as client:
            await client.remove_background(PNG, deadline=0.5)

    started = time.monotonic()
    with SocketServer(drip) as server, pytest.raises(errors.DeadlineExceeded, match="deadline came before"):
        asyncio.run(run(server.url))
    assert time.monotonic() - started < 3


def test_an_upload_ends_at_the_deadline(front, tmp_path):
    def slow(connection):
        connection.read_head()
        for _ in range(100):
            connection.sock.recv(1 << 16)
            connection.wait(0.05)

    photo = tmp_path / "photo.png"
    photo.write_bytes(PNG + bytes(24 << 20))
    started = time.monotonic()
    with SocketServer(slow) as server, pytest.raises(errors.DeadlineExceeded):
        front.remove_background(photo, deadline=0.5, client={"base_url": server.url, "clock": time.monotonic})
    assert time.monotonic() - started < 3


def test_the_message_tells_whether_the_deadline_passed_or_would_pass(front):
    with SocketServer(busy) as server, pytest.raises(errors.DeadlineExceeded, match="12 s would pass before the next"):
        front.remove_background(PNG, deadline=12, client={"base_url": server.url})
