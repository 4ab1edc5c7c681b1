import numpy as np
import pytest

from pixian_shim.images import drop_shadow

BOX = (50, 60, 80, 100)  # top, left, width, height on a canvas of 200 x 200


@pytest.fixture
def product(subject):
    return subject((200, 200), BOX)


def test_the_subject_and_the_canvas_stay_as_they_are(product):
    shaded = drop_shadow(product, 0.5)
    solid = product[..., 3] == 255
    assert shaded.shape == product.shape
    assert np.array_equal(shaded[solid], product[solid])


def test_the_shadow_is_black_and_never_darker_than_its_opacity(product):
    shadow = drop_shadow(product, 0.5)[product[..., 3] == 0]
    assert not shadow[:, :3].any()
    assert 60 < shadow[:, 3].max() <= 128


def test_the_shadow_is_darkest_below_the_subject_and_fades(product):
    alpha = drop_shadow(product, 0.5)[..., 3].astype(int)
    below, beside, above, far = alpha[152, 100], alpha[100, 144], alpha[47, 100], alpha[199, 100]
    assert below > 2 * beside > 0
    assert beside >= above
    assert far == 0


def test_more_opacity_makes_it_darker_and_none_leaves_the_picture(product):
    alphas = [int(drop_shadow(product, opacity)[153, 100, 3]) for opacity in (0.0, 0.3, 0.6, 1.0)]
    assert alphas == sorted(set(alphas))
    assert np.array_equal(drop_shadow(product, 0.0), product)


def test_its_size_follows_the_subjects(subject):
    small = drop_shadow(subject((200, 200), BOX), 0.5)[..., 3]
    large = drop_shadow(subject((2000, 2000), tuple(10 * value for value in BOX)), 0.5)[..., 3]
    assert np.abs(large[5::10, 5::10].astype(int) - small).mean() < 1.5


def test_a_subject_that_stands_on_the_canvas_edge_is_no_trouble(subject):
    rgba = subject((60, 40), (10, 0, 60, 30))
    assert drop_shadow(rgba, 0.9).shape == rgba.shape


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (39, 59, 1, 1), (0, 0, 60, 1), (0, 0, 1, 40)])
def test_tiny_subjects_are_no_trouble(box, subject):
    assert drop_shadow(subject((60, 40), box), 0.5).shape == (40, 60, 4)


def test_without_a_subject_nothing_changes():
    empty = np.zeros((5, 6, 4), np.uint8)
    assert np.array_equal(drop_shadow(empty, 0.9), empty)
