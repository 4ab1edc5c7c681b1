"""Effects that several providers share."""

import pytest

from pixian_shim.pixian import ImageUrl
from pixian_shim.translation import (
    Colour,
    Draft,
    FillColour,
    Verdict,
    put_colour_behind,
    take_source,
    use_test_mode,
)


@pytest.fixture
def draft():
    return Draft({}, frozenset())


def test_first_picture_counts(draft):
    first = ImageUrl("https://example.com/1.png")
    assert take_source(first, draft) is None
    outcome = take_source(ImageUrl("https://example.com/2.png"), draft)
    assert outcome is not None
    assert (draft.source, outcome.verdict) == (first, Verdict.IGNORED)


@pytest.mark.parametrize("wanted", [True, False])
def test_test_mode_is_pixians_own(draft, wanted):
    use_test_mode(wanted, draft)
    assert draft.parameters == {"test": wanted}


def test_opaque_colours_are_left_to_the_rules_row(draft):
    assert put_colour_behind(Colour(1, 2, 3), draft) is None
    assert draft.steps == {FillColour: FillColour(1, 2, 3)}


def test_translucent_colours_are_put_behind_here(draft):
    outcome = put_colour_behind(Colour(1, 2, 3, 128), draft)
    assert outcome is not None
    assert outcome.verdict is Verdict.EMULATED
    assert draft.steps == {FillColour: FillColour(1, 2, 3, 128)}
