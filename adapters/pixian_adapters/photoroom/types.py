"""The module ``photoroom.types``: what the client gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.doors import save_result

if TYPE_CHECKING:
    import os

BatchInput = str | Path | bytes
PaddingMarginSpec = int | float | str
"""A share, ``"30%"`` or ``"100px"``."""


class _Model:
    """Give the fields as a dict, by the names that pydantic has for that."""

    def model_dump(self) -> dict[str, Any]:
        """Give the fields as a dict."""
        return attrs.asdict(self)  # type: ignore[arg-type]

    dict = model_dump


@attrs.define(kw_only=True, slots=False)
class AccountImages(_Model):
    """Pictures that the account is good for; here, whole credits at Pixian."""

    available: int
    subscription: int


@attrs.define(kw_only=True, slots=False)
class AccountInfo(_Model):
    """The account: here, Pixian's credit pack."""

    plan: str
    images: AccountImages


class ImageResponse:
    """A finished picture.

    Attributes:
        image_data: its bytes.
        metadata: headers of the answer that mean something: ``content-type``, and those that begin with ``pr-``.
    """

    def __init__(self, image_data: bytes, metadata: dict[str, Any] | None = None) -> None:
        self.image_data, self.metadata = image_data, metadata or {}

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.image_data)

    @property
    def size_kb(self) -> float:
        """Bytes / 1024."""
        return len(self.image_data) / 1024

    @property
    def background_seed(self) -> int | None:
        """Of a generated background; Pixian generates none."""
        return self._number("pr-ai-background-seed")

    @property
    def texts_detected(self) -> int | None:
        """Texts that were removed; Pixian removes none."""
        return self._number("pr-texts-detected")

    @property
    def edit_further_url(self) -> str | None:
        """Where PhotoRoom's web application would open the result; ``None`` from Pixian."""
        return self.metadata.get("pr-edit-further-url")

    @property
    def unsupported_attributes(self) -> str | None:
        """Parameters that the service does not know."""
        return self.metadata.get("pr-unsupported-attributes")

    def _number(self, header: str) -> int | None:
        try:
            return int(self.metadata[header])
        except (KeyError, TypeError, ValueError):
            return None

    def save(self, file_path: str | os.PathLike[str]) -> None:
        """Write the picture, whole or not at all.

        Raises:
            OSError: it cannot be written; the exception has the picture as its attribute ``content``.
        """
        save_result(self.image_data, file_path)

    def __repr__(self) -> str:
        """Tell size and headers."""
        return f"ImageResponse(size={self.size_kb:.1f}KB, metadata={[*self.metadata]})"


@dataclass  # as in the original, whose users take it apart with the functions of dataclasses
class BatchItemResult:
    """What became of one picture of a batch."""

    index: int
    input_file: str
    success: bool
    result: ImageResponse | None = None
    error: Exception | None = None
    output_file: str | None = None

    def __repr__(self) -> str:
        """Tell size or error."""
        if self.success:
            size = f"{self.result.size_kb:.1f}KB" if self.result else "N/A"
            return f"BatchItemResult(index={self.index}, success=True, size={size})"
        error = str(self.error)[:50] if self.error else "Unknown error"
        return f"BatchItemResult(index={self.index}, success=False, error={error})"


@dataclass
class BatchProgress:
    """How far a batch is."""

    total: int
    completed: int = 0
    successful: int = 0
    failed: int = 0
    elapsed_seconds: float = 0.0
    estimated_remaining_seconds: float | None = None

    @property
    def progress_percent(self) -> float:
        """0 to 100."""
        return 100 * self.completed / self.total if self.total else 100.0

    @property
    def is_complete(self) -> bool:
        """Whether every picture is through."""
        return self.completed >= self.total

    @property
    def success_rate(self) -> float:
        """0 to 1, of those that are through."""
        return self.successful / self.completed if self.completed else 0.0

    def __repr__(self) -> str:
        """Tell the counts."""
        return (
            f"BatchProgress({self.completed}/{self.total} [{self.progress_percent:.1f}%], "
            f"success={self.successful}, failed={self.failed})"
        )


ProgressCallback = Callable[[BatchProgress], Any]
