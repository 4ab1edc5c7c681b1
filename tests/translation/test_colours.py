import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.translation import Colour, parse_colour


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("fff", Colour(255, 255, 255)),
        ("#0f08", Colour(0, 255, 0, 136)),
        ("81d4fa", Colour(129, 212, 250)),
        ("#81D4FA77", Colour(129, 212, 250, 119)),
        ("White", Colour(255, 255, 255)),
        ("rebeccapurple", Colour(102, 51, 153)),
        (" green ", Colour(0, 128, 0)),
        ("transparent", Colour(0, 0, 0, 0)),
        ("12345", None),
        ("notacolour", None),
        ("", None),
        ("ggg", None),
        ("##fff", None),
    ],
)
def test_colour_is_read_as_css_does(text, colour):
    assert parse_colour(text) == colour


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_hexadecimal_round_trip(channels):
    assert parse_colour(Colour(*channels).hexadecimal) == Colour(*channels)


def test_every_css_name_is_known():
    from PIL import ImageColor

    for name in ImageColor.colormap:
        assert parse_colour(name)[:3] == ImageColor.getrgb(name), name
