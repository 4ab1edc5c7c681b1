"""What importing the remove.bg drop-in costs, beside httpx alone; each import in a fresh interpreter, taking turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from figures import Figure

ROUNDS = 15
TIMED = "import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
HEAVY = ("numpy", "PIL", "requests", "starlette", "onnxruntime", "rich")


def seconds(module: str) -> float:
    """Time one import."""
    return float(output(TIMED.format(module=module)))


def output(code: str) -> str:
    """Run code in a fresh interpreter that may keep its bytecode, as any installed package does."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env).stdout


def heavy_modules(module: str) -> list[str]:
    """Name the heavy packages that an import pulls in."""
    return output(f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])").split()


def measure() -> list[Figure]:
    """Give the ratio of the medians."""
    seconds("httpx"), seconds("pixian_adapters.removebg")
    turns = [(seconds("httpx"), seconds("pixian_adapters.removebg")) for _ in range(ROUNDS)]
    ours, theirs = statistics.median(turn[1] for turn in turns), statistics.median(turn[0] for turn in turns)
    found = heavy_modules("pixian_adapters.removebg")
    return [
        Figure(
            "import of the remove.bg drop-in / import httpx",
            ours / theirs,
            "x",
            1.3,
            False,
            f"httpx {theirs * 1e3:.0f} ms",
        ),
        Figure(
            "heavy packages imported by it", len(found), "", 0, False, " ".join(found) or "none of " + ", ".join(HEAVY)
        ),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
