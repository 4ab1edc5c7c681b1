"""What connections carry, and what they must not: other processes' answers, other accounts' cookies, other keys."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import httpx
import pytest

from pictures import PIXEL as PNG
from pixian_shim import errors
from pixian_shim.pixian import AsyncPixian, Credentials, Pixian, Retry
from socket_server import SocketServer

IMAGE = {"Content-Type": "image/png", "X-Credits-Charged": "1.000000"}
ACCESS = {"api_id": "px-id", "api_secret": "px-secret"}

FORKING = """
import io, json, os, sys
from PIL import Image
from pixian_shim.pixian import Pixian

def picture(width):
    file = io.BytesIO()
    Image.new("RGB", (width, 10)).save(file, "PNG")
    return file.getvalue()

with Pixian() as client:
    client.remove_background(picture(5))
    child = os.fork()
    mine = 30 if child else 60
    widths = [client.remove_background(picture(mine)).input_size.width for _ in range(15)]
    if child:
        os.waitpid(child, 0)
print(mine, *sorted(set(widths)), flush=True)
os._exit(0)
"""


def cookie(connection):
    while True:
        connection.read_request()
        connection.answer(200, PNG, IMAGE | {"Set-Cookie": "session=of-account-A; Path=/"})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_process_gets_its_own_answers():
    from pixian_shim.sandbox import Sandbox

    with Sandbox(engine="fast", http=True) as sandbox:
        env = os.environ | {"PIXIAN_BASE_URL": sandbox.url, "PIXIAN_API_ID": "sandbox", "PIXIAN_API_SECRET": "sandbox"}
        said = subprocess.check_output([sys.executable, "-c", FORKING], env=env, text=True)
    assert sorted(said.splitlines()) == ["30 30", "60 60"]


def test_an_injected_client_is_not_used_in_another_process(monkeypatch):
    with httpx.Client() as http:
        client = Pixian(**ACCESS, base_url="http://127.0.0.1:1", http_client=http)
        monkeypatch.setattr("os.getpid", lambda: -1)
        with pytest.raises(errors.ConfigurationError, match="after the fork"):
            client.remove_background(PNG)


def test_no_cookie_is_kept_for_another_account(front):
    with SocketServer(cookie) as server:

        def two_accounts(client):
            other = client.with_credentials(Credentials("other", "secret"))
            if front.kind == "sync":
                return client.remove_background(PNG), other.remove_background(PNG)

            async def both():
                await client.remove_background(PNG)
                await other.remove_background(PNG)

            return both()

        front.with_client(two_accounts, base_url=server.url)
    assert len(server.received) == 2
    assert not any("cookie" in request.headers for request in server.received)


def test_what_an_injected_client_brings_along_of_others_is_not_sent():
    headers = {"X-Api-Key": "legacy-key", "X-Mine": "kept"}
    with (
        SocketServer(cookie) as server,
        httpx.Client(headers=headers, cookies={"a": "b"}, trust_env=False) as http,
    ):
        Pixian(**ACCESS, base_url=server.url, http_client=http).remove_background(PNG)
    (request,) = server.received
    assert request.headers["x-mine"] == "kept"
    assert not request.headers.keys() & {"x-api-key", "cookie"}


def test_what_could_not_be_reached_is_named(front, secret):
    with pytest.raises(errors.ConnectFailed, match=r"127\.0\.0\.1:1; ConnectError: .*(refused|failed)") as caught:
        front.remove_background(PNG, client={"base_url": "http://127.0.0.1:1", "retry": Retry(connect_retries=0)})
    assert secret not in str(caught.value)


def test_a_secret_at_any_place_of_a_body_is_hidden(front, secret):
    def echo(connection):
        connection.read_request()
        connection.answer(500, b" " * 7990 + secret.encode() + b" tail")

    with SocketServer(echo) as server, pytest.raises(errors.ServerError) as caught:
        front.remove_background(PNG, client={"base_url": server.url})
    assert secret[:6] not in str(caught.value)
    assert json.dumps(caught.value.body).count(secret) == 0


def test_a_secret_is_hidden_however_json_writes_it(front, secret):
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in secret)

    def echo(connection):
        connection.read_request()
        connection.answer(400, f'{{"error": {{"code": 1019, "message": "{escaped}"}}}}'.encode())

    with SocketServer(echo) as server, pytest.raises(errors.BadRequest) as caught:
        front.remove_background(PNG, client={"base_url": server.url})
    assert escaped not in caught.value.body
    assert secret not in f"{caught.value.body}{caught.value}"


def test_beyond_what_one_async_pool_bears_further_ones_are_opened():
    async def run(url):
        async with AsyncPixian("id", "secret", base_url=url, in_flight=50) as client:
            tasks = [asyncio.create_task(client.account()) for _ in range(50)]
            await asyncio.sleep(0.5)
            lanes = [lane.busy for lane in client._connections._lanes]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert all(lane.busy == 0 for lane in client._connections._lanes)
            return lanes

    def silent(connection):
        connection.read_request()
        connection.wait(5)

    with SocketServer(silent) as server:
        assert asyncio.run(run(server.url)) == [2] * 25
