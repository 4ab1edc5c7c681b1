"""Every library that has a door: what a program gets is the provider's, whichever one it calls with."""

import asyncio
import base64
import http.client
import io
import json
import pickle
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.parse
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import aiohttp
import anyio
import attrs
import httpx
import httpx2
import pytest
import requests
import urllib3
from askers import ASKERS, multipart

import pixian_shim
from pictures import opened, photo
from pixian_shim import errors
from pixian_shim.doors import _claims, _lookups
from pixian_shim.pixian import Pixian, Retry
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import LINK_PATH, Links
from pixian_shim.translation import Form, HttpResponse, forget_warnings, load
from socket_server import SocketServer

URL = "https://api.remove.bg/v1.0/removebg"
ACCOUNT = "https://api.remove.bg/v1.0/account"
KEY = {"X-Api-Key": "legacy"}


@pytest.fixture(params=ASKERS.values(), ids=ASKERS.keys())
def ask(request):
    return request.param


@pytest.fixture
def elsewhere():
    """Some other host, which answers what it was sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body) + 1))
            self.end_headers()
            self.wfile.write(b"!" + body)

        do_GET = do_POST

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("intercepted")
class TestAnswers:
    def test_a_picture_and_its_headers(self, ask, sandbox):
        reply = ask.form(URL, KEY, {"size": "auto"}, photo())
        assert (reply.status, opened(reply.body).size) == (200, (400, 300))
        assert opened(reply.body).getpixel((5, 5))[3] == 0
        assert reply.headers["content-type"] == "image/png"
        assert reply.headers["content-length"] == str(len(reply.body))
        assert reply.headers["x-width"] == "400"
        assert float(reply.headers["x-credits-charged"]) == pytest.approx(1000 - sandbox.credits)

    def test_a_streamed_body_and_a_streamed_answer(self, ask):
        content_type, body = multipart({"size": "auto"}, photo())
        pieces = [body[at : at + 500] for at in range(0, len(body), 500)]
        reply = ask.streamed(URL, KEY, content_type, pieces)
        assert (reply.status, opened(reply.body).size) == (200, (400, 300))

    def test_an_urlencoded_body(self, ask):
        body = urllib.parse.urlencode({"image_file_b64": base64.b64encode(photo()).decode()}).encode()
        assert ask.streamed(URL, KEY, "application/x-www-form-urlencoded", [body]).status == 200

    def test_the_account(self, ask):
        assert ask.get(ACCOUNT, KEY).json()["data"]["attributes"]["credits"]["total"] == 1000

    @pytest.mark.parametrize(
        ("headers", "fields", "picture", "status", "code"),
        [
            (KEY, {"size": "huge"}, photo(), 400, "invalid_size"),
            (KEY, {"size": "auto"}, None, 400, "missing_source"),
            (KEY, {}, b"no picture", 400, "failed_to_read_image"),
            ({}, {}, photo(), 403, "auth_failed"),
        ],
    )
    def test_errors_have_the_providers_shape(self, ask, headers, fields, picture, status, code):
        reply = ask.form(URL, headers, fields, picture)
        assert (reply.status, reply.code) == (status, code)

    def test_an_error_of_pixian_has_the_providers_shape(self, ask, sandbox):
        sandbox.fault("no_credits")
        reply = ask.form(URL, KEY, {}, photo())
        assert (reply.status, reply.code) == (402, "insufficient_credits")

    def test_an_unknown_path(self, ask):
        reply = ask.get("https://api.remove.bg/v1.0/nothing", KEY)
        assert (reply.status, reply.code) == (404, "not_found")


class TestNoAnswer:
    def ask(self, ask, script, **options):
        with (
            SocketServer(script) as server,
            Pixian("id", "secret", base_url=server.url, retry=Retry(connect_retries=0)) as client,
            pixian_shim.intercept("removebg", client=client, policy="silent"),
        ):
            return ask.form(URL, KEY, {}, photo(), **options)

    def test_a_broken_connection_is_what_the_library_calls_it(self, ask):
        with pytest.raises(ask.no_answer["lost"]) as caught:
            self.ask(ask, lambda connection: connection.read_request() and None)
        assert isinstance(caught.value, errors.ConnectionLost)
        assert isinstance(caught.value.__cause__, errors.ConnectionLost)
        assert caught.value.may_have_run
        assert not caught.value.possible_double_charge

    def test_nobody_there_is_what_the_library_calls_it(self, ask):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with (
            Pixian("id", "secret", base_url=f"http://127.0.0.1:{port}", retry=Retry(connect_retries=0)) as client,
            pixian_shim.intercept("removebg", client=client, policy="silent"),
            pytest.raises(ask.no_answer["refused"]) as caught,
        ):
            ask.form(URL, KEY, {}, photo())
        assert isinstance(caught.value, errors.ConnectFailed)
        assert not caught.value.may_have_run

    def test_the_callers_own_timeout_is_kept(self, ask):
        stop = threading.Event()

        def silent(connection):
            connection.read_request()
            stop.wait(3)

        started = time.monotonic()
        try:
            with SocketServer(silent) as server, Pixian("id", "secret", base_url=server.url) as client:
                with (
                    pixian_shim.intercept("removebg", client=client, policy="silent"),
                    pytest.raises(ask.no_answer["silent"]),
                ):
                    ask.form(URL, KEY, {}, photo(), timeout=0.3)
                taken = time.monotonic() - started
                stop.set()
            assert 0.2 < taken < 2
        finally:
            stop.set()

    def test_such_an_error_travels_between_processes(self, ask):
        with pytest.raises(Exception, match="connection broke") as caught:
            self.ask(ask, lambda connection: connection.read_request() and None)
        error = caught.value
        for name in ("_request", "request", "pool", "reason"):  # connections and the like do not travel
            error.__dict__.pop(name, None)
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy)) == (type(error), str(error))

    @pytest.mark.parametrize("module", [httpx, httpx2])
    def test_httpx_own_default_of_five_seconds_is_nobodys_decision(self, module, monkeypatch, client):
        seen = []
        monkeypatch.setattr(_claims.Interception, "serve", lambda *_args, timeout: seen.append(timeout))
        with pixian_shim.intercept("removebg", client=client):
            for timeout in (
                module.Timeout(5.0),
                module.Timeout(7.0),
                module.Timeout(None),
                module.Timeout(5.0, read=60),
            ):
                with pytest.raises(AttributeError):
                    module.get(URL, timeout=timeout)
        assert seen == [None, 7.0, None, 60.0]


class TestOtherTraffic:
    def test_it_passes(self, ask, intercepted, elsewhere):
        assert ask.get(f"{elsewhere}/v1.0/removebg").body == b"!"
        assert photo() in ask.form(elsewhere, KEY, {"size": "auto"}, photo()).body

    @pytest.mark.parametrize(
        "url",
        [
            "https://www.remove.bg/",
            "https://api.remove.bg.evil.example/v1.0/removebg",
            "https://other.example/?u=https://api.remove.bg/",
            "https://other.example/#@api.remove.bg/",
            "https://api.remove.bg@other.example/",
            "http://[::1]/api.remove.bg/",
            "http://[",
            "",
            "data:,x",
        ],
    )
    def test_addresses_that_look_alike_are_not_ours(self, url, intercepted):
        assert _claims.find(url) is None

    @pytest.mark.parametrize(
        "url",
        [
            URL,
            "http://api.remove.bg/v1.0/removebg",
            "https://API.remove.BG:443/v1.0/removebg?x=/y",
            "https://user:pass@api.remove.bg/v1.0/account",
            "https://api.remove.bg?x",
            "https://api.remove.bg#x",
        ],
    )
    def test_addresses_that_are_ours(self, url, intercepted):
        assert _claims.find(url).adapter is load("removebg")

    def test_version_2_of_pixian_passes_where_version_1_is_answered(self, client):
        with pixian_shim.intercept("pixian_v1", client=client):
            assert _claims.find("https://api.pixian.ai/api/v1/remove-background") is not None
            assert _claims.find("https://api.pixian.ai/api/v2/remove-background") is None

    def test_pixians_own_client_passes_even_where_its_host_is_claimed(self, ask, sandbox):
        with Sandbox(engine="fast", http=True) as served, served.client() as client:
            host = served.url.partition("://")[2]
            with pixian_shim.intercept("removebg", client=client, policy="silent", also=[host]):
                assert ask.form(f"{served.url}/v1.0/removebg", KEY, {}, photo()).status == 200
                assert len(served.requests) == 1


class TestFurtherAddresses:
    def test_a_proxy_of_ones_own(self, ask, client, elsewhere):
        host = elsewhere.partition("://")[2]
        with pixian_shim.intercept("removebg", client=client, policy="silent", also=f"{host}/removebg-proxy"):
            assert ask.form(f"{elsewhere}/removebg-proxy/v1.0/removebg", KEY, {}, photo()).headers["x-type"] == "other"
            assert ask.get(f"{elsewhere}/removebg-proxy-2/v1.0/account").body == b"!"

    def test_pixians_own_endpoint_in_remove_bgs_shape(self, ask, client):
        with pixian_shim.intercept("removebg", client=client, policy="silent", also=["api.pixian.ai/v1.0/removebg"]):
            assert ask.form("https://api.pixian.ai/v1.0/removebg", KEY, {}, photo()).headers["x-type"] == "other"
            assert _claims.find("https://api.pixian.ai/api/v2/remove-background") is None

    @pytest.mark.parametrize("text", ["", "https://", "host name", "host:port", "host/path?query", "[::1", "host#x"])
    def test_what_is_no_address_is_refused(self, text, client):
        with pytest.raises(errors.ConfigurationError, match="is no address"):
            pixian_shim.install("removebg", client=client, also=[text])
        assert _claims.find(URL) is None

    def test_with_several_providers_nobody_knows_whose_they_are(self, client):
        with pytest.raises(errors.ConfigurationError, match="one provider"):
            pixian_shim.install("removebg", "pixian_v1", client=client, also=["proxy.internal"])

    def test_a_port_is_part_of_the_address(self):
        place = _claims.Place.parse("https://proxy.internal:8443/a/")
        assert place == _claims.Place("proxy.internal", 8443, "/a")
        assert place.holds(8443, "/a/b")
        assert not place.holds(443, "/a/b")
        assert not place.holds(8443, "/ab")


class TestUninstall:
    PATCHED: ClassVar = [
        (requests.Session, "get_adapter"),
        (httpx.HTTPTransport, "handle_request"),
        (httpx.AsyncHTTPTransport, "handle_async_request"),
        (httpx2.HTTPTransport, "handle_request"),
        (httpx2.AsyncHTTPTransport, "handle_async_request"),
        (aiohttp.BaseConnector, "connect"),
        (urllib3.HTTPConnectionPool, "urlopen"),
        (urllib.request.AbstractHTTPHandler, "do_open"),
        (socket, "getaddrinfo"),
        (asyncio.BaseEventLoop, "getaddrinfo"),
    ]

    def now(self):
        return [getattr(owner, name) for owner, name in self.PATCHED] + [list(sys.meta_path)]

    def test_everything_is_as_before(self, client):
        before = self.now()
        for _ in range(3):
            pixian_shim.install("removebg", client=client)
            assert all(ours is not theirs for ours, theirs in zip(self.now()[:-1], before[:-1], strict=True))
            pixian_shim.install("removebg", client=client)
            pixian_shim.uninstall()
            assert self.now() == before

    def test_nested_blocks_undo_only_the_outermost(self, client):
        before = self.now()
        with pixian_shim.intercept("removebg", client=client):
            with pixian_shim.intercept("pixian_v1", client=client):
                assert _claims.find("https://api.pixian.ai/api/v1/remove-background")
            assert _claims.find(URL)
            assert not _claims.find("https://api.pixian.ai/api/v1/remove-background")
            assert self.now()[:-1] != before[:-1]
        assert self.now() == before

    def test_who_patched_after_us_is_left_alone_and_lets_everything_pass(self, client, elsewhere, monkeypatch):
        pixian_shim.install("removebg", client=client)
        ours = httpx.HTTPTransport.handle_request
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda self, request: ours(self, request))  # noqa: PLW0108
        pixian_shim.uninstall()
        assert httpx.get(elsewhere).content == b"!"

    def test_many_threads_installing_and_calling(self, client, elsewhere):
        before = self.now()

        def work(number):
            ask = list(ASKERS.values())[number % len(ASKERS)]
            with pixian_shim.intercept("removebg", client=client, policy="silent"):
                return ask.get(ACCOUNT, KEY).status, ask.get(elsewhere).body

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(work, range(48))) == {(200, b"!")}
        assert self.now() == before


def python(code, **environment):
    """Run a program in a process of its own, with a sandbox in it."""
    start = """
        import sys
        import pixian_shim
        from pixian_shim.sandbox import Sandbox
        sandbox = Sandbox(engine="fast").start()
        client = sandbox.client()
    """
    program = textwrap.dedent(start) + textwrap.dedent(code) + "\nclient.close(); sandbox.close()\n"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestLaterImports:
    def test_libraries_that_are_imported_later_are_covered_and_not_imported_by_us(self):
        said = python(f"""
            pixian_shim.install("removebg", client=client, policy="silent")
            libraries = ["requests", "httpx2", "aiohttp", "urllib3"]
            print([name for name in libraries if name in sys.modules])
            import urllib3, requests, httpx2, aiohttp
            print(type(requests.__spec__.loader).__name__, type(requests.__loader__).__name__)
            for get in (requests.get, httpx2.get, lambda url, **o: urllib3.request("GET", url, **o)):
                reply = get({ACCOUNT!r}, headers={{"X-Api-Key": "k"}})
                print(getattr(reply, "status_code", None) or reply.status)
        """)
        assert said.split("\n")[:-1] == ["[]", "SourceFileLoader SourceFileLoader", "200", "200", "200"]

    def test_after_uninstall_later_imports_are_left_alone(self):
        said = python("""
            pixian_shim.install("removebg", client=client)
            pixian_shim.uninstall()
            import requests
            print(requests.Session.get_adapter.__module__)
        """)
        assert said == "requests.sessions\n"


@pytest.fixture
def nothing_told(monkeypatch):
    monkeypatch.setattr(_lookups, "_told", set())


@pytest.mark.usefixtures("intercepted", "nothing_told")
class TestOtherLibraries:
    def test_a_look_up_of_the_providers_host_is_stopped_and_told_once(self):
        for count in (1, 0):
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                connection = http.client.HTTPSConnection("api.remove.bg")
                with pytest.raises(
                    errors.NotIntercepted, match=r"http\.client.*does not intercept.*requests, httpx"
                ) as caught:
                    connection.request("GET", "/v1.0/account")
            assert isinstance(caught.value, socket.gaierror)
            assert len(told) == count
        assert caught.value.host == "api.remove.bg"

    def test_the_warning_names_the_programs_own_line(self):
        with (
            pytest.warns(pixian_shim.TranslationWarning, match=r"api\.remove\.bg was asked") as told,
            pytest.raises(OSError),
        ):
            http.client.HTTPSConnection("api.remove.bg").request("GET", "/")
        assert told[0].filename == __file__

    @pytest.mark.parametrize("host", ["api.remove.bg", "API.Remove.bg", b"api.remove.bg", "api.remove.bg."])
    def test_however_the_host_is_written(self, host):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(errors.NotIntercepted):
                socket.getaddrinfo(host, 443)

    def test_asyncio_streams(self):
        async def run():
            await asyncio.open_connection("api.remove.bg", 443)

        with pytest.warns(pixian_shim.TranslationWarning), pytest.raises(errors.NotIntercepted):
            asyncio.run(run())

    def test_other_hosts_are_looked_up(self, elsewhere):
        host, _, port = elsewhere.partition("://")[2].partition(":")
        connection = http.client.HTTPConnection(host, int(port))
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"!"
        connection.close()

    def test_a_host_of_which_only_a_path_is_ours_is_looked_up(self, client, elsewhere):
        host = elsewhere.partition("://")[2]
        with pixian_shim.intercept("removebg", client=client, also=[f"localhost:{host.rpartition(':')[2]}/removebg"]):
            assert socket.getaddrinfo("localhost", 80)


class TestWarnings:
    def test_a_note_points_at_the_programs_own_line(self, ask, client):
        forget_warnings()
        with (
            pixian_shim.intercept("removebg", client=client, policy="warn"),
            pytest.warns(pixian_shim.TranslationWarning, match="type=car") as told,
        ):
            ask.form(URL, KEY, {"type": "car"}, photo())
        assert told[0].filename.endswith("askers.py")


class TestLibraryFeatures:
    """What a program may use of its library, and what must go on working."""

    pytestmark = pytest.mark.usefixtures("intercepted")

    def test_httpx_hooks_base_url_and_redirect_settings(self):
        seen = []
        hooks = {"request": [lambda r: seen.append(r.method)], "response": [lambda r: seen.append(r.status_code)]}
        with httpx.Client(
            base_url="https://api.remove.bg/v1.0", event_hooks=hooks, follow_redirects=True, headers=KEY
        ) as client:
            reply = client.post("/removebg", files={"image_file": photo()})
        assert (seen, reply.history, reply.is_success, reply.http_version) == (["POST", 200], [], True, "HTTP/1.1")
        assert reply.elapsed.total_seconds() > 0

    def test_httpx_transports_of_ones_own_that_wrap_the_networks(self):
        class Wrapping(httpx.HTTPTransport):
            def handle_request(self, request):
                request.headers["X-Api-Key"] = "late"
                return super().handle_request(request)

        with httpx.Client(transport=Wrapping()) as client:
            assert client.get(ACCOUNT).status_code == 200

    def test_a_mock_transport_stays_a_mock(self):
        with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(418))) as client:
            assert client.get(ACCOUNT).status_code == 418

    def test_httpx_under_trio_or_anyio(self):
        async def run():
            async with httpx.AsyncClient() as client, anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(self._ask_async, client)

        anyio.run(run)

    async def _ask_async(self, client):
        assert (await client.get(ACCOUNT, headers=KEY)).status_code == 200

    def test_many_tasks_at_once(self, sandbox):
        async def run():
            async with aiohttp.ClientSession(headers=KEY) as session, httpx.AsyncClient(headers=KEY) as client:

                async def one():
                    form = aiohttp.FormData()
                    form.add_field("image_file", photo(), filename="a.png")
                    async with session.post(URL, data=form) as reply:
                        return reply.status, len(await reply.read()) > 1000

                async def other():
                    reply = await client.post(URL, files={"image_file": photo()})
                    return reply.status_code, len(reply.content) > 1000

                return await asyncio.gather(*(call() for call in [one, other] * 15))

        assert set(asyncio.run(run())) == {(200, True)}

    def test_a_cancelled_task_ends_at_once(self, sandbox):
        async def run():
            async with httpx.AsyncClient(headers=KEY) as client:
                sandbox.fault("latency", seconds=5.0)
                task = asyncio.create_task(client.post(URL, files={"image_file": photo()}))
                await asyncio.sleep(0.2)
                started = time.monotonic()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                return time.monotonic() - started

        assert asyncio.run(run()) < 3

    def test_aiohttp_middlewares_traces_raise_for_status_and_100_continue(self):
        async def run():
            seen = []
            trace = aiohttp.TraceConfig()
            trace.on_request_end.append(lambda *_: asyncio.sleep(0, seen.append("end")))
            async with aiohttp.ClientSession(trace_configs=[trace], raise_for_status=True, headers=KEY) as session:
                form = aiohttp.FormData()
                form.add_field("image_file", io.BytesIO(photo()), filename="a.png")
                async with session.post(URL, data=form, expect100=True) as reply:
                    assert reply.reason == "OK"
                    assert opened(await reply.read()).mode == "RGBA"
                with pytest.raises(aiohttp.ClientResponseError) as caught:
                    await session.post(URL, data={"size": "auto"})
            return seen, caught.value.status

        assert asyncio.run(run()) == (["end"], 400)

    def test_aiohttp_leaves_nothing_open(self):
        async def run():
            connector = aiohttp.TCPConnector()
            async with aiohttp.ClientSession(connector=connector, headers=KEY) as session:
                for _ in range(3):
                    async with session.get(ACCOUNT) as reply:
                        assert reply.status == 200
            return connector.closed

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert asyncio.run(run())

    def test_urllib3_pools_and_proxies(self):
        with urllib3.HTTPSConnectionPool("api.remove.bg", headers=KEY) as pool:
            reply = pool.request("GET", "/v1.0/account")
            assert (reply.status, reply.reason, reply.json()["data"]["attributes"]["api"]["free_calls"]) == (
                200,
                "OK",
                0,
            )
        with urllib3.ProxyManager("http://127.0.0.1:9") as proxied:
            assert proxied.request("GET", "http://api.remove.bg/v1.0/account", headers=KEY).status == 200

    def test_urllib3_retries_do_not_repeat_a_call(self, sandbox):
        sandbox.fault("server_error")
        retries = urllib3.Retry(3, status_forcelist=[500], allowed_methods=None, backoff_factor=0)
        with urllib3.PoolManager(retries=retries, headers=KEY) as pool:
            assert pool.request("POST", URL, fields={"image_file": ("a.png", photo())}).status == 500
        assert len(sandbox.requests) == 1

    def test_urllib_openers_and_error_processors(self):
        opener = urllib.request.build_opener()
        opener.addheaders = [("X-Api-Key", "k")]
        with opener.open(ACCOUNT, timeout=5) as reply:
            assert (reply.status, reply.msg, reply.reason, reply.geturl()) == (200, "OK", "OK", ACCOUNT)
            assert json.load(reply)["data"]


def linking():
    """An adapter as a provider has it that answers with addresses."""
    base = load("removebg")

    def answer(call, cutout):
        return HttpResponse(200, {"Content-Type": "application/json"}, json.dumps({"url": cutout.link}).encode())

    def plan(call):
        return base.plan(attrs.evolve(call, form=Form(call.form.items)))

    return attrs.evolve(
        base,
        name="linking",
        hosts=frozenset({"api.linking.example"}),
        answer=answer,
        plan=plan,
        answers_with_links=True,
    )


class TestLinks:
    def test_an_address_in_an_answer_works_through_the_same_door(self, ask, client):
        with pixian_shim.intercept(linking(), client=client, policy="silent"):
            link = ask.form("https://api.linking.example/v1.0/removebg", KEY, {}, photo()).json()["url"]
            assert link.startswith(f"https://api.linking.example{LINK_PATH}")
            reply = ask.get(link)
        assert (reply.status, reply.headers["content-type"]) == (200, "image/png")
        assert opened(reply.body).size == (400, 300)

    def test_it_ends_with_its_lifetime(self, ask, client):
        now = [1_800_000_000.0]
        links = Links(seconds=60, clock=lambda: now[0])
        with pixian_shim.intercept(linking(), client=client, links=links, policy="silent"):
            link = ask.form("https://api.linking.example/v1.0/removebg", KEY, {}, photo()).json()["url"]
            now[0] += 59
            assert ask.get(link).status == 200
            now[0] += 2
            assert ask.get(link).status == 404

    def test_it_can_be_the_source_of_another_call(self, ask, client, sandbox):
        with pixian_shim.intercept(linking(), client=client, policy="silent"):
            link = ask.form("https://api.linking.example/v1.0/removebg", KEY, {}, photo()).json()["url"]
            assert ask.form("https://api.linking.example/v1.0/removebg", KEY, {"image_url": link}, None).status == 200
        assert [entry.source for entry in sandbox.requests] == ["image", "image"]

    def test_with_paths_of_its_own_the_providers_links_are_claimed_as_well(self, client):
        adapter = attrs.evolve(linking(), paths=("/v1.0",))
        with pixian_shim.intercept(adapter, client=client):
            assert _claims.find(f"https://api.linking.example{LINK_PATH}x.png")
            assert not _claims.find("https://api.linking.example/v2.0/x")
