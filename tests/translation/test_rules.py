import pytest

from pixian_shim.errors import Refused
from pixian_shim.pixian import ImageUrl
from pixian_shim.translation import Call, Form, Rule, RuleTable, Verdict, take_source


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
