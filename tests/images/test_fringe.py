import numpy as np
import pytest

from pixian_shim.errors import ImageError
from pixian_shim.images import _fringe as fringe
from pixian_shim.images import remove_fringe


def composite(height=240, width=320, softness=12):
    """Put a textured disc over a green screen: its own colours, what a camera sees, and the matte."""
    down, across = np.mgrid[:height, :width]
    own = np.stack([150 + 60 * np.sin(across / 40), 60 + 40 * np.cos(down / 50), 90 + 0 * down], axis=-1)
    screen = np.broadcast_to(np.array([20.0, 220.0, 40.0]), own.shape)
    reach = np.hypot(down - height / 2, across - width / 2) / (height * 0.35)
    alpha = np.round(np.clip((1 - reach) * softness + 0.5, 0, 1) * 255).astype(np.uint8)
    share = alpha[..., None] / 255
    return own, np.round(own * share + screen * (1 - share)).astype(np.uint8), alpha


def edge_error(rgb, own, alpha):
    edge = (alpha > 0) & (alpha < 255)
    return np.abs(rgb.astype(float) - own)[edge].mean()


@pytest.mark.parametrize(("height", "width"), [(240, 320), (97, 131), (600, 500)])
def test_the_old_background_is_taken_out_of_the_edge(height, width):
    own, seen, alpha = composite(height, width)
    assert edge_error(remove_fringe(seen, alpha), own, alpha) < edge_error(seen, own, alpha) / 4


def test_pixels_outside_the_edge_stay_as_they_are():
    _, seen, alpha = composite()
    solid = (alpha == 0) | (alpha == 255)
    assert np.array_equal(remove_fringe(seen, alpha)[solid], seen[solid])


@pytest.mark.parametrize("value", [0, 255])
def test_a_matte_without_an_edge_changes_nothing(value, noise):
    rgb = noise(20, 30, 3)
    assert np.array_equal(remove_fringe(rgb, np.full((20, 30), value, np.uint8)), rgb)


def test_a_matte_that_is_all_edge_gives_colours_near_the_picture():
    flat = np.full((30, 40, 3), (90, 120, 60), np.uint8)
    cleaned = remove_fringe(flat, np.full((30, 40), 128, np.uint8))
    assert np.abs(cleaned.astype(int) - flat).max() <= 1


def test_working_in_strips_gives_the_same_as_in_one_piece(monkeypatch):
    _, seen, alpha = composite(400, 90)
    whole = remove_fringe(seen, alpha)
    monkeypatch.setattr(fringe, "_STRIP_PIXELS", 1)
    assert np.array_equal(remove_fringe(seen, alpha), whole)


def test_the_colours_of_rgba_are_taken_and_the_picture_is_not_changed():
    _, seen, alpha = composite()
    rgba = np.dstack([seen, alpha])
    before = rgba.copy()
    assert np.array_equal(remove_fringe(rgba, alpha), remove_fringe(seen, alpha))
    assert np.array_equal(rgba, before)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 3)])
def test_tiny_pictures_are_no_trouble(shape, noise):
    assert remove_fringe(noise(*shape, 3), noise(*shape)).shape == (*shape, 3)


def test_a_matte_of_another_size_is_an_error(noise):
    with pytest.raises(ImageError, match="differ in size"):
        remove_fringe(noise(4, 4, 3), noise(4, 5))
