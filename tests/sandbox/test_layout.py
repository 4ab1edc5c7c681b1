"""Sizes and offsets without pixels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.errors import InvalidParameter
from pixian_shim.geometry import Box, Margin, Size
from pixian_shim.pixian import Parameters
from pixian_shim.sandbox._layout import MAX_RESULT_PIXELS, fit, insets, lay_out, scaled_up
from pixian_shim.sandbox._rejections import Rejected

CONTENT = Size(200, 100)


@pytest.mark.parametrize(
    ("margin", "canvas", "content"),
    [
        ("0px", (200, 100), (0, 0, 200, 100)),
        ("10px", (220, 120), (10, 10, 200, 100)),
        ("10px 20px", (240, 120), (10, 20, 200, 100)),
        ("1px 2px 3px", (204, 104), (1, 2, 200, 100)),
        ("1px 2px 3px 4px", (206, 104), (1, 4, 200, 100)),
        ("10%", (240, 120), (10, 20, 200, 100)),
        ("0 25%", (300, 100), (0, 50, 200, 100)),
        ("0.4px 0.5px", (202, 100), (0, 1, 200, 100)),
        ("150% 0", (200, 400), (150, 0, 200, 100)),
    ],
)
def test_without_a_target_the_margin_enlarges_the_canvas(margin, canvas, content):
    layout = lay_out(CONTENT, Parameters(margin=margin))
    assert (layout.canvas, layout.content) == (Size(*canvas), Box(*content))


@pytest.mark.parametrize(
    ("target", "margin", "alignment", "content"),
    [
        ("200 100", "0px", "middle", (0, 0, 200, 100)),
        ("400 200", "0px", "middle", (0, 0, 400, 200)),  # up
        ("100 50", "0px", "middle", (0, 0, 100, 50)),  # down
        ("400 400", "0px", "top", (0, 0, 400, 200)),
        ("400 400", "0px", "middle", (100, 0, 400, 200)),
        ("400 400", "0px", "bottom", (200, 0, 400, 200)),
        ("800 200", "0px", "top", (0, 200, 400, 200)),  # spare width is always split
        ("400 400", "10%", "middle", (120, 40, 320, 160)),
        ("400 400", "10%", "top", (40, 40, 320, 160)),
        ("400 400", "10%", "bottom", (200, 40, 320, 160)),
        ("400 200", "0 0 100px 0", "middle", (0, 100, 200, 100)),
        ("400 200", "0 10% 0 15%", "middle", (25, 60, 300, 150)),
    ],
)
def test_within_a_target_the_margin_is_inset_and_the_content_fits(target, margin, alignment, content):
    parameters = Parameters(target_size=target, margin=margin, vertical_alignment=alignment)
    layout = lay_out(CONTENT, parameters)
    assert (layout.canvas, layout.content) == (Size.parse(target), Box(*content))


def test_alignment_has_no_effect_without_a_target():
    layouts = {lay_out(CONTENT, Parameters(margin="5px", vertical_alignment=a)) for a in ("top", "middle", "bottom")}
    assert len(layouts) == 1


@pytest.mark.parametrize("margin", ["50%", "0 50%", "200px 0", "0 0 0 400px", "9999999px"])
def test_margin_that_eats_the_target_is_refused(margin):
    with pytest.raises(InvalidParameter, match=r"result\.margin"):
        lay_out(CONTENT, Parameters(target_size="400 400", margin=margin))


@pytest.mark.parametrize("margin", ["10000px", "99999%", "0 999999999px"])
def test_margin_that_makes_the_result_too_large_is_refused(margin):
    with pytest.raises(Rejected) as caught:
        lay_out(CONTENT, Parameters(margin=margin))
    assert (caught.value.status, caught.value.code) == (400, 1023)


def test_percentages_are_of_the_axis_they_lie_on():
    assert insets(Margin.parse("10% 20% 30% 40%"), Size(1000, 100)) == insets(
        Margin.parse("10px 200px 30px 400px"), Size(1, 1)
    )


@pytest.mark.parametrize(
    ("content", "room", "size"),
    [
        ((1000, 1), (10, 10), (10, 1)),
        ((1, 1000), (10, 10), (1, 10)),
        ((3, 3), (10, 7), (7, 7)),
    ],
)
def test_content_keeps_its_aspect_and_never_vanishes(content, room, size):
    assert fit(Size(*content), Size(*room)) == Size(*size)


def test_box_of_a_shrunk_picture_is_carried_outwards_to_whole_pixels():
    assert scaled_up(Box(1, 1, 2, 2), Size(4, 4), Size(10, 10)) == Box(2, 2, 6, 6)
    assert scaled_up(Box(0, 0, 4, 4), Size(4, 4), Size(9, 7)) == Box(0, 0, 9, 7)


sizes = st.builds(Size, st.integers(1, 3000), st.integers(1, 3000))
lengths = st.tuples(st.floats(0, 45, allow_nan=False), st.sampled_from(["px", "%"])).map(lambda p: f"{p[0]:.2f}{p[1]}")


@given(sizes, sizes, st.lists(lengths, min_size=1, max_size=4), st.sampled_from(["top", "middle", "bottom"]))
def test_content_always_lies_on_the_canvas(content, target, margin, alignment):
    for parameters in (
        Parameters(margin=" ".join(margin)),
        Parameters(margin=" ".join(margin), target_size=target, vertical_alignment=alignment),
    ):
        try:
            layout = lay_out(content, parameters)
        except (InvalidParameter, Rejected):
            continue
        box = layout.content
        assert box.top >= 0
        assert box.left >= 0
        assert box.left + box.width <= layout.canvas.width
        assert box.top + box.height <= layout.canvas.height
        assert layout.canvas.pixels <= MAX_RESULT_PIXELS
