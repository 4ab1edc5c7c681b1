"""Bad days, byte for byte on a loopback socket, for both clients."""

from __future__ import annotations

import gzip
import socket
import time

import attrs
import pytest

from pictures import PIXEL as PNG
from pixian_shim import errors
from pixian_shim.pixian import Retry
from socket_server import SocketServer

LARGE = PNG + bytes(8 << 20)
IMAGE = {"Content-Type": "image/png", "X-Credits-Charged": "1.000000"}
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


def good(connection):
    while True:
        connection.read_request()
        connection.answer(200, PNG, IMAGE)


def answering(*args, **kwargs):
    def script(connection):
        while True:
            connection.read_request()
            connection.answer(*args, **kwargs)

    return script


def sending(data):
    def script(connection):
        connection.read_request()
        connection.send(data)

    return script


def error(status, code, message, headers=None):
    def script(connection):
        while True:
            connection.read_request()
            connection.answer_error(status, code, message, headers)

    return script


def half_a_body(connection):
    connection.read_request()
    connection.answer(200, PNG[:40], IMAGE, length=len(PNG))


def slow_drip(connection):
    connection.read_request()
    connection.answer(200, PNG[:1], IMAGE, length=len(PNG))
    connection.wait(5)


def silence(connection):
    connection.read_request()
    connection.wait(5)


def reset_before_answer(connection):
    connection.read_request()
    connection.reset()


def closed_before_answer(connection):
    connection.read_request()


def reset_in_the_body(connection):
    connection.read_request()
    connection.answer(200, PNG[:40], IMAGE, length=len(PNG))
    connection.wait(0.05)
    connection.reset()


def reset_in_the_upload(connection):
    connection.read_head()
    connection.reset()


def early_refusal_then_drained(connection):
    connection.read_head()
    connection.answer_error(413, 1012, "Too many bytes.", {"Connection": "close"})
    connection.drain()


def early_refusal_then_deaf(connection):
    connection.read_head()
    connection.answer_error(413, 1012, "Too many bytes.", {"Connection": "close"})
    connection.sock.shutdown(socket.SHUT_WR)
    connection.wait(0.2)


def chunked_and_cut_off(connection):
    connection.read_request()
    connection.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + PNG[:32] + b"\r\n40\r\n" + PNG[32:40]
    )


def headers_cut_off(connection):
    connection.read_request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Ty")


@attrs.frozen(kw_only=True)
class Fault:
    name: str
    scripts: tuple
    raises: type[Exception]
    says: str = ""
    upload: bytes = PNG
    attempts: int = 1
    has: dict = attrs.field(factory=dict)
    client: dict = attrs.field(factory=dict)


FAULTS = [
    Fault(
        name="half a body",
        scripts=(half_a_body,),
        raises=errors.IncompleteBody,
        has={"status": 200, "content": PNG[:40]},
    ),
    Fault(
        name="a length announced that is too short",
        scripts=(answering(200, PNG, IMAGE, length=len(PNG) - 9),),
        raises=errors.IncompleteBody,
        says="cut off",
    ),
    Fault(name="a slow drip", scripts=(slow_drip,), raises=errors.TimedOut, says="half-way", client={"timeout": 0.2}),
    Fault(
        name="silence", scripts=(silence,), raises=errors.TimedOut, has={"may_have_run": True}, client={"timeout": 0.2}
    ),
    Fault(
        name="a reset before the answer",
        scripts=(reset_before_answer,),
        raises=errors.ConnectionLost,
        has={"may_have_run": True},
    ),
    Fault(name="closed before the answer", scripts=(closed_before_answer,), raises=errors.ConnectionLost),
    Fault(name="headers cut off", scripts=(headers_cut_off,), raises=errors.ConnectionLost),
    Fault(name="a reset in the body", scripts=(reset_in_the_body,), raises=errors.IncompleteBody),
    Fault(name="a reset in the upload", scripts=(reset_in_the_upload,), raises=errors.ConnectionLost, upload=LARGE),
    Fault(
        name="an early 413, the upload read to its end",
        scripts=(early_refusal_then_drained,),
        raises=errors.PayloadTooLarge,
        upload=LARGE,
        has={"status": 413, "code": 1012, "message": "Too many bytes."},
    ),
    Fault(
        name="gzip garbage",
        scripts=(answering(200, b"\x1f\x8b garbage", {"Content-Encoding": "gzip", **IMAGE}),),
        raises=errors.ResponseError,
        says="encoded",
    ),
    Fault(
        name="gzip cut off",
        scripts=(answering(200, gzip.compress(PNG)[:-20], {"Content-Encoding": "gzip", **IMAGE}),),
        raises=errors.IncompleteBody,
    ),
    Fault(
        name="HTML with 200",
        scripts=(answering(200, b"<html>\n<h1>It works!</h1>", HTML),),
        raises=errors.NotAnImage,
        has={"excerpt": "<html> <h1>It works!</h1>", "content_type": "text/html"},
    ),
    Fault(
        name="HTML that claims to be PNG",
        scripts=(answering(200, b"<html>", IMAGE),),
        raises=errors.NotAnImage,
        has={"content_type": "image/png", "content": b"<html>"},
    ),
    Fault(
        name="a JSON error with 200",
        scripts=(answering(200, b'{"error": {"status": 400, "code": 1006, "message": "No."}}', JSON),),
        raises=errors.NotAnImage,
        says="No.",
    ),
    Fault(name="an empty 200", scripts=(answering(200, b""),), raises=errors.NotAnImage, says="empty"),
    Fault(
        name="204",
        scripts=(sending(b"HTTP/1.1 204 No Content\r\n\r\n"),),
        raises=errors.NotAnImage,
        has={"status": 204},
    ),
    Fault(
        name="429 for ever",
        scripts=(error(429, 1015, "Slow down."),),
        raises=errors.RateLimited,
        attempts=5,
        has={"status": 429, "code": 1015, "possible_double_charge": False},
    ),
    Fault(name="a plain 503", scripts=(error(503, -3, "Overloaded."),), raises=errors.ServerError, has={"code": -3}),
    Fault(
        name="500 in HTML",
        scripts=(answering(500, b"<html>Internal Server Error</html>", HTML),),
        raises=errors.ServerError,
        has={"code": None, "message": "<html>Internal Server Error</html>"},
    ),
    Fault(
        name="401",
        scripts=(error(401, 1004, "Wrong secret."),),
        raises=errors.AuthenticationFailed,
        has={"request": "POST /api/v2/remove-background"},
    ),
    Fault(name="402", scripts=(error(402, 1011, "No credits."),), raises=errors.InsufficientCredits),
    Fault(
        name="the documented error",
        scripts=(error(400, 1006, "Failed to read the supplied image. "),),
        raises=errors.BadRequest,
        has={"status": 400, "code": 1006, "message": "Failed to read the supplied image. "},
    ),
    Fault(name="chunks cut off", scripts=(chunked_and_cut_off,), raises=errors.IncompleteBody),
    Fault(
        name="a garbage status line", scripts=(sending(b"\x16\x03\x01garbage\r\n\r\n"),), raises=errors.ConnectionLost
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_a_clear_error_and_is_not_repeated_when_it_may_have_been_charged(front, fault):
    with SocketServer(*fault.scripts) as server, pytest.raises(fault.raises) as caught:
        front.remove_background(fault.upload, client={"base_url": server.url, **fault.client})
    assert type(caught.value) is fault.raises
    assert fault.says in str(caught.value)
    assert "POST /api/v2/remove-background" in str(caught.value)
    assert caught.value.attempts == fault.attempts == len(server.received)
    assert {name: getattr(caught.value, name) for name in fault.has} == fault.has


def test_an_early_413_whose_upload_is_not_read_is_at_worst_a_lost_connection_and_not_repeated(front):
    with SocketServer(early_refusal_then_deaf) as server:
        with pytest.raises(
            (errors.PayloadTooLarge, errors.ConnectionLost)
        ) as caught:  # a reset may overtake the answer
            front.remove_background(LARGE, client={"base_url": server.url})
        assert server.connections == caught.value.attempts == 1


def test_a_storm_of_429_is_waited_out_5_10_15_seconds(front, clock):
    storm = [error(429, 1015, "Slow down.", {"Connection": "close"})] * 3
    with SocketServer(*storm, good) as server:
        result = front.remove_background(PNG, client={"base_url": server.url})
    assert clock.sleeps == [5, 10, 15]
    assert (result.attempts, result.possible_double_charge, result.content) == (4, False, PNG)


def test_100_continue_is_passed_over(front):
    data = f"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {len(PNG)}\r\n\r\n".encode() + PNG
    with SocketServer(sending(data)) as server:
        assert front.remove_background(PNG, client={"base_url": server.url}).content == PNG


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_gets_neither_credentials_nor_picture(front, status):
    with SocketServer(good) as elsewhere:
        location = {"Location": f"{elsewhere.url}/api/v2/remove-background?token=abc"}
        with SocketServer(answering(status, b"", location)) as server, pytest.raises(errors.ResponseError) as caught:
            front.remove_background(PNG, client={"base_url": server.url})
    assert elsewhere.connections == 0
    assert elsewhere.url in str(caught.value)
    assert "token" not in str(caught.value)


def test_a_refused_connection_is_tried_three_times_and_certainly_not_charged(front, clock):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(errors.ConnectFailed) as caught:
        front.remove_background(PNG, client={"base_url": f"http://127.0.0.1:{port}"})
    assert clock.sleeps == [0.2, 0.4]
    assert (caught.value.attempts, caught.value.may_have_run) == (3, False)
    assert caught.value.__cause__ is not None


def test_a_connection_that_the_server_closed_between_two_calls_is_replaced_unnoticed(front):
    def one_answer(connection):
        connection.read_request()
        connection.answer(200, PNG, IMAGE)

    def twice(client):
        first = client.remove_background(PNG)
        if front.kind == "sync":
            time.sleep(0.05)
            return [first, client.remove_background(PNG)]

        async def both():
            import asyncio

            done = await first
            await asyncio.sleep(0.05)
            return [done, await client.remove_background(PNG)]

        return both()

    with SocketServer(one_answer, good) as server:
        results = front.with_client(twice, base_url=server.url)
        assert server.connections == 2
    assert [result.attempts for result in results] == [1, 1]


def test_a_kept_connection_that_breaks_after_the_request_is_not_taken_for_a_stale_one(front):
    def answer_then_close_on_request(connection):
        connection.read_request()
        connection.answer(200, PNG, IMAGE)
        connection.read_request()

    def twice(client):
        if front.kind == "sync":
            client.remove_background(PNG)
            return client.remove_background(PNG)

        async def both():
            await client.remove_background(PNG)
            return await client.remove_background(PNG)

        return both()

    with SocketServer(answer_then_close_on_request, good) as server, pytest.raises(errors.ConnectionLost) as caught:
        front.with_client(twice, base_url=server.url)
    assert server.connections == 1
    assert caught.value.may_have_run


def server_error_once(connection):
    connection.read_request()
    connection.answer_error(500, -1, "Oh.", {"Connection": "close"})


@pytest.mark.parametrize("script", [half_a_body, reset_before_answer, server_error_once])
def test_ambiguous_failures_are_repeated_on_request_and_marked(front, clock, script):
    with SocketServer(script, good) as server:
        result = front.remove_background(PNG, client={"base_url": server.url, "retry": Retry(ambiguous=1)})
    assert (result.attempts, result.possible_double_charge) == (2, True)
    assert clock.sleeps == [1.0]


def test_a_deadline_ends_a_drip_that_never_idles(front):
    def drip(connection):
        connection.read_request()
        connection.answer(200, b"", IMAGE, length=1000)
        for _ in range(60):
            connection.send(b"x")
            connection.wait(0.05)

    started = time.monotonic()
    settings = {"clock": time.monotonic, "timeout": 0.5}
    with SocketServer(drip) as server, pytest.raises(errors.DeadlineExceeded):
        front.remove_background(PNG, deadline=0.3, client=settings | {"base_url": server.url})
    assert time.monotonic() - started < 2


def test_a_picture_with_a_lying_content_type_is_taken_for_what_it_is(front):
    with SocketServer(answering(200, PNG, {"Content-Type": "text/html"})) as server:
        assert front.remove_background(PNG, client={"base_url": server.url}).content_type == "image/png"


def test_free_questions_are_asked_again_after_an_ambiguous_failure(front, clock):
    account = b'{"creditPack":"none","state":"dormant","useBefore":"1970-01-01T00:00:00Z","credits":0}'
    with SocketServer(reset_before_answer, answering(200, account, JSON)) as server:
        answer = front.with_client(lambda client: client.account(), base_url=server.url)
    assert (answer.credit_pack, answer.active, answer.credits) == ("none", False, 0.0)
    assert clock.sleeps == [1.0]


def bomb(size):
    return gzip.compress(b"\0" * size)


def test_a_whole_picture_with_a_wrong_encoding_is_a_picture(front):
    with SocketServer(answering(200, PNG, IMAGE | {"Content-Encoding": "gzip"})) as server:
        result = front.remove_background(PNG, client={"base_url": server.url})
    assert (result.content, result.credits_charged) == (PNG, 1.0)


def test_a_picture_that_was_packed_all_the_same_is_unpacked(front):
    with SocketServer(answering(200, gzip.compress(PNG), IMAGE | {"Content-Encoding": "gzip"})) as server:
        assert front.remove_background(PNG, client={"base_url": server.url}).content == PNG


def test_a_decompression_bomb_is_not_unpacked(front, monkeypatch):
    monkeypatch.setattr("pixian_shim.pixian._transport._MOST_DECODED", 1 << 20)
    content = bomb(8 << 20)
    with (
        SocketServer(answering(200, content, IMAGE | {"Content-Encoding": "gzip"})) as server,
        pytest.raises(errors.ResponseError, match="not encoded the way") as caught,
    ):
        front.remove_background(PNG, client={"base_url": server.url})
    assert caught.value.content == content


def test_a_busy_answer_that_is_cut_off_is_waited_out_like_any_other(front, clock):
    def cut(connection):
        connection.read_request()
        connection.answer(429, b'{"error": {"sta', JSON, length=100)

    with SocketServer(cut, good) as server:
        assert front.remove_background(PNG, client={"base_url": server.url}).attempts == 2
    assert clock.sleeps == [5.0]


def test_a_refusal_that_is_cut_off_is_still_one(front, clock):
    def cut(connection):
        connection.read_request()
        connection.answer(401, b"{", JSON, length=100)

    with SocketServer(cut) as server, pytest.raises(errors.AuthenticationFailed):
        front.remove_background(PNG, client={"base_url": server.url, "retry": Retry(ambiguous=3)})
    assert len(server.received) == 1


def test_a_picture_without_its_end_is_repeated_on_request_however_that_shows(front, clock):
    def closed_early(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + PNG[:40])

    with SocketServer(closed_early, good) as server:
        result = front.remove_background(PNG, client={"base_url": server.url, "retry": Retry(ambiguous=1)})
    assert (result.attempts, result.possible_double_charge) == (2, True)
