"""The drop-in for ``picsart_sdk``: its names, what its calls give and raise, and that their links can be fetched."""

import asyncio
import inspect
import pickle
import subprocess
import sys
import urllib.request
import warnings
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import urllib3

import pixian_shim
from doubles.picsart_double import PicsartDouble
from drop_ins import LEGACY_KEY, nobody_there
from pictures import BLUE, opened, photo, subject_box
from pixian_adapters.picsart import picsart_sdk
from pixian_adapters.picsart.picsart_sdk import PicsartAPI
from pixian_adapters.picsart.picsart_sdk.api_responses import ApiResponse, ApiResponseData, BalanceApiResponse
from pixian_adapters.picsart.picsart_sdk.clients import (
    AsyncBalanceClient,
    AsyncRemoveBackgroundClient,
    BalanceClient,
    RemoveBackgroundClient,
)
from pixian_adapters.picsart.picsart_sdk.clients.requests_models import (
    PicsartImage,
    PicsartImageFormat,
    RemoveBackgroundOutputType,
    RemoveBackgroundScale,
    RemoveBackgroundShadow,
)
from pixian_adapters.picsart.picsart_sdk.errors import ApiAuthenticationError, ApiError
from pixian_shim import Shim, TranslationWarning, using
from pixian_shim.errors import ConnectFailed, InsufficientCredits, ShimError
from pixian_shim.pixian import Retry
from pixian_shim.rollout import Flag, Rollout
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import LINK_PATH, Fetcher, Links

ORIGIN = "https://picsart.pixian-shim.invalid"
POSITIONAL = (
    "self image_url image_path output_type bg_image bg_color bg_width bg_height scale auto_center stroke_size stroke_color "
    "stroke_opacity shadow shadow_opacity shadow_blur shadow_offset_x shadow_offset_y output_format"
).split()
DEFAULTS = (
    None,
    None,
    "cutout",
    None,
    None,
    None,
    None,
    "fit",
    False,
    0,
    "FFFFFF",
    100,
    "disabled",
    20,
    50,
    None,
    None,
    "png",
)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture
def shim(sandbox, tmp_path, monkeypatch):
    """Work in a fresh folder with a photo, on the sandbox, without any door open."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIXIAN_SHIM_POLICY", raising=False)
    monkeypatch.setenv("PICSART_API_KEY", LEGACY_KEY)
    Path("photo.jpg").write_bytes(photo("JPEG"))
    Path("notes.txt").write_text("remember the milk")
    sandbox.reset()
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client:
        shim = Shim(client, links=Links(seconds=60, clock=Clock()))
        with using(shim):
            yield shim
    pixian_shim.uninstall()


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


def sync(**options):
    return picsart_sdk.client(PicsartAPI.REMOVE_BACKGROUND, api_key="key").remove_background(**options)


def from_asyncio(**options):
    client = picsart_sdk.async_client(PicsartAPI.REMOVE_BACKGROUND, api_key="key")
    return asyncio.run(client.remove_background(**options))


@pytest.fixture(params=[sync, from_asyncio], ids=["sync", "async"])
def remove(request, shim):
    return request.param


def got(response):
    return opened(requests.get(response.data.url).content)


class TestNames:
    @pytest.mark.parametrize("kind", [RemoveBackgroundClient, AsyncRemoveBackgroundClient])
    def test_signature_is_the_originals(self, kind):
        found = inspect.signature(kind.remove_background).parameters
        assert list(found) == POSITIONAL
        assert tuple(parameter.default for name, parameter in found.items() if name != "self") == DEFAULTS

    def test_enums_are_words(self):
        assert [word.value for word in RemoveBackgroundOutputType] == ["cutout", "mask"]
        assert [word.value for word in RemoveBackgroundScale] == ["fit", "fill"]
        assert [word.value for word in PicsartImageFormat] == ["png", "jpg", "webp"]
        assert {word.value for word in RemoveBackgroundShadow} == set(
            "disabled custom bottom-right bottom bottom-left left right top-left top top-right".split()
        )
        assert PicsartAPI.BALANCE == "balance"

    @pytest.mark.parametrize("name", [PicsartAPI.BALANCE, "balance", "BALANCE", "Balance"])
    def test_clients_are_found_by_name_in_any_case(self, name):
        assert isinstance(picsart_sdk.client(name), BalanceClient)
        assert isinstance(picsart_sdk.client(name, True), AsyncBalanceClient)
        assert isinstance(picsart_sdk.async_client(name, "key"), AsyncBalanceClient)

    def test_clients_that_are_not_here_say_what_to_do(self):
        with pytest.raises(ValueError, match=r'Unknown client name: upscale\..*install\("picsart"\)') as caught:
            picsart_sdk.client("upscale")
        assert isinstance(caught.value, ShimError)

    def test_the_package_can_be_imported_by_its_own_name(self):
        code = (
            "import pixian_shim; pixian_shim.alias('picsart_sdk')\n"
            "import picsart_sdk\n"
            "from picsart_sdk import PicsartAPI, client, async_client\n"
            "from picsart_sdk.clients import RemoveBackgroundClient, AsyncRemoveBackgroundClient, BalanceClient\n"
            "from picsart_sdk.clients.remove_background_client import RemoveBackgroundClient as same\n"
            "from picsart_sdk.clients.requests_models import PicsartImage, PicsartImageFormat\n"
            "from picsart_sdk.clients.requests_models.remove_background_request import RemoveBackgroundShadow\n"
            "from picsart_sdk.api_responses import ApiResponse\n"
            "from picsart_sdk.errors import ApiError, ApiAuthenticationError\n"
            "print(isinstance(client(PicsartAPI.REMOVE_BACKGROUND), same), 'httpx' in str(ApiError))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "True False\n"


class TestAnswers:
    def test_the_vendors_sample(self, remove):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            response = remove(image_path="photo.jpg")
        assert isinstance(response, ApiResponse)
        assert isinstance(response.data, ApiResponseData)
        assert (response.status, response.inference_id) == ("success", None)
        assert (got(response).mode, got(response).size) == ("RGBA", (400, 300))

    def test_every_argument_arrives(self, remove, sandbox):
        with pytest.warns(TranslationWarning, match="shadow"):
            pixian_shim.translation.forget_warnings()
            response = remove(
                image_path="photo.jpg",
                bg_image=PicsartImage(image_path="photo.jpg"),
                bg_width=200,
                bg_height=200,
                scale=RemoveBackgroundScale.FILL,
                auto_center=True,
                stroke_size=4,
                stroke_color="blue",
                stroke_opacity=100,
                shadow=RemoveBackgroundShadow.CUSTOM,
                shadow_opacity=50,
                shadow_blur=4,
                shadow_offset_x=3,
                shadow_offset_y=4,
                output_format=PicsartImageFormat.JPG,
            )
        made = got(response)
        assert (made.format, made.size) == ("JPEG", (200, 200))
        assert made.getpixel((64, 100))[2] > 150  # the line, left of the subject that is 67 px wide

    def test_words_may_be_given_instead_of_enums(self, remove):
        assert got(remove(image_path="photo.jpg", output_type="mask", output_format="PNG")).mode == "L"

    def test_the_background_picture_is_sent(self, remove):
        Path("blue.png").write_bytes(photo(subject=None, background=BLUE))
        made = got(remove(image_path="photo.jpg", bg_image=PicsartImage(image_path="blue.png")))
        assert made.convert("RGB").getpixel((5, 5)) == BLUE

    def test_one_client_sends_each_picture_by_itself(self, shim):
        Path("small.png").write_bytes(photo(size=(200, 150), subject=(50, 40, 100, 110)))
        client = picsart_sdk.client(PicsartAPI.REMOVE_BACKGROUND, api_key="key")
        first, second = (
            client.remove_background(image_path="photo.jpg"),
            client.remove_background(image_path="small.png"),
        )
        third = client.remove_background(image_url=second.data.url, bg_color="red")
        assert [got(response).size for response in (first, second, third)] == [(400, 300), (200, 150), (200, 150)]
        assert (got(second).mode, got(third).mode) == ("RGBA", "RGB")

    def test_many_at_once(self, shim):
        async def run():
            client = picsart_sdk.async_client("remove_background", api_key="key")
            return await asyncio.gather(*(client.remove_background(image_path="photo.jpg") for _ in range(8)))

        urls = {response.data.url for response in asyncio.run(run())}
        assert len(urls) == 8
        assert all(requests.get(url).ok for url in urls)

    def test_balance(self, shim, sandbox):
        sandbox.set_credits(12.75)
        assert picsart_sdk.client("balance").get_balance() == BalanceApiResponse(credits=12)
        assert asyncio.run(picsart_sdk.async_client("balance").get_balance()).credits == 12


def by_aiohttp(url):
    async def run():
        async with aiohttp.ClientSession() as session, session.get(url) as reply:
            return await reply.read()

    return asyncio.run(run())


def by_httpx_async(url):
    async def run():
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).content

    return asyncio.run(run())


def by_urlretrieve(url):
    return Path(urllib.request.urlretrieve(url, "out.png")[0]).read_bytes()


FETCHERS = {
    "requests": lambda url: requests.get(url, timeout=30).content,
    "requests, streamed": lambda url: b"".join(requests.get(url, stream=True).iter_content(500)),
    "a session of requests": lambda url: requests.Session().get(url).content,
    "httpx": lambda url: httpx.get(url).content,
    "httpx, async": by_httpx_async,
    "aiohttp": by_aiohttp,
    "urllib3": lambda url: urllib3.PoolManager().request("GET", url).data,
    "urlopen": lambda url: urllib.request.urlopen(url).read(),
    "urlretrieve": by_urlretrieve,
}


class TestLinks:
    @pytest.mark.parametrize("fetch", FETCHERS.values(), ids=FETCHERS)
    def test_can_be_fetched_with_whatever_one_uses(self, remove, fetch):
        url = remove(image_path="photo.jpg").data.url
        assert url.startswith(f"{ORIGIN}{LINK_PATH}")
        assert abs(subject_box(opened(fetch(url)))[0] - 100) <= 3

    def test_end_with_their_lifetime(self, remove, shim):
        url = remove(image_path="photo.jpg").data.url
        shim.links.clock.now += 59
        assert requests.get(url).status_code == 200
        shim.links.clock.now += 2
        assert requests.get(url).status_code == 404

    @pytest.mark.parametrize("max_disk_bytes", [0, 1 << 20], ids=["memory", "and disk"])
    def test_share_the_size_limit(self, sandbox, shim, max_disk_bytes):
        links = Links(max_bytes=6000, max_disk_bytes=max_disk_bytes)
        with sandbox.client() as client, using(Shim(client, links=links)) as small:
            urls = [sync(image_path="photo.jpg").data.url for _ in range(4)]
            assert sum(small.links.store.sizes().values()) <= 6000
            found = [requests.get(url).status_code for url in urls]
        assert found[-1] == 200
        assert (404 in found) is (max_disk_bytes == 0)

    def test_nobody_is_asked_for_them_where_no_door_covers(self, shim):
        import http.client

        url = sync(image_path="photo.jpg").data.url
        warnings.simplefilter("ignore")
        with pytest.raises(pixian_shim.errors.NotIntercepted, match="drop-in"):
            http.client.HTTPSConnection(url.split("/")[2]).request("GET", "/")

    def test_leave_everything_else_alone(self, shim):
        sync(image_path="photo.jpg")
        assert pixian_shim.doors._claims.find("https://api.picsart.io/tools/1.0/removebg") is None
        assert pixian_shim.doors._claims.find(f"https://api.picsart.io{LINK_PATH}x.png") is None
        assert pixian_shim.doors._claims.find(f"{ORIGIN}{LINK_PATH}x.png") is not None

    def test_stay_when_a_door_beside_them_closes(self, sandbox, shim):
        with sandbox.client() as client, pixian_shim.intercept("picsart", client=client):
            mine = sync(image_path="photo.jpg").data.url
            theirs = requests.post(
                "https://api.picsart.io/tools/1.0/removebg",
                files={"image": photo()},
                headers={"X-Picsart-API-Key": "k"},
            ).json()["data"]["url"]
            assert [requests.get(url).status_code for url in (mine, theirs)] == [200, 200]
        assert requests.get(mine).status_code == 200

    def test_come_back_after_uninstall_with_the_next_result(self, shim):
        first = sync(image_path="photo.jpg").data.url
        pixian_shim.uninstall()
        with pytest.raises(requests.ConnectionError):
            requests.get(first)
        second = sync(image_path="photo.jpg").data.url
        assert [requests.get(url).status_code for url in (first, second)] == [200, 200]


class TestErrors:
    def test_picture_is_checked_before_anything_is_sent(self, remove, sandbox):
        for wrong, words in (
            ({}, "At least one of `image_url`, or `image_path`"),
            ({"image_url": "http://x/y", "image_path": "photo.jpg"}, "Only one of"),
            ({"image_path": "nowhere.jpg"}, "does not exist: nowhere.jpg"),
        ):
            with pytest.raises(ValueError, match=words):
                remove(**wrong)
        assert not sandbox.requests

    def test_background_is_checked_as_well(self):
        with pytest.raises(ValueError, match="must be provided"):
            PicsartImage()

    def test_refusals_carry_the_services_words(self, remove):
        with pytest.raises(ApiError) as caught:
            remove(image_path="notes.txt")
        error = caught.value
        assert (error.code, error.message) == (400, "Bad Request")
        assert str(error) == f"ApiError(detail={error.detail}, message=Bad Request, code=400)"
        assert isinstance(error, ShimError)
        assert isinstance(error.__cause__, pixian_shim.errors.ImageError)
        assert not isinstance(error, ApiAuthenticationError)

    def test_no_credits(self, remove, sandbox):
        sandbox.set_credits(0)
        with pytest.raises(ApiError) as caught:
            remove(image_path="photo.jpg")
        assert (caught.value.code, type(caught.value.__cause__)) == (402, InsufficientCredits)

    def test_an_unset_key_is_an_error_of_the_call_not_of_the_client(self, shim, monkeypatch):
        monkeypatch.delenv("PICSART_API_KEY")
        client = picsart_sdk.client("remove_background")
        with pytest.raises(ApiAuthenticationError) as caught:
            client.remove_background(image_path="photo.jpg")
        assert (caught.value.code, caught.value.message) == (401, "Unauthorized")

    def test_a_wrong_secret(self, sandbox, shim):
        with sandbox.client(api_secret="wrong") as client, using(Shim(client)):
            for call in (sync, from_asyncio):
                with pytest.raises(ApiAuthenticationError):
                    call(image_path="photo.jpg")

    def test_no_answer_is_httpxs_own_exception(self, remove):
        with nobody_there(), pytest.raises(httpx.ConnectError) as caught:
            remove(image_path="photo.jpg")
        assert isinstance(caught.value, ConnectFailed)
        assert str(caught.value.request.url) == "https://api.picsart.io/tools/1.0/removebg"

    def test_errors_cross_processes(self):
        error = pickle.loads(pickle.dumps(ApiError("a", "b", 3)))
        assert (type(error), error.detail, error.message, error.code) == (ApiError, "a", "b", 3)
        assert ApiError(response_data={"detail": "x"}).detail == "x"

    def test_no_key_is_shown(self, shim):
        client = picsart_sdk.client("remove_background", api_key=LEGACY_KEY)
        with pytest.raises(ApiError) as caught:
            client.remove_background(image_path="notes.txt")
        assert "canary" not in f"{client!r}{caught.value!r}{caught.value.__cause__!r}"


class TestSettings:
    def seconds(self, **options):
        asked = []
        silent = type("Silent", (), {"serve": lambda _self, *_, timeout: asked.append(timeout) or 1 / 0})()
        with using(silent), pytest.raises(ZeroDivisionError):
            picsart_sdk.client("balance", **options).get_balance()
        return asked[0]

    def test_the_default_time_limit_is_pixians(self, monkeypatch):
        assert self.seconds() is None

    def test_a_time_limit_that_is_given_holds(self, monkeypatch):
        assert self.seconds(timeout=12) == 12
        monkeypatch.setenv("PICSART_SDK_DEFAULT_HTTP_TIMEOUT_SECONDS", "30")
        assert self.seconds() == 30
        assert self.seconds(timeout=12, version="2.0") == 12

    def test_other_settings_are_refused(self):
        with pytest.raises(TypeError):
            picsart_sdk.client("balance", retries=3)


def test_in_a_rollout_picsart_itself_may_answer(sandbox, shim):
    with (
        PicsartDouble() as double,
        Rollout(Flag(stage="off"), shim=shim, legacy={"picsart": double.url}) as rollout,
        using(rollout),
    ):
        response = sync(image_path="photo.jpg")
        assert response.data.url.startswith(double.url)
        assert requests.get(response.data.url).headers["content-type"] == "image/png"
        with pytest.raises(ApiAuthenticationError):
            picsart_sdk.client("balance", api_key="wrong-key").get_balance()
    assert not sandbox.requests


def test_addresses_are_fetched_as_the_shim_is_told(sandbox, shim):
    with (
        PicsartDouble() as double,
        sandbox.client() as client,
        using(Shim(client, fetcher=Fetcher(allow_private=True))),
    ):
        assert got(sync(image_url=f"{double.url}/photo.png", stroke_size=3)).size == (400, 300)
