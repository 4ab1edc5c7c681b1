"""``remove()`` and its sessions: what the real package cannot be asked, and what is different on purpose.

Everything else is in ``test_rembg_conformance.py``.
"""

import io
import pickle
import subprocess
import sys
import types
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile

import pixian_adapters.rembg as dropin
from pictures import RED, WHITE, encoded, opened, photo, picture, subject_box
from pixian_adapters.rembg import bg, failures, imitate, inside, new_session, remove, sessions, versions
from pixian_adapters.rembg.failures import Rejected, RequestFailed
from pixian_adapters.rembg.pictures import completed
from pixian_shim import Shim, TranslationWarning, alias, errors, unalias, using
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import forget_warnings

PHOTO = picture((80, 60), (20, 10, 50, 40))
PNG = encoded(PHOTO)


class Soft:
    """An engine whose matte is known: opaque left, half in a stripe, nothing on the right."""

    def matte(self, rgb):
        matte = np.zeros(rgb.shape[:2], np.uint8)
        matte[:, :30], matte[:, 30:40] = 255, 128
        return matte


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine=Soft()) as running:
        yield running


@pytest.fixture
def pixian(sandbox):
    sandbox.reset()
    forget_warnings()
    with sandbox.client(retry=Retry(rate_limit_waits=0, connect_retries=0)) as client:
        yield client


@pytest.fixture(autouse=True)
def shim(pixian):
    with using(Shim(pixian)) as running:
        yield running


@pytest.fixture
def told(pixian):
    """Give what became of each argument in the last call."""
    notes = []
    with using(Shim(pixian, policy="silent", on_call=lambda *call: notes.append(call[1].notes))):
        yield lambda: {note.name: str(note.verdict) for note in notes[-1] if note.given}


def test_soft_pixels_have_straight_colours():
    cut = np.asarray(remove(picture((80, 60), (0, 0, 80, 60), colour=(200, 100, 50))))
    assert cut[5, 5].tolist() == [200, 100, 50, 255]
    assert cut[5, 35].tolist() == [200, 100, 50, 128]
    assert cut[5, 70].tolist() == [0, 0, 0, 0]


def test_soft_pixels_are_darkened_where_that_is_asked_for(monkeypatch):
    monkeypatch.setenv(bg.COLOURS, "darkened")
    flat = picture((80, 60), (0, 0, 80, 60), colour=(200, 100, 50))
    for cut in (np.asarray(remove(flat)), np.asarray(opened(remove(encoded(flat)))), remove(np.asarray(flat))):
        assert cut[5, 35].tolist() == [100, 50, 25, 128]
    assert remove(flat, bgcolor=(255, 255, 255, 255)).getpixel((35, 5)) == (177, 152, 140, 255)


def test_a_picture_costs_one_call_whatever_is_wanted(sandbox):
    for arguments in (
        {},
        {"only_mask": True},
        {"putalpha": True},
        {"post_process_mask": True, "bgcolor": (1, 2, 3, 4)},
    ):
        for data in (PNG, PHOTO, np.asarray(PHOTO)):
            sandbox.reset()
            remove(data, **arguments)
            assert len(sandbox.requests) == 1


@pytest.mark.parametrize("kind", [tuple, list, np.array, lambda colour: tuple(np.array(colour, np.uint8))])
def test_colour_may_be_of_numpys_numbers(kind):
    for data in (PNG, PHOTO, np.asarray(PHOTO)):
        assert remove(data, bgcolor=kind(np.array([1, 2, 3, 255]))) is not None
    assert remove(PHOTO, bgcolor=kind(np.array([1, 2, 3, 255]))).getpixel((70, 5)) == (1, 2, 3, 255)


def test_profile_and_metadata_of_an_image_are_not_sent():
    from PIL import ImageCms

    from pixian_adapters.rembg.pictures import upload_of

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    tagged = Image.open(io.BytesIO(encoded(PHOTO, icc_profile=profile)))
    sent = opened(upload_of(tagged).read())
    assert (sent.info, sent.tobytes()) == ({}, PHOTO.tobytes())


def test_image_beyond_what_pixian_takes_is_sent_as_jpeg(monkeypatch):
    from pixian_adapters.rembg import pictures

    monkeypatch.setattr(pictures, "MAX_UPLOAD_BYTES", 6000)
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 40, (60, 80, 3), np.uint8))
    assert pictures.upload_of(noise).header.format == "jpeg"
    assert pictures.upload_of(noise.convert("RGBA")).header.format == "jpeg", "as no pixel of it is transparent"
    soft = noise.convert("RGBA")
    soft.putpixel((0, 0), (0, 0, 0, 254))
    with pytest.raises(Rejected, match="Pixian takes 6,000"):
        pictures.upload_of(soft)


def test_opaque_array_of_four_channels_beyond_what_pixian_takes_is_sent(monkeypatch, sandbox):
    from pixian_adapters.rembg import pictures

    monkeypatch.setattr(pictures, "MAX_UPLOAD_BYTES", 6000)
    noise = np.random.default_rng(1).integers(0, 40, (60, 80, 4), np.uint8)
    noise[..., 3] = 255
    assert remove(noise).shape == (60, 80, 4)
    assert len(sandbox.requests) == 1


def test_image_without_pixels_is_refused_for_free(sandbox):
    with pytest.raises(ValueError, match="0 x 0"):
        remove(np.zeros((0, 0, 3), np.uint8))
    assert not sandbox.requests


# Code for 1.x


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("extra", range(8))
def test_file_read_as_numbers_is_taken_for_a_file(kind, extra, tmp_path, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    path = tmp_path / "photo"
    content = photo(kind, size=(80, 60 + extra), subject=(20, 10, 50, 40))
    path.write_bytes(content)
    result = remove(np.fromfile(path))
    assert isinstance(result, bytes)
    assert Image.open(io.BytesIO(result)).size == (80, 60 + extra)


def test_what_is_cut_off_further_is_left_as_it_is():
    png = photo()
    assert completed(png[:-30]) == png[:-30]
    assert completed(b"GIF89a...") == b"GIF89a..."
    for lost in range(1, 8):
        assert completed(png[:-lost]) == png


def test_array_of_bytes_is_a_file():
    assert isinstance(remove(np.frombuffer(PNG, np.uint8)), bytes)


def test_model_name_is_read(told):
    remove(PNG, model_name="u2net")
    assert told()["model_name"] == "ignored"


# Orders of arguments

ORDERS = {
    "2.0.30": [(PNG, False, 240, 10, 10, None, False, True)],
    "2.0.50": [(PNG, False, 240, 10, 10, None, False, True, (9, 8, 7, 255))],
    "2.0.57": [(PNG, False, 240, 10, 10, None, False, True, (9, 8, 7, 255), "more")],
    "2.0.67": [(PNG, False, 240, 10, 10, None, False, True, (9, 8, 7, 255), True)],
    "2.0.79": [(PNG, False, 240, 10, 10, None, False, True, True, (9, 8, 7, 255), True)],
    "2.0.80": [(PNG, False, 240, 10, 10, None, False, True, True, True, "base", (9, 8, 7, 255), True)],
    "2.0.86": [(PNG, False, 240, 10, 10, None, False, True, True, True, "base", (9, 8, 7, 255), True, "more")],
}


@pytest.mark.parametrize("version", ORDERS)
def test_arguments_are_read_in_the_order_of_the_release(version, monkeypatch, told):
    monkeypatch.setenv(versions.ENVIRONMENT, version)
    ((arguments),) = ORDERS[version]
    image = opened(remove(*arguments))
    if version != "2.0.30":
        assert image.getpixel((70, 5)) == (9, 8, 7, 255)
    assert told()["post_process_mask"] == "emulated"
    assert ("*args" in told()) == ("more" in arguments)
    assert dropin.__version__ == version


def test_release_may_be_said_in_code_which_goes_first(monkeypatch):
    monkeypatch.setenv(versions.ENVIRONMENT, "2.0.80")
    imitate("2.0.50")
    try:
        assert remove(PHOTO, False, 240, 10, 10, None, False, False, (9, 8, 7, 255)).getpixel((70, 5)) == (9, 8, 7, 255)
    finally:
        imitate(None)
    assert dropin.__version__ == "2.0.80"


def test_keywords_mean_the_same_in_every_release(monkeypatch):
    results = set()
    for version in ORDERS:
        monkeypatch.setenv(versions.ENVIRONMENT, version)
        results.add(remove(PNG, bgcolor=(1, 2, 3, 255), decontaminate=True, force_return_bytes=True))
    assert len(results) == 1


@pytest.mark.parametrize("version", ["1.0.30", "2.0.27", "newest", "2..0", "", "2.0.x"])
def test_other_releases_cannot_be_imitated(version, monkeypatch):
    with pytest.raises(errors.ConfigurationError, match=r"2\.0\.28 to 2\.0\.86"):
        imitate(version)
    if version:
        monkeypatch.setenv(versions.ENVIRONMENT, version)
        with pytest.raises(errors.ConfigurationError):
            remove(PNG)


def test_colour_in_the_place_of_another_release_is_told_of():
    with pytest.warns(TranslationWarning, match=f"set {versions.ENVIRONMENT}") as caught:
        remove(PNG, False, 240, 10, 10, None, False, False, (255, 255, 255, 255))
    assert caught[0].filename == __file__


# What is told


def test_every_argument_ends_in_one_note(told):
    remove(
        PNG,
        alpha_matting=True,
        alpha_matting_foreground_threshold=270,
        session=new_session("u2net", providers=["CPUExecutionProvider"], sess_opts=object()),
        bgcolor=[1, 2, 3, 255],
        bg_threshold=10,
        force_return_bytes=True,
    )
    assert told() == {
        "data": "converted",
        "session": "ignored",
        "providers": "ignored",
        "sess_opts": "ignored",
        "alpha_matting": "ignored",
        "alpha_matting_foreground_threshold": "ignored",
        "force_return_bytes": "exact",
        "bgcolor": "converted",
        "bg_threshold": "ignored",
    }


def test_common_calls_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session = new_session("isnet-general-use")
        remove(PHOTO, session=session, alpha_matting=True, alpha_matting_erode_size=11, post_process_mask=True)
        remove(PNG, True, 270, 20, 11)


def test_subject_model_warns_once_where_it_is_used():
    session = new_session("u2net_human_seg")
    with pytest.warns(TranslationWarning, match="one kind of subject") as caught:
        remove(PNG, session=session)
        remove(PNG, session=session)
    assert (len(caught), caught[0].filename) == (1, __file__)


def test_strict_policy_lets_hints_pass_and_stops_the_rest_for_free(pixian, sandbox):
    with using(Shim(pixian, policy="strict")):
        remove(PNG, alpha_matting=True, session=new_session("u2net"))
        sandbox.reset()
        with pytest.raises(ValueError, match="bg_threshold"):
            remove(PNG, bg_threshold=10)
    assert not sandbox.requests


# Sessions


@pytest.mark.parametrize("name", ["sam", "u2net_cloth_seg", "u2net_custom", "dis_custom", "ben_custom"])
def test_session_that_cannot_be_had_is_refused_when_it_is_made(name):
    with pytest.raises(ValueError, match=f"'{name}'.*Pixian cannot do"):
        new_session(name)


def test_class_made_directly_is_refused_when_it_is_used(sandbox):
    from pixian_adapters.rembg.sessions.sam import SamSession

    with pytest.raises(ValueError, match="'sam'"):
        remove(PNG, session=SamSession("sam", None))
    assert not sandbox.requests


def test_classes_tell_what_they_are():
    from pixian_adapters.rembg.sessions.u2net import U2netSession

    assert U2netSession.download_models() == ""
    assert (U2netSession.name(), U2netSession.is_local()) == ("u2net", False)
    assert U2netSession.has_usage_cost()
    assert U2netSession.requires_credentials()
    assert sessions.U2netSession is U2netSession is sessions.sessions["u2net"]
    assert sessions.sessions_names_no_credentials == []


def test_own_class_costs_nothing_unless_it_says_so(sandbox):
    class Own(sessions.base.BaseSession):
        def predict(self, img, *args, **kwargs):
            return [Image.new("L", img.size, 255)]

        @classmethod
        def name(cls, *args, **kwargs):
            return "own"

    assert (Own.has_usage_cost(), Own.is_local(), Own.requires_credentials(), Own.download_models()) == (
        False,
        True,
        False,
        "",
    )
    sessions.sessions_class.append(Own)
    try:
        session = new_session("own")
    finally:
        sessions.sessions_class.remove(Own)
    assert remove(PHOTO, session=session).getpixel((25, 15)) == (*RED, 255)
    assert isinstance(remove(PNG, session=session), bytes)
    assert not sandbox.requests


def test_own_class_without_a_predict_says_so():
    with pytest.raises(NotImplementedError):
        sessions.base.BaseSession("x").predict(PHOTO)
    with pytest.raises(NotImplementedError):
        sessions.base.BaseSession.name()


def test_own_predict_below_one_of_ours_is_asked(sandbox):
    from pixian_adapters.rembg.sessions.u2net import U2netSession

    class Twice(U2netSession):
        def predict(self, img, *args, **kwargs):
            (mask,) = super().predict(img)
            return [mask, mask]

    assert remove(PHOTO, session=Twice("u2net", None)).size == (80, 120)
    assert len(sandbox.requests) == 1


def test_own_class_of_the_usual_kind_runs_its_network(monkeypatch, sandbox):
    class Network:
        def __init__(self, path, *, sess_options, providers):
            self.made_with = path, sess_options, providers

        def get_inputs(self):
            return [types.SimpleNamespace(name="input")]

        def run(self, _outputs, given):
            return [(given["input"][:, :1] < 0).astype(np.float32)]

    class Own(sessions.base.BaseSession):
        def predict(self, img, *args, **kwargs):
            (found,) = self.inner_session.run(None, self.normalize(img, (0.5, 0.9, 0.9), (1, 1, 1), (32, 24)))
            return [Image.fromarray((found[0, 0] * 255).astype(np.uint8)).resize(img.size)]

        @classmethod
        def name(cls, *args, **kwargs):
            return "own"

        @classmethod
        def download_models(cls, *args, **kwargs):
            return f"{cls.model_dir()}/{kwargs['weights']}"

    runtime = types.SimpleNamespace(InferenceSession=Network)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    monkeypatch.setenv("U2NET_HOME", "/models")
    session = Own("own", "options", providers=["CPU"], weights="own.onnx")
    assert session.inner_session.made_with == ("/models/models/own/own.onnx", "options", ["CPU"])
    assert remove(PHOTO, session=session).size == (80, 60)
    assert not sandbox.requests


def test_own_class_without_onnxruntime_says_what_is_missing(monkeypatch):
    class Own(sessions.base.BaseSession):
        @classmethod
        def download_models(cls, *args, **kwargs):
            return "own.onnx"

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(errors.ConfigurationError, match="pip install onnxruntime"):
        Own("own")


def test_session_of_pixians_has_no_network():
    with pytest.raises(AttributeError, match="get_inputs"):
        new_session("u2net").normalize(PHOTO, (0, 0, 0), (1, 1, 1), (32, 24))


def test_places_of_models_are_rembgs(monkeypatch):
    own = sessions.sessions["u2net"]
    for name in ("U2NET_HOME", "REMBG_HOME", "XDG_DATA_HOME", "MODEL_CHECKSUM_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nowhere")
    assert (own.u2net_home(), own.legacy_home()) == ("/nowhere/.rembg", "/nowhere/.u2net")
    assert own.model_dir() == "/nowhere/.rembg/models/u2net"
    assert (own.rembg_home(), own.resolve_existing("u2net.onnx"), own.checksum_disabled()) == (
        own.u2net_home(),
        None,
        False,
    )
    with pytest.raises(ValueError, match="is required"):
        own.validate_model_path()
    with pytest.raises(ValueError, match="within the models directory"):
        own.validate_model_path(model_path="/elsewhere/x.onnx")
    assert own.validate_model_path(model_path="/nowhere/.u2net/x.onnx") == "/nowhere/.u2net/x.onnx"
    monkeypatch.setenv("MODEL_CHECKSUM_DISABLED", "0")
    assert own.checksum_disabled()


@pytest.mark.parametrize(
    ("device", "there", "chosen"),
    [
        ("CPU", ["CUDA", "CPU"], ["CPU"]),
        ("GPU", ["Tensorrt", "CUDA", "CPU"], ["CUDA", "CPU"]),
        ("GPU", ["ROCM", "CPU"], ["ROCM", "CPU"]),
        ("CPU", ["OpenVINO", "CPU"], ["OpenVINO", "CPU"]),
    ],
)
def test_network_runs_where_rembg_would_run_it(device, there, chosen, monkeypatch):
    from pixian_adapters.rembg import networks

    runtime = types.SimpleNamespace(
        get_device=lambda: device,
        get_available_providers=lambda: [f"{name}ExecutionProvider" for name in there],
        InferenceSession=lambda _path, sess_options, providers: providers,
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    assert networks.loaded("own.onnx", None, None) == [f"{name}ExecutionProvider" for name in chosen]


def test_clean_colours_with_a_mask_of_ones_own():
    class Own(sessions.base.BaseSession):
        def predict(self, img, *args, **kwargs):
            mask = np.zeros((img.height, img.width), np.uint8)
            mask[10:40, 20:50], mask[10:40, 50:52] = 255, 128
            return [Image.fromarray(mask)]

    mixed = np.asarray(PHOTO).copy()
    mixed[10:40, 50:52] = [(red + white) // 2 for red, white in zip(RED, WHITE, strict=True)]
    for option in ("alpha_matting", "decontaminate", "vitmatte"):
        cut = remove(mixed, session=Own("own"), **{option: True})
        assert cut[20, 51, 3] == 128
        assert np.abs(cut[20, 51, :3].astype(int) - RED).max() < 40


def test_key_of_pixian_is_used_and_one_of_another_service_is_not(sandbox):
    with pytest.raises(RequestFailed, match=r"pixian API error \(401\)"):
        remove(PNG, session=new_session("pixian", api_key="sandbox:wrong-secret"))
    remove(PNG, session=new_session("pixian", api_key="sandbox:sandbox", timeout=60))
    remove(PNG, session=new_session("withoutbg", api_key="some:thing"))


def test_sessions_can_be_pickled_and_show_no_key():
    session = new_session("pixian", api_key="px123:canary-secret")
    again = pickle.loads(pickle.dumps(session))
    assert (again.model_name, again.key) == ("pixian", "px123:canary-secret")
    assert "canary" not in repr(again)


@pytest.mark.parametrize(("models", "code"), [((), None), (("u2net", "sam"), None), (("u3net",), 1)])
def test_download_models_downloads_nothing(models, code, capsys):
    if code:
        with pytest.raises(SystemExit) as caught:
            bg.download_models(models)
        assert caught.value.code == code
    else:
        bg.download_models(models)
    assert len(capsys.readouterr().out.splitlines()) == len(models)


# Errors


def test_error_of_the_service_is_one_of_its_own_clouds_and_ours(sandbox):
    sandbox.set_credits(0)
    with pytest.raises(RuntimeError, match=r"pixian API error \(402\)") as caught:
        remove(PNG)
    assert isinstance(caught.value, errors.ShimError)
    assert isinstance(caught.value.__cause__, errors.InsufficientCredits)


@pytest.mark.parametrize("data", [PNG, PHOTO], ids=["bytes", "image"])
def test_lost_connection_tells_that_it_may_have_been_charged(sandbox, data):
    sandbox.fault("reset")
    with pytest.raises(RuntimeError, match="pixian API request failed") as caught:
        remove(data)
    assert caught.value.__cause__.may_have_run
    assert caught.value.attempts == 1


def test_page_with_status_200_is_an_error(sandbox):
    sandbox.fault("html", status=200)
    with pytest.raises(RuntimeError, match=r"pixian API error \(200\)"):
        remove(PNG)


def test_picture_that_pixian_cannot_read_is_pillows_error():
    with pytest.raises(Image.UnidentifiedImageError) as caught:
        remove(PNG[:60])
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, errors.ImageError)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


BOMB = b"P6 13400 13400 255\n"
DAMAGED = {
    "cut off": PNG[:60],
    "no chunk": b"%s\0\0\0\5%s" % (PNG[:33], PNG[33:]),
    "wrong checksum": PNG[:33] + b"\0\0\0\1ZZZZx0123" + PNG[33:],
    "gif": encoded(PHOTO, "GIF")[:100],
    "ppm": b"P6 100 100 255\nabc",
    "webp": encoded(PHOTO, "WEBP")[:90],
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_picture_that_is_read_here_is_an_error_that_callers_catch(name, sandbox):
    with pytest.raises(OSError) as caught:
        remove(DAMAGED[name], putalpha=True)
    assert isinstance(caught.value, errors.ImageError)
    assert type(pickle.loads(pickle.dumps(caught.value))) is type(caught.value)
    assert not sandbox.requests


@pytest.mark.parametrize("raised", [SyntaxError("broken PNG file"), IndexError("index"), ValueError(), EOFError("end")])
@pytest.mark.parametrize("at", ["open", "exif_transpose"])
def test_whatever_a_decoder_raises_is_an_error_that_callers_catch(raised, at, monkeypatch):
    from pixian_adapters.rembg import pictures

    def broken(_image):
        raise raised

    monkeypatch.setattr(pictures.Image if at == "open" else pictures.ImageOps, at, broken)
    with pytest.raises(failures.Damaged, match=str(raised) or type(raised).__name__) as caught:
        remove(PNG, putalpha=True)
    assert caught.value.__cause__ is raised


@pytest.mark.parametrize("arguments", [{}, {"putalpha": True}])
def test_picture_of_too_many_pixels_for_pillow_is_a_value_error(arguments, sandbox):
    with pytest.raises(Rejected, match="179560000 pixels"):
        remove(BOMB, **arguments)
    assert not sandbox.requests


def test_memory_that_runs_out_is_no_damaged_picture(monkeypatch):
    from pixian_adapters.rembg import pictures

    def exhausted(_image):
        raise MemoryError

    for module, name in ((pictures.ImageOps, "exif_transpose"), (pictures.Image, "open")):
        monkeypatch.setattr(module, name, exhausted)
        with pytest.raises(MemoryError):
            remove(PNG, putalpha=True)


def test_missing_credentials_are_a_value_error(monkeypatch):
    for name in ("PIXIAN_API_ID", "PIXIAN_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")
    with using(Shim()), pytest.raises(ValueError, match="PIXIAN_API_ID"):
        remove(PNG)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "F"])
def test_what_would_fail_in_the_end_fails_before_it_is_paid_for(mode, sandbox):
    for arguments, error in (({"putalpha": True}, ValueError), ({"bgcolor": "white"}, TypeError)):
        with pytest.raises(error):
            remove(PHOTO.convert(mode), **arguments)
    assert not sandbox.requests


# Ways in


@pytest.fixture
def aliased():
    alias("rembg")
    yield
    unalias()


@pytest.mark.usefixtures("aliased")
def test_unedited_imports_give_the_drop_in():
    import rembg
    from rembg.bg import remove as from_bg
    from rembg.session_factory import new_session as from_factory
    from rembg.sessions.base import BaseSession
    from rembg.sessions.u2net import U2netSession

    assert (rembg, from_bg, from_factory) == (dropin, remove, new_session)
    assert isinstance(new_session("u2net"), U2netSession)
    assert issubclass(U2netSession, BaseSession)


def test_nothing_is_aliased_that_was_not_named():
    code = "import pixian_shim; pixian_shim.alias('removebg'); import importlib.util as u; print(u.find_spec('rembg'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"


def test_import_needs_neither_numpy_nor_pillow():
    code = (
        "import sys\n"
        "for name in ('numpy', 'PIL'): sys.modules[name] = None\n"
        "from pixian_adapters.rembg import remove, new_session\n"
        "session = new_session('u2net')\n"
        "try: remove(object())\n"
        "except ValueError as error: print('Input type' in str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


# Inside the real package


@pytest.fixture
def real(monkeypatch):
    """Put a package in place that has what ``register`` touches; the real one is in the conformance tests."""
    package, known, base = (types.ModuleType(name) for name in ("rembg", "rembg.sessions", "rembg.sessions.base"))

    class BaseSession:
        pass

    base.BaseSession = BaseSession
    known.sessions_names, known.sessions_class = ["u2net"], [BaseSession]
    package.__path__ = known.__path__ = []
    for module in (package, known, base):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    inside.pixian_session.cache_clear()
    yield known
    inside.pixian_session.cache_clear()


def test_registering_adds_one_session_to_what_is_there(real, monkeypatch):
    dropin.register()
    dropin.register()
    assert real.sessions_names == ["u2net", "pixian"]
    made = real.sessions_class[-1]
    assert issubclass(made, sys.modules["rembg.sessions.base"].BaseSession)
    assert (made.name(), made.has_usage_cost(), made.requires_credentials(), made.is_local()) == (
        "pixian",
        True,
        True,
        False,
    )
    assert made.download_models() == ""
    assert inside.PixianSession is made


def test_session_inside_finds_its_credentials_when_it_is_made(real, monkeypatch):
    made = inside.pixian_session()
    for name in ("PIXIAN_API_ID", "PIXIAN_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/nonexistent")
    with pytest.raises(ValueError, match="pixian requires credentials"):
        made("pixian", None)
    with pytest.raises(ValueError, match="id:secret"):
        made("pixian", None, api_key="nonsense")
    (mask,) = made("pixian", None, api_key="sandbox:sandbox").predict(PHOTO)
    assert (mask.mode, mask.size, mask.getpixel((35, 5))) == ("L", (80, 60), 128)


@pytest.mark.parametrize("model", ["pixian", "u2net"])
def test_session_that_is_asked_by_itself_listens_to_test(model, sandbox):
    session = new_session(model)
    for wanted in (True, 1, np.True_, False):
        session.predict(PHOTO, "more", test=wanted)
        assert sandbox.requests[-1].parameters.get("test") == ("true" if wanted else None)


def test_session_inside_listens_to_test(real, sandbox):
    session = inside.pixian_session()("pixian", None, api_key="sandbox:sandbox")
    session.predict(PHOTO, test=True)
    assert sandbox.requests[-1].parameters["test"] == "true"


def test_session_is_told_of_everything_else_and_does_nothing_of_what_remove_does(told):
    new_session("u2net").predict(PHOTO, sam_model="b", test=True, post_process_mask=True, bgcolor=(1, 2, 3, 4), data=1)
    assert told() == {
        "data": "converted",
        "session": "ignored",
        "only_mask": "emulated",
        "sam_model": "exact",
        "test": "exact",
    }


def test_errors_inside_are_those_of_its_clouds(real, sandbox):
    session = inside.pixian_session()("pixian", None, api_key="sandbox:wrong-secret")
    with pytest.raises(RuntimeError, match=r"pixian API error \(401\)"):
        session.predict(PHOTO)


def test_missing_rembg_is_told(monkeypatch):
    inside.pixian_session.cache_clear()
    monkeypatch.setitem(sys.modules, "rembg", None)
    with pytest.raises(errors.ConfigurationError, match="pip install"):
        dropin.register()


def test_rembg_that_ends_the_program_is_told(monkeypatch, tmp_path):
    (tmp_path / "rembg").mkdir()
    (tmp_path / "rembg" / "__init__.py").write_text("raise SystemExit(1)")
    monkeypatch.syspath_prepend(tmp_path)
    inside.pixian_session.cache_clear()
    with pytest.raises(errors.ConfigurationError, match="runtime"):
        dropin.register()


def test_names_that_do_not_exist_are_missing():
    for module in (dropin, inside):
        with pytest.raises(AttributeError):
            module.nothing  # noqa: B018
    with pytest.raises(AttributeError):
        failures.nothing  # noqa: B018


def test_subject_is_where_it_was(sandbox):
    with Sandbox(engine="fast") as real, real.client() as client, using(Shim(client)):
        assert subject_box(remove(picture())) == (100, 80, 200, 220)


def test_helpers_do_what_rembgs_do():
    mask = Image.linear_gradient("L").resize(PHOTO.size)
    assert bg.naive_cutout(PHOTO, mask).getpixel((0, 59))[3] == mask.getpixel((0, 59))
    assert bg.putalpha_cutout(PHOTO.copy(), mask).getpixel((0, 0)) == (*WHITE, mask.getpixel((0, 0)))
    assert bg.alpha_matting_cutout(PHOTO, mask, 240, 10, 10).getchannel("A").tobytes() == mask.tobytes()
    assert set(np.unique(bg.post_process(np.array(mask)))) == {0, 255}
    assert bg.get_concat_v(PHOTO, PHOTO).size == (80, 120)
    pictures = [PHOTO, PHOTO, PHOTO]
    assert bg.get_concat_v_multi(pictures).size == (80, 180)
    assert len(pictures) == 2
    assert bg.apply_background_color(PHOTO.convert("RGBA"), (1, 2, 3, 4)).mode == "RGBA"
    assert bg.fix_image_orientation(PHOTO).size == PHOTO.size


@pytest.mark.parametrize(
    ("error", "kinds", "words"),
    [
        (errors.MissingExtra("images", "working on pixels"), (errors.MissingExtra, ImportError), "pip install"),
        (errors.TooLarge(9, 1, "pixels"), (Rejected, ValueError), "at most 1"),
        (errors.Refused("words"), (Rejected, ValueError), "words"),
        (errors.ConfigurationError("words"), (Rejected, ValueError), "words"),
        (errors.ImageError("words"), (Image.UnidentifiedImageError, OSError), "words"),
        (errors.BadRequest("words ", status=400, code=1006), (Image.UnidentifiedImageError, OSError), "words"),
        (errors.BadRequest("", status=400), (RequestFailed, RuntimeError), "pixian API error (400)"),
        (errors.TimedOut("words"), (RequestFailed, RuntimeError), "pixian API request failed: words"),
        (errors.Busy(3), (RequestFailed, RuntimeError), "pixian: 3 calls"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_is_one_that_callers_catch(error, kinds, words):
    error.result = "what was paid for"
    raised = failures.of(error)
    assert all(isinstance(raised, kind) for kind in (*kinds, errors.ShimError))
    assert words in str(raised)
    assert raised.result == "what was paid for"
    assert raised is error or raised.__cause__ is error


def test_signature_is_that_of_the_newest_release():
    import inspect

    names = [*inspect.signature(remove).parameters]
    assert names == ["data", *versions.STABLE, *versions.LATER, "args", "kwargs"]
