"""The steps between decoding and encoding."""

import numpy as np
import pytest

from pictures import encoded, picture
from pixian_shim.errors import MissingExtra
from pixian_shim.geometry import Size
from pixian_shim.pixian import Parameters
from pixian_shim.sandbox import _engines
from pixian_shim.sandbox._process import cut_out, open_picture, processed_size, remove_background
from pixian_shim.sandbox._watermark import watermark

RED, GREEN = np.array((220.0, 40, 30)), np.array((30.0, 160, 60))


class Given:
    """An engine that knows the answer."""

    def __init__(self, alpha):
        self._alpha = alpha

    def matte(self, rgb):
        return self._alpha


@pytest.fixture
def soft():
    """A red subject with a soft edge in front of green, and its matte."""
    share = np.clip((np.hypot(*(np.mgrid[:400, :400] - 200.0)) - 140) / -6 + 0.5, 0, 1)[..., np.newaxis]
    photo = np.round(RED * share + GREEN * (1 - share)).astype(np.uint8)
    return np.dstack([photo, np.full((400, 400), 255, np.uint8)]), np.round(share[..., 0] * 255).astype(np.uint8)


def test_the_old_backgrounds_colour_is_taken_out_of_the_edge(soft):
    rgba, matte = soft
    cutout = cut_out(rgba, Given(matte))
    edge = (matte > 40) & (matte < 215)
    before, after = (np.abs(colours[edge][:, :3] - RED).mean() for colours in (rgba, cutout))
    assert after < before / 2
    assert np.array_equal(cutout[..., 3], matte)
    assert np.array_equal(cutout[matte == 255], rgba[matte == 255]), "opaque pixels stay the photo's own"


def test_transparent_input_is_seen_on_white_and_keeps_its_own_colours():
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[10:30, 10:30] = (10, 20, 30, 128)
    seen = []

    class Watching:
        def matte(self, rgb):
            seen.append(rgb.copy())
            return np.full(rgb.shape[:2], 200, np.uint8)

    cutout = cut_out(rgba, Watching())
    assert tuple(seen[0][0, 0]) == (255, 255, 255)
    assert tuple(cutout[20, 20]) == (10, 20, 30, 100)
    assert cutout[0, 0, 3] == 0


@pytest.mark.parametrize("max_pixels", [100, 101, 5000, 11999, 12000, 25_000_000])
def test_shrink_keeps_the_aspect_and_stays_below_the_cap(max_pixels):
    opened = open_picture(encoded(picture((400, 30), None)))
    size = processed_size(opened, Parameters(max_pixels=max_pixels))
    assert size.pixels <= max_pixels
    assert size == Size(400, 30) or abs(size.width / size.height - 400 / 30) < 8


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3, 2)])
@pytest.mark.parametrize("options", [{}, {"test": True}, {"target_size": "20 10"}, {"output_format": "delta_png"}])
def test_smallest_pictures_work(size, options):
    opened = open_picture(encoded(picture(size, None)))
    found = Given(np.full((size[1], size[0]), 255, np.uint8))
    finished = remove_background(opened, Parameters(**options), found)
    assert tuple(finished.input_foreground) == (0, 0, *size)


@pytest.mark.parametrize("size", [(120, 90), (400, 300), (1500, 400)])
@pytest.mark.parametrize("tone", [0, 128, 255])
def test_watermark_shows_on_any_colour_and_size(size, tone):
    rgba = np.full((size[1], size[0], 4), tone, np.uint8)
    rgba[..., 3] = 255
    marked = watermark(rgba)
    difference = np.abs(marked.astype(int) - rgba)[..., :3].max(axis=2)
    assert 0.03 < (difference > 40).mean() < 0.5
    for part in np.array_split(difference, 3, axis=1):
        assert part.max() > 40, "all over the picture"


def test_watermark_leaves_what_cannot_be_seen():
    assert not watermark(np.zeros((60, 80, 4), np.uint8)).any()


def test_missing_packages_are_named(monkeypatch):
    import sys

    monkeypatch.setattr(_engines, "_made", {})
    monkeypatch.setitem(sys.modules, "pixian_shim.sandbox._contrast", None)
    with pytest.raises(MissingExtra, match=r"pixian-shim\[sandbox\]"):
        _engines.find_engine("fast")


@pytest.mark.parametrize(
    ("size", "subject"),
    [((400, 300), None), ((1000, 1000), (490, 490, 510, 510)), ((60_000, 20), None), ((25_000, 100), (10, 10, 60, 60))],
    ids=["usual", "small", "strip", "panorama"],
)
def test_every_subject_is_marked_whatever_its_size(size, subject):
    left, top, right, bottom = subject or (0, 0, *size)
    rgba = np.zeros((size[1], size[0], 4), np.uint8)
    rgba[top:bottom, left:right] = (90, 90, 90, 255)
    marked = watermark(rgba)
    changed = (marked != rgba).any(axis=2)
    share = changed[top:bottom, left:right].mean()
    assert 0.05 < share < 0.9
    assert not changed[rgba[..., 3] == 0].any()
    assert np.array_equal(marked[..., 3], rgba[..., 3])


def test_nothing_is_marked_where_nothing_is_seen():
    rgba = np.zeros((30, 40, 4), np.uint8)
    assert np.array_equal(watermark(rgba), rgba)


def test_a_shrunk_delta_tells_the_subjects_box_in_its_own_pixels():
    opened = open_picture(encoded(picture((400, 300))))
    alpha = np.zeros((150, 200), np.uint8)
    alpha[40:110, 50:100] = 255
    parameters = Parameters(output_format="delta_png", max_pixels=30_000)
    finished = remove_background(opened, parameters, Given(alpha))
    assert (finished.input_foreground, finished.result_foreground) == ((80, 100, 100, 140), (40, 50, 50, 70))
