"""The gateway: every adapter's HTTP interface, for code in any language."""

import base64
import io
import json
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from zipfile import ZipFile

import attrs
import httpx
import pytest

from free_provider import installed
from gateway_calls import HEAD, KEY, PATH, code, talk, upload
from pictures import encoded, opened, photo, picture
from pixian_shim.errors import ConfigurationError
from pixian_shim.gateway import Config, Gateway, Key, LinkSettings
from pixian_shim.gateway._metrics import Metrics
from pixian_shim.gateway._record import Record, notes_header
from pixian_shim.gateway._routes import Routes
from pixian_shim.shim import LINK_PATH
from pixian_shim.translation import HttpResponse, Note, Verdict, load
from socket_server import SocketServer


class TestAnswers:
    def test_a_picture_by_path(self, gateway, sandbox):
        reply = gateway.post(PATH, files=upload(), data={"size": "auto"}, headers=KEY)
        assert (reply.status_code, opened(reply.content).size) == (200, (400, 300))
        assert (reply.headers["content-type"], reply.headers["x-width"]) == ("image/png", "400")
        assert float(reply.headers["x-credits-charged"]) == pytest.approx(1000 - sandbox.credits)

    @pytest.mark.parametrize("path", ["/removebg/v1.0/removebg", "/removebg/removebg", "/removebg/v1.0/removebg/"])
    def test_by_a_providers_name_in_front(self, gateway, path):
        assert gateway.post(path, files=upload(), headers=KEY).headers["x-type"] == "other"

    @pytest.mark.parametrize("host", ["api.remove.bg", "API.remove.bg", "api.remove.bg:443"])
    def test_by_the_host_that_is_named(self, gateway, host):
        assert gateway.post("/any/removebg", files=upload(), headers=KEY | {"Host": host}).headers["x-type"] == "other"

    def test_pixians_version_1(self, gateway):
        reply = gateway.post("/api/v1/remove-background", files={"image": photo()}, auth=("sandbox", "sandbox"))
        assert (reply.status_code, reply.headers["x-input-size"]) == (200, "400 300")

    def test_the_account(self, gateway):
        assert gateway.get("/v1.0/account", headers=KEY).json()["data"]["attributes"]["credits"]["total"] == 1000

    def test_json_in_and_out(self, gateway):
        body = {"image_file_b64": base64.b64encode(photo()).decode(), "crop": True}
        reply = gateway.post(PATH, json=body, headers=KEY | {"Accept": "application/json"})
        assert opened(base64.b64decode(reply.json()["data"]["result_b64"])).size == (100, 140)

    def test_an_urlencoded_body_and_a_query(self, gateway):
        body = {"image_file_b64": base64.b64encode(photo()).decode()}
        reply = gateway.post(f"{PATH}?format=zip", data=body, headers=KEY)
        assert ZipFile(io.BytesIO(reply.content)).namelist() == ["color.jpg", "alpha.png"]

    def test_a_large_picture_comes_whole(self, gateway):
        content = encoded(picture((3000, 2000), (100, 100, 2000, 1500)))
        reply = gateway.post(PATH, files={"image_file": content}, data={"size": "full"}, headers=KEY)
        assert opened(reply.content).size == (3000, 2000)
        assert int(reply.headers["content-length"]) == len(reply.content)

    def test_a_file_that_leaves_memory(self, gateway):
        content = photo("BMP", size=(1200, 900))
        assert len(content) > 3 << 20
        assert gateway.post(PATH, files={"image_file": content}, headers=KEY).status_code == 200

    def test_two_files(self, gateway):
        files = upload(bg_image_file=("bg.png", photo(subject=(0, 0, 10, 10))))
        assert gateway.post(PATH, files=files, headers=KEY).headers["content-type"] in ("image/jpeg", "image/png")

    def test_a_chunked_body(self, gateway):
        request = httpx.Request("POST", "http://x", files=upload())
        body = request.read()

        async def pieces():
            for at in range(0, len(body), 100):
                yield body[at : at + 100]

        given = KEY | {"Content-Type": request.headers["content-type"]}
        content = (
            pieces() if hasattr(gateway, "portal") else iter([body[at : at + 100] for at in range(0, len(body), 100)])
        )
        assert gateway.post(PATH, content=content, headers=given).status_code == 200

    def test_many_at_once(self, gateway):
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda _: gateway.post(PATH, files=upload(), headers=KEY).status_code, range(32)))
        assert set(replies) == {200}


class TestNotes:
    def test_every_parameter_has_its_verdict_in_a_header(self, gateway):
        data = {"size": "full", "type": "car", "roi": "0 0 50% 100%", "sise": "hd"}
        reply = gateway.post(PATH, files=upload(), data=data, headers=KEY)
        told = dict(item.split(";verdict=") for item in reply.headers["x-shim-notes"].split(", "))
        assert told == {
            "image_file": "converted",
            "size": "converted",
            "type": "ignored",
            "roi": "emulated",
            "sise": "ignored",
        }

    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("size", "size"),
            ("shadow_type[car]", '"shadow_type[car]"'),
            ("tüpe", '"t%C3%BCpe"'),
            ('a"\r\nb', '"a%22%0D%0Ab"'),
        ],
    )
    def test_names_that_would_break_a_header_are_encoded(self, name, written):
        assert notes_header([Note(name, "x", Verdict.IGNORED, "says")]) == f"{written};verdict=ignored"

    def test_a_header_stays_short(self):
        notes = [Note(f"parameter-{number}", "x", Verdict.IGNORED, "says") for number in range(1000)]
        header = notes_header(notes)
        assert len(header) < 4100
        assert header.endswith("...;omitted")

    def test_strict_refuses_what_would_be_ignored(self, mode, sandbox):
        reply = mode(policy="strict").post(PATH, files=upload(), data={"type": "car"}, headers=KEY)
        assert (reply.status_code, code(reply)) == (400, "invalid_parameter")
        assert not sandbox.requests


class TestErrors:
    @pytest.mark.parametrize(
        ("options", "status", "expected"),
        [
            ({"files": {"other": b"x"}, "headers": KEY}, 400, "missing_source"),
            ({"files": {"image_file": b"no picture"}, "headers": KEY}, 400, "failed_to_read_image"),
            ({"files": upload(), "data": {"size": "huge"}, "headers": KEY}, 400, "invalid_size"),
            ({"files": upload()}, 403, "auth_failed"),
            ({"headers": KEY}, 400, "missing_source"),
            ({"content": b"{", "headers": KEY | {"Content-Type": "application/json"}}, 400, "malformed_body"),
            ({"content": b"[]", "headers": KEY | {"Content-Type": "application/json"}}, 400, "malformed_body"),
            ({"content": b"[" * 100_000, "headers": KEY | {"Content-Type": "application/json"}}, 400, "malformed_body"),
            ({"content": b"x", "headers": KEY | {"Content-Type": "multipart/form-data"}}, 400, "malformed_body"),
            (
                {"content": b"x", "headers": KEY | {"Content-Type": "multipart/form-data; boundary=b"}},
                400,
                "malformed_body",
            ),
            (
                {
                    "content": b'--b\r\nContent-Disposition: form-data; name="image_file"; filename="a"\r\n\r\nx',
                    "headers": KEY | {"Content-Type": "multipart/form-data; boundary=b"},
                },
                400,
                "malformed_body",
            ),
            (
                {
                    "content": b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
                    "headers": KEY | {"Content-Type": "multipart/form-data; boundary=b"},
                },
                400,
                "malformed_body",
            ),
            ({"data": {f"f{n}": "x" for n in range(2000)}, "headers": KEY}, 400, "malformed_body"),
            ({"files": [(f"f{n}", b"x") for n in range(10_000)], "headers": KEY}, 400, "malformed_body"),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_bad_input_has_the_providers_shape(self, gateway, options, status, expected, sandbox):
        reply = gateway.post(PATH, **options)
        assert (reply.status_code, code(reply)) == (status, expected)
        assert reply.headers["content-type"] == "application/json; charset=utf-8"
        assert not sandbox.requests

    @pytest.mark.parametrize(
        ("fault", "status", "expected"),
        [
            ("no_credits", 402, "insufficient_credits"),
            ("server_error", 500, None),
            ("html", 502, None),
            ("reset", 502, None),
        ],
    )
    def test_pixians_errors_too(self, gateway, sandbox, fault, status, expected):
        sandbox.fault(fault)
        reply = gateway.post(PATH, files=upload(), headers=KEY)
        assert (reply.status_code, code(reply)) == (status, expected)

    def test_pixian_out_of_reach(self, mode, monkeypatch):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            monkeypatch.setenv("PIXIAN_BASE_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        reply = mode().post(PATH, files=upload(), headers=KEY)
        assert (reply.status_code, reply.json()["errors"][0]["title"]) == (502, "Pixian could not be reached")

    def test_without_credentials_the_caller_is_told(self, mode, monkeypatch, tmp_path):
        monkeypatch.delenv("PIXIAN_API_ID")
        monkeypatch.delenv("PIXIAN_API_SECRET")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        reply = mode().post(PATH, files=upload(), headers=KEY)
        assert (reply.status_code, code(reply)) == (403, "auth_failed")
        assert mode().post(PATH, files=upload(), headers={"X-Api-Key": "sandbox:sandbox"}).status_code == 200

    @pytest.mark.parametrize(
        ("method", "path", "status", "expected"),
        [
            ("GET", PATH, 405, "method_not_allowed"),
            ("POST", "/v1.0/account", 405, "method_not_allowed"),
            ("POST", "/v1.0/nothing", 404, "not_found"),
            ("GET", "/removebg/", 404, "not_found"),
        ],
    )
    def test_unknown_paths_below_a_providers(self, gateway, method, path, status, expected):
        reply = gateway.request(method, path, headers=KEY)
        assert (reply.status_code, code(reply)) == (status, expected)

    def test_a_path_that_is_nobodys_says_what_there_is(self, gateway):
        reply = gateway.get("/nothing/here")
        assert reply.status_code == 404
        assert "/v1.0/removebg" in reply.text

    def test_an_internal_failure_is_no_traceback(self, gateway, monkeypatch, caplog):
        monkeypatch.setattr("pixian_shim.gateway._app.AsyncShim.run", lambda *_: 1 / 0)
        reply = gateway.post(PATH, files=upload(), headers=KEY)
        assert (reply.status_code, reply.json()["errors"][0]["title"]) == (500, "Internal error")
        assert reply.headers["x-request-id"] in reply.text
        assert "ZeroDivisionError" in caplog.text

    @pytest.mark.parametrize("name", ["a picture of a billion pixels", "a packed bomb", "a long header"])
    def test_bombs_are_refused_before_they_unfold(self, gateway, sandbox, name):
        import struct
        import zlib

        def chunk(kind, content):
            return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

        side = 40_000 if name.startswith("a picture") else 7000
        extra = chunk(b"iTXt", b"x\0\1\0\0\0" + zlib.compress(b"\0" * 50_000_000)) if name == "a packed bomb" else b""
        extra += chunk(b"tEXt", b"k\0" + b"x" * 5_000_000) if name == "a long header" else b""
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
        body = b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
        reply = gateway.post(PATH, files={"image_file": body}, data={"crop": "true", "crop_margin": "5px"}, headers=KEY)
        assert reply.status_code == 400
        assert code(reply) in ("resolution_too_high", "failed_to_read_image")
        assert not sandbox.requests

    def test_a_zip_bomb_is_no_picture(self, gateway):
        packed = io.BytesIO()
        with ZipFile(packed, "w", compression=8) as archive:
            archive.writestr("a.png", b"\0" * 20_000_000)
        reply = gateway.post(PATH, files={"image_file": packed.getvalue()}, data={"crop": "true"}, headers=KEY)
        assert code(reply) == "failed_to_read_image"


class TestWhoMayCall:
    KEYS = (Key.of("shop", "old-key"), Key.of("blog", "other-key", "other:account"))

    def test_a_configured_key_is_let_in_and_charged_to_its_account(self, mode, sandbox):
        gateway = mode(keys=self.KEYS)
        assert gateway.post(PATH, files=upload(), headers={"X-Api-Key": "old-key"}).status_code == 200
        refused = gateway.post(PATH, files=upload(), headers={"X-Api-Key": "other-key"})
        assert (refused.status_code, code(refused)) == (403, "auth_failed")  # the sandbox knows no such account
        assert len(sandbox.requests) == 2

    @pytest.mark.parametrize("key", ["wrong", "", "old-key-2", "OLD-KEY", "sandbox:sandbox", "other:account"])
    def test_any_other_is_refused_before_the_body_is_read(self, mode, sandbox, key):
        reply = mode(keys=self.KEYS).post(PATH, files=upload(), headers={"X-Api-Key": key})
        assert (reply.status_code, code(reply)) == (403, "auth_failed")
        assert not sandbox.requests

    def test_basic_credentials_are_a_key_too(self, mode):
        gateway = mode(keys=(Key.of("shop", "id:secret", "sandbox:sandbox"),))
        path, files = "/api/v1/remove-background", {"image": photo()}
        assert gateway.post(path, files=files, auth=("id", "secret")).status_code == 200
        assert gateway.post(path, files=files, auth=("id", "wrong")).json()["error"]["code"] == 1001

    def test_keys_stand_in_no_repr_log_or_answer(self, mode, caplog):
        caplog.set_level(logging.DEBUG)
        gateway = mode(keys=(Key.of("shop", "CANARY-LEGACY", "sandbox:CANARY-SECRET"),))
        reply = gateway.post(PATH, files=upload(), headers={"X-Api-Key": "CANARY-LEGACY"})
        wrong = gateway.post(PATH, files=upload(), headers={"X-Api-Key": "CANARY-WRONG"})
        everything = [
            repr(gateway.app.state.answers.config),
            caplog.text,
            reply.text,
            wrong.text,
            str(dict(wrong.headers)),
        ]
        everything.append(gateway.get("/metrics").text)
        assert not [text for text in everything if "CANARY" in text]
        assert '"key": "shop"' in caplog.text

    def test_elsewhere_than_on_loopback_keys_are_needed(self):
        with pytest.raises(ConfigurationError, match=r"needs \[\[keys\]\]"):
            Config(host="0.0.0.0")
        assert Config(host="0.0.0.0", keys=self.KEYS).keys
        for host in ("127.0.0.1", "::1", "localhost", "127.1.2.3"):
            assert Config(host=host).host == host

    def test_every_key_is_compared_whatever_was_found(self, monkeypatch):
        compared = []
        monkeypatch.setattr("pixian_shim.gateway._config.compare_digest", lambda a, b: compared.append(a) or a == b)
        Config(keys=self.KEYS).key_of("old-key")
        assert len(compared) == 2 * len(self.KEYS)


class TestConfiguration:
    def load(self, tmp_path, text, **changes):
        (tmp_path / "gateway.toml").write_text(text)
        return Config.load(tmp_path / "gateway.toml", **changes)

    def test_a_file(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SHOP", "id:secret")
        digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
        config = self.load(
            tmp_path,
            f"""
            host = "0.0.0.0"
            max_active = 10
            policy = "strict"
            providers = ["removebg"]
            [links]
            store = "{tmp_path}/links"
            seconds = 60
            [[keys]]
            name = "shop"
            legacy = "old"
            pixian_env = "SHOP"
            [[keys]]
            name = "blog"
            legacy_sha256 = "{digest}"
            """,
        )
        assert (config.host, config.max_active, config.policy) == ("0.0.0.0", 10, "strict")
        assert config.links == LinkSettings(f"{tmp_path}/links", 60)
        assert config.key_of("old").pixian == "id:secret"
        assert config.key_of("foo").name == "blog"
        assert config.key_of(None) is None

    def test_options_go_before_the_file(self, tmp_path):
        assert self.load(tmp_path, "port = 1", port=2, host=None).port == 2

    def test_the_environment_names_a_file_where_no_other_way_is_open(self, tmp_path, monkeypatch):
        (tmp_path / "g.toml").write_text("port = 7")
        monkeypatch.setenv("PIXIAN_SHIM_GATEWAY", str(tmp_path / "g.toml"))
        assert Config.load().port == 7

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("prot = 1", "did you mean 'port'"),
            ("x = 1", "has no 'x'"),
            ("port = '1'", "port"),
            ("port = -1", "port"),
            ("max_active = 0", "max_active"),
            ("max_active = 1.5", "max_active"),
            ("max_active = true", "max_active must be a whole number"),
            ("port = true", "port must be a whole number from 0 to 65535"),
            ("port = 70000", "port must be a whole number from 0 to 65535"),
            ("fetch_ports = ['80']", "fetch_ports"),
            ("grace_seconds = inf", "grace_seconds must be a number above 0"),
            ("idle_seconds = nan", "idle_seconds must be a number above 0"),
            ("public_url = 'cutouts.example'", "must be an address such as 'https://cutouts.example'"),
            ("public_url = 'https://x/base?a=1'", "must be an address"),
            ("allow_origins = ['shop.example']", "allow_origins"),
            ("[links]\nseconds = 1e12", "seconds must be a number above 0 and up to 1,000,000,000"),
            ("tls_cert = 'a'\ntls_key = 'b'", "there is no file 'a'"),
            ('[[keys]]\nname = "a\\n"\nlegacy = "x"', "on one line"),
            ("[[keys]]\nname = 'x'\nlegacy = 'a'\n[[keys]]\nname = 'x'\nlegacy = 'b'", "same name"),
            ("allow_private = 'yes'", "allow_private"),
            ("policy = 'loud'", "unknown policy"),
            ("providers = ['remove']", "no adapter is called"),
            ("keys = 3", "unusable"),
            ("[[keys]]\nlegacy = 'x'", "needs a name"),
            ("[[keys]]\nname = 'x'", "either legacy or legacy_sha256"),
            ("[[keys]]\nname = 'x'\nlegacy = ''", "either legacy or legacy_sha256"),
            ("[[keys]]\nname = 'x'\nlegacy = 'a'\nlegacy_sha256 = 'b'", "either legacy or legacy_sha256"),
            ("[[keys]]\nname = 'x'\nlegacy_sha256 = 'b'", "64 hexadecimal"),
            ("[[keys]]\nname = 'x'\nlegacy = 'a'\npixian = 'b'", "id:secret"),
            ("[[keys]]\nname = 'x'\nlegacy = 'a'\npixian_env = 'NOT_THERE'", "variable NOT_THERE"),
            ("[[keys]]\nname = 'x'\nlegacy = 'a'\npixian = 'a:b'\npixian_env = 'B'", "either pixian or"),
            ("[[keys]]\nname = 'x'\nlegacy = 'a'\n[[keys]]\nname = 'y'\nlegacy = 'a'", "same legacy key"),
            ("[[keys]]\nname = 'x'\nlegacy = 3", "must be a text"),
            ("[[keys]]\nname = 'x'\nlegcy = 'a'", "did you mean 'legacy'"),
            ("[links]\nsecond = 3", "did you mean 'seconds'"),
            ("[links]\nseconds = 0", "seconds"),
            ("links = 3", "links"),
            ("tls_cert = 'x'", "both of tls_cert"),
            ("port = ", "cannot be read"),
        ],
    )
    def test_what_cannot_be_is_told(self, tmp_path, text, said):
        with pytest.raises(ConfigurationError, match=said):
            self.load(tmp_path, text)

    @pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, True)])
    def test_a_file_with_secrets_that_others_can_read_is_told(self, tmp_path, caplog, mode, warned):
        path = tmp_path / "gateway.toml"
        path.write_text("[[keys]]\nname = 'x'\nlegacy = 'a'\npixian = 'id:secret'")
        path.chmod(mode)
        Config.load(path)
        assert ("chmod 600" in caplog.text) is warned

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(ConfigurationError, match=r"nothing\.toml cannot be read"):
            Config.load(tmp_path / "nothing.toml")

    def test_an_address_in_use(self, sandbox):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(ConfigurationError, match="cannot listen on"):
                Gateway(Config(port=taken.getsockname()[1])).start()

    def test_two_providers_for_one_path_are_told(self, monkeypatch):
        twin = attrs.evolve(load("removebg"), name="twin")
        monkeypatch.setattr("pixian_shim.gateway._routes.load", lambda name: twin if name == "twin" else load(name))
        with pytest.raises(ConfigurationError, match=r"twin and removebg both answer /v1\.0/removebg"):
            Routes(("removebg", "twin"))


class TestProvidersThatCostNothing:
    @pytest.fixture(autouse=True)
    def _free(self, tmp_path):
        with pytest.MonkeyPatch.context() as patch, installed(tmp_path, patch):
            yield

    def test_are_not_served_unasked(self):
        routes = Routes()
        assert "free" not in [adapter.name for adapter in routes.adapters]
        for host, path in (("free.example", "/free/cut"), ("x", "/free/cut"), ("x", "/free/free/cut")):
            assert routes.find(host, path) is None

    def test_are_served_where_they_are_named(self):
        routes = Routes(["removebg", "free"])
        for host, path in (("free.example", "/free/cut"), ("x", "/free/cut"), ("x", "/free/free/cut")):
            assert routes.find(host, path).adapter.name == "free"

    def test_notes_of_every_operation_are_counted_under_the_names_of_its_rules(self):
        metrics = Metrics([load("free")], lambda: 0)
        record = Record(request_id="1", client="", method="POST", path="/", provider="free")
        record.notes = tuple(Note(name, "1", Verdict.IGNORED, "") for name in ("line", "format", "x" * 50))
        metrics.count(record)
        lines = metrics.text().decode().split("\n")
        found = [line.partition('parameter="')[2].partition('"')[0] for line in lines if "notes_total{" in line]
        assert sorted(found) == ["format", "line", "unknown"]


class TestWatching:
    def test_health(self, gateway):
        assert gateway.get("/healthz").text == "ok\n"
        assert gateway.get("/readyz").text == "ready\n"
        gateway.app.state.answers.stopping = True
        assert (gateway.get("/readyz").status_code, gateway.get("/healthz").status_code) == (503, 200)

    def test_metrics(self, gateway):
        gateway.post(PATH, files=upload(), data={"type": "car", "x" * 50: "1"}, headers=KEY)
        gateway.post(PATH, files=upload(), data={"size": "huge"}, headers=KEY)
        lines = gateway.get("/metrics").text.split("\n")
        assert 'pixian_shim_requests_total{operation="removebg",provider="removebg",status="200"} 1.0' in lines
        assert 'pixian_shim_requests_total{operation="removebg",provider="removebg",status="400"} 1.0' in lines
        assert 'pixian_shim_credits_total{key="",provider="removebg"} 0.12' in lines
        assert 'pixian_shim_notes_total{parameter="type",provider="removebg",verdict="ignored"} 1.0' in lines
        assert 'pixian_shim_notes_total{parameter="unknown",provider="removebg",verdict="ignored"} 1.0' in lines
        assert 'pixian_shim_errors_total{error="TranslationError",provider="removebg"} 1.0' in lines

    def test_the_access_log(self, gateway, caplog):
        caplog.set_level(logging.INFO, "pixian_shim.gateway.access")
        reply = gateway.post(PATH, files=upload(), data={"type": "car"}, headers=KEY)
        line = json.loads(caplog.records[-1].message)
        assert line["request_id"] == reply.headers["x-request-id"]
        assert (line["provider"], line["operation"], line["status"], line["credits"]) == (
            "removebg",
            "removebg",
            200,
            0.12,
        )
        assert line["notes"] == {"image_file": "converted", "type": "ignored"}
        assert line["sent"] == len(reply.content)
        assert line["received"] > len(photo())

    def test_the_log_tells_what_a_failed_call_cost(self, gateway, caplog, sandbox):
        caplog.set_level(logging.INFO, "pixian_shim.gateway.access")
        gateway.post(PATH, files={"image_file": encoded(picture(colour=(255, 255, 255)))}, headers=KEY)
        line = json.loads(caplog.records[-1].message)
        assert (line["status"], line["error"], line["credits"]) == (400, "NoForeground", 0.12)
        assert sandbox.credits == pytest.approx(999.88)

    def test_pages_of_any_origin_may_read_remove_bgs_answers(self, mode):
        gateway = mode(keys=(Key.of("shop", KEY["X-Api-Key"]),))
        origin = {"Origin": "https://shop.example"}
        assert gateway.get("/v1.0/account", headers=KEY | origin).headers["access-control-allow-origin"] == "*"
        assert gateway.get(PATH, headers=origin).headers["access-control-allow-origin"] == "*"
        asked = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
        reply = gateway.request("OPTIONS", PATH, headers=asked)
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (204, "*")
        assert "x-api-key" in reply.headers["access-control-allow-headers"].lower()

    def test_a_provider_that_is_not_known_to_allow_pages_does_not(self, gateway):
        reply = gateway.request("OPTIONS", "/api/v1/remove-background")
        assert "access-control-allow-origin" not in reply.headers

    def test_spans(self, gateway, monkeypatch):
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        exporter, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        monkeypatch.setattr("pixian_shim.gateway._telemetry.tracer", provider.get_tracer("test"))
        parent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        gateway.post(PATH, files=upload(), data={"type": "car"}, headers=KEY | parent)
        (span,) = exporter.get_finished_spans()
        assert span.context.trace_id == 0x0AF7651916CD43DD8448EB211C80319C
        assert span.attributes["pixian_shim.credits"] == 0.12
        assert sorted(span.attributes["pixian_shim.notes"]) == ["image_file=converted", "type=ignored"]
        assert span.attributes["http.response.status_code"] == 200

    def test_without_opentelemetry_nothing_is_missing(self, gateway, monkeypatch):
        monkeypatch.setattr("pixian_shim.gateway._telemetry.tracer", None)
        assert gateway.post(PATH, files=upload(), headers=KEY).status_code == 200


def linking():
    def answer(_call, cutout):
        return HttpResponse(200, {"Content-Type": "application/json"}, json.dumps({"url": cutout.link}).encode())

    return attrs.evolve(load("removebg"), name="linking", answer=answer, answers_with_links=True)


@pytest.fixture
def with_links(monkeypatch):
    monkeypatch.setattr("pixian_shim.gateway._routes.load", lambda _: linking())
    monkeypatch.setattr("pixian_shim.gateway._config.load", lambda _: None)
    return ("linking",)


class TestLinks:
    def test_an_address_in_an_answer_works(self, mode, with_links):
        gateway = mode(providers=with_links)
        link = gateway.post(PATH, files=upload(), headers=KEY).json()["url"]
        assert link.startswith(f"{gateway.url}{LINK_PATH}")
        reply = gateway.get(urlsplit(link).path)
        assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
        assert opened(reply.content).size == (400, 300)
        assert gateway.request("HEAD", urlsplit(link).path).headers["content-type"] == "image/png"
        assert gateway.post(urlsplit(link).path).status_code == 405
        assert gateway.get(f"{LINK_PATH}{'f' * 8}-{'0' * 32}.png").status_code == 404

    def test_the_public_address_stands_in_it(self, mode, with_links):
        gateway = mode(providers=with_links, public_url="https://cutouts.example/")
        link = gateway.post(PATH, files=upload(), headers=KEY).json()["url"]
        assert link.startswith(f"https://cutouts.example{LINK_PATH}")

    @pytest.mark.parametrize("store", ["{}/links", "file://{}/links", "memory://links"])
    def test_several_gateways_serve_each_others(self, mode, with_links, store, tmp_path):
        first, second = (mode(providers=with_links, links=LinkSettings(store.format(tmp_path))) for _ in range(2))
        link = first.post(PATH, files=upload(), headers=KEY).json()["url"]
        assert second.get(urlsplit(link).path).status_code == 200

    def test_a_store_that_fails_loses_nothing(self, mode, with_links, tmp_path):
        gateway = mode(providers=with_links, links=LinkSettings(f"{tmp_path}/links"))
        (tmp_path / "links").rmdir()
        link = gateway.post(PATH, files=upload(), headers=KEY).json()["url"]
        assert gateway.get(urlsplit(link).path).status_code == 200


class TestFetching:
    BACKGROUND = "bg_image_url"

    def ask(self, gateway, url):
        reply = gateway.post(PATH, files=upload(), data={self.BACKGROUND: url}, headers=KEY)
        return reply.status_code, code(reply) if reply.status_code != 200 else None

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "0x7f.1"])
    def test_no_address_that_is_not_public(self, gateway, sandbox, host):
        assert self.ask(gateway, f"http://{host}/")[0] == 400
        assert not sandbox.requests

    @pytest.mark.parametrize("url", ["http://example.com:22/", "https://example.com:8080/", "file:///etc/passwd", "x"])
    def test_no_other_port_or_scheme(self, gateway, url):
        assert self.ask(gateway, url) == (400, "invalid_bg_image_url")

    def test_what_is_allowed_is_fetched(self, mode):
        def background(connection):
            connection.read_request()
            connection.answer(200, photo())

        gateway = mode(allow_private=True, fetch_ports=())
        with SocketServer(background) as server:
            assert self.ask(gateway, server.url) == (200, None)


class TestOverload:
    def test_more_calls_than_are_taken_on_are_told_when_to_come_back(self, wired, sandbox):
        gateway = wired(max_active=2, max_waiting=2)
        sandbox.fault("latency", times=10, seconds=1.0)

        def ask(_number):
            with httpx.Client(base_url=gateway.url, timeout=20) as client:
                return client.post(PATH, files=upload(), headers=KEY)

        with ThreadPoolExecutor(10) as pool:
            replies = list(pool.map(ask, range(10)))
        done = [reply for reply in replies if reply.status_code == 200]
        busy = [reply for reply in replies if reply.status_code == 429]
        assert (len(done), len(busy)) == (4, 6)
        assert code(busy[0]) == "rate_limit_exceeded"
        assert busy[0].headers["retry-after"] == "5"
        assert len(sandbox.requests) == 4

    def test_pixian_is_asked_so_many_at_once(self, wired, sandbox):
        gateway = wired(max_active=3)
        sandbox.fault("latency", times=9, seconds=0.3)
        started = time.monotonic()
        with ThreadPoolExecutor(9) as pool:
            list(pool.map(lambda _: gateway.post(PATH, files=upload(), headers=KEY), range(9)))
        assert time.monotonic() - started > 0.85

    def test_too_long_a_body_is_refused_by_its_announcement(self, mode, sandbox):
        gateway = mode(max_bytes=1000)
        reply = gateway.post(PATH, files={"image_file": b"x" * 5000}, headers=KEY)
        assert (reply.status_code, code(reply)) == (400, "file_too_large")

    def test_too_long_a_body_is_refused_without_one(self, wired):
        gateway = wired(max_bytes=1000)
        request = httpx.Request("POST", "http://x", files={"image_file": b"x" * 500_000})
        given = KEY | {"Content-Type": request.headers["content-type"]}
        reply = gateway.post(PATH, content=iter([request.read()]), headers=given)
        assert (reply.status_code, code(reply)) == (400, "file_too_large")


class TestSlowAndBrokenClients:
    def test_a_head_that_does_not_come(self, wired):
        assert talk(wired(idle_seconds=0.3), b"POST /v1.0").startswith(b"HTTP/1.1 408")

    def test_a_connection_without_a_word(self, wired):
        assert talk(wired(idle_seconds=0.3)).startswith(b"HTTP/1.1 408")

    def test_a_head_that_drips(self, wired):
        started = time.monotonic()
        talk(wired(idle_seconds=0.4), *[b"X"] * 40, pause=0.05)
        assert time.monotonic() - started < 3

    def test_a_head_without_end(self, wired):
        reply = talk(wired(), b"GET / HTTP/1.1\r\n", *[b"X-A: " + b"a" * 8000 + b"\r\n"] * 1000)
        assert reply[:10] in (b"HTTP/1.1 4", b"")  # what is sent meanwhile may be lost

    def test_a_body_that_does_not_come(self, wired, sandbox):
        reply = talk(wired(idle_seconds=0.3), HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        assert reply.startswith(b"HTTP/1.1 400")
        assert b"malformed_body" in reply

    def test_a_refusal_does_not_wait_for_the_rest_of_the_body(self, wired):
        started = time.monotonic()
        reply = talk(wired(), HEAD.replace(b"X-Api-Key: k\r\n", b"") + b"Content-Length: 1000\r\n\r\n{", until=b"}]}")
        assert reply.startswith(b"HTTP/1.1 403")
        assert time.monotonic() - started < 5

    def test_a_part_that_is_not_finished_does_not_vanish(self, wired, sandbox):
        body = b'--b\r\nContent-Disposition: form-data; name="size"\r\n\r\nauto\r\n--b\r\nContent-Disposition: --b--'
        head = HEAD + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert b"it ends too early" in talk(wired(), head, body)

    def test_a_body_that_drips(self, wired):
        head = HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        reply = talk(wired(body_seconds=0.5), head, *[b" "] * 20, pause=0.05)
        assert b"malformed_body" in reply

    @pytest.mark.parametrize(("stall", "pause", "whole"), [(1.5, 0.0, False), (0.0, 0.05, True)])
    def test_an_answer_must_be_taken_but_may_be_taken_slowly(self, wired, stall, pause, whole):
        gateway, size = wired(idle_seconds=0.5), 12 << 20
        path = gateway.app.state.answers.shim.links.keep("", bytes(size), "image/png")
        address = urlsplit(gateway.url)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
            connection.settimeout(10)
            connection.connect((address.hostname, address.port))
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(stall)
            taken = 0
            try:
                while taken < size and (piece := connection.recv(1 << 18)):
                    taken += len(piece)
                    time.sleep(pause)
            except ConnectionResetError:
                pass
        assert (taken >= size) is whole

    def test_a_client_that_leaves_in_the_middle(self, wired, caplog, sandbox):
        caplog.set_level(logging.INFO, "pixian_shim.gateway.access")
        gateway = wired()
        address = urlsplit(gateway.url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(
                HEAD + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b"
            )
            time.sleep(0.2)
        end = time.monotonic() + 5
        while not caplog.records and time.monotonic() < end:
            time.sleep(0.02)
        assert json.loads(caplog.records[-1].message)["error"] == "ClientDisconnect"
        assert gateway.app.state.answers.active == 0
        assert not sandbox.requests

    @pytest.mark.parametrize(
        "head",
        [
            b"Content-Length: x\r\n",
            b"Content-Length: -1\r\n",
            b"Content-Length: 5\r\nContent-Length: 6\r\n",
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: chunked\r\n",
        ],
    )
    def test_lengths_that_cannot_be(self, wired, head):
        reply = talk(wired(idle_seconds=0.5), HEAD + head + b"\r\nhello")
        assert reply[:10] in (b"HTTP/1.1 4", b"")

    def test_garbage(self, wired):
        assert talk(wired(), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20)[:12] in (b"HTTP/1.1 400", b"")

    def test_afterwards_it_still_works(self, wired):
        gateway = wired(idle_seconds=0.2)
        for piece in (b"", b"POST", b"\0" * 100, HEAD + b"Content-Length: 99\r\n\r\n"):
            talk(gateway, piece)
        assert gateway.post(PATH, files=upload(), headers=KEY).status_code == 200


class TestStopping:
    def test_calls_under_way_are_finished(self, sandbox):
        sandbox.fault("latency", seconds=0.8)
        gateway = Gateway(Config(port=0)).start()
        replies = []
        asking = threading.Thread(
            target=lambda: replies.append(httpx.post(f"{gateway.url}{PATH}", files=upload(), headers=KEY, timeout=20))
        )
        asking.start()
        while not sandbox.requests:
            time.sleep(0.01)
        gateway.close()
        asking.join()
        assert replies[0].status_code == 200
        assert opened(replies[0].content).size == (400, 300)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{gateway.url}/healthz")

    def test_it_is_started_once(self, sandbox):
        with Gateway(Config(port=0)) as gateway:
            assert "Gateway('http://127.0.0.1" in repr(gateway)
            with pytest.raises(ConfigurationError, match="already"):
                gateway.start()

    def test_before_it_serves_it_has_no_address(self):
        with pytest.raises(ConfigurationError, match="does not serve yet"):
            _ = Gateway(Config(port=0)).url
