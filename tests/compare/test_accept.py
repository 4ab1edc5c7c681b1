"""Differences that are known and accepted: counted apart, never as fine; a wrong file of rules says what is wrong."""

import unicodedata

import pytest

from compare_sides import two_sides
from pixian_shim.compare import CAUSES, Rules, compare, load_rules, side
from pixian_shim.compare.judging.accept import Rule
from pixian_shim.compare.judging.causes import Finding, Level, limits
from pixian_shim.errors import ConfigurationError


def found(cause="hole", value=0.1):
    return Finding(cause, value, Level.BAD, value / 0.002)


def loaded(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    return load_rules(path)


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("*", "any/thing.png", True),
        ("shoe-*", "shoe-1.png", True),
        ("shoe-*", "hat-1.png", False),
        ("shoe-?.png", "shoe-12.png", False),
        ("shoes/*", "shoes/new/1.png", True),
        ("Shoe-*", "shoe-1.png", False),
        ("photo [1].png", "photo [1].png", True),
        ("photo [1].png", "photo 1.png", False),
        ("*[1]*", "photo [1].png", True),
        (unicodedata.normalize("NFC", "é*"), unicodedata.normalize("NFD", "é1.png"), True),
        ("a*b", "a\nb", True),
    ],
)
def test_a_rule_covers_names_by_stars_and_question_marks(pattern, name, covered):
    assert Rule(name="r", cause="hole", pairs=pattern).covers(name, found()) is covered


@pytest.mark.parametrize(
    ("up_to", "value", "covered"),
    [(None, 9.0, True), (0.1, 0.1, True), (0.1, 0.1001, False), (0, 0.0, True), (0, 1, False)],
)
def test_a_rule_covers_values_up_to_its_own(up_to, value, covered):
    assert Rule(name="r", cause="hole", up_to=up_to).covers("a", found(value=value)) is covered


def test_a_rule_covers_its_own_cause_only():
    assert not Rule(name="r", cause="edge").covers("a", found("hole"))


def test_the_first_rule_that_covers_is_named():
    rules = Rules((Rule(name="no", cause="edge"), Rule(name="first", cause="hole"), Rule(name="second", cause="hole")))
    assert [one.accepted for one in rules.applied("a", [found(), found("size")])] == ["first", ""]


def test_what_is_accepted_is_counted_apart_and_never_as_fine(tmp_path):
    old, new = two_sides(tmp_path, fine=3, bad=2)
    causes = {finding.cause for row in compare(side(old), side(new)).rows for finding in row.findings}
    rules = Rules(tuple(Rule(name=f"known {cause}", cause=cause) for cause in causes))
    comparison = compare(side(old), side(new), rules=rules)
    assert (comparison.counts["fine"], comparison.counts["accepted"], comparison.counts["bad"]) == (3, 2, 0)
    assert comparison.causes["hole"] == {"pairs": 0, "bad": 0, "accepted": 2}
    assert "3 of 5 are fine, 2 are accepted, 0 should be looked at" in comparison.verdict.says


def test_a_pair_is_accepted_only_if_all_of_its_findings_are(tmp_path):
    old, new = two_sides(tmp_path, fine=0, bad=1)
    (plain,) = compare(side(old), side(new)).rows
    assert len(plain.findings) > 1
    (row,) = compare(side(old), side(new), rules=Rules((Rule(name="one", cause=plain.findings[0].cause),))).rows
    assert row.group in ("look", "bad")
    assert [finding.cause for finding in row.open] == [finding.cause for finding in plain.findings[1:]]


def test_a_file_of_rules_is_read_in_its_order(tmp_path):
    rules = loaded(
        tmp_path,
        """
        [[accept]]
        name = "shadow"
        cause = "extra object"
        why = "Wanted."
        pairs = "shoes-*"
        up_to = 0.05
        [[accept]]
        name = "any edge"
        cause = "edge"
        why = ""
        [limits.edge]
        look = 0.1
        [limits."colour fringe"]
        look = 6
        bad = 20
        """,
    )
    assert rules.accept == (
        Rule(name="shadow", cause="extra object", why="Wanted.", pairs="shoes-*", up_to=0.05),
        Rule(name="any edge", cause="edge"),
    )
    assert rules.limits == limits() | {"edge": (0.1, 0.25), "colour fringe": (6.0, 20.0)}


def test_an_empty_file_of_rules_changes_nothing(tmp_path):
    assert loaded(tmp_path, "") == Rules()


GOOD = '[[accept]]\nname = "n"\ncause = "edge"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[accept]", "my rules.toml is no TOML: Expected"),
        ("a = \xff".encode("latin-1"), "my rules.toml is not written in UTF-8 (byte 4): save it as UTF-8"),
        ("a = " + "[" * 100_000, "my rules.toml is nested too deeply to be read"),
        ("a = " + "9" * 5000, "my rules.toml holds a number with too many digits"),
        ("acept = []", "a file of rules: 'acept' is none of accept, limits; did you mean 'accept'?"),
        ("[rules]", "a file of rules: 'rules' is none of accept, limits"),
        ("[accept]\nname = 'n'", "accept is a list of tables: write [[accept]], in double brackets"),
        ("accept = [1]", "[[accept]] number 1 is a table, with name and cause, not 1"),
        (GOOD + "[[accept]]\nname = 'm'", "[[accept]] number 2 has no cause; it takes name and cause"),
        ("[[accept]]\ncause = 'edge'", "[[accept]] number 1 has no name"),
        (
            GOOD + "upto = 1",
            "[[accept]] number 1: 'upto' is none of name, cause, why, pairs, up_to; did you mean 'up_to'?",
        ),
        (GOOD + "pair = '*'", "did you mean 'pairs'?"),
        ("[[accept]]\nname = 'n'\ncause = 'edgy'", "[[accept]] number 1: cause 'edgy' is none of"),
        ("[[accept]]\nname = 'n'\ncause = 'edgy'", "did you mean 'edge'?"),
        ("[[accept]]\nname = 'n'\ncause = 'zzz'", "none of empty, opaque"),
        ("[[accept]]\nname = 'n'\ncause = ['edge']", "number 1: cause is text, not ['edge']"),
        ("[[accept]]\nname = 3\ncause = 'edge'", "number 1: name is text, not 3"),
        ("[[accept]]\nname = ' '\ncause = 'edge'", "number 1: name is empty"),
        (GOOD + "pairs = ''", "number 1: pairs is empty"),
        (GOOD + "why = 1", "number 1: why is text, not 1"),
        (GOOD + "up_to = 'a lot'", "number 1: up_to is a number from 0 on, not 'a lot'"),
        (GOOD + "up_to = true", "up_to is a number from 0 on, not true"),
        (GOOD + "up_to = " + "9" * 400, "not a number too large to calculate with"),
        (GOOD + "up_to = -1", "up_to is a number from 0 on, not -1"),
        (GOOD + "up_to = nan", "up_to is a number from 0 on, not nan"),
        (GOOD + "up_to = inf", "up_to is a number from 0 on, not inf"),
        (GOOD + GOOD, "two rules are named 'n'"),
        ("limits = 3", "limits holds one table for each cause: write [limits.edge]"),
        ("[limits.egde]\nlook = 1", "limits: 'egde' is none of"),
        ("[limits.egde]\nlook = 1", "did you mean 'edge'?"),
        ("[limits.edge]\nlok = 1", "[limits.edge]: 'lok' is none of look, bad; did you mean 'look'?"),
        ("[limits]\nedge = 3", "'edge' takes look and bad, not 3"),
        ("[limits.edge]\nlook = -1", "'edge' takes numbers above 0"),
        ("[limits.edge]\nlook = " + "9" * 400, "'edge' takes numbers above 0, not look = a number too large"),
        ("[limits.edge]\nlook = 'x'", "'edge' takes numbers above 0"),
        ("[limits.edge]\nlook = 0.9", "'edge' cannot be bad at 0.25 before it is looked at, at 0.9"),
    ],
)
def test_a_wrong_file_of_rules_says_what_is_wrong_and_where(tmp_path, text, said):
    path = tmp_path / "my rules.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as refusal:
        load_rules(path)
    assert said in str(refusal.value)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_a_file_of_rules_that_cannot_be_read_is_named(tmp_path, make):
    make(tmp_path / "rules.toml")
    with pytest.raises(ConfigurationError, match=r"rules\.toml cannot be read: "):
        load_rules(tmp_path / "rules.toml")


@pytest.mark.parametrize("cause", [cause.name for cause in CAUSES])
def test_every_cause_can_be_accepted(tmp_path, cause):
    assert loaded(tmp_path, f'[[accept]]\nname = "n"\ncause = "{cause}"').accept[0].cause == cause
