"""Look at a report in a browser: what is drawn, what a script gives, and comparisons of any kind to look at."""

from io import BytesIO
from time import monotonic

import numpy as np
from PIL import Image

from pixian_shim.compare._comparison import Account, Comparison, Row, RowSide
from pixian_shim.compare.judging.causes import CAUSES, Finding, Level
from pixian_shim.compare.report.html import page as written

PHONE = {"width": 390, "height": 844}


def named(page):
    """The names in the list, as far as they are painted where it is looked at."""
    value(page, "document.querySelector('#pairs').scrollIntoView()")
    value(page, "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.eval_on_selector_all("#space .row .name", "all => all.map(one => one.textContent)")


def until(page, script, expected):
    """Wait until a script gives what is expected."""
    end = monotonic() + 5
    while (found := page.evaluate(script)) != expected and monotonic() < end:
        page.wait_for_timeout(20)
    assert found == expected


def value(page, script, argument=None):
    return page.evaluate(script, argument)


def seen(page, selector="#frame"):
    """What is really drawn, as an array."""
    return np.asarray(Image.open(BytesIO(page.locator(selector).screenshot())).convert("RGB"), np.int16)


def opened(visit, report, name, **options):
    page = visit(report, **options).page
    page.fill("#search", name)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pair[open]")
    value(page, "Promise.all([...document.querySelectorAll('#frame img[src]')].map(one => one.decode()))")
    return page


def account(title="left", **changed):
    return Account(
        **(
            {"title": title, "provider": "", "answers": 0, "credits": 0.0, "unknown": 0, "money": None, "seconds": ()}
            | changed
        )
    )


def comparison(rows, left="left", right="right"):
    limits = {cause.name: (cause.look, cause.bad) for cause in CAUSES}
    return Comparison(rows=tuple(rows), left=account(left), right=account(right), limits=limits)


def random_row(chance, number):
    """A row of any kind that there can be."""
    found = tuple(
        Finding(
            cause.name,
            0.5,
            chance.choice(list(Level)[1:]),
            round(1 + 99 * chance.random(), 2),
            chance.choice(["", "", "known"]),
        )
        for cause in chance.sample(CAUSES, chance.choice([0, 0, 1, 2, 4]))
    )
    problem = chance.choice(["", "", "", "unreadable"])
    return Row(
        id=f"{number:016x}",
        name=f"{number:05}.png",
        problem=problem,
        failed=bool(problem) and chance.random() < 0.5,
        findings=() if problem else found,
        left=RowSide(file="a.png"),
        right=RowSide(file="b.png", seconds=chance.random()),
        decision=chance.choice(["", "", "", "accept", "reject"]),
    )


def write(tmp_path, comparison, **options):
    path = tmp_path / "report.html"
    path.write_text(written(comparison, **options), "utf-8")
    return path
