"""The joint histogram: exact, and the same however a picture is cut into tiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from compare_pictures import CALM
from pixian_shim.compare.measuring.histogram import AlphaHistogram
from pixian_shim.errors import ImageError

SIDES = st.tuples(st.integers(1, 24), st.integers(1, 24))
ALPHAS = st.sampled_from([0, 0, 1, 25, 26, 127, 128, 129, 229, 230, 254, 255, 255])


@st.composite
def pairs(draw):
    shape = draw(SIDES)
    return tuple(draw(arrays(np.uint8, shape, elements=st.one_of(ALPHAS, st.integers(0, 255)))) for _ in range(2))


def of(left, right):
    return AlphaHistogram.of(np.array(left, np.uint8), np.array(right, np.uint8))


def test_four_pixels_by_hand():
    counts = of([[0, 255], [255, 51]], [[0, 255], [0, 102]])
    assert counts.pixels == 4
    assert counts.sad == pytest.approx(0 + 0 + 1 + 51 / 255)  # 1.2
    assert counts.mae == pytest.approx(1.2 / 4)
    assert counts.mse == pytest.approx((1 + 0.2**2) / 4)
    assert counts.areas() == (2, 1)
    assert counts.iou() == 1 / 2  # one of the left's two


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(26, 3 / 4), (128, 1 / 3), (230, 0 / 1)],
)
def test_overlap_counts_what_is_at_least_so_opaque(threshold, expected):
    # At 26: left 26, 127, 255; right all four. At 128: left 255 only, right 128, 128, 229. At 230: left 255 only.
    assert of([[25, 26, 127, 255]], [[26, 128, 128, 229]]).iou(threshold) == expected


def test_two_empty_pictures_overlap_wholly():
    assert of([[0, 0]], [[0, 0]]).iou() == 1.0


def test_picture_without_pixels_has_no_error():
    nothing = AlphaHistogram(np.zeros((256, 256), np.int64))
    assert (nothing.mae, nothing.mse, nothing.sad, nothing.iou()) == (0.0, 0.0, 0.0, 1.0)


def test_row_is_the_left_and_column_the_right():
    counts = of([[7, 0, 255]], [[9, 255, 0]]).counts
    assert (counts[7, 9], counts[0, 255], counts[255, 0], counts.sum()) == (1, 1, 1, 3)


def test_alphas_of_two_sizes_are_refused():
    with pytest.raises(ImageError, match="one size"):
        of([[0]], [[0, 0]])


@CALM
@given(pairs())
def test_every_pair_of_alphas_is_counted(pair):
    left, right = pair
    expected = np.zeros((256, 256), np.int64)
    np.add.at(expected, (left, right), 1)
    assert np.array_equal(AlphaHistogram.of(left, right).counts, expected)


@CALM
@given(pairs(), st.data())
def test_tiles_sum_to_the_whole(pair, data):
    left, right = pair
    rows = sorted(data.draw(st.lists(st.integers(0, left.shape[0]), max_size=3)))
    columns = sorted(data.draw(st.lists(st.integers(0, left.shape[1]), max_size=3)))
    total = AlphaHistogram(np.zeros((256, 256), np.int64))
    for top, bottom in zip([0, *rows], [*rows, left.shape[0]], strict=True):
        for start, end in zip([0, *columns], [*columns, left.shape[1]], strict=True):
            total += AlphaHistogram.of(left[top:bottom, start:end], right[top:bottom, start:end])
    assert np.array_equal(total.counts, AlphaHistogram.of(left, right).counts)


@CALM
@given(pairs(), pairs())
def test_pictures_add_up(one, other):
    total = AlphaHistogram.of(*one) + AlphaHistogram.of(*other)
    together = [np.concatenate([a.ravel(), b.ravel()])[np.newaxis] for a, b in zip(one, other, strict=True)]
    assert np.array_equal(total.counts, AlphaHistogram.of(*together).counts)


@CALM
@given(pairs())
def test_metrics_are_those_of_plain_floats(pair):
    left, right = pair
    counts = AlphaHistogram.of(left, right)
    apart = left.astype(np.float64) / 255 - right.astype(np.float64) / 255
    assert counts.sad == pytest.approx(np.abs(apart).sum())
    assert counts.mae == pytest.approx(np.abs(apart).mean())
    assert counts.mse == pytest.approx((apart**2).mean())
    for threshold in (26, 128, 230):
        one, other = left >= threshold, right >= threshold
        either = (one | other).sum()
        assert counts.iou(threshold) == ((one & other).sum() / either if either else 1.0)
        assert counts.areas(threshold) == (one.sum(), other.sum())
