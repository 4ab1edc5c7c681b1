"""Where each drop-in does more than the package it stands for; what is the same is compared in conformance/."""

import base64
import io
import logging
from pathlib import Path

import pytest
import requests

import pixian_adapters.removebg.removebg as removebg_module
from pictures import BLUE, opened, photo
from pixian_adapters.removebg import RemoveBg, remove_bg, remove_bg_api, removebgplus
from pixian_adapters.removebg.remove_bg import constants, exceptions
from pixian_shim import Shim, TranslationWarning, using
from pixian_shim.errors import ShimError
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox
from sandbox_pictures import PictureServer


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def folder(sandbox, tmp_path, monkeypatch):
    """Work in a fresh folder with photos, on the sandbox, and leave the root logger as it was."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIXIAN_SHIM_POLICY", "silent")
    Path("photo.jpg").write_bytes(photo("JPEG"))
    Path("behind.png").write_bytes(photo(subject=None, background=BLUE))
    sandbox.reset()
    muted = logging.root.manager.disable
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client, using(Shim(client)):
        yield tmp_path
    logging.disable(muted)


@pytest.fixture
def rembgpy():
    from pixian_adapters.removebg import rembgpy

    return rembgpy


@pytest.fixture(scope="module")
def photo_url():
    with PictureServer() as server:
        yield f"{server.url}/photo.png"


def corner(content):
    return opened(content).convert("RGBA").getpixel((3, 3))


def read(name):
    return Path(name).read_bytes()


class TestRemoveBg:
    @pytest.mark.parametrize(
        ("options", "corner_is", "kind"),
        [
            ({"format": "jpg"}, (255, 255, 255, 255), "JPEG"),
            ({"bg": "behind.png", "bg_type": "path"}, (*BLUE, 255), "JPEG"),
            ({"bg": "ff0000", "bg_type": "color"}, (254, 0, 0, 255), "JPEG"),
            ({"bg_color": "ff0000", "format": "png", "shadow": False}, (255, 0, 0, 255), "PNG"),
            ({"channels": "alpha"}, (0, 0, 0, 255), "PNG"),
            ({"type": "person", "type_level": "1", "semitransparency": False}, (0, 0, 0, 0), "PNG"),
        ],
    )
    def test_keywords_of_the_readme_do_what_they_say(self, options, corner_is, kind):
        RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", **options)
        result = read("photo.jpg_no_bg.png")
        assert opened(result).format == kind
        assert all(abs(a - b) <= 2 for a, b in zip(corner(result), corner_is, strict=True))

    @pytest.mark.parametrize(
        ("crop", "size"), [(True, (100, 140)), ("10px", (120, 160)), (None, (400, 300)), ("", (400, 300))]
    )
    def test_crop_is_switch_and_margin(self, crop, size):
        RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", crop=crop)
        result = opened(read("photo.jpg_no_bg.png"))
        assert all(abs(a - b) <= 8 for a, b in zip(result.size, size, strict=True))  # JPEG blurs the edge

    def test_a_new_name_may_be_given_to_the_file_method_too(self, folder):
        RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", new_file_name="mine.png")
        assert opened(read("mine.png")).mode == "RGBA"
        assert not Path("photo.jpg_no_bg.png").exists()

    def test_background_files_work_for_every_source(self, photo_url):
        text = base64.b64encode(read("photo.jpg"))
        RemoveBg("k", "e.log").remove_background_from_base64_img(text, bg="behind.png", bg_type="path")
        assert corner(read("no-bg.png"))[2] > 190

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"format": "webp"}, "format argument wrong"),
            ({"type": "dog"}, "type argument wrong"),
            ({"type_level": "3"}, "type_level argument wrong"),
            ({"channels": "rgb"}, "channels argument wrong"),
            ({"size": "50MP", "format": "png"}, "size argument wrong"),
            ({"size": "50MP", "format": "gif"}, "size argument wrong"),
        ],
    )
    def test_values_are_refused_as_by_the_code_of_the_readme(self, options, message, sandbox):
        with pytest.raises(ValueError, match=f"^{message}$"):
            RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", **options)
        assert not sandbox.requests

    def test_sizes_are_not_looked_at_in_calls_of_the_published_package(self):
        RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", "50MP")
        assert opened(read("photo.jpg_no_bg.png")).size == (400, 300)

    def test_an_unknown_keyword_is_a_type_error(self):
        with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
            RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", colour="red")

    def test_a_background_without_its_type_is_reported(self):
        with pytest.warns(TranslationWarning, match="bg_type") as warned:
            RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", bg="behind.png")
        assert warned[0].filename == __file__

    def test_the_photo_is_closed_after_an_error(self, sandbox, monkeypatch):
        opened_files = []
        real = open
        monkeypatch.setattr("builtins.open", lambda *a, **k: opened_files.append(real(*a, **k)) or opened_files[-1])
        sandbox.set_credits(0)
        with pytest.raises(requests.HTTPError):
            RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg")
        assert opened_files[0].name == "photo.jpg"
        assert opened_files[0].closed

    def test_a_method_that_puts_the_result_elsewhere_needs_no_folder(self):
        kept = {}

        class Mine(RemoveBg):
            def __output_file__(self, response, new_file_name):
                kept[new_file_name] = response.content

        Mine("k", "e.log").remove_background_from_img_file("photo.jpg", new_file_name="bucket/key.png")
        assert opened(kept["bucket/key.png"]).mode == "RGBA"

    def test_a_patched_endpoint_shows_and_is_not_asked(self, monkeypatch, sandbox):
        monkeypatch.setattr(removebg_module, "API_ENDPOINT", "https://elsewhere.example/v1.0/removebg")
        with pytest.raises(requests.HTTPError, match=r"for url: https://elsewhere\.example/v1\.0/removebg"):
            RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", "enormous")
        RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg")
        assert len(sandbox.requests) == 1

    def test_a_path_may_be_bytes(self):
        RemoveBg("k", "e.log").remove_background_from_img_file(b"photo.jpg")
        assert opened(read("photo.jpg_no_bg.png")).mode == "RGBA"


class TestRemoveBgApi:
    def test_a_fraction_of_a_credit_does_not_lose_the_result(self):
        remover = remove_bg_api.RemoveBg("k")
        assert remover.account.balance() == 1000
        result = remover.remove_bg_file("photo.jpg")
        assert opened(result).mode == "RGBA"
        assert remover.account.balance() == pytest.approx(1000 - 0.12)
        local = remover.account.balance()
        remover.account.refresh_balance()
        assert remover.account.balance() == pytest.approx(local)

    @pytest.mark.parametrize("charge", [None, "", "much", "1.0", "1"])
    def test_an_unreadable_charge_does_not_lose_the_result(self, charge):
        response = requests.Response()
        response.status_code, response._content = 200, b"picture"
        if charge is not None:
            response.headers["X-Credits-Charged"] = charge
        remover = remove_bg_api.RemoveBg("k")
        assert remover.__process_response__(response, True, True) == b"picture"
        assert remover.account.balance() == (999 if charge in ("1", "1.0") else 1000)

    def test_a_background_file_in_data_is_sent_as_a_file(self):
        result = remove_bg_api.RemoveBg("k").remove_bg_file("photo.jpg", data={"bg_image_file": read("behind.png")})
        assert corner(result)[2] > 190

    def test_wrong_credentials_fail_in_the_constructor(self, sandbox):
        with (
            sandbox.client(api_secret="no") as client,
            using(Shim(client)),
            pytest.raises(remove_bg_api.Errors.ApiErrorCode403) as caught,
        ):
            remove_bg_api.RemoveBg("k")
        assert caught.value.response.json()["errors"][0]["code"] == "auth_failed"

    def test_training_material_gets_an_id_and_goes_nowhere(self, sandbox):
        remover = remove_bg_api.RemoveBg("k")
        answer = remover.send_request("improve", "POST", {"image_file": read("photo.jpg")})
        assert set(answer.json()) == {"id"}
        assert [entry.method for entry in sandbox.requests] == ["GET"]

    def test_every_error_is_ours_and_has_its_text_from_the_start(self):
        for name, kind in vars(remove_bg_api.Errors).items():
            if isinstance(kind, type):
                assert issubclass(kind, ShimError), name
                assert kind().txt == str(kind())


class TestRemoveBgByRetxxxirt:
    def test_credits_and_previews_are_pixians(self):
        for tokens in ({"api_token": "k"}, {"session_token": "s"}):
            remover = remove_bg.RemoveBg(**tokens)
            assert remover.get_available_credits() == 1000.0
            assert isinstance(remover.get_available_credits(), float)
            assert remover.get_available_previews() == 0

    @pytest.mark.parametrize("ask", ["get_available_credits", "get_available_previews"])
    def test_the_account_needs_one_token(self, ask):
        with pytest.raises(exceptions.TokenRequired, match="session token"):
            getattr(remove_bg.RemoveBg(), ask)()

    @pytest.mark.parametrize(
        ("call", "kind"),
        [
            (lambda rb: rb.login("me@x", "pw"), remove_bg.LoginFailed),
            (lambda rb: rb.login(session_token="s"), remove_bg.LoginFailed),
            (lambda rb: rb.create_account("me@x", "pw"), remove_bg.AccountCreationFailed),
            (lambda rb: rb.generate_account(), remove_bg.AccountCreationFailed),
            (lambda rb: rb.activate_email("https://x"), exceptions.RemoveBgException),
        ],
    )
    def test_driving_a_website_is_refused_and_says_what_to_do(self, call, kind, sandbox):
        with pytest.raises(kind, match=r"\(\) is not offered: .* PIXIAN_API_ID") as caught:
            call(remove_bg.RemoveBg("a", "b", "c"))
        assert isinstance(caught.value, exceptions.NotOffered)
        assert "pw" not in str(caught.value)
        assert not sandbox.requests

    def test_a_patched_address_shows(self, monkeypatch, sandbox):
        monkeypatch.setattr(constants, "API_ENDPOINT", "https://elsewhere.example/v1.0/")
        sandbox.fault("server_error")
        with pytest.raises(requests.HTTPError, match=r"https://elsewhere\.example/v1\.0/removebg"):
            remove_bg.RemoveBg("k").remove_background_from_file("photo.jpg")

    def test_files_of_the_caller_stay_open_and_start_where_they_stand(self):
        file = io.BytesIO(b"junk" + read("photo.jpg"))
        file.seek(4)
        assert opened(remove_bg.RemoveBg("k").remove_background(image_file=file)).mode == "RGBA"
        assert not file.closed

    def test_text_in_the_place_of_a_file_is_no_path(self):
        with pytest.raises(exceptions.InvalidParameters):
            remove_bg.RemoveBg("k").remove_background(image_file="photo.jpg")


class TestRembgpy:
    def test_the_path_of_a_photo_is_sent_as_a_file(self, rembgpy):
        assert rembgpy.RemBg("k", "e.log").remove_img("photo.jpg") == "[*] Process finished."
        assert opened(read("removed-bg.png")).mode == "RGBA"

    @pytest.mark.parametrize("source", ["nowhere.jpg", "a\0b", "x" * 5000, 7])
    def test_anything_else_is_an_address_that_is_refused(self, source, rembgpy):
        with pytest.raises(requests.HTTPError) as caught:
            rembgpy.RemBg("k", "e.log").remove_img(source)
        assert caught.value.response.json()["errors"][0]["code"] == "invalid_image_url"

    def test_a_background_by_path_is_sent(self, rembgpy):
        rembgpy.RemBg("k", "e.log").remove_img("photo.jpg", bg="behind.png", bg_type="path")
        assert corner(read("removed-bg.png"))[2] > 190

    def test_crop_may_be_a_mere_switch(self, rembgpy):
        rembgpy.RemBg("k", "e.log").remove_img("photo.jpg", crop=True)
        assert max(opened(read("removed-bg.png")).size) < 150

    def test_logging_can_be_heard_again(self, rembgpy):
        rembgpy.set_logging(True)
        assert logging.getLogger("x").isEnabledFor(logging.CRITICAL)
        rembgpy.set_logging()
        assert not logging.getLogger("x").isEnabledFor(logging.CRITICAL)


class TestRemoveBgPlus:
    def test_base64_works(self):
        text = base64.b64encode(read("photo.jpg")).decode()
        assert removebgplus.RemoveBg("k").remove_from_base64(text, "out.png") == "out.png"
        assert opened(read("out.png")).mode == "RGBA"

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
    def test_base64_of_any_usual_picture_passes(self, kind):
        text = base64.b64encode(photo(kind)).decode()
        removebgplus.RemoveBg("k").remove_from_base64(text, "out.png")
        assert opened(read("out.png")).size == (400, 300)

    def test_an_address_is_looked_at_first(self, photo_url, sandbox):
        remover = removebgplus.RemoveBg("k")
        with pytest.raises(removebgplus.removebg.Error, match="Invalid url"):
            remover.remove_from_url(photo_url.replace("photo.png", "page"), "out.png")
        assert not sandbox.requests
        assert remover.remove_from_url(photo_url, "out.png") == "out.png"

    def test_an_address_where_nobody_is_keeps_its_cause(self):
        with pytest.raises(removebgplus.removebg.Error, match="Invalid url") as caught:
            removebgplus.RemoveBg("k").remove_from_url("http://127.0.0.1:1/a.png", "out.png")
        assert caught.value.__cause__ is not None

    def test_a_request_without_a_place_for_its_result_is_not_made(self, sandbox):
        with pytest.raises(TypeError):
            removebgplus.RemoveBg("k")._send_request(files={"image_file": read("photo.jpg")})
        assert not sandbox.requests

    @pytest.mark.parametrize("name", ["NoApiKey", "Error", "APIError"])
    def test_its_exceptions_are_ours(self, name):
        assert issubclass(getattr(removebgplus.removebg, name), ShimError)
