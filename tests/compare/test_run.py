"""From files to rows: whatever lies in two folders, every answer is in a row, and a row says what is wrong with it."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pixian_shim
from compare_files import GOOD, JPEG, PLAIN, UNREADABLE, UNUSUAL, name_of, not_files
from compare_sides import FINE, HOLED, MOVED, cutout, png, two_sides
from pixian_shim.baseline import Question, Store
from pixian_shim.compare import CAUSES, Originals, Prices, Side, Views, compare, side
from pixian_shim.compare._run import _ALL_OR_NOTHING, _ENOUGH, _noise, _variance
from pixian_shim.compare._work import Done, Task, Told, work
from pixian_shim.compare.judging.accept import Rule, Rules
from pixian_shim.compare.judging.causes import findings, values
from pixian_shim.compare.sides.names import keys
from pixian_shim.compare.sides.pairs import Pair
from pixian_shim.compare.sides.sides import Item
from pixian_shim.translation import HttpResponse


def written(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return side(folder)


def compared(tmp_path, left, right, **options):
    return compare(written(tmp_path / "old", left), written(tmp_path / "new", right), **options)


def told(comparison):
    """Give everything that does not depend on the day."""
    return comparison.as_json() | {"made": ""}


# Bad input


@pytest.mark.parametrize("kind", sorted(UNREADABLE))
def test_an_unreadable_answer_on_the_right_has_failed_and_says_why(tmp_path, kind):
    content, said = UNREADABLE[kind]
    name = name_of("photo", content)
    (row,) = compared(tmp_path, {"photo.png": GOOD}, {name: content}).rows
    assert row.group == "failed"
    assert row.problem.startswith("right: ")
    assert said in row.problem
    assert row.right.told.size == len(content)
    assert row.left.told.format == "png"


@pytest.mark.parametrize("kind", ["nothing", "cut-png", "json", "zip-bomb"])
def test_an_unreadable_answer_on_the_left_says_nothing_about_the_right(tmp_path, kind):
    content, said = UNREADABLE[kind]
    (row,) = compared(tmp_path, {"photo.png": content}, {"photo.png": GOOD}).rows
    assert (row.group, row.problem) == ("unknown", f"left: {row.left.told.error}")
    assert said in row.problem
    assert row.right.told.format == "png"


def test_two_unreadable_answers_are_both_told(tmp_path):
    (row,) = compared(tmp_path, {"photo.png": b""}, {"photo.png": b"<html>"}).rows
    assert (row.group, row.problem.count(": ")) == ("unknown", 3)
    assert row.problem.startswith("left: the file is empty; right: it is an HTML page")


@pytest.mark.parametrize("kind", sorted(UNUSUAL))
def test_an_unusual_answer_is_compared_and_noted(tmp_path, kind):
    content, said = UNUSUAL[kind]
    (row,) = compared(tmp_path, {"photo.png": GOOD}, {name_of("photo", content): content}).rows
    assert row.problem == ""
    assert row.measures is not None
    assert any(said in note for note in row.right.told.notes)


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_the_same_cut_out_in_another_format_is_fine(tmp_path, kind):
    content = PLAIN[kind]
    (row,) = compared(tmp_path, {"photo.png": GOOD}, {name_of("photo", content): content}).rows
    assert row.measures.mae == 0
    assert {finding.cause for finding in row.findings} <= ({"colour"} if kind in ("grey-alpha", "zip") else set())


def test_an_empty_picture_is_bad_and_not_a_failure(tmp_path):
    content, _ = UNUSUAL["transparent"]
    (row,) = compared(tmp_path, {"photo.png": GOOD}, {"photo.png": content}).rows
    assert (row.group, row.findings[0].cause) == ("bad", "empty")


def test_two_empty_pictures_are_fine(tmp_path):
    content, _ = UNUSUAL["transparent"]
    assert compared(tmp_path, {"photo.png": content}, {"photo.png": content}).rows[0].group == "fine"


@pytest.mark.parametrize("place", ["left", "right"])
def test_an_answer_without_a_partner_is_a_row_that_says_so(tmp_path, place):
    more = {"other.png": GOOD, "photo.png": GOOD}
    sides = [{"photo.png": GOOD}, {"photo.png": GOOD}]
    sides[place == "right"] = more
    comparison = compared(tmp_path, *sides)
    (row,) = [row for row in comparison.rows if row.problem]
    missing = "left" if place == "right" else "right"
    assert (row.name, row.group) == ("other.png", "unknown")
    assert row.problem == f"there is no partner on the {missing}"
    assert getattr(row, missing) is None
    assert getattr(row, place).told.format == "png"


def test_a_lonely_answer_that_cannot_be_read_says_both(tmp_path):
    (row,) = compared(tmp_path, {"a.png": b"", "b.png": GOOD}, {"b.png": GOOD}).rows[:1]
    assert row.problem == "left: the file is empty; there is no partner on the right"
    assert row.group == "unknown"


def test_answers_that_might_belong_together_say_so(tmp_path):
    comparison = compared(tmp_path, {"x/a.png": GOOD, "y/a.png": GOOD}, {"a.png": GOOD})
    assert {row.problem for row in comparison.rows} == {
        "there is no partner on the right: it cannot be told whether it belongs to a.png",
        "there is no partner on the left: it cannot be told whether it belongs to x/a.png, y/a.png",
    }


def test_things_that_are_no_files_are_rows(tmp_path):
    (tmp_path / "new").mkdir()
    expected = not_files(tmp_path / "new")
    comparison = compare(written(tmp_path / "old", dict.fromkeys(expected, GOOD)), side(tmp_path / "new"))
    assert {row.name: row.problem for row in comparison.rows} == {
        name: f"right: {said}" for name, said in expected.items()
    }
    assert comparison.counts["failed"] == len(expected)


def test_more_pixels_than_allowed_are_a_row(tmp_path):
    (row,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": png(cutout((200, 200)))}, max_pixels=30_000).rows
    assert row.problem == "right: the picture has 40,000 pixels; at most 30,000 are accepted"


def test_pictures_of_different_sizes_are_compared(tmp_path):
    small = png(cutout().resize((80, 60)))
    (row,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": small}).rows
    assert (row.problem, row.findings[0].cause) == ("", "size")


def test_names_of_any_kind_come_through(tmp_path):
    wild = ["a\nb.png", "\udc80.png", "\u202egnp.png", '<b>&".png', "\u2028.png"]
    comparison = compared(tmp_path, dict.fromkeys(wild, GOOD), dict.fromkeys(wild, GOOD))
    assert sorted(row.name for row in comparison.rows) == sorted(wild)
    assert comparison.counts["fine"] == len(wild)
    comparison.text().encode()


def test_what_is_left_out_is_named_with_its_side(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "o.txt").touch()
    comparison = compare(
        written(tmp_path / "old", {"a.png": GOOD, "l.txt": b""}),
        written(tmp_path / "new", {"a.png": GOOD, "r.txt": b""}),
        noise=written(tmp_path / "noise", {"a.png": GOOD, "n.txt": b""}),
        originals=Originals(tmp_path / "photos"),
    )
    assert comparison.skipped == ("left: l.txt", "right: r.txt", "noise: n.txt", "originals: o.txt")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_two_files_are_a_row(tmp_path, left, right):
    (row,) = compared(tmp_path, {"a.png": left}, {"a.png": right}).rows
    assert row.problem or row.measures


def test_any_two_of_all_kinds_of_files_are_a_row(tmp_path):
    kinds = {**{kind: content for kind, (content, _) in (UNREADABLE | UNUSUAL).items()}, **PLAIN}
    for number, content in enumerate(kinds.values()):
        (tmp_path / f"{number}").write_bytes(content)
    paths = [tmp_path / f"{number}" for number in range(len(kinds))]
    dice = random.Random(5)
    for left, right in [(dice.choice(paths), dice.choice(paths)) for _ in range(300)]:
        done = work(Task(left=left, right=right, max_pixels=10**8))
        assert done.measures is not None or done.left.error or done.right.error
        assert done.error == ""


def test_damaged_pictures_that_can_be_read_can_be_measured(tmp_path):
    dice = random.Random(3)
    (tmp_path / "good").write_bytes(GOOD)
    measured = 0
    for seed in (GOOD, JPEG, PLAIN["webp-lossless"], PLAIN["tiff"]):
        for _ in range(60):
            content = bytearray(seed)
            for _ in range(dice.randint(1, 3)):
                content[dice.randrange(len(content))] = dice.randrange(256)
            (tmp_path / "bad").write_bytes(content)
            done = work(Task(left=tmp_path / "good", right=tmp_path / "bad", max_pixels=10**6))
            assert (done.measures is None) == bool(done.right.error), done
            measured += done.measures is not None
    assert measured > 20


def test_a_pair_that_cannot_be_measured_is_a_row(tmp_path, monkeypatch):
    monkeypatch.setattr("pixian_shim.compare._work.measure", lambda *_: 1 / 0)
    (row,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": GOOD}).rows
    assert row.problem == "they could not be measured: ZeroDivisionError: division by zero"
    assert row.group == "unknown"


def test_a_pair_whose_pictures_cannot_be_drawn_is_measured_all_the_same(tmp_path):
    (tmp_path / "full").write_bytes(b"a file where a folder is wanted")
    rows = compared(tmp_path, {"a.png": GOOD, "b.png": GOOD}, {"a.png": GOOD}, views=Views(tmp_path / "full")).rows
    assert [(row.name, row.group, row.views) for row in rows] == [("b.png", "unknown", {}), ("a.png", "fine", {})]
    for row in rows:
        assert row.note.startswith("pictures for the report could not be made: FileExistsError")
        assert row.left.told.notes == ()


# Sides that are not folders


def test_a_refused_answer_on_the_right_has_failed(tmp_path):
    store = Store(tmp_path / "baseline", create="removebg")
    refused = HttpResponse(400, {"Content-Type": "application/json"}, b'{"errors":[{"title":"no"}]}')
    store.keep(Question("removebg", "remove", "ab" * 32, {}), refused, seconds=1, credits=None, name="a.jpg")
    left = written(tmp_path / "old", {"a.png": GOOD})
    (row,) = compare(left, side(tmp_path / "baseline")).rows
    assert row.problem == 'right: the provider answered 400: {"errors":[{"title":"no"}]}'
    assert row.group == "failed"
    assert row.left.told.format == "png"
    (row,) = compare(side(tmp_path / "baseline"), left).rows
    assert row.group == "unknown"


def test_a_folder_compared_with_itself_is_fine(tmp_path):
    left = written(tmp_path / "old", {f"{number}.png": GOOD for number in range(3)})
    for right in (left, side(tmp_path / "old")):
        comparison = compare(left, right)
        assert comparison.counts["fine"] == 3
        assert (comparison.left.title, comparison.right.title) == ("old (left)", "old (right)")


# Order, identity


def test_the_worst_come_first_whatever_order_files_are_in(tmp_path):
    old, new = two_sides(tmp_path, fine=3, bad=2, broken=1, lonely=1)
    left, right = side(old), side(new)
    first = compare(left, right)
    assert [row.group for row in first.rows] == ["failed", "bad", "bad", "unknown", "fine", "fine", "fine"]
    dice = random.Random(2)
    for _ in range(3):
        again = compare(
            attrs.evolve(left, items=tuple(dice.sample(left.items, len(left.items)))),
            attrs.evolve(right, items=tuple(dice.sample(right.items, len(right.items)))),
        )
        assert told(again) == told(first)


def test_two_processes_tell_the_same_as_one(tmp_path):
    old, new = two_sides(tmp_path, fine=3, bad=2, broken=1, lonely=1)
    done = [[], []]
    one, two = (
        compare(side(old), side(new), jobs=jobs, progress=lambda *told, into=into: into.append(told))
        for jobs, into in ((1, done[0]), (2, done[1]))
    )
    assert told(one) == told(two)
    assert done[0] == done[1] == [(number, 7) for number in range(1, 8)]


def test_a_row_is_known_again_until_one_of_its_files_changes(tmp_path):
    (first,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": png(HOLED)}).rows
    (again,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": png(HOLED)}).rows
    (other,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": png(MOVED)}).rows
    (broken,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": b"x"}).rows
    (worse,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": b"y"}).rows
    assert first.id == again.id
    assert len({first.id, other.id, broken.id, worse.id}) == 4


def test_a_row_stays_known_when_another_of_its_name_goes(tmp_path):
    both = compared(tmp_path, {"x/a.png": GOOD, "y/a.png": GOOD}, {"x/a.png": png(HOLED), "y/a.png": png(MOVED)})
    (tmp_path / "old" / "x" / "a.png").unlink()
    (tmp_path / "new" / "x" / "a.png").unlink()
    (left,) = compare(side(tmp_path / "old"), side(tmp_path / "new")).rows
    assert left.id in {row.id for row in both.rows}


def test_a_row_is_called_as_its_photo_whichever_side_has_an_answer(tmp_path):
    written(tmp_path / "photos", {"shoes/a.jpg": JPEG})
    photos = Originals(tmp_path / "photos")
    old = written(tmp_path / "old", {"a-removebg-preview.png": GOOD})
    new = written(tmp_path / "new", {"a_no_bg.png": GOOD})
    none = Side("none", "", ())
    for left, right in ((old, new), (old, none), (none, new)):
        assert [row.name for row in compare(left, right, originals=photos).rows] == ["shoes/a.jpg"]
        assert [row.name for row in compare(left, right).rows] == [(left.items or right.items)[0].name]


def test_of_photos_with_the_same_content_a_row_is_called_as_its_own(tmp_path):
    written(tmp_path / "photos", {"x/a.jpg": JPEG, "y/a.jpg": JPEG})
    photos = Originals(tmp_path / "photos")
    for name in ("old", "new"):
        written(tmp_path / name, {"x/a.png": GOOD, "y/a.png": GOOD})
    rows = compare(*(side(tmp_path / name, originals=photos) for name in ("old", "new")), originals=photos).rows
    assert sorted(row.name for row in rows) == ["x/a.jpg", "y/a.jpg"]


def test_a_row_is_known_again_when_it_gets_another_name_to_show(tmp_path):
    written(tmp_path / "photos", {"shoes/a.jpg": JPEG})
    photos = Originals(tmp_path / "photos")
    store = Store(tmp_path / "baseline", create="removebg")
    answer = HttpResponse(200, {"Content-Type": "image/png"}, GOOD)
    (digest,) = photos.by_content
    store.keep(Question("removebg", "remove", digest, {"size": "4k"}), answer, seconds=1, credits=None)
    written(tmp_path / "new", {"a_no_bg.png": png(HOLED)})
    for place in ("baseline", "new"):
        (bare,), (shown,) = (
            compare(*(side(tmp_path / place, originals=known) for _ in range(2)), originals=known).rows
            for known in (None, photos)
        )
        assert bare.name != shown.name == "shoes/a.jpg"
        assert bare.id == shown.id


def test_rows_of_identical_files_are_told_apart(tmp_path):
    items = [Item(name="a.png", keys=(f"call {number}",), file=tmp_path / "a.png") for number in range(3)]
    (tmp_path / "a.png").write_bytes(GOOD)
    comparison = compare(Side("l", "", tuple(items)), Side("r", "", tuple(items)))
    assert len({row.id for row in comparison.rows}) == 3


def test_the_same_two_files_are_measured_once(tmp_path, monkeypatch):
    made = []
    real = work
    monkeypatch.setattr("pixian_shim.compare._processes.work", lambda task: made.append(task) or real(task))
    left = written(tmp_path / "old", {"a.png": GOOD})
    compare(left, left, noise=left)
    assert len(made) == 1


# Processes

DEADLY = """
import os, signal
import attrs
from pixian_shim.compare import Views

@attrs.frozen
class Deadly(Views):
    "Ends the process that is to draw a certain pair, as a lack of memory would."
    def draw(self, name, overlay, spot, original):
        if overlay.left[0, 0, 0] == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        return {"left": "x"}
"""


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Give views that kill their process at pairs with a certain colour."""
    (tmp_path / "deadly_views.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(str(tmp_path))
    import deadly_views

    yield deadly_views.Deadly(tmp_path / "views")
    del sys.modules["deadly_views"]


@pytest.mark.parametrize("killers", [1, 3])
def test_a_process_that_dies_takes_only_its_own_pair_along(tmp_path, deadly, killers):
    fatal = png(cutout(colour=(13, 13, 13)))
    files = {f"{number:02}.png": GOOD for number in range(9)} | {f"k{number}.png": fatal for number in range(killers)}
    comparison = compared(tmp_path, files, files, views=deadly, jobs=2)
    assert comparison.counts == {
        "failed": 0, "bad": 0, "look": 0, "unknown": killers, "accepted": 0, "fine": 9
    }  # fmt: skip
    assert {row.name: row.problem for row in comparison.rows if row.problem} == {
        f"k{number}.png": "the process that compared it died, most probably for lack of memory"
        for number in range(killers)
    }


def running(code, *arguments):
    return subprocess.Popen(
        [sys.executable, *([] if isinstance(code, Path) else ["-c"]), str(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(pixian_shim.__file__).parents[1])},
    )


def members(group):
    """Give the live processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


MANY = """
import sys
from pathlib import Path
from pixian_shim.compare import Side, Item, compare

if __name__ == "__main__":
    path = Path(sys.argv[1])
    items = tuple(Item(name=f"{number}", keys=(f"call {number}",), file=path / f"{number}.png") for number in range(200))
    compare(Side("l", "", items), Side("r", "", items), jobs=2, progress=lambda done, _: print(done, flush=True))
"""


@pytest.mark.parametrize(
    ("sent", "whole"), [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGKILL, False)]
)
def test_no_process_is_left_behind(tmp_path, sent, whole):
    """Ctrl-C goes to the whole group of processes, other signals to the one that is named."""
    large = png(cutout((1500, 1200)))
    for number in range(200):
        (tmp_path / f"{number}.png").write_bytes(large)
    (tmp_path / "many.py").write_text(MANY)
    program = running(tmp_path / "many.py", tmp_path)
    try:
        assert program.stdout.readline() == "1\n", program.stderr.read()
        (os.killpg if whole else os.kill)(program.pid, sent)
        said = program.communicate(timeout=60)[1]
        for _ in range(100):
            if not members(program.pid):
                break
            time.sleep(0.1)
        assert members(program.pid) == []
    finally:
        for one in members(program.pid):
            os.kill(one, signal.SIGKILL)
    assert said.count("KeyboardInterrupt") == (1 if sent is signal.SIGINT else 0), said


def test_ctrl_c_reaches_no_process_that_has_just_begun(tmp_path):
    """Its traceback would stand between the user and the reason."""
    (tmp_path / "many.py").write_text(MANY)
    program = running(tmp_path / "many.py", tmp_path)
    try:
        for _ in range(3000):
            if len(members(program.pid)) >= 4:  # the program, its resource tracker, two to compare in
                break
            time.sleep(0.01)
        os.killpg(program.pid, signal.SIGINT)
        said = program.communicate(timeout=60)[1]
        assert said.count("Traceback") == 1, said
        assert said.rstrip().endswith("KeyboardInterrupt")
    finally:
        for one in members(program.pid):
            os.kill(one, signal.SIGKILL)


def test_where_no_process_can_be_started_that_is_told(tmp_path):
    """A program without a guard starts itself again and again, if it is let."""
    (tmp_path / "0.png").write_bytes(GOOD)
    (tmp_path / "1.png").write_bytes(GOOD)
    code = textwrap.dedent(f"""
        from pathlib import Path
        from pixian_shim.compare import compare, side
        compare(side(Path({str(tmp_path)!r})), side(Path({str(tmp_path)!r})), jobs=2)
    """)
    (tmp_path / "unguarded.py").write_text(code)
    said = running(tmp_path / "unguarded.py").communicate(timeout=60)[1]
    assert "ConfigurationError: no process can be started to compare in" in said


# Noise


def measured(tmp_path, name, right):
    """Give the measures of the standard cut-out against another one."""
    (tmp_path / "l").write_bytes(GOOD)
    (tmp_path / name).write_bytes(png(right))
    return work(Task(left=tmp_path / "l", right=tmp_path / name, max_pixels=10**6)).measures


def repeated(tmp_path, *others):
    """Give repeats of the standard answer: pairs and what came of them."""
    again, done = [], []
    for number, other in enumerate(others):
        item = Item(name=f"{number}.png", keys=keys(f"{number}.png"))
        again.append(Pair(item, item))
        done.append(Done(left=Told(), right=Told(), measures=measured(tmp_path, f"r{number}", other)))
    return again, done


def test_what_the_incumbent_differs_from_itself_by_is_not_found(tmp_path):
    noise = written(tmp_path / "noise", {"a.png": png(HOLED), "b.png": GOOD})
    files = {"a.png": GOOD, "b.png": GOOD}
    changed = {"a.png": png(HOLED), "b.png": png(HOLED)}
    plain, within = compared(tmp_path, files, changed), compared(tmp_path, files, changed, noise=noise)
    assert {row.name: row.group for row in plain.rows} == {"a.png": "bad", "b.png": "bad"}
    assert {row.name: row.group for row in within.rows} == {"a.png": "fine", "b.png": "bad"}
    assert within.noise_pairs == 2


def test_what_goes_beyond_the_incumbents_own_variance_is_found_and_tells_it(tmp_path):
    noise = written(tmp_path / "noise", {"a.png": png(cutout(hole=(65, 55, 85, 70)))})
    (row,) = compared(tmp_path, {"a.png": GOOD}, {"a.png": png(HOLED)}, noise=noise).rows
    (hole,) = [finding for finding in row.findings if finding.cause == "hole"]
    assert 0 < hole.noise < hole.value


def test_three_repeats_say_nothing_about_other_photos(tmp_path):
    again, done = repeated(tmp_path, HOLED, HOLED, HOLED)
    own, usual = _noise(again, done)
    assert (len(own), usual) == (3, {})
    stranger = Item(name="other.png", keys=())
    assert _variance(Pair(stranger, None), own, usual) == {}
    assert _variance(again[0], own, usual)["hole"] > 0


@pytest.mark.parametrize(("repeats", "place"), [(19, 18), (20, 19), (39, 37), (99, 94), (100, 95)])
def test_from_nineteen_repeats_on_the_usual_is_what_a_new_one_exceeds_in_five_of_a_hundred(repeats, place):
    assert repeats >= _ENOUGH

    def measures(value):
        from pixian_shim.compare.measuring.measure import Measures

        zero = {field.name: 0.0 for field in attrs.fields(Measures)}
        return Measures(
            **zero | {"left_share": 0.5, "right_share": 0.5, "boundary_f": 1.0, "scale": 1.0, "hole": value}
        )

    items = [Item(name=str(number), keys=()) for number in range(repeats)]
    done = [Done(left=Told(), right=Told(), measures=measures(float(number))) for number in range(repeats)]
    random.Random(repeats).shuffle(done)
    own, usual = _noise([Pair(item, item) for item in items], done)
    assert usual["hole"] == place
    assert (repeats + 1 - (place + 1)) / (repeats + 1) <= 0.05
    stranger = Item(name="other", keys=())
    assert _variance(Pair(stranger, None), own, usual)["hole"] == place


def test_that_some_answers_are_empty_does_not_excuse_others(tmp_path):
    empty = cutout(subject=(0, 0, 0, 0))
    empty.putalpha(0)
    again, done = repeated(tmp_path, *[empty] * 20)
    own, usual = _noise(again, done)
    assert not set(usual) & _ALL_OR_NOTHING
    assert _variance(again[0], own, usual)["empty"] == 1.0
    assert {cause.name for cause in CAUSES} >= _ALL_OR_NOTHING


def test_the_larger_of_own_and_usual_variance_counts(tmp_path):
    again, done = repeated(tmp_path, *[FINE] * 38, cutout(hole=(70, 60, 80, 68)), HOLED)
    own, usual = _noise(again, done)
    assert usual["hole"] == own[again[38].left]["hole"] > 0
    assert _variance(again[0], own, usual)["hole"] == usual["hole"]
    assert _variance(again[39], own, usual)["hole"] == own[again[39].left]["hole"] > usual["hole"]


def test_repeats_that_cannot_be_compared_are_not_counted(tmp_path):
    noise = written(tmp_path / "noise", {"a.png": b"", "c.png": GOOD})
    comparison = compared(tmp_path, {"a.png": GOOD, "b.png": GOOD}, {"a.png": GOOD, "b.png": GOOD}, noise=noise)
    assert comparison.noise_pairs == 0
    assert comparison.noise == {}


def test_noise_is_only_what_is_not_exceeded(tmp_path):
    found = measured(tmp_path, "holed", HOLED)
    hole = values(found)["hole"]
    within = Rules().limits
    assert "hole" not in {one.cause for one in findings(found, within, {"hole": hole})}
    assert "hole" in {one.cause for one in findings(found, within, {"hole": hole * 0.999})}


# Rules, prices


def test_rules_are_applied_by_the_photos_name(tmp_path):
    rules = Rules((Rule(name="known", cause="hole", pairs="shoe-*"),))
    files = {"shoe-1.png": GOOD, "hat-1.png": GOOD}
    comparison = compared(tmp_path, files, dict.fromkeys(files, png(HOLED)), rules=rules)
    groups = {
        row.name: {finding.cause: finding.accepted for finding in row.findings}["hole"] for row in comparison.rows
    }
    assert groups == {"shoe-1.png": "known", "hat-1.png": ""}


def test_two_folders_get_their_costs_from_prices_of_pictures(tmp_path):
    prices = Prices("EUR", {}, {"old": 0.2, "new": 0.01})
    comparison = compared(tmp_path, {"a.png": GOOD, "b.png": GOOD}, {"a.png": GOOD}, prices=prices)
    assert (comparison.left.money, comparison.left.estimated) == (0.4, 2)
    assert (comparison.right.money, comparison.right.estimated) == (0.01, 1)
    assert comparison.currency == "EUR"
