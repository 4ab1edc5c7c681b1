"""What a client meets: results, headers, formats, geometry; in-process and over HTTP alike."""

import base64
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image

from pictures import RED, WHITE, encoded, opened, photo, picture, subject_box
from pixian_shim.images import rebuild_delta
from pixian_shim.pixian import AsyncPixian, Credentials

RESULT_HEADERS = {
    "x-credits-charged": "0.120000",
    "x-input-orientation": "1",
    "x-input-size": "400 300",
    "x-result-size": "400 300",
    "x-input-foreground": "80 100 100 140",
    "x-result-foreground": "80 100 100 140",
}


def chosen(answer, names=RESULT_HEADERS):
    return {name: answer.headers.get(name) for name in names}


def near(found, wanted, tolerance=3):
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def test_background_is_removed(ask):
    image = opened(ask().content)
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (400, 300))
    assert subject_box(image) == (100, 80, 200, 220)
    assert image.getpixel((150, 150)) == (*RED, 255)
    assert image.getpixel((5, 5)) == (0, 0, 0, 0)


def test_every_documented_header_is_sent(ask):
    answer = ask()
    assert answer.status_code == 200
    assert chosen(answer) == RESULT_HEADERS
    assert "x-credits-calculated" not in answer.headers


def test_test_images_are_free_and_tell_what_they_would_cost(ask, sandbox):
    answer = ask(test="true")
    assert chosen(answer, ["x-credits-charged", "x-credits-calculated"]) == {
        "x-credits-charged": "0.000000",
        "x-credits-calculated": "0.120000",
    }
    assert sandbox.credits == 1000


@pytest.mark.parametrize("word", ["True", "TRUE", "true"])
def test_booleans_are_read_in_any_case(ask, word):
    assert ask(test=word).headers["x-credits-charged"] == "0.000000"


def test_test_images_carry_a_watermark_on_the_subject_only(ask):
    plain, marked = (np.asarray(opened(ask(test=test).content)) for test in ("false", "true"))
    assert np.array_equal(plain[..., 3], marked[..., 3])
    changed = (plain != marked).any(axis=2)
    assert 0.03 < changed[80:220, 100:200].mean() < 0.7
    changed[80:220, 100:200] = False
    assert not changed.any()


@pytest.mark.parametrize(
    ("fields", "content_type", "mode"),
    [
        ({}, "image/png", "RGBA"),
        ({"output__format": "png"}, "image/png", "RGBA"),
        ({"output__format": "jpeg"}, "image/jpeg", "RGB"),
        ({"background__color": "#336699"}, "image/jpeg", "RGB"),
        ({"background__color": "#336699", "output__format": "png"}, "image/png", "RGB"),
        ({"background__color": "#336699", "output__format": "jpeg"}, "image/jpeg", "RGB"),
        ({"output__format": "delta_png"}, "image/png", "RGBA"),
    ],
)
def test_format_follows_the_parameters(ask, fields, content_type, mode):
    answer = ask(**fields)
    assert answer.headers["content-type"] == content_type
    assert opened(answer.content).mode == mode
    background = (0x33, 0x66, 0x99) if "background__color" in fields else WHITE
    if mode == "RGB":
        assert near(opened(answer.content).getpixel((5, 5)), background)


def test_jpeg_quality_counts(ask):
    small, large = (len(ask(output__format="jpeg", output__jpeg_quality=quality).content) for quality in ("5", "95"))
    assert small < large


@pytest.mark.parametrize(
    ("fields", "size", "foreground"),
    [
        ({"result__crop_to_foreground": "true"}, "100 140", "0 0 100 140"),
        ({"result__margin": "10px 20px"}, "440 320", "90 120 100 140"),
        ({"result__crop_to_foreground": "true", "result__margin": "10%"}, "120 168", "14 10 100 140"),
        ({"result__target_size": "800 600"}, "800 600", "160 200 200 280"),
        (
            {"result__crop_to_foreground": "true", "result__target_size": "280 280", "result__margin": "50px"},
            "280 280",
            "50 76 129 180",
        ),
        (
            {
                "result__crop_to_foreground": "true",
                "result__target_size": "200 560",
                "result__vertical_alignment": "top",
            },
            "200 560",
            "0 0 200 280",
        ),
        (
            {
                "result__crop_to_foreground": "true",
                "result__target_size": "200 560",
                "result__vertical_alignment": "bottom",
            },
            "200 560",
            "280 0 200 280",
        ),
    ],
)
def test_geometry_and_its_headers(ask, fields, size, foreground):
    answer = ask(**fields)
    assert answer.headers["x-result-size"] == size
    assert answer.headers["x-input-foreground"] == "80 100 100 140"
    image = opened(answer.content)
    assert f"{image.width} {image.height}" == size
    found = [int(number) for number in answer.headers["x-result-foreground"].split()]
    assert near(found, [int(number) for number in foreground.split()], 2)
    left, top, right, bottom = subject_box(image)
    assert near((top, left, right - left, bottom - top), found, 2)


def test_larger_input_is_shrunk_to_max_pixels(ask, sandbox):
    answer = ask(max_pixels="30000")
    width, height = map(int, answer.headers["x-result-size"].split())
    assert width * height <= 30000
    assert (width, height) == (200, 150)
    assert answer.headers["x-input-size"] == "400 300"
    assert near([int(n) for n in answer.headers["x-input-foreground"].split()], (80, 100, 100, 140), 4)
    assert answer.headers["x-credits-charged"] == "0.030000", "what is processed is paid for"


def test_delta_png_rebuilds_to_exactly_the_png(ask):
    noisy = np.asarray(picture()).copy()
    noisy[80:220, 100:200] = np.random.default_rng(3).integers(0, 120, (140, 100, 3))
    original = encoded(Image.fromarray(noisy))
    png, delta = (ask(original, output__format=kind) for kind in ("png", "delta_png"))
    assert len(delta.content) < len(png.content) / 3
    rebuilt = opened(rebuild_delta(delta.content, original))
    assert np.array_equal(np.asarray(rebuilt), np.asarray(opened(png.content)))
    stored = np.asarray(opened(delta.content))
    assert tuple(stored[150, 150]) == (255, 255, 255, 0)
    assert tuple(stored[5, 5]) == (0, 0, 0, 0)


def test_delta_png_ignores_geometry_and_background(ask):
    plain = ask(output__format="delta_png")
    told = ask(
        output__format="delta_png",
        background__color="#336699",
        result__crop_to_foreground="true",
        result__margin="10px",
        result__target_size="50 50",
    )
    assert told.content == plain.content
    assert chosen(told) == RESULT_HEADERS


def test_delta_png_of_a_test_shows_the_watermark(ask):
    original = photo()
    png, delta = (ask(original, output__format=kind, test="true").content for kind in ("png", "delta_png"))
    rebuilt = np.asarray(opened(rebuild_delta(delta, original)))
    assert np.array_equal(rebuilt, np.asarray(opened(png)))
    assert (np.asarray(opened(delta))[..., 3] == 255).any(), "opaque pixels of another colour are stored plainly"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_applied(ask, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = picture() if turned is None else picture().transpose(Image.Transpose(turned))
    answer = ask(encoded(stored, "JPEG", exif=exif.tobytes(), quality=95))
    assert answer.headers["x-input-orientation"] == str(orientation)
    assert answer.headers["x-input-size"] == "400 300"
    assert near(subject_box(opened(answer.content)), (100, 80, 200, 220))


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP"])
def test_every_input_format_is_read(ask, kind):
    answer = ask(encoded(picture(), kind))
    assert answer.status_code == 200
    assert near(subject_box(opened(answer.content)), (100, 80, 200, 220))


@pytest.mark.parametrize("fields", [{}, {"result__crop_to_foreground": "true"}, {"output__format": "delta_png"}])
def test_without_a_foreground_everything_is_transparent_and_nothing_cropped(ask, fields):
    answer = ask(encoded(picture(subject=None)), **fields)
    assert chosen(answer, ["x-input-foreground", "x-result-foreground", "x-result-size"]) == {
        "x-input-foreground": "0 0 0 0",
        "x-result-foreground": "0 0 0 0",
        "x-result-size": "400 300",
    }
    assert not np.asarray(opened(answer.content)).any()


def test_transparency_of_the_input_is_kept(ask):
    rgba = picture().convert("RGBA")
    rgba.paste((200, 30, 30, 100), (100, 80, 150, 220))
    image = opened(ask(encoded(rgba)).content)
    assert image.getpixel((125, 150))[3] == 100
    assert image.getpixel((175, 150)) == (*RED, 255)


def test_base64_and_urlencoded(http):
    text = base64.b64encode(photo()).decode()
    for value in (text, f"data:image/png;base64,{text}"):
        answer = http.post("/api/v2/remove-background", data={"image.base64": value, "result.margin": "1px"})
        assert answer.headers["x-result-size"] == "402 302"


def test_query_parameters_count_and_the_body_goes_first(http):
    files = {"image": photo()}
    path = "/api/v2/remove-background"
    asked = http.post(path, params={"test": "true", "result.margin": "1px"}, data={"result.margin": "2px"}, files=files)
    assert asked.headers["x-credits-charged"] == "0.000000"
    assert asked.headers["x-result-size"] == "404 304"


def test_everything_may_be_in_the_query(http):
    small = encoded(picture((40, 30), (10, 10, 20, 20)))
    params = {"image.base64": base64.b64encode(small).decode()}
    assert http.post("/api/v2/remove-background", params=params).headers["x-result-size"] == "40 30"


def test_file_counts_before_base64_before_url(http):
    small = base64.b64encode(encoded(picture((40, 30), (10, 10, 20, 20)))).decode()
    data = {"image.base64": small, "image.url": "nonsense"}
    path = "/api/v2/remove-background"
    assert http.post(path, data=data, files={"image": photo()}).headers["x-input-size"] == "400 300"
    assert http.post(path, data=data).headers["x-input-size"] == "40 30"


def test_unknown_parameters_are_ignored_and_noted_without_their_values(ask, sandbox):
    assert ask(format="png", secret="canary").status_code == 200
    assert sandbox.requests[-1].unknown == ("format", "secret")
    assert "canary" not in str(sandbox.requests)


@pytest.mark.parametrize(
    ("fields", "header", "value"),
    [
        ({"maxPixels": "30000"}, "x-result-size", "200 150"),
        ({"result.cropToForeground": "true"}, "x-result-size", "100 140"),
        ({"result.targetSize": "50 60"}, "x-result-size", "50 60"),
        ({"output.format": "deltaPng"}, "content-type", "image/png"),
        ({"output.format": "jpeg", "output.jpegQuality": "10"}, "content-type", "image/jpeg"),
        ({"max_pixels": "30000"}, "x-result-size", "200 150"),
    ],
)
def test_v1_takes_camel_case_names(http, fields, header, value):
    answer = http.post("/api/v1/remove-background", data=fields, files={"image": photo()})
    assert answer.headers[header] == value


def test_v2_does_not_take_v1_names(ask):
    assert ask(maxPixels="30000").headers["x-result-size"] == "400 300"


def test_account(http):
    assert http.get("/api/v2/account").json() == {
        "creditPack": "sandbox",
        "state": "active",
        "useBefore": "2099-12-31T00:00:00Z",
        "credits": 1000.0,
    }


def test_the_client_of_this_library_works_on_it(sandbox):
    with sandbox.client() as client:
        result = client.remove_background(photo(), test=True, crop_to_foreground=True)
        assert (result.result_size, result.credits_calculated) == ((100, 140), 0.12)
        delta = client.remove_background(photo(), delta=True)
        assert subject_box(opened(delta.content)) == (100, 80, 200, 220)
        assert client.account().credits == 999.88


async def test_the_async_client_of_this_library_works_on_it(sandbox):
    async with sandbox.async_client() as client:
        assert isinstance(client, AsyncPixian)
        result = await client.remove_background(BytesIO(photo()))
        assert result.credits_charged == 0.12
        assert (await client.account()).active


async def test_bare_async_client(sandbox):
    async with sandbox.async_http_client() as client:
        assert (await client.get("/api/v2/account")).status_code == 200


def test_clients_may_have_other_credentials(sandbox):
    with sandbox.client(credentials=Credentials("someone", "else")) as client, pytest.raises(Exception, match="1001"):
        client.account()


def test_many_at_once(sandbox, http):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: http.post("/api/v2/remove-background", files={"image": photo()}), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sandbox.credits == pytest.approx(1000 - 16 * 0.12)


def test_image_url_is_fetched(http):
    from sandbox_pictures import PictureServer

    with PictureServer() as server:
        for path in ("/photo.png", "/redirect/3"):
            answer = http.post("/api/v2/remove-background", data={"image.url": server.url + path})
            assert answer.headers.get("x-result-size") == "400 300", answer.text


def test_client_options_pass_through(sandbox):
    with sandbox.http_client(timeout=5.0) as client:
        assert client.timeout == httpx.Timeout(5.0)


def test_a_parameter_with_a_file_name_counts_all_the_same(http, sandbox):
    """``requests`` gives every entry of ``files=`` one."""
    files = {"image": ("a.png", photo()), "test": ("test", "true"), "background.color": ("b", "#ff0000")}
    answer = http.post("/api/v2/remove-background", files=files)
    assert answer.headers["x-credits-charged"] == "0.000000"
    assert answer.headers["content-type"] == "image/jpeg"
    assert sandbox.requests[-1].parameters == {"test": "true", "background.color": "#ff0000"}


def test_an_empty_file_field_of_a_browser_is_no_source(http):
    files = {"image": ("", b"", "application/octet-stream")}
    data = {"image.base64": base64.b64encode(photo()).decode()}
    assert http.post("/api/v2/remove-background", files=files, data=data).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"), [("result.margin", "9" * 400 + "px"), ("result.target_size", "1" * 5000 + " 1")]
)
def test_numbers_of_any_length_are_refused_politely(ask, name, value):
    answer = ask(**{name: value})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 1019)
