"""Boxes and sizes: what is carried over from one size of a picture to another."""

import pytest

from pixian_shim.geometry import Box, Size

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
