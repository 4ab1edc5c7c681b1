"""The checks of ``pixian_ai.utils``, which is where the original has them; names, order and messages are its own."""

import re
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any, TypeVar, cast

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}$")
_LENGTH = r"(?:\d+(?:\.\d+)?%|\d+px)"
_MARGIN = re.compile(rf"{_LENGTH}(?:\s+{_LENGTH}){{0,3}}")
_NUMBER = r"\d+(?:\.\d+)?"
_WIDTH_HEIGHT = re.compile(rf"{_NUMBER}\s+{_NUMBER}")


def enforce_types(method: FunctionT) -> FunctionT:
    """Have every argument checked against its annotation before the method runs.

    Raises:
        TypeError: from the method, for an argument of another type, or none of that name.
    """
    expected = signature(method)

    @wraps(method)
    def checked(self: object, *args: Any, **kwargs: Any) -> Any:
        bound = expected.bind(self, *args, **kwargs)
        bound.apply_defaults()
        for name, value in list(bound.arguments.items())[1:]:
            kind = expected.parameters[name].annotation
            if kind is not Parameter.empty and not isinstance(value, kind):
                raise TypeError(f"Argument {name} must be of type {kind}")
        return method(self, *args, **kwargs)

    return cast("FunctionT", checked)


def param_exists(names: list[str], params: list[Any]) -> None:
    """Ask for one of several arguments.

    Raises:
        ValueError: all are empty.
    """
    if not any(params):
        raise ValueError(f"Either {', '.join(names)} must be provided")


def validate_param(name: str, param: Any, options: Any) -> None:
    """Check against a list of values, or against a range of two bounds; 0 passes any range, and Pixian refuses it.

    Raises:
        ValueError: another value.
    """
    if isinstance(options, list):
        if param not in options:
            raise ValueError(f"Invalid value: {name}. Valid options are: {', '.join(map(str, options))}")
    elif isinstance(options, tuple) and len(options) == 2:  # noqa: PLR2004
        low, high = options
        if param and not low <= param <= high:
            raise ValueError(f"Invalid value: {name}. Valid range is: {low} to {high}")
    else:
        raise ValueError(f"Invalid value and options provided for {name}")


def validate_hex(name: str, color: str) -> None:
    """Check for ``#RRGGBB``.

    Raises:
        ValueError: anything else.
    """
    if not _COLOUR.match(color):
        raise ValueError(f"Invalid value: {name}. Hex color code provided: {color}")


def validate_css(name: str, css: str) -> None:
    """Check for one to four margins in whole px or in %. The original wants a decimal point before the %.

    Raises:
        ValueError: anything else.
    """
    if not _MARGIN.fullmatch(css):
        raise ValueError(f"Invalid value: {name}. CSS size provided: {css}")


def validate_wh(name: str, wh: str) -> None:
    """Check for two numbers; that they must be whole is left to Pixian, as in the original.

    Raises:
        ValueError: anything else.
    """
    if not _WIDTH_HEIGHT.fullmatch(wh):
        raise ValueError(f"Invalid value: {name}. Width height provided: {wh}")
