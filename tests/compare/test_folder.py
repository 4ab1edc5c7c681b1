"""The folder that a comparison is kept in, read again as it was written."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from compare_sides import HOLED, png, two_sides
from pixian_shim.compare import Folder, Prices, Views, compare, side
from pixian_shim.compare.report.folder import load_decisions
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


@pytest.mark.parametrize("text", ["", "[]", "3", '{"a": "maybe"}', "[" * 100_000, '{"a": {"b": 1}}', '["accept"]'])
def test_a_file_without_decisions_is_told(tmp_path, text):
    path = tmp_path / "decisions.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"decisions\.json holds no decisions"):
        load_decisions(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no comparison"),
        ("{", "holds no comparison"),
        ("[]", "it is no comparison"),
        ('{"format": 1}', "it is no comparison: KeyError 'rows'"),
        ('{"format": 99, "rows": []}', "has format 99"),
        ('{"format": 1, "rows": [{"findings": 3}]}', "it is no comparison"),
    ],
)
def test_a_folder_without_a_comparison_is_told(tmp_path, text, says):
    (tmp_path / "comparison.json").write_text(text)
    with pytest.raises(ConfigurationError, match=says):
        Folder(tmp_path).load()


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
