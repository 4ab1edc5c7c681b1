"""What people and programs write down is read, or what is wrong with it is said in its own terms."""

import attrs
import pytest

from pixian_shim._documents import fields_of, is_number, read_json, read_toml, shown
from pixian_shim.errors import ConfigurationError


@attrs.frozen
class Thing:
    name: "str"
    many: "int" = 0
    share: "float | None" = None
    words: "tuple[str, ...]" = ()
    other: "list[object]" = attrs.field(factory=list)


def test_a_file_is_read_with_a_byte_order_mark_as_well(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert read_json(tmp_path / "a.json") == read_toml(tmp_path / "a.toml") == {"a": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; write it"),
        (b" \n", "is empty; write it"),
        (b"{", "is no JSON: Expecting property name enclosed in double quotes (line 1, column 2); write it"),
        ("{}".encode("utf-16"), "is not written in UTF-8 (byte 0): save it as UTF-8"),
        (b"[" * 100_000, "is nested too deeply to be read; write it"),
        (b"9" * 5000, "holds a number with too many digits; write it"),
    ],
)
def test_what_is_no_json_is_told_with_what_to_do(tmp_path, content, says):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refusal:
        read_json(path, "write it")
    assert str(refusal.value) == f"{path} {says}"


@pytest.mark.parametrize("read", [read_json, read_toml])
def test_a_folder_or_nothing_is_told_without_a_number(tmp_path, read):
    with pytest.raises(ConfigurationError, match=f"^{tmp_path} cannot be read: Is a directory$"):
        read(tmp_path)
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file or directory$"):
        read(tmp_path / "nowhere")


def test_fields_are_taken_from_an_object_and_what_else_it_says_is_left_out():
    told = {"name": "a", "words": ["b"], "share": 1, "other": {"c": 1}, "more": 5}
    assert fields_of(Thing, told, "it") == {"name": "a", "words": ("b",), "share": 1, "other": {"c": 1}}


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ([], "it must be an object, not a list"),
        ({}, "it has no name"),
        ({"name": None}, "it: name must be text, not null"),
        ({"name": "a", "many": True}, "it: many must be a whole number, not true"),
        ({"name": "a", "many": 1.5}, "it: many must be a whole number, not 1.5"),
        ({"name": "a", "share": float("nan")}, "it: share must be a number or null, not nan"),
        ({"name": "a", "share": "x" * 100}, f"it: share must be a number or null, not '{'x' * 40}...'"),
        ({"name": "a", "words": [1]}, "it: words must be a list of texts"),
    ],
)
def test_what_does_not_fit_is_named(told, says):
    with pytest.raises(ConfigurationError) as refusal:
        fields_of(Thing, told, "it")
    assert str(refusal.value) == says


@pytest.mark.parametrize(
    ("value", "usable"),
    [(0, True), (-1.5, True), (True, False), ("1", False), (None, False), (10**400, False), (float("inf"), False)],
)
def test_a_number_can_be_calculated_with(value, usable):
    assert is_number(value) == usable


def test_values_are_named_as_documents_name_them():
    values = [None, False, [1], {}, 10**400, 1.5, "a"]
    said = ["null", "false", "a list", "an object", "a number too large to calculate with", "1.5", "'a'"]
    assert [shown(value) for value in values] == said
