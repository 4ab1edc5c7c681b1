"""Sizes, boxes, lengths and margins: plain values, written as Pixian v2 writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

import attrs

from pixian_shim.errors import InvalidParameter

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(px|%)?", re.ASCII)
_LARGEST = 1e9
_SIDE = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str, *, parameter: str = "size") -> Size:
        """Read ``"1920 1080"``.

        Raises:
            InvalidParameter: not two positive whole numbers.
        """
        parts = text.split()
        if len(parts) != 2 or not all(_SIDE.fullmatch(part) for part in parts):  # noqa: PLR2004
            raise InvalidParameter(parameter, text, "two positive whole numbers are expected, such as '1920 1080'")
        return cls(int(parts[0]), int(parts[1]))

    def __str__(self) -> str:
        """Write as Pixian does: ``1920 1080``."""
        return f"{self.width} {self.height}"

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    def capped(self, max_pixels: int) -> Size:
        """Shrink to at most ``max_pixels``, aspect kept, never below 1 px a side; unchanged if it fits."""
        if self.pixels <= max_pixels:
            return self
        factor = (max_pixels / self.pixels) ** 0.5
        width = min(max(1, int(self.width * factor)), max_pixels)
        return Size(width, max(1, min(int(self.height * factor), max_pixels // width)))


class Box(NamedTuple):
    """A rectangle in pixels, in the order of Pixian's headers: top comes before left."""

    top: int
    left: int
    width: int
    height: int

    @property
    def empty(self) -> bool:
        """Whether the box holds no pixel (Pixian's sign for *no foreground*: an assumption, see the sandbox)."""
        return self.width == 0 or self.height == 0

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.width, self.height)

    def scaled(self, old: Size, new: Size) -> Box:
        """Carry the box over to another size of the same picture; unless it is empty, at least one pixel stays."""
        if old == new or self.empty:
            return self
        across, down = new.width / old.width, new.height / old.height
        left, top = min(round(self.left * across), new.width - 1), min(round(self.top * down), new.height - 1)
        right, bottom = round((self.left + self.width) * across), round((self.top + self.height) * down)
        return Box(top, left, max(1, min(right, new.width) - left), max(1, min(bottom, new.height) - top))

    def __str__(self) -> str:
        """Write as Pixian does: ``top left width height``."""
        return f"{self.top} {self.left} {self.width} {self.height}"


class Frame(NamedTuple):
    """A rectangle whose edges may lie between pixels, and outside of a canvas."""

    left: float
    top: float
    width: float
    height: float

    def moved(self, old: Box, new: Box) -> Frame:
        """Follow a box that is moved and scaled."""
        across, down = new.width / old.width, new.height / old.height
        left, top = new.left + (self.left - old.left) * across, new.top + (self.top - old.top) * down
        return Frame(left, top, self.width * across, self.height * down)

    def rounded(self) -> Box:
        """Give the nearest pixels, one at least."""
        left, top = round(self.left), round(self.top)
        right, bottom = round(self.left + self.width), round(self.top + self.height)
        return Box(top, left, max(1, right - left), max(1, bottom - top))


class Length(NamedTuple):
    """A non-negative distance in pixels or per cent."""

    value: float
    unit: Literal["px", "%"]

    @classmethod
    def parse(cls, text: str, *, parameter: str = "length") -> Length:
        """Read ``12px``, ``8.5%`` or a bare ``0``.

        Raises:
            InvalidParameter: another unit, a sign, or a number without a unit.
        """
        match = _LENGTH.fullmatch(str(text).strip())
        if match is None or (match[2] is None and float(match[1]) != 0):
            raise InvalidParameter(parameter, text, "a length such as '12px' or '8.5%' is expected")
        return cls(float(match[1]), "%" if match[2] == "%" else "px")

    def pixels(self, whole: float) -> float:
        """Give the distance in pixels, per cent being of ``whole``."""
        return self.value if self.unit == "px" else self.value * whole / 100

    def __str__(self) -> str:
        """Write ``12px`` or ``8.5%``, never with an exponent."""
        text = f"{self.value:.9f}".rstrip("0").rstrip(".")
        return f"{text}{self.unit}"


ZERO = Length(0.0, "px")


def _checked(_instance: object, attribute: attrs.Attribute[Length], value: object) -> None:
    """Refuse what cannot be sent: lengths may be made without ``parse``."""
    match value:
        case Length(int() | float() as number, "px" | "%") if 0 <= number <= _LARGEST:  # which NaN is not
            return
    raise InvalidParameter(attribute.name, value, "a Length of 0 or more, in 'px' or '%', is expected")


@attrs.frozen
class Margin:
    """Margins of the four sides, written in CSS order."""

    top: Length = attrs.field(default=ZERO, validator=_checked)
    right: Length = attrs.field(default=ZERO, validator=_checked)
    bottom: Length = attrs.field(default=ZERO, validator=_checked)
    left: Length = attrs.field(default=ZERO, validator=_checked)

    @classmethod
    def parse(cls, value: Margin | Length | str | Iterable[str | Length], *, parameter: str = "result.margin") -> Self:
        """Read one to four lengths: all; vertical, horizontal; top, horizontal, bottom; top, right, bottom, left.

        Raises:
            InvalidParameter: no length, more than four, or one that is no length.
        """
        if isinstance(value, Margin):
            return cls(value.top, value.right, value.bottom, value.left)
        words = value.split() if isinstance(value, str) else [value] if isinstance(value, Length) else list(value)
        lengths = [word if isinstance(word, Length) else Length.parse(word, parameter=parameter) for word in words]
        match lengths:
            case [every]:
                return cls(every, every, every, every)
            case [vertical, horizontal]:
                return cls(vertical, horizontal, vertical, horizontal)
            case [top, horizontal, bottom]:
                return cls(top, horizontal, bottom, horizontal)
            case [top, right, bottom, left]:
                return cls(top, right, bottom, left)
            case _:
                raise InvalidParameter(parameter, value, "one to four lengths are expected, such as '10px 20% 5px 15%'")

    def __str__(self) -> str:
        """Write the shortest CSS form."""
        sides = [self.top, self.right, self.bottom, self.left]
        if self.left == self.right:
            sides.pop()
            if self.top == self.bottom:
                sides.pop()
                if self.top == self.right:
                    sides.pop()
        return " ".join(map(str, sides))
