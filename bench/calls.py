"""What a call costs: our own CPU beside a bare httpx client, and the drop-in beside the package it replaces."""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import stub
from figures import Figure

from pixian_shim import Shim
from pixian_shim.pixian import Pixian, Upload
from pixian_shim.translation import Form, HttpRequest, load

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 40
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffc0001108 03e8 03e8 03 012200 021101 031101".replace(" ", "")
)
KEY = {"X-Api-Key": "legacy"}
URL = "https://api.remove.bg/v1.0/removebg"


def photo(size: int) -> bytes:
    """Make something that looks like a JPEG of a megapixel, of so many bytes."""
    return JPEG + os.urandom(size - len(JPEG))


def own_cpu() -> Figure:
    """Compare process time per call, taking turns: a legacy call through the shim, and its upload with bare httpx."""
    content = photo(100_000)
    with (
        stub.running(side=50) as url,
        httpx.Client(trust_env=False) as bare,
        Pixian("id", "secret", base_url=url) as client,
    ):
        shim, adapter = Shim(client, policy="silent"), load("removebg")

        def through_shim() -> None:
            form = Form.of({"image_file": Upload(content, "photo.jpg"), "size": "auto"})
            answer = shim.serve(adapter, HttpRequest("POST", URL, KEY, parsed=form))
            assert answer.status == 200, answer.body

        def through_httpx() -> None:
            answer = bare.post(
                f"{url}/api/v2/remove-background",
                files={"image": ("photo.jpg", content)},
                data={"max_pixels": "10000000"},
                auth=("id", "secret"),
            )
            assert answer.status_code == 200

        turns = [(cpu(through_httpx), cpu(through_shim)) for _ in range(600)][100:]
    theirs, ours = (statistics.median(turn[side] for turn in turns) for side in (0, 1))
    beside = f"bare httpx {theirs * 1e6:.0f} us: {(ours - theirs) / theirs:.2f} of it"
    return Figure("our own CPU per pass-through call over bare httpx", (ours - theirs) * 1e6, "us", 200, False, beside)


def cpu(call: Callable[[], None], times: int = 1) -> float:
    """Give the CPU seconds of this process per call."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def drop_in() -> Figure:
    """Compare wall time: the drop-in and the real package, a photo of 1 MB, same stub, taking turns."""
    root = Path(__file__).parent.parent
    subprocess.run(
        [sys.executable, root / "tests" / "legacy_packages.py", root / ".legacy"], check=True, capture_output=True
    )
    with stub.running() as url, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        path.write_bytes(photo(1_000_000))
        real = legacy_module(root / ".legacy" / "removebg")
        real.API_ENDPOINT = f"{url}/v1.0/removebg"
        os.environ |= {
            "PIXIAN_BASE_URL": url,
            "PIXIAN_API_ID": "id",
            "PIXIAN_API_SECRET": "secret",
            "PIXIAN_SHIM_POLICY": "silent",
        }
        from pixian_adapters.removebg import RemoveBg

        log = os.devnull
        theirs, ours = real.RemoveBg("key", log), RemoveBg("key", log)
        turns = [(wall(theirs, path), wall(ours, path)) for _ in range(ROUNDS)][3:]
    mine, other = statistics.median(turn[1] for turn in turns), statistics.median(turn[0] for turn in turns)
    return Figure(
        "wall time of the drop-in / real removebg, 1 MB",
        mine / other,
        "x",
        1.0,
        False,
        f"removebg {other * 1e3:.1f} ms",
    )


def legacy_module(folder: Path) -> object:
    """Import the real package's module without putting its folder on the path."""
    spec = importlib.util.spec_from_file_location("legacy_removebg", folder / "removebg" / "removebg.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wall(remover: object, path: Path) -> float:
    """Time one call with its file written."""
    start = time.perf_counter()
    remover.remove_background_from_img_file(str(path))
    return time.perf_counter() - start


def translation() -> Figure:
    """Time the pure translation of a typical call."""
    adapter = load("removebg")
    upload = Upload(b"x")

    def translate() -> None:
        adapter.plan(
            adapter.read(HttpRequest("POST", URL, KEY, parsed=Form.of({"image_file": upload, "size": "auto"})))
        )

    median = statistics.median(cpu(translate, 100) for _ in range(50))
    return Figure("translation of a call", median * 1e6, "us", 50, False, "pure, no I/O")


def measure() -> list[Figure]:
    """Give all of them."""
    return [own_cpu(), drop_in(), translation()]


if __name__ == "__main__":
    print(*measure(), sep="\n")
