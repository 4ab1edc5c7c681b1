"""Clipdrop through the doors, on pixels: what becomes of a picture, by whichever way it comes in."""

import asyncio
import io

import httpx
import numpy as np
import pytest
import requests
from PIL import Image

from pictures import RED, encoded, opened, photo, picture, subject_box
from pixian_adapters.clipdrop.adapter import ADAPTER
from pixian_adapters.clipdrop.rules import DISCARD, RETURN
from pixian_shim import AsyncShim, Shim, intercept
from pixian_shim.gateway import Config, Gateway
from pixian_shim.pixian import Retry, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Form, HttpRequest, forget_warnings

URL = "https://clipdrop-api.co/remove-background/v1"
OLD = "https://apis.clipdrop.co/remove-background/v1"
KEY = {"x-api-key": "legacy"}


@pytest.fixture(scope="module")
def running():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    forget_warnings()
    return running


@pytest.fixture
def pixian(sandbox):
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client:
        yield client


def see_through(alpha=128, size=(60, 40)) -> Image.Image:
    """Draw a red picture with one pixel that is not opaque."""
    image = Image.new("RGBA", size, (*RED, 255))
    image.putpixel((3, 4), (10, 20, 30, alpha))
    return image


@pytest.fixture
def ask(pixian):
    """Post with requests, as people do."""

    def post(content=None, accept=None, url=URL, **fields):
        headers = KEY | ({"Accept": accept} if accept else {})
        files = {"image_file": ("photo.png", photo() if content is None else content, "image/png")}
        with intercept("clipdrop", client=pixian, policy="silent"):
            return requests.post(url, files=files, data=fields, headers=headers)

    return post


def asked(sandbox):
    return [entry for entry in sandbox.requests if entry.method == "POST"]


@pytest.mark.parametrize("url", [URL, OLD, URL + "/"])
def test_background_is_removed_and_the_size_stays(url, ask):
    answer = ask(url=url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    result = opened(answer.content)
    assert (result.size, result.mode) == ((400, 300), "RGBA")
    assert subject_box(result) == (100, 80, 200, 220)


def test_what_it_costs_is_told(ask, sandbox):
    consumed = float(ask().headers["X-Credits-Consumed"])
    assert consumed > 0
    assert consumed == pytest.approx(1000 - sandbox.credits)


def test_what_is_left_is_told_in_whole_credits(ask, sandbox):
    sandbox.set_credits(12.4)
    left = [int(ask().headers["x-remaining-credits"]) for _ in range(2)]
    assert left[1] == int(sandbox.credits)
    assert left[0] >= left[1]


@pytest.mark.parametrize(
    ("accept", "kind", "media", "corner"),
    [
        ("image/png", "PNG", "image/png", 0),
        ("image/webp", "WEBP", "image/webp", 0),
        ("image/jpeg", "JPEG", "image/jpeg", None),
        ("image/jpg", "JPEG", "image/jpeg", None),
        ("text/html, image/webp;q=0.4", "WEBP", "image/webp", 0),
    ],
)
def test_the_format_is_the_one_accepted(accept, kind, media, corner, ask):
    answer = ask(accept=accept)
    result = opened(answer.content)
    assert (result.format, answer.headers["Content-Type"], result.size) == (kind, media, (400, 300))
    at_corner = result.getpixel((2, 2))
    assert at_corner[3] == corner if corner is not None else min(at_corner) >= 250
    assert np.allclose(result.getpixel((150, 150))[:3], RED, atol=6)


def test_nothing_acceptable_is_406_before_anything_is_sent(ask, sandbox):
    answer = ask(accept="application/json")
    assert (answer.status_code, list(answer.json())) == (406, ["error"])
    assert not sandbox.requests


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_pictures_of_any_kind_are_taken(kind, ask):
    result = opened(ask(encoded(picture(), kind)).content)
    assert (result.format, result.size) == ("PNG", (400, 300))
    assert np.allclose(subject_box(result), (100, 80, 200, 220), atol=2)


@pytest.mark.parametrize("fields", [{}, {"transparency_handling": RETURN}, {"transparency_handling": "other"}])
@pytest.mark.parametrize("alpha", [0, 128, 254])
def test_a_picture_that_is_not_opaque_comes_back_untouched_and_unasked(alpha, fields, ask, sandbox):
    content = encoded(see_through(alpha))
    answer = ask(content, **fields)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, content, "image/png")
    assert answer.headers["X-Credits-Consumed"] == "0"
    assert not asked(sandbox)


@pytest.mark.parametrize(("accept", "kind"), [("image/webp", "WEBP"), ("image/jpeg", "JPEG")])
def test_it_comes_back_in_the_type_accepted(accept, kind, ask, sandbox):
    answer = ask(encoded(see_through(0)), accept)
    result = opened(answer.content)
    assert (result.format, result.size, answer.headers["Content-Type"]) == (kind, (60, 40), accept)
    assert np.allclose(result.getpixel((30, 30))[:3], RED, atol=6)
    assert not asked(sandbox)


def test_a_transparent_webp_comes_back_as_png_unless_webp_is_accepted(ask, sandbox):
    content = encoded(see_through(), "WEBP", lossless=True, exact=True)
    as_png = opened(ask(content).content)
    assert as_png.format == "PNG"
    assert as_png.tobytes() == see_through().tobytes()
    assert ask(content, "image/webp").content == content
    assert not asked(sandbox)


def test_an_alpha_channel_that_is_opaque_throughout_is_no_transparency(ask, sandbox):
    answer = ask(encoded(picture().convert("RGBA")))
    assert subject_box(opened(answer.content)) == (100, 80, 200, 220)
    assert len(asked(sandbox)) == 1


@pytest.mark.parametrize("accept", [None, "image/webp"])
def test_alpha_is_dropped_and_the_colours_stay(accept, ask, sandbox):
    image = picture().convert("RGBA")
    hidden = Image.new("L", image.size, 255)
    hidden.paste(0, (0, 0, 400, 150))  # the upper half of the subject as well
    image.putalpha(hidden)
    result = opened(ask(encoded(image), accept, transparency_handling=DISCARD).content)
    assert np.allclose(subject_box(result), (100, 80, 200, 220), atol=1)
    assert np.allclose(result.getpixel((150, 100)), (*RED, 255), atol=6)
    assert len(asked(sandbox)) == 1


def test_an_opaque_picture_is_sent_as_it_came_whatever_the_handling(ask, sandbox):
    for fields in ({}, {"transparency_handling": DISCARD}):
        assert subject_box(opened(ask(**fields).content)) == (100, 80, 200, 220)
    assert len(asked(sandbox)) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no picture", "cannot be read"), (b"", "cannot be read")],
)
def test_what_is_no_picture_is_400(content, words, ask, sandbox):
    answer = ask(content)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert sandbox.credits == 1000


def test_more_than_25_megapixels_are_400(ask, sandbox):
    big = io.BytesIO()
    Image.new("L", (5001, 5000)).save(big, "PNG")
    answer = ask(big.getvalue())
    assert answer.status_code == 400
    assert "25,005,000 pixels" in answer.json()["error"]
    assert not asked(sandbox)


@pytest.mark.parametrize(
    ("fault", "status"), [("no_credits", 402), ("rate_limit", 429), ("server_error", 500), ("html", 502)]
)
def test_what_goes_wrong_at_pixian_is_told_in_clipdrops_shape(fault, status, ask, sandbox):
    sandbox.fault(fault, times=9)
    answer = ask()
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_a_wrong_secret_is_403(sandbox):
    with sandbox.client(api_secret="wrong") as wrong, intercept("clipdrop", client=wrong):
        answer = requests.post(URL, files={"image_file": photo()}, headers=KEY)
    assert answer.status_code == 403


def test_a_key_of_pixians_in_the_old_slot_is_used(sandbox):
    with sandbox.client(api_secret="wrong") as wrong, intercept("clipdrop", client=wrong):
        answer = requests.post(URL, files={"image_file": photo()}, headers={"x-api-key": "sandbox:sandbox"})
    assert answer.status_code == 200


def test_a_lost_connection_is_one_of_requests(ask, sandbox):
    sandbox.fault("reset", times=9)
    with pytest.raises(requests.exceptions.ConnectionError):
        ask()


def test_other_services_are_told_apart_before_anything_is_sent(pixian, sandbox):
    with intercept("clipdrop", client=pixian):
        answer = requests.post("https://clipdrop-api.co/text-to-image/v1", json={"prompt": "x"}, headers=KEY)
    assert answer.status_code == 404
    assert "Pixian has no text-to-image" in answer.json()["error"]
    assert not sandbox.requests


def test_httpx_comes_in_too(pixian):
    with intercept("clipdrop", client=pixian), httpx.Client() as client:
        answer = client.post(URL, files={"image_file": photo()}, headers=KEY | {"Accept": "image/webp"})
    assert (answer.status_code, opened(answer.content).format) == (200, "WEBP")


def test_httpx_writes_a_header_of_its_own_that_asks_for_nothing(pixian):
    with intercept("clipdrop", client=pixian, policy="strict"), httpx.Client() as client:
        assert opened(client.post(URL, files={"image_file": photo()}, headers=KEY).content).format == "PNG"


def test_asyncio_comes_in_too(sandbox):
    async def ask():
        async with sandbox.async_client() as client, AsyncShim(client) as shim:
            form = Form.of({"image_file": Upload(encoded(see_through()))})
            return await shim.serve(ADAPTER, HttpRequest("POST", URL, KEY, parsed=form))

    answer = asyncio.run(ask())
    assert (answer.status, answer.body) == (200, encoded(see_through()))
    assert not asked(sandbox)


def test_the_gateway_answers_by_path_and_by_name(monkeypatch):
    with Sandbox(engine="fast", http=True) as upstream:
        for name, value in (("BASE_URL", upstream.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            monkeypatch.setenv(f"PIXIAN_{name}", value)
        with Gateway(Config(port=0)) as gateway:
            for path in ("/remove-background/v1", "/clipdrop/remove-background/v1"):
                answer = requests.post(
                    gateway.url + path, files={"image_file": photo()}, headers=KEY | {"Accept": "image/jpeg"}
                )
                assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
            kept = requests.post(
                f"{gateway.url}/remove-background/v1", files={"image_file": encoded(see_through())}, headers=KEY
            )
            assert kept.content == encoded(see_through())
            refused = requests.post(f"{gateway.url}/clipdrop/cleanup/v1", headers=KEY)
            assert (refused.status_code, list(refused.json())) == (404, ["error"])
            missing = requests.post(f"{gateway.url}/remove-background/v1", files={"image_file": photo()})
            assert (missing.status_code, missing.json()) == (401, {"error": "No api key provided"})


def test_a_webp_beyond_its_format_is_found_out_before_anything_is_paid(pixian, sandbox):
    long = encoded(picture((17_000, 10), (5, 2, 50, 8)))
    form = Form.of({"image_file": Upload(long)})
    answer = Shim(pixian).serve(ADAPTER, HttpRequest("POST", URL, KEY | {"Accept": "image/webp"}, parsed=form))
    assert answer.status == 400
    assert b"16,383" in answer.body
    assert not asked(sandbox)
