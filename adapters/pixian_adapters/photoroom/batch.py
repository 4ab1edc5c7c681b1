"""The module ``photoroom.batch``: what became of many pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.photoroom.exceptions import BatchPartialFailureError
from pixian_adapters.photoroom.types import BatchItemResult, BatchProgress

if TYPE_CHECKING:
    from collections.abc import Iterator


class BatchResult:
    """Every picture's result, in the order of the batch.

    Attributes:
        results: one for each picture.
        total_time: seconds.
    """

    def __init__(
        self, results: list[BatchItemResult], total_time: float, progress: BatchProgress | None = None
    ) -> None:
        self.results, self.total_time, self._progress = results, total_time, progress

    @property
    def total(self) -> int:
        """Pictures."""
        return len(self.results)

    @property
    def successful(self) -> list[BatchItemResult]:
        """Those that went well."""
        return [item for item in self.results if item.success]

    @property
    def failed(self) -> list[BatchItemResult]:
        """Those that did not."""
        return [item for item in self.results if not item.success]

    @property
    def success_count(self) -> int:
        """How many went well."""
        return len(self.successful)

    @property
    def failure_count(self) -> int:
        """How many did not."""
        return len(self.failed)

    @property
    def success_rate(self) -> float:
        """0 to 1."""
        return self.success_count / self.total if self.total else 0.0

    @property
    def all_successful(self) -> bool:
        """Whether every one went well."""
        return not self.failed

    @property
    def any_failed(self) -> bool:
        """Whether one did not."""
        return bool(self.failed)

    @property
    def progress(self) -> BatchProgress:
        """The counts, as a callback gets them."""
        return self._progress or BatchProgress(
            total=self.total,
            completed=self.total,
            successful=self.success_count,
            failed=self.failure_count,
            elapsed_seconds=self.total_time,
            estimated_remaining_seconds=0.0,
        )

    def raise_on_failure(self) -> None:
        """Make failures heard.

        Raises:
            BatchPartialFailureError: there are some.
        """
        if self.any_failed:
            raise BatchPartialFailureError(
                f"Batch processing completed with {self.failure_count} failures",
                self.success_count,
                self.failure_count,
                [(item.index, item.error) for item in self.failed],
            )

    def get_result(self, index: int) -> BatchItemResult | None:
        """Give the result of the picture with that index."""
        return next((item for item in self.results if item.index == index), None)

    def save_successful(self, output_dir: str, pattern: str = "{index}_{name}") -> int:
        """Write every finished picture to a folder, which is made if need be.

        Args:
            output_dir: the folder.
            pattern: of the names; ``name`` is the original's.

        Returns:
            How many were written.
        """
        folder = Path(output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        saved = [item for item in self.successful if item.result is not None]
        for item in saved:
            name = Path(item.input_file).name if item.input_file else "image.png"
            item.result.save(str(folder / pattern.format(index=item.index, name=name)))  # type: ignore[union-attr]
        return len(saved)

    def get_statistics(self) -> dict[str, Any]:
        """Give counts and times."""
        return {
            "total": self.total,
            "successful": self.success_count,
            "failed": self.failure_count,
            "success_rate": self.success_rate,
            "total_time_seconds": self.total_time,
            "average_time_per_item": self.total_time / self.total if self.total else 0,
        }

    def __repr__(self) -> str:
        """Tell the counts."""
        return (
            f"BatchResult(total={self.total}, successful={self.success_count}, failed={self.failure_count}, "
            f"time={self.total_time:.2f}s)"
        )

    def __iter__(self) -> Iterator[BatchItemResult]:
        """Give each picture's result."""
        return iter(self.results)

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.results)

    def __getitem__(self, index: int) -> BatchItemResult:
        """Give the result at that place."""
        return self.results[index]
