"""The answer in words, from counts alone: thresholds, intervals, and how little a small number tells."""

import json
import shutil
import subprocess
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pixian_shim.compare.judging.verdict import NO_BAD, YES_BAD, YES_LOOK, Group, interval, verdict


def judged(**counts):
    return verdict({str(group): counts.get(group, 0) for group in Group})


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        ({"fine": 100}, "yes"),
        ({"fine": 99, "bad": 1}, "yes"),
        ({"fine": 98, "bad": 2}, "look"),
        ({"fine": 95, "bad": 5}, "look"),
        ({"fine": 94, "bad": 6}, "no"),
        ({"fine": 94, "failed": 3, "bad": 3}, "no"),
        ({"fine": 90, "look": 10}, "yes"),
        ({"fine": 89, "look": 11}, "look"),
        ({"look": 100}, "look"),
        ({"accepted": 100}, "yes"),
        ({"fine": 1}, "yes"),
        ({"bad": 1}, "no"),
        ({}, "nothing"),
        ({"unknown": 9}, "nothing"),
        # What nothing can be said of could be anything.
        ({"fine": 90, "unknown": 10}, "yes"),
        ({"fine": 90, "unknown": 11}, "look"),
        ({"fine": 90, "look": 5, "unknown": 6}, "look"),
        ({"fine": 400, "unknown": 100}, "look"),
    ],
)
def test_the_answer_follows_from_shares(counts, answer):
    assert judged(**counts).answer == answer


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({}, "Nothing could be compared."),
        ({"unknown": 1}, "Nothing could be compared. Nothing can be said of 1."),
        ({"fine": 500}, "Yes. 500 of 500 are fine, 0 should be looked at, 0 are bad."),
        (
            {"fine": 480, "accepted": 10, "look": 6, "bad": 3, "failed": 1, "unknown": 2},
            "Yes. 480 of 500 are fine, 10 are accepted, 6 should be looked at, 4 are bad. Nothing can be said of 2.",
        ),
        ({"fine": 1, "accepted": 1, "look": 200, "bad": 1}, "Look first. 1 of 203 is fine, 1 is accepted, 200 should be looked at, 1 is bad."),
        (
            {"fine": 5},
            ("Yes, as far as 5 pairs can tell. 5 of 5 are fine, 0 should be looked at, 0 are bad. "
            "Of pictures like these, 0 % to 43 % may be bad: more pairs would tell."),
        ),
        (
            {"fine": 1},
            ("Yes, as far as 1 pair can tell. 1 of 1 is fine, 0 should be looked at, 0 are bad. "
            "Of pictures like these, 0 % to 79 % may be bad: more pairs would tell."),
        ),
        (
            {"fine": 9, "bad": 1},
            ("No, not yet. 9 of 10 are fine, 0 should be looked at, 1 is bad. "
            "Of pictures like these, 2 % to 40 % may be bad: more pairs would tell."),
        ),
        ({"bad": 400, "fine": 100}, "No, not yet. 100 of 500 are fine, 0 should be looked at, 400 are bad."),
        (
            {"bad": 1},
            "No, not yet. 0 of 1 are fine, 0 should be looked at, 1 is bad.",
        ),
    ],
)  # fmt: skip
def test_the_answer_is_a_sentence(counts, says):
    assert judged(**counts).says == says


@pytest.mark.parametrize(("pairs", "plain"), [(72, False), (73, True)])
def test_seventy_three_fine_pairs_are_the_first_plain_yes(pairs, plain):
    """Below, even a share of bad pictures that makes a no could have shown none."""
    assert judged(fine=pairs).says.startswith("Yes. ") is plain
    assert (judged(fine=pairs).high <= NO_BAD) is plain


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_is_wilsons(hits, misses):
    trials = hits + misses
    if not trials:
        assert interval(0, 0) == (0.0, 1.0)
        return
    known = binomtest(hits, trials).proportion_ci(method="wilson")
    assert interval(hits, trials) == pytest.approx((known.low, known.high), abs=1e-6)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634)],
)
def test_the_interval_has_the_published_values(hits, trials, low, high):
    assert interval(hits, trials) == pytest.approx((low, high), abs=1e-4)


COUNTS = st.fixed_dictionaries({str(group): st.integers(0, 60) for group in Group})


@given(COUNTS)
def test_any_counts_have_an_answer(counts):
    told = verdict(counts)
    assert told.answer in ("yes", "look", "no", "nothing")
    assert 0 <= told.low <= told.high <= 1
    assert told.says.endswith(".")


@given(COUNTS)
def test_one_more_fine_pair_never_makes_the_answer_worse(counts):
    order = ("no", "look", "yes")
    before, after = verdict(counts), verdict(counts | {"fine": counts["fine"] + 1})
    assert before.answer == "nothing" or order.index(after.answer) >= order.index(before.answer)


@given(COUNTS)
def test_one_more_bad_pair_never_makes_the_answer_better(counts):
    order = ("no", "look", "yes")
    before, after = verdict(counts), verdict(counts | {"bad": counts["bad"] + 1})
    unknown_diluted = counts["unknown"] > 0  # more judged pairs make those of which nothing can be said a smaller part
    assert before.answer == "nothing" or unknown_diluted or order.index(after.answer) <= order.index(before.answer)


def test_it_is_missing_counts_or_all_of_them():
    assert verdict({"fine": 3}) == judged(fine=3)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node, to run what the page runs")
def test_the_pages_own_judge_says_the_same():
    """A reviewer's decisions change the counts on the page; both must come to the same words."""
    page = files("pixian_shim.compare").joinpath("report/model.js").read_text("utf-8")
    code = page[page.index("const interval = ") : page.index("// Numbers for people")]
    cases = [
        {str(group): count for group, count in zip(Group, counts, strict=True)}
        for counts in (
            *((0, bad, look, unknown, accepted, fine) for bad in (0, 1, 2, 7) for look in (0, 1, 12) for unknown in (0, 1, 30) for accepted in (0, 1, 4) for fine in (0, 1, 5, 71, 72, 73, 500)),
            (3, 3, 0, 0, 0, 94),
        )
    ]  # fmt: skip
    script = (
        f"const data = {{ thresholds: {json.dumps({'yes_bad': YES_BAD, 'yes_look': YES_LOOK, 'no_bad': NO_BAD})} }};"
        f"{code}\nconsole.log(JSON.stringify({json.dumps(cases)}.map(judge)));"
    )
    done = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True, timeout=60)
    for case, (answer, says, (low, high)) in zip(cases, json.loads(done.stdout), strict=True):
        told = verdict(case)
        assert (answer, says) == (told.answer, told.says), case
        assert (low, high) == pytest.approx((told.low, told.high))
