"""Boxes and sizes: what is carried over from one size of a picture to another."""

import math

import pytest

from pixian_shim.errors import InvalidParameter
from pixian_shim.geometry import Box, Length, Margin, Size

OLD, NEW = Size(1000, 800), Size(100, 80)


@pytest.mark.parametrize(
    ("box", "scaled"),
    [
        (Box(200, 300, 400, 100), Box(20, 30, 40, 10)),
        (Box(0, 0, 1000, 800), Box(0, 0, 100, 80)),
        (Box(799, 999, 1, 1), Box(79, 99, 1, 1)),
        (Box(3, 3, 1, 1), Box(0, 0, 1, 1)),
        (Box(0, 0, 0, 0), Box(0, 0, 0, 0)),
    ],
)
def test_a_box_is_carried_over_to_another_size_and_keeps_a_pixel(box, scaled):
    assert box.scaled(OLD, NEW) == scaled


def test_a_box_stays_exactly_the_same_where_the_size_does():
    assert Box(1, 2, 3, 4).scaled(OLD, OLD) == Box(1, 2, 3, 4)
    assert Box(1, 2, 3, 4).size == Size(3, 4)


@pytest.mark.parametrize(
    "sides",
    [
        (Length(math.nan, "px"),),
        (Length(math.inf, "px"),),
        (Length(-5, "px"),),
        (Length(5, "em"),),
        ("5px",),
        (Length(1, "px"), None),
    ],
)
def test_a_margin_holds_lengths_that_can_be_sent(sides):
    with pytest.raises(InvalidParameter, match="a Length of 0 or more"):
        Margin(*sides)


@pytest.mark.parametrize("text", ["9" * 400 + "px", "12345678901px", "5em", "-1px", "nanpx", 5, None])
def test_a_length_is_a_number_of_at_most_nine_digits(text):
    with pytest.raises(InvalidParameter):
        Length.parse(text)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0.00000001%", "0.00000001%"),
        ("999999999px", "999999999px"),
        ("08.50%", "8.5%"),
        ("0", "0px"),
        ([Length(5, "px"), "10%"], "5px 10%"),
        (Length(5, "px"), "5px"),
        ((word for word in ("1px", "2px")), "1px 2px"),
    ],
)
def test_margins_are_written_without_exponents(value, written):
    assert str(Margin.parse(value)) == written


@pytest.mark.parametrize("text", ["9" * 5000 + " 1", "1 1234567890", "0 5", "5", "a b"])
def test_a_size_is_two_numbers_of_at_most_nine_digits(text):
    with pytest.raises(InvalidParameter):
        Size.parse(text)
