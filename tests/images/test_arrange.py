"""Where a subject comes to lie on a canvas, how large, and what of it shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.geometry import Box, Frame, Size
from pixian_shim.images import arrange, foreground_box, lay_out, show_through

CANVAS = Size(100, 60)
WHOLE = Box(0, 0, 100, 60)


def laid(rgba, box, target=WHOLE, canvas=CANVAS, **options):
    return arrange(rgba, lay_out(canvas, Box(*box), Box(*target), **options))


@pytest.mark.parametrize(
    ("scaling", "target", "found"),
    [
        ("fit", WHOLE, (0, 20, 60, 60)),
        ("fit", Box(10, 10, 20, 40), (20, 10, 20, 20)),
        ("fill", WHOLE, (0, 0, 100, 60)),
        ("fill", Box(10, 10, 20, 40), (10, 10, 20, 40)),
        ("keep", WHOLE, (25, 45, 10, 10)),
        ("keep", Box(0, 0, 4, 60), (25, 0, 7, 10)),  # reaches over its target, and over the canvas
    ],
)
def test_scaling_fits_fills_or_keeps(subject, scaling, target, found):
    box = (5, 7, 10, 10)
    drawn = laid(subject((40, 30), box), box, target, scaling=scaling)
    assert drawn.shape == (60, 100, 4)
    assert foreground_box(drawn[..., 3]) == found


@pytest.mark.parametrize(
    ("across", "down", "found"),
    [(0, 0, (0, 0, 10, 10)), (1, 1, (50, 90, 10, 10)), (0.5, 1, (50, 45, 10, 10)), (1, 0, (0, 90, 10, 10))],
)
def test_the_spare_room_is_shared(subject, across, down, found):
    box = (5, 7, 10, 10)
    drawn = laid(subject((40, 30), box), box, scaling="keep", across=across, down=down)
    assert foreground_box(drawn[..., 3]) == found


@pytest.mark.parametrize(("across", "column"), [(0, 0), (0.5, 15), (1, 30)])
def test_what_stands_over_is_shared_likewise(across, column):
    stripes = np.zeros((10, 40, 4), np.uint8)
    stripes[..., 3] = 255
    stripes[..., 0] = np.arange(40)
    drawn = laid(stripes, (0, 0, 40, 10), (0, 0, 10, 10), Size(10, 10), scaling="fill", across=across)
    assert drawn[5, 0, 0] == column


def test_at_its_own_size_pixels_stay_what_they_are(noise):
    rgba = noise(30, 40, 4)
    drawn = laid(rgba, (0, 0, 40, 30), scaling="keep", across=0, down=0)
    assert np.array_equal(drawn[:30, :40], rgba)


def test_nothing_beside_the_box_gets_into_its_edges(subject):
    rgba = subject((40, 30), (10, 10, 10, 10))
    rgba[:, 25:] = (0, 0, 255, 255)
    drawn = laid(rgba, (10, 10, 10, 10), (0, 0, 60, 60))
    assert drawn[..., 2].max() < 30


def test_a_hairline_may_fill_a_canvas(subject):
    """Its whole would have 60 million pixels."""
    drawn = laid(subject((1, 1000), (0, 0, 1, 1000)), (0, 0, 1, 1000), scaling="fill")
    assert drawn[..., 3].min() == 255


SIDE = st.integers(1, 80)


@st.composite
def layouts(draw):
    picture, canvas = Size(draw(SIDE), draw(SIDE)), Size(draw(SIDE), draw(SIDE))
    left, top = draw(st.integers(0, picture.width - 1)), draw(st.integers(0, picture.height - 1))
    box = Box(top, left, draw(st.integers(1, picture.width - left)), draw(st.integers(1, picture.height - top)))
    left, top = draw(st.integers(0, canvas.width - 1)), draw(st.integers(0, canvas.height - 1))
    target = Box(top, left, draw(st.integers(1, canvas.width - left)), draw(st.integers(1, canvas.height - top)))
    share = st.floats(0, 1)
    options = {"scaling": draw(st.sampled_from(("fit", "fill", "keep"))), "across": draw(share), "down": draw(share)}
    return picture, lay_out(canvas, box, target, own=draw(st.floats(0.1, 10)), **options), target, options["scaling"]


@given(layouts())
def test_the_canvas_is_exact_and_the_target_is_respected(made):
    picture, layout, target, scaling = made
    opaque = np.full((picture.height, picture.width, 4), 255, np.uint8)
    drawn = arrange(opaque, layout)
    assert drawn.shape == (layout.canvas.height, layout.canvas.width, 4)
    found = foreground_box(drawn[..., 3])
    if scaling == "keep":
        return
    assert found is not None
    assert found.left >= target.left
    assert found.top >= target.top
    assert found.left + found.width <= target.left + target.width
    assert found.top + found.height <= target.top + target.height
    if scaling == "fill":
        assert found.width >= target.width - 1
        assert found.height >= target.height - 1
    else:
        assert found.width == target.width or found.height == target.height or 1 in found.size


def test_a_frame_follows_what_was_moved():
    frame = Frame(0, 0, 40, 30).moved(Box(10, 10, 10, 10), Box(20, 0, 20, 20))
    assert frame == Frame(-20, 0, 80, 60)


def test_a_picture_shows_through_where_it_lies(noise):
    original = noise(30, 40, 4)
    assert np.array_equal(show_through(original, Size(40, 30), Frame(0, 0, 40, 30)), original)
    shown = show_through(original, Size(20, 20), Frame(-10, -5, 40, 30))
    assert np.array_equal(shown, original[5:25, 10:30])
    beside = show_through(original, Size(50, 30), Frame(10, 0, 40, 30))
    assert not beside[:, :10].any()
