"""The drop-in for the package ``pixian-ai``: alone, and beside the real one against the same sandbox."""

import base64
import gc
import inspect
import json
import os
import pickle
import random
import subprocess
import sys
from functools import partial
from importlib import import_module

import pytest
import requests
from PIL import Image
from requests.adapters import HTTPAdapter

import legacy_packages
from pictures import encoded, photo, picture
from pixian_adapters.pixian_ai import PixianAI, _connections, utils
from pixian_adapters.pixian_ai import client as drop_in
from pixian_adapters.pixian_ai.client import PixianAIException, PixianAIResponse
from pixian_shim.errors import IncompleteBody, NotAnImage, RateLimited, ShimError
from pixian_shim.pixian import MAX_BASE64_CHARACTERS, Pixian
from pixian_shim.sandbox import Sandbox
from sandbox_pictures import PictureServer

# The original never closes the picture that it opens, nor a connection that broke.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TEXT = base64.b64encode(photo()).decode()


@pytest.fixture(scope="module")
def running():
    with Sandbox(engine="fast", http=True) as sandbox:
        yield sandbox
        _connections.close()
    gc.collect()  # what the original left open is complained about here, where it is let pass


@pytest.fixture(autouse=True)
def sandbox(running, monkeypatch, tmp_path):
    """Start every test in a folder of its own with ``photo.png`` in it."""
    running.reset()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PIXIAN_BASE_URL", running.url)
    monkeypatch.delenv("PIXIAN_TEST", raising=False)
    (tmp_path / "photo.png").write_bytes(photo())
    return running


@pytest.fixture
def client():
    return PixianAI("sandbox", "sandbox")


@pytest.fixture(scope="module")
def package():
    """Import the real package's module ``client``."""
    try:
        folder = legacy_packages.folder("pixian-ai")
    except legacy_packages.Unavailable as reason:
        pytest.skip(str(reason))
    sys.path.insert(0, str(folder))
    try:
        yield import_module("pixian_ai.client")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "pixian_ai"]:
            del sys.modules[name]


@pytest.fixture
def original(package, sandbox, monkeypatch):
    """Lead the real package's requests to the sandbox."""
    send = HTTPAdapter.send

    def rerouted(self, request, **options):
        request.url = request.url.replace("https://api.pixian.ai", os.environ["PIXIAN_BASE_URL"])
        return send(self, request, **options)

    monkeypatch.setattr(HTTPAdapter, "send", rerouted)
    return package


def outcome(module, *args, credentials=("sandbox", "sandbox"), **kwargs):
    """Tell all that a caller can observe of one call."""
    try:
        result = module.PixianAI(*credentials).remove_background(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 (whatever is raised is compared)
        builtin = [
            kind.__name__ for kind in type(error).__mro__ if kind.__module__ in ("builtins", "requests.exceptions")
        ]
        return type(error).__name__, str(error), getattr(error, "message", None), error.args, builtin
    return type(result).__name__, bytes(result), result.content, type(result.content), repr(result), len(result)


PICTURES = [
    {"image_path": "photo.png"},
    {"image_base64": TEXT},
    {"image_base64": f"data:image/png;base64,{TEXT}"},
    {"image_path": "photo.png", "image_base64": "ignored", "image_url": "ignored"},
    {"image_path": "photo.png", "max_pixels": 5000},
    {"image_path": "photo.png", "background_color": "#0055FF"},
    {"image_path": "photo.png", "background_color": "#0055ff", "output_format": "png"},
    {"image_path": "photo.png", "output_format": "jpeg", "output_jpeg_quality": 20},
    {"image_path": "photo.png", "output_format": "delta_png"},
    {"image_path": "photo.png", "result_crop_to_foreground": True},
    {"image_path": "photo.png", "result_crop_to_foreground": True, "result_margin": "10px 5.0%"},
    {"image_path": "photo.png", "result_margin": "1px 2px\t3px 4.5%"},
    {"image_path": "photo.png", "result_target_size": "300 200", "result_vertical_alignment": "top"},
]


@pytest.mark.parametrize("kwargs", PICTURES, ids=" ".join)
def test_result_is_the_original_packages_byte_for_byte(kwargs, original):
    theirs = outcome(original, **kwargs)
    assert theirs[0] == "PixianAIResponse"
    assert outcome(drop_in, **kwargs) == theirs


def test_picture_by_its_address_is_fetched_by_pixian(original):
    with PictureServer() as web:
        theirs, ours = (outcome(module, image_url=f"{web.url}/photo.png") for module in (original, drop_in))
    assert theirs[0] == "PixianAIResponse"
    assert ours == theirs


def test_arguments_are_taken_in_the_originals_order(original):
    args = ("photo.png", "", "", 20000, "#00ff00", True, "3px", "80 90", "bottom", "jpeg", 33)
    assert outcome(drop_in, *args) == outcome(original, *args)


REFUSED_BEFORE_SENDING = [
    (ValueError, {}),
    (ValueError, {"image_path": "", "image_base64": "", "image_url": ""}),
    (TypeError, {"image_path": None}),
    (TypeError, {"image_path": b"photo.png"}),
    (TypeError, {"image_base64": b"x"}),
    (TypeError, {"image_url": 1}),
    (TypeError, {"image_path": "photo.png", "max_pixels": "500"}),
    (TypeError, {"image_path": "photo.png", "max_pixels": 500.0}),
    (TypeError, {"image_path": "photo.png", "background_color": 0}),
    (TypeError, {"image_path": "photo.png", "result_crop_to_foreground": 1}),
    (TypeError, {"image_path": "photo.png", "result_margin": 5}),
    (TypeError, {"image_path": "photo.png", "result_target_size": (1, 2)}),
    (TypeError, {"image_path": "photo.png", "output_jpeg_quality": None}),
    (TypeError, {"image_path": "photo.png", "test": True}),
    (ValueError, {"image_path": "photo.png", "max_pixels": 99}),
    (ValueError, {"image_path": "photo.png", "max_pixels": 25000001}),
    (ValueError, {"image_path": "photo.png", "max_pixels": True}),
    (ValueError, {"image_path": "photo.png", "background_color": "0055FF"}),
    (ValueError, {"image_path": "photo.png", "background_color": "#0055FF8"}),
    (ValueError, {"image_path": "photo.png", "result_margin": ""}),
    (ValueError, {"image_path": "photo.png", "result_margin": "5"}),
    (ValueError, {"image_path": "photo.png", "result_margin": "1.5px"}),
    (ValueError, {"image_path": "photo.png", "result_margin": "1px 1px 1px 1px 1px"}),
    (ValueError, {"image_path": "photo.png", "result_target_size": "100"}),
    (ValueError, {"image_path": "photo.png", "result_target_size": "100x100"}),
    (ValueError, {"image_path": "photo.png", "result_vertical_alignment": "center"}),
    (ValueError, {"image_path": "photo.png", "output_format": "webp"}),
    (ValueError, {"image_path": "photo.png", "output_jpeg_quality": 101}),
    (ValueError, {"image_path": "photo.png", "max_pixels": 1, "output_format": "webp"}),
    (FileNotFoundError, {"image_path": "missing.png"}),
    (FileNotFoundError, {"image_path": "https://example.com/photo.png"}),
    (IsADirectoryError, {"image_path": "."}),
]


@pytest.mark.parametrize(("kind", "kwargs"), REFUSED_BEFORE_SENDING, ids=str)
def test_checks_are_the_originals_word_for_word(kind, kwargs, original, sandbox):
    theirs = outcome(original, **kwargs)
    assert theirs[0] == kind.__name__
    assert outcome(drop_in, **kwargs) == theirs
    assert not sandbox.requests


def test_too_many_arguments_are_told_as_by_the_original(original):
    args = ("photo.png",) * 12
    assert outcome(drop_in, *args) == outcome(original, *args)


def test_broken_picture_raises_pixians_own_words(original):
    with open("broken.png", "wb") as file:
        file.write(b"no picture")
    theirs = outcome(original, "broken.png")
    assert theirs[0] == "PixianAIException"
    assert json.loads(theirs[2])["error"]["code"] == 1006
    assert outcome(drop_in, "broken.png") == theirs


@pytest.mark.parametrize("credentials", [("other", "sandbox"), ("sandbox", "other")])
def test_wrong_credentials_raise_pixians_own_words(credentials, original):
    theirs = outcome(original, "photo.png", credentials=credentials)
    assert json.loads(theirs[2])["error"]["status"] == 401
    assert outcome(drop_in, "photo.png", credentials=credentials) == theirs


@pytest.mark.parametrize("kind", ["no_credits", "overloaded", "server_error", "not_json"])
def test_error_of_the_service_raises_its_text(kind, original, sandbox):
    sandbox.fault(kind)
    theirs = outcome(original, "photo.png")
    sandbox.fault(kind)
    assert theirs[0] == "PixianAIException"
    assert outcome(drop_in, "photo.png") == theirs


def test_used_up_credits_raise_pixians_own_words(original, sandbox):
    sandbox.set_credits(0)
    theirs = outcome(original, "photo.png")
    assert json.loads(theirs[2])["error"]["status"] == 402
    assert outcome(drop_in, "photo.png") == theirs


REFUSED_BY_PIXIAN = [
    {"image_path": "photo.png", "max_pixels": 0},
    {"image_path": "photo.png", "output_jpeg_quality": 0},
    {"image_path": "photo.png", "output_jpeg_quality": True},
    {"image_path": "photo.png", "result_target_size": "10.5 20"},
    {"image_path": "photo.png", "result_target_size": "0 0"},
    {"image_path": "photo.png", "background_color": "#00ff00\n"},
    {"image_path": "empty.png"},
    {"image_path": "large.png"},
    {"image_base64": "no base64!"},
    {"image_url": "photo.png"},
]


@pytest.mark.parametrize("kwargs", REFUSED_BY_PIXIAN, ids=str)
def test_what_pixian_would_refuse_raises_the_same_with_words_of_ours(kwargs, original):
    open("empty.png", "wb").close()
    if kwargs.get("image_path") == "large.png":
        with open("large.png", "wb") as file:
            file.write(encoded(picture((8000, 4001)), compress_level=1))
    theirs, ours = outcome(original, **kwargs), outcome(drop_in, **kwargs)
    assert theirs[0] == ours[0] == "PixianAIException"
    there, here = (json.loads(found[2])["error"] for found in (theirs, ours))
    assert (here["status"], here["code"]) == (there["status"], there["code"])
    assert list(here) == list(there)


@pytest.mark.parametrize("credentials", [("", ""), ("id", ""), (None, None), ("i:d", "x")])
def test_unusable_credentials_are_a_401_of_the_first_call(credentials):
    with pytest.raises(PixianAIException) as caught:
        PixianAI(*credentials).remove_background("photo.png")
    assert json.loads(caught.value.message)["error"]["status"] == 401


def test_lost_connection_is_one_of_requests(original, sandbox):
    for module in (original, drop_in):
        sandbox.fault("reset")
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            module.PixianAI("sandbox", "sandbox").remove_background("photo.png")
    assert isinstance(caught.value, ShimError)
    assert caught.value.request.url == "https://api.pixian.ai/api/v2/remove-background"


PUBLIC = ["PixianAI", "PixianAIException", "PixianAIResponse"]
METHODS = ["PixianAI.remove_background", "PixianAIResponse.save"]
CHECKS = ["enforce_types", "param_exists", "validate_css", "validate_hex", "validate_param", "validate_wh"]


def parameters(module, path, *, annotated):
    found = module
    for name in path.split("."):
        found = getattr(found, name)
    return [
        (item.name, item.kind, item.default, item.annotation if annotated else None)
        for item in inspect.signature(found).parameters.values()
    ]


@pytest.mark.parametrize("path", PUBLIC + METHODS)
def test_signature_is_the_originals(path, package):
    annotated = path == "PixianAI.remove_background"
    assert parameters(drop_in, path, annotated=annotated) == parameters(package, path, annotated=annotated)


@pytest.mark.parametrize("name", CHECKS)
def test_checks_can_be_imported_from_where_the_original_has_them(name, package):
    theirs = import_module("pixian_ai.utils")
    assert parameters(utils, name, annotated=False) == parameters(theirs, name, annotated=False)


def test_unusable_options_of_a_check_are_told(package):
    for module in (utils, import_module("pixian_ai.utils")):
        with pytest.raises(ValueError, match="Invalid value and options provided for x"):
            module.validate_param("x", 1, (1, 2, 3))


def test_package_itself_has_the_class_only(package):
    import pixian_adapters.pixian_ai as ours

    assert ours.__all__ == import_module("pixian_ai").__all__ == ["PixianAI"]


def test_result_is_saved_whole(client, tmp_path):
    result = client.remove_background("photo.png")
    assert result.save("cutout.png") is None
    assert (tmp_path / "cutout.png").read_bytes() == result
    assert sorted(os.listdir(tmp_path)) == ["cutout.png", "photo.png"]
    with pytest.raises(FileNotFoundError):
        result.save("missing/cutout.png")


def test_result_travels_between_processes(client):
    result = client.remove_background("photo.png")
    again = pickle.loads(pickle.dumps(result))
    assert (type(again), again, again.content) == (PixianAIResponse, result, result.content)


def test_text_of_a_result_never_fails():
    assert str(PixianAIResponse(b"text")) == "text"
    assert str(PixianAIResponse(b"\x89PNG")) == repr(PixianAIResponse(b"\x89PNG")) == "bytes:`PixianAIResponse`"


def test_exception_travels_between_processes_and_is_ours():
    error = pickle.loads(pickle.dumps(PixianAIException("text")))
    assert (error.message, str(error), error.args) == ("text", "text", ("text",))
    assert isinstance(error, ShimError)


@pytest.mark.parametrize("margin", ["5%", "5% 10px", "0%"])
def test_whole_per_cent_are_accepted(margin, client, sandbox):
    client.remove_background("photo.png", result_margin=margin)
    assert sandbox.requests[-1].status == 200


def test_empty_colour_and_target_size_count_as_not_given(client):
    plain = client.remove_background("photo.png")
    assert client.remove_background("photo.png", background_color="", result_target_size="") == plain


def test_base64_beyond_a_megabyte_is_sent_as_binary(client, sandbox):
    noise = encoded(Image.frombytes("RGB", (700, 600), random.Random(7).randbytes(700 * 600 * 3)))
    text = base64.b64encode(noise).decode()
    assert len(text) > MAX_BASE64_CHARACTERS
    client.remove_background(image_base64=text)
    assert sandbox.requests[-1].source == "image"


def test_opened_picture_is_closed(client):
    opened = []

    class Noted(PixianAI):
        def _ask(self, parameters, *, image):
            opened.append(image)
            return super()._ask(parameters, image=image)

    Noted("sandbox", "sandbox").remove_background("photo.png")
    assert opened[0].closed


def test_connections_are_kept_for_an_account_and_not_shared_between_accounts():
    first, again, other = (drop_in.Credentials("id", secret) for secret in ("one", "one", "two"))
    assert _connections.client_of(first) is _connections.client_of(again) is not _connections.client_of(other)


def test_closed_connections_are_made_again(client):
    client.remove_background("photo.png")
    _connections.close()
    assert client.remove_background("photo.png")


def test_program_ends_with_every_connection_closed(sandbox):
    code = (
        "from pixian_adapters.pixian_ai import PixianAI; PixianAI('sandbox', 'sandbox').remove_background('photo.png')"
    )
    done = subprocess.run([sys.executable, "-X", "dev", "-c", code], check=True, capture_output=True, text=True)
    assert done.stderr == ""


def test_changed_settings_make_another_client(client, monkeypatch, sandbox):
    client.remove_background("photo.png")
    monkeypatch.setenv("PIXIAN_TEST", "true")
    client.remove_background("photo.png")
    assert [entry.credits_charged > 0 for entry in sandbox.requests] == [True, False]


def test_rate_limit_is_waited_out(sandbox, monkeypatch):
    waits = []
    monkeypatch.setattr(_connections, "Pixian", partial(Pixian, sleep=waits.append))
    _connections.close()
    sandbox.fault("rate_limit", 2)
    PixianAI("sandbox", "sandbox").remove_background("photo.png")
    assert waits == [5.0, 10.0]
    sandbox.fault("rate_limit", 9)
    with pytest.raises(PixianAIException, match=r'"code": ?1015') as caught:
        PixianAI("sandbox", "sandbox").remove_background("photo.png")
    assert isinstance(caught.value.__cause__, RateLimited)
    _connections.close()


@pytest.mark.parametrize(
    ("fault", "options", "cause"), [("html", {"status": 200}, NotAnImage), ("half_body", {}, IncompleteBody)]
)
def test_answer_that_is_no_picture_raises_and_is_kept_on_the_cause(fault, options, cause, client, sandbox):
    sandbox.fault(fault, **options)
    with pytest.raises(PixianAIException) as caught:
        client.remove_background("photo.png")
    assert isinstance(caught.value.__cause__, cause)
    assert caught.value.__cause__.content


def test_unusable_address_is_told(client, monkeypatch):
    monkeypatch.setenv("PIXIAN_BASE_URL", "http://example.com")
    with pytest.raises(PixianAIException, match="base_url must begin with https"):
        client.remove_background("photo.png")


def test_secret_is_in_no_error(monkeypatch, sandbox, caplog):
    canary = "canary-4c1d7e"
    caplog.set_level("DEBUG")
    client = PixianAI("px-id", canary)
    texts = [repr(client), repr(_connections.client_of(client._credentials()))]
    for kwargs in ({"image_path": "photo.png"}, {"image_base64": "!"}, {"image_path": "photo.png", "max_pixels": 0}):
        with pytest.raises(PixianAIException) as caught:
            client.remove_background(**kwargs)
        error = caught.value
        texts += [str(error), repr(error), error.message, repr(error.__cause__), repr(vars(error.__cause__))]
    assert canary not in "".join([*texts, caplog.text])


def test_import_is_light():
    code = (
        "import sys, pixian_adapters.pixian_ai.client; "
        "print([name for name in ('numpy', 'PIL', 'requests', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_settings_file_has_no_part_in_it(client, sandbox, tmp_path):
    (tmp_path / "pixian.toml").write_text("test = true\n")
    client.remove_background("photo.png")
    assert "test" not in sandbox.requests[-1].parameters
