"""A picture to be sent, and the formats that results have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class PicsartImageFormat(str, Enum):  # noqa: UP042 (what it is written as in a text, programs may rely on)
    """How the result is written."""

    PNG = "png"
    JPG = "jpg"
    WEBP = "webp"


@dataclass
class PicsartImage:
    """A picture, by its address or its path.

    Raises:
        ValueError: none is given, or both are, or there is no such file.
    """

    image_url: str | None = None
    image_path: str | None = None
    _field_name: str = "image"

    def __post_init__(self) -> None:
        """Check it."""
        names = f"`{self._field_name}_url`, or `{self._field_name}_path`"
        if not self.image_url and not self.image_path:
            raise ValueError(f"At least one of {names} must be provided.")
        if self.image_url and self.image_path:
            raise ValueError(f"Only one of {names} can be provided.")
        if self.image_path and not Path(self.image_path).is_file():
            raise ValueError(f"The file path does not exist: {self.image_path}")
