"""Two cut-outs of one photo on one canvas: what is moved, how precisely, and what must stay in place."""

import numpy as np
import pytest
from PIL import Image

from compare_pictures import blotted, cropped, figure, moved, padded, real, recoded, scaled, with_alpha
from pixian_shim.compare.measuring.align import Overlay, Placing, _convinces, _Misfit, _Small, placing
from pixian_shim.compare.measuring.measure import measure
from pixian_shim.geometry import Box, Size
from pixian_shim.images import foreground_box, place_subject

SIZES = [(200, 180), (600, 500), (2000, 1500)]
REAL = ["coffee", "chelsea", "astronaut"]


def subject_box(rgba, margin=0):
    """Give the subject's box, some pixels larger to each side."""
    box = foreground_box(rgba[..., 3], 25)
    top, left = max(0, box.top - margin), max(0, box.left - margin)
    bottom = min(rgba.shape[0], box.top + box.height + margin)
    right = min(rgba.shape[1], box.left + box.width + margin)
    return Box(top, left, right - left, bottom - top)


def made(rgba, factor, box=None, border=(0, 0, 0, 0)):
    """Crop, scale and pad; give the result and how it lies over the whole: scales, then offset of left and top."""
    box = box or Box(0, 0, rgba.shape[1], rgba.shape[0])
    right = scaled(cropped(rgba, box), factor)
    across, down = box.width / right.shape[1], box.height / right.shape[0]
    top, _, _, left = border
    return padded(right, *border), (across, down, box.left - left * across, box.top - top * down)


def off(found, true, right):
    """Give how far the right picture's corners lie from where they should, in pixels of the right picture."""
    across, down, left, top = true
    height, width = right.shape[:2]
    ends = (
        (found.left - left) / across,
        (found.top - top) / down,
        (found.left + width * found.across - left - width * across) / across,
        (found.top + height * found.down - top - height * down) / down,
    )
    return max(map(abs, ends))


def cases(rgba):
    """Give what providers do to a canvas, by name: factor, box, border."""
    height, width = rgba.shape[:2]
    near, tight = subject_box(rgba, 8), subject_box(rgba)
    border = (height // 12, width // 6, height // 5, width // 9)
    return {
        "cropped near the box": (1, near),
        "cropped to the box": (1, tight),
        "cropped and halved": (0.5, near),
        "cropped and enlarged": (1.7, near),
        "box at a third": (0.33, tight),
        "padded": (1, None, border),
        "padded and halved": (0.5, None, border),
        "narrower": (0.8, Box(0, width // 40, width - width // 20, height)),
        "square": (1, None, (0, 0, abs(width - height), 0)),
    }


def names():
    return list(cases(figure((60, 50))))


# What is moved


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("case", names())
def test_canvas_is_found_within_two_pixels_and_the_outline_fits(size, case):
    whole = figure(size)
    right, true = made(whole, *cases(whole)[case])
    found = placing(whole, right)
    assert found.by == "box"
    assert off(found, true, right) <= (0 if true[0] == 1 else 2)
    told = measure(whole, right)
    assert told.boundary_f >= 0.99
    # After moving there is what resampling leaves, and at most a pixel of the smaller copy along the outline.
    assert told.sad <= 1 + (0 if true[0] == 1 else outline_length(told, whole, right))


def outline_length(told, left, right):
    from pixian_shim.compare.measuring.edges import boundary

    return boundary(left[..., 3] >= 128).sum() / max(1.0, told.scale)


@pytest.mark.model
@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("case", [name for name in names() if name != "narrower"])
def test_real_cut_out_is_found_too(name, case):
    whole = real(name)
    right, true = made(whole, *cases(whole)[case])
    if case == "square" and whole.shape[0] == whole.shape[1]:
        return
    told = measure(whole, right)
    assert off(placing(whole, right), true, right) <= (0 if true[0] == 1 else 1)
    assert told.boundary_f >= 0.99
    assert told.sad <= 20 + (0 if true[0] == 1 else 1.5 * outline_length(told, whole, right))


@pytest.mark.model
def test_canvas_that_cuts_through_the_subject_is_found_at_another_scale():
    whole = real("grace_hopper", 1200)
    height, width = whole.shape[:2]
    right, true = made(whole, 0.8, Box(0, width // 20, width - width // 10, height))
    assert off(placing(whole, right), true, right) <= 1.5


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("shift", [(9, 0), (0, -7), (11, 13), (-8, 6)])
def test_shift_on_the_same_canvas_is_found_to_the_pixel(size, shift):
    whole = figure(size)
    shift = tuple(side * max(1, min(size) // 250) for side in shift)
    told = measure(whole, moved(whole, *shift))
    assert (told.shift_x, told.shift_y, told.scale) == (-shift[0], -shift[1], 1.0)
    assert told.mae == 0.0


@pytest.mark.parametrize("factor", [0.25, 0.5, 0.9, 1.1, 1.7, 3.0])
def test_same_canvas_in_another_size_is_laid_over_as_a_whole(factor):
    whole = figure()
    found = placing(whole, scaled(whole, factor))
    assert found.by == "canvas"
    assert found.across == pytest.approx(1 / factor, rel=0.01)
    assert (found.left, found.top) == (0, 0)
    assert measure(whole, scaled(whole, factor)).boundary_f >= 0.99


def test_compressed_colours_do_not_hide_the_shift():
    whole = figure()
    told = measure(whole, recoded(moved(whole, 14, -9), "JPEG", 70))
    assert (told.shift_x, told.shift_y) == (-14, 9)


# What stays in place


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({}, {"arm": False}),
        ({"arm": False}, {}),
        ({}, {"strap": False}),
        ({}, {"handle": False}),
        ({}, {"parts": ((0.5, 0.4, 0.05, 0.05),)}),
        ({}, {"parts": ((-0.5, -0.45, 0.04, 0.03),)}),
        ({}, {"grow": 8}),
        ({}, {"grow": -5}),
    ],
    ids=lambda options: ",".join(options) or "whole",
)
def test_what_widens_or_narrows_the_box_is_not_moved_away(size, left, right):
    scale = size[0] / 600
    options = [
        {name: value * scale if name == "grow" else value for name, value in one.items()} for one in (left, right)
    ]
    told = measure(*(figure(size, **one) for one in options))
    assert told.aligned_by == "canvas"
    assert (told.shift_x, told.shift_y, told.scale, told.crop) == (0, 0, 1, 0)
    assert told.mae > 0


def plain(**options):
    """Give the figure in one colour, so that nothing inside tells where it lies."""
    rgba = figure(**options).copy()
    rgba[..., :3] = (180, 170, 160)
    return rgba


@pytest.mark.parametrize("options", [{"grow": 4}, {"grow": 8}, {"grow": -6}, {"arm": False}], ids=str)
def test_plain_subject_with_another_outline_is_not_scaled_to_fit(options):
    assert measure(plain(), plain(**options)).aligned_by == "canvas"


def test_plain_subject_is_moved_back_all_the_same():
    told = measure(plain(), moved(plain(), 12, 7))
    assert (told.shift_x, told.shift_y, told.scale, told.mae) == (-12, -7, 1.0, 0.0)


@pytest.mark.parametrize(("plainly", "scale"), [(False, 0.95), (False, 0.6), (True, 0.6), (True, 0.9)])
def test_subject_that_was_scaled_on_its_canvas_is_scaled_back(plainly, scale):
    left = plain() if plainly else figure()
    right = place_subject(left, scale=scale, position=None)
    told = measure(left, right)
    assert told.aligned_by == "box"
    assert told.boundary_f > 0.99
    assert told.missing + told.extra + told.hole == 0


@pytest.mark.parametrize(
    ("moved", "still", "scaled", "believed"),
    [
        ((2.0, 6.9), (2.0, 10.0), False, True),
        ((2.0, 7.1), (2.0, 10.0), False, False),  # not clearly better
        ((2.6, 5.0), (2.0, 10.0), False, False),  # the colours inside fit worse
        ((2.4, 5.0), (2.0, 10.0), False, True),  # by less than resampling does
        ((1.5, 6.9), (2.0, 10.0), True, True),
        ((1.9, 6.9), (2.0, 10.0), True, False),  # the colours inside do not tell
        ((0.0, 1.9), (0.0, 10.0), True, True),
        ((0.0, 2.1), (0.0, 10.0), True, False),
    ],
)
def test_placing_is_believed_if_it_fits_clearly_better_and_the_colours_do_not_contradict(
    moved, still, scaled, believed
):
    assert _convinces(_Misfit(*moved), _Misfit(*still), scaled=scaled) is believed


def test_lost_arm_is_found_after_a_shift():
    told = measure(figure(), moved(figure(arm=False), 12, 7))
    assert (told.shift_x, told.shift_y, told.scale) == (-12, -7, 1.0)
    assert told.missing == pytest.approx(measure(figure(), figure(arm=False)).missing, rel=0.01)


def test_added_object_is_found_after_a_shift():
    more = figure(parts=((0.5, 0.4, 0.05, 0.05),))
    told = measure(figure(), moved(more, 12, 7))
    assert (told.shift_x, told.shift_y, told.scale) == (-12, -7, 1.0)
    assert told.extra == pytest.approx(measure(figure(), more).extra, rel=0.01)


@pytest.mark.model
@pytest.mark.parametrize("name", REAL)
def test_cut_off_bottom_of_a_real_cut_out_is_not_moved_away(name):
    whole = real(name)
    told = measure(whole, blotted(whole, (0, 0.5, 0.6, 0.2)))
    assert told.aligned_by == "canvas"
    assert told.missing > 0.03


@pytest.mark.parametrize(
    "other",
    [
        np.zeros((80, 60, 4), np.uint8),
        np.full((50, 90, 4), 255, np.uint8),
        np.full((1, 1, 4), 255, np.uint8),
        np.full((1, 4000, 4), 128, np.uint8),
    ],
    ids=["empty", "opaque", "one pixel", "one row"],
)
def test_what_has_no_box_is_stretched_over_the_canvas(other):
    left = figure((60, 50))
    told = Overlay.of(left, other)
    assert told.left.shape == told.right.shape
    if other[..., 3].min() in (0, 255):
        assert told.way.by == "canvas"


@pytest.mark.parametrize("place", [(3, 3), (250, 300), (490, 590)])
def test_a_speck_is_not_laid_over_the_subject(place):
    speck = np.zeros((500, 600, 4), np.uint8)
    speck[place[0] : place[0] + 3, place[1] : place[1] + 3] = 255
    assert placing(figure(), speck).by == placing(speck, figure()).by == "canvas"


# Placing and overlay


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (Placing(1, 1, 0, 0, "canvas"), 1.0),
        (Placing(1, 1, 50, 0, "box"), 5000 / 15000),  # half of either: 50 x 100 shared of 150 x 100
        (Placing(1, 1, 200, 0, "box"), 0.0),
        (Placing(0.5, 0.5, 25, 25, "box"), 2500 / 10000),
        (Placing(2, 2, 0, 0, "box"), 10000 / 40000),
    ],
)
def test_overlap_of_two_canvases_of_100_by_100(way, expected):
    assert way.overlap(Size(100, 100), Size(100, 100)) == pytest.approx(expected)


def test_canvas_holds_all_of_either_picture():
    whole = figure()
    right = padded(whole, 30, 40, 50, 60)
    laid = Overlay.of(whole, right)
    assert laid.left.shape == laid.right.shape == right.shape
    assert np.array_equal(laid.right, right)
    assert np.array_equal(laid.left, padded(whole, 30, 40, 50, 60))


def test_smaller_scale_of_the_two_is_taken():
    whole = figure()
    assert Overlay.of(whole, scaled(whole, 0.5)).left.shape[:2] == (250, 300)
    assert Overlay.of(whole, scaled(whole, 2)).left.shape[:2] == (500, 600)


def test_boxes_are_told_in_pixels_of_the_left_picture_and_back():
    whole = figure()
    laid = Overlay.of(whole, padded(whole, 30, 40, 50, 60))
    assert laid.on_left(Box(40, 70, 20, 10)) == Box(10, 10, 20, 10)
    assert laid.from_left(Box(10, 10, 20, 10)) == Box(40, 70, 20, 10)
    halved = Overlay.of(whole, scaled(whole, 0.5))
    assert halved.on_left(Box(5, 6, 7, 8)) == Box(10, 12, 14, 16)
    assert halved.from_left(Box(10, 12, 14, 16)) == Box(5, 6, 7, 8)


def test_worst_spot_of_a_larger_canvas_is_told_in_pixels_of_the_left_picture():
    whole = figure()
    told = measure(whole, blotted(padded(whole, 30, 40, 50, 60), (0, 0.12, 0.05, 0.05)))
    true_x, true_y = (600 + 100) / 2 - 60, (500 + 80) / 2 + 0.12 * 580 - 30
    assert told.spot.left <= true_x <= told.spot.left + told.spot.width
    assert told.spot.top <= true_y <= told.spot.top + told.spot.height


def test_placing_far_beyond_both_canvases_is_not_believed():
    left, right = np.zeros((40, 4000, 4), np.uint8), np.zeros((4000, 40, 4), np.uint8)
    left[10:20, 3900:3990] = 255
    right[3900:3990, 10:20] = 255
    laid = Overlay.of(left, right)
    assert laid.left.shape[0] * laid.left.shape[1] <= 4 * 40 * 4000


def test_opaque_copy_is_not_moved_by_its_colours():
    whole = figure()
    assert placing(whole, with_alpha(whole, np.full(whole.shape[:2], 255))).by == "canvas"


@pytest.mark.parametrize(
    ("scale", "corner"), [((1.0, 1.0), (0.0, 0.0)), ((0.7, 1.3), (5.25, -8.5)), ((2.1, 2.1), (-90.0, 33.3))]
)
def test_copies_are_drawn_as_pillow_transforms_them(scale, corner):
    planes = np.random.default_rng(3).uniform(0, 255, (2, 70, 90)).astype(np.float32)
    drawn = _Small(planes, Box(0, 0, 90, 70)).drawn(Size(120, 80), scale, corner)
    back = (1 / scale[0], 0, -corner[0] / scale[0], 0, 1 / scale[1], -corner[1] / scale[1])
    expected = [
        np.asarray(Image.fromarray(plane).transform((120, 80), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR))
        for plane in planes
    ]
    assert np.allclose(drawn, expected, atol=1e-3)
