"""Numbers from files and callers, held to their bounds."""

from __future__ import annotations

from math import inf

from pixian_shim.errors import ConfigurationError


def check_number(name: str, value: object, least: float, most: float = inf, *, whole: bool = False) -> None:
    """Hold a setting to its bounds; truth values and infinity are no numbers here.

    Raises:
        ConfigurationError: it is something else, or out of bounds.
    """
    usable = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not usable or not least <= value <= most or value == inf:  # type: ignore[operator] # a number by now
        kind = "whole number" if whole else "number"
        upto = "on" if most == inf else f"to {most:g}"
        raise ConfigurationError(f"{name} must be a {kind} from {least:g} {upto}, not {value!r}")
