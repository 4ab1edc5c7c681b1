"""A canary in the place of the secret, looked for in everything that anybody could read later."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback

import attrs
import pytest

from pixian_shim import errors
from pixian_shim.pixian import Credentials, Result, Retry, Settings
from pixian_shim.pixian._job import ACCOUNT
from pixian_shim.pixian._retry import Send
from socket_server import SocketServer

ID, SECRET = "px-canary-id", "canary-7f3a9c51d2e8"
OURS = {"api_id": ID, "api_secret": SECRET}
TOKEN = base64.b64encode(f"{ID}:{SECRET}".encode()).decode()


def leaks(text):
    return SECRET in text or TOKEN in text


def everything_said(error):
    """Put together whatever an exception and those behind it could print."""
    said = ["".join(traceback.format_exception(error))]
    chain = [error]
    while (error := error.__cause__) is not None:
        chain.append(error)
    for one in chain:
        said += [str(one), repr(one), repr(one.args)]
        said += [repr(value) for name, value in vars(one).items() if name != "content"]
        request = getattr(one, "_request", None)
        if request is not None:
            said += [repr(request), repr(request.headers)]
    return "\n".join(said)


def echo(status, **headers):
    """Answer with whatever the client sent as its credentials, in every place an answer has."""

    def script(connection):
        while True:
            authorization = connection.read_request().headers["authorization"]
            body = f"you sent {authorization} that is {SECRET} {'x' * 150} {SECRET} {TOKEN}".encode()
            connection.answer(status, body, {"X-Echo": authorization, "X-Secret": SECRET, **headers})

    return script


def echo_in_json(status):
    def script(connection):
        while True:
            authorization = connection.read_request().headers["authorization"]
            connection.answer_error(status, 1004, f"Wrong secret {SECRET} in {authorization}.")

    return script


def echo_in_the_status_line(connection):
    authorization = connection.read_request().headers["authorization"]
    connection.send(f"{authorization} {SECRET}\r\n\r\n".encode())


def echo_cut_off(connection):
    connection.read_request()
    connection.answer(200, SECRET.encode() * 3, {"X-Secret": SECRET}, length=999)


def reset(connection):
    connection.read_request()
    connection.reset()


def silence(connection):
    connection.read_request()
    connection.wait(3)


BAD_DAYS = {
    "400": echo(400),
    "401 in JSON": echo_in_json(401),
    "429": echo_in_json(429),
    "500": echo(500),
    "200 in JSON": echo_in_json(200),
    "200": echo(200),
    "a lying content type": echo(200, **{"Content-Type": f"image/{SECRET}"}),
    "a redirect": echo(307, Location=f"http://{SECRET}.example/{SECRET}"),
    "a status line": echo_in_the_status_line,
    "cut off": echo_cut_off,
    "reset": reset,
    "silence": silence,
}


@pytest.mark.parametrize("script", BAD_DAYS.values(), ids=BAD_DAYS)
def test_no_error_shows_the_secret_even_if_the_server_echoes_it(front, png, script, caplog, recwarn):
    caplog.set_level(logging.DEBUG, logger="pixian_shim")
    retry = Retry(rate_limit_waits=1, ambiguous=1)
    with SocketServer(script) as server, pytest.raises(errors.ShimError) as caught:
        front.remove_background(png, client={**OURS, "base_url": server.url, "timeout": 0.2, "retry": retry})
    assert not leaks(everything_said(caught.value))
    assert not leaks(caplog.text)
    assert not any(leaks(str(warning.message)) for warning in recwarn)


def test_the_canary_would_be_found(front, png):
    error = errors.BadRequest(f"no {SECRET}", status=400)
    assert leaks(everything_said(error))
    with SocketServer(echo_in_json(401)) as server, pytest.raises(errors.AuthenticationFailed) as caught:
        front.remove_background(png, client={"api_id": ID, "api_secret": "another-secret-1", "base_url": server.url})
    assert SECRET in caught.value.message


def test_a_good_day_logs_no_secret_at_any_level_not_even_below_us(front, png, caplog):
    def good(connection):
        while True:
            connection.read_request()
            connection.answer(200, png, {"Content-Type": "image/png"})

    caplog.set_level(logging.DEBUG)
    with SocketServer(good) as server:
        result = front.remove_background(png, client={**OURS, "base_url": server.url})
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert not leaks(caplog.text + "".join(repr(record.args) for record in caplog.records))
    assert not leaks(repr(result))


def test_no_repr_shows_the_secret(front):
    credentials = Credentials(ID, SECRET)
    shown = [repr(credentials), str(credentials), repr(Settings(credentials)), f"{credentials}"]
    shown += [repr(attrs.asdict(credentials, filter=lambda field, _value: field.repr))]

    def inside(client):
        exchange = client._session.exchange(ACCOUNT, Send(None))
        return [repr(client), repr(client._session), repr(exchange), repr(client._connections.client)]

    shown += front.with_client(inside, **OURS)
    assert not any(map(leaks, shown))
    assert ID in shown[0]


def test_a_short_secret_such_as_the_sandboxs_does_not_riddle_ordinary_words():
    credentials = Credentials("sandbox", "sandbox")
    assert credentials.hide("the sandbox is out of credits") == "the sandbox is out of credits"
    assert credentials.hide(credentials.authorization) == "Basic [hidden]"


def test_saved_and_pickled_results_hold_no_secret(png, tmp_path):
    result = Result(content=png, content_type="image/png", headers={"a": "b"})
    assert SECRET.encode() not in pickle.dumps(result)
    assert SECRET.encode() not in result.save(tmp_path / "a.png").read_bytes()
