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

import httpx
import stub
from figures import Figure

from pixian_shim import Shim
from pixian_shim.pixian import Pixian, Upload
from pixian_shim.translation import Form, HttpRequest, load

ROUNDS = 40
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0001108 03e8 03e8 03 012200 021101 031101".replace(" ", ""))
KEY = {"X-Api-Key": "legacy"}
URL = "https://api.remove.bg/v1.0/removebg"


def photo(size: int) -> bytes:
    """Make something that looks like a JPEG of a megapixel, of so many bytes."""
    return JPEG + os.urandom(size - len(JPEG))


def own_cpu() -> Figure:
    """Compare process time per call: legacy call through the shim, and the same upload with a bare httpx client."""

    def at_once(request: httpx.Request) -> httpx.Response:
        request.read()
        return httpx.Response(200, headers=stub.HEADERS, content=stub.SMALL)

    content = photo(10_000)
    bare = httpx.Client(transport=httpx.MockTransport(at_once))
    client = Pixian("id", "secret", base_url="https://api.pixian.ai", http_client=httpx.Client(transport=httpx.MockTransport(at_once)))
    shim, adapter = Shim(client, policy="silent"), load("removebg")

    def through_shim() -> None:
        form = Form.of({"image_file": Upload(content, "photo.jpg"), "size": "auto"})
        answer = shim.serve(adapter, HttpRequest("POST", URL, KEY, parsed=form))
        assert answer.status == 200, answer.body

    def through_httpx() -> None:
        bare.post(
            "https://api.pixian.ai/api/v2/remove-background",
            files={"image": ("photo.jpg", content)},
            data={"max_pixels": "10000000"},
            auth=("id", "secret"),
        ).read()

    ours, theirs = cpu(through_shim), cpu(through_httpx)
    return Figure("our own CPU per pass-through call over bare httpx", (ours - theirs) * 1e6, "us", 200, False, f"httpx {theirs * 1e6:.0f} us")


def cpu(call: object, rounds: int = 300) -> float:
    """Give the median CPU seconds of a call, of five runs."""
    for _ in range(30):
        call()
    runs = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(rounds):
            call()
        runs.append((time.process_time() - start) / rounds)
    return statistics.median(runs)


def drop_in() -> Figure:
    """Compare wall time: the drop-in and the real package, a photo of 1 MB, same stub, taking turns."""
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, root / "tests" / "legacy_packages.py", root / ".legacy"], check=True, capture_output=True)
    with stub.running() as url, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        path.write_bytes(photo(1_000_000))
        real = legacy_module(root / ".legacy" / "removebg")
        real.API_ENDPOINT = f"{url}/v1.0/removebg"
        os.environ |= {"PIXIAN_BASE_URL": url, "PIXIAN_API_ID": "id", "PIXIAN_API_SECRET": "secret", "PIXIAN_SHIM_POLICY": "silent"}
        from pixian_adapters.removebg import RemoveBg

        log = os.devnull
        theirs, ours = real.RemoveBg("key", log), RemoveBg("key", log)
        turns = [(wall(theirs, path), wall(ours, path)) for _ in range(ROUNDS)][3:]
    mine, other = statistics.median(turn[1] for turn in turns), statistics.median(turn[0] for turn in turns)
    return Figure("wall time of the drop-in / real removebg, 1 MB", mine / other, "x", 1.0, False, f"removebg {other * 1e3:.1f} ms")


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
        adapter.plan(adapter.read(HttpRequest("POST", URL, KEY, parsed=Form.of({"image_file": upload, "size": "auto"}))))

    return Figure("translation of a call", cpu(translate, 2000) * 1e6, "us", 50, False, "pure, no I/O")


def measure() -> list[Figure]:
    """Give all of them."""
    return [own_cpu(), drop_in(), translation()]


if __name__ == "__main__":
    print(*measure(), sep="\n")
