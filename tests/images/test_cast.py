import numpy as np
import pytest

from pixian_shim.images import cast_shadow, foreground_box

BOX = (30, 40, 20, 10)  # top, left, width, height on a canvas of 100 x 80


@pytest.fixture
def product(subject):
    return subject((100, 80), BOX)


@pytest.mark.parametrize("offset", [(15, 12), (-30, 0), (0, -20), (0, 0)])
def test_it_is_the_silhouette_moved(product, offset):
    shadow = cast_shadow(product, opacity=1, sigma=0, offset=offset, colour=(0, 0, 255))
    only = shadow.copy()
    only[product[..., 3] > 0] = 0
    moved = np.zeros(product.shape[:2], bool)
    moved[30 + offset[1] : 40 + offset[1], 40 + offset[0] : 60 + offset[0]] = True
    assert np.array_equal(only[..., 3] > 0, moved & (product[..., 3] == 0))
    assert (only[only[..., 3] > 0][:, :3] == (0, 0, 255)).all()


def test_the_subject_stays_in_front(product):
    drawn = cast_shadow(product, opacity=0.8, sigma=4, offset=(3, 3))
    solid = product[..., 3] == 255
    assert np.array_equal(drawn[solid], product[solid])


def test_it_is_as_dark_as_asked(product):
    assert cast_shadow(product, opacity=0.4, sigma=0, offset=(0, 20))[55, 50, 3] == 102
    assert np.array_equal(cast_shadow(product, opacity=0, sigma=0, offset=(0, 20)), product)


@pytest.mark.parametrize("sigma", [3, 9])
def test_it_is_as_soft_as_asked(subject, sigma):
    """A blurred edge is at a half where it was, and at 16 % one standard deviation outside."""
    half = subject((200, 200), (0, 0, 60, 200))
    line = cast_shadow(half, opacity=1, sigma=sigma, offset=(40, 0))[100, :, 3] / 255
    assert line[99:101].mean() == pytest.approx(0.5, abs=0.05)
    assert line[100 + sigma] == pytest.approx(0.16, abs=0.06)


def test_what_falls_beside_the_canvas_is_cut_off(product):
    drawn = cast_shadow(product, opacity=1, sigma=2, offset=(70, 0))
    assert drawn.shape == product.shape
    assert foreground_box(drawn[..., 3]) == BOX


@pytest.mark.parametrize("offset", [(10**9, 0), (0, -(10**9)), (99, 79)])
@pytest.mark.parametrize("sigma", [0, 500])
def test_nothing_is_too_far_or_too_soft(product, offset, sigma):
    assert cast_shadow(product, opacity=1, sigma=sigma, offset=offset).shape == product.shape
