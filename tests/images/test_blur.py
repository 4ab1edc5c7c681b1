import numpy as np
import pytest

from pixian_shim.images import bokeh, gaussian


def dot(side=201, level=255):
    grey = np.zeros((side, side), np.uint8)
    grey[side // 2 - 10 : side // 2 + 11, side // 2 - 10 : side // 2 + 11] = level
    return grey


def spread(grey):
    """Give the standard deviation around the middle, in pixels."""
    weights = grey.astype(float)
    away = np.arange(grey.shape[0]) - grey.shape[0] // 2
    return np.sqrt((weights.sum(axis=0) * away**2).sum() / weights.sum())


@pytest.mark.parametrize("sigma", [2, 5, 8, 20])
def test_a_gaussian_is_as_wide_as_asked_whatever_size_it_is_done_at(sigma):
    own = spread(dot())
    assert spread(gaussian(dot(), sigma)) == pytest.approx(np.hypot(own, sigma), rel=0.06)


@pytest.mark.parametrize("radius", [3, 7, 12, 40])
def test_bokeh_averages_over_a_disk(radius):
    """A disk's standard deviation along one axis is half of its radius."""
    own = spread(dot())
    assert spread(bokeh(dot(), radius)) == pytest.approx(np.hypot(own, radius / 2), rel=0.06)


def test_a_small_disk_is_exact():
    grey = np.zeros((9, 9), np.uint8)
    grey[4, 4] = 130
    rows, columns = np.nonzero(bokeh(grey, 2))
    assert len(rows) == 13
    assert bokeh(grey, 2)[rows, columns].tolist() == [10] * 13


@pytest.mark.parametrize("blur", [gaussian, bokeh])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
@pytest.mark.parametrize("size", [1, 3, 40, 1000])
def test_even_pictures_stay_even(blur, channels, size):
    even = np.full((30, 20, *channels), 77, np.uint8)
    blurred = blur(even, size)
    assert blurred.shape == even.shape
    assert np.abs(blurred.astype(int) - 77).max() <= 1 + (channels == (4,)) * 2


@pytest.mark.parametrize("blur", [gaussian, bokeh])
def test_colours_under_alpha_0_do_not_bleed(blur):
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[:, :20] = (200, 0, 0, 255)
    rgba[:, 20:] = (0, 200, 0, 0)
    assert blur(rgba, 3)[20, 21, 1] == 0


@pytest.mark.parametrize("blur", [gaussian, bokeh])
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1)])
def test_the_smallest_pictures_are_no_trouble(noise, blur, shape):
    assert blur(noise(*shape, 4), 30).shape == (*shape, 4)


@pytest.mark.parametrize(("blur", "size"), [(gaussian, 0.0), (bokeh, 0.9)])
def test_less_than_can_be_seen_changes_nothing(noise, blur, size):
    rgba = noise(5, 6, 4)
    assert blur(rgba, size) is rgba
