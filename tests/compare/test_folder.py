"""The folder that a comparison is kept in, read again as it was written."""

import copy
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from compare_sides import HOLED, png, two_sides
from pixian_shim.compare import Folder, Prices, Views, compare, side
from pixian_shim.compare.report.folder import load_decisions
from pixian_shim.compare.report.json import from_json
from pixian_shim.errors import ConfigurationError


@pytest.fixture
def sides(tmp_path):
    return two_sides(tmp_path, fine=3, bad=2, broken=1, lonely=1)


@pytest.fixture
def folder(tmp_path, sides):
    folder = Folder(tmp_path / "out")
    old, new = sides
    folder.write(compare(side(old), side(new), views=Views(folder.pictures), prices=Prices("EUR", {"": 1.0})))
    return folder


def test_what_was_written_is_read_again_whole(folder):
    found = folder.load()
    again = json.loads(found.text())
    assert again == json.loads((folder.path / "comparison.json").read_text("utf-8"))
    assert found.counts == {"failed": 1, "bad": 2, "look": 0, "unknown": 1, "accepted": 0, "fine": 3}


def test_every_field_of_the_whole_survives(tmp_path, sides):
    old, new = sides
    found = compare(side(old), side(new), noise=side(old), prices=Prices("EUR", {}, {"old": 0.2}))
    kept = Folder(tmp_path / "kept")
    kept.write(found)
    read = kept.load()
    for field in attrs.fields(type(found)):
        if field.name != "rows":
            assert getattr(read, field.name) == getattr(found, field.name), field.name


def test_every_field_of_a_row_survives(folder, sides):
    old, new = sides
    measured = compare(side(old), side(new))
    read = {row.id: row for row in folder.load().rows}
    for row in measured.rows:
        same = read[row.id]
        assert attrs.evolve(same, measures=None, findings=(), most=0.0, views={}) == attrs.evolve(
            row, measures=None, findings=(), most=0.0, views={}
        )
        if row.measures is not None:
            for field in attrs.fields(type(row.measures)):
                value = getattr(row.measures, field.name)
                expected = pytest.approx(value, rel=1e-4) if isinstance(value, float) else value
                assert getattr(same.measures, field.name) == expected, field.name


def test_beside_it_stand_report_markdown_junit_and_pictures(folder):
    names = {path.name for path in folder.path.iterdir()}
    assert names == {"comparison.json", "report.html", "summary.md", "junit.xml", "pictures"}
    row = folder.load().rows[1]
    assert all((folder.pictures / name).is_file() for name in row.views.values())


def test_decisions_count_when_it_is_read_and_when_it_is_written(folder):
    bad = [row for row in folder.load().rows if row.group == "bad"]
    folder.decide({bad[0].id: "accept"})
    assert folder.load().counts["bad"] == 1
    assert folder.write(folder.load()).counts["accepted"] == 1
    assert "1 accepted" not in (folder.path / "summary.md").read_text("utf-8").splitlines()[0]
    assert json.loads((folder.path / "comparison.json").read_text("utf-8"))["counts"]["accepted"] == 1


def test_a_decision_is_taken_back_by_an_empty_one(folder):
    bad = next(row for row in folder.load().rows if row.group == "bad")
    folder.decide({bad.id: "accept"})
    assert folder.decide({bad.id: ""}) == {}
    assert folder.load().counts["bad"] == 2


def test_a_decision_does_not_outlive_the_pictures_it_was_made_on(folder, sides):
    old, new = sides
    bad = next(row for row in folder.load().rows if row.group == "bad")
    folder.decide({bad.id: "accept"})
    assert folder.write(compare(side(old), side(new))).counts["bad"] == 1
    path = next(path for path in new.iterdir() if path.name.startswith(Path(bad.name).stem))
    path.write_bytes(png(HOLED.transpose(0)))  # the service answers something else
    assert folder.write(compare(side(old), side(new))).counts["bad"] == 2


def test_decisions_of_several_at_once_are_all_kept(tmp_path):
    rows = [f"{number:016x}" for number in range(60)]
    with ThreadPoolExecutor(6) as several:
        list(several.map(lambda row: Folder(tmp_path).decide({row: "accept"}), rows))
    assert sorted(Folder(tmp_path).decisions()) == rows


@pytest.mark.parametrize("word", ["yes", "ACCEPT", None, 1, ["accept"]])
def test_a_decision_is_one_of_two_words(folder, word):
    row = folder.load().rows[0]
    with pytest.raises(ConfigurationError, match="a decision is 'accept' or 'reject'"):
        folder.decide({row.id: word})
    assert folder.decisions() == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty; save the decisions from the report once more"),
        ("{", r"is no JSON: .* \(line 1, column 2\); save the decisions"),
        ("[" * 100_000, "is nested too deeply to be read"),
        ("[]", "an object of rows and words is expected, not a list"),
        ("null", "an object of rows and words is expected, not null"),
        ('["accept"]', "holds no decisions, such as a report saves them: an object"),
        ('{"a": "maybe"}', r"a decision is 'accept' or 'reject', not 'maybe' \(row a\)"),
        ('{"a": {"b": 1}}', "not an object"),
    ],
)
def test_a_file_without_decisions_is_told(tmp_path, text, says):
    path = tmp_path / "decisions.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=rf"decisions\.json.* {says}"):
        load_decisions(path)


def test_damaged_decisions_are_told_apart_from_the_comparison(folder):
    (folder.path / "decisions.json").write_text("[]")
    with pytest.raises(ConfigurationError) as refusal:
        folder.load()
    assert "decisions.json holds no decisions" in str(refusal.value)
    assert "comparison.json" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"comparison\.json is empty; compare once more"),
        ("{", r"comparison\.json is no JSON"),
        ("[]", r"comparison\.json is no comparison of this version: it must be an object, not a list; compare once"),
        ('{"format": 1}', "the document has no rows"),
        ('{"format": 99, "rows": []}', "has format 99, and 1 is read here"),
    ],
)
def test_a_folder_without_a_comparison_is_told(tmp_path, text, says):
    (tmp_path / "comparison.json").write_text(text)
    with pytest.raises(ConfigurationError, match=says):
        Folder(tmp_path).load()


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (["rows"], 3, "rows must be a list, not 3"),
        (["rows", 0], "x", r"rows\[0\] must be an object, not 'x'"),
        (["rows", 0, "id"], {}, r"rows\[0\]: id must be text, not an object"),
        (["rows", 0, "views"], [], r"rows\[0\]: views must be an object of texts, not a list"),
        (["rows", 0, "findings"], None, r"rows\[0\]\.findings must be a list, not null"),
        (["rows", 0, "decision"], "maybe", r"rows\[0\]: decision must be one of '', 'accept', 'reject', not 'maybe'"),
        (["rows", 0, "left", "seconds"], "x", r"rows\[0\]\.left: seconds must be a number or null, not 'x'"),
        (["rows", 0, "left", "told"], 5, r"rows\[0\]\.left\.told must be an object, not 5"),
        (["rows", 0, "left", "told", "notes"], [1], r"rows\[0\]\.left\.told: notes must be a list of texts"),
        (["left", "answers"], None, "left: answers must be a whole number, not null"),
        (["left", "money"], float("inf"), "left: money must be a number or null, not inf"),
        (["limits", "edge"], 5, r"limits\.edge must be an object, not 5"),
        (["noise"], {"edge": "x"}, "noise must be an object of numbers"),
        (["made"], 10**400, "made must be text, not a number too large to calculate with"),
    ],
)
def test_what_does_not_fit_in_a_comparison_is_named(folder, path, value, says):
    file = folder.path / "comparison.json"
    told = place = json.loads(file.read_text())
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file.write_text(json.dumps(told))
    with pytest.raises(ConfigurationError, match=says) as refusal:
        folder.load()
    assert str(refusal.value).startswith(f"{file} is no comparison of this version: ")


def test_a_measure_or_a_finding_that_is_none_is_named(folder):
    told = json.loads((folder.path / "comparison.json").read_text())
    row = next(row for row in told["rows"] if row["findings"] and row["measures"])
    for where, key, value in (("measures", "spot", [1, 2]), ("findings", "cause", "x"), ("findings", "level", "x")):
        damaged = copy.deepcopy(row)
        part = damaged[where][0] if where == "findings" else damaged[where]
        part[key] = value
        with pytest.raises(ConfigurationError, match=f"{where}.*: {key} must be "):
            from_json(told | {"rows": [damaged]})


def test_a_comparison_s_file_is_no_folder(folder):
    with pytest.raises(ConfigurationError, match="it is a file; name the folder"):
        Folder(folder.path / "comparison.json").load()


def test_nothing_was_ever_compared_there(tmp_path):
    with pytest.raises(ConfigurationError, match="nowhere holds no comparison"):
        Folder(tmp_path / "nowhere").load()


def test_a_place_that_cannot_be_written_is_told(tmp_path, folder):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"file.*cannot be written"):
        Folder(tmp_path / "file" / "out").write(folder.load())
    with pytest.raises(ConfigurationError, match=r"cannot be written"):
        Folder(tmp_path / "file" / "out").decide({"a": "accept"})


def test_what_cannot_be_written_whole_leaves_the_comparison_that_was_there(folder, sides):
    before = folder.load()
    folder.report.unlink()
    folder.report.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        folder.write(compare(side(sides[1]), side(sides[0])))
    assert folder.load() == before


def test_a_name_that_is_no_unicode_is_kept(tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / name).write_bytes(png(HOLED))
    folder = Folder(tmp_path / "out")
    folder.write(compare(side(tmp_path / "a"), side(tmp_path / "b")))
    assert folder.load().rows[0].name == name
    for file in ("report.html", "summary.md", "junit.xml", "comparison.json"):
        (folder.path / file).read_text("utf-8")


def test_pictures_can_be_put_into_the_page(tmp_path, sides):
    old, new = sides
    folder = Folder(tmp_path / "mail")
    folder.write(compare(side(old), side(new), views=Views(folder.pictures)), images="inline")
    text = folder.report.read_text("utf-8")
    assert "data:image/webp;base64," in text
    assert "-left-thumb.webp" not in text


@pytest.mark.parametrize("images", ["files", "inline"])
def test_pictures_of_an_earlier_comparison_go_and_what_others_put_there_stays(folder, sides, images):
    foreign = ("notes.txt", "0123456789abcdef.webp", "0123456789abcdef-mine.webp", "shoe-left.webp")
    for name in (*foreign, f"{0:016x}-heat-spot.webp", f"{0:016x}-original.jpg"):
        (folder.pictures / name).write_bytes(b"x")
    next(sides[1].iterdir()).unlink()
    found = folder.write(compare(side(sides[0]), side(sides[1]), views=Views(folder.pictures)), images=images)
    kept = {name for row in found.rows for name in row.views.values()}
    assert {path.name for path in folder.pictures.iterdir()} == kept | set(foreign)


def test_a_comparison_without_pictures_leaves_none(folder, sides):
    folder.write(compare(side(sides[0]), side(sides[1])), images="none")
    assert not folder.pictures.exists()


def test_a_report_without_pictures_can_have_them_again(folder):
    folder.write(folder.load(), images="none")
    assert "-left-thumb.webp" not in folder.report.read_text("utf-8")
    folder.write(folder.load(), images="inline")
    assert "data:image/webp;base64," in folder.report.read_text("utf-8")
