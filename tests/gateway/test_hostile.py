"""What hostile or careless callers, and a Pixian that misbehaves, cannot do."""

import base64
import json
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from urllib.parse import urlsplit

import httpx
import pytest

from gateway_calls import HEAD, KEY, PATH, code, talk, upload
from pictures import PIXEL, opened, photo
from pixian_shim.gateway import Config, Gateway, Key
from pixian_shim.gateway._lines import Lines
from pixian_shim.shim import LINK_PATH, _pixels
from pixian_shim.shim import _fetch as fetching
from socket_server import SocketServer

TEXT = base64.b64encode(photo()).decode()
JSON = KEY | {"Content-Type": "application/json"}


@pytest.fixture
def lines(caplog):
    """Give the access log so far, as soon as it has so many lines."""
    caplog.set_level(logging.INFO, "pixian_shim.gateway.access")

    def read(least=1):
        end = time.monotonic() + 10
        while True:
            found = [json.loads(r.message) for r in caplog.records if r.name == "pixian_shim.gateway.access"]
            if len(found) >= least or time.monotonic() > end:
                return found
            time.sleep(0.01)

    return read


@pytest.fixture
def answering(sandbox, monkeypatch):
    """Let Pixian answer as told."""
    servers = []

    def start(*, status=200, body=PIXEL, **headers):
        def answer(connection):
            connection.read_request()
            connection.answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

        servers.append(SocketServer(answer).__enter__())
        monkeypatch.setenv("PIXIAN_BASE_URL", servers[-1].url)

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def whole(content=None):
    """Write a whole request as raw bytes."""
    request = httpx.Request("POST", "http://x", files=upload() if content is None else {"image_file": content})
    body = request.read()
    return (
        HEAD + f"Content-Type: {request.headers['content-type']}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )


def connected(gateway):
    address = urlsplit(gateway.url)
    return socket.create_connection((address.hostname, address.port), timeout=10)


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


class TestNames:
    def test_half_a_surrogate_pair_is_written_as_a_question_mark(self, mode, lines):
        body = json.dumps({"image_file_b64": TEXT, "\ud800": "\ud800"})
        reply = mode().post(PATH, content=body, headers=JSON)
        assert reply.status_code == 200
        assert '"?";verdict=ignored' in reply.headers["x-shim-notes"].replace("%3F", "?")
        assert lines()[0]["notes"]["?"] == "ignored"

    @pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "undefined", "x\\"])
    def test_they_are_utf_8_whatever_a_charset_says(self, mode, charset):
        part = 'Content-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        body = f"--b\r\n{part % ('image_file_b64', TEXT)}--b\r\n{part % ('+2AA-', 'x')}--b--\r\n"
        kind = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
        reply = mode().post(PATH, content=body.encode(), headers=KEY | kind)
        assert reply.status_code == 200
        assert "%2B2AA-" in reply.headers["x-shim-notes"]

    @pytest.mark.parametrize(
        "body",
        [
            {"x" * 2000: "1"},
            {"a" * 900: {"b" * 200: "1"}},
            {f"name-{number}": "1" for number in range(2000)},
            {"x": list(range(50_000))},
        ],
        ids=["long", "long when nested", "many", "many values"],
    )
    def test_they_are_bounded_in_length_and_number(self, gateway, body, sandbox):
        started = time.process_time()
        reply = gateway.post(PATH, json=body | {"image_file_b64": TEXT}, headers=KEY)
        assert (reply.status_code, code(reply)) == (400, "malformed_body")
        assert not sandbox.requests
        assert time.process_time() - started < 2

    def test_numbers_of_many_digits_are_texts(self, gateway):
        body = json.dumps({"image_file_b64": TEXT, "x": 0}).replace("0}", "9" * 6000 + "}")
        assert gateway.post(PATH, content=body, headers=JSON).status_code == 200

    def test_the_log_stays_on_its_line(self, mode, lines):
        gateway = mode()
        gateway.get("/%e2%80%a8%c2%9b31m%7f/" + "x" * 3000)
        gateway.post(PATH, files=upload(), data={"größe\u2028": "1", "y" * 500: "1"}, headers=KEY)
        first, second = lines(2)
        assert len(first["path"]) == 500
        assert max(map(len, second["notes"])) == 100
        assert all(json.dumps(line).isascii() for line in (first, second))


class TestBodies:
    def test_trailers_without_end(self, wired):
        started = time.monotonic()
        head = HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
        talk(wired(), head, *[b"a: b\r\n" * 10_000] * 50, seconds=5)
        assert time.monotonic() - started < 5

    def test_an_offer_to_upgrade_is_declined(self, wired):
        offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
        head, _, body = whole().partition(b"\r\n\r\n")
        assert talk(wired(), head + b"\r\n" + offer + b"\r\n" + body, until=b"\r\n\r\n").startswith(b"HTTP/1.1 200")

    def test_a_reader_that_takes_little_but_takes_it_steadily_gets_all(self, wired):
        gateway, size = wired(idle_seconds=0.5), 12 << 20
        path = gateway.app.state.answers.shim.links.keep("", bytes(size), "image/png")
        with connected(gateway) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            taken = 0
            for _ in range(40):
                taken += len(connection.recv(1 << 16))
                time.sleep(0.05)
            while taken < size and (piece := connection.recv(1 << 20)):
                taken += len(piece)
        assert taken > size

    def test_an_upload_that_finds_no_room_is_told(self, mode, sandbox, monkeypatch):
        def full(_file):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tempfile.SpooledTemporaryFile.rollover", full)
        reply = mode().post(PATH, files={"image_file": bytes(2 << 20)}, headers=KEY)
        assert reply.status_code == 500
        assert "no room for an upload: No space left on device" in reply.text
        assert not sandbox.requests

    def test_head_tells_a_results_length(self, wired):
        gateway = wired()
        path = gateway.app.state.answers.shim.links.keep("", b"x" * 1000, "image/png")
        reply = gateway.request("HEAD", path)
        assert (reply.headers["content-length"], reply.content) == ("1000", b"")


class TestWhoHasLeft:
    def test_nothing_is_paid_for_callers_who_left_while_they_waited(self, wired, sandbox, lines):
        gateway = wired(max_active=1)
        sandbox.fault("latency", seconds=1.0)
        answers = gateway.app.state.answers
        with connected(gateway) as first:
            first.sendall(whole())
            until(lambda: sandbox.requests)
            waiting = [connected(gateway) for _ in range(3)]
            for connection in waiting:
                connection.sendall(whole())
            until(lambda: answers.active == 4)
            time.sleep(0.1)
            for connection in waiting:
                connection.close()
            assert first.recv(12) == b"HTTP/1.1 200"
        assert [line.get("error") for line in lines(4)] == ["ClientDisconnect"] * 3 + [None]
        assert len(sandbox.requests) == 1
        assert gateway.post(PATH, files=upload(), headers=KEY).status_code == 200

    def test_who_waits_too_long_is_told_to_come_back(self, wired, sandbox):
        gateway = wired(max_active=1, waiting_seconds=0.2)
        sandbox.fault("latency", seconds=1.0)
        with ThreadPoolExecutor(2) as pool:
            replies = list(pool.map(lambda _: gateway.post(PATH, files=upload(), headers=KEY), range(2)))
        assert sorted(reply.status_code for reply in replies) == [200, 429]
        assert len(sandbox.requests) == 1

    def test_a_paid_result_that_nobody_took_is_logged_as_that(self, wired, sandbox, lines):
        gateway = wired()
        sandbox.fault("latency", seconds=0.3)
        with connected(gateway) as connection:
            connection.sendall(whole())
            until(lambda: sandbox.requests)
        line = lines()[0]
        assert (line["status"], line["error"], line["sent"]) == (200, "ClientDisconnect", 0)
        assert line["credits"] > 0

    def test_a_call_that_is_cut_off_at_the_end_is_logged(self, sandbox, lines):
        sandbox.fault("latency", seconds=5.0)
        with Gateway(Config(port=0, grace_seconds=1.0)) as gateway, connected(gateway) as connection:
            connection.sendall(whole())
            until(lambda: sandbox.requests)
            gateway.close()
        assert lines()[0]["error"] == "CutOff"


PAGE = {"Origin": "https://evil.example"}


class TestPages:
    def test_of_others_do_not_spend_the_credits_of_a_gateway_without_keys(self, gateway, sandbox):
        asked = gateway.request("OPTIONS", PATH, headers=PAGE)
        assert asked.status_code == 403
        assert gateway.post(PATH, files=upload(), headers=KEY | PAGE).status_code == 403
        assert not sandbox.requests

    def test_nor_by_a_name_that_leads_here(self, gateway, sandbox):
        reply = gateway.post(PATH, files=upload(), headers=KEY | {"Host": "rebound.evil.example"})
        assert (reply.status_code, code(reply)) == (403, "auth_failed")
        assert not sandbox.requests

    @pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:3000"])
    def test_that_are_allowed_or_local_may_call(self, mode, origin):
        gateway = mode(allow_origins="https://evil.example")
        assert gateway.request("OPTIONS", PATH, headers={"Origin": origin}).status_code == 204
        assert gateway.post(PATH, files=upload(), headers=KEY | {"Origin": origin}).status_code == 200

    @pytest.mark.parametrize("host", ["cutouts.example", "api.remove.bg"])
    def test_hosts_of_ones_own_are_answered(self, mode, host):
        gateway = mode(public_url="https://cutouts.example")
        assert gateway.post(PATH, files=upload(), headers=KEY | {"Host": host}).status_code == 200


class TestWhatWasPaidFor:
    def test_a_result_that_cannot_be_finished_is_kept_at_a_link(self, mode, sandbox, lines, monkeypatch):
        def fail(*_):
            raise MemoryError("no room")

        gateway = mode()
        monkeypatch.setattr(_pixels, "finish", fail)
        reply = gateway.post(PATH, files=upload(), data={"format": "zip"}, headers=KEY)
        assert reply.status_code == 500
        link = lines()[0]["kept"]
        assert link in reply.json()["errors"][0]["detail"]
        assert lines()[0]["credits"] > 0
        assert opened(gateway.get(urlsplit(link).path).content).size == (400, 300)

    @pytest.mark.parametrize(
        "pixian",
        [
            {"body": b"<html>", "Content_Type": "text/html"},
            {"body": b"", "Content_Type": "image/png"},
            {"status": 204, "body": b""},
        ],
    )
    def test_what_an_unusable_answer_cost_is_logged(self, mode, answering, lines, pixian):
        answering(X_Credits_Charged="1.5", **pixian)
        reply = mode().post(PATH, files=upload(), headers=KEY)
        assert reply.status_code in (500, 502)
        assert lines()[0]["credits"] == 1.5

    @pytest.mark.parametrize(
        ("pixian", "status"),
        [
            ({"status": 600}, 502),
            ({"status": 999}, 502),
            ({"Content_Type": "image/png", "Date": "Mon, 99999999999999999999 Jan 2020"}, 200),
        ],
    )
    def test_odd_headers_and_statuses_of_pixians_are_answered(self, mode, answering, pixian, status):
        answering(**pixian)
        assert mode().post(PATH, files=upload(), headers=KEY).status_code == status

    def test_headers_that_cannot_be_passed_on_are_replaced(self, mode, answering):
        answering(Content_Type="image/png", X_Input_Size="400 300 \u20ac".encode().decode("latin-1"))
        reply = mode().post("/api/v1/remove-background", files={"image": photo()}, auth=("sandbox", "sandbox"))
        assert reply.status_code == 200

    @pytest.mark.parametrize("name", ["", " ", "\r\nX-Evil: 1", "\x00", "größe €", "x" * 1000])
    def test_an_answer_whose_headers_repeat_any_name_arrives(self, mode, name):
        fields = {"other": "1", name: "1"}
        reply = mode().post("/v2/edit", files={"imageFile": photo()}, data=fields, headers={"x-api-key": "k"})
        assert reply.status_code == 200, reply.text
        assert reply.headers["pr-unsupported-attributes"].startswith("Unsupported attributes: other")
        assert "x-evil" not in reply.headers


class TestNeighbours:
    def test_names_that_are_looked_up_slowly_keep_nobody_waiting(self, wired, monkeypatch):
        real = socket.getaddrinfo

        def slow(host, *arguments, **options):
            if host == "slow.example":
                time.sleep(3)
                raise socket.gaierror
            return real(host, *arguments, **options)

        monkeypatch.setattr(fetching.socket, "getaddrinfo", slow)
        gateway = wired()
        slowly = {"bg_image_url": "http://slow.example/x.png"}
        with ThreadPoolExecutor(12) as pool:
            for _ in range(12):
                pool.submit(gateway.post, PATH, files=upload(), data=slowly, headers=KEY)
            time.sleep(0.3)
            started = time.monotonic()
            assert gateway.post(PATH, files=upload(), data={"roi": "0 0 50% 50%"}, headers=KEY).status_code == 200
            assert time.monotonic() - started < 2.5

    def test_an_address_that_is_none_is_refused(self, gateway):
        reply = gateway.post(PATH, files=upload(), data={"bg_image_url": "http://xn--/"}, headers=KEY)
        assert (reply.status_code, code(reply)) == (400, "invalid_bg_image_url")

    def test_a_log_that_nobody_reads_keeps_nobody_waiting(self):
        class Stuck(StringIO):
            def write(self, _text):
                free.wait()
                return 0

        free = threading.Event()
        lines = Lines(Stuck())
        record = logging.LogRecord("access", logging.INFO, "", 0, "x" * 1000, (), None)
        for _ in range(30_000):
            lines.emit(record)
        assert 0 < lines.lost <= 20_000
        free.set()
        lines.close()

    def test_the_log_is_written_to_its_end(self):
        stream = StringIO()
        lines = Lines(stream)
        for number in range(100):
            lines.emit(logging.LogRecord("access", logging.INFO, "", 0, str(number), (), None))
        lines.close()
        assert stream.getvalue().split() == [str(number) for number in range(100)]
        assert not lines.lost

    def test_a_key_beyond_ascii_is_known_however_it_is_written(self):
        config = Config(keys=[Key.of("shop", "schlüssel")])
        assert config.key_of("schlüssel").name == config.key_of("schlüssel".encode().decode("latin-1")).name == "shop"
        assert config.key_of("schl?ssel") is None

    def test_a_store_of_links_that_cannot_be_read_is_told_and_logged(self, mode, lines, monkeypatch):
        gateway = mode()

        def fail(_name):
            raise OSError("disk gone")

        monkeypatch.setattr(gateway.app.state.answers.shim.links.store, "get", fail)
        reply = gateway.get(f"{LINK_PATH}ffffffff-{'0' * 32}.png")
        assert reply.status_code == 503
        assert "disk gone" in reply.text
        assert lines()[0]["error"] == "LinkFailed"
