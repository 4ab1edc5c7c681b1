import time
import warnings

import pytest

from pixian_shim.errors import Refused
from pixian_shim.pixian import ImageUrl
from pixian_shim.translation import (
    Call,
    Form,
    Outcome,
    Policy,
    Rule,
    RuleTable,
    Verdict,
    enforce,
    forget_warnings,
    take_source,
)


def refused(_value):
    raise Refused("cannot be had", code="unsupported")


TABLE = RuleTable(
    "Somebody",
    (
        Rule(name="size", values="", verdict=Verdict.EXACT, says=""),
        Rule(name="shadow.*", values="", verdict=Verdict.REFUSED, says="", read=refused),
        Rule(name="kind", values="", verdict=Verdict.EXACT, says="", apply_variant=lambda *_: None),
        Rule(name="layers.*", values="", verdict=Verdict.IGNORED, says="Nothing is layered."),
    ),
)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("size", "size"),
        ("shadow.mode", "shadow.*"),
        ("shadow.colour.red", "shadow.*"),
        ("shadow[mode]", "shadow.*"),
        ("kind[car]", "kind"),
        ("kind[car", None),
        ("size[car]", None),
        ("size.car", None),
        ("shadow", None),
        ("shadows.mode", None),
        ("", None),
    ],
)
def test_a_name_is_found_alone_as_a_variant_or_in_its_family(name, rule):
    found = TABLE.find(name)
    assert (found.name if found else None) == rule


SECRET = "legacy-key-1"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("api_key", "abc", "[hidden]"),
        ("X-Auth-Token", "abc", "[hidden]"),
        ("size", SECRET, "[hidden]"),
        ("other", f"a {SECRET} b", "a [hidden] b"),
        ("other", "pixian-secret", "[hidden]"),
        ("other", "https://me:word@example.com/a.png?signature=1", "https://example.com/a.png"),
        ("other", "x" * 54 + SECRET, f"{'x' * 54}[hidde... (62 characters)"),
        ("size", "full", "full"),
    ],
)
def test_no_note_shows_a_key(name, value, told, monkeypatch):
    monkeypatch.setenv("PIXIAN_API_SECRET", "pixian-secret")
    (note,) = TABLE.plan(Call("somebody", "cut", Form.of({name: value}), SECRET)).notes
    assert note.value == told


def test_thousands_of_addresses_in_a_value_hold_nobody_up():
    started = time.process_time()
    (note,) = TABLE.plan(Call("somebody", "cut", Form.of({"other": "https://" * 30_000}))).notes
    assert time.process_time() - started < 2  # a search that looks back takes half a minute
    assert note.value.startswith("https://")


@pytest.mark.parametrize("policy", [Policy.STRICT, Policy.WARN])
def test_no_policy_tells_a_key(policy):
    plan = TABLE.plan(Call("somebody", "cut", Form.of({"api_key": SECRET, "other": SECRET}), SECRET))
    forget_warnings()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            enforce(policy, "somebody", plan.notes)
            words = " ".join(str(one.message) for one in told)
        except Refused as error:
            words = str(error)
    assert "api_key=[hidden]" in words
    assert SECRET not in words


@pytest.mark.parametrize(("value", "noteworthy"), [("no", False), ("perhaps", True)])
def test_a_default_that_is_written_out_is_nothing_to_warn_of(value, noteworthy):
    rule = Rule(
        name="trim",
        values="yes, no",
        default="no",
        verdict=Verdict.CONVERTED,
        says="",
        apply=lambda *_: Outcome(Verdict.IGNORED, "Only yes has an effect."),
    )
    (note,) = RuleTable("Somebody", (rule,)).plan(Call("somebody", "cut", Form.of({"trim": value}))).notes
    assert note.noteworthy is noteworthy


def test_a_refusal_names_the_member_of_the_family():
    with pytest.raises(Refused) as caught:
        TABLE.plan(Call("somebody", "cut", Form.of({"shadow.mode": "soft"})))
    assert caught.value.parameter == "shadow.mode"


def test_every_member_of_a_family_has_its_note():
    form = Form.of({"layers.a": "1", "layers.b": "2", "size": "3", "layer": "4"})
    notes = TABLE.plan(Call("somebody", "cut", form)).notes
    assert [note.name for note in notes] == ["layers.a", "layers.b", "size", "layer"]
    assert [note.says for note in notes[:2]] == ["Nothing is layered."] * 2


SOURCES = RuleTable(
    "Somebody",
    tuple(
        Rule(name=name, values="", verdict=Verdict.EXACT, says="", read=ImageUrl, apply=take_source, source=True)
        for name in ("picture", "pictureUrl")
    ),
)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"pictureUrl": "a"}, "pictureUrl"),
        ({"pictureUrl": "a", "picture": "b"}, "picture"),
        ({"pictureUrl": "a", "picture": "a"}, "picture"),
        ({}, None),
    ],
)
def test_plan_tells_which_parameter_the_picture_came_by(given, taken):
    assert SOURCES.plan(Call("somebody", "cut", Form.of(given))).source_parameter == taken
