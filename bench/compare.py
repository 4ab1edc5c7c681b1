"""Measure comparing: pairs a second, a large pair, its memory, the size of a report, and scikit-image beside them."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
import numpy as np
from figures import Figure
from png import cutout

from pixian_shim.compare import compare, side
from pixian_shim.compare._work import Task, work
from pixian_shim.compare.report.folder import Folder
from pixian_shim.compare.report.html import page
from pixian_shim.geometry import Size
from pixian_shim.images import encode_png, foreground_box, resize

ONE, TWELVE = Size(1200, 834), Size(4243, 2829)
ROUNDS = 4
PAIRS, MANY = 1000, 10_000


def answers(size):
    """Give an incumbent's cut-out, and what successors may answer: nearly alike, with a defect, cropped, smaller."""
    random = np.random.default_rng(1)
    left = resize(cutout(), size)
    alike, broken = left.copy(), left.copy()
    edge = (left[..., 3] > 0) & (left[..., 3] < 255)
    alike[..., 3] = np.clip(left[..., 3] + random.integers(-9, 10, edge.shape) * edge, 0, 255).astype(np.uint8)
    alike[..., :3] = np.clip(left[..., :3] + random.integers(-3, 4, left[..., :3].shape), 0, 255).astype(np.uint8)
    broken[..., 3] = np.roll(alike[..., 3], 3, axis=1)
    height, width = edge.shape
    broken[height // 3 : height // 2, width // 3 : width // 2, 3] //= 3
    box = foreground_box(alike[..., 3])
    cropped = alike[box.top : box.top + box.height, box.left : box.left + box.width]
    smaller = resize(alike, Size(width * 3 // 4, height * 3 // 4))
    return left, {"alike": alike, "defect": broken, "cropped": cropped, "smaller": smaller}


def written(folder, size):
    """Write one pair of each kind."""
    left, others = answers(size)
    tasks = []
    for name, right in others.items():
        paths = folder / f"{name}-left.png", folder / f"{name}-right.png"
        for path, rgba in zip(paths, (left, right), strict=True):
            path.write_bytes(encode_png(np.ascontiguousarray(rgba)))
        tasks.append(Task(left=paths[0], right=paths[1], original=None, views=None, max_pixels=10**8))
    return tasks


def by_scikit_image(task):
    """Measure the same with scikit-image and scipy, in the usual way: whole pictures, no alignment."""
    from PIL import Image
    from scipy import ndimage
    from skimage import color, measure, metrics, morphology

    left, right = (np.asarray(Image.open(path).convert("RGBA")) for path in (task.left, task.right))
    if left.shape != right.shape:
        right = np.asarray(Image.fromarray(right).resize(left.shape[1::-1]))
    one, other = (rgba[..., 3] / 255 for rgba in (left, right))
    difference = np.abs(one - other)
    found = [difference.mean(), difference.sum(), (difference**2).mean()]
    for threshold in (0.1, 0.5, 0.9):
        masks = one >= threshold, other >= threshold
        found.append((masks[0] & masks[1]).sum() / max(1, (masks[0] | masks[1]).sum()))
    orders = (0, 1), (1, 0)
    steep = [
        np.hypot(*(ndimage.gaussian_filter(alpha, 1.4, order=order) for order in orders)) for alpha in (one, other)
    ]
    found.append(((steep[0] - steep[1]) ** 2).sum())
    lower, reached, joined = np.minimum(one, other), np.zeros_like(one), np.ones(one.shape, bool)
    for step in range(1, 11):
        labels = measure.label(lower >= step / 10, connectivity=1)
        largest = labels == np.bincount(labels.ravel())[1:].argmax() + 1 if labels.any() else np.zeros_like(joined)
        reached[joined & ~largest] = (step - 1) / 10
        joined &= largest
    reached[joined] = 1
    connected = [1 - (alpha - reached) * (alpha - reached >= 0.15) for alpha in (one, other)]
    found.append(np.abs(connected[0] - connected[1]).sum())
    halves = one >= 0.5, other >= 0.5
    near = np.ones((7, 7), bool)
    outlines = [mask ^ ndimage.binary_erosion(mask) for mask in halves]
    wide = [ndimage.binary_dilation(outline, near) for outline in outlines]
    found += [(outlines[0] & wide[1]).sum(), (outlines[1] & wide[0]).sum()]
    for mask in halves:
        found += [measure.label(mask, connectivity=1).max(), measure.label(~mask, connectivity=1).max()]
        found.append((mask & ~morphology.opening(mask, near)).sum())
    band = wide[0] | wide[1]
    found.append(color.deltaE_ciede2000(*(color.rgb2lab(rgba[..., :3][band] / 255) for rgba in (left, right))).mean())
    for ground in (0, 255):
        flat = [rgba[..., :3] * a[..., None] + ground * (1 - a[..., None]) for rgba, a in ((left, one), (right, other))]
        found.append(metrics.structural_similarity(*flat, channel_axis=2, data_range=255))
    return found


def fastest(tasks, call, rounds):
    """Give the seconds for one of each, the best round counting."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        for task in tasks:
            done = call(task)
            assert getattr(done, "measures", done), done
        best = min(best, time.process_time() - begin)
    return best / len(tasks)


def peak(left, right):
    """Give how much a process grows at most by comparing a pair, in bytes: run as a program of its own."""
    small = Path(left).with_name("small.png")
    small.write_bytes(encode_png(np.full((64, 64, 4), 128, np.uint8)))
    work(Task(left=small, right=small, original=None, views=None, max_pixels=10**8))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: it would be the parent's
    rest = resident("VmRSS")
    done = work(Task(left=Path(left), right=Path(right), original=None, views=None, max_pixels=10**8))
    assert done.measures, done
    return resident("VmHWM") - rest


def resident(which):
    """Read one of the kernel's figures about this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) * 1024


def reports(folder):
    """Compare a thousand small pairs, and give the comparison."""
    rgba = resize(cutout(), Size(48, 36))
    for name in ("old", "new"):
        (folder / name).mkdir()
    for number in range(PAIRS):
        right = rgba.copy()
        right[number % 30 : number % 30 + number % 7, 10:30, 3] = 0
        for name, picture in (("old", rgba), ("new", right)):
            (folder / name / f"catalogue-2026-autumn-{number:05}_front.png").write_bytes(encode_png(picture))
    return compare(side(folder / "old"), side(folder / "new"))


def measure():
    """Measure everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = written(folder, ONE)
        ours, theirs = fastest(small, work, ROUNDS), fastest(small, by_scikit_image, 1)
        each = ", ".join(f"{task.left.stem.removesuffix('-left')} {1 / fastest([task], work, 2):.0f}" for task in small)
        yield Figure(
            "compare: pairs a second and core at 1 MP, decode and all measures",
            1 / ours,
            "/s",
            20,
            at_least=True,
            beside=f"scikit-image and scipy {1 / theirs:.2f}/s ({theirs / ours:.0f}x slower); by kind: {each}",
        )
        large = written(folder, TWELVE)
        slowest = max(fastest([task], work, 2) for task in large)
        beside = fastest(large[:1], by_scikit_image, 1)
        yield Figure(
            "compare: a 12 MP pair, the slowest kind",
            slowest,
            "s",
            1,
            at_least=False,
            beside=f"scikit-image {beside:.1f} s",
        )
        grown = {task.left.stem.removesuffix("-left"): _grown(task) / (TWELVE.pixels * 4) for task in large}
        yield Figure(
            "compare: memory for a 12 MP pair, in larger pictures",
            max(grown.values()),
            "x",
            12,
            at_least=False,
            beside=", ".join(f"{name} {value:.1f}" for name, value in grown.items()),
        )
        comparison = reports(folder)
        text = page(comparison).encode()
        yield Figure("compare: report of 1,000 pairs without pictures", len(text) / 1e6, "MB", 5, at_least=False)
        yield from painted(folder, comparison)


def _grown(task):
    done = subprocess.run(
        [sys.executable, __file__, "peak", task.left, task.right], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def painted(folder, comparison):
    """Serve ten thousand pairs and open them in Chromium, where there is one."""
    from shutil import which

    chromium = which("chromium") or which("google-chrome")
    if chromium is None:
        return
    from playwright.sync_api import sync_playwright

    from pixian_shim.compare import ReportServer

    rows = [
        attrs.evolve(row, id=f"{copy:04x}{row.id[4:]}", name=f"{copy}-{row.name}")
        for copy in range(MANY // PAIRS)
        for row in comparison.rows
    ]
    Folder(folder / "many").write(attrs.evolve(comparison, rows=tuple(rows)), images="none")
    with ReportServer(folder / "many", port=0) as server, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.goto(server.url)
        opened.wait_for_selector("[data-id]")
        paint = opened.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
        ready = opened.evaluate("performance.now()") / 1000
        browser.close()
    yield Figure(
        "compare serve: first paint with 10,000 pairs",
        paint,
        "s",
        2,
        at_least=False,
        beside=f"rows to be seen after {ready:.2f} s",
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        print(peak(*sys.argv[2:]))
    else:
        for figure in measure():
            print(figure)
