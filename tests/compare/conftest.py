"""A real browser, and a comparison to look at in it."""

import os
import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--force-device-scale-factor=1"),
)
SCREENSHOTS = Path(__file__).parents[2] / "out" / "screenshots"
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def browser():
    """Start one for the module; without one the tests are skipped, but not where they are meant to run."""
    missing = pytest.fail if os.environ.get("CI") else pytest.skip
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        missing(f"no browser: none of {', '.join(NAMES)} is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("no browser: playwright is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield started
        started.close()


class Visit:
    """One person's window: what it said on its console, and whom it asked."""

    def __init__(self, browser, size=None, **options):
        self.context = browser.new_context(viewport=size or DESKTOP, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def to(self, place):
        """Open a file or an address, and give the page."""
        self.page.goto(place.as_uri() if isinstance(place, Path) else place)
        return self.page


@pytest.fixture
def visit(browser):
    """Give windows that share nothing; afterwards nothing may have been said on their consoles."""
    open_now = []

    def make(place=None, size=None, **options):
        one = Visit(browser, size, **options)
        open_now.append(one)
        if place is not None:
            one.to(place)
        return one

    yield make
    for one in open_now:
        one.context.close()
    assert [said for one in open_now for said in one.said] == []


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    """Compare drawn subjects with planted defects, and files that are none; give the comparison and its folder."""
    from PIL import Image

    from compare_pictures import blotted, figure, moved, rimmed
    from pixian_shim.compare import Folder, Originals, Views, compare, side

    place = tmp_path_factory.mktemp("compared")
    left, right, photos = (place / name for name in ("before", "after", "photos"))
    whole = [figure((360, 300), seed=seed) for seed in range(12)]
    other = {
        3: figure((360, 300), seed=3, arm=False),
        4: blotted(whole[4], (0.0, 0.15, 0.06, 0.06)),
        5: figure((360, 300), seed=5, parts=((0.4, 0.3, 0.1, 0.1),)),
        6: figure((360, 300), seed=6, grow=3),
        7: moved(whole[7], 40, 10),
        8: rimmed(whole[8], (0, 255, 0), width=2, strength=0.9),
    }
    for folder in (left, right, photos):
        folder.mkdir()
    for seed, rgba in enumerate(whole):
        Image.fromarray(rgba).save(left / f"product-{seed:02}.png")
        Image.fromarray(other.get(seed, rgba)).save(right / f"product-{seed:02}.png")
        Image.fromarray(rgba[..., :3]).save(photos / f"product-{seed:02}.jpg")
    whole_file = (left / "product-00.png").read_bytes()
    (left / "truncated.png").write_bytes(whole_file)
    (right / "truncated.png").write_bytes(whole_file[:2000])
    (left / "alone.png").write_bytes(whole_file)
    originals = Originals(photos)
    folder = Folder(place / "report")
    sides = (side(left, originals=originals), side(right, originals=originals))
    return compare(*sides, originals=originals, views=Views(folder.pictures)), folder


@pytest.fixture(scope="session")
def accounted(compared):
    """Give the same comparison with credits, money and times."""
    import attrs

    comparison, _ = compared
    rows = [
        attrs.evolve(
            row,
            left=row.left and attrs.evolve(row.left, seconds=1 + 0.1 * number, credits=1.0),
            right=row.right and attrs.evolve(row.right, seconds=0.3 + 0.05 * number, credits=0.5),
        )
        for number, row in enumerate(comparison.rows)
    ]

    def account(side, name, title, price):
        own = [getattr(row, name) for row in rows if getattr(row, name)]
        spent = sum(one.credits for one in own)
        times = tuple(sorted(one.seconds for one in own))
        return attrs.evolve(side, title=title, credits=spent, unknown=0, money=spent * price, unpriced=0, seconds=times)

    left = account(comparison.left, "left", "remove.bg (baseline)", 0.2)
    right = account(comparison.right, "right", "Pixian", 0.002)
    return attrs.evolve(comparison, rows=tuple(rows), left=left, right=right)


@pytest.fixture(scope="session")
def report(accounted, compared):
    """Write that as a report beside its pictures."""
    from pixian_shim.compare.report.html import page

    _, folder = compared
    folder.report.parent.mkdir(exist_ok=True)
    folder.report.write_text(page(accounted), "utf-8")
    return folder.report


@pytest.fixture
def screenshot():
    """Keep a picture of a page for those who look after the tests."""

    def keep(page, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep
