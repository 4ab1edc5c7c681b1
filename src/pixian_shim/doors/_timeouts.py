"""How long a program waits for a byte, in the ways in which libraries are told."""

from __future__ import annotations

import socket
from typing import Any


def seconds_of(timeout: Any) -> float | None:
    """Give the time to wait for a byte: of a number, of urllib3's ``Timeout``, or of the process's default.

    Raises:
        ValueError: a time that urllib3 refuses as well.
    """
    from urllib3.util import Timeout

    given = timeout if isinstance(timeout, Timeout) else Timeout.from_float(timeout)
    begun = given.clone()
    begun.start_connect()
    read: object = begun.read_timeout
    if read is None:
        return None
    return float(read) if isinstance(read, int | float | str) else default_seconds()


def default_seconds() -> float | None:
    """Give the time that sockets of this process wait by default."""
    return socket.getdefaulttimeout()
