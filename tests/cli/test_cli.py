"""The command line, as someone at a terminal meets it."""

import json
import subprocess
import sys

import pytest

from free_provider import installed
from pixian_shim.cli import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    captured = capsys.readouterr()
    return ended.value.code or 0, captured.out, captured.err


def flat(text):
    return " ".join(text.split())


def test_explain_says_what_becomes_of_each_parameter(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = run(
        capsys, "explain", "removebg", "size=hd", "roi=10% 10% 90% 90%", "shadow_type=car", "bg_colour=red"
    )
    words = flat(out)
    assert code == 0
    assert "size hd converted" in words
    assert "roi 10% 10% 90% 90% emulated" in words
    assert "shadow_type car ignored" in words
    assert "Did you mean bg_color?" in words
    assert "Pixian is asked: max_pixels=4000000, output.format=png" in words
    assert "cut out 10% 10% to 90% 90% before the upload" in words


def test_explain_says_when_nothing_is_done_here(capsys):
    assert "nothing, its answer is passed on byte for byte" in flat(run(capsys, "explain", "removebg", "size=auto")[1])


def test_explain_without_parameters_prints_the_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    main_out = None
    try:
        main(["explain", "removebg"])
    except SystemExit as ended:
        assert not ended.code
    main_out = flat(capsys.readouterr().out)
    assert "image_file_b64" in main_out
    assert "shadow_opacity" in main_out


def test_explain_on_a_narrow_terminal_prints_a_block_for_each_parameter(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(capsys, "explain", "removebg")[1].splitlines()
    assert "shadow_type  approximated" in [line.rstrip() for line in lines]
    assert max(map(len, lines)) <= 80


def test_explain_alone_lists_the_providers(capsys):
    code, out, _ = run(capsys, "explain")
    assert code == 0
    assert {"pixian_v1                Pixian.AI v1", "removebg                 remove.bg"} <= set(out.split("\n"))


@pytest.fixture
def free(tmp_path):
    with pytest.MonkeyPatch.context() as patch, installed(tmp_path, patch) as adapter:
        yield adapter


@pytest.mark.usefixtures("free")
def test_explain_lists_the_operations_of_a_provider_that_has_several(capsys):
    assert {"free                     Free", "free:draw                Free, draw"} <= set(
        run(capsys, "explain")[1].split("\n")
    )


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize(("word", "operation"), [("free", "cut"), ("free:cut", "cut"), ("free:draw", "draw")])
def test_explain_takes_an_operation_after_a_colon(capsys, monkeypatch, word, operation):
    monkeypatch.setenv("COLUMNS", "200")
    assert f"What {operation} does." in run(capsys, "explain", word)[1]
    told = json.loads(run(capsys, "explain", word, "line=1", "--json")[1])
    assert told["operation"] == operation
    assert [note["verdict"] for note in told["notes"]] == ["ignored" if operation == "cut" else "emulated"]


@pytest.mark.usefixtures("free")
def test_an_operation_that_is_not_there_is_told_with_those_that_are(capsys):
    code, _, err = run(capsys, "explain", "free:paint")
    assert code
    assert "free has no operation 'paint' with parameters; there is free:cut, free:draw" in flat(err)


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize("width", [60, 400])
def test_providers_prints_one_matrix_of_all_of_them(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = run(capsys, "providers")
    lines = [" ".join(line.split()) for line in out.split("\n")]
    assert code == 0
    assert max(map(len, out.split("\n"))) <= width
    assert "emulated done here on pixels, same result" in lines
    if width == 400:  # enough for all of them side by side
        (outline,) = (line for line in lines if line.startswith("outline"))
        assert "converted to emulated" in outline


@pytest.mark.usefixtures("free")
def test_providers_for_machines(capsys):
    rows = json.loads(run(capsys, "providers", "--json")[1])
    assert {"provider": "free", "capability": "outline", "best": "converted", "worst": "emulated"} in rows
    assert {"provider": "removebg", "capability": "region", "best": "emulated", "worst": "emulated"} in rows


def test_explain_tells_what_is_laid_out(capsys):
    """In the words of a plan, as any provider may make it."""
    from pixian_shim.cli._work import work_of
    from pixian_shim.geometry import Length, Margin, Size
    from pixian_shim.translation import Arrange, CastShadow, HardenMatte, KeepColours, Outline, Output, Plan

    steps = (
        HardenMatte(),
        KeepColours(),
        Arrange(canvas=Size(800, 0), snap=(True, False)),
        Arrange(
            canvas="subject", margin=Margin.parse("9px"), at_most=(200, None), scaling="keep", reference="original"
        ),
        Outline(width=Length(3, "%"), colour=(1, 2, 3, 4)),
        CastShadow(opacity=0.25, blur=Length(4, "px"), offset=(-3, 5)),
    )
    assert work_of(Plan(steps=steps, output=Output("avif", dpi=300), transparent_input="matte")) == [
        "use the transparency of an original that has some, without asking Pixian",
        "make the matte smooth and hard",
        "give the subject the original's own colours",
        "fit the subject into a canvas of 800 x as the aspect has it, at 50% 50%, against the edges that it touches",
        "put the whole picture, at its own size, on a canvas of the subject's size (width at most 200), at 50% 50%, margin 9px",
        "draw a line of 3% around the subject",
        "cast a shadow of 25%, moved by -3 5, blurred by 4px",
        "write AVIF with 300 dpi",
    ]
    assert work_of(Plan(transparent_input="drop")) == ["drop the original's transparency before the upload"]


def test_explain_shows_names_in_brackets(capsys):
    assert "shadow_type[other]" in run(capsys, "explain", "removebg", "shadow_type[other]=drop")[1]


def test_explain_says_what_is_done_beyond_25_megapixels(capsys):
    assert "enlarge the matte" in flat(run(capsys, "explain", "removebg", "size=50MP", "format=jpg")[1])


def test_explain_shows_the_legacy_error(capsys):
    code, out, _ = run(capsys, "explain", "removebg", "scale=5%")
    assert code == 2
    assert "invalid_scale" in out


def test_explain_for_machines(capsys):
    code, out, _ = run(capsys, "explain", "removebg", "crop=true", "type=car", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["pixian"] == {"max_pixels": "250000", "result.crop_to_foreground": "true"}
    assert {note["name"]: note["verdict"] for note in told["notes"]} == {
        "crop": "converted",
        "type": "ignored",
        "size": "converted",
    }
    assert told["error"] is None


def test_explain_strict_fails_where_something_is_lost(capsys):
    assert run(capsys, "explain", "removebg", "type=car", "--strict")[0] == 1
    assert run(capsys, "explain", "removebg", "size=hd", "--strict")[0] == 0


def test_files_are_named_and_not_read(capsys):
    code, out, _ = run(capsys, "explain", "removebg", "image_file=no-such.jpg", "--json")
    assert code == 0
    assert "no-such.jpg" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["explain", "remove-bg"], "did you mean 'removebg'"),
        (["explain", "removebg", "size"], "name=value"),
    ],
)
def test_mistakes_end_with_one_line_and_exit_code_2(capsys, words, message):
    code, _, err = run(capsys, *words)
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1


def test_account_without_credentials_says_where_they_go(capsys, monkeypatch, tmp_path):
    for name in ("PIXIAN_API_ID", "PIXIAN_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, "account")
    assert code == 2
    assert "PIXIAN_API_ID" in err


def test_account_shows_credits(capsys, monkeypatch):
    from pixian_shim.sandbox import Sandbox

    with Sandbox(engine="fast", http=True, credits=12.5) as sandbox:
        monkeypatch.setenv("PIXIAN_BASE_URL", sandbox.url)
        monkeypatch.setenv("PIXIAN_API_ID", "sandbox")
        monkeypatch.setenv("PIXIAN_API_SECRET", "sandbox")
        assert "12.5 credits" in run(capsys, "account")[1]
        assert json.loads(run(capsys, "account", "--json")[1])["credits"] == 12.5


def test_missing_extra_is_named(tmp_path):
    code = "import sys; sys.modules['cyclopts'] = None; from pixian_shim.cli import main; main(['explain', 'removebg'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert 'pip install "pixian-shim[cli]"' in done.stderr


@pytest.fixture
def observed(tmp_path):
    from pixian_shim.rollout import Decision, Observation, Origin, Reason, Recorder, Side, Stage

    recorder = Recorder(tmp_path / "seen")
    fine = Side(status=200, seconds=1.5, credits=1.0, width=10, height=10, sha256="a", size=3)
    decision = Decision(origin=Origin.LEGACY, stage=Stage.SHADOW, reason=Reason.STATIC, shadow=True)
    common = {"provider": "removebg", "decision": decision, "answered_by": Origin.LEGACY, "legacy": fine}
    recorder.record(Observation(**common, pixian=fine, shadow=Origin.PIXIAN))
    recorder.record(Observation(**common, shadow=Origin.PIXIAN, dropped="budget"))
    lost = Side(error="TimedOut", failure="timeout", seconds=60.0)
    recorder.record(Observation(**common, pixian=lost, shadow=Origin.PIXIAN))
    return tmp_path / "seen"


def test_rollout_status_counts_what_was_observed(capsys, observed, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    (observed / "cut.jsonl").write_text('{"format": 1, "provid')
    code, out, _ = run(capsys, "rollout", "status", str(observed))
    words = flat(out)
    assert code == 0
    assert "3 calls; 1 have a picture of either side" in words
    assert "shadow 3 0" in words
    assert "pixian 2 1 timeout 1 1 60.00 s 60.00 s" in words
    assert "shadow calls not made: 1 budget" in words


def test_rollout_status_for_machines(capsys, observed):
    told = json.loads(run(capsys, "rollout", "status", str(observed), "--json")[1])
    assert told["origins"]["legacy"] | {"p50": 0, "p99": 0} == {
        "asked": 3,
        "answered": 3,
        "credits": 3.0,
        "doubtful": 0,
        "failures": {},
        "p50": 0,
        "p99": 0,
    }
    assert (told["calls"], told["both"], told["dropped"]) == (3, 1, {"budget": 1})


def test_rollout_decide_says_who_would_answer_and_why(capsys, tmp_path):
    file = tmp_path / "rollout.toml"
    file.write_text('stage = "canary"\npercent = 100\n')
    assert run(capsys, "rollout", "decide", str(file), "customer-17")[1].startswith(
        "pixian (stage canary, split, bucket "
    )
    code, _, err = run(capsys, "rollout", "decide", str(tmp_path / "none.toml"), "x")
    assert (code, "cannot be read" in err) == (2, True)


def test_rollout_status_of_no_folder_is_told(capsys, tmp_path):
    code, _, err = run(capsys, "rollout", "status", str(tmp_path / "none"))
    assert (code, "there is no folder" in err) == (2, True)
