"""Colours as they are seen: against Sharma's published pairs, scikit-image, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import color
from skimage.metrics import structural_similarity

from compare_pictures import CALM
from pixian_shim.compare.measuring.colour import (
    ciede2000,
    lab,
    premultiplied_error,
    sampled_difference,
    ssim_on_white_and_black,
)

# Sharma, Wu, Dalal 2005, table 1: two colours in L*a*b*, and their difference.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
PAIRS = np.array([[float(number) for number in row.split()] for row in SHARMA.split("\n") if row])

CORNERS = np.array(
    [(red, green, blue) for red in (0, 10, 11, 128, 255) for green in (0, 11, 200, 255) for blue in (0, 10, 90, 255)],
    np.uint8,
)


def random_rgba(seed, height, width, alphas=(0, 3, 128, 255)):
    random = np.random.default_rng(seed)
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    return np.dstack([rgb, random.choice(np.array(alphas, np.uint8), (height, width))])


def luma(rgba, background):
    """Composite in float64 and weigh by BT.601."""
    share = rgba[..., 3:] / 255
    return (rgba[..., :3] * share + background * (1 - share)) @ [0.299, 0.587, 0.114]


# CIEDE2000


@pytest.mark.parametrize("row", PAIRS, ids=range(1, len(PAIRS) + 1))
def test_published_pair(row):
    assert ciede2000(row[np.newaxis, :3], row[np.newaxis, 3:6])[0] == pytest.approx(row[6], abs=5.1e-5)


def test_all_published_pairs_are_there():
    assert len(PAIRS) == 34


def test_difference_is_the_same_both_ways_and_zero_to_itself():
    one, other = PAIRS[:, :3], PAIRS[:, 3:6]
    assert np.allclose(ciede2000(one, other), ciede2000(other, one), atol=1e-9)
    assert np.array_equal(ciede2000(one, one), np.zeros(len(one)))


def test_difference_is_that_of_scikit_image():
    random = np.random.default_rng(2)
    one, other = (random.uniform((0, -110, -110), (100, 110, 110), (4000, 3)) for _ in range(2))
    near = one + random.normal(0, 1.5, one.shape)
    for second in (other, near):
        assert np.allclose(ciede2000(one, second), color.deltaE_ciede2000(one, second), atol=1e-6)


def test_white_and_black_are_a_hundred_apart():
    white, black = lab(np.array([[255, 255, 255], [0, 0, 0]], np.uint8))[:, np.newaxis]
    assert ciede2000(white, black)[0] == pytest.approx(100, abs=1e-3)


def test_lab_is_that_of_scikit_image():
    # Its matrix is rounded otherwise, and so is its limit for dark colours: a hundredth is far below what is seen.
    assert np.abs(lab(CORNERS) - color.rgb2lab(CORNERS[np.newaxis])[0]).max() < 0.02


def test_lab_of_primary_colours():
    # L*a*b* of sRGB red, as in every table of it: 53.24, 80.09, 67.20.
    assert lab(np.array([[255, 0, 0]], np.uint8))[0] == pytest.approx([53.24, 80.09, 67.20], abs=0.01)


# Samples


def test_all_pixels_are_taken_while_there_are_few():
    left, right = random_rgba(0, 10, 10), random_rgba(1, 10, 10)
    where = np.zeros((10, 10), bool)
    where[3, 4] = where[7, 1] = True
    expected = ciede2000(lab(left[where][:, :3]), lab(right[where][:, :3]))
    assert np.array_equal(sampled_difference(left, right, where, 5), expected)


def test_samples_are_spread_over_everything():
    left = np.zeros((100, 100, 4), np.uint8)
    right = left.copy()
    right[50:, :, :3] = 255  # the lower half differs by 100
    found = sampled_difference(left, right, np.ones((100, 100), bool), 500)
    assert len(found) == 500
    assert found.mean() == pytest.approx(50, abs=0.5)


def test_nothing_to_take_gives_nothing():
    left = random_rgba(0, 4, 4)
    assert len(sampled_difference(left, left, np.zeros((4, 4), bool), 10)) == 0


# Premultiplied colours


def test_a_white_pixel_against_none_counts_one():
    left, right = np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 4), np.uint8)
    left[0, 0] = (255, 255, 255, 255)
    assert premultiplied_error(left, right) == pytest.approx(1.0)


def test_colour_counts_as_much_as_it_is_seen():
    # Red 200 at alpha 51 (a fifth) is 40 of 255, in one of three channels; the colour under alpha 0 counts nothing.
    left = np.array([[[200, 0, 0, 51], [9, 99, 199, 0]]], np.uint8)
    right = np.array([[[0, 0, 0, 51], [250, 3, 77, 0]]], np.uint8)
    assert premultiplied_error(left, right) == pytest.approx(40 / 255 / 3)


def test_premultiplied_error_is_that_of_plain_floats():
    left, right = random_rgba(3, 50, 60, range(256)), random_rgba(4, 50, 60, range(256))
    one, other = (rgba[..., :3] / 255 * (rgba[..., 3:] / 255) for rgba in (left, right))
    assert premultiplied_error(left, right) == pytest.approx(np.abs(one - other).mean(axis=2).sum())


# Similarity


def plain_similarity(left, right, background):
    """Take scikit-image's map of similarities, with even windows, at every third pixel."""
    one, other = luma(left, background), luma(right, background)
    _, similar = structural_similarity(
        one, other, win_size=9, data_range=255, gaussian_weights=False, use_sample_covariance=False, full=True
    )
    return similar[4:-4:3, 4:-4:3].mean()


@settings(CALM, max_examples=30)
@given(st.integers(9, 40), st.integers(9, 40), st.integers(0, 2**32 - 1), st.sampled_from([4, 40, 250]))
def test_similarity_is_that_of_scikit_image_with_the_same_windows(height, width, seed, levels):
    left = random_rgba(seed, height, width, (0, 128, 255, 255))
    noise = np.random.default_rng(seed).integers(-levels, levels + 1, left.shape)
    right = np.clip(left.astype(int) + noise, 0, 255).astype(np.uint8)
    expected = [plain_similarity(left, right, background) for background in (255, 0)]
    assert ssim_on_white_and_black(left, right) == pytest.approx(expected, abs=2e-4)


def test_every_third_window_is_near_all_of_them():
    from compare_pictures import figure, noisy

    left = figure()
    right = noisy(left, 40)
    _, similar = structural_similarity(
        luma(left, 0), luma(right, 0), win_size=9, data_range=255, use_sample_covariance=False, full=True
    )
    assert ssim_on_white_and_black(left, right)[1] == pytest.approx(similar[4:-4, 4:-4].mean(), abs=0.002)


def test_similarity_of_two_flat_pictures_by_hand():
    # No variance: what is left is (2 x y + c1) / (x^2 + y^2 + c1), c1 = (0.01 * 255)^2; on black 100 and 50.
    left, right = np.full((9, 9, 4), 255, np.uint8), np.full((9, 9, 4), 255, np.uint8)
    left[..., :3], right[..., :3] = 100, 50
    c1 = 2.55**2
    expected = (2 * 100 * 50 + c1) / (100**2 + 50**2 + c1)
    assert ssim_on_white_and_black(left, right) == pytest.approx((expected, expected), abs=1e-5)


def test_a_white_subject_is_lost_on_white_only():
    left, right = np.zeros((30, 30, 4), np.uint8), np.zeros((30, 30, 4), np.uint8)
    left[10:20, 10:20] = 255
    white, black = ssim_on_white_and_black(left, right)
    assert white == pytest.approx(1.0)
    assert black < 0.6


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (8, 8), (9, 9), (10, 11), (2, 300)])
def test_similarity_of_identical_pictures_is_one_at_any_size(shape):
    rgba = random_rgba(5, *shape)
    assert ssim_on_white_and_black(rgba, rgba) == pytest.approx((1.0, 1.0))
