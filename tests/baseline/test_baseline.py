"""A baseline: recorded once, paid for once, whole or not at all, and replayed byte for byte."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import requests

import pixian_shim
from pictures import photo
from pixian_shim import errors
from pixian_shim.baseline import BaselineWriter, Question, Recording, Replay, Store, verify
from pixian_shim.baseline._server import ReplayServer
from pixian_shim.legacy import Budget, LegacyHost
from pixian_shim.rollout import Flag, Rollout, load_rollout
from pixian_shim.translation import HttpRequest, HttpResponse, load
from provider import PICTURE, Provider

KEY = "legacy-key-of-mine"
URL = "https://api.remove.bg/v1.0/removebg"
SHIM = [sys.executable, "-m", "pixian_shim.cli"]


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def adapter():
    return load("removebg")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(photo(size=(60 + number, 60), subject=(10, 10, 50, 50)))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def record(adapter, provider, photos, tmp_path):
    def run(*, credits=100, key=KEY, sets=({},), at=None, timeout=5, **options):
        recording = Recording(adapter, [photos], tmp_path / "baseline", sets=sets)
        with LegacyHost({"removebg": at or provider.url}, timeout=timeout) as host:
            return recording.run(key, credits, host=host, **options)

    return run


def command(*arguments, env=None, **options):
    environ = {**os.environ, "REMOVE_BG_API_KEY": KEY} | (env or {})
    return subprocess.run(
        [*SHIM, *map(str, arguments)], env=environ, capture_output=True, text=True, timeout=60, check=False, **options
    )


def test_every_photo_is_asked_for_once(record, provider, tmp_path):
    report = record()
    assert (report.photos, report.made, report.credits, report.complete) == (4, 4, 4.0, True)
    assert report.skipped == [str(tmp_path / "photos" / "notes.txt")]
    again = record()
    assert (again.recorded, again.made, again.complete) == (4, 0, True)
    assert len(provider.seen) == 4


def test_every_set_of_parameters_is_a_question_of_its_own(record, provider):
    report = record(sets=({}, {"size": "full"}, {"size": "full", "crop": "true"}))
    assert (report.calls, report.made) == (12, 12)
    assert record(sets=({"crop": "true", "size": "full"},)).recorded == 4


def test_what_is_stored_is_what_came(record, provider, tmp_path):
    record()
    store = Store(tmp_path / "baseline")
    for exchange in store.exchanges():
        assert store.body(exchange) == PICTURE
        assert exchange.headers["x-type"] == "product"
        assert (exchange.width, exchange.height, exchange.credits) == (400, 300, 1.0)
    assert verify(tmp_path / "baseline").problems == []


def test_a_key_is_nowhere_in_the_folder(record, tmp_path):
    record(originals=True)
    files = [path for path in (tmp_path / "baseline").rglob("*") if path.is_file()]
    assert len(files) > 6
    assert not any(KEY.encode() in path.read_bytes() for path in files)


def test_originals_are_kept_only_when_that_is_said(record, tmp_path):
    record(limit=1)
    assert not (tmp_path / "baseline" / "originals").exists()
    record(originals=True)
    assert len(list((tmp_path / "baseline" / "originals").rglob("*.png"))) == 3


def test_a_budget_ends_the_run_and_a_larger_one_goes_on(record, provider):
    report = record(credits=2, sets=({"size": "full"},))
    assert (report.made, report.left) == (2, 2)
    assert "budget of 2 credits" in report.stopped
    assert record(credits=2, sets=({"size": "full"},)).made == 0
    assert record(credits=4, sets=({"size": "full"},)).made == 2
    assert len(provider.seen) == 4


def test_what_calls_under_way_turn_out_not_to_cost_can_be_spent(record, provider):
    provider.headers, provider.delay = provider.headers | {"X-Credits-Charged": "0.25"}, 0.1
    report = record(credits=2, sets=({"size": "full"},))  # each may cost 1
    assert (report.made, report.stopped) == (4, "")


def test_a_budget_that_is_too_small_says_what_is_enough(record, provider):
    report = record(credits=2, sets=({"size": "full"},))
    said = "the budget of 2 credits is used up: 2 are spent, earlier runs included, and the rest can cost 2 more"
    assert (report.stopped, report.enough) == (said, 4.0)
    assert record(credits=4, sets=({"size": "full"},)).complete


def test_the_command_names_the_option_that_is_enough(provider, photos, tmp_path):
    arguments = ["baseline", "record", photos, "--out", tmp_path / "b", "--param", "size=full", "--at", provider.url]
    ended = command(*arguments, "--credits", 2)
    assert "and the rest can cost 2 more; --credits 4 covers all of it" in ended.stdout
    assert "--credits 4 covers all of it" in command(*arguments).stderr
    dry = command(*arguments, "--credits", 3, "--dry-run").stdout
    assert "at most 2 credits" in dry
    assert "--credits 3 does not cover all of them; --credits 4 does" in dry


def test_previews_are_reserved_as_such(record, provider):
    provider.headers = provider.headers | {"X-Credits-Charged": "0.25"}
    assert record(credits=0.99).made == 3


@pytest.mark.parametrize(("status", "said"), [(402, "no credits left"), (403, "key is not accepted")])
def test_what_is_the_same_for_every_call_ends_the_run(record, provider, status, said):
    provider.status, provider.body = status, b'{"errors":[{"title":"why"}]}'
    report = record(jobs=1)
    assert said in report.stopped
    assert "why" in report.stopped
    assert len(provider.seen) == 1
    provider.status, provider.body = 200, PICTURE
    assert record().complete


def test_a_refusal_of_a_picture_is_an_answer(record, provider, tmp_path):
    provider.status, provider.headers = 400, {"Content-Type": "application/json"}
    provider.body = b'{"errors":[{"title":"Could not identify foreground in image.","code":"unknown_foreground"}]}'
    report = record()
    assert (report.made, report.refused, report.credits) == (4, 4, 0.0)
    assert record().recorded == 4


def test_a_service_that_failed_and_perhaps_charged_is_asked_again_if_that_is_said(record, provider, tmp_path):
    provider.status, provider.headers = 503, {"Content-Type": "text/plain"}
    report = record()
    assert (report.made, report.refused, report.failed, report.doubtful, report.left) == (0, 0, 0, 4, 4)
    found = verify(tmp_path / "baseline")
    assert (found.exchanges, found.failed, found.unknown, found.problems) == (4, 0, 4, [])
    provider.status, provider.headers = 200, {"Content-Type": "image/png", "X-Credits-Charged": "0.25"}
    left = record()
    assert (left.unknown, left.made, len(provider.seen)) == (4, 0, 4)
    again = record(again=True)
    assert (again.made, again.complete, verify(tmp_path / "baseline").unknown) == (4, True, 0)


@pytest.mark.parametrize(
    ("status", "told"), [(408, {}), (500, {"X-Credits-Charged": "0"}), (503, {"X-Credits-Charged": "0"})]
)
def test_a_service_that_failed_for_nothing_is_asked_again_by_the_next_run(record, provider, tmp_path, status, told):
    provider.status, provider.headers = status, {"Content-Type": "text/plain"} | told
    report = record(credits=1)
    assert (report.made, report.failed, report.left, report.complete) == (4, 4, 4, False)
    assert verify(tmp_path / "baseline").failed == 4
    provider.status, provider.headers = 200, {"Content-Type": "image/png", "X-Credits-Charged": "0.25"}
    again = record(credits=1)  # the failures were free
    assert (again.recorded, again.made, again.failed, again.complete) == (0, 4, 0, True)
    assert record().recorded == 4
    assert len(provider.seen) == 8
    found = verify(tmp_path / "baseline")
    assert (found.exchanges, found.failed, found.credits, found.problems) == (4, 0, 1.0, [])


@pytest.mark.parametrize(
    ("status", "credits", "known", "unknown"),
    [
        (429, 0.0, False, False),
        (502, 0, False, False),
        (502, None, False, True),  # nobody knows what it cost
        (500, 0.1, True, False),  # paid for, and the answer could not be made of it
        (404, 0.0, True, False),
        (200, 0.0, True, False),
        (200, None, True, False),
    ],
)
def test_only_what_certainly_cost_nothing_is_asked_again(tmp_path, status, credits, known, unknown):
    store, question = Store(tmp_path, create="removebg"), Question("removebg", "removebg", "", {})
    store.keep(question, HttpResponse(status, {}, b"why"), seconds=1, credits=credits)
    assert (store.known(question), store.unknown(question)) == (known, unknown)


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
def test_a_refusal_is_not_asked_again(record, provider, status):
    provider.status, provider.headers = status, {"Content-Type": "application/json"}
    assert record().complete
    assert record().recorded == 4
    assert len(provider.seen) == 4


def test_a_failure_that_was_charged_is_not_asked_again(record, provider):
    provider.status = 500
    assert record().credits == 4
    assert record().recorded == 4
    assert len(provider.seen) == 4


def test_asking_again_what_failed_may_be_cut_off_as_well(record, provider, tmp_path):
    provider.status, provider.headers = 503, {"X-Credits-Charged": "0"}
    record()
    provider.hang_up = True
    assert record(jobs=1).doubtful == 3
    provider.hang_up, provider.status, provider.headers = False, 200, {"X-Credits-Charged": "1"}
    resumed = record()
    assert (resumed.unknown, resumed.made, resumed.left) == (3, 1, 3)
    assert verify(tmp_path / "baseline").unknown == 3
    assert record(again=True).complete
    assert verify(tmp_path / "baseline").unknown == 0


def test_a_damaged_answer_is_not_paid_for_again(record, provider, tmp_path):
    record()
    next((tmp_path / "baseline" / "exchanges").glob("*.json")).write_text("{half")
    assert record().recorded == 4
    assert len(provider.seen) == 4


def test_what_verify_advises_of_damage_mends_it(record, tmp_path):
    record()
    folder = tmp_path / "baseline"
    damaged = next(path for path in (folder / "answers").rglob("*") if path.is_file())
    damaged.write_bytes(b"half")
    assert any("not what was stored" in problem for problem in verify(folder).problems)
    for path in (folder / "exchanges").glob("*.json"):
        path.unlink()
    record()
    assert not verify(folder).problems


def test_the_command_says_that_the_service_failed_and_may_have_charged(provider, photos, tmp_path):
    provider.status, provider.headers = 503, {}
    arguments = ["baseline", "record", photos, "--out", tmp_path / "b", "--credits", 100, "--at", provider.url]
    ended = command(*arguments)
    assert ended.returncode == 1
    assert "4 calls got no answer, or the service failed: perhaps paid for (--ask-again-unknown" in ended.stdout
    assert "4 calls have no answer" in command("baseline", "verify", tmp_path / "b").stdout
    provider.status = 200
    assert command(*arguments, "--ask-again-unknown").returncode == 0


def test_the_command_says_that_the_service_failed(provider, photos, tmp_path):
    provider.status, provider.headers = 503, {"X-Credits-Charged": "0"}
    arguments = ["baseline", "record", photos, "--out", tmp_path / "b", "--credits", 1, "--at", provider.url]
    ended = command(*arguments)
    assert ended.returncode == 1
    assert "the service failed at 4 of them: the same command asks again" in ended.stdout
    assert "the service failed at 4 of them" in command("baseline", "verify", tmp_path / "b").stdout
    provider.status = 200
    assert command(*arguments).returncode == 0


def test_too_many_requests_are_waited_for(record, provider, monkeypatch):
    provider.status, provider.headers = 429, provider.headers | {"Retry-After": "0"}

    def recover():
        time.sleep(0.3)
        provider.status = 200

    thread = threading.Thread(target=recover)
    thread.start()
    report = record(jobs=1)
    thread.join()
    assert report.complete
    assert len(provider.seen) > 4


def test_an_unanswered_call_is_not_asked_again_unless_that_is_said(record, provider):
    provider.hang_up = True
    report = record(jobs=1)
    assert report.doubtful == 3
    assert report.stopped
    provider.hang_up = False
    resumed = record()
    assert (resumed.unknown, resumed.made, resumed.left) == (3, 1, 3)
    assert record(again=True).complete


def test_what_may_have_been_paid_for_counts_as_spent(record, provider, tmp_path):
    provider.delay = 1.0
    record(timeout=0.2, jobs=1, limit=1)
    assert Budget(9, per="total", path=tmp_path / "baseline" / "budget.db", name="baseline").spent == 0.25


def test_a_service_that_cannot_be_reached_costs_nothing(record, provider, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    report = record(at=f"http://127.0.0.1:{port}", jobs=1)
    assert "could not be reached" in report.stopped
    assert record().complete


def test_a_service_that_is_gone_is_said_plainly(record, provider):
    provider.status = 410
    assert "its service is gone" in record(jobs=1).stopped


def test_an_answer_that_cannot_be_stored_stops_the_spending(record, provider, tmp_path, monkeypatch):
    record(limit=1)
    from pixian_shim.pixian import _file

    write = _file.write

    def full(path, content, **options):
        if "answers" in str(path):
            raise OSError(28, "No space left on device", str(path))
        return write(path, content, **options)

    monkeypatch.setattr(_file, "write", full)
    provider.body = photo()
    report = record(jobs=1)
    assert "No space left" in report.stopped
    assert "was paid for and cannot be stored" in report.stopped
    assert len(provider.seen) == 2


def test_killed_in_the_middle_nothing_is_paid_for_twice(provider, photos, tmp_path):
    provider.delay = 0.3
    out = tmp_path / "baseline"
    arguments = ["baseline", "record", photos, "--out", out, "--credits", 100, "--at", provider.url, "--jobs", 1]
    environ = {**os.environ, "REMOVE_BG_API_KEY": KEY}
    process = subprocess.Popen([*SHIM, *map(str, arguments)], env=environ)
    end = time.monotonic() + 30
    while len(provider.seen) < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stored = len(list((out / "exchanges").glob("*.json")))
    asked = len(provider.seen)
    assert 1 <= stored < 4
    assert verify(out).problems == []
    provider.delay = 0
    ended = command(*arguments)
    assert len(provider.seen) == 4
    assert verify(out).unknown == asked - stored
    assert ended.returncode == (0 if asked == stored else 1), ended.stdout + ended.stderr
    bodies = [seen.body for seen in provider.seen]
    sent = [sum((photos / f"{number}.png").read_bytes() in body for body in bodies) for number in range(4)]
    assert sent == [1, 1, 1, 1]


def test_interrupted_it_finishes_what_is_under_way(provider, photos, tmp_path):
    provider.delay = 0.5
    out = tmp_path / "baseline"
    arguments = ["baseline", "record", photos, "--out", out, "--credits", 100, "--at", provider.url, "--jobs", 1]
    environ = {**os.environ, "REMOVE_BG_API_KEY": KEY}
    process = subprocess.Popen(
        [*SHIM, *map(str, arguments)],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=deaf_no_more,  # noqa: PLW1509 (it only sets a signal)
    )
    while not provider.seen:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "interrupted" in said
    assert (verify(out).exchanges, verify(out).unknown) == (1, 0)


def deaf_no_more():
    """Undo what a shell does to whatever it starts in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_a_dry_run_asks_nothing_and_says_what_it_would_cost(provider, photos, tmp_path):
    said = command(
        "baseline", "record", photos, "--out", tmp_path / "b", "--dry-run", "--at", provider.url, "--credits", 1
    )
    assert said.returncode == 0, said.stderr
    assert "4 calls to make, at most 1 credits" in said.stdout
    said = command(
        "baseline", "record", photos, "--out", tmp_path / "b", "--dry-run", "--param", "size=full", "--credits", 1
    )
    assert "at most 4 credits" in said.stdout
    assert "does not cover" in said.stdout
    assert not provider.seen
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["photos", "--out", "b"], "--credits 1 covers"),
        (["nowhere", "--out", "b", "--credits", "1"], "there is no nowhere"),
        (["photos/notes.txt/..", "--out", "b", "--credits", "1"], "there is no"),
        (["photos", "--out", "b", "--credits", "1", "--param", "size"], "no name=value"),
        (["empty", "--out", "b", "--credits", "1"], "no pictures were found in empty: .jpeg, .jpg, .png, .webp are"),
        (["--out", "b", "--credits", "1"], "name photos, or folders of photos"),
        (["x" * 300, "--out", "b", "--credits", "1"], "File name too long"),
        (["photos", "--out", "b", "--credits", "1", "--at", "http://["], "is no address such as"),
        (["photos", "--out", "b", "--credits", "1", "--at", "http://a:99999"], "is no address such as"),
        (["--observe", "--out", "photos/notes.txt", "--", "true"], "--out names the folder of the baseline"),
        (["photos", "--out", "b", "--credits", "-1"], "from 0 on"),
        (["photos", "--out", "b", "--credits", "1", "--jobs", "0"], "1 or more"),
        (["photos", "--out", "b", "--credits", "1", "--limit", "-1"], "0 or more"),
        (["photos", "--out", "b", "--credits", "1", "--provider", "pixian_v1"], "no service of its own"),
        (["photos", "--out", "photos/notes.txt", "--credits", "1"], "cannot be written: Not a directory"),
    ],
)
def test_mistakes_are_told_in_one_line(photos, tmp_path, arguments, said):
    (tmp_path / "empty").mkdir()
    root = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join(f"{root}/{name}" for name in ("src", "adapters"))
    ended = command("baseline", "record", *arguments, cwd=tmp_path, env={"PYTHONPATH": paths})
    assert ended.returncode == 2, ended.stdout
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no [[sets]]: write each set of parameters below a line [[sets]]"),
        ("sets = [5]", "holds no [[sets]]"),
        ("sets = []", "holds no [[sets]]"),
        ("[[sets", "is no TOML: Expected"),
        ("[[sets]]\nsize = [1]", "size is text, a number, or true or false, not a list"),
        ("[[sets]]\nsize = 2020-01-01", "size is text, a number, or true or false, not 2020-01-01"),
    ],
)
def test_a_wrong_file_of_sets_says_what_is_wrong(photos, tmp_path, text, said):
    sets = tmp_path / "sets.toml"
    sets.write_text(text)
    ended = command("baseline", "record", photos, "--out", tmp_path / "b", "--sets", sets, "--dry-run")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert f"{sets}" in ended.stderr
    assert said in ended.stderr


def test_a_key_is_taken_from_the_environment_only(photos, tmp_path):
    ended = command(
        "baseline", "record", photos, "--out", tmp_path / "b", "--credits", 1, env={"REMOVE_BG_API_KEY": ""}
    )
    assert ended.returncode == 2
    assert "REMOVE_BG_API_KEY or REMOVEBG_API_KEY" in ended.stderr


# Verify


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder, one: next((folder / "answers").rglob("*.png")).write_bytes(b"other"), "not what was stored"),
        (lambda folder, one: next((folder / "answers").rglob("*.png")).unlink(), "cannot be read"),
        (lambda folder, one: one.write_text(one.read_text()[:40]), "is no JSON"),
        (lambda folder, one: one.write_text("[]"), "must be an object, not a list"),
        (lambda folder, one: one.write_text("{}"), "has no question"),
        (lambda folder, one: one.write_text(one.read_text().replace('"size": ', '"size": "x", "s": ')), "has no 's'"),
        (
            lambda folder, one: one.write_text(one.read_text().replace('"size": ', '"size": "x", "width": ')),
            "size must be a whole number, not 'x'",
        ),
        (
            lambda folder, one: one.write_text(one.read_text().replace('"suffix": ".png"', '"suffix": "/../../x"')),
            "names no file",
        ),
        (
            lambda folder, one: one.write_text(one.read_text().replace('"status": 200', '"status": "200"')),
            "status must be a whole number, not '200'",
        ),
        (lambda folder, one: one.rename(one.with_name("0" * 64 + ".json")), "another question"),
        (lambda folder, one: one.write_text("[" * 100_000), "is nested too deeply"),
    ],
)
def test_damage_is_found(record, tmp_path, damage, said):
    record()
    folder = tmp_path / "baseline"
    damage(folder, next((folder / "exchanges").glob("*.json")))
    found = verify(folder)
    assert any(said in problem for problem in found.problems)
    ended = command("baseline", "verify", folder)
    assert ended.returncode == 1
    assert said in ended.stdout
    assert "is recorded anew, and paid for, once its file in" in ended.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("[]", "must be an object, not a list"),
        ('{"format": 1}', "has no provider"),
        ('{"format": 1, "provider": 5}', "provider must be text, not 5"),
        ("[" * 100_000, "is nested too deeply to be read"),
    ],
)
def test_a_folder_that_says_something_else_of_itself_is_told(tmp_path, text, said):
    (tmp_path / "baseline.json").write_text(text)
    with pytest.raises(
        errors.ConfigurationError, match=f"baseline.json.* {said}; of a baseline of remove.bg's answers"
    ):
        Store(tmp_path)


def test_a_damaged_answer_is_not_replayed_as_a_matter_of_keys(recorded, photos):
    for path in (recorded / "exchanges").glob("*.json"):
        path.write_text("[]")
    form = {"image_file": (photos / "0.png").read_bytes()}
    with ReplayServer(recorded) as server:
        answer = requests.post(f"{server.url}/v1.0/removebg", files=form, headers={"X-Api-Key": "any"}, timeout=10)
    assert answer.json()["errors"][0]["title"] == "The baseline is damaged"
    assert "must be an object, not a list" in answer.json()["errors"][0]["detail"]


def test_a_folder_that_is_no_baseline_is_told(tmp_path, record):
    with pytest.raises(errors.ConfigurationError, match="no baseline"):
        verify(tmp_path)
    record(limit=1)
    about = tmp_path / "baseline" / "baseline.json"
    about.write_text(json.dumps({"format": 9, "provider": "removebg"}))
    with pytest.raises(errors.ConfigurationError, match="format 9"):
        Store(tmp_path / "baseline")
    about.write_text(json.dumps({"format": 1, "provider": "clipdrop"}))
    with pytest.raises(errors.ConfigurationError, match="of clipdrop, not of removebg"):
        Store(tmp_path / "baseline", create="removebg")


# Replay


@pytest.fixture
def recorded(record, tmp_path):
    record(sets=({}, {"size": "full", "crop": "true"}))
    return tmp_path / "baseline"


def test_it_answers_byte_for_byte(recorded, photos):
    content = (photos / "0.png").read_bytes()
    with ReplayServer(recorded) as server:
        answer = requests.post(
            f"{server.url}/v1.0/removebg",
            files={"image_file": ("other-name.png", content)},
            data={"crop": "true", "size": "full", "bg_color": ""},
            headers={"X-Api-Key": "any"},
            timeout=10,
        )
    assert (answer.status_code, answer.content, answer.headers["X-Credits-Charged"]) == (200, PICTURE, "1")


def test_the_same_question_may_be_put_as_json(recorded, photos):
    text = base64.b64encode((photos / "0.png").read_bytes()).decode()
    with ReplayServer(recorded) as server:
        answer = httpx.post(f"{server.url}/v1.0/removebg", json={"image_file_b64": text}, headers={"X-Api-Key": "any"})
    assert answer.content == PICTURE


def test_what_it_does_not_hold_is_said_in_the_providers_shape(recorded, photos):
    def ask(content, **fields):
        with ReplayServer(recorded) as server:
            return requests.post(
                f"{server.url}/v1.0/removebg",
                files={"image_file": content},
                data=fields,
                headers={"X-Api-Key": "any"},
                timeout=10,
            )

    answer = ask((photos / "0.png").read_bytes(), size="hd")
    error = answer.json()["errors"][0]
    assert answer.status_code == 400
    assert "no such call" in error["title"]
    assert "'size': 'full'" in error["detail"]
    assert "does not know" in ask(photo()).json()["errors"][0]["detail"]


def test_it_can_be_as_slow_as_the_provider_was(record, provider, photos, tmp_path, adapter):
    provider.delay = 0.4
    record(limit=1, jobs=1)
    from pixian_shim.pixian import Upload
    from pixian_shim.translation import Form

    asked = HttpRequest("POST", URL, {"X-Api-Key": "k"}, parsed=Form.of([("image_file", Upload.of(photos / "0.png"))]))
    began = time.monotonic()
    assert Replay(tmp_path / "baseline", real_time=True).serve(asked).status == 200
    assert time.monotonic() - began > 0.35


def test_the_fixture_answers_requests_in_a_users_tests(recorded, photos, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "pytest.ini").write_text(f"[pytest]\nlegacy_baseline = {recorded}\n")
    (project / "conftest.py").write_text('pytest_plugins = ["pixian_shim.baseline.pytest"]\n')
    (project / "test_mine.py").write_text(
        textwrap.dedent(f"""
        import requests

        def test_it(legacy_baseline):
            with open({str(photos / "1.png")!r}, "rb") as file:
                answer = requests.post({URL!r}, files={{"image_file": file}}, headers={{"X-Api-Key": "k"}})
            assert answer.status_code == 200
            assert len(answer.content) == {len(PICTURE)}

        def test_unknown(legacy_baseline):
            answer = requests.post({URL!r}, files={{"image_file": b"x"}}, headers={{"X-Api-Key": "k"}})
            assert "no such call" in answer.json()["errors"][0]["title"]
        """)
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", str(project)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=project,
    )
    assert "2 passed" in ended.stdout, ended.stdout


# Live traffic


def rolled(provider, folder, **options):
    return Rollout(Flag(stage="off"), legacy={"removebg": provider.url}, baseline=BaselineWriter(folder, **options))


def test_live_traffic_is_kept_and_can_be_replayed(provider, tmp_path):
    content = photo()
    with rolled(provider, tmp_path / "b") as rollout, pixian_shim.intercept("removebg", shim=rollout):
        for _ in range(2):
            requests.post(URL, files={"image_file": content}, headers={"X-Api-Key": KEY}, timeout=10)
    assert verify(tmp_path / "b").exchanges == 1
    with ReplayServer(tmp_path / "b") as server:
        answer = requests.post(
            f"{server.url}/v1.0/removebg", files={"image_file": content}, headers={"X-Api-Key": "k"}, timeout=10
        )
    assert answer.content == PICTURE
    assert len(provider.seen) == 2


def test_how_a_provider_fails_on_a_day_is_no_baseline(provider, tmp_path):
    provider.status = 503
    with rolled(provider, tmp_path / "b") as rollout, pixian_shim.intercept("removebg", shim=rollout):
        requests.post(URL, files={"image_file": photo()}, headers={"X-Api-Key": KEY}, timeout=10)
    assert verify(tmp_path / "b").exchanges == 0


def test_live_traffic_takes_the_place_of_a_recorded_failure(record, provider, photos, tmp_path):
    headers, provider.status, provider.headers = provider.headers, 503, {"X-Credits-Charged": "0"}
    record()
    provider.status, provider.headers = 200, headers
    with rolled(provider, tmp_path / "baseline") as rollout, pixian_shim.intercept("removebg", shim=rollout):
        content = (photos / "0.png").read_bytes()
        requests.post(URL, files={"image_file": content}, headers={"X-Api-Key": KEY}, timeout=10)
    assert verify(tmp_path / "baseline").failed == 3


def test_a_baseline_that_cannot_be_written_does_not_affect_a_call(provider, tmp_path, caplog):
    (tmp_path / "b").write_text("a file, no folder")
    with rolled(provider, tmp_path / "b") as rollout, pixian_shim.intercept("removebg", shim=rollout):
        answers = [
            requests.post(URL, files={"image_file": photo()}, headers={"X-Api-Key": KEY}, timeout=10) for _ in range(2)
        ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert caplog.text.count("is not written any more") == 1


def test_a_baseline_has_a_size_limit(provider, tmp_path):
    rollout = rolled(provider, tmp_path / "b", max_bytes=len(PICTURE))
    with rollout, pixian_shim.intercept("removebg", shim=rollout):
        for number in range(3):
            content = photo(size=(90 + number, 90), subject=None)
            requests.post(URL, files={"image_file": content}, headers={"X-Api-Key": KEY}, timeout=10)
    assert verify(tmp_path / "b").exchanges == 1


def test_a_program_can_be_observed_unedited(provider, tmp_path):
    program = tmp_path / "app.py"
    (tmp_path / "photo.png").write_bytes(photo())
    program.write_text(
        textwrap.dedent(f"""
        import requests
        with open("photo.png", "rb") as file:
            answer = requests.post({URL!r}, files={{"image_file": file}}, data={{"size": "auto"}}, headers={{"X-Api-Key": "k"}})
        print(answer.status_code, len(answer.content))
        """)
    )
    kept = tmp_path / "kept"
    options = ["--observe", "--out", kept, "--at", provider.url]
    ended = command("baseline", "record", *options, "--", sys.executable, program, cwd=tmp_path)
    assert ended.stdout.split() == ["200", str(len(PICTURE))], ended.stderr
    assert verify(kept).exchanges == 1


def test_a_rollout_file_may_name_a_baseline(provider, tmp_path):
    file = tmp_path / "rollout.toml"
    file.write_text('stage = "off"\n[baseline]\nfoldr = "x"\n')
    with pytest.raises(errors.ConfigurationError, match="did you mean 'folder'"):
        load_rollout(file)


# Budget


def test_fifty_workers_spend_exactly_what_they_may(tmp_path):
    for path in (None, tmp_path / "budget.db"):
        budget = Budget(10, path=path)
        with ThreadPoolExecutor(50) as pool:
            made = list(pool.map(budget.reserve, [0.1] * 300))
        assert sum(one is not None for one in made) == 100
        assert (budget.spent, budget.left) == (10.0, 0.0)


def test_processes_share_a_budget(tmp_path):
    program = (
        "from pixian_shim.legacy import Budget; import sys;"
        f"b = Budget(5, path={str(tmp_path / 'budget.db')!r});"
        "print(sum(b.reserve(0.1) is not None for _ in range(40)))"
    )
    running = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sum(int(one.communicate(timeout=60)[0]) for one in running) == 50


def test_a_clock_that_is_set_back_finds_what_was_spent(tmp_path):
    now = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC)]
    budget = Budget(1, path=tmp_path / "b.db", clock=lambda: now[0])
    assert budget.reserve(1)
    now[0] = datetime(2026, 11, 24, 0, 1, tzinfo=UTC)
    assert budget.reserve(1)
    now[0] = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert not budget.reserve(0.01)
    now[0] = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert not budget.reserve(0.01)


def test_what_was_charged_replaces_what_was_reserved():
    budget = Budget(1)
    first = budget.reserve(1)
    assert budget.reserve(0.5) is None
    budget.settle(first, 0.25)
    assert budget.left == 0.75
    budget.settle(budget.reserve(0.5), None)
    assert budget.left == 0.25


def test_a_call_that_cost_more_than_was_thought_leaves_nothing():
    budget = Budget(1)
    budget.settle(budget.reserve(0.5), 3)
    assert (budget.left, budget.reserve(0)) == (0.0, None)


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "1", True, None])
def test_a_budget_that_is_no_number_is_told(wrong):
    with pytest.raises(errors.ConfigurationError):
        Budget(wrong)


def test_a_budget_in_a_file_that_is_none_is_told(tmp_path):
    (tmp_path / "b.db").write_bytes(b"no database, but quite long enough to be read as one" * 30)
    with pytest.raises(errors.ConfigurationError, match="cannot be used"):
        Budget(1, path=tmp_path / "b.db")


def test_a_question_is_known_again_whatever_the_order(adapter, photos):
    from pixian_shim.pixian import Upload
    from pixian_shim.translation import Call, Form

    def question(*pairs):
        form = Form.of([("image_file", Upload.of(photos / "0.png")), *pairs])
        return Question.of(adapter, Call("removebg", "removebg", form, KEY)).key

    assert question(("size", "full"), ("crop", "true")) == question(("crop", "true"), ("size", "full"), ("roi", ""))
    assert question(("size", "full")) != question(("size", "hd"))
