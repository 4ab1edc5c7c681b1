"""Unedited code that calls api.remove.bg with requests: what it sends, what it gets back, and what is left alone."""

import base64
import io
import json
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zipfile import ZipFile

import pytest
import requests
import responses

import pixian_shim
from pictures import opened, photo
from pixian_shim import errors
from pixian_shim.doors import raise_for_status
from pixian_shim.pixian import Pixian, Retry
from pixian_shim.translation import forget_warnings
from socket_server import SocketServer

URL = "https://api.remove.bg/v1.0/removebg"
ACCOUNT = "https://api.remove.bg/v1.0/account"
KEY = {"X-Api-Key": "INSERT_YOUR_API_KEY_HERE"}


@pytest.fixture
def elsewhere():
    """Some other host: answers 200, and redirects from /moved."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            moved = self.path == "/moved"
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", "/there")
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"other")

        do_POST = do_GET

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def post(**options):
    options.setdefault("files", {"image_file": photo()})
    options.setdefault("headers", KEY)
    return requests.post(URL, **options)


def code(response):
    return response.json()["errors"][0].get("code")


@pytest.mark.usefixtures("intercepted")
class TestCallsAsTheyAreWritten:
    def test_the_vendors_sample(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "your-photo.jpg").write_bytes(photo("JPEG"))
        with open("your-photo.jpg", "rb") as image:
            response = requests.post(
                "https://api.remove.bg/v1.0/removebg",
                files={"image_file": image},
                data={"size": "auto"},
                headers={"X-Api-Key": "INSERT_YOUR_API_KEY_HERE"},
            )
        if response.status_code == requests.codes.ok:
            with open("no-bg.png", "wb") as out:
                out.write(response.content)
        else:
            print("Error:", response.status_code, response.text)
        result = opened((tmp_path / "no-bg.png").read_bytes())
        assert (result.mode, result.size) == ("RGBA", (400, 300))
        assert result.getpixel((5, 5))[3] == 0

    def test_headers_of_the_answer(self, sandbox):
        response = post(data={"size": "auto"})
        assert response.headers["Content-Type"] == "image/png"
        assert int(response.headers["Content-Length"]) == len(response.content)
        assert response.headers["x-type"] == "other"
        assert (response.headers["X-Width"], response.headers["X-Height"]) == ("400", "300")
        assert float(response.headers["X-Credits-Charged"]) == pytest.approx(1000 - sandbox.credits)
        assert response.ok
        assert response.reason == "OK"
        assert response.url == URL
        assert response.request.headers["X-Api-Key"] == KEY["X-Api-Key"]
        assert response.history == []

    @pytest.mark.parametrize(
        "file",
        [
            ("image.png", photo(), "image/png"),
            ("image.png", photo()),
            ("image.jpg", io.BytesIO(photo("JPEG"))),
            (None, photo()),
            io.BytesIO(photo()),
            ("image.png", photo(), "image/png", {"X-Own": "header"}),
            ('a name; with "quotes".png', photo()),
            ("bild–ä.png", photo()),
        ],
        ids=["with type", "name and bytes", "name and stream", "no name", "stream", "with headers", "quotes", "umlaut"],
    )
    def test_files_in_every_form(self, file):
        response = post(files={"image_file": file}, timeout=(5, 60))
        if file == (None, photo()):
            assert code(response) == "invalid_file_type"  # without a name the part is text, also for remove.bg
        else:
            assert opened(response.content).mode == "RGBA"

    def test_base64_as_form_field(self):
        response = requests.post(URL, data={"image_file_b64": base64.b64encode(photo())}, headers=KEY)
        assert opened(response.content).mode == "RGBA"

    def test_json_in_and_out(self):
        body = {"image_file_b64": base64.b64encode(photo()).decode(), "crop": True, "size": "full"}
        response = requests.post(URL, json=body, headers=KEY | {"Accept": "application/json"})
        data = response.json()["data"]
        assert list(data) == [
            "result_b64",
            "foreground_top",
            "foreground_left",
            "foreground_width",
            "foreground_height",
        ]
        assert opened(base64.b64decode(data["result_b64"])).size == (
            data["foreground_width"],
            data["foreground_height"],
        )
        assert "X-Credits-Charged" in response.headers

    def test_stream_and_iter_content(self, tmp_path):
        response = post(stream=True)
        pieces = list(response.iter_content(1000))
        assert len(pieces) > 1
        assert opened(b"".join(pieces)).mode == "RGBA"

    def test_stream_and_raw(self):
        with post(stream=True) as response:
            assert response.raw.read(8) == b"\x89PNG\r\n\x1a\n"

    def test_hooks_are_called(self):
        seen = []
        post(hooks={"response": lambda response, *_, **__: seen.append(response.status_code)})
        assert seen == [200]

    def test_sessions_bring_their_headers(self):
        with requests.Session() as session:
            session.headers["X-API-Key"] = "k"
            response = session.post(URL, files={"image_file": photo()}, data={"format": "zip"})
            assert ZipFile(io.BytesIO(response.content)).namelist() == ["color.jpg", "alpha.png"]
            assert session.get(ACCOUNT).json()["data"]["attributes"]["api"] == {"free_calls": 0, "sizes": "all"}

    def test_a_prepared_request(self):
        prepared = requests.Request("POST", URL, files={"image_file": photo()}, headers=KEY).prepare()
        with requests.Session() as session:
            assert session.send(prepared).status_code == 200

    def test_a_body_that_is_an_iterator(self):
        prepared = requests.Request("POST", URL, files={"image_file": photo()}, headers=KEY).prepare()
        body = prepared.body
        response = requests.post(URL, data=iter([body[:100], body[100:]]), headers=dict(prepared.headers))
        assert response.status_code == 200

    @pytest.mark.parametrize("stream", [io.BytesIO, lambda body: io.StringIO(body.decode())], ids=["binary", "text"])
    def test_a_body_that_is_a_file(self, stream):
        body = f"image_file_b64={base64.urlsafe_b64encode(photo()).decode()}".encode()
        headers = KEY | {"Content-Type": "application/x-www-form-urlencoded"}
        assert requests.post(URL, data=stream(body), headers=headers).status_code == 200

    def test_the_account(self, sandbox):
        response = requests.get(ACCOUNT, headers=KEY)
        shares = response.json()["data"]["attributes"]["credits"]
        assert shares == {"subscription": 0, "payg": 1000, "enterprise": 0, "total": 1000}

    def test_improve(self, sandbox):
        response = requests.post("https://api.remove.bg/v1.0/improve", files={"image_file": photo()}, headers=KEY)
        assert list(response.json()) == ["id"]
        assert not sandbox.requests

    def test_a_response_can_be_pickled(self):
        response = post(data={"size": "enormous"})
        assert pickle.loads(pickle.dumps(response)).json() == response.json()


@pytest.mark.usefixtures("intercepted")
class TestErrorsAsTheyAreHandled:
    @pytest.mark.parametrize(
        ("options", "status", "error_code"),
        [
            ({"data": {"size": "enormous"}}, 400, "invalid_size"),
            ({"files": {"image_file": b"no picture"}}, 400, "failed_to_read_image"),
            ({"files": {"other": photo()}}, 400, "missing_source"),
            ({"headers": {}}, 403, "auth_failed"),
            ({"data": {"image_url": "http://x/y.png"}}, 400, "multiple_sources"),
        ],
    )
    def test_what_is_refused_here(self, options, status, error_code, sandbox):
        response = post(**options)
        assert (response.status_code, code(response)) == (status, error_code)
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert not sandbox.requests

    @pytest.mark.parametrize(
        ("fault", "status", "error_code"),
        [
            ("no_credits", 402, "insufficient_credits"),
            ("rate_limit", 429, "rate_limit_exceeded"),
            ("server_error", 500, None),
        ],
    )
    def test_what_is_refused_by_pixian(self, fault, status, error_code, sandbox):
        sandbox.fault(fault)
        response = post()
        assert (response.status_code, code(response)) == (status, error_code)
        assert ("Retry-After" in response.headers) == (status == 429)

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            ({"Content-Type": "multipart/form-data"}, b"x"),
            ({"Content-Type": "multipart/form-data; boundary=b"}, b"--c\r\n"),
            (
                {"Content-Type": "multipart/form-data; boundary=b"},
                b'--b\r\nContent-Disposition: form-data; name="image_file"',
            ),
            ({"Content-Type": "application/json"}, b"{"),
            ({"Content-Type": "application/json"}, b"[]"),
        ],
    )
    def test_a_malformed_body_is_a_400_with_json(self, headers, body):
        response = requests.post(URL, data=body, headers=KEY | headers)
        assert (response.status_code, code(response)) == (400, "malformed_body")

    def test_raise_for_status(self):
        with pytest.raises(requests.exceptions.HTTPError) as caught:
            post(data={"size": "enormous"}).raise_for_status()
        assert str(caught.value) == f"400 Client Error: Bad Request for url: {URL}"
        assert code(caught.value.response) == "invalid_size"
        assert caught.value.request.method == "POST"

    def test_an_unknown_path_is_a_404(self):
        response = requests.get("https://api.remove.bg/v1.0/nothing", headers=KEY)
        assert (response.status_code, code(response)) == (404, "not_found")


class TestNoAnswer:
    def ask(self, script, **options):
        with (
            SocketServer(script) as server,
            Pixian("id", "secret", base_url=server.url, retry=Retry(connect_retries=0), **options) as client,
            pixian_shim.intercept("removebg", client=client, policy="silent"),
        ):
            return post()

    def test_a_broken_connection_is_requests_connection_error(self):
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            self.ask(lambda connection: connection.read_request() and None)
        assert isinstance(caught.value, errors.ConnectionLost)
        assert caught.value.request.url == URL
        assert caught.value.response is None
        assert caught.value.may_have_run

    def test_nobody_there_is_requests_connection_error_too(self, unused_port):
        with (
            Pixian(
                "id", "secret", base_url=f"http://127.0.0.1:{unused_port}", retry=Retry(connect_retries=0)
            ) as client,
            pixian_shim.intercept("removebg", client=client),
            pytest.raises(requests.exceptions.ConnectionError) as caught,
        ):
            post()
        assert isinstance(caught.value, errors.ConnectFailed)
        assert not caught.value.may_have_run

    def test_silence_is_requests_read_timeout(self):
        stop = threading.Event()

        def silent(connection):
            connection.read_request()
            stop.wait(0.5)

        def silence():
            with ExitStack() as stack:
                stack.callback(stop.set)
                self.ask(silent, timeout=0.2)

        with pytest.raises(requests.exceptions.ReadTimeout) as caught:
            silence()
        assert isinstance(caught.value, requests.exceptions.Timeout)
        assert isinstance(caught.value, errors.TimedOut)

    def test_such_an_error_travels_between_processes(self):
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            self.ask(lambda connection: connection.read_request() and None)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert type(copy) is type(caught.value)
        assert (str(copy), copy.attempts) == (str(caught.value), 1)

    @pytest.fixture
    def unused_port(self):
        import socket

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]


class TestOtherTraffic:
    def test_other_hosts_pass(self, intercepted, elsewhere):
        assert requests.get(elsewhere).content == b"other"
        assert requests.post(elsewhere, files={"image_file": photo()}, headers=KEY).content == b"other"

    def test_redirects_of_other_hosts_are_followed_as_ever(self, intercepted, elsewhere):
        response = requests.get(f"{elsewhere}/moved")
        assert (response.content, len(response.history)) == (b"other", 1)
        assert requests.get(f"{elsewhere}/moved", allow_redirects=False).status_code == 302

    def test_responses_can_be_active_for_another_host(self, intercepted):
        with responses.RequestsMock() as mock:
            mock.get("https://other.example/", body="mocked")
            assert requests.get("https://other.example/").text == "mocked"
            assert opened(post().content).mode == "RGBA"

    @pytest.mark.parametrize(
        "url",
        [
            "https://www.remove.bg/",
            "https://api.remove.bg.evil.example/v1.0/removebg",
            "https://other.example/?u=api.remove.bg",
        ],
    )
    def test_hosts_that_look_alike_are_not_ours(self, url, intercepted):
        with responses.RequestsMock() as mock:
            mock.post(url, body="theirs")
            assert requests.post(url).text == "theirs"

    @pytest.mark.parametrize(
        "url",
        [
            "https://API.remove.BG/v1.0/removebg",
            "https://api.remove.bg:443/v1.0/removebg",
            "http://api.remove.bg/v1.0/removebg",
        ],
    )
    def test_spellings_of_the_host_are_ours(self, url, intercepted):
        assert requests.post(url, files={"image_file": photo()}, headers=KEY).status_code == 200

    def test_adapters_that_were_mounted_by_the_program_stay_for_other_hosts(self, intercepted, elsewhere):
        class Counting(requests.adapters.HTTPAdapter):
            calls = 0

            def send(self, *args, **options):
                type(self).calls += 1
                return super().send(*args, **options)

        with requests.Session() as session:
            session.mount("http://", Counting())
            session.get(elsewhere)
            session.get(ACCOUNT, headers=KEY)
        assert Counting.calls == 1


def really_asks():
    """Tell whether a call to api.remove.bg would leave the process."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(ACCOUNT, json={"from": "remove.bg"})
        return requests.get(ACCOUNT, headers=KEY).json() == {"from": "remove.bg"}


class TestWarnings:
    @pytest.mark.parametrize(
        "post",
        [requests.post, lambda *args, **options: requests.Session().post(*args, **options)],
        ids=["module", "session"],
    )
    def test_point_at_the_line_of_the_legacy_program(self, client, post):
        forget_warnings()
        with (
            pixian_shim.intercept("removebg", client=client, policy="warn"),
            pytest.warns(pixian_shim.TranslationWarning, match="type=car") as caught,
        ):
            post(URL, files={"image_file": photo()}, data={"type": "car"}, headers=KEY)
        assert caught[0].filename == __file__


class TestInstall:
    @pytest.fixture(autouse=True)
    def undone(self):
        yield
        pixian_shim.uninstall()
        assert really_asks()

    def test_install_lasts_until_uninstall(self, client):
        assert really_asks()
        pixian_shim.install("removebg", client=client)
        assert not really_asks()
        pixian_shim.uninstall()
        assert really_asks()

    def test_install_twice_is_undone_once(self, client):
        pixian_shim.install("removebg", client=client)
        pixian_shim.install("removebg", client=client)
        pixian_shim.uninstall()
        assert really_asks()

    def test_uninstall_without_install_is_nothing(self):
        pixian_shim.uninstall()
        pixian_shim.uninstall()

    def test_the_last_install_counts(self, sandbox, client):
        with sandbox.client(api_secret="wrong") as wrong:
            pixian_shim.install("removebg", client=wrong)
            assert requests.get(ACCOUNT, headers=KEY).status_code == 403
            pixian_shim.install("removebg", client=client)
            assert requests.get(ACCOUNT, headers=KEY).status_code == 200

    def test_requests_is_as_it_was_afterwards(self, client):
        before = requests.Session.get_adapter
        with pixian_shim.intercept("removebg", client=client):
            assert requests.Session.get_adapter is not before
        assert requests.Session.get_adapter is before

    def test_sessions_made_before_are_served_too(self, client):
        with requests.Session() as session:
            pixian_shim.install("removebg", client=client)
            assert session.get(ACCOUNT, headers=KEY).status_code == 200

    def test_blocks_nest_and_the_innermost_wins(self, sandbox, client):
        with sandbox.client(api_secret="wrong") as wrong, pixian_shim.intercept("removebg", client=client):
            with pixian_shim.intercept("removebg", client=wrong):
                assert requests.get(ACCOUNT, headers=KEY).status_code == 403
            assert requests.get(ACCOUNT, headers=KEY).status_code == 200
        assert really_asks()

    def test_a_block_within_an_installation_leaves_it(self, sandbox, client):
        pixian_shim.install("removebg", client=client)
        with sandbox.client(api_secret="wrong") as wrong, pixian_shim.intercept("removebg", client=wrong):
            assert requests.get(ACCOUNT, headers=KEY).status_code == 403
        assert requests.get(ACCOUNT, headers=KEY).status_code == 200

    def test_a_block_ends_with_an_error(self, client):
        with pytest.raises(ZeroDivisionError), pixian_shim.intercept("removebg", client=client):
            1 / 0  # noqa: B018
        assert really_asks()

    def test_blocks_in_many_threads(self, client):
        before = requests.Session.get_adapter

        def work(_):
            for _ in range(10):
                with pixian_shim.intercept("removebg", client=client):
                    if requests.get(ACCOUNT, headers=KEY).status_code != 200:
                        return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(8)))
        assert requests.Session.get_adapter is before

    def test_a_patch_put_over_ours_is_left_alone(self, client, monkeypatch):
        pixian_shim.install("removebg", client=client)
        ours = requests.Session.get_adapter
        monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: ours(self, url))  # noqa: PLW0108 (a function of its own)
        theirs = requests.Session.get_adapter
        pixian_shim.uninstall()
        assert requests.Session.get_adapter is theirs
        assert really_asks()

    def test_an_unknown_policy_in_the_environment_is_told_at_once(self, monkeypatch):
        monkeypatch.setattr("pixian_shim.shim._default._own", [])
        monkeypatch.setenv("PIXIAN_SHIM_POLICY", "loud")
        with pytest.raises(errors.ConfigurationError, match="unknown policy 'loud'"):
            pixian_shim.install("removebg")

    def test_an_unknown_provider_is_named(self):
        with pytest.raises(errors.ConfigurationError, match="did you mean 'removebg'"):
            pixian_shim.install("remove.bg")
        assert really_asks()

    def test_no_provider_is_an_error(self):
        with pytest.raises(errors.ConfigurationError, match="at least one provider"):
            pixian_shim.install()

    def test_policy_strict_refuses_what_would_be_lost(self, client, sandbox):
        with pixian_shim.intercept("removebg", client=client, policy="strict"):
            response = post(data={"type": "car"})
        assert response.status_code == 400
        assert "type" in json.dumps(response.json())
        assert not sandbox.requests

    def test_without_credentials_the_answer_says_where_they_were_looked_for(self, monkeypatch, tmp_path):
        for name in [name for name in os.environ if name.startswith("PIXIAN_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        with pixian_shim.Shim() as shim, pixian_shim.using(shim), pixian_shim.intercept("removebg"):
            response = post()
        assert (response.status_code, code(response)) == (403, "auth_failed")
        assert "PIXIAN_API_ID" in response.text


class TestWithoutRequests:
    """Look-alikes for programs that use a drop-in and do not have requests."""

    @pytest.fixture
    def plain(self):
        from pixian_shim.doors._responses import PlainResponse

        return PlainResponse(402, {"Content-Type": "application/json"}, b'{"errors": []}', URL)

    def test_a_look_alike_reads_like_a_response(self, plain):
        assert (plain.ok, plain.reason, plain.text) == (False, "Payment Required", '{"errors": []}')
        assert plain.json() == {"errors": []}
        assert b"".join(plain.iter_content(4)) == plain.content
        assert list(plain.iter_content(None)) == [plain.content]
        assert plain.raw.read() == plain.content

    def test_a_look_alike_raises(self, plain):
        with pytest.raises(errors.ShimError, match=f"402 Client Error: Payment Required for url: {URL}") as caught:
            plain.raise_for_status()
        assert caught.value.response is plain

    def test_a_look_alike_that_is_fine_does_not_raise(self):
        from pixian_shim.doors._responses import PlainResponse

        assert raise_for_status(PlainResponse(200, {}, b"", URL)) is None

    def test_a_status_without_a_name(self):
        from pixian_shim.doors._responses import phrase

        assert phrase(299) == ""

    def test_a_look_alike_can_be_pickled_with_its_error(self, plain):
        plain.shim_error = errors.InsufficientCredits("none left", status=402)
        assert str(pickle.loads(pickle.dumps(plain)).shim_error) == str(plain.shim_error)
