"""Programs as they are written for PhotoRoom, unedited, through every door.

Each script runs twice: while a rollout leaves all calls to the provider (a double of it answers), and on the sandbox. What the
program can see is the same.
"""

import asyncio
import base64
import http.client
import json
import mimetypes
import socket
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests

from doubles.photoroom_double import BROKEN, GOOD, POOR, WRONG, PhotoRoomDouble
from pictures import opened, photo, subject_box
from pixian_shim import Shim, intercept
from pixian_shim.gateway import Config, Gateway
from pixian_shim.legacy import LegacyHost
from pixian_shim.pixian import Retry
from pixian_shim.rollout import Flag, Rollout
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import Fetcher
from sandbox_pictures import PictureServer

V1, V2 = "https://sdk.photoroom.com/v1", "https://image-api.photoroom.com/v2"
BETA = "https://beta-sdk.photoroom.com/v2"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", http=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def double():
    with PhotoRoomDouble() as double:
        yield double


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, sandbox):
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(photo("JPEG"))
    Path("photo.png").write_bytes(photo())
    sandbox.reset()


@contextmanager
def pixian_answers(sandbox, key, double):
    """Let Pixian answer, on the day that the key means."""
    secret = "wrong" if key == WRONG else "sandbox"
    if key == POOR:
        sandbox.set_credits(0)
    if key == BROKEN:
        sandbox.fault("server_error", times=99)
    with (
        sandbox.client(api_secret=secret, retry=Retry(rate_limit_waits=0)) as client,
        intercept("photoroom", shim=Shim(client, policy="silent", fetcher=Fetcher(allow_private=True))),
    ):
        yield


@contextmanager
def provider_answers(sandbox, key, double):
    """Leave all calls to the provider."""
    with (
        sandbox.client() as client,
        Rollout(Flag(stage="off"), shim=Shim(client), legacy={"photoroom": double.url}) as rollout,
        intercept("photoroom", shim=rollout),
    ):
        yield


def seen(response):
    """Give what a program looks at, of a response of requests or httpx."""
    kind = response.headers["Content-Type"]
    shown = {"status": response.status_code, "type": kind}
    if kind.startswith("image/"):
        image = opened(response.content)
        return shown | {"size": image.size, "mode": image.mode, "corner": rounded(image.getpixel((2, 2)))}
    return shown | {"keys": keys(response.json())}


def rounded(pixel):
    values = pixel if isinstance(pixel, tuple) else (pixel,)
    return (0, 0, 0, 0) if len(values) == 4 and values[3] == 0 else tuple(round(value / 16) for value in values)


def keys(value):
    return {name: keys(inner) for name, inner in value.items()} if isinstance(value, dict) else type(value).__name__


def with_requests(key):
    with open("photo.png", "rb") as picture:
        return seen(requests.post(f"{V1}/segment", headers={"x-api-key": key}, files={"image_file": picture}))


def raw_bytes_and_empty_strings(key):
    data = {"bg_color": "", "size": "", "format": "image/png"}
    files = {"image_file": Path("photo.png").read_bytes()}
    return seen(requests.post(f"{V1}/segment", headers={"X-Api-Key": key}, files=files, data=data))


def without_a_file_name(key):
    files = {"image_file": (None, Path("photo.jpg").read_bytes())}
    return seen(requests.post(f"{V1}/segment", headers={"X-Api-Key": key}, files=files))


def parameters_in_the_query(key):
    params = {"format": "jpg", "bg_color": "00ff00"}
    files = {"image_file": ("a.png", Path("photo.png").read_bytes(), "image/png")}
    return seen(requests.post(f"{V1}/segment", headers={"x-api-key": key}, files=files, params=params))


def json_by_accept(key):
    headers = {"x-api-key": key, "Accept": "application/json"}
    with open("photo.png", "rb") as picture:
        response = requests.post(f"{V1}/segment", headers=headers, files={"image_file": picture})
    shown = seen(response)
    if response.status_code == 200:
        told = response.json()
        pictures = [opened(base64.b64decode(told[name])) for name in ("result_b64", "base64img")]
        shown["pictures"] = [(image.size, image.mode) for image in pictures]
    return shown


def json_in_and_bytes_out(key):
    body = {"image_file_b64": base64.b64encode(photo()).decode(), "format": "png", "channels": "alpha"}
    return seen(requests.post(f"{V1}/segment", headers={"x-api-key": key}, json=body))


def accepting_both(key):
    headers = {"x-api-key": key, "Accept": "image/png, application/json"}
    with open("photo.jpg", "rb") as picture:
        return seen(
            requests.post(f"{V1}/segment", headers=headers, files={"image_file": picture}, data={"size": "preview"})
        )


def with_httpx(key):
    files = {"imageFile": ("photo.png", Path("photo.png").read_bytes(), "image/jpeg")}
    data = {"background.color": "FFFFFF", "outputSize": "1000x1000", "padding": "0.1", "export.format": "jpeg"}
    return seen(httpx.post(f"{V2}/edit", headers={"x-api-key": key}, files=files, data=data))


def with_httpx_from_asyncio(key):
    files = {"imageFile": Path("photo.png").read_bytes()}

    async def ask():
        async with httpx.AsyncClient(headers={"x-api-key": key}) as client:
            return seen(await client.post(f"{V2}/edit", files=files, data={"padding": "0.1", "output_type": "cutout"}))

    return asyncio.run(ask())


def on_the_old_host(key):
    with open("photo.png", "rb") as picture:
        files = {"imageFile": picture}
        return seen(
            requests.post(f"{BETA}/edit", headers={"x-api-key": key}, files=files, data={"outputSize": "200x200"})
        )


def with_aiohttp(key):
    picture = Path("photo.png").read_bytes()

    async def ask():
        form = aiohttp.FormData()
        form.add_field("image_file", picture, filename="photo.png", content_type="image/png")
        form.add_field("crop", "true")
        async with (
            aiohttp.ClientSession(headers={"x-api-key": key}) as session,
            session.post(f"{V1}/segment", data=form) as response,
        ):
            content = await response.read()
            shown = {"status": response.status, "type": response.content_type}
            if response.status == 200:
                return shown | {"size": opened(content).size}
            return shown | {"keys": keys(json.loads(content))}

    return asyncio.run(ask())


def account(key):
    return seen(requests.get(f"{V2}/account", headers={"x-api-key": key}))


def no_picture(key):
    return seen(requests.post(f"{V1}/segment", headers={"x-api-key": key}, data={"size": "hd"}))


def bad_value(key):
    with open("photo.png", "rb") as picture:
        return seen(
            requests.post(
                f"{V2}/edit",
                headers={"x-api-key": key},
                files={"imageFile": picture},
                data={"removeBackground": "maybe"},
            )
        )


def broken_picture(key):
    return seen(requests.post(f"{V2}/edit", headers={"x-api-key": key}, files={"imageFile": b"no picture at all"}))


SCRIPTS = [
    with_requests,
    raw_bytes_and_empty_strings,
    without_a_file_name,
    parameters_in_the_query,
    json_by_accept,
    json_in_and_bytes_out,
    accepting_both,
    with_httpx,
    with_httpx_from_asyncio,
    on_the_old_host,
    with_aiohttp,
    account,
    no_picture,
    bad_value,
    broken_picture,
]
KNOWN_WITHOUT_ASKING = {"no_picture", "bad_value", "broken_picture"}
"""Refused here before anybody is asked, on bad days too."""


def expected(script, key, real, fine):
    if key != GOOD and script.__name__ in KNOWN_WITHOUT_ASKING:
        return [real, fine]
    return [real]


@pytest.mark.parametrize("key", [GOOD, WRONG, POOR, BROKEN])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_programs_see_the_same(script, key, sandbox, double):
    sides = []
    for answers, day in ((provider_answers, key), (provider_answers, GOOD), (pixian_answers, key)):
        with answers(sandbox, day, double):
            sides.append(script(day))
    real, fine, ours = sides
    if script is account and key == POOR:
        assert real == ours  # an account without credits is no error
    assert ours in expected(script, key, real, fine)


def test_the_double_is_asked_while_the_provider_answers(sandbox, double):
    double.requests.clear()
    with provider_answers(sandbox, GOOD, double):
        with_requests(GOOD)
    assert [(method, path) for method, path, _ in double.requests] == [("POST", "/v1/segment")]
    assert not sandbox.requests


def test_edit_by_address_with_get(sandbox, double, served):
    params = {"imageUrl": served, "outputSize": "1000x1000", "padding": "0.1", "background.inner": "x"}
    for answers in (provider_answers, pixian_answers):
        with answers(sandbox, GOOD, double):
            response = requests.get(f"{V2}/edit", headers={"x-api-key": GOOD}, params=params)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
        assert response.headers["pr-unsupported-attributes"] == "Unsupported attributes: background.inner"
        box = subject_box(opened(response.content))
        assert all(abs(a - b) <= 3 for a, b in zip(box, (214, 100, 786, 900), strict=True))


@pytest.fixture(scope="module")
def served():
    with PictureServer() as server:
        yield f"{server.url}/photo.png"


def test_background_by_address(sandbox, double, served):
    with pixian_answers(sandbox, GOOD, double), open("photo.png", "rb") as picture:
        data = {"background.imageUrl": served, "outputSize": "200x150", "padding": "0.3"}
        response = requests.post(f"{V2}/edit", headers={"x-api-key": GOOD}, files={"imageFile": picture}, data=data)
    assert opened(response.content).convert("RGBA").getpixel((2, 2)) == (255, 255, 255, 255)


def test_a_background_that_is_not_there_is_named(sandbox, double, served):
    data = {"background.imageUrl": served.replace("http", "ftp")}
    with pixian_answers(sandbox, GOOD, double), open("photo.png", "rb") as picture:
        response = requests.post(f"{V2}/edit", headers={"x-api-key": GOOD}, files={"imageFile": picture}, data=data)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("background.imageUrl must be")


def test_refused_features_are_named(sandbox, double):
    with pixian_answers(sandbox, GOOD, double), open("photo.png", "rb") as picture:
        response = requests.post(
            f"{V2}/edit", headers={"x-api-key": GOOD}, files={"imageFile": picture}, data={"shadow.mode": "ai.soft"}
        )
    assert response.status_code == 400
    assert response.json() == {"error": {"message": "shadow.mode: cannot be done on Pixian: shadows are not generated"}}
    assert not sandbox.requests


def test_sandbox_prefix_before_pixians_own_key_costs_nothing(sandbox, monkeypatch):
    monkeypatch.setenv("PIXIAN_BASE_URL", sandbox.url)
    with intercept("photoroom", client=None, policy="silent"), open("photo.jpg", "rb") as picture:
        reply = requests.post(
            f"{V1}/segment", headers={"x-api-key": "sandbox_sandbox:sandbox"}, files={"image_file": picture}
        )
    assert reply.status_code == 200
    assert sandbox.credits == 1000


def test_sandbox_key_costs_nothing(sandbox, double):
    with pixian_answers(sandbox, GOOD, double), open("photo.png", "rb") as picture:
        requests.post(f"{V1}/segment", headers={"x-api-key": f"sandbox_{GOOD}"}, files={"image_file": picture})
    assert sandbox.requests[-1].parameters["test"] == "true"
    assert sandbox.requests[-1].credits_charged == 0


def test_urllib(sandbox, double):
    kind, body = multipart("image_file", "photo.png")
    asked = urllib.request.Request(f"{V1}/segment", body, {"Content-Type": kind, "x-api-key": GOOD}, method="POST")
    with pixian_answers(sandbox, GOOD, double), urllib.request.urlopen(asked) as response:
        assert opened(response.read()).size == (400, 300)


def multipart(name, path):
    """Write a form as PhotoRoom's own sample does."""
    boundary = f"----------{uuid.uuid4().hex}"
    kind = mimetypes.guess_type(path)[0]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{path}"\r\nContent-Type: {kind}\r\n\r\n'
    body = head.encode() + Path(path).read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def official_sample(connection, path, output, name="image_file"):
    kind, body = multipart(name, "photo.jpg")
    connection.request("POST", path, body=body, headers={"Content-Type": kind, "x-api-key": "YOUR_API_KEY_HERE"})
    response = connection.getresponse()
    if response.status == 200:
        Path(output).write_bytes(response.read())
    connection.close()
    return response


def test_official_sample_is_stopped_in_process_and_told_why(sandbox, double):
    from pixian_shim.errors import NotIntercepted

    with (
        pixian_answers(sandbox, GOOD, double),
        pytest.warns(Warning, match=r"sdk\.photoroom\.com"),
        pytest.raises(socket.gaierror, match="gateway") as caught,
    ):
        official_sample(http.client.HTTPSConnection("sdk.photoroom.com"), "/v1/segment", "out.png")
    assert isinstance(caught.value, NotIntercepted)


@pytest.fixture
def gateway(sandbox, monkeypatch):
    for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
        monkeypatch.setenv(f"PIXIAN_{name}", value)
    with Gateway(Config(port=0)) as gateway:
        yield gateway.url


def test_official_sample_through_the_gateway(gateway):
    response = official_sample(http.client.HTTPConnection(gateway.partition("//")[2]), "/v1/segment", "out.png")
    assert response.status == 200
    assert opened(Path("out.png").read_bytes()).size == (400, 300)


class TestGateway:
    @pytest.mark.parametrize("prefix", ["", "/photoroom"])
    def test_paths_of_both_versions(self, gateway, prefix):
        headers = {"x-api-key": GOOD}
        one = httpx.post(
            f"{gateway}{prefix}/v1/segment", headers=headers, files={"image_file": photo()}, data={"crop": "true"}
        )
        two = httpx.post(
            f"{gateway}{prefix}/v2/edit", headers=headers, files={"imageFile": photo()}, data={"outputSize": "99x88"}
        )
        assert all(abs(a - b) <= 2 for a, b in zip(opened(one.content).size, (100, 140), strict=True))
        assert opened(two.content).size == (99, 88)
        assert "outputSize;verdict=emulated" in two.headers["X-Shim-Notes"]

    def test_hosts(self, gateway):
        headers = {"x-api-key": GOOD, "Host": "image-api.photoroom.com"}
        told = httpx.get(f"{gateway}/v1/account", headers=headers).json()
        assert told["credits"]["available"] == told["credits"]["subscription"] > 0

    @pytest.mark.parametrize(
        ("path", "files", "keys"),
        [
            ("/v1/segment", {"image_file": b"x"}, {"detail", "status_code", "type"}),
            ("/v2/edit", {"imageFile": b"x"}, {"error"}),
            ("/v2/nothing", {}, {"error"}),
        ],
    )
    def test_errors_have_the_shape_of_their_version(self, gateway, path, files, keys):
        response = httpx.post(f"{gateway}{path}", headers={"x-api-key": GOOD}, files=files)
        assert response.status_code in (400, 404)
        assert set(response.json()) == keys

    def test_picture_without_a_file_name(self, gateway):
        files = {"image_file": (None, photo())}
        response = requests.post(f"{gateway}/v1/segment", headers={"x-api-key": GOOD}, files=files)
        assert opened(response.content).size == (400, 300)

    def test_pages_of_any_origin_may_ask(self, gateway):
        ask = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key",
        }
        assert httpx.options(f"{gateway}/v1/segment", headers=ask).headers["Access-Control-Allow-Origin"] == "*"

    def test_keys_that_stand_for_an_account_keep_the_sandbox(self, sandbox, monkeypatch):
        from pixian_shim.gateway import Key

        monkeypatch.setenv("PIXIAN_BASE_URL", sandbox.url)
        account = Key.read({"name": "team", "legacy": "sandbox_old", "pixian": "sandbox:sandbox"})
        with Gateway(Config(port=0, keys=(account,))) as served:
            headers = {"x-api-key": "sandbox_old"}
            response = httpx.post(f"{served.url}/v1/segment", headers=headers, files={"image_file": photo()})
        assert response.status_code == 200
        assert sandbox.requests[-1].parameters["test"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "host"),
    [
        ("POST", "/v1/segment", "sdk.photoroom.com"),
        ("POST", "/v2/edit", "image-api.photoroom.com"),
        ("GET", "/v2/account", "image-api.photoroom.com"),
    ],
)
def test_a_gateway_that_has_not_begun_asks_the_service_of_each_version(sandbox, method, path, host):
    asked = []

    def provider(request):
        asked.append(request.url.host)
        return httpx.Response(200, headers={"Content-Type": "image/png"}, stream=httpx.ByteStream(photo()))

    with (
        httpx.Client(transport=httpx.MockTransport(provider)) as network,
        sandbox.client() as client,
        Rollout(Flag(stage="off"), shim=Shim(client), legacy=LegacyHost(client=network)) as rollout,
        Gateway(Config(port=0), rollout=rollout) as gateway,
    ):
        source = {"image_file" if "segment" in path else "imageFile": photo()} if method == "POST" else None
        response = httpx.request(method, f"{gateway.url}{path}", headers={"x-api-key": GOOD}, files=source)
    assert (response.status_code, asked) == (200, [host])
