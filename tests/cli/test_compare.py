"""``pixian-shim compare``, as someone at a terminal or a build meets it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from compare_sides import FINE, HOLED, png, two_sides
from doubles.removebg_double import GOOD, POOR, RemoveBgDouble
from pictures import photo
from pixian_shim.baseline import Store
from pixian_shim.cli import main
from pixian_shim.compare import Folder
from provider import Provider


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def run(capsys):
    def start(*words):
        code = 0
        try:
            main(["compare", *map(str, words)])
        except SystemExit as ended:
            code = ended.code or 0
        captured = capsys.readouterr()
        return code, " ".join(captured.out.split()), captured.err

    return start


@pytest.fixture
def sides(here):
    two_sides(here, fine=5, bad=1, broken=1)
    return "old", "new"


@pytest.fixture
def photos(here):
    folder = here / "photos"
    folder.mkdir()
    for number in range(3):
        drawn = photo("JPEG", size=(300 + number, 200), subject=(90, 50, 200, 150))
        (folder / f"shoe-{number}.jpg").write_bytes(drawn)
    return folder


@pytest.fixture(scope="module")
def double():
    with RemoveBgDouble() as running:
        yield running


def loaded(place="out/compare"):
    return Folder(place).load()


def test_two_folders(run, sides):
    code, out, err = run(*sides, "--jobs", 1)
    assert code == 0, err
    assert out.startswith("No, not yet. 5 of 7 are fine, 0 should be looked at, 2 are bad.")
    assert "broken-0.png failed right:" in out
    assert "fine-0.png" not in out
    assert out.endswith("Look at out/compare/report.html")
    assert loaded().counts["fine"] == 5


def test_what_failed_for_the_same_reason_is_one_line(run, here):
    two_sides(here, fine=1, bad=2, broken=20)
    for number in range(4):
        (here / "new" / f"more-{number}.png").write_bytes(png(FINE))
    out = run("old", "new", "--jobs", 1)[1]
    assert "20: broken-0.png, broken-1.png, broken-10.png, … failed right:" in out
    assert "4: more-0.png, more-1.png, more-2.png, … unknown there is no partner on the left" in out
    assert out.count("failed right:") == 1
    assert out.count("bad hole") == 2  # what was measured is not the same
    assert "the report shows all 26" in out


def test_a_program_of_its_own_works_on_every_core(sides):
    words = [sys.executable, "-m", "pixian_shim.cli", "compare", *sides, "--jobs", "2", "--images", "none"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "100"})
    assert (done.returncode, done.stderr) == (0, "")
    assert not Path("out/compare/pictures").exists()


def test_worst_pairs_are_drawn_where_the_terminal_can(run, sides):
    blocks = "\N{UPPER HALF BLOCK}"
    assert blocks in run(*sides, "--thumbnails", "always", "--jobs", 1)[1]
    assert blocks not in run(*sides, "--jobs", 1)[1]  # a pipe has no colours
    assert blocks not in run(*sides, "--thumbnails", "always", "--images", "none", "--out", "other", "--jobs", 1)[1]


@pytest.mark.parametrize(
    ("threshold", "code", "says"),
    [
        ("bad=2", 0, ""),
        ("bad=1", 1, "pixian-shim: bad: 2 pairs, at most 1 allowed\n"),
        ("failed=10%", 1, "pixian-shim: failed: 14.3 % of the pairs, at most 10 % allowed\n"),
        ("verdict=no", 1, "pixian-shim: the verdict is 'no'\n"),
    ],
)
def test_a_threshold_ends_the_build(run, sides, threshold, code, says):
    found = run(*sides, "--fail-on", threshold, "--images", "none", "--jobs", 1)
    assert (found[0], found[2]) == (code, says)


def test_a_wrong_threshold_is_told_before_anything_is_measured(run):
    assert run("nowhere", "either", "--fail-on", "bda=0")[::2] == (
        2,
        "pixian-shim: --fail-on 'bda=0': did you mean bad?\n",
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere", "new"), "'nowhere' is no folder, and nobody to ask: pixian, sandbox, rembg, clipdrop"),
        (("old", "new@pixian"), "holds no observations"),
        (("old", "new", "--originals", "nowhere"), "there is no folder nowhere of originals"),
        (("old", "new", "--rules", "nowhere.toml"), "nowhere.toml"),
        (("old", "new", "--prices", "nowhere.toml"), "nowhere.toml"),
        (("old", "new", "--decisions", "nowhere.json"), "nowhere.json cannot be read: No such file or directory"),
        (("old", "new", "--decisions", "old"), "old cannot be read: Is a directory"),
        (("old", "x" * 300), "File name too long"),
        (("old", "sandbox"), "sandbox is to be asked, and there are no photos for it: --originals FOLDER"),
        (("old", "sandbox:slow", "--originals", "old"), "there is no engine 'slow'"),
    ],
)
def test_what_cannot_be_done_is_told(run, sides, words, says):
    code, _, err = run(*words, "--jobs", 1)
    assert code == 2
    assert says in err
    assert len(err.splitlines()) == 1


def test_a_folder_that_is_called_like_a_service_must_be_clear(run, sides, here):
    (here / "new").rename(here / "pixian")
    code, _, err = run("old", "pixian")
    assert code == 2
    assert "write ./pixian for the folder" in err
    assert run("old", "./pixian", "--jobs", 1)[0] == 0


def test_rules_and_noise_and_prices_are_applied(run, sides, here):
    (here / "rules.toml").write_text('[[accept]]\nname = "rings"\ncause = "hole"\nwhy = "they are rings"\n')
    (here / "prices.toml").write_text('currency = "EUR"\n[picture]\nold = 0.25\n')
    code, out, _ = run(*sides, "--rules", "rules.toml", "--prices", "prices.toml", "--noise", "old", "--jobs", 1)
    assert code == 0
    assert "1 accepted" in out or "hole 0 0 1" in out
    assert "EUR in all 1.75 (7 at your price for a picture) no price known" in out
    assert loaded().noise_pairs == 7


def test_prices_prints_a_table_that_can_be_used(run, sides, here):
    main_out = subprocess.run(
        [sys.executable, "-m", "pixian_shim.cli", "compare", "prices"], capture_output=True, text=True, check=True
    ).stdout
    (here / "prices.toml").write_text(main_out)
    assert run(*sides, "--prices", "prices.toml", "--images", "none", "--jobs", 1)[0] == 0


def test_the_sandbox_is_asked_about_the_photos_that_the_other_side_has(run, photos, here):
    (here / "old").mkdir()
    for number in range(2):
        (here / "old" / f"shoe-{number}_no_bg.png").write_bytes(png(FINE))
    code, out, err = run("old", "sandbox:fast", "--originals", photos, "--jobs", 1)
    assert code == 0, err
    assert "answers 2 2" in out
    kept = Store("out/compare/answers/sandbox-fast")
    assert {exchange.name for exchange in kept.exchanges()} == {"shoe-0.jpg", "shoe-1.jpg"}
    assert {exchange.question.parameters["size"] for exchange in kept.exchanges()} == {"auto"}
    row = loaded().rows[0]
    assert row.right.seconds > 0
    assert row.right.credits == pytest.approx(0.06, abs=0.001)  # as the sandbox charges: by the megapixel
    assert "original" in row.views


def test_what_was_answered_is_not_asked_again(run, photos, monkeypatch):
    words = ("sandbox:fast", "sandbox:fast", "--originals", photos, "--images", "none", "--jobs", 1)
    assert run(*words)[0] == 0
    before = [path.read_bytes() for path in sorted(Path("out/compare/answers").rglob("*.json"))]
    assert run(*words)[0] == 0
    assert [path.read_bytes() for path in sorted(Path("out/compare/answers").rglob("*.json"))] == before


def recorded(run_baseline, photos, double, *params, key=GOOD):
    words = ["baseline", "record", str(photos), "--out", "baseline", "--credits", "50", "--at", double.url, *params]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert not ended.value.code


def test_a_baseline_s_questions_are_asked_again_with_its_parameters(run, photos, double, monkeypatch, here):
    monkeypatch.setenv("REMOVE_BG_API_KEY", GOOD)
    (here / "sets.toml").write_text('[[sets]]\nsize = "full"\n[[sets]]\nsize = "full"\ncrop = true\n')
    recorded(run, photos, double, "--sets", "sets.toml", "--keep-originals")
    code, out, err = run("baseline", "sandbox:fast", "--jobs", 1)  # the baseline has kept the photos
    assert code == 0, err
    assert "answers 6 6" in out
    asked = [exchange.question.parameters for exchange in Store("out/compare/answers/sandbox-fast").exchanges()]
    assert sorted(asked, key=len) == [{"size": "full"}] * 3 + [{"crop": "true", "size": "full"}] * 3
    comparison = loaded()
    assert all(row.measures is not None for row in comparison.rows)
    assert {row.parameters.get("crop") for row in comparison.rows} == {None, "true"}
    assert comparison.left.credits == 6.0


def test_the_provider_itself_can_be_asked_with_its_own_key(run, photos, double, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", GOOD)
    words = ("removebg", "sandbox:fast", "--originals", photos, "--at", double.url, "--credits", 10, "--jobs", 1)
    code, out, err = run(*words)
    assert code == 0, err
    assert "credits 0.75 0.1806" in out


def test_a_dry_run_asks_nothing_and_tells_the_price(run, photos, double, monkeypatch):
    before = len(double.requests)
    code, out, _ = run("removebg", "pixian", "--originals", photos, "--at", double.url, "--dry-run")
    assert code == 0
    assert f"removebg ({double.url[7:]}): 3 of 3 calls to make, at most 3 credits; nothing was asked" in out
    assert "pixian: 3 of 3 calls to make, at most 3 credits; nothing was asked" in out
    assert len(double.requests) == before


def test_who_costs_something_needs_a_budget(run, photos, double, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", GOOD)
    code, _, err = run("removebg", "sandbox:fast", "--originals", photos, "--at", double.url)
    assert code == 2
    assert (
        f"removebg ({double.url[7:]}) is to be asked, 3 calls, at most 3 of its own credits: "
        "allow that with --credits 3; --dry-run asks nothing" in err
    )


def test_a_missing_key_is_told(run, photos, monkeypatch):
    for name in ("REMOVE_BG_API_KEY", "REMOVEBG_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = run("removebg", "sandbox:fast", "--originals", photos, "--credits", 5)
    assert code == 2
    assert "REMOVE_BG_API_KEY or REMOVEBG_API_KEY" in err


def test_a_budget_that_ends_leaves_a_comparison_of_what_there_is(run, photos, double, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", GOOD)
    words = ["removebg", "sandbox:fast", "--originals", photos, "--at", double.url, "--jobs", 1]
    code, _, err = run(*words, "--credits", 1.3)
    assert code == 3
    missing = "1 of 3 answers are missing: the budget of 1.3 credits is used up: 0.5 are spent, earlier runs included"
    assert f"pixian-shim: removebg ({double.url[7:]}): {missing}, and the rest can cost 1 more; " in err
    assert "; --credits 1.5 covers all of it\n" in err
    assert len([row for row in loaded().rows if row.measures]) == 2
    said = "1 call, at most 1 of its own credits: allow that with --credits 1.5 (earlier runs included)"
    assert said in run(*words)[2]
    code, _, err = run(*words, "--credits", 1.5)  # the same command goes on
    assert code == 0, err
    assert len([row for row in loaded().rows if row.measures]) == 3


def test_a_side_whose_service_failed_is_asked_again_by_the_same_command(run, photos, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", GOOD)
    provider = Provider()
    headers, provider.status, provider.headers = provider.headers, 503, {"X-Credits-Charged": "0"}
    words = [photos, "removebg", "--at", provider.url, "--credits", 3, "--originals", photos, "--jobs", 1]
    words += ["--images", "none"]
    code, _, err = run(*words)
    assert code == 3
    assert "3 of 3 answers are missing: the service failed at 3, and the same command asks again\n" in err
    provider.status, provider.headers = 200, headers
    assert run(*words)[0] == 0
    assert run(*words)[0] == 0
    assert len(provider.seen) == 6
    provider.close()


def test_a_side_whose_service_failed_and_perhaps_charged_is_asked_again_if_that_is_said(run, photos, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", GOOD)
    provider = Provider()
    headers, provider.status, provider.headers = provider.headers, 503, {}
    words = [photos, "removebg", "--at", provider.url, "--credits", 6, "--originals", photos, "--images", "none"]
    told = "3 of 3 answers are missing: what was perhaps paid for is asked again with --ask-again-unknown\n"
    for _ in range(2):
        code, _, err = run(*words)
        assert code == 3
        assert told in err
    assert len(provider.seen) == 3
    provider.status, provider.headers = 200, headers
    assert run(*words, "--ask-again-unknown")[0] == 0
    provider.close()


def test_a_side_that_answers_nothing_says_why(run, photos, double, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", POOR)
    code, _, err = run("removebg", "sandbox:fast", "--originals", photos, "--at", double.url, "--credits", 9)
    assert code == 2
    assert "there are no credits left" in err


def test_pixian_is_asked_with_its_own_credentials(run, photos, monkeypatch):
    from pixian_shim.sandbox import Sandbox

    with Sandbox(engine="fast", http=True) as sandbox:
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            monkeypatch.setenv(f"PIXIAN_{name}", value)
        code, _, err = run("sandbox:fast", "pixian", "--originals", photos, "--credits", 3, "--jobs", 1)
        assert code == 0, err
        assert len(sandbox.requests) == 3
    assert loaded().verdict.answer == "yes"


def test_a_reviewer_s_file_is_applied_without_measuring_again(run, sides, here):
    run(*sides, "--jobs", 1)
    bad = next(row for row in loaded().rows if row.group == "bad")
    (here / "mine.json").write_text(json.dumps({bad.id: "accept"}))
    code, out, _ = run("report", "out/compare", "--decisions", "mine.json", "--fail-on", "bad=1")
    assert code == 0
    assert "1 accepted" in out or "1 is accepted" in out
    assert "accepted by the reviewer" not in Path("out/compare/summary.md").read_text()
    assert json.loads(Path("out/compare/decisions.json").read_text()) == {bad.id: "accept"}


def test_decisions_are_kept_when_the_same_is_compared_again(run, sides):
    run(*sides, "--jobs", 1)
    bad = next(row for row in loaded().rows if row.group == "bad")
    Folder("out/compare").decide({bad.id: "accept"})
    assert run(*sides, "--fail-on", "bad=1", "--jobs", 1)[0] == 0


def test_report_without_a_comparison(run):
    assert run("report", "nowhere")[::2][0] == 2
    assert "holds no comparison" in run("report", "nowhere")[2]


def test_drift_asks_anew_every_time_and_keeps_a_history(run, photos):
    assert run("sandbox:fast", "sandbox:fast", "--originals", photos, "--jobs", 1)[0] == 0
    golden = "out/compare/answers/sandbox-fast"
    for runs in (1, 2):
        code, out, err = run("drift", golden, "sandbox:fast", "--originals", photos, "--jobs", 1)
        assert code == 0, err
        assert f"{runs} run" in out
        assert len(Path("out/drift/history.jsonl").read_text().splitlines()) == runs
    folders = [path for path in Path("out/drift").iterdir() if path.is_dir()]
    assert len(folders) == 2
    assert all((path / "answers" / "sandbox-fast" / "baseline.json").exists() for path in folders)


def test_drift_fails_on_anything_bad(run, photos, here):
    golden = here / "golden"
    golden.mkdir()
    for number in range(3):
        (golden / f"shoe-{number}.png").write_bytes(png(HOLED.resize((300 + number, 200))))
    code, _, err = run("drift", golden, "sandbox:fast", "--originals", photos, "--jobs", 1)
    assert code == 1
    assert "at most 0 allowed" in err
    last = json.loads(Path("out/drift/history.jsonl").read_text())
    assert last["answer"] == "no"
    assert last["counts"]["bad"] == 3


def test_a_history_that_was_cut_off_goes_on(run, photos):
    run("sandbox:fast", "sandbox:fast", "--originals", photos, "--jobs", 1)
    Path("out/drift").mkdir()
    Path("out/drift/history.jsonl").write_text('{"run": "2026-11-20", "counts": {}, "answer": "yes"}\n{"run": "2026-')
    code, out, _ = run("drift", "out/compare/answers/sandbox-fast", "sandbox:fast", "--originals", photos, "--jobs", 1)
    assert code == 0
    assert "2 runs" in out
    assert len(Path("out/drift/history.jsonl").read_text().splitlines()) == 3


def test_serve_shows_the_report_until_it_is_interrupted(run, sides):
    run(*sides, "--jobs", 1)
    words = [sys.executable, "-m", "pixian_shim.cli", "compare", "serve", "out/compare", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[-1]
            assert b"<!doctype html>" in urlopen(url).read(200).lower()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_serve_of_a_folder_without_a_comparison(run, here):
    code, _, err = run("serve", here, "--port", 0)
    assert code == 2
    assert "holds no comparison" in err


def test_ctrl_c_while_asking_keeps_what_was_answered(photos):
    """A slow engine is asked; the answers so far stay, and the exit code says that some are missing."""
    words = [sys.executable, "-m", "pixian_shim.cli", "compare", "sandbox:fast", "sandbox:fast"]
    for number in range(200):
        (photos / f"more-{number}.jpg").write_bytes(photo("JPEG", size=(900 + number, 600), subject=(90, 50, 500, 400)))
    with subprocess.Popen(
        [*words, "--originals", str(photos), "--images", "none", "--at-once", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        answers = Path("out/compare/answers/sandbox-fast/exchanges")
        end = time.monotonic() + 20
        while time.monotonic() < end and len(list(answers.glob("*.json"))) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode in (2, 3), said
    assert "answers are missing: interrupted" in said
    assert len(list(answers.glob("*.json"))) >= 3
    assert not Path("out/compare/answers/sandbox-fast-2/exchanges").exists()  # nobody else is asked, and paid


def test_comparing_without_numpy_names_what_to_install():
    code = "import sys; sys.modules['numpy'] = None\nimport pixian_shim.compare"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'comparing pictures needs an optional part of this library: pip install "pixian-shim[images]"' in done.stderr


def test_answers_in_test_mode_are_not_taken_for_real_ones(run, photos, monkeypatch):
    """Free answers have a watermark; a paid run after a rehearsal asks anew."""
    from pixian_shim.sandbox import Sandbox

    with Sandbox(engine="fast", http=True) as sandbox:
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            monkeypatch.setenv(f"PIXIAN_{name}", value)
        words = ("sandbox:fast", "pixian", "--originals", photos, "--credits", 9, "--images", "none", "--jobs", 1)
        for test in ("true", "false"):
            monkeypatch.setenv("PIXIAN_TEST", test)
            assert run(*words)[0] == 0
        assert [request.parameters.get("test") for request in sandbox.requests] == ["true"] * 3 + [None] * 3
    assert loaded().right.title == f"pixian ({sandbox.url[7:]})"


def test_only_what_is_asked_now_is_compared(run, photos):
    """The folder of answers holds those to other questions as well."""
    words = ("sandbox:fast", "--originals", photos, "--images", "none", "--jobs", 1)
    Path("old").mkdir()
    for number in range(3):
        Path(f"old/shoe-{number}.png").write_bytes(png(FINE))
    for size in ("auto", "preview"):
        assert run("old", *words, "--param", f"size={size}")[0] == 0
        assert loaded().right.answers == 3
        assert {row.parameters["size"] for row in loaded().rows} == {size}
        assert all(row.measures for row in loaded().rows)


def test_a_side_that_is_named_twice_is_asked_twice(run, photos):
    assert run("sandbox:fast", "sandbox:fast", "--originals", photos, "--images", "none", "--jobs", 1)[0] == 0
    names = sorted(path.name for path in Path("out/compare/answers").iterdir())
    assert names == ["sandbox-fast", "sandbox-fast-2"]


def test_a_folder_is_not_compared_with_itself(run, sides):
    code, _, err = run("old", "./old")
    assert code == 2
    assert "both sides are old: there is nothing to compare" in err


@pytest.mark.parametrize("option", ["--jobs", "--at-once"])
@pytest.mark.parametrize("number", ["0", "-3"])
def test_at_least_one_at_once(run, sides, option, number):
    assert run(*sides, option, number)[0] == 2


def test_a_place_that_cannot_be_written_is_told_before_anybody_is_asked(run, photos, here):
    (here / "afile").write_text("")
    code, _, err = run("sandbox:fast", "sandbox:fast", "--originals", photos, "--out", "afile")
    assert code == 2
    assert "afile cannot be written" in err


def test_decisions_that_belong_to_nothing_are_told(run, sides, here):
    run(*sides, "--jobs", 1)
    (here / "old.json").write_text(json.dumps({"0" * 16: "accept"}))
    _, _, err = run("report", "out/compare", "--decisions", "old.json")
    assert "1 of 1 decisions belong to no pair here" in err


def test_a_reader_that_goes_away_is_no_exceeded_threshold(sides):
    command = f"{sys.executable} -m pixian_shim.cli compare old new --jobs 1 --images none"
    done = subprocess.run(["sh", "-c", f"({command}; echo $? >&2) | true"], capture_output=True, text=True, check=False)
    assert done.stderr.split()[-1:] in (["141"], ["0"])  # by how fast the reader is gone


def test_drift_takes_the_incumbent_s_variance_into_account(run, photos):
    assert run("sandbox:fast", "sandbox:fast", "--originals", photos, "--jobs", 1)[0] == 0
    golden = "out/compare/answers/sandbox-fast"
    words = ("drift", golden, "sandbox:fast", "--originals", photos, "--jobs", 1)
    assert "nosuch" in run(*words, "--noise", "nosuch")[2]
    assert run(*words, "--noise", golden)[0] == 0
    (folder,) = [path for path in Path("out/drift").iterdir() if (path / "report.html").exists()]
    assert "data:image/webp" in (folder / "report.html").read_text()
    assert loaded(folder).noise_pairs == 3


def test_drift_keeps_the_last_runs(run, photos, here):
    assert run("sandbox:fast", "sandbox:fast", "--originals", photos, "--jobs", 1)[0] == 0
    (here / "out/drift/mine").mkdir(parents=True)
    for _ in range(3):
        run("drift", "out/compare/answers/sandbox-fast", "sandbox:fast", "--originals", photos, "--keep", 2)
    assert len([path for path in Path("out/drift").iterdir() if path.is_dir()]) == 3  # two, and one of somebody's own
    assert len(Path("out/drift/history.jsonl").read_text().splitlines()) == 3


def test_drift_asks_somebody(run, sides):
    code, _, err = run("drift", *sides)
    assert code == 2
    assert "new is a folder: drift asks somebody anew" in err


def test_lines_of_a_history_that_are_something_else_are_left_aside(run, photos):
    Path("drift").mkdir()
    lines = [
        "{half",
        "[" * 100_000,
        '{"counts": {"fine": "x"}, "run": 1}',
        '{"run": "r", "answer": "yes", "counts": {}}',
    ]
    lines += ['{"run": "r", "answer": "yes", "counts": {}, "means": {"iou_50": "x"}}']
    Path("drift/history.jsonl").write_text("".join(f"{line}\n" for line in lines))
    out = run("drift", photos, "sandbox:fast", "--originals", photos, "--out", "drift", "--jobs", 1)[1]
    assert "2 runs" in out


def test_a_history_in_another_encoding_is_told(run, photos):
    Path("drift").mkdir()
    Path("drift/history.jsonl").write_bytes("{}\n".encode("utf-16"))
    code, _, err = run("drift", photos, "sandbox:fast", "--originals", photos, "--out", "drift", "--jobs", 1)
    assert (code, "history.jsonl cannot be used: it is not written in UTF-8" in err) == (2, True)


def test_damaged_decisions_are_told_before_anybody_is_asked(run, photos, here):
    (here / "out/compare").mkdir(parents=True)
    (here / "out/compare/decisions.json").write_text("[]")
    code, _, err = run(photos, "sandbox:fast", "--originals", photos, "--jobs", 1)
    assert (code, "out/compare/decisions.json holds no decisions" in err) == (2, True)
    assert not (here / "out/compare/answers").exists()


def test_what_stands_in_the_report_s_place_is_named(run, sides, here):
    (here / "out/compare/report.html").mkdir(parents=True)
    code, _, err = run(*sides, "--images", "none", "--jobs", 1)
    assert (code, err) == (2, "pixian-shim: out/compare/report.html cannot be written: Is a directory\n")


def test_a_port_that_is_none_is_told(run, sides):
    run(*sides, "--images", "none", "--jobs", 1)
    code, _, err = run("serve", "out/compare", "--port", 99999)
    assert (code, err) == (2, "pixian-shim: a port is a number from 0 to 65535, not 99999\n")
