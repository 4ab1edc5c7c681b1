"""Count how often each pair of alphas meets: every point-wise metric follows from that, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from pixian_shim.errors import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixian_shim.images import Pixels

EMPTY = 0.0005
"""Of the canvas: a subject smaller than that is none."""

LEVELS = 256
_BOTH_OPAQUE = LEVELS * LEVELS - 1
_DIFFERENCE: NDArray[np.float64] = np.abs(np.subtract.outer(np.arange(256.0), np.arange(256.0))) / 255


@attrs.frozen(eq=False)
class AlphaHistogram:
    """The joint histogram of two alphas of the same size; tiles and pictures add up with ``+``.

    Attributes:
        counts: ``(256, 256)``, pixels with the row's alpha on the left and the column's on the right.
    """

    counts: NDArray[np.int64] = attrs.field(repr=False)

    @classmethod
    def of(cls, left: Pixels, right: Pixels) -> AlphaHistogram:
        """Count two alphas, ``(height, width)`` of 0 to 255.

        Raises:
            ImageError: they are not of the same size.
        """
        if left.shape != right.shape:
            raise ImageError(f"alphas of one size are expected, not {left.shape} and {right.shape}")
        pairs = np.left_shift(left, 8, dtype=np.uint16)
        pairs |= right
        # Nearly all pixels are transparent or opaque on both sides: counting those apart is three times as fast.
        empty, opaque = int(np.count_nonzero(pairs == 0)), int(np.count_nonzero(pairs == _BOTH_OPAQUE))
        counts = np.bincount(pairs[(pairs + np.uint16(1)) > 1], minlength=LEVELS * LEVELS).astype(np.int64)
        counts[0], counts[_BOTH_OPAQUE] = empty, opaque
        return cls(counts.reshape(LEVELS, LEVELS))

    def __add__(self, other: AlphaHistogram) -> AlphaHistogram:
        """Count both."""
        return AlphaHistogram(self.counts + other.counts)

    @property
    def pixels(self) -> int:
        """How many were counted."""
        return int(self.counts.sum())

    @property
    def sad(self) -> float:
        """Sum of absolute differences, alphas from 0 to 1, in pixels (papers often print it in thousands)."""
        return float((self.counts * _DIFFERENCE).sum())

    @property
    def mae(self) -> float:
        """Mean absolute difference, 0 to 1."""
        return self.sad / max(1, self.pixels)

    @property
    def mse(self) -> float:
        """Mean squared difference, 0 to 1."""
        return float((self.counts * _DIFFERENCE**2).sum()) / max(1, self.pixels)

    def iou(self, threshold: int = 128) -> float:
        """Intersection over union of what is at least so opaque, 0 to 1; 1 where neither side has any.

        Args:
            threshold: 1 to 255.
        """
        both = int(self.counts[threshold:, threshold:].sum())
        either = self.pixels - int(self.counts[:threshold, :threshold].sum())
        return both / either if either else 1.0

    def areas(self, threshold: int = 128) -> tuple[int, int]:
        """Pixels that are at least so opaque, on the left and on the right."""
        return int(self.counts[threshold:].sum()), int(self.counts[:, threshold:].sum())
