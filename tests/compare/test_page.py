"""The report in a real browser: what a person with five hundred photos sees first, and finds in the list."""

import random
import re

import attrs
import pytest

from compare_browser import PHONE, comparison, named, random_row, until, value, write
from pixian_shim.compare._comparison import Row, RowSide
from pixian_shim.compare.judging.verdict import Group, verdict
from pixian_shim.compare.report.html import page as written

HOSTILE = (
    "</script><img src=x onerror=alert(1)>.png",
    "\u202egnp.gnorw",
    "עברית ואנגלית.png",
    "x" * 200 + ".png",
    "🪑 chair 🛋️.png",
    "two\nlines\ttab.png",
    "$js ${css} %s {0}.png",
    "a & b \"quoted\" 'single' <b>.png",
    "line\u2028separator\u2029.png",
    "lone \udcff surrogate.png",
)


# Opening


def test_it_opens_from_a_file_and_asks_nobody(visit, report):
    one = visit(report)
    assert one.page.locator("#space .row").count() > 5
    one.page.locator("#begin").click()
    one.page.keyboard.press("h")
    one.page.wait_for_timeout(200)
    assert one.asked
    assert {address.partition(":")[0] for address in one.asked} <= {"file", "data"}


def test_every_picture_is_there(visit, report):
    page = visit(report).page
    page.wait_for_load_state("networkidle")
    broken = "all => all.filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
    assert page.locator("#worst img, #space img").count() > 10
    assert page.eval_on_selector_all("#worst img, #space img", broken) == []


def test_pictures_can_be_inside(visit, tmp_path, accounted, compared):
    _, folder = compared
    one = visit(write(tmp_path, accounted, inline=folder.pictures))
    one.page.locator("#begin").click()
    one.page.keyboard.press("n")
    assert value(one.page, "document.querySelector('#over').src.startsWith('data:image/webp')")
    assert [address for address in one.asked if not address.startswith("data:")] == [one.page.url.partition("#")[0]]


def test_the_policy_stops_what_is_not_the_page_s_own(visit, report):
    one = visit(report)
    assert not value(
        one.page,
        "(() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1'; document.body.append(s); return 'bad' in window; })()",
    )
    assert any("Content Security Policy" in said for said in one.said)
    one.said.clear()


def test_summary_says_what_python_says(visit, report, accounted):
    page = visit(report).page
    assert page.inner_text("#verdict").replace("\n", " ") == accounted.verdict.says
    assert page.get_attribute("#verdict", "data-answer") == accounted.verdict.answer
    counts = {group: count for group, count in accounted.counts.items() if count}
    shown = page.eval_on_selector_all(
        "#groups button",
        "all => Object.fromEntries(all.map(one => [one.dataset.group, Number(one.querySelector('b').textContent)]))",
    )
    assert shown == counts


def test_without_script_the_summary_stands(visit, report, accounted, screenshot):
    page = visit(report, java_script_enabled=False).page
    text = page.inner_text("body")
    for said in (accounted.verdict.says.partition(". ")[2], "bad", "200.00", "at the median", "script in this page"):
        assert said in text
    assert not page.locator("#pairs").is_visible()
    screenshot(page, "without-script")


def test_no_price_no_credits_and_no_times_are_said(visit, tmp_path, compared):
    page = visit(write(tmp_path, compared[0], pictures=f"{compared[1].pictures.as_uri()}/")).page
    text = page.inner_text("main")
    assert "What these answers cost was not recorded" in text
    assert "No answer was timed" in text
    assert not page.locator(".head-times").is_visible()


def test_charts_have_axes_one_can_read(visit, report):
    page = visit(report).page
    for chart, least in (("#weights svg", 8), ("#latency svg", 8)):
        texts = page.eval_on_selector_all(f"{chart} text", "all => all.map(one => one.textContent).filter(Boolean)")
        assert len(texts) >= least, texts
        assert page.get_attribute(chart, "aria-label")
        inside = f"document.querySelector('{chart}').closest('.card').getBoundingClientRect()"
        assert value(
            page,
            f"(() => {{ const card = {inside}; return [...document.querySelectorAll('{chart} text')].every(one => {{ const box = one.getBoundingClientRect(); return box.left >= card.left && box.right <= card.right; }}); }})()",
        )


# Verdict, twice


def test_browser_and_python_give_the_same_verdict(visit, report):
    chance, groups = random.Random(5), [str(group) for group in Group]
    scales = (0, 1, 2, 3, 20, 100, 500, 9999)
    cases = [{group: chance.randrange(chance.choice(scales) + 1) for group in groups} for _ in range(3000)]
    zero = dict.fromkeys(groups, 0)
    cases += [
        zero,
        *(
            {**zero, "fine": total - bad, "bad": bad}
            for total in (1, 20, 100, 200, 500)
            for bad in range(min(total, 30) + 1)
        ),
    ]
    cases += [{**zero, "fine": 100 - look, "look": look} for look in range(30)]
    told = visit(report).page.evaluate("all => all.map(judge)", cases)
    assert len({answer for answer, _, _ in told}) == 4
    for counts, (answer, says, bounds) in zip(cases, told, strict=True):
        expected = verdict(counts)
        assert (answer, says) == (expected.answer, expected.says), counts
        assert bounds == pytest.approx([expected.low, expected.high], abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_browser_and_python_group_and_order_alike_before_and_after_decisions(visit, tmp_path, seed):
    chance = random.Random(seed)
    whole = comparison(random_row(chance, number) for number in range(300))
    whole = whole.decided({})  # in order
    page = visit(write(tmp_path, whole)).page

    def same(expected):
        told = value(
            page,
            "({ groups: rows.map(row => [row.id, groupOf(row)]), counts: counted(), causes: [...causesOf()], shown: (arrange(), shown.map(row => row.id)) })",
        )
        assert dict(told["groups"]) == {row.id: str(row.group) for row in expected.rows}
        assert told["counts"] == expected.counts
        assert {
            name: {"pairs": one["look"] + one["bad"], "bad": one["bad"], "accepted": one["accepted"]}
            for name, one in told["causes"]
        } == expected.causes
        assert told["shown"] == [row.id for row in expected.rows]

    same(whole)
    decisions = {row.id: chance.choice(["accept", "reject", ""]) for row in whole.rows if chance.random() < 0.5}
    value(
        page, "all => { for (const [id, decision] of Object.entries(all)) decide(byId.get(id), decision); }", decisions
    )
    same(whole.decided(decisions))


# List


def test_the_worst_come_first(visit, report, accounted):
    page = visit(report).page
    assert named(page) == [row.name for row in accounted.rows][: len(named(page))]
    worst = page.eval_on_selector_all("#worst .name", "all => all.map(one => one.textContent)")
    assert worst == [row.name for row in accounted.rows if row.group in (Group.FAILED, Group.BAD, Group.LOOK)][:6]


def test_sorting_by_menu_and_by_heading(visit, report):
    page = visit(report).page
    page.select_option("#sort", "name")
    assert named(page) == sorted(named(page))
    assert page.get_attribute(".head-name", "aria-sort") == "ascending"
    page.click(".head-times button")
    took = value(page, "shown.map(took)")
    assert took == sorted(took, reverse=True)
    assert page.input_value("#sort") == "slower"
    for order in ("edge", "mae", "colour", "worst"):
        page.select_option("#sort", order)
        assert page.locator("#space .row").count() > 5


def test_filters_by_group_by_cause_and_by_name_work_together(visit, report, accounted):
    page = visit(report).page
    page.click('#groups [data-group="bad"]')
    bad = {row.name for row in accounted.rows if row.group is Group.BAD}
    assert set(named(page)) == bad
    assert page.input_value("#by-group") == "bad"
    page.click('#causes [data-cause="edge"]')
    edge = {
        row.name
        for row in accounted.rows
        if row.group is Group.BAD and any(one.cause == "edge" for one in row.findings)
    }
    assert set(named(page)) == edge
    assert edge
    assert page.get_attribute('#causes [data-cause="edge"]', "aria-pressed") == "true"
    page.click('#causes [data-cause="edge"]')
    page.select_option("#by-group", "")
    page.fill("#search", "PRODUCT-0")
    assert set(named(page)) == {f"product-{number:02}.jpg" for number in range(10)}
    assert page.inner_text("#count") == "10 of 14 pairs"
    page.fill("#search", "nothing like it")
    assert page.inner_text("#nothing") == "No pair fits these filters."


def test_keys_walk_open_and_come_back(visit, report):
    page = visit(report).page
    for key in "jjjk":
        page.keyboard.press(key)
    focused = value(page, "document.activeElement.textContent")
    assert focused == value(page, "shown[1].name")
    page.keyboard.press("Enter")
    assert page.inner_text("#pair-name") == focused
    page.keyboard.press("j")
    after = page.inner_text("#pair-name")
    assert after == value(page, "shown[2].name")
    page.keyboard.press("Escape")
    until(page, "document.activeElement.textContent", after)
    page.keyboard.press("/")
    assert value(page, "document.activeElement.id") == "search"
    page.keyboard.type("ar")  # letters, not decisions
    assert value(page, "Object.keys(decisions()).length") == 0


def test_focus_returns_to_what_opened_a_pair(visit, report):
    page = visit(report).page
    page.locator("#worst .tile").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#pair[open]")
    page.keyboard.press("Escape")
    until(page, "document.activeElement === document.querySelectorAll('#worst .tile')[2]", True)
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    until(page, "document.activeElement.className", "tile")
    assert value(page, "Object.keys(decisions()).length") == 0


def test_an_address_leads_to_a_pair(visit, report, accounted):
    row = accounted.rows[4]
    page = visit(f"{report.as_uri()}#{row.id}").page
    assert page.inner_text("#pair-name") == row.name
    page.keyboard.press("j")
    assert value(page, "location.hash") == f"#{accounted.rows[5].id}"
    assert page.inner_text("#pair-told").startswith(f"6 of 14: {accounted.rows[5].name}, ")
    page.keyboard.press("Escape")
    until(page, "location.href", report.as_uri())


def test_the_same_photo_asked_for_twice_is_told_apart(visit, tmp_path):
    rows = [
        Row(id=f"{number:016x}", name="mug.png", parameters={"size": size})
        for number, size in enumerate(("full", "preview"))
    ]
    page = visit(write(tmp_path, comparison(rows))).page
    assert page.inner_text("#space .row:nth-child(1) .asked") == "size=full"
    page.fill("#search", "size=preview")
    assert page.inner_text("#count") == "1 of 2 pairs"
    assert value(page, "shown[0].id") == rows[1].id


# Names and numbers of any kind


def test_hostile_names_are_only_names(visit, tmp_path, screenshot):
    rows = [
        Row(id=f"{number:016x}", name=name, problem=name, left=RowSide(file=name), parameters={name: name})
        for number, name in enumerate(HOSTILE)
    ]
    path = tmp_path / "report.html"
    path.write_text(written(comparison(rows, left=HOSTILE[0], right=HOSTILE[3])), "utf-8")
    one = visit(path, size=PHONE, is_mobile=True)
    page = one.page
    expected = {name.encode("utf-8", "replace").decode() for name in HOSTILE}
    assert value(page, "rows.map(row => row.name).sort()") == sorted(expected)
    assert page.locator("script").count() == 2
    assert page.locator("img[src='x']").count() == 0
    assert value(page, "document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, "hostile-summary")
    for place in range(len(rows)):
        value(page, "place => open(place)", place)
        wide = "(() => { const one = document.querySelector('#pair'), edge = one.getBoundingClientRect().right; return [...one.querySelectorAll('*')].filter(part => part.checkVisibility() && part.getBoundingClientRect().right > edge + 1).map(part => part.outerHTML.slice(0, 150)); })()"
        assert value(page, wide) == []
    screenshot(page, "hostile-pair")
    assert {address.partition(":")[0] for address in one.asked} <= {"file", "data"}


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(visit, tmp_path, count, screenshot):
    page = visit(write(tmp_path, comparison([random_row(random.Random(1), 1)][:count]))).page
    assert page.locator("#space .row").count() == count
    for key in ("j", "a", "u", "n", "Enter", "Escape", "z", "+"):
        page.keyboard.press(key)
    screenshot(page, f"rows-{count}")


def test_ten_thousand_pairs_scroll_and_answer(visit, tmp_path):
    chance = random.Random(2)
    page = visit(write(tmp_path, comparison(random_row(chance, number) for number in range(10_000)))).page
    assert page.locator("#space .row").count() < 60
    value(page, "scrollTo(0, document.body.scrollHeight)")
    page.wait_for_selector('#space .row[data-place="9999"]')
    assert page.locator("#space .row").count() < 60
    slowest = value(
        page,
        "(() => { const start = performance.now(); decide(rows[5], 'accept'); arrange(); showSummary(); return performance.now() - start; })()",
    )
    assert slowest < 1000


def test_a_thousand_pairs_without_pictures_stay_small(accounted):
    rows = [
        attrs.evolve(row, id=f"{number:016x}", name=f"{number}-{row.name}")
        for number in range(1000)
        for row in [accounted.rows[number % len(accounted.rows)]]
    ]
    assert len(written(attrs.evolve(accounted, rows=tuple(rows))).encode()) < 5_000_000


def test_numbers_on_the_page_have_five_digits(report):
    data = re.search(r'<script id="data" type="application/json">(.*?)</script>', report.read_text("utf-8"), re.DOTALL)[
        1
    ]
    numbers = re.findall(r"(?<![\w.\"-])-?\d+\.\d+(?:e-?\d+)?", data)
    assert numbers
    assert all(float(f"{float(number):.5g}") == float(number) for number in numbers)
