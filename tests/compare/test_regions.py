"""Connected regions, holes, islands, connectivity error; against scikit-image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage import measure

from compare_pictures import CALM
from pixian_shim.compare.measuring.regions import Regions, connectivity_error, holes, islands


def mask(*rows):
    return np.array([[pixel == "#" for pixel in row] for row in rows])


@st.composite
def masks(draw, most=32):
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rough = ndimage.gaussian_filter(random.random((height, width)), draw(st.sampled_from([0, 0.6, 1.5])))
    return rough > np.quantile(rough, draw(st.floats(0, 1)))


def drawn_labels(found):
    """Give each pixel's label from 1, 0 outside."""
    regions = Regions.of(found)
    return regions.at(np.arange(found.size)).reshape(found.shape) + 1, regions


def same_partition(one, other):
    """Tell whether two pictures of labels cut alike, whatever the numbers."""
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return len(pairs) == len({pair[0] for pair in pairs}) == len({pair[1] for pair in pairs})


def test_pixels_that_touch_at_a_corner_only_are_two_regions():
    assert len(Regions.of(mask("#.", ".#"))) == 2
    assert len(Regions.of(mask("##", ".#"))) == 1


def test_a_row_that_ends_and_one_that_begins_at_the_edge_do_not_touch():
    assert len(Regions.of(mask("..##", "##.."))) == 2


@pytest.mark.parametrize(
    "rows",
    [
        ("#.#.#", "#.#.#", "#####"),  # joined at the bottom only
        ("#####", "#...#", "#.#.#", "#.#.#", "###.#"),  # a spiral
        ("#.#", "###", "#.#"),
        ("#", "#", ".", "#"),
        ("##.##",),
        (".",),
        ("#",),
    ],
)
def test_shapes_are_cut_as_scikit_image_cuts_them(rows):
    found = mask(*rows)
    labels, _ = drawn_labels(found)
    assert same_partition(labels, measure.label(found, connectivity=1))


@CALM
@given(masks())
def test_regions_are_those_of_scikit_image(found):
    labels, regions = drawn_labels(found)
    expected = measure.label(found, connectivity=1)
    assert same_partition(labels, expected)
    assert np.array_equal(labels > 0, found)
    assert sorted(regions.areas.tolist()) == sorted(np.bincount(expected.ravel())[1:].tolist())
    for props in measure.regionprops(labels):
        assert tuple(int(side[props.label - 1]) for side in regions.boxes()) == props.bbox


@CALM
@given(masks(), st.integers(0, 2**32 - 1), st.data())
def test_parts_counts_and_choices_are_those_of_the_drawn_labels(found, seed, data):
    labels, regions = drawn_labels(found)
    if not len(regions):
        return
    other = np.random.default_rng(seed).random(found.shape) < 0.4
    expected = [int((other & (labels == label + 1)).sum()) for label in range(len(regions))]
    assert regions.counted(other).tolist() == expected
    chosen = np.array([data.draw(st.booleans()) for _ in range(len(regions))])
    assert np.array_equal(regions.drawn(chosen, found.shape[0]), np.isin(labels, np.flatnonzero(chosen) + 1))
    top, left = (data.draw(st.integers(0, side - 1)) for side in found.shape)
    bottom, right = (data.draw(st.integers(low + 1, side)) for low, side in zip((top, left), found.shape, strict=True))
    label = data.draw(st.integers(0, len(regions) - 1))
    window = found[top:bottom, left:right]
    part = regions.part(label, slice(top, bottom), slice(left, right), window.shape)
    assert np.array_equal(part, labels[top:bottom, left:right] == label + 1)


def test_mask_without_pixels_has_no_regions():
    regions = Regions.of(np.zeros((3, 4), bool))
    assert len(regions) == 0
    assert regions.at(np.array([0, 5])).tolist() == [-1, -1]


# Holes and islands


@pytest.mark.parametrize(("at_least", "expected"), [(1, 2), (4, 2), (5, 1), (9, 1), (10, 0)])
def test_a_hole_of_n_pixels_is_counted_up_to_a_limit_of_n(at_least, expected):
    found = np.ones((20, 20), bool)
    found[2:4, 2:4] = False  # 4 pixels
    found[8:11, 8:11] = False  # 9 pixels
    assert holes(found, at_least) == expected


def test_background_that_reaches_the_picture_edge_is_no_hole():
    for turns in range(4):
        assert holes(np.rot90(mask("#####", "#...#", "##.##"), turns), 1) == 0
    assert holes(mask("#####", "#...#", "#####"), 1) == 1
    assert holes(np.ones((4, 4), bool), 1) == holes(np.zeros((4, 4), bool), 1) == 0


def test_a_slit_at_a_corner_does_not_open_a_hole():
    assert holes(mask("####", "#.##", "##.#", "####"), 1) == 2  # background is 4-connected too


@pytest.mark.parametrize(("at_least", "expected"), [(1, 2), (2, 2), (4, 2), (5, 1), (7, 0)])
def test_islands_are_counted_beside_the_largest_region(at_least, expected):
    found = np.zeros((20, 20), bool)
    found[1:11, 1:11] = True
    found[15:17, 15:17] = True  # 4 pixels
    found[15:17, 3:6] = True  # 6 pixels
    assert islands(found, at_least) == expected


def test_one_region_or_none_has_no_islands():
    assert islands(np.ones((3, 3), bool), 1) == islands(np.zeros((3, 3), bool), 1) == 0


# Connectivity error


def plain_connectivity_error(left, right):
    """Follow the published definition step by step, in float64 and with scikit-image's labels."""
    one, other = left / 255, right / 255
    reached = np.full(left.shape, -1.0)
    for step in range(1, 11):
        both = (one >= step / 10) & (other >= step / 10)
        labels = measure.label(both, connectivity=1)
        source = np.zeros(left.shape, bool)
        if labels.any():
            source = labels == np.bincount(labels.ravel())[1:].argmax() + 1
        reached[(reached == -1) & ~source] = (step - 1) / 10
    reached[reached == -1] = 1
    degrees = []
    for alpha in (one, other):
        away = alpha - reached
        degrees.append(1 - away * (away >= 0.15))
    return np.abs(degrees[0] - degrees[1]).sum()


def test_an_island_on_one_side_costs_its_alpha():
    # 4 opaque pixels apart from the subject: there both reach no threshold, so the left is away by 1 and the right by 0.
    left = np.zeros((20, 20), np.uint8)
    left[2:10, 2:10] = 255
    right = left.copy()
    right[15:17, 15:17] = 255
    assert connectivity_error(left, right) == pytest.approx(4.0)


def test_a_difference_below_the_tolerance_costs_nothing():
    # Both are joined to the subject up to 0.5; 0.6 is away by 0.1 and 0.55 by 0.05, both below 0.15.
    left = np.full((10, 10), 153, np.uint8)
    right = np.full((10, 10), 140, np.uint8)
    assert connectivity_error(left, right) == 0.0


def test_a_level_that_neither_side_reaches_joins_nothing():
    # No pixel of the right reaches 0.3, so all hang together up to 0.2: the left is away by 1 - 0.2, the right by 0.
    left, right = np.full((4, 5), 255, np.uint8), np.full((4, 5), 51, np.uint8)
    assert connectivity_error(left, right) == pytest.approx(20 * 0.8)


def test_one_empty_side_costs_all_of_the_other():
    left = np.full((4, 5), 255, np.uint8)
    assert connectivity_error(left, np.zeros_like(left)) == pytest.approx(20.0)


def test_identical_alphas_cost_nothing():
    alpha = np.random.default_rng(1).integers(0, 256, (30, 30), np.uint8)
    assert connectivity_error(alpha, alpha) == 0.0


@CALM
@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.8, 2.0]))
def test_connectivity_error_is_that_of_the_definition(height, width, seed, smooth):
    random = np.random.default_rng(seed)
    rough = ndimage.gaussian_filter(random.random((height, width)), smooth)
    spread = max(rough.max() - rough.min(), 1e-9)
    left = np.round((rough - rough.min()) / spread * 255).astype(np.uint8)
    right = np.clip(left + random.integers(-60, 61, left.shape), 0, 255).astype(np.uint8)
    lower = np.minimum(left, right) / 255
    for step in range(1, 11):  # of regions of one size either may be the source
        areas = np.sort(np.bincount(measure.label(lower >= step / 10, connectivity=1).ravel())[1:])
        if len(areas) > 1 and areas[-1] == areas[-2]:
            return
    assert connectivity_error(left, right) == pytest.approx(plain_connectivity_error(left, right), rel=1e-4, abs=1e-4)
