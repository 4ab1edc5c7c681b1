"""Picsart's calls through every door, and the links in their answers: what they lead to, for how long, how many are kept."""

import io
import json
import threading

import httpx
import pytest
import requests
from askers import ASKERS

import pixian_shim
from pictures import BLUE, encoded, opened, photo, picture, subject_box
from pixian_adapters.picsart.adapter import ADAPTER
from pixian_shim import AsyncShim, Shim
from pixian_shim.gateway import Config, Gateway
from pixian_shim.pixian import Pixian, Retry, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import LINK_PATH, Links
from pixian_shim.translation import Form, HttpRequest

HOST = "https://api.picsart.io"
URL = f"{HOST}/tools/1.0/removebg"
KEY = {"X-Picsart-API-Key": "legacy", "Accept": "application/json"}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", http=True) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    sandbox.reset()
    with Pixian(
        "sandbox", "sandbox", base_url=sandbox.url, retry=Retry(rate_limit_waits=0, connect_retries=0)
    ) as client:
        yield client


@pytest.fixture(params=ASKERS)
def ask(request):
    return ASKERS[request.param]


def form(picture=None, **fields):
    """Write a multipart body by hand: every library can send that."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if picture is not None:
        parts += [b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n', picture, b"\r\n"]
    return b"".join([*parts, b"--b--\r\n"])


def post(ask, picture=None, **fields):
    return ask.streamed(URL, KEY, "multipart/form-data; boundary=b", [form(picture, **fields)])


def url_of(answer):
    assert answer.status == 200, answer.body
    told = answer.json()
    assert told["status"] == "success"
    return told["data"]["url"]


class TestEveryLibrary:
    def test_posts_and_follows_the_link(self, ask, client):
        with pixian_shim.intercept("picsart", client=client):
            link = url_of(post(ask, photo(), output_type="cutout", format="PNG"))
            assert link.startswith(f"{HOST}{LINK_PATH}")
            reply = ask.get(link)
        assert (reply.status, reply.headers["content-type"]) == (200, "image/png")
        made = opened(reply.body)
        assert (made.mode, made.size) == ("RGBA", (400, 300))
        assert abs(subject_box(made)[0] - 100) <= 2

    def test_asks_for_the_balance(self, ask, client, sandbox):
        with pixian_shim.intercept("picsart", client=client):
            reply = ask.get(f"{HOST}/tools/1.0/balance", KEY)
        assert reply.json() == {"credits": 1000}
        assert reply.headers["x-picsart-credit-available"] == "1000"

    def test_is_refused_in_picsarts_shape(self, ask, client):
        with pixian_shim.intercept("picsart", client=client):
            reply = post(ask, b"no picture")
        assert reply.status == 400
        assert list(reply.json()) == ["detail", "message", "code"]

    @pytest.mark.parametrize("kind", ["jpg", "webp"])
    def test_the_link_tells_the_type(self, ask, client, kind):
        with pixian_shim.intercept("picsart", client=client):
            link = url_of(post(ask, photo(), format=kind))
            reply = ask.get(link)
        assert link.endswith(kind)
        assert reply.headers["content-type"] == f"image/{kind.replace('jpg', 'jpeg')}"

    def test_a_link_is_the_source_of_another_call(self, ask, client, sandbox):
        with pixian_shim.intercept("picsart", client=client):
            link = url_of(post(ask, photo()))
            assert post(ask, None, image_url=link, bg_color="red").status == 200
        assert [entry.source for entry in sandbox.requests if entry.method == "POST"] == ["image", "image"]

    def test_what_is_left_is_told_with_every_answer(self, ask, client, sandbox):
        sandbox.set_credits(12.4)
        with pixian_shim.intercept("picsart", client=client):
            reply = post(ask, photo())
        assert reply.headers["x-picsart-credit-available"] == str(int(sandbox.credits))

    def test_a_link_is_the_background_of_another_call(self, ask, client):
        with pixian_shim.intercept("picsart", client=client):
            link = url_of(post(ask, photo(subject=(0, 0, 400, 200), colour=BLUE)))
            reply = ask.get(url_of(post(ask, photo(), bg_image_url=link)))
        assert opened(reply.body).convert("RGBA").getpixel((20, 20))[2] > 180

    def test_it_ends_with_its_lifetime(self, ask, client):
        now = [1_800_000_000.0]
        links = Links(seconds=60, clock=lambda: now[0])
        with pixian_shim.intercept("picsart", client=client, links=links):
            link = url_of(post(ask, photo()))
            now[0] += 59
            assert ask.get(link).status == 200
            now[0] += 2
            assert ask.get(link).status == 404

    @pytest.mark.parametrize(("max_disk_bytes", "lost"), [(0, 404), (1 << 20, 200)], ids=["memory", "and disk"])
    def test_beyond_the_size_limit_what_was_not_fetched_goes_to_disk(self, ask, client, max_disk_bytes, lost):
        now = [1_800_000_000.0]
        links = Links(max_bytes=6000, max_disk_bytes=max_disk_bytes, clock=lambda: now[0])
        with pixian_shim.intercept("picsart", client=client, links=links):
            made = []
            for _ in range(3):
                made.append(url_of(post(ask, photo())))
                now[0] += 1
            assert sum(links.store.sizes().values()) <= 6000
            found = [ask.get(link).status for link in made]
        assert (found[0], found[-1]) == (lost, 200)


def test_the_rest_of_picsart_passes_untouched(client):
    with pixian_shim.intercept("picsart", client=client):
        for address in (f"{HOST}/tools/1.0/upscale", "https://genai-api.picsart.io/v1/text2image"):
            with pytest.raises(Exception, match=r"ocket|resolv|unreachable|Name|network"):
                requests.post(address, headers=KEY)


def test_a_paid_result_that_cannot_be_stored_is_kept_in_memory(client, tmp_path):
    links = Links.at(str(tmp_path / "links"))
    (tmp_path / "links").rmdir()
    with pixian_shim.intercept("picsart", client=client, links=links):
        link = requests.post(URL, files={"image": photo()}, headers=KEY).json()["data"]["url"]
        assert requests.get(link).status_code == 200


class Watched(Links):
    """Write down in which threads results are kept and found."""

    def keep(self, *arguments):
        threads.add(threading.get_ident())
        return super().keep(*arguments)

    def find(self, url):
        threads.add(threading.get_ident())
        return super().find(url)


threads = set()


async def test_what_may_be_on_disk_is_not_waited_for_on_the_event_loop(sandbox):
    sandbox.reset()
    threads.clear()
    async with sandbox.async_client() as client, AsyncShim(client, links=Watched(max_bytes=1)) as shim:
        for form in ({"image": Upload(photo())}, {"image": Upload(photo()), "bg_color": "red"}):
            made = await shim.serve(ADAPTER, HttpRequest("POST", URL, KEY, parsed=Form.of(form)))
            link = json.loads(made.body)["data"]["url"]
            again = await shim.serve(ADAPTER, HttpRequest("POST", URL, KEY, parsed=Form.of({"image_url": link})))
            assert again.status == 200
            assert (await shim.serve(ADAPTER, HttpRequest("GET", link, {}))).status == 200
    assert threads
    assert threading.get_ident() not in threads


def test_a_folder_outlives_the_process(client, tmp_path):
    with pixian_shim.intercept("picsart", client=client, links=Links.at(str(tmp_path / "links"))):
        link = requests.post(URL, files={"image": photo()}, headers=KEY).json()["data"]["url"]
    with pixian_shim.intercept("picsart", client=client, links=Links.at(str(tmp_path / "links"))):
        assert opened(requests.get(link).content).size == (400, 300)


def test_a_strict_policy_refuses_before_anything_is_sent(client, sandbox):
    with pixian_shim.intercept("picsart", client=client, policy="strict"):
        reply = requests.post(URL, files={"image": photo()}, data={"bg_blur": "5"}, headers=KEY)
    assert (reply.status_code, reply.json()["message"]) == (400, "Bad Request")
    assert not sandbox.requests


@pytest.mark.parametrize(("fault", "status"), [("rate_limit", 429), ("not_json", 503), ("server_error", 503)])
def test_pixians_bad_days_have_picsarts_shape(client, sandbox, fault, status):
    sandbox.fault(fault, times=9)
    with pixian_shim.intercept("picsart", client=client):
        reply = requests.post(URL, files={"image": photo()}, headers=KEY)
    assert reply.status_code == status
    assert list(reply.json()) == ["detail", "message", "code"]


def test_no_credits_are_402_and_a_wrong_secret_is_401(sandbox, client):
    sandbox.set_credits(0)
    with pixian_shim.intercept("picsart", client=client):
        assert requests.post(URL, files={"image": photo()}, headers=KEY).status_code == 402
    with Pixian("sandbox", "wrong", base_url=sandbox.url) as other, pixian_shim.intercept("picsart", client=other):
        reply = requests.post(URL, files={"image": photo()}, headers=KEY)
    assert (reply.status_code, list(reply.json())) == (401, ["code", "message", "detail"])


def test_pixians_own_key_may_stand_in_picsarts_place(sandbox, monkeypatch):
    sandbox.reset()
    monkeypatch.setenv("PIXIAN_BASE_URL", sandbox.url)
    for name in ("PIXIAN_API_ID", "PIXIAN_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    with Shim() as shim, pixian_shim.intercept("picsart", shim=shim):
        headers = {"X-Picsart-API-Key": "sandbox:sandbox"}
        assert requests.post(URL, files={"image": photo()}, headers=headers).status_code == 200


class TestGateway:
    @pytest.fixture
    def gateway(self, sandbox, monkeypatch):
        sandbox.reset()
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            monkeypatch.setenv(f"PIXIAN_{name}", value)
        with (
            Gateway(Config(port=0, policy="silent")) as gateway,
            httpx.Client(base_url=gateway.url, trust_env=False) as client,
        ):
            client.address = gateway.url
            yield client

    @pytest.mark.parametrize("path", ["/tools/1.0/removebg", "/picsart/tools/1.0/removebg"])
    def test_posts_and_follows_the_link(self, gateway, path):
        reply = gateway.post(path, files={"image": photo()}, data={"stroke_size": "5"}, headers=KEY)
        link = reply.json()["data"]["url"]
        assert link.startswith(f"{gateway.address}{LINK_PATH}")
        assert "stroke_size;verdict=emulated" in reply.headers["x-shim-notes"]
        assert abs(subject_box(opened(httpx.get(link, trust_env=False).content))[0] - 95) <= 2

    def test_by_the_hosts_name(self, gateway):
        reply = gateway.get("/tools/1.0/balance", headers={**KEY, "Host": "api.picsart.io"})
        assert reply.json() == {"credits": 1000}

    def test_urlencoded(self, gateway, sandbox):
        first = gateway.post("/tools/1.0/removebg", files={"image": photo()}, headers=KEY).json()["data"]["url"]
        reply = gateway.post("/tools/1.0/removebg", data={"image_url": first, "format": "JPG"}, headers=KEY)
        assert reply.json()["data"]["url"].endswith(".jpg")

    def test_errors(self, gateway):
        assert gateway.post("/tools/1.0/removebg", headers=KEY).json()["code"] == 400
        assert gateway.post("/tools/1.0/removebg", files={"image": photo()}).json()["code"] == 401

    def test_removebg_is_still_another_provider(self, gateway):
        reply = gateway.post("/v1.0/removebg", files={"image_file": photo()}, headers={"X-Api-Key": "k"})
        assert reply.headers["content-type"] == "image/png"


def test_uploads_are_read_from_anything_requests_takes(client, tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(picture()))
    with pixian_shim.intercept("picsart", client=client), path.open("rb") as file:
        for given in (file, ("x.png", path.read_bytes()), ("x.png", io.BytesIO(path.read_bytes()), "image/png")):
            told = json.loads(requests.post(URL, files={"image": given}, headers=KEY).text)
            assert opened(requests.get(told["data"]["url"]).content).size == (400, 300)
