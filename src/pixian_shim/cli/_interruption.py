"""Ctrl-C as a wish: what runs is finished, nothing else begins."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def interruption(*kinds: signal.Signals) -> Iterator[Event]:
    """Give an event that is set when the process is asked to stop; the second time it ends as it always would.

    Args:
        kinds: of signals; Ctrl-C alone without any.
    """
    stop = Event()

    def ask_to_stop(kind: int, _frame: object) -> None:
        stop.set()
        signal.signal(kind, previous[signal.Signals(kind)])
        if not kinds:
            print("pixian-shim: what is under way is finished; Ctrl-C again ends at once", file=sys.stderr)

    previous = {kind: signal.signal(kind, ask_to_stop) for kind in kinds or (signal.SIGINT,)}
    try:
        yield stop
    finally:
        for kind, handler in previous.items():
            signal.signal(kind, handler)


def wait_for_interruption(said: str) -> None:
    """Return when the process is asked to stop, by Ctrl-C or by a service manager.

    Args:
        said: printed once it may be asked, so that whoever waits for this line may ask at once.
    """
    with interruption(signal.SIGINT, signal.SIGTERM) as stop:
        print(said, flush=True)
        while not stop.wait(1.0):  # a wait without end would not hear of it everywhere
            pass
