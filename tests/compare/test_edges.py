"""Along the outline: gradient error, boundary F, thin parts; against scipy and scikit-image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage import morphology

from compare_pictures import CALM
from pixian_shim.compare.measuring.edges import (
    boundary,
    boundary_f,
    close_to,
    differing_tiles,
    gradient_error,
    narrowed,
    thin_parts,
    widened,
)


def mask(*rows):
    return np.array([[pixel == "#" for pixel in row] for row in rows])


def magnitude(alpha):
    """Filter the whole picture with the two kernels of Rhemann and others, by scipy and in float64."""
    at = np.arange(-4, 5)
    smooth = np.exp(-(at**2) / (2 * 1.4**2))
    kernel = np.outer(smooth, -at * smooth)
    kernel /= np.sqrt((kernel**2).sum())
    filtered = [ndimage.correlate(alpha / 255.0, one, mode="nearest") for one in (kernel, kernel.T)]
    return np.hypot(*filtered)


def plain_gradient_error(left, right):
    return ((magnitude(left) - magnitude(right)) ** 2).sum()


def square(by):
    return np.ones((2 * by + 1, 2 * by + 1), bool)


@st.composite
def masks(draw, most=40):
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rough = ndimage.gaussian_filter(random.random((height, width)), draw(st.sampled_from([0, 0.7, 2.0])))
    return rough > np.quantile(rough, draw(st.floats(0, 1)))


# Gradient error


def test_gradient_error_of_a_step_by_hand():
    # A step from 0 to 1 at column 20 against nothing. The kernel is the product of g(x) and x g(x), each scaled to a sum
    # of squares of 1. Down a column all pixels are alike: the smoothing gives S = sum g / sqrt(sum g^2). Along a row
    # the derivative gives D(c), the sum of the scaled x g(x) over those x that reach the opaque side.
    alpha = np.zeros((32, 64), np.uint8)
    alpha[:, 20:] = 255
    at = np.arange(-4, 5)
    g = np.exp(-(at**2) / (2 * 1.4**2))
    smooth = g.sum() / np.sqrt((g**2).sum())
    derive = at * g / np.sqrt(((at * g) ** 2).sum())
    along = [derive[column + at >= 20].sum() for column in range(12, 29)]
    expected = 32 * sum((smooth * one) ** 2 for one in along)
    assert gradient_error(alpha, np.zeros_like(alpha)) == pytest.approx(expected, rel=1e-5)


def test_gradient_error_is_zero_where_nothing_differs():
    alpha = np.random.default_rng(0).integers(0, 256, (70, 90), np.uint8)
    assert gradient_error(alpha, alpha) == 0.0


def test_gradient_error_does_not_see_a_constant_that_is_added_everywhere():
    alpha = np.full((50, 50), 100, np.uint8)
    assert gradient_error(alpha, alpha + 50) == pytest.approx(0.0, abs=1e-6)


@CALM
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.01, 0.3, 1.0]))
def test_gradient_error_is_that_of_scipy_on_the_whole_picture(height, width, seed, share):
    random = np.random.default_rng(seed)
    left = random.integers(0, 256, (height, width), np.uint8)
    right = np.where(random.random(left.shape) < share, random.integers(0, 256, left.shape), left).astype(np.uint8)
    assert gradient_error(left, right) == pytest.approx(plain_gradient_error(left, right), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("place", [(0, 0), (31, 31), (31, 32), (32, 32), (27, 36), (69, 99), (0, 99), (60, 5)])
def test_tiles_around_a_difference_are_enough(place):
    left = np.zeros((70, 100), np.uint8)
    right = left.copy()
    right[place] = 200
    assert gradient_error(left, right) == pytest.approx(plain_gradient_error(left, right), rel=1e-5)
    assert 1 <= len(differing_tiles(left, right)) <= 4


# Boundary F


def test_boundary_is_what_has_a_neighbour_outside_and_no_picture_edge():
    found = boundary(mask("......", ".####.", ".####.", ".####.", "......"))
    assert np.array_equal(found, mask("......", ".####.", ".#..#.", ".####.", "......"))
    assert not boundary(np.ones((5, 5), bool)).any()


@CALM
@given(masks())
def test_boundary_is_the_mask_less_its_erosion_by_a_cross(found):
    inner = ndimage.binary_erosion(found, border_value=1)
    assert np.array_equal(boundary(found), found & ~inner)


@pytest.mark.parametrize(("tolerance", "expected"), [(1, 0.0), (2, 1.0), (3, 1.0)])
def test_outlines_two_pixels_apart_agree_from_a_tolerance_of_two(tolerance, expected):
    left, right = np.zeros((60, 60), bool), np.zeros((60, 60), bool)
    left[20:40, 20:40] = True
    right[18:42, 18:42] = True
    assert boundary_f(left, right, tolerance) == expected


def test_boundary_f_by_hand():
    # Two vertical edges; the left has a second outline that the right lacks: recall 10 of 20, precision 10 of 10.
    left, right = np.zeros((10, 30), bool), np.zeros((10, 30), bool)
    left[:, :10] = right[:, :10] = True
    left[:, 25:] = True
    assert boundary_f(left, right, 1) == pytest.approx(2 * 1.0 * 0.5 / 1.5)


def test_boundary_f_without_outlines():
    empty, full, half = np.zeros((9, 9), bool), np.ones((9, 9), bool), np.zeros((9, 9), bool)
    half[:, :4] = True
    assert boundary_f(empty, empty, 1) == 1.0
    assert boundary_f(full, empty, 1) == 1.0  # neither has an outline: what is wrong here is told by the overlap
    assert boundary_f(half, empty, 1) == boundary_f(empty, half, 1) == 0.0


@CALM
@given(masks(), st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_boundary_f_is_that_of_dilated_outlines(left, seed, tolerance):
    random = np.random.default_rng(seed)
    right = left ^ (random.random(left.shape) < 0.02)
    one, other = boundary(left), boundary(right)
    if not one.any() or not other.any():
        expected = float(one.any() == other.any())
    else:
        recall = (one & ndimage.binary_dilation(other, square(tolerance))).sum() / one.sum()
        precision = (other & ndimage.binary_dilation(one, square(tolerance))).sum() / other.sum()
        expected = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    assert boundary_f(left, right, tolerance) == pytest.approx(expected)
    assert boundary_f(right, left, tolerance) == pytest.approx(expected)


# Widening, narrowing, nearness, thin parts


@CALM
@given(masks(), st.integers(0, 12))
def test_widening_is_a_dilation_by_a_square(found, by):
    assert np.array_equal(widened(found, by), ndimage.binary_dilation(found, square(by)))


@CALM
@given(masks(), st.integers(0, 12))
def test_narrowing_is_an_erosion_by_a_square_that_spares_the_picture_edge(found, by):
    assert np.array_equal(narrowed(found, by), ndimage.binary_erosion(found, square(by), border_value=1))


@CALM
@given(masks(60), st.integers(0, 2**32 - 1), st.sampled_from([0.002, 0.03, 0.5, 1.0]), st.integers(1, 9))
def test_nearness_does_not_depend_on_how_it_is_found(near, seed, share, by):
    points = np.random.default_rng(seed).random(near.shape) < share
    assert np.array_equal(close_to(points, near, by), points & ndimage.binary_dilation(near, square(by)))


def test_nearness_of_a_solid_region_among_much_else():
    # Few points, but none of them done with after some steps: the region is looked at as a whole.
    points, near = np.zeros((200, 220), bool), np.zeros((200, 220), bool)
    points[60:100, 70:110] = True
    near[:, 73] = near[99, :] = True
    for by in (1, 2, 3, 7, 20):
        assert np.array_equal(close_to(points, near, by), points & ndimage.binary_dilation(near, square(by)))


@pytest.mark.parametrize(("thick", "is_thin"), [(1, True), (4, True), (5, False), (9, False)])
def test_a_strap_is_thin_up_to_the_width_of_the_opening(thick, is_thin):
    found = np.zeros((60, 60), bool)
    found[10:30, 10:50] = True
    found[30:55, 20 : 20 + thick] = True
    thin = thin_parts(found, 4)  # a square of 2 * 2 + 1 = 5 pixels
    assert bool(thin[35:50, 20 : 20 + thick].all()) is is_thin
    assert not thin[12:28, 12:48].any()


@CALM
@given(masks(), st.integers(2, 9))
def test_thin_parts_are_what_an_opening_takes_away(found, width):
    footprint = np.ones((2 * (width // 2) + 1,) * 2, np.uint8)
    opened = morphology.opening(found.astype(np.uint8), footprint).astype(bool)
    assert np.array_equal(thin_parts(found, width), found & ~opened)
