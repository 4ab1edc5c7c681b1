"""The drop-ins for the package ``photoroom`` 0.1.0 and for the official sample."""

import asyncio
import inspect
import pickle
import subprocess
import sys
import time
import warnings
from pathlib import Path

import httpx
import pytest

import pixian_adapters.photoroom as package
from drop_ins import DAYS, LEGACY_KEY, SECRET, assert_no_secret_is_seen, fill_disk, nobody_there
from pictures import opened, photo, subject_box
from pixian_adapters.photoroom import (
    AccountInfo,
    BatchError,
    BatchItemResult,
    BatchPartialFailureError,
    BatchProgress,
    BatchResult,
    ImageResponse,
    PhotoRoomAuthError,
    PhotoRoomBadRequest,
    PhotoRoomClient,
    PhotoRoomError,
    PhotoRoomPaymentError,
    PhotoRoomServerError,
    exceptions,
    remove_background,
)
from pixian_adapters.photoroom.rate_limiter import RateLimiter, RateLimitError
from pixian_adapters.photoroom.retry import RetryConfig
from pixian_adapters.photoroom.validation import ImageValidationError
from pixian_shim import Shim, alias, unalias, using
from pixian_shim.errors import ConnectFailed, InsufficientCredits, ServerError, ShimError, TimedOut
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox
from sandbox_pictures import PictureServer


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", api_secret=SECRET) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def folder(sandbox, tmp_path, monkeypatch):
    """Work in a fresh folder with photos, on the sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIXIAN_SHIM_POLICY", "silent")
    monkeypatch.delenv("PHOTOROOM_API_KEY", raising=False)
    Path("photo.jpg").write_bytes(photo("JPEG"))
    Path("photo.png").write_bytes(photo())
    Path("notes.txt").write_text("remember the milk")
    sandbox.reset()
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client, using(Shim(client)):
        yield tmp_path


@pytest.fixture
def client():
    return PhotoRoomClient(LEGACY_KEY)


def paid(sandbox):
    return [entry for entry in sandbox.requests if entry.method == "POST"]


EDIT_ARGUMENTS = """image_file image_url remove_background background_color background_prompt background_image_url background_image_file
background_blur_mode background_blur_radius background_expand_prompt background_guidance_image_url background_guidance_image_file
background_guidance_scale background_negative_prompt background_scaling background_seed beautify_mode beautify_seed expand_mode expand_seed
export_format export_dpi horizontal_alignment vertical_alignment ignore_padding_and_snap_on_cropped_sides image_from_prompt_prompt
image_from_prompt_seed image_from_prompt_size keep_existing_alpha_channel preserve_metadata layers lighting_mode margin margin_bottom
margin_left margin_right margin_top max_height max_width output_size padding padding_bottom padding_left padding_right padding_top
reference_box scaling segmentation_mode segmentation_negative_prompt segmentation_prompt shadow_mode template_id text_removal_mode
uncrop_mode uncrop_seed upscale_mode output_file""".split()
BATCH = {"on_error": "continue", "progress_callback": None, "output_dir": None, "output_pattern": "{index}_{name}"}
BATCH_SEGMENT = {"bg_color": None, "format": "png", "size": None}
BATCH_EDIT = dict.fromkeys(("background_color", "background_prompt", "background_seed")) | {
    "remove_background": True,
    "output_size": None,
    "padding": None,
    "export_format": "png",
}
NEEDED = inspect.Parameter.empty
SEGMENT = {
    "image_file": NEEDED,
    "format": "png",
    "channels": "rgba",
    "bg_color": None,
    "size": "full",
    "crop": False,
    "despill": False,
    "output_file": None,
}
EDIT = dict.fromkeys(EDIT_ARGUMENTS) | {"remove_background": True, "export_format": "png"}
SIGNATURES = {
    "__init__": {
        "api_key": None,
        "async_mode": False,
        "timeout": 120.0,
        "max_retries": 3,
        "retry_backoff": 2.0,
        "retry_on_status": None,
        "rate_limit": None,
        "rate_limit_strategy": "wait",
        "validate_images": True,
        "auto_resize": False,
        "auto_convert": False,
    },
    "remove_background": SEGMENT,
    "aremove_background": SEGMENT,
    "edit_image": EDIT,
    "aedit_image": EDIT,
    "get_account": {},
    "aget_account": {},
    "batch_remove_background": {"inputs": NEEDED} | BATCH_SEGMENT | {"max_workers": 5} | BATCH | {"kwargs": NEEDED},
    "abatch_remove_background": {"inputs": NEEDED}
    | BATCH_SEGMENT
    | {"max_concurrency": 5}
    | BATCH
    | {"kwargs": NEEDED},
    "batch_edit_image": {"inputs": NEEDED} | BATCH_EDIT | {"max_workers": 5} | BATCH | {"kwargs": NEEDED},
    "abatch_edit_image": {"inputs": NEEDED} | BATCH_EDIT | {"max_concurrency": 5} | BATCH | {"kwargs": NEEDED},
    "close": {},
    "aclose": {},
}


class TestSurface:
    @pytest.mark.parametrize("name", SIGNATURES)
    def test_arguments_are_the_originals_in_its_order(self, name):
        method = getattr(PhotoRoomClient, name)
        parameters = [*inspect.signature(method).parameters.values()][1:]
        assert [(one.name, one.default) for one in parameters] == [*SIGNATURES[name].items()]
        assert inspect.iscoroutinefunction(method) == (name.startswith("a") and name != "__init__")
        assert method.__name__ == name

    def test_names_that_programs_import(self):
        alias("photoroom")
        try:
            import photoroom
            from photoroom.client import PhotoRoomClient as Client
            from photoroom.exceptions import PhotoRoomError as Error
            from photoroom.types import ImageResponse as Response
            from photoroom.validation import ImageValidationError as Invalid
        finally:
            unalias()
        assert photoroom is package
        assert (Client, Error, Response, Invalid) == (
            PhotoRoomClient,
            PhotoRoomError,
            ImageResponse,
            ImageValidationError,
        )
        assert photoroom.BatchResult is BatchResult

    def test_exceptions_form_one_tree_and_are_ours(self):
        assert issubclass(PhotoRoomError, ShimError)
        for kind in (PhotoRoomBadRequest, PhotoRoomPaymentError, PhotoRoomAuthError, PhotoRoomServerError, BatchError):
            assert kind.__bases__ == (PhotoRoomError,)
        assert BatchPartialFailureError.__bases__ == (BatchError,)

    def test_key_is_in_no_repr(self, client):
        assert LEGACY_KEY not in repr(client)


class TestClient:
    def test_key_comes_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("PHOTOROOM_API_KEY", "from-there")
        assert PhotoRoomClient().api_key == "from-there"

    @pytest.mark.parametrize("key", [None, ""])
    def test_no_key_is_a_value_error(self, key):
        with pytest.raises(ValueError, match="PHOTOROOM_API_KEY"):
            PhotoRoomClient(key)

    def test_sandbox_key_warns_and_uses_test_mode(self, sandbox):
        with pytest.warns(UserWarning, match="Sandbox API key") as caught:
            client = PhotoRoomClient("sandbox_abc")
        assert caught[0].filename == __file__
        assert client.is_sandbox
        client.remove_background("photo.png")
        assert paid(sandbox)[-1].parameters["test"] == "true"

    def test_other_keys_do_not(self, sandbox, client):
        assert not client.is_sandbox
        client.remove_background("photo.png")
        assert paid(sandbox)[-1].parameters.get("test", "false") == "false"

    def test_pixians_own_key_in_its_place_is_used(self, sandbox):
        with pytest.raises(PhotoRoomAuthError):
            PhotoRoomClient("px123:nothing").remove_background("photo.png")
        assert PhotoRoomClient(f"sandbox:{SECRET}").get_account().images.available > 0

    def test_contexts(self, client):
        with client as same:
            assert same is client
        client.remove_background("photo.png")  # connections are made anew
        with pytest.raises(ValueError, match="async with"), PhotoRoomClient("k", async_mode=True):
            pass

    async def test_async_contexts(self, client):
        with pytest.raises(ValueError, match="async_mode"):
            async with client:
                pass
        later = PhotoRoomClient("k", async_mode=True)
        with pytest.raises(RuntimeError, match="context manager"):
            await later.aremove_background("photo.png")
        with pytest.raises(RuntimeError, match="context manager"):
            await later.abatch_remove_background(["photo.png"])
        async with later as same:
            assert same is later
        with pytest.raises(RuntimeError, match="context manager"):
            await later.get_account()


class TestRemoveBackground:
    @pytest.mark.parametrize("source", ["photo.png", Path("photo.png"), photo(), bytearray(photo())])
    def test_picture_by_path_or_bytes(self, client, source):
        result = client.remove_background(source)
        assert opened(result.image_data).size == (400, 300)
        assert subject_box(opened(result.image_data)) == (100, 80, 200, 220)

    def test_every_argument_has_its_effect(self, client):
        result = opened(client.remove_background("photo.png", "jpg", "rgba", "00FF00", "hd", True, False).image_data)
        assert (result.format, result.size) == ("JPEG", (100, 140))
        matte = opened(client.remove_background("photo.png", channels="alpha").image_data)
        assert matte.mode == "L"
        webp = opened(client.remove_background("photo.png", format="webp", despill=True).image_data)
        assert webp.format == "WEBP"

    def test_response(self, client):
        result = client.remove_background("photo.png")
        assert isinstance(result, ImageResponse)
        assert result.size == len(result.image_data)
        assert result.size_kb == result.size / 1024
        assert result.metadata == {"content-type": "image/png"}
        assert (
            result.background_seed
            is result.texts_detected
            is result.edit_further_url
            is result.unsupported_attributes
            is None
        )
        assert repr(result) == f"ImageResponse(size={result.size_kb:.1f}KB, metadata=['content-type'])"

    def test_output_file_is_written_and_the_response_given(self, client):
        result = client.remove_background("photo.png", output_file="out.png")
        assert Path("out.png").read_bytes() == result.image_data
        result.save("again.png")
        assert Path("again.png").read_bytes() == result.image_data

    def test_folder_of_the_output_is_looked_for_before_anything_is_paid(self, client, sandbox):
        with pytest.raises(FileNotFoundError):
            client.remove_background("photo.png", output_file="no/out.png")
        assert not sandbox.requests

    def test_missing_file(self, client, sandbox):
        with pytest.raises(FileNotFoundError, match=r"no\.png"):
            client.remove_background("no.png")
        Path("folder.png").mkdir()
        with pytest.raises(OSError, match="not a file"):
            client.remove_background("folder.png")
        assert not sandbox.requests


class TestEditImage:
    def test_arguments_are_the_parameters_in_snake_case(self, client):
        result = client.edit_image(
            "photo.png", output_size="1000x1000", padding=0.1, background_color="white", export_format="jpeg"
        )
        image = opened(result.image_data)
        assert (image.size, image.format) == ((1000, 1000), "JPEG")
        assert result.metadata["content-type"] == "image/jpeg"

    @pytest.mark.parametrize(
        ("arguments", "corner"),
        [
            ({"background_image_file": "blue.png"}, (0, 0, 255)),
            ({"background_image_file": photo(subject=None, background=(0, 255, 0))}, (0, 255, 0)),
            ({"background_blur_mode": "gaussian", "remove_background": False}, (255, 255, 255)),
        ],
    )
    def test_backgrounds(self, client, arguments, corner):
        Path("blue.png").write_bytes(photo(subject=None, background=(0, 0, 255)))
        result = opened(client.edit_image(Path("photo.png"), reference_box="originalImage", **arguments).image_data)
        assert result.convert("RGB").getpixel((5, 5)) == corner

    def test_switches_are_written_as_httpx_does(self, client):
        cut_off = photo(subject=(150, 160, 250, 300))
        result = client.edit_image(
            cut_off, output_size="1000x1000", padding=0.1, ignore_padding_and_snap_on_cropped_sides=False
        )
        assert abs(subject_box(opened(result.image_data))[3] - 900) <= 3

    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            ({"shadow_mode": "ai.soft"}, "shadow.mode"),
            ({"background_prompt": "on a beach"}, "background.prompt"),
            ({"background_guidance_image_file": "photo.png"}, "background.guidance.imageFile"),
            ({"lighting_mode": "ai.auto"}, "lighting.mode"),
            ({"text_removal_mode": "ai.all"}, "textRemoval.mode"),
            ({"image_from_prompt_prompt": "a car"}, "imageFromPrompt.prompt"),
            ({"template_id": "x"}, "templateId"),
            ({"layers": {"a": {"text": {"content": "x"}}}}, "layers"),
            ({"upscale_mode": "ai.fast"}, "upscale.mode"),
            ({"remove_background": False}, "removeBackground"),
        ],
    )
    def test_what_needs_artificial_intelligence_is_a_bad_request_that_names_it(self, client, sandbox, arguments, name):
        with pytest.raises(PhotoRoomBadRequest, match=rf"\[400\] {name}: cannot be done") as caught:
            client.edit_image("photo.png", **arguments)
        assert caught.value.__cause__.parameter == name
        assert not sandbox.requests

    @pytest.mark.parametrize("sources", [{}, {"image_file": "photo.png", "image_url": "http://x/y.png"}])
    def test_one_picture_is_needed(self, client, sources):
        with pytest.raises(ValueError, match="image_url"):
            client.edit_image(**sources)

    def test_address(self, client, served):
        from pixian_shim.shim import Fetcher

        with (
            Sandbox(engine="fast") as sandbox,
            sandbox.client() as pixian,
            using(Shim(pixian, fetcher=Fetcher(allow_private=True))),
        ):
            result = opened(client.edit_image(image_url=served, output_size="100x100").image_data)
        assert result.size == (100, 100)


@pytest.fixture(scope="module")
def served():
    with PictureServer() as server:
        yield f"{server.url}/photo.png"


class TestAccount:
    def test_account(self, client, sandbox):
        sandbox.set_credits(42.7)
        account = client.get_account()
        assert isinstance(account, AccountInfo)
        assert (account.images.available, account.images.subscription) == (42, 42)
        assert account.model_dump() == account.dict() == {
            "plan": account.plan,
            "images": {"available": 42, "subscription": 42},
        }  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize(
        ("call", "kind", "status", "words"),
        [
            (
                lambda client: client.remove_background("photo.png", size="huge"),
                PhotoRoomBadRequest,
                400,
                "size must be",
            ),
            (lambda client: client.edit_image("photo.png", padding=0.7), PhotoRoomBadRequest, 400, "padding must be"),
            (lambda client: client.remove_background(b"no picture"), PhotoRoomBadRequest, 400, "cannot be read"),
        ],
    )
    def test_bad_requests(self, client, call, kind, status, words):
        with pytest.raises(kind, match=words) as caught:
            call(client)
        error = caught.value
        assert (error.status_code, str(error)) == (status, f"[{status}] {error.message}")
        assert error.response_data
        assert isinstance(error.__cause__, ShimError)

    @pytest.mark.parametrize(
        ("fault", "kind", "status"),
        [
            ("no_credits", PhotoRoomPaymentError, 402),
            ("rate_limit", PhotoRoomError, 429),
            ("server_error", PhotoRoomServerError, 500),
            ("html", PhotoRoomServerError, 500),
        ],
    )
    @pytest.mark.parametrize("method", ["remove_background", "edit_image"])
    def test_refusals_by_status(self, client, sandbox, method, fault, kind, status):
        sandbox.fault(fault, times=9)
        with pytest.raises(PhotoRoomError) as caught:
            getattr(client, method)("photo.png", output_file="out.png")
        assert type(caught.value) is kind
        assert caught.value.status_code == status
        assert isinstance(caught.value.__cause__, ShimError)
        assert str(caught.value.__cause__) in caught.value.__notes__
        assert not Path("out.png").exists()
        assert len(paid(sandbox)) == 1

    def test_nobody_there_is_the_error_of_httpx(self, client):
        with nobody_there(), pytest.raises(httpx.ConnectError) as caught:
            client.remove_background("photo.png")
        assert isinstance(caught.value, ConnectFailed)
        assert str(caught.value.request.url) == "https://sdk.photoroom.com/v1/segment"

    @pytest.mark.parametrize(("timeout", "passed"), [({}, None), ({"timeout": 7.5}, 7.5)])
    def test_time_limit_of_the_program_holds_and_the_default_is_nobodys(self, timeout, passed):
        seen = []

        class Slow:
            def remove_background(self, *_, timeout=None, **__):
                seen.append(timeout)
                raise TimedOut("nothing came")

        with using(Shim(Slow())), pytest.raises(httpx.ReadTimeout):
            PhotoRoomClient("k", **timeout).remove_background("photo.png")
        assert seen == [passed]

    def test_statuses_are_repeated_where_the_program_names_them(self, sandbox, monkeypatch):
        waits = []
        monkeypatch.setattr(time, "sleep", waits.append)
        sandbox.fault("server_error", times=2)
        client = PhotoRoomClient("k", retry_on_status=[500], retry_backoff=3.0)
        assert client.remove_background("photo.png").size
        assert [round(wait) for wait in waits] in ([1, 2], [1, 3], [1, 4])
        sandbox.fault("server_error", times=9)
        with pytest.raises(PhotoRoomServerError):
            PhotoRoomClient("k", retry_on_status=[500], max_retries=1).remove_background("photo.png")
        assert len(waits) == 3

    def test_shapes_of_both_versions_are_understood(self):
        parse = exceptions.parse_error_response
        assert str(parse(400, {"detail": "d", "status_code": 400, "type": "t"})) == "[400] d"
        assert str(parse(402, {"error": {"detail": "none left"}})) == "[402] none left"
        assert str(parse(500, {"error": {"message": "m"}})) == "[500] m"
        assert str(parse(400, {"error": "plain"})) == "[400] plain"
        assert str(parse(418, {})) == "[418] Unknown error"
        assert type(parse(418, {})) is PhotoRoomError

    def test_errors_travel_between_processes(self, client, sandbox):
        sandbox.set_credits(0)
        with pytest.raises(PhotoRoomPaymentError) as caught:
            client.remove_background("photo.png")
        copy = pickle.loads(pickle.dumps(caught.value))
        assert (type(copy), str(copy), copy.response_data) == (
            PhotoRoomPaymentError,
            str(caught.value),
            caught.value.response_data,
        )
        assert isinstance(caught.value.__cause__, InsufficientCredits)

    @pytest.mark.parametrize("day", DAYS)
    def test_no_secret_is_seen_anywhere(self, day, client, sandbox, folder, caplog):
        source = b"no picture" if day == "bad picture" else "photo.png"
        assert_no_secret_is_seen(
            lambda: client.remove_background(source, output_file="out.png"),
            day,
            sandbox=sandbox,
            folder=folder,
            caplog=caplog,
            raises=PhotoRoomError,
        )


class TestValidation:
    def test_formats_that_photoroom_does_not_take(self, client, sandbox):
        Path("photo.bmp").write_bytes(photo("BMP"))
        with pytest.raises(ImageValidationError, match="Unsupported image format: bmp"):
            client.remove_background("photo.bmp")
        with pytest.raises(ImageValidationError, match="Unknown image format: txt"):
            client.remove_background("notes.txt")
        with pytest.raises(ImageValidationError, match="empty"):
            client.remove_background(b"")
        assert not sandbox.requests
        for options in ({"auto_convert": True}, {"validate_images": False}):
            assert opened(PhotoRoomClient("k", **options).remove_background("photo.bmp").image_data).size == (400, 300)

    def test_pictures_that_are_too_large_for_the_client(self, client):
        wide = photo("JPEG", size=(5200, 100), subject=(100, 10, 300, 90))
        with pytest.raises(ImageValidationError, match=r"5200x100.*auto_resize=True"):
            client.remove_background(wide)
        result = PhotoRoomClient("k", auto_resize=True).remove_background(wide)
        assert opened(result.image_data).size == (5000, 96)
        assert opened(PhotoRoomClient("k", validate_images=False).remove_background(wide).image_data).width == 5200

    def test_files_that_are_too_large_for_the_client(self, client, monkeypatch):
        monkeypatch.setattr("pixian_adapters.photoroom.validation.MAX_IMAGE_SIZE_BYTES", 1000)
        with pytest.raises(ImageValidationError, match="exceeds maximum allowed size"):
            client.remove_background("photo.png")
        shrunk = opened(PhotoRoomClient("k", auto_resize=True).remove_background("photo.png").image_data)
        assert shrunk.width < 400

    def test_transparency_survives_shrinking(self):
        from pictures import encoded, picture

        original = picture((5200, 100), (100, 10, 300, 90)).convert("RGBA")
        original.putalpha(0)
        original.paste((0, 200, 0, 255), (1000, 10, 2000, 90))
        client = PhotoRoomClient("k", auto_resize=True)
        result = client.edit_image(encoded(original), keep_existing_alpha_channel="auto", reference_box="originalImage")
        assert abs(subject_box(opened(result.image_data))[0] - 961) <= 3


class TestRates:
    def test_error_strategy_raises_when_the_limit_is_reached(self, sandbox):
        client = PhotoRoomClient("k", rate_limit=1, rate_limit_strategy="error")
        client.get_account()
        with pytest.raises(RateLimitError, match=r"1 req/s"):
            client.get_account()

    def test_wait_strategy_spreads_calls(self, monkeypatch):
        waits = []
        monkeypatch.setattr(time, "sleep", waits.append)
        monkeypatch.setattr(time, "monotonic", lambda: 100.0)
        limiter = RateLimiter(2.0)
        for _ in range(5):
            limiter.acquire()
        assert waits == [0.5, 1.0, 1.5]
        assert limiter.get_available_tokens() == 0
        assert "available=0.00" in repr(limiter)
        limiter.reset()
        assert limiter.get_available_tokens() == 2

    async def test_waiting_leaves_the_loop_free(self, monkeypatch):
        waits = []

        async def asleep(seconds):
            waits.append(seconds)

        monkeypatch.setattr(time, "monotonic", lambda: 100.0)
        monkeypatch.setattr(asyncio, "sleep", asleep)
        limiter = RateLimiter(0.5)
        await limiter.aacquire()
        await limiter.aacquire()
        assert waits == [2.0]

    def test_backoff_grows_up_to_its_limit(self):
        config = RetryConfig(backoff_factor=3.0, max_backoff=10.0, jitter=False)
        assert [config.calculate_backoff(attempt) for attempt in range(4)] == [1, 3, 9, 10]
        assert not config.should_retry(500, 0)


class TestAsync:
    @pytest.mark.parametrize("plain", [True, False])
    async def test_the_same_as_sync(self, client, plain):
        async with PhotoRoomClient("k", async_mode=True) as later:
            remove, edit, account = (
                (later.remove_background, later.edit_image, later.get_account)
                if plain
                else (later.aremove_background, later.aedit_image, later.aget_account)
            )
            results = await asyncio.gather(
                remove("photo.png", crop=True), edit("photo.png", padding=0.2, output_size="300x300"), account()
            )
        expected = (
            client.remove_background("photo.png", crop=True),
            client.edit_image("photo.png", padding=0.2, output_size="300x300"),
        )
        assert [result.image_data for result in results[:2]] == [result.image_data for result in expected]
        assert isinstance(results[2], AccountInfo)

    async def test_errors_are_the_same(self):
        async with PhotoRoomClient("k", async_mode=True) as later:
            with pytest.raises(PhotoRoomBadRequest, match=r"shadow\.mode"):
                await later.edit_image("photo.png", shadow_mode="ai.soft")
            with pytest.raises(FileNotFoundError):
                await later.aremove_background("no.png")

    async def test_names_with_an_a_work_in_sync_mode_too(self, client):
        assert (await client.aremove_background("photo.png", crop=True)).size

    async def test_loop_goes_on_while_a_picture_is_worked_on(self):
        ticks = []

        async def tick():
            while True:
                ticks.append(1)
                await asyncio.sleep(0.001)

        async with PhotoRoomClient("k", async_mode=True) as later:
            ticking = asyncio.create_task(tick())
            await later.edit_image("photo.png", output_size="900x900")
            ticking.cancel()
        assert len(ticks) > 3

    async def test_warnings_name_the_line_of_the_program(self, sandbox, monkeypatch):
        from pixian_shim.translation import forget_warnings

        forget_warnings()
        with (
            sandbox.client() as pixian,
            using(Shim(pixian, policy="warn")),
            warnings.catch_warnings(record=True) as seen,
        ):
            warnings.simplefilter("always")
            async with PhotoRoomClient("k", async_mode=True) as later:
                await later.remove_background("photo.png", despill=True)
        assert [Path(warning.filename).name for warning in seen] == [Path(__file__).name]
        forget_warnings()


class TestBatches:
    def test_results_are_in_order_and_counted(self, client):
        seen = []
        result = client.batch_remove_background(
            ["photo.png", Path("photo.jpg"), photo()],
            crop=True,
            progress_callback=lambda progress: seen.append(repr(progress)),
        )
        assert isinstance(result, BatchResult)
        assert [item.index for item in result] == [0, 1, 2]
        assert [item.input_file for item in result] == ["photo.png", "photo.jpg", "bytes_input_2"]
        assert (result.total, result.success_count, result.failure_count, len(result)) == (3, 3, 0, 3)
        assert (result.success_rate, result.all_successful, result.any_failed) == (1.0, True, False)
        assert result[0].result.size
        assert result.get_result(1).input_file == "photo.jpg"
        assert result.get_result(9) is None
        assert result.progress.is_complete
        assert len(seen) == 3
        assert seen[-1] == "BatchProgress(3/3 [100.0%], success=3, failed=0)"
        assert result.get_statistics()["total"] == 3
        assert repr(result).startswith("BatchResult(total=3, successful=3, failed=0, time=")
        result.raise_on_failure()

    def test_failures_stay_with_their_picture(self, client):
        result = client.batch_edit_image(["photo.png", "no.png"], output_size="50x50", padding="0.1")
        assert [item.success for item in result] == [True, False]
        assert isinstance(result.failed[0].error, FileNotFoundError)
        assert repr(result[1]).startswith("BatchItemResult(index=1, success=False, error=Image file not found")
        with pytest.raises(BatchPartialFailureError, match=r"1 failures \(1 succeeded, 1 failed\)") as caught:
            result.raise_on_failure()
        assert caught.value.failures == [(1, result[1].error)]
        assert (caught.value.successful_count, caught.value.failed_count) == (1, 1)

    @pytest.mark.parametrize("asynchronous", [False, True])
    def test_fail_fast_asks_for_nothing_more(self, client, sandbox, asynchronous):
        sandbox.fault("no_credits", times=99)
        pictures = ["photo.png"] * 20

        def run():
            if asynchronous:
                return asyncio.run(client.abatch_remove_background(pictures, max_concurrency=1, on_error="fail_fast"))
            return client.batch_remove_background(pictures, max_workers=1, on_error="fail_fast")

        with pytest.raises(BatchError) as caught:
            run()
        assert isinstance(caught.value.__cause__, PhotoRoomPaymentError)
        assert len(paid(sandbox)) < 5

    def test_output_folder_is_made_and_names_follow_the_pattern(self, client):
        result = client.batch_remove_background(
            ["photo.png", photo()], output_dir="out/all", output_pattern="{index}-{name}"
        )
        assert sorted(path.name for path in Path("out/all").iterdir()) == ["0-photo.png", "1-image_1.png"]
        assert [item.output_file for item in result] == ["out/all/0-photo.png", "out/all/1-image_1.png"]
        assert result.save_successful("again") == 2
        assert sorted(path.name for path in Path("again").iterdir()) == ["0_photo.png", "1_bytes_input_1"]

    async def test_asynchronous_batches_are_the_same(self, client):
        seen = []

        async def progress(counts):
            seen.append(counts.completed)

        async with PhotoRoomClient("k", async_mode=True) as later:
            result = await later.abatch_remove_background(["photo.png", "no.png"], progress_callback=progress)
            edited = await later.abatch_edit_image(["photo.png"], output_size="50x50", max_concurrency=1)
        assert [item.success for item in result] == [True, False]
        assert seen == [1, 2]
        assert opened(edited[0].result.image_data).size == (50, 50)

    def test_empty_batch(self, client):
        result = client.batch_remove_background([])
        assert (result.success_rate, result.progress.progress_percent, result.progress.success_rate) == (
            0.0,
            100.0,
            0.0,
        )
        assert result.get_statistics()["average_time_per_item"] == 0

    def test_results_made_by_hand(self):
        item = BatchItemResult(0, "a.png", success=True)
        assert repr(item) == "BatchItemResult(index=0, success=True, size=N/A)"
        assert BatchResult([item], 2.0).progress == BatchProgress(1, 1, 1, 0, 2.0, 0.0)
        assert BatchResult([item], 2.0).save_successful("out") == 0


class TestSample:
    def test_writes_the_result_and_says_so(self, capsys):
        remove_background.remove_background("photo.jpg", "out.png")
        assert capsys.readouterr().out == "Image saved to out.png\n"
        assert opened(Path("out.png").read_bytes()).mode == "RGBA"

    def test_prints_an_error_and_writes_nothing(self, capsys, sandbox):
        sandbox.set_credits(0)
        assert remove_background.remove_background("photo.jpg", "out.png") is None
        status, body = capsys.readouterr().out.splitlines()
        assert status == "Error: 402 - Payment Required"
        assert body.startswith('b\'{"detail":"API credits exhausted.')
        assert not Path("out.png").exists()

    def test_missing_file_and_folder(self, sandbox):
        with pytest.raises(FileNotFoundError):
            remove_background.remove_background("no.jpg", "out.png")
        with pytest.raises(FileNotFoundError):
            remove_background.remove_background("photo.jpg", "no/out.png")
        assert not sandbox.requests

    def test_nobody_there(self):
        with nobody_there(), pytest.raises(ConnectionError):
            remove_background.remove_background("photo.jpg", "out.png")

    def test_key_is_written_to_the_module(self, monkeypatch, capsys):
        monkeypatch.setattr(remove_background, "apiKey", "px123:nothing")
        remove_background.remove_background("photo.jpg", "out.png")
        assert "Error: 403" in capsys.readouterr().out


def test_answers_of_the_provider_itself_are_understood():
    """In a rollout the provider may answer, and not always with JSON."""
    from pixian_shim.translation import HttpResponse

    class Provider:
        def serve(self, *_args, **_options):
            return HttpResponse(503, {"content-type": "text/html"}, b"<h1>Service Unavailable</h1>")

        def close(self):
            pass

    with using(Provider()), pytest.raises(PhotoRoomError, match=r"\[503\] <h1>") as caught:
        PhotoRoomClient("k").remove_background("photo.png")
    assert caught.value.__cause__ is None
    assert not isinstance(caught.value, ServerError)


def test_works_without_requests(tmp_path):
    code = f"""
import sys; sys.modules["requests"] = None
from pixian_adapters.photoroom import PhotoRoomClient
from pixian_shim import Shim, using
from pixian_shim.sandbox import Sandbox
with Sandbox(engine="fast") as sandbox, sandbox.client() as client, using(Shim(client)):
    print(PhotoRoomClient("k").remove_background({photo()!r}).metadata)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "{'content-type': 'image/png'}"


def test_a_name_that_is_a_folder_or_may_not_be_written_is_found_out_before_anything_is_paid(
    client, sandbox, monkeypatch
):
    Path("out.png").mkdir()
    with pytest.raises(IsADirectoryError):
        client.remove_background("photo.png", output_file="out.png")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError):
        client.edit_image("photo.png", output_file="other.png")
    assert not sandbox.requests


def test_a_full_disk_does_not_lose_the_picture(client, monkeypatch):
    fill_disk(monkeypatch)
    with pytest.raises(OSError, match="No space") as caught:
        client.remove_background("photo.png", output_file="out.png")
    assert opened(caught.value.content).size == (400, 300)
    assert not Path("out.png").exists()
