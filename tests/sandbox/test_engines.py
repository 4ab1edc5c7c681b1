"""Who finds the subject: the contrast engine, the network, the filter."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from pictures import picture
from pixian_shim.errors import ConfigurationError
from pixian_shim.images import decode
from pixian_shim.sandbox import PRESETS, Engine, Model, asset, photos
from pixian_shim.sandbox._engines import find_engine
from pixian_shim.sandbox._guided import _mean, refine

POLYGONS = json.loads((Path(__file__).parent / "polygons.json").read_text())
FLOORS = {"coffee": 0.97, "flower": 0.97, "grace_hopper": 0.97, "chelsea": 0.97, "astronaut": 0.95}


def rgb(image):
    return np.ascontiguousarray(np.asarray(image.convert("RGB")))


def gradient(size=(300, 200)):
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    return np.stack([across * 0.5, down * 0.5 + 60, (across + down) * 0.3], 2).astype(np.uint8)


@pytest.mark.parametrize("size", [(400, 300), (2000, 1500)])
@pytest.mark.parametrize("background", [(255, 255, 255), (90, 160, 90), (0, 0, 0)])
def test_contrast_finds_a_subject_on_a_plain_background(size, background):
    width, height = size
    box = (width // 4, height // 4, width // 2, height // 2)
    alpha = find_engine("fast").matte(rgb(picture(size, box, background=background)))
    wanted = np.asarray(picture(size, box, colour=(255,) * 3, background=(0, 0, 0)).convert("L")) > 0
    assert ((alpha > 127) != wanted).mean() < 0.002


def test_contrast_finds_a_subject_on_a_gradient_that_touches_the_border():
    photo = gradient()
    photo[100:, 100:160] = (250, 20, 20)
    alpha = find_engine("fast").matte(photo)
    assert (alpha[100:, 100:160] > 250).mean() > 0.99
    alpha[100:, 100:160] = 0
    assert not alpha.any()


@pytest.mark.parametrize(
    "photo",
    [
        np.full((50, 60, 3), 200, np.uint8),
        gradient(),
        np.random.default_rng(1).integers(0, 256, (80, 90, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((1, 40, 3), np.uint8),
    ],
    ids=["plain", "gradient", "noise", "pixel", "line"],
)
def test_contrast_finds_nothing_where_nothing_is(photo):
    alpha = find_engine("fast").matte(photo)
    assert alpha.shape == photo.shape[:2]
    assert (alpha > 0).mean() < 0.02


def test_engine_of_ones_own():
    class Everything:
        def matte(self, photo):
            return np.full(photo.shape[:2], 255, np.uint8)

    assert isinstance(Everything(), Engine)
    assert isinstance(find_engine(Everything()), Everything)


def test_presets_follow_the_models_papers():
    assert (PRESETS["u2net"].side, PRESETS["u2net"].by_maximum) == (320, True)
    assert (PRESETS["isnet"].side, PRESETS["isnet"].mean[0], PRESETS["isnet"].scale[0]) == (1024, 128, 256)


@pytest.mark.parametrize("radius", [1, 3, 50])
@pytest.mark.parametrize("shape", [(30, 41), (1, 7), (7, 1), (1, 1)])
def test_mean_is_that_of_the_window_cut_at_the_edges(shape, radius):
    plane = np.random.default_rng(2).random(shape, np.float32)
    found = _mean(plane, radius)
    for row in range(0, shape[0], 5):
        for column in range(0, shape[1], 5):
            top, left = max(0, row - radius), max(0, column - radius)
            window = plane[top : row + radius + 1, left : column + radius + 1]
            assert found[row, column] == pytest.approx(window.mean(), abs=1e-5)


@pytest.mark.parametrize("size", [(400, 300), (1600, 1200)])
def test_filter_puts_the_mattes_edge_onto_the_photos(size):
    width, height = size
    photo = np.full((height, width, 3), 40, np.uint8)
    photo[:, width // 2 :] = (220, 180, 60)
    coarse = np.zeros((320, 320), np.uint8)
    coarse[:, 160:] = 255
    coarse = Image.fromarray(coarse).filter(ImageFilter.BoxBlur(3))  # soft, as a network's
    alpha = refine(photo, np.asarray(coarse, np.float32) / 255, (0.1, 0.9))
    assert alpha.shape == (height, width)
    assert (alpha[:, : width // 2 - width // 50] < 20).all()
    assert (alpha[:, width // 2 + width // 50 :] > 235).all()
    plain = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))
    assert _steepest(alpha) > 2 * _steepest(plain)
    row = alpha[height // 2].astype(int)
    assert abs(int(np.abs(np.diff(row)).argmax()) + 1 - width // 2) <= 1, "where the photo's edge is"


def _steepest(alpha):
    return np.abs(np.diff(alpha[alpha.shape[0] // 2].astype(int))).max()


def test_filter_leaves_a_certain_matte_alone():
    assert (refine(gradient(), np.ones((32, 32), np.float32), (0.1, 0.9)) == 255).all()
    assert (refine(gradient(), np.zeros((32, 32), np.float32), (0.1, 0.9)) == 0).all()
    assert refine(np.zeros((1, 1, 3), np.uint8), np.ones((32, 32), np.float32), (0.1, 0.9)).tolist() == [[255]]


def mask(size, polygon):
    image = Image.new("L", size)
    ImageDraw.Draw(image).polygon([tuple(point) for point in polygon], fill=255)
    return np.asarray(image) > 0


def truth(name, size):
    """Give the hand-drawn mask, and where it counts: not in a band along its outline."""
    drawn = POLYGONS[name]
    inside = mask(size, drawn["polygon"])
    if drawn.get("only_these_known"):
        return inside, inside | np.any([mask(size, part) for part in drawn["background"]], axis=0)
    band = drawn["band"]
    padded = Image.fromarray(np.pad(inside, band, mode="edge").astype(np.uint8) * 255)
    inner, outer = (
        np.asarray(padded.filter(kind(2 * band + 1)))[band:-band, band:-band] > 0
        for kind in (ImageFilter.MinFilter, ImageFilter.MaxFilter)
    )
    known = inner | ~outer
    if "ignore_box" in drawn:
        left, top, right, bottom = drawn["ignore_box"]
        known[top:bottom, left:right] = False
    return inside, known


@pytest.mark.model
@pytest.mark.parametrize("name", FLOORS)
def test_u2netp_finds_the_subject_of_a_real_photo(name):
    (path,) = [photo.path for photo in photos() if photo.name == name]
    photo = rgb(Image.fromarray(decode(path.read_bytes()).rgba))
    alpha = find_engine("u2netp").matte(photo)
    inside, known = truth(name, (photo.shape[1], photo.shape[0]))
    found = alpha >= 128
    overlap = (found & inside & known).sum() / ((found | inside) & known).sum()
    assert overlap >= FLOORS[name]
    assert np.abs(alpha / 255 - inside)[known].mean() < 0.03


@pytest.mark.model
@pytest.mark.parametrize(
    "photo",
    [
        np.full((300, 400, 3), 255, np.uint8),
        np.zeros((300, 400, 3), np.uint8),
        np.random.default_rng(5).integers(0, 256, (300, 400, 3), np.uint8),
    ],
    ids=["white", "black", "noise"],
)
def test_u2netp_invents_no_subject(photo):
    assert not find_engine("u2netp").matte(photo).any()


@pytest.mark.model
def test_quality_mode_finds_the_subject_too():
    photo = rgb(Image.open(asset("coffee")))
    inside, known = truth("coffee", (photo.shape[1], photo.shape[0]))
    found = find_engine("quality").matte(photo) >= 128
    assert (found & inside & known).sum() / ((found | inside) & known).sum() >= 0.97


@pytest.mark.model
def test_own_model_file_gives_what_the_same_file_gives_by_name():
    photo = rgb(Image.open(asset("chelsea")))
    path = asset("u2netp")
    by_name = find_engine("u2netp").matte(photo)
    for engine in (str(path), f"u2net:{path}", Model(path)):
        assert np.array_equal(find_engine(engine).matte(photo), by_name)


@pytest.mark.model
def test_output_that_a_model_does_not_have_is_a_clear_error():
    import attrs

    engine = find_engine(Model(asset("u2netp"), attrs.evolve(PRESETS["u2net"], output=99)))
    with pytest.raises(ConfigurationError, match="99"):
        engine.matte(np.zeros((10, 10, 3), np.uint8))


def test_engines_are_made_once(tmp_path):
    path = tmp_path / "own.onnx"
    path.write_bytes(b"")
    for engine in ("fast", "u2netp", "quality", str(path), Model(path, PRESETS["isnet"])):
        assert find_engine(engine) is find_engine(engine)
    assert find_engine("u2netp") is not find_engine("quality")
