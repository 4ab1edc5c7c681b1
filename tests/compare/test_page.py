"""The report in a real browser: what a person with five hundred photos sees, presses and decides."""

import json
import random
import re
from io import BytesIO
from time import monotonic

import attrs
import numpy as np
import pytest
from PIL import Image

from legacy_npm import folder
from legacy_packages import Unavailable
from pixian_shim.compare._causes import CAUSES, Finding, Level
from pixian_shim.compare._comparison import Account, Comparison, Row, RowSide
from pixian_shim.compare._html import page as written
from pixian_shim.compare._verdict import Group, verdict

PHONE = {"width": 390, "height": 844}
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
    assert set(named(page)) == {f"product-{number:02}.png" for number in range(10)}
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


# A pair


def test_the_slider_follows_the_mouse(visit, report):
    page = opened(visit, report, "product-03")
    box = page.locator("#frame").bounding_box()
    before = seen(page)
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=4)
    page.mouse.up()
    assert float(page.input_value("#cut")) == pytest.approx(90, abs=1)
    after = seen(page)
    page.keyboard.press("[")
    left = seen(page)
    page.keyboard.press("]")
    right = seen(page)
    width = left.shape[1]
    bottom = slice(0, -60)  # without the names
    arm = np.abs(left - right).sum(axis=2)[bottom] > 60
    arm[:, : width // 2 + 30] = arm[:, int(0.86 * width) :] = False
    assert arm.sum() > 500
    assert np.abs(before - right)[bottom][arm].mean() < 2
    assert np.abs(after - left)[bottom][arm].mean() < 2


def test_what_only_the_right_has_does_not_shine_through_on_the_left(visit, report):
    page = opened(visit, report, "product-05")
    page.fill("#cut", "97")
    slid = seen(page)[20:-60, :-100]
    page.keyboard.press("[")
    left = seen(page)[20:-60, :-100]
    page.keyboard.press("]")
    right = seen(page)[20:-60, :-100]
    assert (np.abs(left - right).sum(axis=2) > 60).sum() > 1000
    assert np.abs(slid - left).max() < 10


def test_the_slider_follows_the_keys(visit, report):
    page = opened(visit, report, "product-03")
    assert value(page, "document.activeElement.id") == "cut"
    before = seen(page)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert page.input_value("#cut") == "80"
    assert page.get_attribute("#cut", "aria-valuetext") == "80 per cent left"
    moved = np.abs(seen(page) - before)[20:-60].sum(axis=(0, 2)) > 100  # not the round corners
    moved[int(0.45 * len(moved)) : int(0.55 * len(moved))] = False  # where the line was
    assert moved.any()
    assert not moved[: int(0.45 * len(moved))].any()
    assert not moved[int(0.85 * len(moved)) :].any()
    assert value(page, "getComputedStyle(document.querySelector('#left-layer')).clipPath") == "inset(0px 20% 0px 0px)"
    page.focus("#accept")
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#cut") == "78"


def test_blink_shows_one_side_after_the_other(visit, report):
    page = opened(visit, report, "product-03")
    page.keyboard.press("b")
    page.wait_for_selector('#frame[data-face="right"]')
    assert value(page, "getComputedStyle(document.querySelector('#left-layer')).visibility") == "hidden"
    page.wait_for_selector('#frame[data-face="left"]')
    assert value(page, "getComputedStyle(document.querySelector('#right-layer')).visibility") == "hidden"
    page.keyboard.press("s")
    assert page.get_attribute("#frame", "data-face") == "both"


def test_nothing_moves_for_who_asked_for_it(visit, report):
    page = opened(visit, report, "product-03", reduced_motion="reduce")
    page.keyboard.press("b")
    page.wait_for_timeout(900)
    assert page.get_attribute("#frame", "data-face") == "left"
    page.keyboard.press("b")
    assert page.get_attribute("#frame", "data-face") == "right"


def test_the_heat_map_is_red_where_only_the_left_is_and_blue_where_only_the_right_is(visit, report, screenshot):
    for name, strong, weak in (("product-03", 0, 2), ("product-05", 2, 0)):
        page = opened(visit, report, name)
        page.keyboard.press("h")
        page.keyboard.press("2")
        value(page, "document.querySelector('#over').decode()")
        drawn = seen(page)[:-60]
        marked = (drawn[..., strong] - drawn[..., weak] > 120).sum()
        assert marked > 1000
        assert (drawn[..., weak] - drawn[..., strong] > 120).sum() < marked / 10
        screenshot(page, f"heat-{name}")


def test_backgrounds_are_what_they_say(visit, report):
    page = opened(visit, report, "product-00")
    corner = lambda: seen(page)[5:60, 5:60].reshape(-1, 3)  # noqa: E731
    assert len(np.unique(corner(), axis=0)) == 2
    for key, colour in (("2", (255, 255, 255)), ("3", (0, 0, 0)), ("4", (0x2F, 0x6F, 0x4F))):
        page.keyboard.press(key)
        assert np.unique(corner(), axis=0).tolist() == [list(colour)]
    page.fill("#own", "#ff0000")
    assert np.unique(corner(), axis=0).tolist() == [[255, 0, 0]]


def test_the_worst_spot_and_zoom(visit, report):
    page = opened(visit, report, "product-04")
    whole = page.get_attribute("#over", "src")
    page.keyboard.press("z")
    assert page.get_attribute("#over", "src") == whole.replace("-left.", "-left-spot.")
    assert page.get_attribute("#spot", "aria-pressed") == "true"
    page.keyboard.press("h")
    assert "heat-spot" in page.get_attribute("#over", "src")
    page.keyboard.press("z")
    page.keyboard.press("s")
    page.keyboard.press("+")
    assert page.inner_text("#zoom") == "150 %"
    box = page.locator("#frame").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.wheel(0, -600)
    until(page, "look.zoom > 2", True)
    page.keyboard.press("]")
    before = value(page, "[look.x, look.y]")
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 150)
    page.mouse.up()
    assert value(page, "[look.x, look.y]") != before
    page.keyboard.press("0")
    assert page.inner_text("#zoom") == "100 %"
    assert value(page, "[look.x, look.y].map(Math.abs)") == [0, 0]


def test_touch_moves_the_slider_and_scrolls_the_rest(visit, report):
    page = opened(visit, report, "product-03", size=PHONE, has_touch=True, is_mobile=True)
    box = page.locator("#frame").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    assert float(page.input_value("#cut")) == pytest.approx(25, abs=1)
    assert value(page, "getComputedStyle(document.querySelector('#frame')).touchAction") == "pan-y"


def test_one_finger_slides_and_two_zoom(visit, report):
    page = opened(visit, report, "product-03", size=PHONE, has_touch=True, is_mobile=True)
    box = page.locator("#frame").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    line = page.context.new_cdp_session(page)

    def touch(kind, *places):
        points = [{"x": x + across, "y": y + down, "id": number} for number, (across, down) in enumerate(places)]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0, 0))
    for across in (20, 60, 100):
        touch("touchMove", (across, 0))
    touch("touchEnd")
    expected = 50 + 100 * 100 / box["width"]
    assert float(page.input_value("#cut")) == pytest.approx(expected, abs=1)
    touch("touchStart", (-20, 0))
    touch("touchStart", (-20, 0), (20, 0))
    for apart in (30, 50, 70):
        touch("touchMove", (-apart, 0), (apart, 0))
    touch("touchEnd")
    until(page, "look.zoom > 2", True)


def test_a_pair_without_pictures_says_why(visit, report):
    page = opened(visit, report, "alone")
    assert "no partner" in page.inner_text("#blank")
    assert page.locator("#modes button:not(:disabled)").count() == 0


# Deciding


def test_marking_by_key_leads_to_the_next_and_counts_at_once(visit, report, accounted):
    page = visit(report).page
    open_rows = [row for row in accounted.rows if row.group not in (Group.FINE, Group.ACCEPTED)]
    assert page.inner_text("#begin") == f"Review {len(open_rows)} pairs"
    page.click("#begin")
    for row in open_rows[:-1]:
        assert page.inner_text("#pair-name") == row.name
        page.keyboard.press("a")
    page.keyboard.press("r")
    assert page.inner_text("#pair-name") == open_rows[-1].name
    assert "Nothing here is left to be decided" in page.inner_text("#pair-said")
    page.keyboard.press("Escape")
    expected = accounted.decided({row.id: "accept" for row in open_rows[:-1]} | {open_rows[-1].id: "reject"})
    page.wait_for_selector("#begin:disabled")
    assert page.inner_text("#verdict").replace("\n", " ") == expected.verdict.says
    assert page.inner_text("#progress-says") == f"{len(open_rows)} of {len(open_rows)} decided"


def test_marking_by_button_in_the_list_and_in_the_pair(visit, report, accounted):
    page = visit(report).page
    first = page.locator("#space .row").first
    name = first.locator(".name").inner_text()
    first.get_by_role("button", name=f"Reject {name}").click()
    assert first.locator(".badge").inner_text() == "✗ rejected"
    assert value(page, "document.activeElement.dataset.mark") == "reject"
    first.locator(".name").click()
    page.click("#accept")
    assert value(page, "decisions()") == {accounted.rows[0].id: "accept"}
    page.click("#previous")
    assert page.get_attribute("#accept", "aria-pressed") == "true"
    page.click("#accept")
    assert value(page, "decisions()") == {}


def test_undo_takes_back_one_after_the_other(visit, report):
    page = visit(report).page
    page.click("#begin")
    first = page.inner_text("#pair-name")
    page.keyboard.press("a")
    second = page.inner_text("#pair-name")
    page.keyboard.press("r")
    page.click("#undo")
    assert page.inner_text("#pair-name") == second
    page.keyboard.press("u")
    assert page.inner_text("#pair-name") == first
    assert value(page, "decisions()") == {}


def test_decisions_survive_a_reload_also_those_that_take_one_back(visit, tmp_path, accounted, compared):
    kept = accounted.decided({accounted.rows[0].id: "accept"})
    one = visit(write(tmp_path, kept, pictures=f"{compared[1].pictures.as_uri()}/"))
    value(one.page, "id => decide(byId.get(id), '')", accounted.rows[0].id)
    value(one.page, "id => decide(byId.get(id), 'reject')", accounted.rows[1].id)
    one.page.reload()
    assert value(one.page, "decisions()") == {accounted.rows[1].id: "reject"}


def test_two_windows_of_a_file_do_not_lose_each_other_s_decisions(visit, report, accounted):
    one = visit(report)
    other = one.context.new_page()
    other.goto(report.as_uri())
    first, second = (row.id for row in accounted.rows[:2])
    other.evaluate("id => decide(byId.get(id), 'accept')", first)
    one.page.wait_for_selector(f'#space .row[data-id="{first}"] .badge.is-accepted')
    one.page.evaluate("id => decide(byId.get(id), 'reject')", second)
    one.page.reload()
    assert value(one.page, "decisions()") == {first: "accept", second: "reject"}


def test_saved_decisions_can_be_loaded_elsewhere(visit, report, accounted, tmp_path):
    one = visit(report)
    one.page.click("#begin")
    one.page.keyboard.press("a")
    one.page.keyboard.press("r")
    one.page.keyboard.press("Escape")
    with one.page.expect_download() as download:
        one.page.click("#save")
    assert download.value.suggested_filename == "decisions.json"
    file = tmp_path / "decisions.json"
    download.value.save_as(file)
    told = json.loads(file.read_text("utf-8"))
    assert sorted(told.values()) == ["accept", "reject"]
    assert set(told) <= {row.id for row in accounted.rows}
    file.write_text(json.dumps(told | {"of another comparison": "accept"}), "utf-8")
    other = visit(report).page
    other.set_input_files("#file", file)
    until(other, "decisions()", told)
    assert "1 are of other pairs" in other.inner_text("#said")
    file.write_text("nonsense", "utf-8")
    other.set_input_files("#file", file)
    other.wait_for_selector("#said.failed")


# For everybody


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
    value(page, "openRow(rows.find(row => row.name === 'product-03.png'))")
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
    value(page, "openRow(rows.find(row => row.name === 'product-03.png'))")
    assert violations() == []
    page.keyboard.press("h")
    page.keyboard.press("a")
    assert violations() == []


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
