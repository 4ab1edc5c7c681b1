"""Clients as people have them, unmodified: npm packages, curl, Node, other languages; and the command they are led to."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

import attrs
import httpx
import pytest
import trustme

from gateway_calls import PATH, code, upload
from legacy_npm import folder
from legacy_packages import ROOT, Unavailable
from pictures import encoded, opened, photo, picture, subject_box
from pixian_shim.gateway import Config, Gateway
from socket_server import SocketServer

HOST = "api.remove.bg"
SUBJECT = (100, 80, 200, 220)
LEGACY = "CANARY-legacy-key"
TO_GATEWAY = Path(__file__).with_name("to_gateway.cjs")
ACCOUNT = ("PIXIAN_BASE_URL", "PIXIAN_API_ID", "PIXIAN_API_SECRET")
SECONDS = 40
"""For a client or a server process to come to its end; they take about one."""


@pytest.fixture(scope="module")
def pixian(upstream):
    """A sandbox that gateways of this module find in the environment."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in zip(ACCOUNT, (upstream.url, "sandbox", "sandbox"), strict=True):
            environment.setenv(name, value)
        yield upstream


@pytest.fixture(autouse=True)
def _fresh(pixian):
    pixian.reset()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Files of a certificate for the provider's host, from an authority of its own: ca.pem, cert.pem and key.pem."""
    place = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert(HOST, "127.0.0.1")
    authority.cert_pem.write_to_path(place / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(place / "cert.pem")
    issued.private_key_pem.write_to_path(place / "key.pem")
    return place


@pytest.fixture(scope="module")
def plain(pixian):
    """A gateway by its own address."""
    with Gateway(Config(port=0)) as gateway:
        yield gateway


def over_tls(certificate, **settings):
    return Gateway(Config(port=0, tls_cert=certificate / "cert.pem", tls_key=certificate / "key.pem", **settings))


@pytest.fixture(scope="module")
def secure(pixian, certificate):
    """A gateway that stands for the provider's host."""
    with over_tls(certificate) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def lenient(pixian, certificate):
    """Likewise, and addresses on this machine are fetched."""
    with over_tls(certificate, allow_private=True, fetch_ports=()) as gateway:
        yield gateway


@pytest.fixture
def pictures():
    """The address of the standard picture."""

    def answer(connection):
        connection.read_request()
        connection.answer(200, photo(), {"Content-Type": "image/png", "Connection": "close"})

    with SocketServer(answer) as server:
        yield f"{server.url}/photo.png"


@pytest.fixture
def place(tmp_path):
    """A folder with the standard picture."""
    (tmp_path / "photo.jpg").write_bytes(photo("JPEG"))
    (tmp_path / "photo.png").write_bytes(photo())
    (tmp_path / "photo.b64").write_bytes(base64.b64encode(photo()))
    return tmp_path


def port(gateway):
    return urlsplit(gateway.url).port


def tool(name):
    """Find a program, or skip."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} on this machine")
    return found


def ran(command, place, given="", **environment):
    """Run a client to its end, with nothing of this terminal's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    environment = kept | {"HOME": str(place)} | environment
    return subprocess.run(
        command, cwd=place, env=environment, input=given, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
    )  # fmt: skip


def is_cut_out(content):
    """Tell whether it is the standard picture without its background."""
    image = opened(content)
    box = subject_box(image)
    return image.size == (400, 300) and max(abs(a - b) for a, b in zip(box, SUBJECT, strict=True)) <= 2


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
    return found


class Program:
    """Programs for Node, whose last line is what they found out, as JSON."""

    def __init__(self, place, certificate, **environment):
        self.node, self.place = tool("node"), place
        self.environment = {"NODE_EXTRA_CA_CERTS": str(certificate / "ca.pem")} | environment

    def run(self, text, *options, **environment):
        (self.place / "program.cjs").write_text(dedent(text), "utf-8")
        command = [self.node, *options, "program.cjs"]
        return ran(command, self.place, **(self.environment | environment))

    def told(self, text, *options, **environment):
        done = self.run(text, *options, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def removebg_package():
    try:
        return folder("remove.bg")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def wrapper_package():
    try:
        return folder("removebg-wrapper")
    except Unavailable as reason:
        pytest.skip(str(reason))


SOURCES = {
    "file": 'removebg.removeBackgroundFromImageFile({path: "photo.png", ...options})',
    "base64": 'removebg.removeBackgroundFromImageBase64({base64img: fs.readFileSync("photo.b64", "utf8"), ...options})',
    "url": "removebg.removeBackgroundFromImageUrl({url: process.env.PICTURE, ...options})",
}
"""Calls of the npm package ``remove.bg``."""


class TestPackageRemoveBg:
    """npm's ``remove.bg``."""

    @pytest.fixture
    def asked(self, place, certificate, removebg_package, secure, pictures):
        """Call the package, and give what the promise was fulfilled with or rejected with."""
        program = Program(place, certificate, NODE_PATH=str(removebg_package), PICTURE=pictures)

        def ask(source="file", gateway=secure, **options):
            text = f"""
                const fs = require("fs");
                const removebg = require("remove.bg");
                const options = {json.dumps({"apiKey": LEGACY} | options)};
                {SOURCES[source]}.then(
                    fulfilled => console.log(JSON.stringify({{fulfilled}})),
                    rejected => console.log(JSON.stringify({{rejected, isError: rejected instanceof Error}})));
            """
            return program.told(text, "--require", str(TO_GATEWAY), GATEWAY_PORT=str(port(gateway)))

        return ask

    @pytest.mark.parametrize("source", SOURCES)
    def test_its_promise_is_fulfilled_and_its_file_written(self, asked, place, pixian, source):
        result = asked(source, outputFile="no-bg.png")["fulfilled"]
        written = (place / "no-bg.png").read_bytes()
        assert is_cut_out(written)
        assert base64.b64decode(result.pop("base64img")) == written
        assert float(result.pop("creditsCharged")) == pytest.approx(1000 - pixian.credits)
        assert time.time() - 3600 < int(result.pop("rateLimitReset")) <= time.time() + 60
        assert result == {
            "detectedType": "other",
            "resultWidth": "400",
            "resultHeight": "300",
            "rateLimit": "500",
            "rateLimitRemaining": "500",
        }

    @pytest.mark.parametrize("source", SOURCES)
    def test_its_options_are_carried_out(self, asked, source, lenient):
        told = asked(source, lenient, size="full", crop=True, crop_margin="10px", channels="alpha")
        result = told["fulfilled"]
        assert (result["resultWidth"], result["resultHeight"]) == ("120", "160")
        assert opened(base64.b64decode(result["base64img"])).mode == "L"

    def test_its_default_is_a_preview(self, asked, place):
        (place / "photo.png").write_bytes(encoded(picture((1250, 800), (300, 200, 700, 600))))
        result = asked()["fulfilled"]
        assert (result["resultWidth"], result["resultHeight"]) == ("625", "400")

    def test_its_background_is_fetched(self, asked, lenient, pictures):
        result = asked(gateway=lenient, bg_image_url=pictures)["fulfilled"]
        corner = opened(base64.b64decode(result["base64img"])).convert("RGBA").getpixel((2, 2))
        assert corner[3] == 255

    def test_an_address_of_this_machine_is_not_fetched(self, asked, pictures, pixian):
        (error,) = asked(bg_image_url=pictures)["rejected"]
        assert error["code"] in ("invalid_bg_image_url", "failed_bg_download")
        assert not pixian.requests

    @pytest.mark.parametrize("source", ["file", "base64"])
    def test_its_promise_is_rejected_with_the_list_of_errors(self, asked, pixian, source):
        told = asked(source, size="huge")
        assert [error["code"] for error in told["rejected"]] == ["invalid_size"]
        assert told["rejected"][0]["title"]
        assert not told["isError"]
        assert not pixian.requests

    def test_without_a_key_likewise(self, asked, pixian):
        (error,) = asked(apiKey="")["rejected"]
        assert (error["code"], error["title"]) == ("auth_failed", "Missing API Key")
        assert not pixian.requests

    def test_pixians_errors_too(self, asked, pixian):
        pixian.fault("no_credits")
        (error,) = asked()["rejected"]
        assert (error["code"], error["title"]) == ("insufficient_credits", "Insufficient credits")

    def test_its_key_goes_nowhere(self, asked, certificate, monkeypatch):
        def refuse(connection):
            connection.read_request()
            connection.answer_error(402, 1011, "No credits")

        with SocketServer(refuse) as double:
            monkeypatch.setenv("PIXIAN_BASE_URL", double.url)
            with over_tls(certificate) as gateway:
                asked(gateway=gateway)
        (request,) = double.received
        assert request.headers["authorization"] == f"Basic {base64.b64encode(b'sandbox:sandbox').decode()}"
        assert LEGACY not in repr(request)


class TestPackageRemovebgWrapper:
    """npm's ``removebg-wrapper``."""

    @pytest.fixture
    def run(self, place, certificate, wrapper_package, secure, pictures):
        program = Program(place, certificate, NODE_PATH=str(wrapper_package), PICTURE=pictures)

        def run(call):
            text = f'const {{rbFromImageFile, rbFromImageUrl}} = require("removebg-wrapper");\n{call};'
            return program.run(text, "--require", str(TO_GATEWAY), GATEWAY_PORT=str(port(secure)))

        return run

    @pytest.mark.parametrize(
        ("call", "written"),
        [
            (f'rbFromImageFile("photo.png", "{LEGACY}")', "output.png"),
            (f'rbFromImageUrl(process.env.PICTURE, "{LEGACY}")', "output-2.png"),
        ],
        ids=["file", "url"],
    )
    def test_its_file_is_written(self, run, place, call, written):
        done = run(call)
        assert (done.returncode, done.stderr) == (0, "")
        assert is_cut_out((place / written).read_bytes())

    def test_an_error_is_printed_and_no_file_written(self, run, place):
        done = run('rbFromImageFile("photo.png", "")')
        status, _, body = done.stderr.removeprefix("Error: ").partition(" ")
        assert status == "403"
        assert json.loads(body)["errors"][0]["code"] == "auth_failed"
        assert not (place / "output.png").exists()


@attrs.frozen
class Curled:
    """What came of a call of curl."""

    exit_code: int
    told: dict
    """What it says of the transfer, for ``--write-out``."""
    log: str
    body: bytes | None
    """The file ``no-bg.png``."""


@pytest.fixture
def curl(place):
    """Run curl in a folder with the standard picture; what comes is written to no-bg.png."""
    program = tool("curl")
    version = ran([program, "-q", "--version"], place).stdout.split()[1]
    if tuple(map(int, version.split(".")[:2])) < (7, 76):
        pytest.skip(f"curl {version} is too old to tell what is asked of it")
    out = place / "no-bg.png"

    def run(*arguments, key=LEGACY, given=""):
        slot = ["-H", f"X-API-Key: {key}"] if key else []
        options = ["-q", "-sS", "--max-time", str(SECONDS - 10), "-w", "%{stderr}\n%{json}", "-o", out.name]
        command = [program, *options, *slot, *map(str, arguments)]
        done = ran(command, place, given)
        log, _, told = done.stderr.rpartition("\n")
        return Curled(done.returncode, json.loads(told), log, out.read_bytes() if out.exists() else None)

    return run


AS_DOCUMENTED = ("-F", "image_file=@photo.jpg", "-F", "size=auto", "-f")


class TestCurl:
    def test_as_the_provider_documents_it(self, curl, plain):
        done = curl(*AS_DOCUMENTED, f"{plain.url}{PATH}")
        assert (done.exit_code, done.told["http_code"], done.told["content_type"]) == (0, 200, "image/png")
        assert is_cut_out(done.body)

    def test_without_a_change_where_the_host_leads_here(self, curl, secure, certificate):
        lead = ("--connect-to", f"{HOST}:443:127.0.0.1:{port(secure)}", "--cacert", certificate / "ca.pem")
        done = curl(*lead, *AS_DOCUMENTED, f"https://{HOST}{PATH}")
        assert (done.exit_code, done.log) == (0, "")
        assert is_cut_out(done.body)

    def test_by_the_hosts_name_and_another_port(self, curl, secure, certificate):
        lead = ("--resolve", f"{HOST}:{port(secure)}:127.0.0.1", "--cacert", certificate / "ca.pem")
        done = curl(*lead, *AS_DOCUMENTED, f"https://{HOST}:{port(secure)}{PATH}")
        assert (done.exit_code, done.log) == (0, "")
        assert is_cut_out(done.body)

    def test_an_error_ends_it_with_22_and_without_a_file(self, curl, plain):
        done = curl(*AS_DOCUMENTED, f"{plain.url}{PATH}", key=None)
        assert (done.exit_code, done.told["http_code"], done.body) == (22, 403, None)

    def test_an_error_can_be_kept(self, curl, plain):
        done = curl(*AS_DOCUMENTED[:-1], "--fail-with-body", f"{plain.url}{PATH}", key=None)
        assert (done.exit_code, done.told["content_type"]) == (22, "application/json; charset=utf-8")
        assert json.loads(done.body)["errors"][0]["code"] == "auth_failed"

    def test_an_urlencoded_form(self, curl, plain):
        done = curl("--data-urlencode", "image_file_b64@photo.b64", "-d", "size=full", f"{plain.url}{PATH}")
        assert is_cut_out(done.body)

    def test_json_in_and_out(self, curl, plain, place):
        body = {"image_file_b64": (place / "photo.b64").read_text(), "crop": True}
        (place / "body.json").write_text(json.dumps(body))
        heads = ("-H", "Content-Type: application/json", "-H", "Accept: application/json")
        done = curl(*heads, "--data-binary", "@body.json", f"{plain.url}{PATH}")
        data = json.loads(done.body)["data"]
        assert opened(base64.b64decode(data.pop("result_b64"))).size == (100, 140)
        assert list(data) == ["foreground_top", "foreground_left", "foreground_width", "foreground_height"]

    def test_an_address(self, curl, plain, pictures):
        assert is_cut_out(curl("-F", f"image_url={pictures}", "-F", "size=auto", f"{plain.url}{PATH}").body)

    def test_pixians_version_1(self, curl, plain):
        url = f"{plain.url}/api/v1/remove-background"
        assert is_cut_out(curl("-u", "sandbox:sandbox", "-F", "image=@photo.jpg", "-f", url, key=None).body)

    def test_the_account(self, curl, plain):
        done = curl(f"{plain.url}/v1.0/account")
        assert json.loads(done.body)["data"]["attributes"]["credits"]["total"] == 1000


class TestCurlsTransfers:
    @pytest.fixture
    def large(self, place):
        (place / "large.bmp").write_bytes(photo("BMP", size=(1200, 900)))
        return "image_file=@large.bmp"

    def test_a_large_upload_is_told_to_continue(self, curl, plain, large):
        done = curl("-v", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "-F", large, f"{plain.url}{PATH}")
        assert "< HTTP/1.1 100" in done.log
        assert (done.told["http_code"], done.told["size_upload"] > 3_000_000) == (200, True)
        assert done.told["time_total"] < 15

    def test_what_is_refused_before_need_not_be_uploaded(self, curl, plain, large):
        wait = ("-H", "Expect: 100-continue", "--expect100-timeout", "20")
        done = curl("-v", *wait, "-F", large, f"{plain.url}{PATH}", key=None)
        assert "< HTTP/1.1 100" not in done.log
        assert (done.told["http_code"], done.told["size_upload"]) == (403, 0)
        assert done.told["time_total"] < 15

    def test_too_long_an_upload_that_does_not_wait_gets_its_answer(self, curl, pixian, place):
        (place / "long").write_bytes(bytes(8 << 20))
        with Gateway(Config(port=0, max_bytes=1000)) as gateway:
            done = curl("-H", "Expect:", "-F", "image_file=@long", f"{gateway.url}{PATH}")
        assert (done.exit_code, done.told["http_code"]) == (0, 400)
        assert json.loads(done.body)["errors"][0]["code"] == "file_too_large"

    def test_a_body_in_chunks(self, curl, plain, large):
        done = curl("-v", "-H", "Transfer-Encoding: chunked", "-F", large, f"{plain.url}{PATH}")
        assert "> Transfer-Encoding: chunked" in done.log
        assert "> Content-Length" not in done.log
        assert opened(done.body).size == (577, 433)

    def test_a_body_whose_length_nobody_knows(self, curl, plain, place):
        body = json.dumps({"image_file_b64": (place / "photo.b64").read_text()})
        heads = ("-H", "Content-Type: application/json")
        done = curl("-v", "-X", "POST", *heads, "-T", "-", f"{plain.url}{PATH}", given=body)
        assert "> Transfer-Encoding: chunked" in done.log
        assert is_cut_out(done.body)

    def test_http_1_0(self, curl, plain):
        done = curl("-v", "-0", *AS_DOCUMENTED, f"{plain.url}{PATH}")
        assert "HTTP/1.0" in done.log
        assert "< connection: close" in done.log.lower()
        assert is_cut_out(done.body)

    @pytest.mark.parametrize("arguments", [("--http2",), ("--http2", "-H", "Expect:")])
    def test_the_offer_of_http_2_is_passed_over(self, curl, plain, arguments):
        done = curl(*arguments, *AS_DOCUMENTED, f"{plain.url}{PATH}")
        assert (done.exit_code, done.told["http_version"]) == (0, "1.1")
        assert is_cut_out(done.body)

    def test_over_tls_too(self, curl, secure, certificate):
        done = curl("--http2", "--cacert", certificate / "ca.pem", *AS_DOCUMENTED, f"{secure.url}{PATH}")
        assert (done.exit_code, done.told["http_version"]) == (0, "1.1")
        assert is_cut_out(done.body)

    def test_a_connection_is_kept_for_the_next_call(self, curl, plain):
        call = (*AS_DOCUMENTED[:-1], "-H", f"X-API-Key: {LEGACY}", f"{plain.url}{PATH}")
        done = curl(*call, "--next", "-sS", "-w", "%{stderr}\n%{json}", "-o", "no-bg.png", *call)
        assert (done.told["http_code"], done.told["num_connects"]) == (200, 0)
        assert is_cut_out(done.body)


class TestCurlsOtherMethods:
    def test_the_head_of_a_kept_result(self, curl, plain):
        content = photo()
        path = plain.app.state.answers.shim.links.keep("", content, "image/png")
        done = curl("-I", f"{plain.url}{path}")
        assert (done.exit_code, done.told["http_code"]) == (0, 200)
        assert f"content-length: {len(content)}" in done.body.decode().lower()

    def test_a_kept_result(self, curl, plain):
        path = plain.app.state.answers.shim.links.keep("", photo(), "image/png")
        assert curl("-f", f"{plain.url}{path}").body == photo()

    def test_a_head_where_there_is_none(self, curl, plain):
        done = curl("-I", f"{plain.url}{PATH}")
        assert (done.exit_code, done.told["http_code"]) == (0, 405)

    PREFLIGHT = ("-i", "-X", "OPTIONS", "-H", "Access-Control-Request-Method: POST",
                 "-H", "Access-Control-Request-Headers: content-type,x-api-key")  # fmt: skip

    def test_a_page_of_this_machine_may_call(self, curl, plain):
        done = curl(*self.PREFLIGHT, "-H", "Origin: http://localhost:3000", f"{plain.url}{PATH}", key=None)
        heads = dict(re.findall(r"(?m)^([\w-]+): (.*)\r$", done.body.decode().lower()))
        assert done.told["http_code"] == 204
        assert heads["access-control-allow-origin"] == "*"
        assert "x-api-key" in heads["access-control-allow-headers"]
        assert "post" in heads["access-control-allow-methods"]

    def test_a_page_of_elsewhere_may_not(self, curl, plain):
        done = curl(*self.PREFLIGHT, "-H", "Origin: https://elsewhere.example", f"{plain.url}{PATH}", key=None)
        assert done.told["http_code"] == 403

    @pytest.mark.parametrize(("path", "said"), [("/v9/nothing", "Nothing is served"), ("/v1.0/nothing", "not_found")])
    def test_an_unknown_path(self, curl, plain, path, said):
        done = curl("-F", "image_file=@photo.jpg", f"{plain.url}{path}")
        assert (done.exit_code, done.told["http_code"]) == (0, 404)
        assert said in done.body.decode()


class TestNode:
    """Node's own means, without any package."""

    @pytest.fixture
    def program(self, place, certificate, plain):
        return Program(place, certificate, GATEWAY=plain.url, KEY=LEGACY)

    @pytest.fixture
    def fetched(self, program):
        """Give what some lines of a program return, which find the form and the headers of a call."""

        def run(lines, *options, **environment):
            text = """
                const fs = require("fs");
                const url = `${process.env.GATEWAY}/v1.0/removebg`;
                const headers = {"X-Api-Key": process.env.KEY};
                const form = new FormData();
                form.set("image_file", new Blob([fs.readFileSync("photo.png")]), "photo.png");
                async function main() {
            """
            end = "\n} main().then(told => console.log(JSON.stringify(told)));"
            return program.told(text + dedent(lines) + end, *options, **environment)

        return run

    def test_fetch_with_form_data(self, fetched, place):
        told = fetched("""
            form.set("size", "auto");
            const reply = await fetch(url, {method: "POST", headers, body: form});
            fs.writeFileSync("no-bg.png", Buffer.from(await reply.arrayBuffer()));
            return [reply.status, reply.headers.get("content-type"), reply.headers.get("x-width")];
            """)
        assert told == [200, "image/png", "400"]
        assert is_cut_out((place / "no-bg.png").read_bytes())

    def test_fetch_with_every_unset_option_as_an_empty_text(self, fetched):
        told = fetched("""
            const unset = ["type", "format", "channels", "bg_color", "bg_image_url", "roi", "crop", "crop_margin",
                           "scale", "position", "add_shadow", "semitransparency", "image_url", "image_file_b64"];
            unset.forEach(name => form.set(name, ""));
            const reply = await fetch(url, {method: "POST", headers, body: form});
            return [reply.status, reply.ok ? "" : await reply.text()];
            """)
        assert told == [200, ""]

    def test_fetch_with_json(self, fetched):
        told = fetched("""
            const body = JSON.stringify({image_file_b64: fs.readFileSync("photo.b64", "utf8"), size: "full"});
            const more = {"Content-Type": "application/json", Accept: "application/json"};
            const reply = await fetch(url, {method: "POST", headers: {...headers, ...more}, body});
            return (await reply.json()).data;
            """)
        assert is_cut_out(base64.b64decode(told["result_b64"]))

    def test_fetch_with_a_stream(self, fetched, place):
        (place / "photo.json").write_text(json.dumps({"image_file_b64": (place / "photo.b64").read_text()}))
        told = fetched("""
            const body = require("stream").Readable.toWeb(fs.createReadStream("photo.json", {highWaterMark: 500}));
            const more = {"Content-Type": "application/json"};
            const reply = await fetch(url, {method: "POST", headers: {...headers, ...more}, body, duplex: "half"});
            return [reply.status, Buffer.from(await reply.arrayBuffer()).toString("base64")];
            """)
        assert told[0] == 200
        assert is_cut_out(base64.b64decode(told[1]))

    def test_fetch_several_times_at_once(self, fetched):
        told = fetched("""
            const calls = Array.from({length: 6}, () => fetch(url, {method: "POST", headers, body: form}));
            const replies = await Promise.all(calls);
            await Promise.all(replies.map(reply => reply.arrayBuffer()));
            return replies.map(reply => reply.status);
            """)
        assert told == [200] * 6

    def test_fetch_is_told_of_errors_in_json(self, fetched):
        told = fetched("""
            form.set("size", "huge");
            const reply = await fetch(url, {method: "POST", headers, body: form});
            return [reply.status, (await reply.json()).errors[0].code];
            """)
        assert told == [400, "invalid_size"]

    def test_fetch_of_the_providers_own_address(self, fetched, secure):
        told = fetched(
            """
            const reply = await fetch("https://api.remove.bg/v1.0/removebg", {method: "POST", headers, body: form});
            return [reply.status, Buffer.from(await reply.arrayBuffer()).toString("base64")];
            """,
            "--require",
            str(TO_GATEWAY),
            GATEWAY_PORT=str(port(secure)),
        )
        assert told[0] == 200
        assert is_cut_out(base64.b64decode(told[1]))

    BY_HAND = """
        const fs = require("fs");
        const boundary = "----by-hand";
        const body = Buffer.concat([
            Buffer.from(`--${boundary}\\r\\nContent-Disposition: form-data; name="size"\\r\\n\\r\\nauto\\r\\n` +
                `--${boundary}\\r\\nContent-Disposition: form-data; name="image_file"; filename="photo.png"\\r\\n` +
                "Content-Type: image/png\\r\\n\\r\\n"),
            fs.readFileSync("photo.png"),
            Buffer.from(`\\r\\n--${boundary}--\\r\\n`),
        ]);
        const url = new URL(`${process.env.GATEWAY}/v1.0/removebg`);
        const headers = {"X-Api-Key": process.env.KEY, "Content-Type": `multipart/form-data; boundary=${boundary}`};
        if (process.env.LENGTH) headers["Content-Length"] = body.length;
        const request = require(url.protocol.slice(0, -1)).request(url, {method: "POST", headers}, reply => {
            const pieces = [];
            reply.on("data", piece => pieces.push(piece));
            reply.on("end", () => console.log(
                JSON.stringify([reply.statusCode, Buffer.concat(pieces).toString("base64")])));
        });
        request.write(body.subarray(0, 100));
        request.end(body.subarray(100));
    """

    @pytest.mark.parametrize("length", ["", "1"], ids=["in chunks", "with its length"])
    @pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
    def test_a_multipart_body_written_by_hand(self, program, plain, secure, tls, length):
        status, body = program.told(self.BY_HAND, GATEWAY=(secure if tls else plain).url, LENGTH=length)
        assert status == 200
        assert is_cut_out(base64.b64decode(body))


PROGRAMS = {
    "perl": (
        ["program.pl"],
        r"""
        use strict; use warnings; use HTTP::Tiny;
        sub slurp { open(my $in, "<:raw", $_[0]) or die; local $/; return scalar <$in> }
        my $boundary = "by-perl";
        my $body = "--$boundary\r\nContent-Disposition: form-data; name=\"size\"\r\n\r\nauto\r\n"
            . "--$boundary\r\nContent-Disposition: form-data; name=\"image_file\"; filename=\"photo.jpg\"\r\n"
            . "Content-Type: image/jpeg\r\n\r\n" . slurp("photo.jpg") . "\r\n--$boundary--\r\n";
        my $reply = HTTP::Tiny->new->post("$ENV{GATEWAY}/v1.0/removebg", { content => $body, headers => {
            "X-Api-Key" => $ENV{KEY}, "Content-Type" => "multipart/form-data; boundary=$boundary" } });
        die "$reply->{status} $reply->{content}" unless $reply->{success};
        open(my $out, ">:raw", "no-bg.png") or die;
        print $out $reply->{content};
        """,
    ),
    "php": (
        ["program.php"],
        r"""
        <?php
        $boundary = "by-php";
        $body = "--$boundary\r\nContent-Disposition: form-data; name=\"size\"\r\n\r\nauto\r\n"
            . "--$boundary\r\nContent-Disposition: form-data; name=\"image_file\"; filename=\"photo.jpg\"\r\n"
            . "Content-Type: image/jpeg\r\n\r\n" . file_get_contents("photo.jpg") . "\r\n--$boundary--\r\n";
        $key = getenv("KEY");
        $result = file_get_contents(getenv("GATEWAY") . "/v1.0/removebg", false, stream_context_create(["http" => [
            "method" => "POST", "content" => $body,
            "header" => "X-Api-Key: $key\r\nContent-Type: multipart/form-data; boundary=$boundary"]]));
        exit($result !== false && file_put_contents("no-bg.png", $result) ? 0 : 1);
        """,
    ),
    "ruby": (
        ["program.rb"],
        r"""
        require "net/http"
        url = URI("#{ENV.fetch("GATEWAY")}/v1.0/removebg")
        request = Net::HTTP::Post.new(url, "X-Api-Key" => ENV.fetch("KEY"))
        request.set_form([["image_file", File.open("photo.jpg", "rb")], ["size", "auto"]], "multipart/form-data")
        reply = Net::HTTP.start(url.host, url.port) { |http| http.request(request) }
        abort "#{reply.code} #{reply.body}" unless reply.is_a?(Net::HTTPOK)
        File.binwrite("no-bg.png", reply.body)
        """,
    ),
    "go": (
        ["run", "program.go"],
        r"""
        package main

        import (
            "bytes"
            "io"
            "mime/multipart"
            "net/http"
            "os"
        )

        func must(err error) {
            if err != nil {
                panic(err)
            }
        }

        func main() {
            photo, err := os.ReadFile("photo.jpg")
            must(err)
            var body bytes.Buffer
            form := multipart.NewWriter(&body)
            part, err := form.CreateFormFile("image_file", "photo.jpg")
            must(err)
            part.Write(photo)
            must(form.WriteField("size", "auto"))
            must(form.Close())
            request, err := http.NewRequest("POST", os.Getenv("GATEWAY")+"/v1.0/removebg", &body)
            must(err)
            request.Header.Set("X-Api-Key", os.Getenv("KEY"))
            request.Header.Set("Content-Type", form.FormDataContentType())
            reply, err := http.DefaultClient.Do(request)
            must(err)
            defer reply.Body.Close()
            result, err := io.ReadAll(reply.Body)
            must(err)
            if reply.StatusCode != 200 {
                panic(reply.Status + string(result))
            }
            must(os.WriteFile("no-bg.png", result, 0o644))
        }
        """,
    ),
}
"""For each language its command's arguments, and a program as its standard library has it."""


class TestOtherLanguages:
    @pytest.fixture
    def run(self, place, plain):
        def run(language, arguments, text):
            (place / arguments[-1]).write_text(dedent(text).lstrip(), "utf-8")
            more = {"GOCACHE": str(ROOT / "go"), "GOTOOLCHAIN": "local"}
            return ran([tool(language), *arguments], place, GATEWAY=plain.url, KEY=LEGACY, **more)

        return run

    @pytest.mark.parametrize("language", PROGRAMS)
    def test_a_program_in_its_standard_way(self, run, place, language):
        done = run(language, *PROGRAMS[language])
        assert done.returncode == 0, done.stderr
        assert is_cut_out((place / "no-bg.png").read_bytes())

    def test_perl_with_an_urlencoded_form(self, run):
        text = r"""
            use strict; use warnings; use HTTP::Tiny;
            open(my $in, "<", "photo.b64") or die;
            my $reply = HTTP::Tiny->new(default_headers => { "X-Api-Key" => $ENV{KEY} })
                ->post_form("$ENV{GATEWAY}/v1.0/removebg", { image_file_b64 => scalar <$in>, size => "full" });
            print "$reply->{status} $reply->{headers}{'x-width'} $reply->{headers}{'content-type'}";
        """
        assert run("perl", ["program.pl"], text).stdout == "200 400 image/png"

    def test_perl_with_a_body_in_chunks(self, run):
        text = r"""
            use strict; use warnings; use HTTP::Tiny;
            open(my $in, "<", "photo.b64") or die;
            my @pieces = ('{"image_file_b64": "', (map { substr($_, 0) } unpack("(a300)*", scalar <$in>)), '"}');
            my $reply = HTTP::Tiny->new->post("$ENV{GATEWAY}/v1.0/removebg", { content => sub { shift @pieces },
                headers => { "X-Api-Key" => $ENV{KEY}, "Content-Type" => "application/json" } });
            print "$reply->{status} $reply->{headers}{'x-width'} $reply->{headers}{'content-type'}";
        """
        assert run("perl", ["program.pl"], text).stdout == "200 400 image/png"

    def test_perl_on_a_bare_socket_with_http_1_0(self, run, plain):
        text = r"""
            use strict; use warnings; use IO::Socket::INET;
            my ($host, $port) = $ENV{GATEWAY} =~ m{//([^:]+):(\d+)};
            my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 20) or die;
            print $socket "GET /v1.0/account HTTP/1.0\r\nX-Api-Key: $ENV{KEY}\r\n\r\n";
            local $/; print scalar <$socket>;
        """
        done = run("perl", ["program.pl"], text)
        assert re.match(r"HTTP/1.[01] 200 ", done.stdout), done.stderr
        assert '"total":1000' in done.stdout


GATEWAY = (sys.executable, "-m", "pixian_shim.cli", "gateway")


class Served:
    """A server process, and what it wrote."""

    def __init__(self, process, place):
        self.process, self.name, self._place = process, "", place
        self.url = ""

    @property
    def out(self):
        return (self._place / "stdout").read_text("utf-8")

    @property
    def err(self):
        return (self._place / "stderr").read_text("utf-8")

    @property
    def lines(self):
        """The access log, as far as its lines are complete."""
        return [json.loads(line) for line in self.out.splitlines(keepends=True)[1:] if line.endswith("\n")]

    def announced(self):
        """Wait for the line that tells the address."""
        line = until(lambda: self.process.poll() is not None or re.match(r"(.*)\n", self.out))
        assert line is not True, self.err
        self.url = re.fullmatch(r"pixian-shim gateway: (http\S+) \(.*\)", line[1])[1]
        return self

    def answering(self, url):
        """Wait for a server that announces nothing."""
        self.url = url
        until(lambda: self.process.poll() is not None or self.is_ready())
        assert self.process.poll() is None, self.err
        return self

    def is_ready(self):
        with suppress(httpx.TransportError):
            return self.get("/readyz") == "ready\n"

    def listens(self):
        address = urlsplit(self.url)
        try:
            socket.create_connection((address.hostname, address.port), timeout=5).close()
        except ConnectionError:
            return False
        return True

    def get(self, path):
        return httpx.get(self.url + path, trust_env=False, timeout=SECONDS).text

    def post(self, key="legacy", path=PATH, **options):
        options = {"files": upload(), "headers": {"X-Api-Key": key}} | options
        return httpx.post(self.url + path, trust_env=False, timeout=SECONDS, **options)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def leaves_nothing(self):
        """Tell whether none of its processes is there any more."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False


def environment(place, **more):
    """Give a server's environment: no settings of this terminal's, and the sandbox's account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIXIAN_") or name in ACCOUNT}
    return kept | {"HOME": str(place), "XDG_CONFIG_HOME": str(place)} | more


@contextmanager
def serving(command, place, **more):
    """Run a server in a group of its own, which ends with the block."""
    with (place / "stdout").open("wb") as out, (place / "stderr").open("wb") as err:
        process = subprocess.Popen(
            command, cwd=place, env=environment(place, **more), stdout=out, stderr=err, start_new_session=True
        )
    try:
        yield Served(process, place)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)


SHOP = f"""
[[keys]]
name = "shop"
legacy = "{LEGACY}"
pixian_env = "SHOP_PIXIAN"
"""
signals = pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups as POSIX has them")


@pytest.fixture(scope="module")
def shop(pixian, tmp_path_factory):
    """A gateway with a key, as a process."""
    place = tmp_path_factory.mktemp("shop")
    (place / "gateway.toml").write_text(SHOP)
    command = [*GATEWAY, "--port", "0", "--config", "gateway.toml"]
    with serving(command, place, SHOP_PIXIAN="sandbox:sandbox") as served:
        yield served.announced()


@signals
class TestTheCommand:
    """``pixian-shim gateway`` as a process."""

    def test_a_call_works(self, shop):
        reply = shop.post(LEGACY)
        assert reply.status_code == 200
        assert is_cut_out(reply.content)

    def test_its_log_has_one_line_for_each_call(self, shop):
        replies = [shop.post(LEGACY), shop.post("wrong"), shop.post(LEGACY, "/v1.0/nothing"), shop.post(path="/")]
        ids = [reply.headers["x-request-id"] for reply in replies]
        until(lambda: any(line["request_id"] == ids[-1] for line in shop.lines))
        told = [
            (line["request_id"], line["status"], line.get("key")) for line in shop.lines if line["request_id"] in ids
        ]
        assert told == list(zip(ids, [200, 403, 404, 404], ["shop", None, None, None], strict=True))

    def test_its_log_tells_what_the_call_cost(self, shop, pixian):
        reply = shop.post(LEGACY, data={"type": "car"})
        line = until(lambda: [line for line in shop.lines if line["request_id"] == reply.headers["x-request-id"]])[0]
        assert line["credits"] == pytest.approx(1000 - pixian.credits)
        assert (line["sent"], line["operation"], line["attempts"]) == (len(reply.content), "removebg", 1)
        assert line["notes"] == {"image_file": "converted", "type": "ignored"}

    def test_no_key_stands_in_what_it_writes(self, shop):
        wrong = "CANARY-wrong"
        last = [shop.post(key) for key in (LEGACY, wrong, f"{LEGACY}:{wrong}")][-1]
        until(lambda: last.headers["x-request-id"] in shop.out)
        assert "CANARY" not in shop.out + shop.err

    def test_it_serves_https(self, pixian, certificate, tmp_path):
        files = ("--tls-cert", certificate / "cert.pem", "--tls-key", certificate / "key.pem")
        with serving([*GATEWAY, "--port", "0", *files], tmp_path) as served:
            assert served.announced().url.startswith("https://127.0.0.1:")
            reply = served.post(verify=ssl.create_default_context(cafile=certificate / "ca.pem"))
            assert is_cut_out(reply.content)

    def test_it_writes_nothing_else(self, shop):
        shop.post(LEGACY)
        until(lambda: shop.lines)
        assert shop.err == ""
        assert all(set(line) >= {"time", "request_id", "method", "path", "status", "seconds"} for line in shop.lines)


@signals
class TestStoppingTheCommand:
    def test_a_call_under_way_is_finished(self, pixian, tmp_path):
        pixian.fault("latency", seconds=1.5)
        with serving([*GATEWAY, "--port", "0"], tmp_path) as served, ThreadPoolExecutor(1) as pool:
            call = pool.submit(served.announced().post)
            until(lambda: pixian.requests)
            served.terminate()
            until(lambda: not served.listens())
            reply = call.result(SECONDS)
            assert (reply.status_code, is_cut_out(reply.content)) == (200, True)
            assert served.process.wait(SECONDS) == 0
            assert (served.err, served.listens()) == ("", False)
            assert [line["status"] for line in served.lines] == [200]

    def test_an_upload_under_way_is_finished(self, pixian, tmp_path):
        with serving([*GATEWAY, "--port", "0"], tmp_path) as served:
            request = httpx.Request("POST", served.announced().url, files=upload())
            body = request.read()

            def pieces():
                yield body[:100]
                until(lambda: "pixian_shim_active_requests 1.0" in served.get("/metrics"))
                served.terminate()
                until(lambda: not served.listens())
                yield body[100:]

            head = {"X-Api-Key": "legacy", "Content-Type": request.headers["content-type"]}
            reply = served.post(files=None, content=pieces(), headers=head)
            assert (reply.status_code, is_cut_out(reply.content)) == (200, True)
            assert served.process.wait(SECONDS) == 0

    @pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
    def test_an_idle_connection_does_not_keep_it(self, pixian, tmp_path, kind):
        with (
            serving([*GATEWAY, "--port", "0"], tmp_path) as served,
            httpx.Client(base_url=served.announced().url, trust_env=False) as client,
        ):
            client.get("/healthz")
            served.process.send_signal(kind)
            assert served.process.wait(10) == 0
            assert served.leaves_nothing()

    def test_a_second_signal_does_not_wait(self, tmp_path):
        def never(connection):
            connection.read_request()
            connection.wait(SECONDS)

        with (
            SocketServer(never) as silent,
            ThreadPoolExecutor(1) as pool,
            serving([*GATEWAY, "--port", "0"], tmp_path, PIXIAN_BASE_URL=silent.url) as served,
        ):
            call = pool.submit(served.announced().post)
            until(lambda: silent.received)
            served.terminate()
            until(lambda: not served.listens())
            assert served.process.poll() is None
            served.terminate()
            assert served.process.wait(10) == 1
            assert isinstance(call.exception(SECONDS), httpx.TransportError)
            assert [line["error"] for line in served.lines] == ["CutOff"]


class TestACommandThatCannotStart:
    def ended(self, place, *arguments):
        """Run it to its end, which must come by itself."""
        return subprocess.run(
            [*GATEWAY, *arguments], cwd=place, env=environment(place), capture_output=True,
            encoding="utf-8", timeout=SECONDS, check=False,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (None, "cannot be read"),
            ("prot = 8780", "did you mean 'port'?"),
            ('[[keys]]\nname = "shop"\nlegacy = "x"\npixian_env = "UNSET"', "must hold id:secret"),
        ],
        ids=["missing", "misspelt", "without an account"],
    )
    def test_a_bad_configuration_is_one_line_without_a_traceback(self, tmp_path, text, said):
        if text is not None:
            (tmp_path / "gateway.toml").write_text(text)
        done = self.ended(tmp_path, "--port", "0", "--config", "gateway.toml")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"pixian-shim: .*\n", done.stderr)
        assert said in done.stderr

    def test_everybody_s_address_needs_keys(self, tmp_path):
        done = self.ended(tmp_path, "--port", "0", "--host", "0.0.0.0")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"pixian-shim: listening on 0\.0\.0\.0 needs \[\[keys\]\] .*\n", done.stderr)

    def test_a_port_that_is_taken(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = self.ended(tmp_path, "--port", str(taken.getsockname()[1]))
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"pixian-shim: cannot listen on 127\.0\.0\.1 port .*\n", done.stderr)

    def test_a_certificate_that_is_none(self, tmp_path):
        for name in ("cert.pem", "key.pem"):
            (tmp_path / name).write_text("nothing")
        done = self.ended(tmp_path, "--port", "0", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"pixian-shim: .*(certificate|tls_cert|cert\.pem).*\n", done.stderr)


SERVERS = {
    "uvicorn": (
        *(sys.executable, "-m", "uvicorn", "--http", "h11"),
        *("--factory", "pixian_shim.gateway:create_app", "--port"),
    ),
    "granian": (
        *(sys.executable, "-m", "granian", "--interface", "asgi"),
        *("--factory", "pixian_shim.gateway:create_app", "--host", "127.0.0.1", "--port"),
    ),
}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def under(pixian, tmp_path_factory):
    """Serve a gateway by another server, with the configuration that the environment names; each once."""
    more = {"PIXIAN_SHIM_GATEWAY": "gateway.toml", "SHOP_PIXIAN": "sandbox:sandbox"}
    with ExitStack() as running:

        @cache
        def start(name):
            place, number = tmp_path_factory.mktemp(name), free_port()
            (place / "gateway.toml").write_text(SHOP)
            served = running.enter_context(serving([*SERVERS[name], str(number)], place, **more))
            served.name = name
            return served.answering(f"http://127.0.0.1:{number}")

        yield start


@signals
class TestUnderAnotherServer:
    @pytest.fixture(params=SERVERS)
    def served(self, request, under):
        return under(request.param)

    def test_a_call_works(self, served):
        reply = served.post(LEGACY)
        assert reply.status_code == 200
        assert is_cut_out(reply.content)

    def test_its_configuration_holds(self, served, pixian):
        reply = served.post("wrong")
        assert (reply.status_code, code(reply)) == (403, "auth_failed")
        assert not pixian.requests

    def test_the_provider_is_known_by_its_host(self, served):
        reply = served.post(path="/any/removebg", headers={"X-Api-Key": LEGACY, "Host": HOST})
        assert reply.headers["x-type"] == "other"

    def test_curls_offer_of_http_2_is_passed_over(self, served, curl):
        done = curl("--http2", *AS_DOCUMENTED[:-1], f"{served.url}{PATH}")
        assert done.told["http_code"] == 200
        assert is_cut_out(done.body)

    def test_many_calls_at_once(self, served):
        with ThreadPoolExecutor(6) as pool:
            replies = list(pool.map(lambda _: served.post(LEGACY).status_code, range(6)))
        assert replies == [200] * 6

    def test_a_large_upload_and_its_result_come_whole(self, served):
        content = photo("BMP", size=(1200, 900))
        reply = served.post(LEGACY, files={"image_file": content}, data={"size": "full"})
        assert opened(reply.content).size == (1200, 900)
