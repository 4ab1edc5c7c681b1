"""The module ``photoroom.retry``: which answers are asked for again."""

from __future__ import annotations

import random


class RetryConfig:
    """How often, and how long to wait in between.

    The original repeats what ended with 500, 502, 503 or 504, and every broken connection. Such a call may have been
    charged, so that here only statuses are repeated that a program has named itself. What certainly was not carried out
    (429, no connection) Pixian's client repeats by itself.

    Args:
        max_retries: beyond the first try.
        backoff_factor: the n-th wait takes the n-th power of it, in seconds, from 0 on.
        retry_on_status: named here, they are repeated.
        max_backoff: longest wait, in seconds.
        jitter: vary the waits by a quarter.
    """

    def __init__(
        self,
        max_retries: int = 3,
        backoff_factor: float = 2.0,
        retry_on_status: list[int] | None = None,
        max_backoff: float = 60.0,
        jitter: bool = True,
    ) -> None:
        self.max_retries, self.backoff_factor, self.max_backoff, self.jitter = (
            max_retries,
            backoff_factor,
            max_backoff,
            jitter,
        )
        self.retry_on_status = list(retry_on_status or ())

    def calculate_backoff(self, attempt: int) -> float:
        """Give the seconds to wait after a try, the first one being 0."""
        wait = min(self.backoff_factor**attempt, self.max_backoff)
        return max(0.0, wait * random.uniform(0.75, 1.25)) if self.jitter else wait  # noqa: S311 (nothing secret)

    def should_retry(self, status_code: int, attempt: int) -> bool:
        """Tell whether an answer is asked for again."""
        return attempt < self.max_retries and status_code in self.retry_on_status
