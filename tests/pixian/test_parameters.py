"""The table of v2 parameters: what is accepted, how it is written, how it is read back."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.errors import InvalidParameter
from pixian_shim.pixian import V1_NAMES, WIRE_NAMES, Length, Margin, Parameters, Size


@pytest.mark.parametrize(
    ("written", "sides", "shortest"),
    [
        ("10px", ("10px", "10px", "10px", "10px"), "10px"),
        ("0", ("0px", "0px", "0px", "0px"), "0px"),
        ("10px 20%", ("10px", "20%", "10px", "20%"), "10px 20%"),
        ("1px 2px 3px", ("1px", "2px", "3px", "2px"), "1px 2px 3px"),
        ("1px 2px 3px 4px", ("1px", "2px", "3px", "4px"), "1px 2px 3px 4px"),
        ("8.5% 8.5% 8.5% 8.5%", ("8.5%", "8.5%", "8.5%", "8.5%"), "8.5%"),
    ],
)
def test_margins_follow_the_order_of_css(written, sides, shortest):
    margin = Margin.parse(written)
    assert (str(margin.top), str(margin.right), str(margin.bottom), str(margin.left)) == sides
    assert str(margin) == shortest


@pytest.mark.parametrize("bad", ["", "1", "1em", "-1px", "1px 2px 3px 4px 5px", "a", "1 px", "%", "1e3px", "\u0661px"])
def test_other_margins_are_refused(bad):
    with pytest.raises(InvalidParameter, match=r"result\.margin"):
        Parameters(margin=bad)


lengths = st.builds(Length, st.integers(0, 9999).map(lambda n: n / 4), st.sampled_from(["px", "%"]))
margins = st.builds(Margin, lengths, lengths, lengths, lengths)


@given(margins)
def test_a_margin_survives_being_written_and_read(margin):
    assert Margin.parse(str(margin)) == margin


@given(
    st.builds(
        Parameters,
        test=st.booleans(),
        max_pixels=st.integers(100, 25_000_000),
        background_color=st.none() | st.from_regex(r"#[0-9a-f]{6}", fullmatch=True),
        crop_to_foreground=st.booleans(),
        margin=margins,
        target_size=st.none() | st.builds(Size, st.integers(1, 5000), st.integers(1, 5000)),
        vertical_alignment=st.sampled_from(["top", "middle", "bottom"]),
        output_format=st.sampled_from(["auto", "png", "jpeg", "delta_png"]),
        jpeg_quality=st.integers(1, 100),
    )
)
def test_parameters_survive_being_sent_and_read(parameters):
    assert Parameters.from_form(parameters.to_form()) == parameters


def test_defaults_are_not_sent():
    assert Parameters().to_form() == {}


@pytest.mark.parametrize("value", ["True", "TRUE", "true", True])
def test_booleans_are_read_in_any_case(value):
    assert Parameters(test=value).test is True


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("test", "yes"),
        ("test", 1),
        ("max_pixels", 99),
        ("max_pixels", 25_000_001),
        ("max_pixels", "1e6"),
        ("max_pixels", True),
        ("background_color", "ffffff"),
        ("background_color", "#fff"),
        ("background_color", "#ffffff\n"),
        ("target_size", "10"),
        ("target_size", (5001, 5000)),
        ("target_size", 5),
        ("vertical_alignment", "center"),
        ("output_format", "webp"),
        ("jpeg_quality", 0),
        ("jpeg_quality", 7.5),
        ("margin", 5),
    ],
)
def test_a_bad_value_is_refused_by_the_name_that_pixian_uses(field, bad):
    with pytest.raises(InvalidParameter) as caught:
        Parameters(**{field: bad})
    assert caught.value.parameter == WIRE_NAMES[field]
    assert isinstance(caught.value, ValueError)


def test_v1_is_read_with_its_own_names_and_the_new_ones():
    form = {
        "maxPixels": "500",
        "result.cropToForeground": "true",
        "output.format": "deltaPng",
        "output.jpeg_quality": "9",
    }
    assert Parameters.from_form(form, version="v1") == Parameters(
        max_pixels=500, crop_to_foreground=True, output_format="delta_png", jpeg_quality=9
    )
    assert Parameters.from_form({"maxPixels": "500"}) == Parameters()


def test_names_are_complete_and_unique():
    names = {field.name for field in attrs.fields(Parameters)}
    assert set(WIRE_NAMES) == names
    assert len(set(V1_NAMES)) == len(names)
    assert set(V1_NAMES.values()) == set(WIRE_NAMES.values())
