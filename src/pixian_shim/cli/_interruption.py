"""Ctrl-C as a wish: what runs is finished, nothing else begins."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def interruption(*kinds: signal.Signals) -> Iterator[Event]:
    """Give an event that is set when the process is asked to stop, and leave the signals as they were.

    Args:
        kinds: of signals; Ctrl-C alone without any.
    """
    stop = Event()
    previous = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in kinds or (signal.SIGINT,)}
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
