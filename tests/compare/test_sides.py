"""What a side is read from: a folder, a baseline, observations; nothing in it is passed over without a word."""

import json
import os
import time
from hashlib import sha256

import attrs
import pytest

import compare_files
from compare_files import GOOD, not_files
from pixian_shim.baseline import Question, Store
from pixian_shim.compare import Originals, compare, side
from pixian_shim.compare.sides.files import found_in
from pixian_shim.errors import ConfigurationError
from pixian_shim.rollout import Decision, Observation, Origin, Reason, Recorder, Stage
from pixian_shim.rollout import Side as ObservedSide
from pixian_shim.translation import HttpResponse

PHOTO = compare_files.JPEG


def digest(content):
    return sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path):
    """Give a function that writes files into a folder."""

    def write(name, files):
        place = tmp_path / name
        place.mkdir(exist_ok=True)
        for path, content in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(content)
        return place

    return write


def names(found):
    return [item.name for item in found.items]


# Folders


def test_a_folder_gives_its_pictures_in_order_and_names_the_rest(folder):
    found = side(folder("old", {"b.png": GOOD, "a.WEBP": GOOD, "sub/c.jpg": GOOD, "notes.txt": b"", "sub/d.psd": b""}))
    assert names(found) == ["a.WEBP", "b.png", "sub/c.jpg"]
    assert found.skipped == ("notes.txt", "sub/d.psd")
    assert (found.title, found.provider) == ("old", "")


@pytest.mark.parametrize("suffix", ["avif", "heic", "heif", "jxl", "jp2"])
def test_pictures_that_cannot_be_read_here_are_not_passed_over(folder, suffix):
    assert names(side(folder("old", {f"a.{suffix}": b"x"}))) == [f"a.{suffix}"]


def test_a_file_without_a_suffix_is_known_by_its_first_bytes(folder):
    found = side(folder("old", {"0123abcd": GOOD, "LICENSE": b"All rights reserved"}))
    assert names(found) == ["0123abcd"]
    assert found.skipped == ("LICENSE",)


def test_hidden_files_are_named_and_not_compared(folder):
    found = side(folder("old", {"a.png": GOOD, "._a.png": b"x", ".DS_Store": b"x", ".cache/b.png": GOOD}))
    assert names(found) == ["a.png"]
    assert found.skipped == (".DS_Store (hidden)", "._a.png (hidden)", ".cache (hidden)")


def test_what_is_named_like_a_picture_and_is_no_file_is_not_passed_over(tmp_path):
    expected = not_files(tmp_path)
    assert names(side(tmp_path)) == sorted(expected)


def test_a_folder_named_like_a_picture_that_holds_some_is_a_folder(folder):
    assert names(side(folder("old", {"set.png/a.png": GOOD}))) == ["set.png/a.png"]


def test_a_linked_folder_is_read(folder, tmp_path):
    elsewhere = folder("elsewhere", {"a.png": GOOD})
    old = folder("old", {"b.png": GOOD})
    (old / "linked").symlink_to(elsewhere)
    assert names(side(old)) == ["b.png", "linked/a.png"]
    (tmp_path / "alias").symlink_to(old)
    assert names(side(tmp_path / "alias")) == ["b.png", "linked/a.png"]


def test_links_in_a_circle_are_followed_once(folder):
    old = folder("old", {"sub/a.png": GOOD})
    (old / "sub" / "up").symlink_to(old)
    (old / "again").symlink_to(old / "sub")
    found = side(old)
    assert names(found) == ["sub/a.png"]
    assert found.skipped == (
        "again (a link to a folder that is read anyway)",
        "sub/up (a link to a folder that is read anyway)",
    )


def test_a_folder_that_cannot_be_read_is_named(folder, monkeypatch):
    old = folder("old", {"a.png": GOOD, "closed/b.png": GOOD})
    scan = os.scandir

    def scandir(place):
        if place.name == "closed":
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", scandir)
    assert side(old).skipped == ("closed (a folder that cannot be read: Permission denied)",)


def test_files_that_may_be_listed_and_not_looked_at_are_rows(folder, monkeypatch):
    old = folder("old", {"a.png": GOOD, "b.txt": b""})
    look = os.stat

    def stat(place, **options):
        if str(place).endswith(("a.png", "b.txt")):
            raise PermissionError(13, "Permission denied", str(place))
        return look(place, **options)

    monkeypatch.setattr(os, "stat", stat)
    found = side(old)
    assert (names(found), found.skipped) == (["a.png"], ("b.txt",))
    (row,) = compare(found, side(folder("new", {"a.webp": GOOD}))).rows
    assert row.problem == "left: it cannot be read: Permission denied"


def test_names_of_any_kind_are_read(folder):
    wild = ["a\nb.png", "\udc80.png", "\u202egnp.png", "a b (1).png", "<b>&.png", "-rf.png", "a" * 240 + ".png"]
    assert sorted(names(side(folder("old", dict.fromkeys(wild, GOOD))))) == sorted(wild)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no pictures, no baseline and no observations"),
        ({"a.txt": b""}, r"\(1 other files, a.txt among them\)"),
    ],
)
def test_a_folder_without_anything_is_told(folder, files, said):
    with pytest.raises(ConfigurationError, match=said):
        side(folder("old", files))


def test_what_is_no_folder_is_told(tmp_path):
    (tmp_path / "a.png").write_bytes(GOOD)
    with pytest.raises(ConfigurationError, match=r"a\.png is no folder"):
        side(tmp_path / "a.png")
    with pytest.raises(ConfigurationError, match="nowhere is not there"):
        side(tmp_path / "nowhere")


def test_a_folder_that_may_not_be_entered_is_told(folder, monkeypatch):
    old = folder("old", {"a.png": GOOD})
    look = os.stat

    def stat(place, **options):
        if str(place).endswith("baseline.json"):
            raise PermissionError(13, "Permission denied", str(place))
        return look(place, **options)

    monkeypatch.setattr(os, "stat", stat)
    with pytest.raises(ConfigurationError, match=r"baseline\.json cannot be read: Permission denied"):
        side(old)


def test_this_folder_has_its_own_name(folder, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(folder("old", {"a.png": GOOD}))
    assert side(Path()).title == "old"


def test_ten_thousand_files_are_listed_in_seconds(tmp_path):
    for number in range(10_000):
        (tmp_path / f"photo-{number:05}.png").symlink_to(__file__)
    started = time.perf_counter()
    found = found_in(tmp_path)
    assert time.perf_counter() - started < 8
    assert len(found.pictures) == 10_000
    assert found.pictures[17].name == "photo-00017.png"


# Originals


def test_a_photo_is_found_by_content_then_by_the_closest_name(folder):
    photos = Originals(
        folder("photos", {"x/a.jpg": b"1", "y/a.jpg": b"2", "b.jpg": b"3", "c.jpg": b"4", "d.heic": b"5"})
    )
    found = side(folder("old", {"x/a_out.png": GOOD, "b.png": GOOD, "a.png": GOOD, "z/c.png": GOOD, "d.png": GOOD}))
    assert {item.name: photos.find(item) and photos.find(item).read_bytes() for item in found.items} == {
        "x/a_out.png": b"1",
        "b.png": b"3",
        "a.png": None,
        "z/c.png": b"4",
        "d.png": b"5",
    }
    by_content = attrs.evolve(found.items[0], original=digest(b"4"))
    assert photos.find(by_content).name == "c.jpg"


def test_two_photos_of_the_same_content_are_one(folder):
    photos = Originals(folder("photos", {"x/a.jpg": b"1", "y/a.jpg": b"1"}))
    (item,) = side(folder("old", {"a.png": GOOD})).items
    assert len(photos) == 1
    assert photos.find(item).name == "a.jpg"


def test_each_photo_is_read_once(folder, monkeypatch):
    import hashlib

    read = []
    monkeypatch.setattr(
        "pixian_shim.compare.sides.originals.file_digest",
        lambda file, kind: read.append(file.name) or hashlib.file_digest(file, kind),
    )
    photos = Originals(folder("photos", {f"{number}.jpg": b"%d" % number for number in range(5)}))
    for name in ("old", "new"):
        side(folder(name, {f"{number}.png": GOOD for number in range(5)}), originals=photos)
    assert len(read) == len(set(read)) == 5


def test_photos_that_cannot_be_read_are_named(folder):
    place = folder("photos", {"a.jpg": b"1", "notes.txt": b""})
    not_files(place)
    photos = Originals(place)
    assert len(photos) == 1
    assert photos.skipped == [
        "notes.txt",
        "dangling.png (it is no file)",
        "device.png (it is no file)",
        "folder.png (it is no file)",
        "loop.png (it is no file)",
        "pipe.png (it is no file)",
    ]


def test_originals_that_are_not_there_are_told(tmp_path):
    with pytest.raises(ConfigurationError, match=r"there is no folder .*nowhere of originals"):
        Originals(tmp_path / "nowhere")


# Baselines


def answer(content=GOOD, status=200, kind="image/png"):
    return HttpResponse(status, {"Content-Type": kind}, content)


@pytest.fixture
def baseline(tmp_path):
    """Give a function that writes a baseline: for each (photo, parameters, name) an answer."""

    def write(answers, name="baseline", **more):
        store = Store(tmp_path / name, create="removebg")
        for (photo, parameters, file), one in answers.items():
            question = Question("removebg", "remove", digest(photo), dict(parameters))
            store.begin(question)
            if one is not None:
                store.keep(question, one, **({"seconds": 1.5, "credits": 1.0, "name": file} | more))
        return store.folder

    return write


ONE = {(PHOTO, (("size", "full"),), "a.jpg"): answer()}


def exchange_of(place):
    (path,) = (place / "exchanges").glob("*.json")
    return path


def changed(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_a_baseline_gives_its_answers(baseline):
    found = side(baseline(ONE))
    (item,) = found.items
    assert (found.title, found.provider) == ("removebg (baseline)", "removebg")
    assert (item.name, item.seconds, item.credits, item.parameters) == ("a.jpg", 1.5, 1.0, {"size": "full"})
    assert item.file.read_bytes() == GOOD
    assert (item.original, item.stored) == (digest(PHOTO), digest(GOOD))


def test_a_nameless_answer_has_the_name_of_its_photo_where_that_is_known(baseline, folder):
    place = baseline({(PHOTO, (), ""): answer()})
    assert names(side(place)) == [f"photo {digest(PHOTO)[:12]}"]
    assert names(side(place, originals=Originals(folder("photos", {"shoe.jpg": PHOTO})))) == ["shoe.jpg"]


def test_each_set_of_parameters_is_an_answer(baseline):
    place = baseline({(PHOTO, (("size", size),), "a.jpg"): answer() for size in ("full", "preview", "4k")})
    assert sorted(item.parameters["size"] for item in side(place).items) == ["4k", "full", "preview"]


def test_a_refusal_is_an_answer_with_what_was_said(baseline):
    said = b'{"errors":\n [{"title": "Could not identify foreground"}]}'
    (item,) = side(baseline({(PHOTO, (), "a.jpg"): answer(said, 400, "application/json")})).items
    assert item.file is None
    assert item.error == 'the provider answered 400: {"errors": [{"title": "Could not identify foreground"}]}'


@pytest.mark.parametrize(("body", "said"), [(b"x" * 500, f": {'x' * 200}..."), (b"", ""), (b"\xff\xfe", "")])
def test_a_refusal_is_shown_as_far_as_it_is_text(baseline, body, said):
    (item,) = side(baseline({(PHOTO, (), "a.jpg"): answer(body, 503)})).items
    assert item.error == f"the provider answered 503{said}"


def test_a_question_that_was_never_answered_is_told(baseline):
    (item,) = side(baseline({(PHOTO, (), "a.jpg"): None})).items
    assert item.error == "it was asked and no answer came: perhaps it was paid for"


def row_of(place, folder):
    """Compare a baseline with a folder of the same answer."""
    found = side(place, originals=Originals(folder("photos", {"a.jpg": PHOTO})))
    (row,) = compare(found, side(folder("new", {"a.png": GOOD}), originals=Originals(folder("photos", {})))).rows
    return row


def test_a_stored_file_that_is_missing_is_told_in_the_row(baseline, folder):
    place = baseline(ONE)
    next((place / "answers").rglob("*.png")).unlink()
    assert row_of(place, folder).problem == "left: it cannot be read: No such file or directory"


def test_a_stored_file_that_was_changed_is_told_in_the_row(baseline, folder):
    place = baseline(ONE)
    next((place / "answers").rglob("*.png")).write_bytes(compare_files.WEBP)
    assert row_of(place, folder).problem == "left: the file is not what was stored: it was changed since"


def test_a_stored_file_as_it_was_is_compared(baseline, folder):
    row = row_of(baseline(ONE), folder)
    assert (row.problem, row.group) == ("", "fine")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text("{"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text("[" * 100_000),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: changed(path, body="../../etc/passwd"),
        lambda path: changed(path, status="fine"),
        lambda path: changed(path, question={"provider": "removebg", "operation": "remove", "picture": "", "parameters": {}}),
        lambda path: changed(path, question="which?"),
        lambda path: changed(path, more=1),
    ],
)  # fmt: skip
def test_a_record_that_was_damaged_is_an_answer_without_a_picture(baseline, damage):
    place = baseline(ONE)
    damage(exchange_of(place))
    (item,) = side(place).items
    assert item.file is None
    assert item.error.startswith("its record in the baseline cannot be used: ")


@pytest.mark.parametrize("wrong", ["fast", None, [1], True, -1, float("nan"), float("inf")])
def test_seconds_and_credits_that_are_no_numbers_are_not_known(baseline, wrong):
    place = baseline(ONE)
    changed(exchange_of(place), seconds=wrong, credits=wrong)
    (item,) = side(place).items
    assert (item.seconds, item.credits, item.error) == (None, None, "")
    assert item.file.exists()


def test_a_baseline_without_answers_is_told(tmp_path):
    Store(tmp_path / "b", create="removebg")
    with pytest.raises(ConfigurationError, match="is a baseline without answers"):
        side(tmp_path / "b")


@pytest.mark.parametrize("about", ["{", '{"format": 9, "provider": "removebg"}', "[]"])
def test_a_broken_baseline_is_told(tmp_path, about):
    (tmp_path / "baseline.json").write_text(about)
    with pytest.raises(ConfigurationError, match="baseline"):
        side(tmp_path)


# Observations


def observed(**changes):
    told = {
        "provider": "removebg",
        "decision": Decision(origin=Origin.LEGACY, stage=Stage.SHADOW, reason=Reason.STATIC),
        "answered_by": Origin.LEGACY,
        "parameters": {"size": "full", "image_file": "<1234 bytes>"},
        "input_sha256": digest(PHOTO),
        "legacy": ObservedSide(status=200, seconds=1.2, credits=1.0, picture="pictures/one.png"),
        "pixian": ObservedSide(status=200, seconds=0.4, credits=0.1, picture="pictures/one.png"),
        "shadow": Origin.PIXIAN,
    }
    return Observation(**(told | changes))


@pytest.fixture
def log(tmp_path):
    """Give a function that writes observations, and its folder."""

    def write(*observations, **more):
        place = tmp_path / "log"
        recorder = Recorder(place)
        for one in observations:
            recorder.record(one)
        (place / "pictures").mkdir(exist_ok=True)
        (place / "pictures" / "one.png").write_bytes(GOOD)
        for name, content in more.items():
            (place / name.replace("_", ".")).write_bytes(content)
        return place

    return write


@pytest.mark.parametrize(
    ("origin", "provider", "seconds", "cost"), [("legacy", "removebg", 1.2, 1.0), ("pixian", "pixian", 0.4, 0.1)]
)
def test_one_origin_of_the_observations_is_a_side(log, origin, provider, seconds, cost):
    found = side(log(observed()), origin=origin)
    (item,) = found.items
    assert (found.title, found.provider) == (f"{origin} (observed)", provider)
    assert (item.seconds, item.credits, item.parameters) == (seconds, cost, {"size": "full"})
    assert item.file.read_bytes() == GOOD


def test_both_answers_to_a_call_are_a_pair_however_often_it_was_made(log):
    calls = [observed(parameters={"size": size}) for size in ("full", "preview", "full", "full")]
    place = log(*calls)
    told = compare(side(place, origin="legacy"), side(place, origin="pixian"))
    assert [row.group for row in told.rows] == ["fine"] * 4
    assert sorted(row.parameters["size"] for row in told.rows) == ["full"] * 3 + ["preview"]
    assert len({row.id for row in told.rows}) == 4


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (ObservedSide(status=402, error="OutOfCredits", message="no credits"), "no credits"),
        (ObservedSide(failure="timeout"), "legacy failed: timeout"),
        (ObservedSide(status=500), "legacy failed: 500"),
        (ObservedSide(status=None), "legacy failed: None"),
        (ObservedSide(status=200), "no picture was kept (set pictures = true in [observations])"),
    ],
)
def test_a_call_without_a_picture_says_why(log, told, said):
    (item,) = side(log(observed(legacy=told)), origin="legacy").items
    assert (item.file, item.error) == (None, said)


def test_what_was_never_asked_is_no_answer(log):
    found = side(log(observed(), observed(pixian=None, shadow=None), observed(input_sha256="")), origin="pixian")
    assert len(found.items) == 1


def test_a_picture_that_was_deleted_is_told_in_the_row(log):
    place = log(observed())
    (place / "pictures" / "one.png").unlink()
    (row,) = compare(side(place, origin="legacy"), side(place, origin="pixian")).rows
    assert row.problem == "left: it cannot be read: No such file or directory; right: it cannot be read: No such file or directory"  # fmt: skip


def test_a_picture_that_was_changed_is_told_in_the_row(log):
    one = ObservedSide(status=200, picture="pictures/one.png", sha256=digest(b"another"))
    place = log(observed(pixian=one))
    (row,) = compare(side(place, origin="legacy"), side(place, origin="pixian")).rows
    assert (row.problem, row.group) == ("right: the file is not what was stored: it was changed since", "failed")


def test_half_a_line_and_lines_that_are_none_are_named(log):
    place = log(observed())
    (path,) = place.glob("*.jsonl")
    path.write_text(path.read_text() + "{}\n" + observed().line()[:80])
    found = side(place, origin="legacy")
    assert len(found.items) == 1
    assert [name.split(" (")[0] for name in found.skipped] == [f"{path.name}, line 2", f"{path.name}, line 3"]


def test_all_files_of_a_rotated_log_are_read(log):
    place = log(observed())
    (path,) = place.glob("*.jsonl")
    (place / "20000101T000000-1-abcdef.jsonl").write_text(observed().line() * 2)
    assert len(side(place, origin="legacy").items) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"legacy": ObservedSide(status="ok", picture=["a"], seconds="slow", credits={})},
        {"parameters": {"size": None, "n": 3}},
        {"parameters": None},
        {"parameters": ["size"]},
        {"input_sha256": 17},
        {"legacy": ObservedSide(status=200, picture="../../../etc/passwd", sha256=5, seconds=float("nan"))},
        {"provider": None},
    ],
)
def test_a_record_that_was_tampered_with_does_no_harm(log, changes):
    place = log(observed())
    (path,) = place.glob("*.jsonl")
    path.write_text(path.read_text() + observed(**changes).line())
    found = side(place, origin="legacy")
    assert len(found.items) + len(found.skipped) == 2
    assert all(item.file is None or item.file.parent == place / "pictures" for item in found.items)
    compare(found, side(place, origin="pixian"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{half", "it is no JSON, or only half a line"),
        ("[" * 100_000, "it is no JSON, or only half a line"),
        ("[]", "it must be an object, not a list"),
        ("{}", "format null is not known here"),
        ('{"format": 1}', "it says something else than an observation"),
        ('{"format": 1, "legacy": 5}', "it says something else than an observation"),
        ('{"format": 1, "answered_by": "nobody"}', "it says something else than an observation"),
    ],
)
def test_a_line_that_is_no_observation_is_told_in_words(log, line, said):
    place = log(observed())
    (path,) = place.glob("*.jsonl")
    path.write_text(f"{path.read_text()}{line}\n")
    assert side(place, origin="legacy").skipped == (f"{path.name}, line 2 (no observation: {said})",)


def test_two_providers_in_one_log_have_no_common_credits(log):
    assert side(log(observed(), observed(provider="photoroom")), origin="legacy").provider == ""


def test_an_origin_has_to_be_said(log):
    with pytest.raises(ConfigurationError, match=r"say whose answers, .*log@legacy or .*log@pixian"):
        side(log(observed()))


@pytest.mark.parametrize(
    ("origin", "said"),
    [("left", "an origin is legacy or pixian"), ("pixian", "holds no observation in which pixian was asked")],
)
def test_an_origin_that_does_not_fit_is_told(log, origin, said):
    with pytest.raises(ConfigurationError, match=said):
        side(log(observed(pixian=None, shadow=None)), origin=origin)


def test_a_folder_without_observations_has_no_origins(folder):
    with pytest.raises(ConfigurationError, match="holds no observations, so there is no 'legacy' side in it"):
        side(folder("old", {"a.png": GOOD}), origin="legacy")


def test_pictures_beside_another_log_are_a_folder_of_pictures(folder):
    found = side(folder("old", {"a.png": GOOD, "run.jsonl": b'{"level": "info"}\n' * 50}))
    assert names(found) == ["a.png"]
    assert found.skipped == ("run.jsonl",)


def test_a_log_that_is_no_file_is_not_waited_for(log):
    place = log(observed())
    os.mkfifo(place / "pipe.jsonl")
    (place / "folder.jsonl").mkdir()
    assert side(place, origin="legacy").skipped == ("folder.jsonl (it is no file)", "pipe.jsonl (it is no file)")
