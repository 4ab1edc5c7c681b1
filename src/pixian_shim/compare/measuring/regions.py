"""Connected regions of a mask, by runs: one row's neighbouring pixels are one node, so there are few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pixian_shim.images import Pixels

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32] | NDArray[np.int64]
"""Runs and labels have 32 bits: in a chequered alpha every pixel is a run, and pictures stay below 2 gigapixels."""

STEPS = 10
"""Thresholds of the connectivity error: 0.1 apart, as in the evaluation code of Rhemann and others."""
THETA = 0.15
"""What an alpha is away from its level of connection by less does not count (Rhemann and others, 2009)."""


_BEYOND = np.iinfo(np.int32).max
_NONE = -2  # a label that no pixel has, not even one outside of every region


@attrs.frozen(eq=False)
class Regions:
    """The 4-connected regions of a mask.

    Attributes:
        starts: of the runs, in pixels of the mask counted row by row, with one more pixel at each row's end.
        ends: likewise, exclusive.
        labels: of each run, from 0.
        areas: of each region, in pixels.
        width: of the mask.
    """

    starts: Numbers
    ends: Numbers
    labels: Numbers
    areas: Numbers
    width: int

    @classmethod
    def of(cls, mask: Mask) -> Regions:
        """Find them; ``(height, width)``."""
        height, width = mask.shape
        wide = width + 1
        flat = np.zeros(height * wide + 1, np.bool_)
        flat[1:].reshape(height, wide)[:, :width] = mask
        turns = np.flatnonzero(flat[1:] != flat[:-1]).astype(np.int32)
        starts, ends = turns[::2], turns[1::2]
        labels, count = _joined(starts, ends, wide)
        return cls(starts, ends, labels, np.bincount(labels, ends - starts, count).astype(np.int64), width)

    def __len__(self) -> int:
        """How many regions there are."""
        return len(self.areas)

    def at(self, pixels: Numbers) -> Numbers:
        """Give the labels of pixels that are told by their number, row by row; -1 outside of every region."""
        if not len(self.starts):
            return np.full(len(pixels), -1, np.int64)
        place = pixels + pixels // self.width  # the added column
        run = np.searchsorted(self.starts, place, "right") - 1
        inside = (run >= 0) & (place < self.ends[run])
        return np.where(inside, self.labels[run], np.int64(-1))

    def counted(self, mask: Mask) -> Numbers:
        """Count another mask's pixels within each region."""
        height, width = mask.shape
        before = np.zeros((height, width + 1), np.int32)
        before[:, :width] = mask
        flat = before.reshape(-1)
        np.cumsum(flat, out=flat)
        within = flat[self.ends - 1] - flat[self.starts] + mask[self.starts // (width + 1), self.starts % (width + 1)]
        return np.bincount(self.labels, within, len(self)).astype(np.int64)

    def part(self, label: int, rows: slice, columns: slice, shape: tuple[int, ...]) -> Mask:
        """Draw one region within a window of this shape."""
        wide = self.width + 1
        first, last = np.searchsorted(self.starts, (rows.start * wide, (rows.start + shape[0]) * wide))
        runs = np.flatnonzero(self.labels[first:last] == label) + first
        down = self.starts[runs] // wide - rows.start
        left = self.starts[runs] % wide - columns.start
        right = left + self.ends[runs] - self.starts[runs]
        begin, end = np.clip(left, 0, shape[1]), np.clip(right, 0, shape[1])
        shown = begin < end
        change = np.zeros((shape[0], shape[1] + 1), np.int8)
        change[down[shown], begin[shown]] = 1
        change[down[shown], end[shown]] = -1
        return np.cumsum(change, axis=1, dtype=np.int8)[:, : shape[1]].astype(np.bool_)

    def boxes(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """Give each region's top, left, bottom and right, the last two exclusive."""
        wide = self.width + 1
        rows, left = self.starts // wide, self.starts % wide
        right = left + (self.ends - self.starts)
        edges = [np.full(len(self), bound, np.int32) for bound in (_BEYOND, _BEYOND, 0, 0)]
        np.minimum.at(edges[0], self.labels, rows)
        np.minimum.at(edges[1], self.labels, left)
        np.maximum.at(edges[2], self.labels, rows + 1)
        np.maximum.at(edges[3], self.labels, right)
        return edges[0], edges[1], edges[2], edges[3]

    def drawn(self, chosen: Mask, height: int) -> Mask:
        """Draw the chosen regions, one truth each, on a mask of the height that they came from."""
        keep, wide = chosen[self.labels], self.width + 1
        change = np.zeros(height * wide + 1, np.int8)
        change[self.starts[keep]] = 1
        change[self.ends[keep]] = -1
        inside: Mask = np.cumsum(change[:-1], dtype=np.int8).reshape(height, wide)[:, : self.width].view(np.bool_)
        return inside


def _joined(starts: Numbers, ends: Numbers, wide: int) -> tuple[Numbers, int]:
    """Label runs that touch from row to row."""
    count = len(starts)
    first = np.searchsorted(ends, starts + wide, "right").astype(np.int32)
    number = np.searchsorted(starts, ends + wide, "left").astype(np.int32)
    number -= first
    np.maximum(number, 0, out=number)
    above = np.repeat(np.arange(count, dtype=np.int32), number)
    first -= np.cumsum(number, dtype=np.int32)
    first += number
    below = np.repeat(first, number)
    del first, number
    below += np.arange(len(above), dtype=np.int32)
    parent = np.arange(count, dtype=np.int32)
    while True:
        one, other = parent[above], parent[below]
        apart = one != other
        if not apart.any():
            break
        above, below, one, other = above[apart], below[apart], one[apart], other[apart]
        parent[np.maximum(one, other)] = np.minimum(one, other)
        while not np.array_equal(up := parent[parent], parent):
            parent = up
    numbers = np.cumsum(parent == np.arange(count, dtype=np.int32), dtype=np.int32)
    return numbers[parent] - np.int32(1), int(numbers[-1]) if count else 0


def holes(mask: Mask, at_least: int) -> int:
    """Count regions of the background that the mask encloses.

    Args:
        mask: ``(height, width)``.
        at_least: pixels; smaller ones are not counted.
    """
    outside = Regions.of(~mask)
    if not len(outside):
        return 0
    top, left, bottom, right = outside.boxes()
    height, width = mask.shape
    inner = (top > 0) & (left > 0) & (bottom < height) & (right < width)
    return int(np.count_nonzero(inner & (outside.areas >= at_least)))


def islands(mask: Mask, at_least: int) -> int:
    """Count the mask's regions beside the largest one.

    Args:
        mask: ``(height, width)``.
        at_least: pixels; smaller ones are not counted.
    """
    return max(0, int(np.count_nonzero(Regions.of(mask).areas >= at_least)) - 1)


def connectivity_error(left: Pixels, right: Pixels) -> float:
    """Sum how differently pixels hang together with the subject, in pixels.

    Rhemann, Rother, Wang, Gelautz, Kohli, Rott: A Perceptually Motivated Online Benchmark for Image Matting, CVPR 2009,
    connectivity with p = 1: the source region is the largest one where both alphas reach the threshold; thresholds are
    0.1 apart. Public versions in Python are told to differ from the original by about 5 %.

    Args:
        left: alpha, ``(height, width)``, 0 to 255.
        right: of the same size.
    """
    differ = np.flatnonzero(left != right)  # elsewhere both are connected alike
    if not len(differ):
        return 0.0
    lower = np.minimum(left, right)
    reached = np.ones(len(differ), np.float32)
    joined = np.ones(len(differ), np.bool_)
    for step in range(1, STEPS + 1):
        regions = Regions.of(lower >= -(-step * 255 // STEPS))
        largest = int(regions.areas.argmax()) if len(regions) else _NONE
        still = joined & (regions.at(differ) == largest)
        reached[joined & ~still] = (step - 1) / STEPS
        joined = still
    return float(np.abs(_connected(left.ravel()[differ], reached) - _connected(right.ravel()[differ], reached)).sum())


def _connected(alpha: Pixels, reached: NDArray[np.float32]) -> NDArray[np.float32]:
    away = alpha.astype(np.float32) / 255 - reached
    return np.where(away >= THETA, 1 - away, np.float32(1)).astype(np.float32)
