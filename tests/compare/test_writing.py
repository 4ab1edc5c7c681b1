"""Markdown for a pull request, JUnit for CI."""

import re
from xml.etree import ElementTree as ET

import attrs
import pytest
from markdown_it import MarkdownIt

from compare_sides import HOLED, png, two_sides
from pixian_shim.compare import Prices, compare, side
from pixian_shim.compare._comparison import ordered
from pixian_shim.compare.judging.causes import Finding, Level
from pixian_shim.compare.report.html import page
from pixian_shim.compare.report.junit import junit
from pixian_shim.compare.report.markdown import WORST, markdown
from pixian_shim.compare.report.words import accounts, strength

HOSTILE = [
    "a|b.png",
    "`code`.png",
    "``.png",
    "<script>alert(1)</script>.png",
    "![x](y).png",
    "line\nbreak.png",
    "\u202egnp.exe.png",
    "@everyone.png",
    "]]>.png",
    "\x00\x0b\x1f&amp;.png",
    "\udce9.png",
    "",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    old, new = two_sides(tmp_path_factory.mktemp("sides"), fine=5, bad=2, broken=1, lonely=1)
    return compare(side(old), side(new), prices=Prices("EUR", {}))


def renamed(found, name):
    return attrs.evolve(found, rows=tuple(attrs.evolve(row, name=name) for row in found.rows))


def tables(text):
    """Parse it as a pull request does; give each table's rows of cell texts."""
    rows, result = None, []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        if token.type == "table_open":
            rows = []
            result.append(rows)
        elif token.type == "table_close":
            rows = None
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append("".join(child.content for child in token.children))
    return result


def test_markdown_begins_with_the_verdict(found):
    assert markdown(found).startswith(f"## {found.verdict.says}\n")


def test_markdown_lists_the_worst_first_and_says_why(found):
    worst = tables(markdown(found))[1]
    assert [row[1] for row in worst[1:]] == ["failed", "bad", "bad", "unknown"]
    assert "cut off" in worst[1][2]
    assert worst[2][2].startswith("hole ")
    assert "there is no partner on the right" in worst[4][2]


def test_markdown_tells_causes_cost_and_latency(found):
    _, _, causes, costs = tables(markdown(found))
    assert causes[1][:3] == ["hole", "2", "2"]
    assert [row[0] for row in costs[1:]] == [
        *("answers", "credits", "EUR in all"),
        "answered within, median",
    ]
    assert costs[3][1:] == ["no price known", "no price known"]
    assert costs[4][1:] == ["not timed", "not timed"]


@pytest.mark.parametrize(
    ("left", "right", "lines"),
    [
        (19, 19, {"median": ("10 s", "10 s")}),
        (20, 19, {"median": ("10 s", "10 s"), "95 %": ("19 s", "too few")}),
        (99, 0, {"median": ("50 s", "not timed"), "95 %": ("95 s", "not timed")}),
        (100, 20, {"median": ("50 s", "10 s"), "95 %": ("95 s", "19 s"), "99 %": ("99 s", "too few")}),
    ],
)
def test_a_share_that_the_slowest_answer_alone_would_tell_is_left_out(found, left, right, lines):
    sides = (attrs.evolve(found.left, seconds=tuple(map(float, range(1, count + 1)))) for count in (left, right))
    timed = attrs.evolve(found, **dict(zip(("left", "right"), sides, strict=True)))
    told = {name.removeprefix("answered within, "): cells for name, *cells in accounts(timed)}
    expected = {name: [cell.replace(" s", ".00 s") for cell in cells] for name, cells in lines.items()}
    assert {name: told[name] for name in told if "%" in name or name == "median"} == expected
    heads = re.findall(r'<th scope="row">(median|9\d % within)</th>', page(timed))
    assert [head.removesuffix(" within") for head in heads] == list(lines)


@pytest.mark.parametrize(
    ("cause", "value", "said"),
    [
        ("extra object", 68.95, "extra object 69 times the subject"),
        ("extra object", 9.996, "extra object 10 times the subject"),
        ("extra object", 9.99, "extra object 999 % of the subject"),
        ("extra object", 1234.4, "extra object 1,234 times the subject"),
        ("edge", 1.18, "edge 100 % of the outline"),
        ("edge", 0.118, "edge 11.8 % of the outline"),
    ],
)
def test_a_share_is_said_as_one_and_what_is_many_times_as_that(cause, value, said):
    assert strength(Finding(cause, value, Level.BAD, 10.0, "")) == said


def test_markdown_stays_short(found):
    many = [row for row in found.rows if row.group == "bad"] * 50
    worst = tables(markdown(attrs.evolve(found, rows=tuple(ordered(many)))))[1]
    assert len(worst) == WORST + 1


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out_of_its_cell(found, name):
    text = markdown(renamed(found, name))
    assert {len(row) for row in tables(text)[1]} == {3}
    html = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
    assert "<script" not in html
    assert "<img" not in html
    assert text.encode("utf-8")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_xml(found, name):
    suite = ET.fromstring(junit(renamed(found, name)).encode("utf-8"))
    assert len(suite.findall(".//testcase")) == len(found.rows)


def test_junit_counts_what_it_holds(found):
    suites = ET.fromstring(junit(found))
    suite = suites.find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("9", "3", "1")
    assert len(suite.findall("testcase/failure")) == 3
    assert len(suite.findall("testcase/error")) == 1
    assert suite.find("testcase/failure").get("type") == "failed"


def test_junit_names_the_parameters_that_tell_two_calls_apart(found):
    asked = attrs.evolve(found, rows=(attrs.evolve(found.rows[0], parameters={"size": "hd"}),))
    assert 'name="broken-0.png [size=hd]"' in junit(asked)


def test_a_pair_to_look_at_has_passed_and_says_why(tmp_path):
    old, new = two_sides(tmp_path, fine=1, bad=0)
    (new / "fine-0_no_bg.png").write_bytes(png(HOLED.resize((162, 120))))
    said = junit(compare(side(old), side(new)))
    assert "system-out" in said or "failure" in said


def test_a_reviewer_is_heard(found):
    bad = next(row for row in found.rows if row.group == "bad")
    fine = next(row for row in found.rows if row.group == "fine")
    decided = found.decided({bad.id: "accept", fine.id: "reject"})
    cases = {case.get("name"): case for case in ET.fromstring(junit(decided)).iter("testcase")}
    assert cases[bad.name].find("failure") is None
    assert cases[fine.name].find("failure").get("message") == "rejected by the reviewer"
    assert "rejected by the reviewer" in markdown(decided)
