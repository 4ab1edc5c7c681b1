"""``--fail-on``: what ends a build."""

import attrs
import pytest

from compare_sides import two_sides
from pixian_shim.compare import Threshold, compare, side
from pixian_shim.errors import ConfigurationError


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    old, new = two_sides(tmp_path_factory.mktemp("sides"), fine=7, bad=2, broken=1)
    return compare(side(old), side(new))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("bad=0", "bad: 3 pairs, at most 0 allowed"),
        ("bad=2", "bad: 3 pairs, at most 2 allowed"),
        ("bad=3", ""),  # failed among them, as the verdict counts
        ("bad=29%", "bad: 30 % of the pairs, at most 29 % allowed"),
        ("bad=30%", ""),
        ("failed=0", "failed: 1 pair, at most 0 allowed"),
        ("unknown=0", ""),
        ("hole=1", "hole: 2 pairs, at most 1 allowed"),
        ("colour-fringe=0", ""),
        ("Colour Fringe = 0", ""),
        ("verdict=no", "the verdict is 'no'"),
        ("verdict=look", "the verdict is 'no'"),
        ("slower=2", "slower: one side was not timed"),
    ],
)
def test_thresholds(found, text, says):
    assert Threshold.parse(text).exceeded(found) == says


def timed(found, left, right):
    sides = {"left": attrs.evolve(found.left, seconds=left), "right": attrs.evolve(found.right, seconds=right)}
    return attrs.evolve(found, **sides)


def test_slower_compares_the_medians(found):
    slow = timed(found, (1.0, 1.0, 9.0), (1.8, 1.8, 1.8))
    assert Threshold.parse("slower=2").exceeded(slow) == ""
    assert (
        Threshold.parse("slower=1.5").exceeded(slow)
        == "slower: the median is 1.8 times the left one's, at most 1.5 allowed"
    )


def test_a_yes_is_below_every_verdict(found):
    fine = attrs.evolve(found, rows=tuple(row for row in found.rows if row.group == "fine"))
    assert Threshold.parse("verdict=no").exceeded(fine) == ""
    assert Threshold.parse("verdict=look").exceeded(fine) == ""


def test_nothing_to_compare_is_no_success(found):
    nothing = attrs.evolve(found, rows=())
    assert Threshold.parse("verdict=no").exceeded(nothing) == "the verdict is 'nothing'"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "one of verdict, slower, failed"),
        ("bda=0", "did you mean bad"),
        ("color-fringe=0", "did you mean colour-fringe"),
        ("bad", "such as bad=3 pairs, or bad=5%"),
        ("bad=", "such as bad=3 pairs, or bad=5%"),
        ("bad=-1", "such as bad=3 pairs, or bad=5%"),
        ("bad=nan", "such as bad=3 pairs, or bad=5%"),
        ("bad=inf", "such as bad=3 pairs, or bad=5%"),
        ("bad=1.5", "such as bad=3 pairs, or bad=5%"),
        ("nope=1", "one of verdict, slower, failed"),
        ("bad=many", "such as bad=3 pairs, or bad=5%"),
        ("slower=5%", "such as slower=1.5"),
        ("verdict=yes", "verdict=no or verdict=look"),
        ("verdict", "verdict=no or verdict=look"),
    ],
)
def test_what_is_no_threshold_is_told(text, says):
    with pytest.raises(ConfigurationError, match=says):
        Threshold.parse(text)
