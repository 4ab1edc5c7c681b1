"""Pass signals on to a program that is waited for."""

from __future__ import annotations

import signal
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen
    from types import FrameType

FOR_ONE_PROCESS = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM")
FROM_A_TERMINAL = ("SIGINT", "SIGQUIT", "SIGBREAK")
"""A terminal sends these to the program as well; passed on, they would arrive twice."""
FROM_A_SUPERVISOR = ("SIGWINCH", "SIGTTIN", "SIGTTOU")
"""Terminals use these for job control, and servers such as gunicorn as commands."""


class Forwarding:
    """Within the block, signals are for the program and not for this process.

    What is ignored already, as under ``nohup``, stays ignored, here and in the program. Outside of the main thread
    nothing is changed: Python allows it only there.
    """

    def __init__(self) -> None:
        self._program: Popen[bytes] | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}

    def to(self, program: Popen[bytes]) -> None:
        """Name the program, which gets what has come in the meantime."""
        self._program = program
        while self._early:
            program.send_signal(self._early.pop(0))

    def __enter__(self) -> Self:
        """Take the signals."""
        if current_thread() is not main_thread():
            return self
        terminal = has_terminal()
        for number in _known(*FOR_ONE_PROCESS, *(() if terminal else (*FROM_A_TERMINAL, *FROM_A_SUPERVISOR))):
            self._handle(number, self._forward)
        for number in _known(*FROM_A_TERMINAL) if terminal else ():
            self._handle(number, _leave)
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for number, before in self._before.items():
            signal.signal(number, before)

    def _handle(self, number: int, handler: Any) -> None:
        before = signal.getsignal(number)
        # None: a handler that is not Python's, and could not be given back.
        if before is not signal.SIG_IGN and before is not None:
            self._before[number] = before
            signal.signal(number, handler)

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        if self._program is None:
            self._early.append(number)
        else:
            self._program.send_signal(number)


def has_terminal() -> bool:
    """Tell whether this process belongs to a terminal, where keys make signals."""
    try:
        with open("/dev/tty", "rb"):  # noqa: PTH123 (nothing is read)
            return True
    except OSError:
        return not hasattr(signal, "SIGHUP")  # Windows has no such file, and its console does the same


def _known(*names: str) -> Iterator[int]:
    return (getattr(signal, name) for name in names if hasattr(signal, name))


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: unlike an ignored signal, this is not handed down to the program."""
