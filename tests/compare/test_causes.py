"""Causes: what each is taken from, its limits, and how findings are ranked."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare_pictures import CALM, blotted, figure
from pixian_shim.compare.judging.causes import CAUSES, Finding, Level, describe, findings, limits, values, weight
from pixian_shim.compare.measuring.measure import measure
from pixian_shim.errors import ConfigurationError

SAME = measure(figure((120, 100)), figure((120, 100)))


def found(noise=None, changed=None, **measures):
    """Give what is found of a pair that is alike but for some measures: names and levels."""
    told = findings(attrs.evolve(SAME, **measures), limits(changed), noise)
    return [(one.cause, str(one.level)) for one in told]


@pytest.mark.parametrize(
    ("measures", "cause", "value"),
    [
        ({"boundary_f": 0.7}, "edge", 0.3),
        ({"lost_parts": 3, "gained_parts": 2}, "edge", 0.1),
        ({"boundary_f": 0.9, "lost_parts": 1}, "edge", 0.12),
        ({"missing": 0.02}, "missing object", 0.02),
        ({"extra": 0.02}, "extra object", 0.02),
        ({"hole": 0.02}, "hole", 0.02),
        ({"fringe": 9.0}, "colour fringe", 9.0),
        ({"colour": 4.0}, "colour", 4.0),
        ({"crop": 0.05}, "crop shift", 0.05),
        ({"scale": 0.5}, "size", 1.0),
        ({"scale": 2.0}, "size", 1.0),
        ({"scale": 1.25}, "size", 0.25),
        ({"right_share": 0.0}, "empty", 1.0),
        ({"left_share": 0.0}, "empty", 1.0),
        ({"right_opaque": True}, "opaque", 1.0),
        ({"left_opaque": True}, "opaque", 1.0),
    ],
)
def test_value_of_a_cause_by_hand(measures, cause, value):
    assert values(attrs.evolve(SAME, **measures))[cause] == pytest.approx(value)
    assert [name for name, _ in found(**measures)] == [cause]


def test_rounding_of_the_smallest_side_to_a_pixel_is_no_difference_of_size():
    assert values(attrs.evolve(SAME, scale=1 + 0.99 / 100))["size"] == 0.0  # the height is 100
    assert values(attrs.evolve(SAME, scale=1 + 1.1 / 100))["size"] == pytest.approx(0.011)


@pytest.mark.parametrize("measures", [{"right_share": 0.0}, {"right_opaque": True}])
def test_what_has_no_subject_is_judged_by_nothing_but_that(measures):
    told = attrs.evolve(SAME, boundary_f=0.0, missing=1.0, crop=0.5, hole=0.5, colour=50.0, **measures)
    assert set(values(told)) == {"empty", "opaque", "size"}


def test_two_empty_sides_differ_in_nothing():
    assert found(left_share=0.0, right_share=0.0, boundary_f=0.0) == []


def test_two_opaque_sides_are_judged_by_their_colours():
    assert found(left_opaque=True, right_opaque=True, colour=20.0) == [("colour", "bad")]


def test_what_cannot_be_told_is_left_out():
    assert not {"colour", "colour fringe"} & set(values(attrs.evolve(SAME, colour=None, fringe=None)))


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if cause.name in ("missing object", "hole", "crop shift")])
def test_levels_begin_at_their_limits(cause):
    name = {"missing object": "missing", "crop shift": "crop"}.get(cause.name, cause.name)
    assert found(**{name: cause.look * 0.999}) == []
    assert found(**{name: cause.look}) == [(cause.name, "look")]
    assert found(**{name: cause.bad * 0.999}) == [(cause.name, "look")]
    assert found(**{name: cause.bad}) == [(cause.name, "bad")]


def test_limits_can_be_changed_one_by_one():
    assert found(changed={"hole": {"look": 0.1, "bad": 0.2}}, hole=0.05) == []
    assert found(changed={"hole": {"bad": 0.04}}, hole=0.05) == [("hole", "bad")]
    assert limits({"hole": {"bad": 0.04}})["hole"] == (0.002, 0.04)
    assert limits() == {cause.name: (cause.look, cause.bad) for cause in CAUSES}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"holes": {"look": 1}}, "'holes' is none of empty, opaque"),
        ({"hole": {}}, "takes look and bad"),
        ({"hole": 3}, "takes look and bad"),
        ({"hole": {"lok": 1}}, "takes look and bad"),
        ({"hole": {"look": 0}}, "numbers above 0"),
        ({"hole": {"look": True}}, "numbers above 0"),
        ({"hole": {"look": "1"}}, "numbers above 0"),
        ({"hole": {"look": float("nan")}}, "numbers above 0"),
        ({"hole": {"look": 0.5}}, "cannot be bad at 0.015 before it is looked at, at 0.5"),
    ],
)
def test_limits_that_cannot_be_are_refused(changed, says):
    with pytest.raises(ConfigurationError, match=says):
        limits(changed)


@pytest.mark.parametrize(("own", "named"), [(None, True), (0.0099, True), (0.01, False), (0.5, False)])
def test_what_the_left_provider_does_to_itself_too_is_not_named(own, named):
    noise = {} if own is None else {"hole": own}
    assert found(noise, hole=0.01) == [("hole", "look")] * named


def test_noise_of_one_cause_does_not_excuse_another():
    assert found({"edge": 1.0}, hole=0.01) == [("hole", "look")]


def test_finding_keeps_the_noise_it_was_held_against():
    (one,) = findings(attrs.evolve(SAME, hole=0.01), limits(), {"hole": 0.004})
    assert (one.noise, one.value, one.accepted) == (0.004, 0.01, "")


# Ranking


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (4.0, 5.5), (6.0, 10.0), (12.0, 20.0)]
)
def test_weight_is_one_at_the_first_limit_and_ten_at_the_second(value, expected):
    assert weight(value, look=2.0, bad=6.0) == pytest.approx(expected)


@CALM
@given(st.floats(0.001, 10), st.floats(1, 100), st.floats(0, 1e4), st.floats(0, 1e4))
def test_more_never_weighs_less(look, times, one, other):
    low, high = sorted((one, other))
    assert weight(low, look, look * times) <= weight(high, look, look * times) + 1e-9


def test_one_limit_for_both_levels_weighs_ten():
    assert weight(0.5, 0.5, 0.5) == 10


def test_bad_comes_before_look_and_the_heavier_before_the_lighter():
    # Weights: hole 0.03 is 20, size 1.0 is 20 (in order of the table then), edge 0.2 is 7.4, crop shift 0.02 is 2.8.
    told = found(hole=0.06, scale=2.0, boundary_f=0.8, crop=0.02)
    assert told == [("hole", "bad"), ("size", "bad"), ("edge", "look"), ("crop shift", "look")]


def test_half_the_size_does_not_hide_a_large_hole():
    left = figure((240, 200))
    told = findings(attrs.evolve(measure(left, blotted(left, (0, 0.1, 0.08, 0.08))), scale=0.5), limits())
    assert [one.cause for one in told] == ["hole", "size"]


def test_findings_of_a_real_pair_carry_all_that_a_report_needs():
    left = figure((240, 200))
    (one,) = findings(measure(left, blotted(left, (0, 0.1, 0.08, 0.08))), limits())
    assert isinstance(one, Finding)
    assert (one.cause, one.level, one.noise) == ("hole", Level.BAD, None)
    assert one.weight == pytest.approx(10 * one.value / 0.015)


# The table


def test_causes_are_those_of_the_guide_and_each_is_explained():
    named = "empty, opaque, missing object, extra object, hole, edge, colour fringe, colour, crop shift, size"
    assert ", ".join(cause.name for cause in CAUSES) == named
    for cause in CAUSES:
        assert 0 < cause.look <= cause.bad
        assert cause.says.endswith(".")
        assert describe(cause.name) is cause
