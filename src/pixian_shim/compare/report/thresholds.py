"""What ends a build: thresholds on groups, causes, verdict and latency, written as ``NAME=MOST``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import attrs

from pixian_shim.compare.judging.causes import CAUSES
from pixian_shim.compare.judging.verdict import Group
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from pixian_shim.compare._comparison import Comparison

_GROUPS = tuple(str(group) for group in Group)
_CAUSES = {cause.name.replace(" ", "-"): cause.name for cause in CAUSES}
_VERDICTS = {"look": ("look", "no", "nothing"), "no": ("no", "nothing")}
NAMES = ("verdict", "slower", *_GROUPS, *_CAUSES)
"""What a threshold may be about."""


@attrs.frozen
class Threshold:
    """The most that is accepted of something.

    Attributes:
        name: one of ``NAMES``.
        most: pairs, or with ``share`` their share from 0 to 1; for ``slower`` the right median in left medians.
        share: whether it is a share of all pairs.
        verdict: for ``verdict``: from which answer on it is exceeded.
    """

    name: str
    most: float = 0.0
    share: bool = False
    verdict: str = ""

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Read ``bad=0``, ``look=10%``, ``colour-fringe=5``, ``slower=1.5``, ``verdict=no``.

        Raises:
            ConfigurationError: it is none of these.
        """
        name, found, value = (part.strip().lower().replace(" ", "-") for part in text.partition("="))
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1, cutoff=0.65)
            hint = f"did you mean {close[0]}?" if close else f"one of {', '.join(NAMES)} is expected"
            raise ConfigurationError(f"--fail-on {text!r}: {hint}")
        if name == "verdict":
            if value not in _VERDICTS:
                raise ConfigurationError(f"--fail-on {text!r}: verdict=no or verdict=look")
            return cls(name, verdict=value)
        share = value.endswith("%")
        try:
            most = float(value.removesuffix("%"))
        except ValueError:
            most = -1.0
        fits = 0 <= most < float("inf") and (not share if name == "slower" else share or most.is_integer())
        if not found or not fits:
            expected = "slower=1.5, in medians of the left" if name == "slower" else f"{name}=3 pairs, or {name}=5%"
            raise ConfigurationError(f"--fail-on {text!r}: such as {expected}")
        return cls(name, most / 100 if share else most, share)

    def exceeded(self, comparison: Comparison) -> str:
        """Say by how much it is exceeded; empty where it is not."""
        if self.verdict:
            answer = comparison.verdict.answer
            return f"the verdict is {answer!r}" if answer in _VERDICTS[self.verdict] else ""
        if self.name == "slower":
            return self._slower(comparison)
        pairs = self._pairs(comparison)
        value = pairs / max(1, len(comparison.rows)) if self.share else pairs
        if value <= self.most:
            return ""
        if self.share:
            return f"{self.name}: {100 * value:.3g} % of the pairs, at most {100 * self.most:g} % allowed"
        return f"{self.name}: {pairs} {'pair' if pairs == 1 else 'pairs'}, at most {self.most:g} allowed"

    def _pairs(self, comparison: Comparison) -> int:
        counts = comparison.counts
        if self.name == Group.BAD:
            return counts[Group.BAD] + counts[Group.FAILED]  # as the verdict counts
        if self.name in _GROUPS:
            return counts[self.name]
        return comparison.causes[_CAUSES[self.name]]["pairs"]

    def _slower(self, comparison: Comparison) -> str:
        """Compare medians; what was not timed is no success either."""
        left, right = (side.percentile(0.5) for side in (comparison.left, comparison.right))
        if not left or right is None:
            return "slower: one side was not timed"
        ratio = right / left
        if ratio <= self.most:
            return ""
        return f"slower: the median is {ratio:.3g} times the left one's, at most {self.most:g} allowed"
