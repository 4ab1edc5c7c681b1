"""What holds for every drop-in of a package for remove.bg: no secret leaves, nothing paid is lost, errors are ours too."""

import logging
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import requests

from drop_ins import DAYS, LEGACY_KEY, SECRET, assert_no_secret_is_seen, fill_disk, nobody_there
from pictures import opened, photo
from pixian_adapters.removebg import RemoveBg, remove_bg, remove_bg_api, removebgplus
from pixian_shim import Shim, using
from pixian_shim.errors import ConnectFailed, InsufficientCredits, ShimError, TimedOut, TranslationError
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", api_secret=SECRET) as sandbox:
        yield sandbox


@pytest.fixture
def folder(sandbox, tmp_path, monkeypatch):
    """Work in a fresh folder with a photo, on the sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PIXIAN_SHIM_POLICY", raising=False)
    Path("photo.jpg").write_bytes(photo("JPEG"))
    Path("notes.txt").write_text("remember the milk")
    sandbox.reset()
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client, using(Shim(client)):
        yield tmp_path


@pytest.fixture
def rembgpy():
    """Import the package that mutes logging, and let the other tests hear again."""
    muted = logging.root.manager.disable
    from pixian_adapters.removebg import rembgpy

    yield rembgpy
    logging.disable(muted)


def removebg_call(path="photo.jpg", key=LEGACY_KEY, **options):
    RemoveBg(key, "error.log").remove_background_from_img_file(path, **options)
    return Path(path + "_no_bg.png").read_bytes()


def remove_bg_api_call(path="photo.jpg", key=LEGACY_KEY, **options):
    return remove_bg_api.RemoveBg(key).remove_bg_file(path, data=options or None)


def remove_bg_call(path="photo.jpg", key=LEGACY_KEY, **options):
    return remove_bg.RemoveBg(key).remove_background_from_file(path, **options)


def rembgpy_call(path="photo.jpg", key=LEGACY_KEY, **options):
    from pixian_adapters.removebg.rembgpy import RemBg

    RemBg(key, "error.log").remove_img(path, **options)
    return Path("removed-bg.png").read_bytes()


def removebgplus_call(path="photo.jpg", key=LEGACY_KEY):
    return Path(removebgplus.RemoveBg(key).remove_from_file(path, "out.png")).read_bytes()


CALLS = (removebg_call, remove_bg_api_call, remove_bg_call, rembgpy_call, removebgplus_call)
every_package = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__.removesuffix("_call"))
pytestmark = pytest.mark.usefixtures("rembgpy")


@every_package
def test_a_photo_comes_back_without_its_background(call, folder):
    result = opened(call())
    assert result.size == (400, 300)
    assert result.getpixel((5, 5))[3] == 0
    assert result.getpixel((150, 150))[3] == 255


@every_package
@pytest.mark.parametrize("day", DAYS)
def test_no_secret_is_seen_anywhere(call, day, folder, sandbox, caplog):
    logging.disable(logging.NOTSET)
    path = "notes.txt" if day == "bad picture" else "photo.jpg"
    assert_no_secret_is_seen(lambda: call(path), day, sandbox=sandbox, folder=folder, caplog=caplog)


@every_package
def test_a_key_of_pixians_in_the_old_slot_is_used(call, folder, sandbox):
    with sandbox.client(api_id="nobody", api_secret="nothing") as client, using(Shim(client)):
        assert opened(call(key=f"sandbox:{SECRET}")).mode == "RGBA"


@every_package
def test_a_key_of_pixians_that_is_wrong_is_refused(call, folder):
    with pytest.raises(Exception, match=r"403|Authentication|API Key"):
        call(key="px123:nothing")


@every_package
@pytest.mark.parametrize("fault", ["no_credits", "rate_limit", "server_error", "html"])
def test_every_refusal_is_an_error_of_ours_with_its_cause(call, fault, folder, sandbox):
    sandbox.fault(fault, times=9)
    with pytest.raises(ShimError) as caught:
        call()
    error = caught.value
    assert isinstance(error.__cause__, ShimError)
    assert error.response.status_code >= 400
    assert error.response.json()["errors"][0]["title"]
    assert str(error.__cause__) in error.__notes__


@every_package
def test_nobody_there_is_the_connection_error_of_requests(call, folder):
    with nobody_there(), pytest.raises(requests.exceptions.ConnectionError) as caught:
        call()
    assert isinstance(caught.value, ConnectFailed)
    assert isinstance(caught.value.__cause__, ConnectFailed)
    assert caught.value.request.url.startswith("https://api.remove.bg/")
    assert caught.value.may_have_run is False


@every_package
def test_an_answer_that_is_late_is_the_timeout_of_requests(call, folder):
    class Slow:
        def remove_background(self, *_, **__):
            raise TimedOut("nothing came")

        account = remove_background

    with using(Shim(Slow())), pytest.raises(requests.exceptions.ReadTimeout) as caught:
        call()
    assert isinstance(caught.value, TimedOut)


@every_package
def test_a_refusal_leaves_no_file(call, folder, sandbox):
    before = sorted(folder.rglob("*"))
    sandbox.fault("no_credits", times=9)
    with pytest.raises(ShimError):
        call()
    assert [path for path in sorted(folder.rglob("*")) if path.suffix != ".log"] == before


@pytest.mark.parametrize(
    "call",
    [
        lambda rembgpy: RemoveBg("k", "e.log").remove_background_from_img_url(
            "http://127.0.0.1/a.png", new_file_name="no/a.png"
        ),
        lambda rembgpy: RemoveBg("k", "e.log").remove_background_from_img_file("photo.jpg", new_file_name="no/a.png"),
        lambda rembgpy: remove_bg_api.RemoveBg("k").remove_bg_file("photo.jpg", "no/a.png", raw=False),
        lambda rembgpy: rembgpy.RemBg("k", "e.log").remove_img("photo.jpg", nfn="no/a.png"),
        lambda rembgpy: removebgplus.RemoveBg("k").remove_from_file("photo.jpg", "no/a.png"),
    ],
)
def test_a_folder_that_does_not_exist_is_found_out_before_anything_is_paid(call, folder, sandbox, rembgpy):
    with pytest.raises(FileNotFoundError, match=r"no/a\.png"):
        call(rembgpy)
    assert not [entry for entry in sandbox.requests if entry.method == "POST"]


def test_a_name_that_is_a_folder_is_found_out_as_well(folder, sandbox):
    Path("out.png").mkdir()
    with pytest.raises(IsADirectoryError):
        removebgplus.RemoveBg("k").remove_from_file("photo.jpg", "out.png")
    assert not sandbox.requests


def test_a_folder_that_may_not_be_written_to_is_found_out_as_well(folder, sandbox, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"out\.png"):
        removebgplus.RemoveBg("k").remove_from_file("photo.jpg", "out.png")
    assert not sandbox.requests


def test_a_result_may_go_to_a_device(folder):
    assert removebgplus.RemoveBg("k").remove_from_file("photo.jpg", "/dev/null") == "/dev/null"


def test_a_full_disk_does_not_lose_the_picture(folder, monkeypatch):
    fill_disk(monkeypatch)
    with pytest.raises(OSError, match="No space") as caught:
        removebg_call()
    assert opened(caught.value.content).size == (400, 300)
    assert not list(folder.glob("*_no_bg*")) + list(folder.glob(".*"))


def test_an_error_travels_between_processes(folder):
    with pytest.raises(requests.HTTPError) as caught:
        removebg_call(size="enormous")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is type(caught.value)
    assert str(copy) == str(caught.value)
    assert copy.response.json() == caught.value.response.json()


def test_the_reason_stands_below_the_message_of_requests(folder, sandbox):
    sandbox.set_credits(0)
    with pytest.raises(requests.HTTPError) as caught:
        removebg_call()
    assert str(caught.value) == "402 Client Error: Payment Required for url: https://api.remove.bg/v1.0/removebg"
    assert isinstance(caught.value.__cause__, InsufficientCredits)
    assert "InsufficientCredits" in "".join(traceback.format_exception(caught.value))


def test_a_refusal_of_the_translation_says_what_would_be_accepted(folder):
    with pytest.raises(requests.HTTPError) as caught:
        removebg_call(size="enormous")
    assert isinstance(caught.value.__cause__, TranslationError)
    assert "one of preview, small" in caught.value.__notes__[0]


MODULES = ("", ".remove_bg_api", ".remove_bg", ".rembgpy", ".removebgplus")


@pytest.mark.parametrize("module", MODULES)
def test_works_without_requests(module, tmp_path):
    code = f"""
import sys; sys.modules["requests"] = None
import pixian_adapters.removebg{module} as module
from pathlib import Path
Path("photo.jpg").write_bytes({photo("JPEG")!r})
from pixian_shim import Shim, using
from pixian_shim.sandbox import Sandbox
with Sandbox(engine="fast") as sandbox, sandbox.client() as client, using(Shim(client)):
    remover = (module.RemBg if hasattr(module, "RemBg") else module.RemoveBg)(*["k", "e.log"][: 1 + ({module!r} in ("", ".rembgpy"))])
    for ask in ("remove_background_from_img_file", "remove_bg_file", "remove_background_from_file", "remove_img", "remove_from_file"):
        if hasattr(remover, ask):
            getattr(remover, ask)(*["photo.jpg", "out.png"][: 1 + (ask == "remove_from_file")])
            try:
                getattr(remover, ask)(*[__file__ if "__file__" in globals() else sys.executable, "out.png"][: 1 + (ask == "remove_from_file")])
            except Exception as error:
                print(type(error).__name__, error.response.status_code, error.response.json()["errors"][0]["code"])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("400 file_too_large") or done.stdout.strip().endswith(
        "400 failed_to_read_image"
    )
