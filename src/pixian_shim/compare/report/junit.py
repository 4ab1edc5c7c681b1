"""Write a comparison as JUnit XML: one test a pair."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from pixian_shim.compare.judging.verdict import Group
from pixian_shim.compare.report.words import reasons

if TYPE_CHECKING:
    from pixian_shim.compare._comparison import Comparison, Row

_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not."""

_ELEMENTS = {Group.FAILED: "failure", Group.BAD: "failure", Group.UNKNOWN: "error"}


def junit(comparison: Comparison) -> str:
    """Write it; ``bad`` and ``failed`` are failures, what could not be compared is an error, the rest has passed.

    A pair that should be looked at has passed as well, and says why in its output: thresholds decide what ends a build.
    """
    counts = comparison.counts
    failures, errors = counts[Group.BAD] + counts[Group.FAILED], counts[Group.UNKNOWN]
    about = f'tests="{len(comparison.rows)}" failures="{failures}" errors="{errors}"'
    name = _attribute(f"{comparison.left.title} and {comparison.right.title}")
    cases = "\n".join(_case(row) for row in comparison.rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites {about}>\n<testsuite name={name} {about} skipped="0" timestamp={_attribute(comparison.made)}>\n'
        f"{cases}\n</testsuite>\n</testsuites>\n"
    )


def _case(row: Row) -> str:
    asked = ", ".join(f"{name}={value}" for name, value in row.parameters.items())
    name = _attribute(f"{row.name} [{asked}]" if asked else row.name)
    says = reasons(row)
    element = _ELEMENTS.get(row.group)
    if element is not None:
        inside = f"<{element} type={_attribute(row.group)} message={_attribute(says)}/>"
    elif says:
        inside = f"<system-out>{escape(_possible(f'{row.group}: {says}'))}</system-out>"
    else:
        inside = ""
    return f'<testcase classname="pixian_shim.compare" name={name}>{inside}</testcase>'


def _possible(text: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", text)


def _attribute(text: str) -> str:
    return quoteattr(_possible(text))
