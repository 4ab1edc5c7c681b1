"""What is known once two sides were compared: groups, order, accounts, decisions, and the same as JSON."""

import json
import random

import pytest

from compare_files import GOOD
from compare_sides import two_sides
from pixian_shim.compare import CAUSES, Item, Prices, compare, side
from pixian_shim.compare._comparison import ACCEPT, REJECT, Account, Row, account, number, ordered
from pixian_shim.compare.judging.causes import Finding, Level
from pixian_shim.compare.judging.verdict import Group
from pixian_shim.errors import ConfigurationError


def finding(level=Level.LOOK, weight=1.0, *, accepted="", cause="hole"):
    return Finding(cause, 0.1, level, weight, accepted)


def row(name="a", *findings, **more):
    return Row(id=name, name=name, findings=findings, **more)


@pytest.mark.parametrize(
    ("one", "group"),
    [
        (row(), "fine"),
        (row("a", finding()), "look"),
        (row("a", finding(), finding(Level.BAD)), "bad"),
        (row("a", finding(Level.BAD, accepted="rule")), "accepted"),
        (row("a", finding(Level.BAD, accepted="rule"), finding()), "look"),
        (row(problem="no partner"), "unknown"),
        (row(problem="unreadable", failed=True), "failed"),
        (row(decision=ACCEPT), "accepted"),
        (row(decision=REJECT), "bad"),
        (row("a", finding(Level.BAD), decision=ACCEPT), "accepted"),
        (row(problem="unreadable", failed=True, decision=ACCEPT), "accepted"),
        (row("a", finding(Level.BAD, accepted="rule"), decision=REJECT), "bad"),
    ],
)
def test_a_row_is_in_one_group_and_the_reviewer_has_the_last_word(one, group):
    assert one.group == group


def test_the_worst_come_first_by_group_then_by_strength_then_by_name():
    wanted = [
        row("failed", problem="x", failed=True),
        row("bad-strong", finding(Level.BAD, 9.0)),
        row("bad-a", finding(Level.BAD, 5.0)),
        row("bad-b", finding(Level.BAD, 5.0)),
        row("look", finding(weight=20.0)),
        row("unknown", problem="x"),
        row("accepted", finding(Level.BAD, 50.0, accepted="rule")),
        row("fine"),
    ]
    for seed in range(5):
        assert ordered(random.Random(seed).sample(wanted, len(wanted))) == wanted


def test_what_a_rule_accepts_has_no_weight():
    assert row("a", finding(Level.BAD, 9.0, accepted="rule"), finding(weight=2.0)).weight == 2.0
    assert row().weight == 0.0


@pytest.fixture
def comparison(tmp_path):
    old, new = two_sides(tmp_path, fine=3, bad=2, broken=1, lonely=1)
    return compare(side(old), side(new), prices=Prices("EUR", picture={"old": 0.2}))


def test_every_row_is_counted_once(comparison):
    assert comparison.counts == {"failed": 1, "bad": 2, "look": 0, "unknown": 1, "accepted": 0, "fine": 3}
    assert list(comparison.counts) == [str(group) for group in Group]
    assert sum(comparison.counts.values()) == len(comparison.rows)


def test_causes_are_counted_by_pair(comparison):
    assert list(comparison.causes) == [cause.name for cause in CAUSES]
    assert comparison.causes["hole"] == {"pairs": 2, "bad": 2, "accepted": 0}


def test_decisions_count_in_the_groups_the_causes_and_the_verdict(comparison):
    bad = [one.id for one in comparison.rows if one.group == "bad"]
    fine = next(one.id for one in comparison.rows if one.group == "fine")
    decided = comparison.decided({bad[0]: ACCEPT, fine: REJECT, "of another comparison": REJECT})
    assert decided.counts == comparison.counts | {"accepted": 1, "bad": 2, "fine": 2}
    assert decided.causes["hole"] == {"pairs": 1, "bad": 1, "accepted": 1}
    assert decided.rows == tuple(ordered(decided.rows))
    assert "1 is accepted" in decided.verdict.says


def test_a_decision_can_be_taken_back(comparison):
    (some, *_) = comparison.rows
    assert comparison.decided({some.id: ACCEPT}).decided({some.id: ""}) == comparison
    assert comparison.decided({some.id: ACCEPT}).decided({}) == comparison.decided({some.id: ACCEPT})


def test_a_decision_that_is_none_is_refused(comparison):
    with pytest.raises(ConfigurationError, match="a decision is 'accept', 'reject' or empty, not 'maybe'"):
        comparison.decided({"x": "maybe"})


@pytest.mark.parametrize(
    ("seconds", "median", "p95", "p99"),
    [
        ([], None, None, None),
        ([2.0], 2.0, 2.0, 2.0),
        ([1.0, 2.0], 1.0, 2.0, 2.0),
        ([1.0, 2.0, 3.0], 2.0, 3.0, 3.0),
        ([float(number) for number in range(1, 101)], 50.0, 95.0, 99.0),
        ([float(number) for number in range(1, 21)], 10.0, 19.0, 20.0),
    ],
)
def test_a_percentile_is_what_that_share_of_answers_keeps_to(seconds, median, p95, p99):
    items = [Item(name="a", keys=(), seconds=one) for one in random.Random(1).sample(seconds, len(seconds))]
    found = account("t", "", items, Prices())
    assert (found.percentile(0.5), found.percentile(0.95), found.percentile(0.99)) == (median, p95, p99)


def test_answers_that_were_not_timed_are_not_part_of_the_latency():
    found = account("t", "", [Item(name="a", keys=(), seconds=None), Item(name="b", keys=(), seconds=3.0)], Prices())
    assert (found.seconds, found.as_json()["timed"]) == ((3.0,), 1)


def test_an_account_as_json_tells_everything_but_single_times():
    items = [Item(name="a", keys=(), seconds=2.0, credits=1.0), Item(name="b", keys=())]
    assert account("t", "removebg", items, Prices(credit={"removebg": 0.5})).as_json() == {
        "title": "t",
        "provider": "removebg",
        "answers": 2,
        "credits": 1.0,
        "unknown": 1,
        "money": 0.5,
        "estimated": 0,
        "unpriced": 1,
        "p50": 2.0,
        "p95": 2.0,
        "p99": 2.0,
        "timed": 1,
    }


def test_an_own_estimate_is_visible_as_one(comparison):
    told = comparison.as_json()["left"]
    assert (told["money"], told["estimated"], told["credits"], told["unknown"]) == (pytest.approx(1.4), 7, 0, 7)


def test_the_summary_tells_everything_but_the_rows(comparison):
    told = comparison.as_json()
    assert {name: value for name, value in told.items() if name != "rows"} == comparison.summary()
    assert (told["format"], told["pairs"], told["currency"], told["noise_pairs"]) == (1, 7, "EUR", 0)
    assert told["verdict"]["answer"] == "no"
    assert set(told["limits"]) == {cause.name for cause in CAUSES}


def test_json_tells_each_row_with_its_group(comparison):
    told = json.loads(comparison.text())
    assert told == json.loads(json.dumps(comparison.as_json()))
    assert [one["group"] for one in told["rows"]] == [str(one.group) for one in comparison.rows]
    bad = next(one for one in told["rows"] if one["group"] == "bad")
    assert bad["findings"][0]["level"] == "bad"
    assert bad["measures"]["left_width"] == 160
    assert bad["left"]["told"]["format"] == "png"


def test_names_that_are_no_unicode_can_be_written_as_json(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "\udc80é.png").write_bytes(GOOD)
    text = compare(side(tmp_path / "old"), side(tmp_path / "new")).text()
    assert json.loads(text.encode())["rows"][0]["name"] == "\udc80é.png"
    assert "é" in text


@pytest.mark.parametrize(
    ("value", "short"), [(0.123456789, 0.12346), (123456.789, 123460.0), (7, 7), ("x", "x"), (None, None), (True, True)]
)
def test_numbers_are_shortened_to_five_digits(value, short):
    assert number(value) == short


def test_an_account_hides_its_times_from_a_repr():
    assert "seconds" not in repr(
        Account(title="t", provider="", answers=0, credits=0, unknown=0, money=None, seconds=(1.0,))
    )
