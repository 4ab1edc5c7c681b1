"""Effects that several providers share."""

import pytest

from pixian_shim.pixian import ImageUrl
from pixian_shim.translation import (
    Call,
    Colour,
    Draft,
    FillColour,
    Form,
    RuleTable,
    Verdict,
    free_test,
    put_colour_behind,
    take_source,
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


@pytest.mark.parametrize(("text", "asked"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_only_what_is_true_asks_for_a_free_result(text, asked):
    table = RuleTable("Somebody", (free_test("Somebody"),))
    plan = table.plan(Call("somebody", "cut", Form.of({"test": text})))
    assert plan.parameters.test is asked
    assert plan.notes[0].verdict is Verdict.EXACT


@pytest.mark.parametrize(
    ("also", "says"),
    [
        ("", "Not Somebody's: Pixian's free test mode, with a watermark."),
        ("So do keys.", "Not Somebody's: Pixian's free test mode, with a watermark. So do keys."),
    ],
)
def test_the_row_says_whose_test_mode_it_is(also, says):
    assert free_test("Somebody", also=also).says == says


def test_opaque_colours_are_left_to_the_rules_row(draft):
    assert put_colour_behind(Colour(1, 2, 3), draft) is None
    assert draft.steps == {FillColour: FillColour(1, 2, 3)}


def test_translucent_colours_are_put_behind_here(draft):
    outcome = put_colour_behind(Colour(1, 2, 3, 128), draft)
    assert outcome is not None
    assert outcome.verdict is Verdict.EMULATED
    assert draft.steps == {FillColour: FillColour(1, 2, 3, 128)}
