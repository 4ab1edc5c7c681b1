"""What importing adapters and drop-ins costs, beside httpx alone; each in a fresh interpreter, taking turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from importlib.metadata import entry_points

from figures import Figure

ROUNDS = 9
TIMED = "import time; t = time.process_time(); import {module}; print(time.process_time() - t)"
HEAVY = ("numpy", "PIL", "requests", "starlette", "onnxruntime", "rich")


def seconds(module: str) -> float:
    """Time one import, in seconds of the processor: it waits for nothing else."""
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
    """Give the median ratio of the slowest one, and what is imported that should not be."""
    modules = ["httpx", *adapters()]
    for module in modules:
        seconds(module)  # leaves its bytecode
    turns = [[seconds(module) for module in modules] for _ in range(ROUNDS)]
    httpx = statistics.median(turn[0] for turn in turns)
    ratios = {
        module: statistics.median(turn[place] / turn[0] for turn in turns)
        for place, module in enumerate(modules)
        if place
    }
    slowest = max(ratios, key=lambda module: ratios[module])
    heavy = [f"{module}: {name}" for module in ratios for name in heavy_modules(module)]
    own = output("import sys, pixian_shim; print(*[m for m in sys.modules if m.startswith('pixian_adapters')])").split()
    beside = f"httpx {httpx * 1e3:.0f} ms; slowest {slowest}, of {len(ratios)}"
    none = "none of " + ", ".join(HEAVY)
    return [
        Figure("import of an adapter or drop-in / import httpx", ratios[slowest], "x", 1.3, False, beside),
        Figure("heavy packages imported by them", len(heavy), "", 0, False, "; ".join(heavy) or none),
        Figure("adapters imported by import pixian_shim", len(own), "", 0, False, ", ".join(own)),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
