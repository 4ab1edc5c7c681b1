"""``python -m pixian_adapters.rembg``: what the real command line does not have; the rest is in ``test_rembg_conformance.py``."""

import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from drop_ins import fill_disk
from pictures import encoded, opened, photo, picture
from pixian_adapters.rembg import cli, expense, folder
from pixian_shim import Shim, using
from pixian_shim.errors import ImageError
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import _pixels

PNG = photo(size=(80, 60), subject=(20, 10, 50, 40))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", http=True) as running:
        yield running


@pytest.fixture(autouse=True)
def place(sandbox, tmp_path, monkeypatch):
    """Work in a folder with two pictures, on an account that is asked for money."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for name in ("BASE_URL", "API_ID", "API_SECRET", "TEST"):
        monkeypatch.delenv(f"PIXIAN_{name}", raising=False)
    for name in ("a", "b"):
        Path("in").mkdir(exist_ok=True)
        Path("in", f"{name}.png").write_bytes(PNG)
    sandbox.reset()
    with sandbox.client() as client, using(Shim(client, policy="silent")):
        yield tmp_path


@pytest.fixture
def free(sandbox, monkeypatch):
    monkeypatch.setenv("PIXIAN_BASE_URL", sandbox.url)
    monkeypatch.setenv("PIXIAN_API_ID", "sandbox")
    monkeypatch.setenv("PIXIAN_API_SECRET", "sandbox")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def made():
    return sorted(path.name for path in Path("out").glob("*"))


@pytest.mark.parametrize("command", [["p", "in", "out"], ["p", "-w", "in", "out"], ["s"], ["s", "-p", "0"]])
def test_nothing_is_spent_on_many_pictures_unattended(command, sandbox, capsys):
    assert cli.main(command) == 1
    assert "--accept-usage-cost" in capsys.readouterr().err
    assert not sandbox.requests


def test_cost_may_be_accepted_beforehand(sandbox, capsys):
    assert cli.main(["p", "--accept-usage-cost", "in", "out"]) == 0
    assert "This run will send 2 pictures." in capsys.readouterr().err
    assert (made(), len(sandbox.requests)) == (["a.png", "b.png"], 2)


@pytest.mark.parametrize(("answer", "code", "sent"), [("y", 0, 2), ("Yes", 0, 2), ("n", 1, 0), ("", 1, 0)])
def test_somebody_at_a_terminal_is_asked(answer, code, sent, monkeypatch, sandbox, capsys):
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    assert cli.main(["p", "in", "out"]) == code
    assert "Continue?" in capsys.readouterr().err
    assert len(sandbox.requests) == sent


def test_nobody_is_asked_where_nothing_is_left_to_do(sandbox):
    Path("out").mkdir()
    for name in ("a", "b"):
        Path("out", f"{name}.png").touch()
    assert cli.main(["p", "in", "out"]) == 0
    assert not sandbox.requests


def test_nobody_is_asked_where_nothing_is_charged(monkeypatch, capsys):
    assert cli.main(["p", "-x", '{"test": true}', "in", "out"]) == 0
    assert capsys.readouterr().err == ""
    assert made() == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, False),
        ({"PIXIAN_API_ID": "px1", "PIXIAN_API_SECRET": "s"}, False),
        ({"PIXIAN_API_ID": "px1", "PIXIAN_API_SECRET": "s", "PIXIAN_TEST": "true"}, True),
        ({"PIXIAN_API_ID": "px1", "PIXIAN_API_SECRET": "s", "PIXIAN_BASE_URL": "http://127.0.0.1:1"}, True),
    ],
)
def test_free_is_test_mode_or_a_sandbox(settings, found, monkeypatch):
    monkeypatch.setenv("HOME", "/nonexistent")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert expense.free() is found


def test_one_picture_that_is_named_needs_no_question(sandbox):
    assert cli.main(["i", "in/a.png", "cut.png"]) == 0
    assert opened(Path("cut.png").read_bytes()).mode == "RGBA"
    assert len(sandbox.requests) == 1


def test_result_stands_beside_the_picture_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert cli.main(["i", "in/a.png"]) == 0
    assert opened(Path("in/a.out.png").read_bytes()).size == (80, 60)


def test_missing_input_on_a_terminal_is_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert cli.main(["i"]) == 2
    assert "no input" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["i", "in/a.png", "nowhere/cut.png"], 1, "no folder"),
        (["i", "in/a.png", "in"], 1, "cannot be written"),
        (["i", "in/a.png", "in/b.png/cut.png"], 1, "no folder"),
        (["p", "in", "in/a.png"], 1, "the folder in/a.png cannot be made"),
        (["p", "in", "in/a.png/deeper"], 1, "cannot be made"),
        (["i", "-m", "sam", "in/a.png", "cut.png"], 1, "Pixian cannot do"),
        (["i", "-x", '{"bgcolor": "white"}', "in/a.png", "cut.png"], 1, "color must be"),
        (["i", "-x", '{"data": 1}', "in/a.png", "cut.png"], 1, "remove()"),
        (["p", "-m", "u2net_custom", "in", "out"], 1, "Pixian cannot do"),
    ],
)
def test_mistakes_are_one_line_and_cost_nothing(command, code, words, free, capsys, sandbox):
    assert cli.main(command) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert not sandbox.requests
    assert not Path("cut.png").exists()


def test_key_among_the_extras_is_used(sandbox, capsys):
    assert cli.main(["i", "-m", "pixian", "-x", '{"api_key": "sandbox:wrong"}', "in/a.png", "cut.png"]) == 1
    assert "pixian API error (401)" in capsys.readouterr().err
    assert cli.main(["i", "-m", "pixian", "-x", '{"api_key": "sandbox:sandbox"}', "in/a.png", "cut.png"]) == 0


def test_one_broken_picture_does_not_stop_the_others(free, sandbox, capsys):
    Path("in/a.png").write_bytes(PNG[:60])
    assert cli.main(["p", "in", "out"]) == 0
    assert "a.png: " in capsys.readouterr().out
    assert made() == ["b.png"]


def test_pictures_that_are_too_large_or_cannot_be_looked_at_do_not_stop_the_others(free, monkeypatch, capsys):
    Path("in/0.ppm").write_bytes(b"P6 13400 13400 255\n")
    read = Path.read_bytes

    def locked(path):
        if path.name == "1.ppm":
            raise PermissionError(13, "Permission denied")
        return read(path)

    Path("in/1.ppm").write_bytes(b"P6 1 1 255\nabc")
    monkeypatch.setattr(Path, "read_bytes", locked)
    assert cli.main(["p", "in", "out"]) == 0
    large, unread = capsys.readouterr().out.splitlines()
    assert "179560000 pixels" in large
    assert "Permission denied" in unread
    assert made() == ["a.png", "b.png"]


def test_pictures_are_told_by_their_content(free):
    Path("in/notes.png").write_text("remember the milk")
    Path("in/photo").write_bytes(PNG)
    Path("in/scan.ppm").write_bytes(encoded(picture((20, 20), (5, 5, 10, 10)), "PPM"))
    assert cli.main(["p", "in", "out"]) == 0
    assert made() == ["a.png", "b.png", "photo.png", "scan.png"]


def test_two_pictures_of_one_name_are_counted_once(monkeypatch, capsys):
    Path("in/deeper").mkdir()
    Path("in/deeper/a.jpg").write_bytes(PNG)
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    assert cli.main(["p", "in", "out"]) == 1
    assert "2 pictures" in capsys.readouterr().err


def test_result_that_cannot_be_written_is_kept_elsewhere(tmp_path):
    with pytest.raises(OSError, match="the result is in") as caught:
        folder.saved(tmp_path / "nowhere" / "cut.png", PNG)
    assert where_it_is(str(caught.value)) == PNG


def where_it_is(told):
    """Give the file that a line says a result is in, which is gone then."""
    path = Path(told.rpartition("the result is in ")[2].strip())
    content = path.read_bytes()
    path.unlink()
    return content


def test_folder_stops_at_the_first_result_that_cannot_be_written(free, sandbox, monkeypatch, capsys):
    def readonly(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(folder, "check_destination", readonly)
    assert cli.main(["p", "-d", "in", "out"]) == 1
    assert capsys.readouterr().err == "Error: out/a.png cannot be written: Permission denied\n"
    assert (made(), sorted(os.listdir("in")), len(sandbox.requests)) == ([], ["a.png", "b.png"], 0)


def test_folder_stops_where_the_disk_is_full_and_keeps_what_was_paid_for(free, sandbox, monkeypatch, capsys):
    fill_disk(monkeypatch)
    assert cli.main(["p", "-d", "in", "out"]) == 1
    assert opened(where_it_is(capsys.readouterr().err)).size == (80, 60)
    assert (made(), sorted(os.listdir("in")), len(sandbox.requests)) == ([], ["a.png", "b.png"], 1)


# Deleting what has been worked on


@pytest.mark.parametrize("out", ["in", "./in/../in"])
def test_pictures_that_are_their_own_results_are_not_deleted(out, free, sandbox, capsys):
    assert cli.main(["p", "-d", "in", out]) == 0
    assert sorted(os.listdir("in")) == ["a.png", "b.png"]
    assert "a.png: left as it is" in capsys.readouterr().out
    assert not sandbox.requests


def test_result_beside_its_picture_is_none_to_work_on(free, sandbox, capsys):
    Path("in/a.png").rename("in/a.jpg")
    Path("in/b.png").unlink()
    assert cli.main(["p", "-d", "in", "in"]) == 0
    assert os.listdir("in") == ["a.png"]
    assert (capsys.readouterr().out, len(sandbox.requests)) == ("", 1)


def test_only_one_of_two_pictures_of_a_name_is_deleted(free, sandbox, capsys):
    Path("in/deeper").mkdir()
    Path("in/deeper/a.jpg").write_bytes(PNG)
    assert cli.main(["p", "-d", "in", "out"]) == 0
    assert (made(), os.listdir("in"), os.listdir("in/deeper")) == (["a.png", "b.png"], ["deeper"], ["a.jpg"])
    assert capsys.readouterr().out == "in/deeper/a.jpg: left out, as out/a.png is the result of in/a.png\n"
    assert len(sandbox.requests) == 2


def test_picture_whose_result_was_there_before_is_not_deleted(free, sandbox, capsys):
    Path("out").mkdir()
    Path("out/a.png").write_bytes(PNG)
    assert cli.main(["p", "-d", "in", "out"]) == 0
    assert os.listdir("in") == ["a.png"]
    assert "in/a.png: not deleted, as out/a.png was there already" in capsys.readouterr().out
    assert len(sandbox.requests) == 1


def test_picture_that_cannot_be_deleted_is_told_of(free, monkeypatch, capsys):
    unlink = Path.unlink

    def readonly(path):
        if path.parent.name == "in":
            raise PermissionError(13, "Permission denied")
        unlink(path)

    monkeypatch.setattr(Path, "unlink", readonly)
    assert cli.main(["p", "-d", "in", "out"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"in/{name}.png: not deleted: Permission denied" for name in "ab"]
    assert made() == ["a.png", "b.png"]


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_watched_folder_until_stop(free, sandbox, monkeypatch, capsys):
    monkeypatch.setattr(folder, "_SECONDS", 0.02)
    done = threading.Thread(target=lambda: cli.main(["p", "-w", "-d", "in", "out"]))
    done.start()
    wait_until(lambda: made() == ["a.png", "b.png"])
    with open("in/c.png", "wb") as growing:
        for at in range(0, len(PNG), 100):
            growing.write(PNG[at : at + 100])
            growing.flush()
            time.sleep(0.005)
    wait_until(lambda: "c.png" in made())
    Path("in/stop.txt").touch()
    done.join(10)
    assert not done.is_alive()
    assert list(Path("in").iterdir()) == []
    assert "processed: " in capsys.readouterr().out


def test_file_that_still_grows_is_not_paid_for(free, sandbox, monkeypatch):
    growing, stop = Path("in/c.png"), Path("in/stop.txt")
    pieces = [PNG[:60], PNG[:90], PNG[:120], PNG, PNG, PNG]

    def sleep(_seconds):
        if pieces:
            growing.write_bytes(pieces.pop(0))
            os.utime(growing, (0, 0))
        else:
            stop.touch()

    monkeypatch.setattr(folder, "time", SimpleNamespace(sleep=sleep))
    assert cli.main(["p", "-w", "in", "out"]) == 0
    assert made() == ["a.png", "b.png", "c.png"]
    assert len(sandbox.requests) == 3


@pytest.mark.parametrize("command", [["d"], ["d", "u2net"], ["m"], ["m", "--dry-run", "--delete-source"]])
def test_there_are_no_models_to_care_for(command, sandbox, capsys):
    assert cli.main(command) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert not sandbox.requests


@pytest.mark.parametrize("command", [["--version"], ["i", "in/a.png", "cut.png"]])
def test_release_that_is_none_is_told_by_every_command(command, monkeypatch, capsys):
    monkeypatch.setenv("PIXIAN_REMBG_VERSION", "abc")
    assert cli.main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Error: 'abc' is no release of rembg")
    with pytest.raises(SystemExit) as help_is_there:
        cli.main(["--help"])
    assert help_is_there.value.code == 0


@pytest.mark.parametrize(("level", "number"), [("trace", 5), ("TRACE", 5), ("debug", 10), ("critical", 50)])
def test_server_knows_every_level_of_uvicorns(level, number):
    log = logging.getLogger("pixian_shim")
    before = log.level
    try:
        assert cli.main(["s", "-l", level]) == 1, "nobody accepted the cost"
        assert log.level == number
    finally:
        log.setLevel(before)


def test_level_that_is_none_is_told(free, capsys):
    assert cli.main(["s", "-l", "loud"]) == 1
    assert "LOUD" in capsys.readouterr().err


def test_port_is_rembgs():
    assert cli._parser().parse_args(["s"]).port == 7000


def test_server_for_others_needs_keys(free, capsys):
    assert cli.main(["s", "-h", "0.0.0.0"]) == 1
    assert "needs [[keys]]" in capsys.readouterr().err


def environment(sandbox):
    own = {"PIXIAN_BASE_URL": sandbox.url, "PIXIAN_API_ID": "sandbox", "PIXIAN_API_SECRET": "sandbox"}
    return {**os.environ, **own, "PYTHONWARNINGS": "ignore"}


def test_as_a_program_between_pipes(sandbox):
    command = [sys.executable, "-m", "pixian_adapters.rembg", "i", "-om"]
    done = subprocess.run(command, input=PNG, capture_output=True, check=True, env=environment(sandbox))
    assert (opened(done.stdout).mode, done.stderr) == ("L", b"")


def test_result_that_stdout_does_not_take_is_kept(sandbox):
    command = [sys.executable, "-m", "pixian_adapters.rembg", "i", "in/a.png", "-"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=environment(sandbox))
    (line,) = done.stderr.decode().splitlines()
    assert (done.returncode, opened(where_it_is(line)).size) == (1, (80, 60))


@pytest.mark.parametrize("command", [["i", "in/a.png"], ["i", "in/a.png", "-"]])
def test_closed_stdout_is_told_for_free(command, monkeypatch, sandbox, capsys):
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(command) == 1
    assert "stdout is closed" in capsys.readouterr().err
    assert not sandbox.requests


def test_as_a_server_on_its_usual_routes(sandbox):
    command = [sys.executable, "-m", "pixian_adapters.rembg", "s", "-p", "0", "--no-ui", "-t", "2", "-l", "warning"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(sandbox)) as served:
        try:
            line = served.stdout.readline().decode()
            assert "(rembg)" in line
            url = line.split()[2]
            answer = httpx.post(f"{url}/api/remove", files={"file": ("a.png", PNG)}, data={"om": "true"}, timeout=30)
            assert opened(answer.content).mode == "L"
        finally:
            served.send_signal(signal.SIGTERM)
        assert served.wait(20) == 0


@pytest.mark.parametrize("error", [ImageError("the PNG cannot be decoded"), MemoryError()])
@pytest.mark.parametrize(
    "command", [["i", "-ppm", "in/a.png", "o.png"], ["p", "-ppm", "--accept-usage-cost", "in", "out"]], ids=["i", "p"]
)
def test_what_was_paid_for_and_cannot_be_finished_is_kept_and_named(command, error, sandbox, monkeypatch, capsys):
    def fail(*_):
        raise error

    monkeypatch.setattr(_pixels, "finish", fail)
    assert cli.main(command) == 1
    said = capsys.readouterr().err
    assert "could not be finished" in said
    kept = Path(said.rpartition("the result is in ")[2].strip())
    assert opened(kept.read_bytes()).size == (80, 60)
    kept.unlink()
    assert [entry.method for entry in sandbox.requests] == ["POST"]  # the next picture is not paid for
