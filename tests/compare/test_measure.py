"""All measures of a pair together: by hand, at the edges of what may come, and as plain numbers."""

import json
import math
import tracemalloc
from functools import cache
from pathlib import Path
from time import process_time

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import measure as scikit

from compare_pictures import CALM, blotted, figure, moved, painted, rimmed, scaled, with_alpha
from pixian_shim.compare.judging.causes import findings, limits
from pixian_shim.compare.measuring.colour import premultiplied_error, ssim_on_white_and_black
from pixian_shim.compare.measuring.edges import boundary_f, gradient_error
from pixian_shim.compare.measuring.measure import REDUCED, Measures, measure
from pixian_shim.compare.measuring.regions import connectivity_error

ZERO = ("mae", "mse", "sad", "gradient", "connectivity", "missing", "extra", "hole", "lost_parts", "gained_parts")
ZERO += ("premultiplied", "crop", "shift_x", "shift_y")
ONE = ("iou_10", "iou_50", "iou_90", "boundary_f", "scale", "ssim_white", "ssim_black")


def block(shape, *boxes, colour=(90, 120, 60)):
    """Draw opaque rectangles, ``(top, left, bottom, right)``, on nothing."""
    rgba = np.zeros((*shape, 4), np.uint8)
    for top, left, bottom, right in boxes:
        rgba[top:bottom, left:right] = (*colour, 255)
    return rgba


def without(rgba, *boxes):
    """Make rectangles transparent."""
    rgba = rgba.copy()
    for top, left, bottom, right in boxes:
        rgba[top:bottom, left:right, 3] = 0
    return rgba


def numbers(told):
    """Give everything as JSON does, and back."""
    return json.loads(json.dumps(attrs.asdict(told), allow_nan=False))


# By hand


def test_hundred_by_hundred_with_a_block_by_hand():
    # Left: 40 x 40 = 1600 pixels; right: the same less a corner of 10 x 10. Tolerance: 0.002 * 141.4 rounds to 0, so 1.
    left = block((100, 100), (30, 30, 70, 70))
    right = without(left, (30, 30, 40, 40))
    told = measure(left, right)
    assert told.tolerance == 1
    assert told.sad == pytest.approx(100)
    assert told.mae == told.mse == pytest.approx(100 / 10_000)
    assert told.iou_10 == told.iou_50 == told.iou_90 == pytest.approx(1500 / 1600)
    assert (told.left_share, told.right_share) == (0.16, 0.15)
    assert told.missing == pytest.approx(100 / 1600)
    assert (told.extra, told.hole) == (0, 0)
    assert told.colour == told.fringe == 0
    # Premultiplied: 100 pixels of (90 + 120 + 60) / (3 * 255), over the whole canvas.
    assert told.premultiplied == pytest.approx(100 * 270 / 765 / 10_000)
    swapped = measure(right, left)
    assert swapped.extra == pytest.approx(100 / 1500)
    assert swapped.missing == 0


def test_half_transparent_block_by_hand():
    left = block((50, 50), (10, 10, 30, 30))
    right = left.copy()
    right[..., 3] //= 2  # 127
    told = measure(left, right)
    assert told.sad == pytest.approx(400 * 128 / 255)
    assert told.mse == pytest.approx(400 * (128 / 255) ** 2 / 2500)
    assert (told.iou_10, told.iou_50, told.iou_90) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("side", [5, 8, 20])
def test_a_hole_of_n_pixels_is_told_as_its_share_of_the_subject(side):
    left = block((200, 200), (40, 40, 160, 160))
    right = without(left, (90, 90, 90 + side, 90 + side))
    told = measure(left, right)
    assert told.hole == pytest.approx(side**2 / 120**2)
    assert (told.missing, told.extra) == (0, 0)
    assert (told.left_holes, told.right_holes) == (0, 1)
    assert measure(right, left).hole == pytest.approx(side**2 / (120**2 - side**2))  # filled in, not opened


@pytest.mark.parametrize(("before", "after", "opened"), [(1.0, 0.6, True), (1.0, 0.7, False), (0.55, 0.45, False)])
def test_a_part_that_became_see_through_is_a_hole_from_a_third_of_alpha(before, after, opened):
    left = block((200, 200), (40, 40, 160, 160))
    right = left.copy()
    left[80:120, 80:120, 3] = round(255 * before)
    right[80:120, 80:120, 3] = round(255 * after)
    assert measure(left, right).hole == pytest.approx(1600 / (left[..., 3] >= 128).sum() if opened else 0)


def test_a_shadow_that_was_left_in_is_an_object():
    left = block((200, 200), (40, 40, 160, 160))
    right = left.copy()
    right[165:185, 60:140, 3] = 100
    assert measure(left, right).extra == pytest.approx(1600 / 120**2)


def test_a_speck_within_the_tolerance_is_no_hole():
    left = block((200, 200), (40, 40, 160, 160))
    told = measure(left, without(left, (90, 90, 92, 92)))
    assert (told.hole, told.right_holes) == (0, 0)


def test_a_notch_that_is_open_to_the_outside_is_missing_and_no_hole():
    left = block((200, 200), (40, 40, 160, 160))
    told = measure(left, without(left, (40, 90, 60, 110)))
    assert told.missing == pytest.approx(400 / 120**2)
    assert told.hole == 0


def test_a_slot_that_is_open_to_the_edge_of_the_picture_is_missing_and_no_hole():
    left = block((200, 200), (40, 40, 200, 160))  # the picture cuts it off below
    told = measure(left, without(left, (140, 95, 200, 105)))
    assert told.missing == pytest.approx(600 / (160 * 120))
    assert told.hole == 0


@pytest.mark.parametrize(("side", "counts"), [(4, False), (5, True)])
def test_an_object_counts_from_four_tolerances_and_a_pixel(side, counts):
    left = block((200, 200), (40, 40, 160, 160))
    right = block((200, 200), (40, 40, 160, 160), (10, 10, 10 + side, 10 + side))
    assert measure(left, right).extra == pytest.approx(side**2 / 120**2 if counts else 0)
    assert measure(left, right).right_islands == 1


def test_islands_are_counted_on_either_side():
    left = block((200, 200), (40, 40, 160, 160))
    right = block((200, 200), (40, 40, 160, 160), (5, 5, 15, 15), (180, 180, 190, 195))
    told = measure(left, right)
    assert (told.left_islands, told.right_islands) == (0, 2)
    assert told.extra == pytest.approx((100 + 150) / 120**2)


def test_an_outline_that_runs_along_beside_is_not_an_object_however_wide_the_band():
    for grow in (4, 8, 14, 20):
        narrow, wide = figure(handle=False), figure(handle=False, grow=grow)
        for told in (measure(narrow, wide), measure(wide, narrow)):
            assert (told.extra, told.missing, told.hole) == (0, 0, 0)
            assert told.boundary_f < 0.05


def test_a_long_slit_within_the_subject_is_a_hole():
    told = measure(figure(), blotted(figure(), (0, 0.12, 0.012, 0.14)))
    assert told.hole > 0.01
    assert told.missing == 0


def test_a_strip_beside_the_subject_is_an_object():
    left = block((300, 300), (50, 50, 250, 150))
    right = block((300, 300), (50, 50, 250, 150), (50, 200, 250, 208))  # 25 times as long as wide, but far away
    assert measure(left, right).extra == pytest.approx(1600 / 20_000)


@pytest.mark.parametrize(("length", "lost"), [(5, 0), (30, 1)])
def test_a_strap_is_lost_from_six_tolerances_of_length(length, lost):
    left = block((200, 200), (60, 60, 140, 140), (140, 100, 140 + length, 102))
    right = block((200, 200), (60, 60, 140, 140))
    told = measure(left, right)
    assert (told.lost_parts, told.gained_parts) == (lost, 0)
    told = measure(right, left)
    assert (told.lost_parts, told.gained_parts) == (0, lost)


def test_three_lost_straps_are_three():
    straps = [(140, 70 + 25 * number, 175, 72 + 25 * number) for number in range(3)]
    left, right = block((200, 200), (60, 60, 140, 140), *straps), block((200, 200), (60, 60, 140, 140))
    assert measure(left, right).lost_parts == 3


def test_a_strap_that_moved_a_little_is_not_lost():
    left = block((200, 200), (60, 60, 140, 140), (140, 100, 180, 102))
    right = block((200, 200), (60, 60, 140, 140), (140, 101, 180, 103))
    assert measure(left, right).lost_parts == 0


def test_colour_is_told_inside_and_the_fringe_is_what_the_edge_has_beyond():
    left = figure()
    redder = left.copy()
    redder[..., 0] = np.clip(left[..., 0].astype(int) + 25, 0, 255)
    told = measure(left, redder)
    assert told.colour > 5
    assert told.fringe < 0.5
    told = measure(left, rimmed(left, (0, 255, 0), width=2, strength=0.6))
    assert told.fringe > 15
    assert told.colour < told.fringe / 5


def test_colour_under_transparent_pixels_does_not_count():
    left = figure()
    right = left.copy()
    right[left[..., 3] == 0, :3] = (255, 0, 255)
    told = measure(left, right)
    assert (told.colour, told.fringe, told.premultiplied) == (0, 0, 0)
    assert (told.ssim_white, told.ssim_black) == pytest.approx((1, 1))
    assert told.spot is None


def test_a_subject_that_is_half_transparent_everywhere_is_judged_too():
    left = with_alpha(figure(), figure()[..., 3] * 0.4)
    told = measure(left, blotted(left, (0, 0.12, 0.05, 0.05)))
    assert told.left_share > 0.1
    assert told.hole == pytest.approx(measure(figure(), blotted(figure(), (0, 0.12, 0.05, 0.05))).hole, rel=0.1)
    assert [one.cause for one in findings(told, limits())] == ["hole"]


def test_worst_spot_lies_where_alphas_differ_and_else_where_colours_do():
    left = block((400, 600), (50, 50, 350, 550))
    for right, place in (
        (without(left, (200, 400, 230, 430)), (215, 415)),
        (with_colour(left, (100, 120, 140, 160)), (120, 140)),
    ):
        spot = measure(left, right).spot
        assert spot.top <= place[0] < spot.top + spot.height
        assert spot.left <= place[1] < spot.left + spot.width


def with_colour(rgba, box):
    rgba = rgba.copy()
    top, left, bottom, right = box
    rgba[top:bottom, left:right, :3] = (255, 0, 0)
    return rgba


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (50, 20), (97, 130)])
def test_worst_spot_stays_on_the_canvas(shape):
    left, right = np.zeros((*shape, 4), np.uint8), np.zeros((*shape, 4), np.uint8)
    left[-1, -1] = 255
    spot = measure(left, right).spot
    assert spot.top + spot.height <= shape[0]
    assert spot.left + spot.width <= shape[1]


# The parts are those that are tested alone


def test_parts_are_measured_on_the_whole_although_empty_borders_are_left_out():
    left, right = figure((300, 240)), blotted(moved(figure((300, 240)), 0, 0), (0.1, 0.1, 0.1, 0.08))
    left, right = (with_alpha(rgba, np.where(rgba[..., 3] < 3, 0, rgba[..., 3])) for rgba in (left, right))
    told = measure(left, right)
    alphas = left[..., 3], right[..., 3]
    masks = [alpha >= 128 for alpha in alphas]
    assert left.shape[0] * left.shape[1] <= REDUCED  # so the reduced copy is the whole
    assert told.gradient == pytest.approx(gradient_error(*alphas))
    assert told.connectivity == pytest.approx(connectivity_error(*alphas))
    assert told.boundary_f == boundary_f(*masks, told.tolerance)
    assert told.premultiplied == pytest.approx(premultiplied_error(left, right) / (300 * 240))


def test_similarity_is_measured_around_the_subjects():
    # 60 x 60 in the middle of 300 x 300, so from 16 pixels beside it: rows and columns 104 to 196.
    left = painted(np.pad(np.ones((60, 60)), 120))
    right = with_alpha(left, left[..., 3] * 0.7)
    left[left[..., 3] == 0], right[right[..., 3] == 0] = 0, 0
    told = measure(left, right)
    part = slice(104, 196), slice(104, 196)
    assert (told.ssim_white, told.ssim_black) == pytest.approx(ssim_on_white_and_black(left[part], right[part]))


def test_reduced_copy_gives_about_what_the_whole_gives():
    left, right = figure((1500, 1200)), blotted(figure((1500, 1200)), (0.1, 0.1, 0.1, 0.08))
    told = measure(left, right)
    assert told.connectivity == pytest.approx(connectivity_error(left[..., 3], right[..., 3]), rel=0.03)
    assert told.premultiplied == pytest.approx(premultiplied_error(left, right) / (1500 * 1200), rel=0.03)


@settings(CALM, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(30, 110), st.integers(30, 110))
def test_missing_extra_and_holes_are_never_more_than_what_differs(seed, height, width):
    random = np.random.default_rng(seed)
    masks = [ndimage.gaussian_filter(random.random((height, width)), 4) for _ in range(2)]
    left, right = (with_alpha(np.zeros((height, width, 4), np.uint8), (one > np.median(one)) * 255) for one in masks)
    told = measure(left, right)
    if told.aligned_by != "canvas":
        return
    one, other = left[..., 3] > 0, right[..., 3] > 0
    subject = one.sum()
    assert told.missing <= (one & ~other).sum() / subject + 1e-9
    assert told.extra <= (other & ~one).sum() / subject + 1e-9
    assert told.missing + told.extra + told.hole <= (one ^ other).sum() / subject + 1e-9
    assert told.left_islands <= max(0, scikit.label(one, connectivity=1).max() - 1)


# Identical, empty, opaque, tiny, long


@pytest.mark.parametrize(
    "rgba",
    [
        figure((60, 50)),
        figure(),
        np.zeros((40, 30, 4), np.uint8),
        np.full((40, 30, 4), 255, np.uint8),
        np.full((1, 1, 4), 255, np.uint8),
        np.zeros((1, 1, 4), np.uint8),
        np.full((1, 70, 4), 200, np.uint8),
        np.full((70, 1, 4), 7, np.uint8),
        np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8),
        figure((1, 1)),
    ],
    ids=["drawn", "larger", "empty", "opaque", "dot", "empty dot", "row", "column", "noise", "drawn dot"],
)
def test_identical_pictures_differ_in_nothing(rgba):
    told = measure(rgba, rgba.copy())
    assert [getattr(told, name) for name in ZERO] == [0] * len(ZERO)
    assert [getattr(told, name) for name in ONE] == pytest.approx([1] * len(ONE))
    assert (told.fringe or 0, told.colour or 0) == (0, 0)
    assert told.spot is None
    assert findings(told, limits()) == []


SHAPES = [(1, 1), (1, 60), (60, 1), (2, 2), (8, 9), (17, 33), (3, 3000), (3000, 3), (60, 60)]
FILLS = {
    "empty": lambda shape: np.zeros((*shape, 4), np.uint8),
    "opaque": lambda shape: np.full((*shape, 4), 255, np.uint8),
    "noise": lambda shape: np.random.default_rng(1).integers(0, 256, (*shape, 4), np.uint8),
    "one pixel": lambda shape: block(shape, (shape[0] // 2, shape[1] // 2, shape[0] // 2 + 1, shape[1] // 2 + 1)),
}


def finite(value):
    return value is None or isinstance(value, (bool, str, list)) or math.isfinite(value)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("one", FILLS)
@pytest.mark.parametrize("other", FILLS)
def test_extremes_give_finite_numbers(shape, one, other):
    for second in (shape, (20, 31)):
        told = numbers(measure(FILLS[one](shape), FILLS[other](second)))
        assert all(map(finite, told.values()))


@st.composite
def pictures(draw):
    height, width = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    rough = ndimage.gaussian_filter(random.random((height, width)), draw(st.sampled_from([0, 1, 5])))
    kind = draw(st.sampled_from(["rough", "mask", "box", "empty", "opaque"]))
    alpha = np.zeros((height, width))
    if kind == "rough":
        alpha = rough * 255
    elif kind == "mask":
        alpha = (rough > np.quantile(rough, draw(st.floats(0, 1)))) * 255
    elif kind == "box":
        alpha[draw(st.integers(0, height)) :, : draw(st.integers(0, width))] = draw(st.integers(1, 255))
    elif kind == "opaque":
        alpha += 255
    return np.dstack([rgb, alpha]).astype(np.uint8)


RANGES = {
    **dict.fromkeys(("mae", "mse", "iou_10", "iou_50", "iou_90", "boundary_f", "left_share", "right_share"), (0, 1)),
    **dict.fromkeys(("crop", "premultiplied"), (0, 1)),
    **dict.fromkeys(("ssim_white", "ssim_black"), (-1, 1)),
    **dict.fromkeys(("sad", "gradient", "connectivity", "missing", "extra", "hole", "fringe", "colour"), (0, np.inf)),
}


@settings(CALM, max_examples=150)
@given(pictures(), pictures())
def test_any_two_pictures_give_finite_numbers_within_their_ranges(left, right):
    found = measure(left, right)
    told = numbers(found)
    assert all(map(finite, told.values()))
    for name, (least, most) in RANGES.items():
        if told[name] is not None:
            assert least - 1e-6 <= told[name] <= most + 1e-6, name
    for one in findings(found, limits()):
        assert math.isfinite(one.value)
        assert one.weight >= 1


@settings(CALM, max_examples=60)
@given(pictures(), st.integers(0, 2**32 - 1))
def test_sides_can_be_swapped(left, seed):
    random = np.random.default_rng(seed)
    right = with_alpha(left, np.where(random.random(left.shape[:2]) < 0.1, 255 - left[..., 3], left[..., 3]))
    one, other = measure(left, right), measure(right, left)
    if "box" in (one.aligned_by, other.aligned_by):
        return
    for name in ("mae", "mse", "sad", "iou_10", "iou_50", "iou_90", "gradient", "boundary_f", "premultiplied"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))
    assert (one.lost_parts, one.left_holes) == (other.gained_parts, other.right_holes)
    assert (one.left_islands, one.left_share) == (other.right_islands, other.right_share)


def test_inputs_are_left_as_they_were():
    left, right = figure((200, 150)).copy(), scaled(figure((200, 150)), 0.7)
    before = left.copy(), right.copy()
    measure(left, right)
    assert np.array_equal(left, before[0])
    assert np.array_equal(right, before[1])


def test_views_and_read_only_pictures_are_measured_too():
    wide = np.zeros((150, 400, 4), np.uint8)
    wide[:, :200] = figure((200, 150))
    part = wide[:, :200]
    part.setflags(write=False)
    assert measure(part, part[::1]).mae == 0


def test_every_measure_is_explained_in_the_guide():
    guide = (Path(__file__).parents[2] / "docs" / "measures.md").read_text("utf-8")
    assert [field.name for field in attrs.fields(Measures) if f"`{field.name}`" not in guide] == []


# Time and memory


@cache
def worst(size):
    """Give alphas that have as many regions, edges and differences as can be, by name."""
    width, height = size
    random = np.random.default_rng(4)
    rgba = figure(size)
    y, x = np.mgrid[:height, :width]
    return {
        "noise": with_alpha(rgba, random.integers(0, 256, (height, width))),
        "black and white noise": with_alpha(rgba, random.integers(0, 2, (height, width)) * 255),
        "chequers": with_alpha(rgba, (x + y) % 2 * 255),
        "blocks": with_alpha(rgba, (x // 40 + y // 40) % 2 * 255),
        "stripes": with_alpha(rgba, y // 2 % 2 * 255),
        "opaque": with_alpha(rgba, np.full((height, width), 255)),
        "inverse": with_alpha(rgba, 255 - rgba[..., 3]),
    }


@pytest.mark.parametrize("name", worst((20, 20)))
def test_memory_stays_below_ten_times_a_picture_beside_the_two_themselves(name):
    left, right = figure((1000, 800)), worst((1000, 800))[name]
    measure(left, right)
    tracemalloc.start()
    try:
        measure(left, right)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 10 * left.nbytes


@pytest.mark.parametrize("name", worst((20, 20)))
def test_no_alpha_takes_very_much_longer_than_a_usual_one(name):
    left, usual, right = figure((1000, 800)), blotted(figure((1000, 800)), (0, 0.1, 0.1, 0.1)), worst((1000, 800))[name]

    def seconds(other):
        begin = process_time()
        measure(left, other)
        return process_time() - begin

    seconds(usual)
    # 9 to 12 in a quiet minute; decoding, which comes on top, takes twice as long as measuring the usual one.
    assert min(seconds(right) for _ in range(3)) <= 30 * min(seconds(usual) for _ in range(5))
