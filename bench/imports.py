"""What importing adapters and drop-ins costs, beside httpx alone; each in a fresh interpreter, taking turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from importlib.metadata import entry_points

from figures import Figure

ROUNDS = 9
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


def adapters() -> list[str]:
    """Name every adapter and drop-in that is registered."""
    kinds = ("adapters", "aliases")
    return sorted({point.module for kind in kinds for point in entry_points(group=f"pixian_shim.{kind}")})


def measure() -> list[Figure]:
    """Give the ratio of the medians of the slowest one, and what is imported that should not be."""
    modules = ["httpx", *adapters()]
    for module in modules:
        seconds(module)  # leaves its bytecode
    turns = [[seconds(module) for module in modules] for _ in range(ROUNDS)]
    medians = {module: statistics.median(turn[place] for turn in turns) for place, module in enumerate(modules)}
    httpx = medians.pop("httpx")
    slowest = max(medians, key=lambda module: medians[module])
    heavy = [f"{module}: {name}" for module in medians for name in heavy_modules(module)]
    own = output("import sys, pixian_shim; print(*[m for m in sys.modules if m.startswith('pixian_adapters')])").split()
    beside = f"httpx {httpx * 1e3:.0f} ms; slowest {slowest}, of {len(medians)}"
    none = "none of " + ", ".join(HEAVY)
    return [
        Figure("import of an adapter or drop-in / import httpx", medians[slowest] / httpx, "x", 1.3, False, beside),
        Figure("heavy packages imported by them", len(heavy), "", 0, False, "; ".join(heavy) or none),
        Figure("adapters imported by import pixian_shim", len(own), "", 0, False, ", ".join(own)),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
