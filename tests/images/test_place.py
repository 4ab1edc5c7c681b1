import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pixian_shim.errors import ImageError
from pixian_shim.geometry import Box, Margin, Size
from pixian_shim.images import crop, crop_to_foreground, extend, foreground_box, place_subject, put_back, resize

UNCAPPED = {"max_share": float("inf"), "max_px": float("inf")}


def box_of(rgba):
    return foreground_box(rgba[..., 3])


@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 0, 0, 7, 255])
    ),
    st.sampled_from([0, 6, 7, 255]),
)
def test_the_foreground_box_is_the_smallest_that_holds_all_above_the_threshold(alpha, threshold):
    box = foreground_box(alpha, threshold)
    rows, columns = np.nonzero(alpha > threshold)
    if not rows.size:
        assert box is None
        return
    assert box == Box(rows.min(), columns.min(), columns.max() - columns.min() + 1, rows.max() - rows.min() + 1)


def test_the_foreground_box_of_one_channel_of_rgba_is_found(subject):
    assert box_of(subject((40, 30), (5, 7, 11, 3))) == Box(5, 7, 11, 3)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
@pytest.mark.parametrize("size", [Size(1, 1), Size(20, 5), Size(13, 90), Size(200, 100)])
def test_resize_gives_exactly_the_size(channels, size, noise):
    assert resize(noise(31, 47, *channels), size).shape == (size.height, size.width, *channels)


@pytest.mark.parametrize("size", [Size(7, 7), Size(50, 50)])
def test_resize_lets_no_hidden_colour_into_the_edge(size):
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[..., :3] = (0, 255, 0)  # bright green under alpha 0
    rgba[5:15, 5:15] = (200, 0, 0, 255)
    scaled = resize(rgba, size)
    seen = scaled[scaled[..., 3] > 16]
    assert seen[:, 1].max() < 12
    assert seen[:, 0].min() > 185


def test_enlarging_a_matte_leaves_no_ghost_beside_its_edge():
    alpha = np.zeros((20, 20), np.uint8)
    alpha[:, :10] = 255
    assert resize(alpha, Size(200, 200))[:, 120:].max() == 0


def test_shrinking_averages_areas():
    checks = np.indices((64, 64)).sum(axis=0) % 2 * 255
    assert np.abs(resize(checks.astype(np.uint8), Size(8, 8)).astype(int) - 127).max() <= 2


def test_crop_gives_a_view_of_the_box(noise):
    pixels = noise(31, 47, 4)
    part = crop(pixels, Box(3, 5, 11, 7))
    assert np.array_equal(part, pixels[3:10, 5:16])
    assert part.base is not None


@pytest.mark.parametrize(
    "box", [Box(-1, 0, 5, 5), Box(0, -1, 5, 5), Box(28, 0, 5, 5), Box(0, 44, 5, 5), Box(0, 0, 0, 5)]
)
def test_crop_beyond_the_picture_is_an_error(box, noise):
    with pytest.raises(ImageError, match="does not lie within"):
        crop(noise(31, 47, 4), box)


def test_extend_adds_transparent_space_on_each_side(noise):
    pixels = noise(3, 4, 4)
    wider = extend(pixels, 1, 2, 3, 4)
    assert wider.shape == (7, 10, 4)
    assert np.array_equal(wider[1:4, 4:8], pixels)
    assert wider.astype(int).sum() == pixels.astype(int).sum()


PLACES = {
    "scaled to half of the canvas, centred": (0.5, (0.5, 0.5), Box(25, 50, 100, 50)),
    "scaled to all of it": (1.0, (0.5, 0.5), Box(0, 0, 200, 100)),
    "a tenth, in the top left corner": (0.1, (0.0, 0.0), Box(0, 0, 20, 10)),
    "a tenth, in the bottom right corner": (0.1, (1.0, 1.0), Box(90, 180, 20, 10)),
    "kept in size, moved": (None, (0.25, 0.75), Box(60, 40, 40, 20)),
    "scaled around its own centre": (0.1, None, Box(15, 20, 20, 10)),
    "scaled around its own centre, but held on the canvas": (0.9, None, Box(0, 0, 180, 90)),
    "nothing asked": (None, None, Box(10, 10, 40, 20)),
}


@pytest.mark.parametrize("case", PLACES)
def test_the_subject_is_placed(case, subject):
    scale, position, expected = PLACES[case]
    placed = place_subject(subject((200, 100), (10, 10, 40, 20)), scale=scale, position=position)
    assert placed.shape == (100, 200, 4)
    found = box_of(placed)
    assert np.abs(np.subtract(found, expected)).max() <= 1


def test_scale_is_the_larger_share_of_either_side(subject):
    tall = place_subject(subject((200, 100), (0, 0, 10, 40)), scale=0.8, position=(0.5, 0.5))
    assert box_of(tall).height == 80
    wide = place_subject(subject((200, 100), (0, 0, 60, 10)), scale=0.8, position=(0.5, 0.5))
    assert box_of(wide).width == 160


def test_placing_without_a_subject_changes_nothing():
    empty = np.zeros((5, 6, 4), np.uint8)
    assert np.array_equal(place_subject(empty, scale=0.5, position=(0, 0)), empty)


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.data(),
    st.floats(0.01, 1.0),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_placed_subject_has_its_share_and_stays_on_the_canvas(canvas, data, scale, position):
    width, height = data.draw(st.integers(1, canvas[0])), data.draw(st.integers(1, canvas[1]))
    top, left = data.draw(st.integers(0, canvas[1] - height)), data.draw(st.integers(0, canvas[0] - width))
    rgba = np.zeros((canvas[1], canvas[0], 4), np.uint8)
    rgba[top : top + height, left : left + width] = (9, 9, 9, 255)
    placed = place_subject(rgba, scale=scale, position=position)
    assert placed.shape == rgba.shape
    found = box_of(placed)
    factor = scale / max(width / canvas[0], height / canvas[1])
    assert found.width == pytest.approx(max(1, width * factor), abs=1)
    assert found.height == pytest.approx(max(1, height * factor), abs=1)
    assert found.left == pytest.approx((canvas[0] - found.width) * position[0], abs=1)
    assert found.top == pytest.approx((canvas[1] - found.height) * position[1], abs=1)


CROPS = {
    "no margin": ("0", UNCAPPED, Box(10, 20, 40, 20)),
    "pixels within the canvas": ("5px", UNCAPPED, Box(5, 15, 50, 30)),
    "pixels beyond the canvas": ("50px", UNCAPPED, Box(-40, -30, 140, 120)),
    "per cent are of the subject on the same axis": ("50%", UNCAPPED, Box(0, 0, 80, 40)),
    "four sides": ("1px 2px 3px 4px", UNCAPPED, Box(9, 16, 46, 24)),
    "capped by share of the subject": ("500px", {"max_share": 0.5, "max_px": 500}, Box(0, 0, 80, 40)),
    "capped by pixels": ("100%", {"max_share": 1.0, "max_px": 3}, Box(7, 17, 46, 26)),
    "one side capped, the others not": ("1px 90%", {"max_share": 0.5, "max_px": 500}, Box(9, 0, 80, 22)),
}


@pytest.mark.parametrize("case", CROPS)
def test_crop_to_foreground_leaves_the_margin(case, subject):
    margin, caps, expected = CROPS[case]
    rgba, where = crop_to_foreground(subject((100, 60), (10, 20, 40, 20)), Margin.parse(margin), **caps)
    assert where == expected
    assert rgba.shape == (expected.height, expected.width, 4)
    assert box_of(rgba) == Box(10 - expected.top, 20 - expected.left, 40, 20)
    assert (rgba[rgba[..., 3] > 0] == (200, 30, 10, 255)).all()


def test_crop_to_foreground_without_a_subject_changes_nothing():
    empty = np.zeros((5, 6, 4), np.uint8)
    rgba, where = crop_to_foreground(empty, Margin(), **UNCAPPED)
    assert np.array_equal(rgba, empty)
    assert where == Box(0, 0, 6, 5)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (Box(2, 3, 4, 5), Box(2, 3, 4, 5)),
        (Box(0, 0, 12, 10), Box(0, 0, 12, 10)),
        (Box(-2, -1, 4, 5), Box(0, 0, 3, 3)),
        (Box(8, 10, 4, 5), Box(8, 10, 2, 2)),
        (Box(20, 20, 4, 5), None),
        (Box(-9, 0, 4, 5), None),
    ],
)
@pytest.mark.parametrize("size", [(4, 5), (8, 10)])
def test_put_back_fills_the_box_on_an_empty_canvas(at, expected, size, subject):
    whole = put_back(subject(size, (0, 0, *size)), Size(12, 10), at)
    assert whole.shape == (10, 12, 4)
    assert box_of(whole) == expected


def test_what_was_cropped_is_put_back_where_it_was(noise):
    rgba = noise(31, 47, 4)
    box = Box(3, 5, 11, 7)
    whole = put_back(crop(rgba, box), Size(47, 31), box)
    assert np.array_equal(crop(whole, box), crop(rgba, box))
    assert whole.astype(int).sum() == crop(rgba, box).astype(int).sum()
