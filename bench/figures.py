"""One measured figure, and the bar it has to pass."""

from attrs import frozen


@frozen
class Figure:
    """One measured figure.

    Attributes:
        name: what was measured.
        value: in ``unit``.
        unit: such as ``MP/s``, ``ms`` or ``x`` (a ratio).
        bar: what has to be reached; with ``at_least`` false, what must not be exceeded.
        at_least: whether more is better.
        beside: what was measured beside it in the same run.
    """

    name: str
    value: float
    unit: str
    bar: float
    at_least: bool
    beside: str = ""

    @property
    def passed(self) -> bool:
        """Whether the bar is reached."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def __str__(self) -> str:
        """Write one line."""
        sign = "at least" if self.at_least else "at most"
        verdict = "ok" if self.passed else "MISSED"
        line = f"{verdict:6}  {self.name:48}  {self.value:10.4g} {self.unit:5}  ({sign} {self.bar:g})"
        return f"{line}  beside: {self.beside}" if self.beside else line
