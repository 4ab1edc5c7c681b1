"""No answer came: an exception of the library that the program uses, and of this one, in one.

Legacy code finds what it has always caught; what it may want to know besides (whether the call may have been charged)
stands on it as well, and the original is its ``__cause__``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from pixian_shim import errors
from pixian_shim.errors import ConnectFailed, DeadlineExceeded, TimedOut, TransportError

LIBRARIES = {
    "requests": (
        "requests.exceptions",
        {
            "ConnectFailed": "ConnectionError",
            "TimedOut": "ReadTimeout",
            "ConnectionLost": "ConnectionError",
            "ShimError": "HTTPError",
        },
    ),
    "httpx": (
        "httpx",
        {"ConnectFailed": "ConnectError", "TimedOut": "ReadTimeout", "ConnectionLost": "RemoteProtocolError"},
    ),
    "httpx2": (
        "httpx2",
        {"ConnectFailed": "ConnectError", "TimedOut": "ReadTimeout", "ConnectionLost": "RemoteProtocolError"},
    ),
    "aiohttp": (
        "aiohttp",
        {
            "ConnectFailed": "ClientConnectionError",
            "TimedOut": "ServerTimeoutError",
            "ConnectionLost": "ServerDisconnectedError",
        },
    ),
    "urllib3": (
        "urllib3.exceptions",
        {"ConnectFailed": "MaxRetryError", "TimedOut": "ReadTimeoutError", "ConnectionLost": "ProtocolError"},
    ),
    "urllib.request": (
        "urllib.error",
        {"ConnectFailed": "URLError", "TimedOut": "URLError", "ConnectionLost": "URLError"},
    ),
}
"""What each library raises itself in such a case, by our own class's name."""


def failure(library: str, error: TransportError, **attributes: Any) -> Exception:
    """Give the exception of a library for an error without an answer.

    Args:
        library: a key of ``LIBRARIES``.
        error: what happened.
        attributes: that exceptions of this library carry, such as ``request``.
    """
    match error:
        case ConnectFailed():
            kind = "ConnectFailed"
        case TimedOut() | DeadlineExceeded():
            kind = "TimedOut"
        case _:
            kind = "ConnectionLost"
    raised = merged(library, kind)(str(error), **attributes)
    raised.attempts, raised.possible_double_charge = error.attempts, error.possible_double_charge  # type: ignore[attr-defined]
    raised.__cause__ = error
    return raised


@cache
def merged(library: str, kind: str) -> type[Exception]:
    """Make the class that is a library's exception and ours; without the library, one that looks like it."""
    home, names = LIBRARIES[library]
    try:
        theirs = getattr(import_module(home), names[kind])
    except ImportError:
        theirs = type(names[kind], (OSError,), {})
    return type(names[kind], (_Both, theirs, getattr(errors, kind)), {"_made_of": (library, kind)})


def _revived(library: str, kind: str, args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    error = merged(library, kind)(*args)
    error.__dict__ |= state
    return error


class _Both:
    """Take a message and attributes, whatever the constructors of the classes behind want."""

    _made_of: tuple[str, str]

    def __init__(self, *args: Any, **attributes: Any) -> None:
        Exception.__init__(self, *args)  # type: ignore[arg-type]
        self.__dict__ |= attributes

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes: these classes are found by name in no module, and connections stay behind."""
        state = {name: value for name, value in self.__dict__.items() if name != "pool"}
        return _revived, (*self._made_of, self.args, state)  # type: ignore[attr-defined]
