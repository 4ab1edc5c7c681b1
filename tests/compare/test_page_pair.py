"""One pair of the report in a real browser: looking at it, and deciding."""

import json
import re

import numpy as np
import pytest

from compare_browser import PHONE, comparison, opened, seen, until, value, write
from pixian_shim.compare._comparison import Row, RowSide
from pixian_shim.compare.judging.causes import Finding, Level
from pixian_shim.compare.judging.verdict import Group
from pixian_shim.compare.report.words import strength

# Looking


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


@pytest.mark.parametrize(("name", "why"), [("alone", "no partner"), ("truncated", "damaged or cut off")])
def test_of_a_pair_that_was_not_compared_the_side_that_there_is_can_be_seen(visit, report, name, why):
    page = opened(visit, report, name)
    assert why in page.inner_text("#pair")
    assert page.locator("#modes button:not(:disabled)").all_inner_texts() == ["Left"]
    assert (page.is_visible("#over"), page.is_visible("#under")) == (True, False)
    assert (page.is_visible("#left-name"), page.is_visible("#right-name")) == (True, False)
    assert seen(page).std() > 10


def test_a_pair_without_any_picture_says_why(visit, tmp_path):
    row = Row(id="0" * 16, name="lost.png", problem="right: the file is empty; left: the file is empty")
    page = opened(visit, write(tmp_path, comparison([row])), "lost")
    assert "the file is empty" in page.inner_text("#blank")
    assert page.locator("#modes button:not(:disabled)").count() == 0


def test_why_no_picture_could_be_made_is_said_of_the_pair_and_of_neither_side(visit, tmp_path):
    row = Row(id="0" * 16, name="full.png", left=RowSide(file="a.png"), right=RowSide(file="b.png"), note="disk full")
    page = opened(visit, write(tmp_path, comparison([row])), "full")
    assert page.inner_text("#blank") == "There is nothing to show: disk full."
    assert "Note: disk full." in page.inner_text("#pair-says")
    assert "disk full" not in page.inner_text("#facts")


def test_a_file_stored_under_its_hash_is_named_in_one_line(visit, tmp_path):
    stored, named = f"{'0123456789abcdef' * 4}.png", f"{'0123456789abcdef' * 4}-mine.png"
    row = Row(id="0" * 16, name="a.png", left=RowSide(file=stored), right=RowSide(file=named))
    page = opened(visit, write(tmp_path, comparison([row])), "a.png")
    assert page.locator("#facts dd").all_inner_texts() == ["0123456789ab….png", named]


def test_browser_and_python_say_shares_alike(visit, tmp_path):
    shares = [0.00432, 0.118, 1.18, 9.99, 9.996, 68.95, 1234.4]
    found = [
        Finding(cause, share, Level.BAD, 10.0) for cause in ("edge", "extra object", "crop shift") for share in shares
    ]
    row = Row(id="0" * 16, name="a.png", findings=tuple(found))
    page = visit(write(tmp_path, comparison([row]))).page
    told = value(page, "rows[0].findings.map(strength)")
    units = re.compile(" of the (outline|subject|canvas)$")
    assert told == [strength(one) if " times " in strength(one) else units.sub("", strength(one)) for one in found]


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
