"""What an upload of 30 MiB costs in memory: the peak above the resting process, drop-in and real package."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import stub
from calls import photo
from figures import Figure

MIB = 1 << 20
PROGRAM = """
import os, sys, threading, time
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
{prepare}
remover = RemoveBg("key", os.devnull)
remover.remove_background_from_img_file({small!r})
rest, peak, done = resident(), 0, threading.Event()
def watch():
    global peak
    while not done.is_set():
        peak = max(peak, resident())
        time.sleep(0.001)
watcher = threading.Thread(target=watch)
watcher.start()
remover.remove_background_from_img_file({large!r})
done.set()
watcher.join()
print(peak - rest)
"""
OURS = "from pixian_adapters.removebg import RemoveBg"
THEIRS = """
sys.path.insert(0, {legacy!r})
import removebg.removebg
removebg.removebg.API_ENDPOINT = {url!r}
from removebg import RemoveBg
"""


def measure() -> list[Figure]:
    """Give the peak of the drop-in, and of the real package beside it."""
    root = Path(__file__).parent.parent
    subprocess.run(
        [sys.executable, root / "tests" / "legacy_packages.py", root / ".legacy"], check=True, capture_output=True
    )
    with stub.running() as url, tempfile.TemporaryDirectory() as folder:
        small, large = (Path(folder) / name for name in ("small.jpg", "large.jpg"))
        small.write_bytes(photo(100_000))
        large.write_bytes(photo(30 * MIB))
        env = os.environ | {
            "PIXIAN_BASE_URL": url,
            "PIXIAN_API_ID": "id",
            "PIXIAN_API_SECRET": "secret",
            "PIXIAN_SHIM_POLICY": "silent",
        }
        ours = peak(OURS, small, large, env)
        legacy = THEIRS.format(legacy=str(root / ".legacy" / "removebg"), url=f"{url}/v1.0/removebg")
        theirs = peak(legacy, small, large, env)
    return [
        Figure(
            "memory for an upload of 30 MiB, above rest",
            ours / MIB,
            "MiB",
            10,
            False,
            f"removebg {theirs / MIB:.0f} MiB",
        )
    ]


def peak(prepare: str, small: Path, large: Path, env: dict[str, str]) -> int:
    """Run the program in a fresh interpreter."""
    code = PROGRAM.format(prepare=prepare, small=str(small), large=str(large))
    return int(subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    print(*measure(), sep="\n")
