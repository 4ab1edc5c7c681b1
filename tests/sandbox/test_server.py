"""Starting, stopping, serving as a command."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, sleep

import httpx
import pytest

from pixian_shim.errors import ConfigurationError
from pixian_shim.sandbox import Sandbox

SERVE = "from pixian_shim.sandbox import serve; serve(port=0, engine='fast', api_secret='canary-7f3a')"


def test_in_process_sandbox_is_closed_with_its_block():
    with Sandbox(engine="fast") as sandbox:
        http = sandbox.http_client()
        assert http.get("/api/v2/account").status_code == 200
    with pytest.raises(httpx.ConnectError):
        http.get("/api/v2/account")


def test_http_sandbox_frees_its_port_and_its_threads():
    before = {thread.name for thread in threading.enumerate()}
    with Sandbox(engine="fast", http=True) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with sandbox.http_client() as http:
            assert http.get("/api/v2/account").status_code == 200
    assert {thread.name for thread in threading.enumerate()} <= before
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_port_in_use_is_a_clear_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}"):
            Sandbox(engine="fast", http=True, port=port).start()


def test_a_sandbox_starts_once():
    with Sandbox(engine="fast") as sandbox, pytest.raises(ConfigurationError, match="already"):
        sandbox.start()


@pytest.mark.parametrize("engine", ["nonsense", "/nowhere/model.onnx", "isnet:/nowhere/model.onnx", 3])
def test_unknown_engine_is_told_at_the_start(engine):
    with pytest.raises(ConfigurationError):
        Sandbox(engine=engine)


def test_two_sandboxes_know_nothing_of_each_other():
    with Sandbox(engine="fast") as one, Sandbox(engine="fast", http=True) as other:
        one.fault("html")
        other.set_credits(5)
        assert (one.credits, other.credits, other.faults) == (1000, 5, ())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_one_line_and_stops_on_a_signal(kind):
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        url = re.search(r"PIXIAN_BASE_URL=(http://127\.0\.0\.1:\d+)", line)[1]
        assert "canary" not in line
        assert httpx.get(f"{url}/api/v2/account", auth=("sandbox", "canary-7f3a")).status_code == 200
        os.kill(process.pid, kind)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_importing_the_sandbox_is_light():
    heavy = ("numpy", "PIL", "requests", "starlette", "uvicorn", "onnxruntime", "httpx")
    code = f"import sys, pixian_shim.sandbox; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize(("engine", "said"), [("u2netp", True), ("fast", False)])
def test_that_the_model_is_fetched_at_the_first_picture_is_said(engine, said, tmp_path):
    code = f"from pixian_shim.sandbox import serve; serve(port=0, engine={engine!r})"
    env = os.environ | {"PIXIAN_SHIM_CACHE": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=env) as process:
        process.stdout.readline()
        if not said:
            process.terminate()
        assert ("fetched from the package index" in process.stdout.readline()) is said
        process.terminate()


def test_starting_needs_no_pixels():
    code = (
        "import sys\nfrom pixian_shim.sandbox import Sandbox\n"
        "with Sandbox(http=True): print([name for name in ('numpy', 'PIL', 'onnxruntime') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_clients_of_a_sandbox_that_does_not_serve_are_refused():
    sandbox = Sandbox(engine="fast")
    for make in (sandbox.client, sandbox.async_client, sandbox.http_client, sandbox.async_http_client):
        with pytest.raises(ConfigurationError, match="start"):
            make()


def test_starting_works_little_more_than_importing_httpx():
    """Work is counted, not time, which a busy machine stretches; ``make bench`` measures the time."""

    def worked(code):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            line = process.stdout.readline()
            if "http://" in line:
                url = line.partition("=")[2].partition(" ")[0]
                httpx.get(f"{url}/api/v2/account", auth=("sandbox", "canary-7f3a"), trust_env=False).raise_for_status()
            process.terminate()
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
        return usage.ru_utime + usage.ru_stime

    assert min(worked(SERVE) for _ in range(3)) <= 3.5 * min(worked("import httpx; print()") for _ in range(3))


@pytest.mark.parametrize("http", [True, False])
def test_closing_does_not_wait_for_answers_that_are_late(http, capfd):
    with ThreadPoolExecutor(1) as pool:
        with Sandbox(engine="fast", http=http) as sandbox:
            sandbox.fault("latency", seconds=30)
            client = sandbox.http_client()
            pending = pool.submit(client.get, "/api/v2/account")
            while sandbox.faults:
                sleep(0.01)
            started = perf_counter()
        assert perf_counter() - started < 5
        if http:
            pending.exception()
        else:
            with pytest.raises(httpx.ReadError):
                pending.result()
        client.close()
    assert "Traceback" not in capfd.readouterr().err


def test_an_engine_may_be_a_path(tmp_path):
    path = tmp_path / "model.onnx"
    with pytest.raises(ConfigurationError, match="no model file"):
        Sandbox(path).start()
    path.write_bytes(b"")
    with Sandbox(path):
        pass
