"""How soon a sandbox that was just started answers, beside an import of httpx; in fresh processes, taking turns."""

import subprocess
import sys
import time

import httpx
from figures import Figure

ROUNDS = 7
SERVE = "from pixian_shim.sandbox import serve; serve(port=0, api_secret='sandbox')"


def seconds(code):
    """Time a process from its start to its first line, or to the first answer of the server that the line names."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        if "http://" in line:
            url = line.partition("=")[2].partition(" ")[0]
            httpx.get(f"{url}/api/v2/account", auth=("sandbox", "sandbox"), trust_env=False).raise_for_status()
        taken = time.perf_counter() - started
        process.terminate()
    return taken


def measure():
    """Give the fastest of some rounds."""
    turns = [(seconds(SERVE), seconds("import httpx; print()")) for _ in range(ROUNDS)]
    answer, imported = map(min, zip(*turns, strict=True))
    beside = f"import httpx {imported * 1e3:.0f} ms"
    return [Figure("sandbox: first answer after the process's start", answer * 1e3, "ms", 300, False, beside)]


if __name__ == "__main__":
    print(*measure(), sep="\n")
