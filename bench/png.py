"""Measure how fast a 6 MP cut-out becomes a PNG. Usage: python bench/png.py [photo]."""

import sys
import time
from io import BytesIO

import numpy as np
from figures import Figure
from PIL import Image

from pixian_shim.images import encode_png
from pixian_shim.images._png import STANDARD, fastest

SIZE = (3000, 2000)
MEGAPIXELS = SIZE[0] * SIZE[1] / 1e6
ROUNDS = 15


def cutout(photo=None):
    """Make a cut-out: a photo (or smooth noise like one) with a camera's noise, and a soft elliptic matte."""
    random = np.random.default_rng(0)
    if photo:
        smooth = Image.open(photo).convert("RGB")
    else:
        smooth = Image.fromarray(random.integers(0, 256, (60, 90, 3), dtype=np.uint8))
    rgb = np.asarray(smooth.resize(SIZE, Image.Resampling.BICUBIC), np.float32)
    rgb = np.clip(rgb + random.normal(0, 2, rgb.shape), 0, 255).astype(np.uint8)
    down, across = np.mgrid[-1 : 1 : SIZE[1] * 1j, -1 : 1 : SIZE[0] * 1j]
    alpha = np.clip((0.8 - np.hypot(down, across)) * 40, 0, 1) * 255
    rgba = np.dstack([rgb, alpha.astype(np.uint8)])
    rgba[rgba[..., 3] == 0] = 0
    return rgba


def fastest_of(rounds, *calls):
    """Give each call's best time in seconds; taken in turns, so that all see the same weather."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for place, call in enumerate(calls):
            begin = time.perf_counter()
            call()
            best[place] = min(best[place], time.perf_counter() - begin)
    return best


def pillow(rgba, **options):
    """Write a PNG as Pillow does."""
    file = BytesIO()
    Image.fromarray(rgba).save(file, "PNG", **options)
    return file.getvalue()


def measure(photo=None):
    """Measure the standard library's deflate, the fast one if it is installed, and Pillow beside them."""
    rgba = cutout(photo)
    ways = [(STANDARD, "standard library", 30.0)]
    if fastest() is not STANDARD:
        ways.append((fastest(), "[fast]", 100.0))
    times = fastest_of(ROUNDS, *(lambda way=way: encode_png(rgba, deflate=way) for way, _, _ in ways))
    (usual,) = fastest_of(1, lambda: pillow(rgba))
    (light,) = fastest_of(2, lambda: pillow(rgba, compress_level=1))
    size = len(pillow(rgba, compress_level=1)) / 1e6
    beside = f"Pillow {MEGAPIXELS / usual:.1f} MP/s; its level 1 {MEGAPIXELS / light:.1f} MP/s, {size:.1f} MB"
    return [
        Figure(
            f"PNG of a 6 MP cut-out, {name}",
            MEGAPIXELS / seconds,
            "MP/s",
            bar,
            at_least=True,
            beside=f"{len(encode_png(rgba, deflate=way)) / 1e6:.1f} MB; {beside}",
        )
        for (way, name, bar), seconds in zip(ways, times, strict=True)
    ]


if __name__ == "__main__":
    for figure in measure(*sys.argv[1:2]):
        print(figure)
