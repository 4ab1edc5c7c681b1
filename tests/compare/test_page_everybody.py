"""The report for everybody: on a desk and on a phone, in light and dark, by eye and by ear."""

import re

import pytest

from compare_browser import PHONE, value, write
from legacy_npm import folder
from legacy_packages import Unavailable


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_it_looks_right(visit, report, size, scheme, screenshot):
    options = {"size": PHONE, "has_touch": True, "is_mobile": True} if size == "phone" else {}
    one = visit(report, color_scheme=scheme, **options)
    page = one.page
    assert value(page, "document.documentElement.scrollWidth <= innerWidth")
    paper = [
        int(part)
        for part in re.findall(r"\d+", value(page, "getComputedStyle(document.documentElement).backgroundColor"))
    ]
    assert (max(paper) < 60) == (scheme == "dark")
    screenshot(page, f"summary-{size}-{scheme}")
    value(page, "document.querySelector('#pairs').scrollIntoView()")
    page.wait_for_timeout(50)
    screenshot(page, f"list-{size}-{scheme}")
    value(page, "openRow(rows.find(row => row.name === 'product-03.jpg'))")
    page.wait_for_timeout(100)
    screenshot(page, f"pair-{size}-{scheme}")
    assert value(
        page,
        "(() => { const one = document.querySelector('#pair'); return one.scrollWidth <= one.clientWidth && one.getBoundingClientRect().right <= innerWidth; })()",
    )
    for button in ("#accept", "#reject", "#close"):
        box = page.locator(button).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= page.viewport_size["width"]
        assert box["y"] + box["height"] <= page.viewport_size["height"]
    too_faint = value(page, FAINT)
    assert too_faint == []


@pytest.mark.parametrize("width", [390, 800])
def test_without_times_the_list_fits_narrow_windows_too(visit, tmp_path, compared, width):
    path = write(tmp_path, compared[0], pictures=f"{compared[1].pictures.as_uri()}/")
    page = visit(path, size={"width": width, "height": 800}).page
    assert page.locator("#list.untimed .row .marks").count() > 1
    assert value(page, "document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert value(
        page,
        "[...document.querySelectorAll('.row .marks button')].every(one => one.getBoundingClientRect().right <= innerWidth)",
    )


FAINT = """() => {
  const parts = (colour) => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
  const light = (rgb) => { const [r, g, b] = rgb.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (element) => { for (let one = element; one; one = one.parentElement) { const { rgb, a } = parts(getComputedStyle(one).backgroundColor); if (a > .99) return rgb; } return [255, 255, 255]; };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest('svg, .tag, :disabled, script, noscript, option') || !element.checkVisibility()) continue;
    const [one, other] = [light(parts(getComputedStyle(element).color).rgb), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + .05) / (other + .05);
    if (ratio < 4.5) found.push([element.outerHTML.slice(0, 100), ratio]);
  }
  return found;
}"""
NAMELESS = """() => [...document.querySelectorAll('button, input, select, a, summary, [role=img], [role=group], [role=region], dialog, img')].filter(one => {
  const by = one.getAttribute('aria-labelledby');
  const name = one.getAttribute('aria-label') || (by && document.getElementById(by).textContent) || one.textContent.trim() || (one.labels && one.labels[0] && one.labels[0].textContent) || one.getAttribute('alt');
  return !name && !one.hidden && one.checkVisibility();
}).map(one => one.outerHTML.slice(0, 120))"""


def test_every_control_has_a_name(visit, report):
    page = visit(report).page
    assert value(page, NAMELESS) == []
    page.click("#begin")
    page.keyboard.press("n")
    assert value(page, NAMELESS) == []
    assert page.get_by_role("dialog").count() == 1
    assert page.get_by_role("slider").get_attribute("aria-label")
    page.keyboard.press("Escape")
    assert page.get_by_role("table", name="Pairs").get_attribute("aria-rowcount") == "15"
    assert page.get_by_role("row").count() > 5
    assert page.get_by_role("status").count() >= 2


@pytest.fixture(scope="module")
def axe():
    try:
        return (folder("axe-core") / "axe-core" / "axe.min.js").read_text("utf-8")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_nothing_keeps_anybody_from_using_it(visit, report, axe, size, scheme):
    page = visit(report, size=PHONE if size == "phone" else None, color_scheme=scheme).page
    value(page, axe)

    def violations():
        found = value(page, "axe.run(document, { resultTypes: ['violations'] })")["violations"]
        return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]

    value(page, "document.querySelector('#how').open = true")
    assert violations() == []
    value(page, "openRow(rows.find(row => row.name === 'product-03.jpg'))")
    assert violations() == []
    page.keyboard.press("h")
    page.keyboard.press("a")
    assert violations() == []
