"""Programs that are started by ``pixian-shim run``: what they do, what is left alone, and what is told afterwards."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path
from textwrap import dedent

import pytest

from free_provider import installed
from pictures import opened, photo
from pixian_shim.errors import ConfigurationError
from pixian_shim.launcher import run
from pixian_shim.launcher._run import SITE, _checked, environment
from pixian_shim.sandbox import Sandbox

SECRET = "a-secret-of-some-length"
LEGACY_KEY = "LegacyKeyOf24Characters."
CALLING = f"""
import requests
def call(**data):
    with open("photo.png", "rb") as file:
        return requests.post(
            "https://api.remove.bg/v1.0/removebg",
            files={{"image_file": file}}, data=data, headers={{"X-Api-Key": "{LEGACY_KEY}"}},
        )
"""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast", http=True, api_secret=SECRET) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def folder(sandbox, tmp_path, monkeypatch):
    """The program's folder, with a picture, and an environment that leads to the sandbox."""
    sandbox.reset()
    for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", SECRET)):
        monkeypatch.setenv(f"PIXIAN_{name}", value)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("photo.png").write_bytes(photo())
    Path("calling.py").write_text(CALLING)
    return tmp_path


@pytest.fixture
def launch(capfd):
    """Run a program, given as code or as a command, and give its exit code, output and the summary."""

    def launch(program, *arguments, **options):
        if isinstance(program, str):
            Path("app.py").write_text(dedent(program))
            program = [sys.executable, "app.py"]
        code = run([*program, *arguments], **{"providers": ["removebg"], **options})
        return code, *capfd.readouterr()

    return launch


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """A Python that has no pixian-shim."""
    folder = tmp_path_factory.mktemp("foreign")
    venv.create(folder, symlinks=True)
    return str(folder / "bin" / "python")


def launcher(code, **options):
    """Start a launcher of its own."""
    Path("app.py").write_text(dedent(code))
    start = "import sys; from pixian_shim.launcher import run; sys.exit(run([sys.executable, 'app.py']))"
    return subprocess.Popen([sys.executable, "-c", start], **options)


def calls(summary):
    """Give the summary's first line."""
    return summary.splitlines()[0].removeprefix("pixian-shim: ")


class TestPrograms:
    def test_a_script_gets_its_picture_and_keeps_its_output_and_exit_code(self, launch, sandbox):
        code, out, err = launch(
            """
            import sys, warnings
            from calling import call
            warnings.simplefilter("ignore")
            response = call(size="auto", type="car")
            open("out.png", "wb").write(response.content)
            print(response.status_code)
            sys.exit(3)
            """
        )
        assert (code, out) == (3, "200\n")
        assert opened(Path("out.png").read_bytes()).mode == "RGBA"
        assert err.splitlines() == [
            "pixian-shim: 1 call, none failed",
            "  calls       removebg  removebg  1",
            "  processes   1",
            f"  credits     {1000 - sandbox.credits:g} charged",
            next(line for line in err.splitlines() if "median" in line),
            "  parameters  type        ignored    1",
            "              image_file  converted  1",
            "              size        converted  1",
        ]

    def test_a_module_and_every_provider_where_none_is_named(self, launch):
        Path("package").mkdir()
        Path("package/__main__.py").write_text("from calling import call\nprint(__name__, call().status_code)")
        code, out, err = launch([sys.executable, "-m", "package"], providers=())
        assert (code, out, calls(err)) == (0, "__main__ 200\n", "1 call, none failed")

    def test_a_provider_that_costs_nothing_is_answered_only_where_it_is_named(self, tmp_path):
        with pytest.MonkeyPatch.context() as patch, installed(tmp_path, patch):
            assert "free" not in _checked((), None, (), ())
            assert _checked(("free",), None, (), ()) == ("free",)

    def test_an_address_in_an_answer_is_good_in_every_process_of_the_program(self, launch, tmp_path, monkeypatch):
        paths = [str(tmp_path), *(entry for entry in sys.path if entry.endswith("tests"))]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        program = """
            import json, subprocess, sys, requests
            with open("photo.png", "rb") as file:
                url, key = "https://api.linked.example/v1.0/removebg", {"X-Api-Key": "k"}
                reply = requests.post(url, files={"image_file": file}, headers=key)
            get = "import requests, sys; print(requests.get(sys.argv[1]).headers['content-type'])"
            subprocess.run([sys.executable, "-c", get, reply.json()["url"]], check=True)
        """
        with pytest.MonkeyPatch.context() as patch, installed(tmp_path, patch, "linked", "LINKED"):
            code, out, _ = launch(program, providers=["linked"])
        assert (code, out) == (0, "image/png\n")

    def test_pytest(self, launch, monkeypatch):
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        Path("test_it.py").write_text(
            dedent("""
            from calling import call
            def test_it(): assert call().status_code == 200
            def test_fails(): assert 0
            """)
        )
        code, out, err = launch([sys.executable, "-m", "pytest", "-q"])
        assert code == 1
        assert "1 failed, 1 passed" in out
        assert calls(err) == "1 call, none failed"

    def test_further_addresses_are_answered_too(self, launch):
        Path("calling.py").write_text(CALLING.replace("https://api.remove.bg", "http://images.internal:8080"))
        code, out, _ = launch("from calling import call; print(call().status_code)", also=["images.internal:8080"])
        assert (code, out) == (0, "200\n")

    def test_drop_ins_are_imported_under_their_legacy_name_and_written_down(self, launch):
        code, _, err = launch(
            """
            import removebg
            removebg.RemoveBg("key", "errors.log").remove_background_from_img_file("photo.png")
            """,
            aliases=["removebg"],
        )
        assert (code, calls(err)) == (0, "1 call, none failed")
        assert opened(Path("photo.png_no_bg.png").read_bytes()).mode == "RGBA"

    def test_the_policy_is_the_programs(self, launch):
        code, out, err = launch("from calling import call; print(call(type='car').status_code)", policy="strict")
        assert (code, out) == (0, "400\n")
        assert "Refused  1  removebg: type=car: ignored." in err
        assert max(map(len, err.splitlines())) == 80


class TestProcesses:
    def test_workers_that_were_forked_and_killed_are_counted(self, launch, sandbox):
        code, _, err = launch(
            """
            import os, signal
            from calling import call
            call()
            for _ in range(2):
                if os.fork() == 0:
                    call()
                    call()
                    os.kill(os.getpid(), signal.SIGKILL)
            for _ in range(2):
                assert os.wait()[1] == signal.SIGKILL
            """
        )
        assert (code, calls(err)) == (0, "5 calls, none failed")
        assert "  processes   3\n" in err
        assert len(sandbox.requests) == 5

    def test_multiprocessing_spawn(self, launch):
        code, out, err = launch(
            """
            import multiprocessing
            def work(_):
                from calling import call
                return call().status_code
            if __name__ == "__main__":
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    print(pool.map(work, range(2)))
            """
        )
        assert (code, out, calls(err)) == (0, "[200, 200]\n", "2 calls, none failed")

    def test_a_subprocess_of_a_subprocess(self, launch):
        Path("inner.py").write_text("from calling import call; print(call().status_code)")
        code, out, err = launch(
            ["sh", "-c", f"'{sys.executable}' -S -c 'print(1)'; '{sys.executable}' inner.py; exit 4"]
        )
        assert (code, out, calls(err)) == (4, "1\n200\n", "1 call, none failed")

    def test_a_process_that_outlives_the_launcher_goes_on(self, launch):
        Path("late.py").write_text(
            dedent("""
            import os, time
            from calling import call
            for _ in range(1000):
                os.path.exists("launcher has ended") or time.sleep(0.02)
            code = call().status_code
            print(code, flush=True)
            """)
        )
        code, _, err = launch(
            """
            import subprocess, sys
            subprocess.Popen([sys.executable, "late.py"], stdout=open("late.txt", "w"), stderr=subprocess.STDOUT)
            """
        )
        assert (code, calls(err)) == (0, "no call reached a provider")
        Path("launcher has ended").write_text("")
        until = time.monotonic() + 20
        while not Path("late.txt").read_text() and time.monotonic() < until:
            time.sleep(0.02)
        assert Path("late.txt").read_text() == "200\n"


class TestEndings:
    @pytest.mark.parametrize(
        ("statement", "expected"),
        [("raise SystemExit('wrong')", 1), ("os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL)],
    )
    def test_the_exit_code_is_the_programs(self, launch, statement, expected):
        assert launch(f"import os, signal\n{statement}", quiet=True)[0] == expected

    def test_a_program_that_does_not_exist_is_127(self, launch):
        assert launch(["no-such-program"]) == (127, "", "pixian-shim: there is no program 'no-such-program'\n")

    def test_a_script_that_cannot_be_executed_is_126(self, launch):
        Path("app.py").write_text("")
        code, out, err = launch(["./app.py"])
        assert (code, out) == (126, "")
        assert err == "pixian-shim: './app.py' cannot be started: Permission denied; did you mean: python ./app.py\n"

    @pytest.mark.parametrize(
        ("command", "options", "message"),
        [
            ([], {}, "stands after --, as in: pixian-shim run --provider removebg -- python app.py"),
            (["--polcy", "python"], {}, "'--polcy' is no program; it stands after --"),
            (["python"], {"providers": ["remove.bg"]}, "did you mean 'removebg'"),
            (["python"], {"policy": "loud"}, "unknown policy 'loud'"),
            (["python"], {"aliases": ["remove-bg"]}, "did you mean 'removebg'"),
            (["python"], {"also": ["a b"], "providers": ["removebg"]}, "'a b' is no address"),
            (["python"], {"also": ["x.example"]}, "name it, such as removebg"),
            (["python"], {"summary_json": Path("no/such/file")}, "there is no folder .*no/such"),
        ],
    )
    def test_mistakes_are_told_before_anything_is_started(self, command, options, message):
        with pytest.raises(ConfigurationError, match=message):
            run(command, **options)


class TestSignals:
    def test_are_passed_on_once_each(self):
        started = launcher(
            """
            import os, signal, sys, time
            def handle(number, _):  # which may interrupt a print, and must not print itself
                os.write(1, (signal.Signals(number).name + "\\n").encode())
                if number == signal.SIGTERM: sys.exit(7)
            for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGQUIT", "SIGTERM"):
                signal.signal(getattr(signal, name), handle)
            print("ready", flush=True)
            for _ in range(90): time.sleep(0.1)
            """,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # no terminal
        )
        with started:
            assert started.stdout.readline() == "ready\n"
            for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGQUIT", "SIGTERM"):
                started.send_signal(getattr(signal, name))
                assert started.stdout.readline() == f"{name}\n"
            assert started.wait() == 7
            assert "no call reached a provider" in started.stderr.read()

    def test_ctrl_c_is_left_to_the_terminal_and_the_summary_is_written(self):
        keyboard, theirs = pty.openpty()
        started = launcher(
            """
            import time
            try:
                print("ready", flush=True)
                print("still here after", input(), flush=True)
                time.sleep(9)
            except KeyboardInterrupt:
                print("interrupted", flush=True)
                raise SystemExit(5)
            """,
            stdin=theirs,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # a session's first terminal is its own
        )
        with started, open(keyboard, "r+b", buffering=0) as terminal:
            assert terminal.readline() == b"ready\r\n"
            started.send_signal(signal.SIGINT)  # passed on as well, a key would come twice
            time.sleep(0.1)
            terminal.write(b"this\n")
            assert [terminal.readline(), terminal.readline()] == [b"this\r\n", b"still here after this\r\n"]
            terminal.write(b"\x03")
            assert started.wait() == 5
            assert terminal.readline().endswith(b"interrupted\r\n")
            assert "no call reached a provider" in started.stderr.read()
        os.close(theirs)

    def test_what_is_ignored_stays_ignored(self, launch):
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            _, out, _ = launch("from signal import *; print(getsignal(SIGHUP), getsignal(SIGINT).__name__)")
        finally:
            signal.signal(signal.SIGHUP, before)
        assert out == "1 default_int_handler\n"

    def test_handlers_are_given_back(self, launch):
        before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
        launch(["true"])
        assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before


class TestEnvironment:
    def test_input_goes_through(self, launch):
        Path("input").write_bytes(b"\x00\xff\r\nabc")
        before = os.dup(0)
        try:
            with open("input") as file:
                os.dup2(file.fileno(), 0)
            launch("import sys; open('seen', 'wb').write(sys.stdin.buffer.read())")
        finally:
            os.dup2(before, 0)
            os.close(before)
        assert Path("seen").read_bytes() == b"\x00\xff\r\nabc"

    def test_the_users_path_and_sitecustomize_are_kept(self, launch, folder, monkeypatch):
        for name in ("one", "two"):
            (folder / name).mkdir()
        (folder / "one" / "mine.py").write_text("")
        (folder / "two" / "sitecustomize.py").write_text("import sys; sys.is_mine = __file__")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder / "one"), str(folder / "two")]))
        code, out, err = launch(
            """
            import json, sys, mine, sitecustomize
            from calling import call
            print(json.dumps([sys.path[1:3], sys.is_mine, sitecustomize.__file__, call().status_code]))
            """
        )
        assert (code, calls(err)) == (0, "1 call, none failed")
        two = str(folder / "two")
        assert json.loads(out) == [[str(folder / "one"), two], *[f"{two}/sitecustomize.py"] * 2, 200]

    def test_a_sitecustomize_that_fails_is_told_of_and_does_no_harm_as_ever(self, launch, folder, monkeypatch):
        (folder / "sitecustomize.py").write_text("1 / 0")
        monkeypatch.setenv("PYTHONPATH", str(folder))
        code, out, err = launch("from calling import call; print(call().status_code)")
        assert (code, out) == (0, "200\n")
        assert err.startswith("Error in sitecustomize; set PYTHONVERBOSE for traceback:\nZeroDivisionError")

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (None, [SITE]),
            ("", [SITE]),
            ("a", [SITE, "a"]),
            (f"a{os.pathsep}", [SITE, "a", ""]),
            (f"{SITE}{os.pathsep}a", [SITE, "a"]),
            (f"{SITE}", [SITE]),
        ],
    )
    def test_an_empty_path_does_not_become_the_working_directory(self, before, after):
        own = {} if before is None else {"PYTHONPATH": before}
        assert environment(own, {})["PYTHONPATH"] == os.pathsep.join(map(str, after))

    def test_files_that_were_handed_down_stay_open(self, launch):
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        launch(f"import os; os.write({writing}, b'handed down')")
        os.close(writing)
        with open(reading) as pipe:
            assert pipe.read() == "handed down"

    def test_nothing_happens_without_a_launcher(self, folder):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; print(*[n for n in sys.modules if n.startswith('pixian') or n == 'json'])",
            ],
            env={"PYTHONPATH": str(SITE)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("\n", "")


class TestSetUpThatFails:
    def test_ends_the_program_before_it_runs(self):
        settings = {"folder": "", "providers": ["no-such"], "policy": None, "also": [], "aliases": [], "launcher": 0}
        done = subprocess.run(
            [sys.executable, "-c", "print('it runs')"],
            env=environment(os.environ, settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("pixian-shim: no adapter is called 'no-such'; ")
        assert done.stderr.count("\n") == 1

    def test_in_a_python_without_it_says_which_python_has_it(self, launch, foreign):
        code, out, err = launch([foreign, "-c", "print('it runs')"], quiet=True)
        assert (code, out) == (2, "")
        assert err == (
            f"pixian-shim: {foreign} cannot import pixian_shim; install pixian-shim for it, or use {sys.executable}, "
            "which has it\n"
        )

    def test_in_a_tool_with_a_python_of_its_own_does_not_stop_the_tool(self, launch, foreign):
        code, out, err = launch(["sh", "-c", f"{foreign} -c 'print(1)'; exit 0"], quiet=True)
        assert (code, out) == (0, "1\n")
        assert "cannot import pixian_shim" in err


class TestSummary:
    def test_no_call_is_told_with_a_hint(self, launch):
        _, out, err = launch("print(1)")
        assert out == "1\n"
        assert err.startswith("pixian-shim: no call reached a provider\n  Answered would be: removebg.")

    def test_no_python_is_told_with_another_hint(self, launch):
        _, _, err = launch([sys.executable, "-I", "-c", ""])
        assert "No Python process took part. The options -I, -E and -S" in err

    def test_is_written_for_machines(self, launch, sandbox):
        code, _, err = launch(
            "from calling import call; call(type='car'); call(size='enormous')",
            policy="silent",
            quiet=True,
            summary_json=Path("told.json"),
        )
        assert (code, err) == (0, "")
        told = json.loads(Path("told.json").read_text())
        assert told["seconds"]["median"] <= told["seconds"]["max"]
        assert {name: told[name] for name in ("calls", "failed", "operations", "credits", "failures")} == {
            "calls": 2,
            "failed": 1,
            "operations": [{"provider": "removebg", "operation": "removebg", "count": 2}],
            "credits": pytest.approx(1000 - sandbox.credits),
            "failures": [{"error": "TranslationError", "count": 1, "message": told["failures"][0]["message"]}],
        }
        assert {"provider": "removebg", "name": "type", "verdict": "ignored", "count": 1} in told["parameters"]

    def test_holds_no_secret_and_leaves_nothing_behind(self, launch):
        _, out, err = launch(
            f"""
            import json, os, pathlib
            from calling import call
            settings = os.environ["PIXIAN_SHIM_RUN"]
            call(size="{LEGACY_KEY}", image_url="https://me:{SECRET}@x.example/?sign={SECRET}")
            call(api_key="{LEGACY_KEY}", other="{LEGACY_KEY} and {SECRET}")
            print(settings, *[path.read_text() for path in pathlib.Path(json.loads(settings)["folder"]).iterdir()], sep="\\n")
            """,
            policy="silent",
            summary_json=Path("told.json"),
        )
        assert out.count('"provider": "removebg"') == 2
        assert '"name": "api_key"' in out
        for text in (out, err, Path("told.json").read_text()):
            assert SECRET not in text
            assert LEGACY_KEY not in text
        assert not Path(json.loads(out.splitlines()[0])["folder"]).exists()
