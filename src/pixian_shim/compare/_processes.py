"""Work on tasks in processes of their own, so that one that dies takes nothing but its own task along."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from pixian_shim.compare._work import Done, Told, work
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future

    from pixian_shim.compare._work import Task

AnswerT = TypeVar("AnswerT")

_DIED = "the process that compared it died, most probably for lack of memory"
_NONE = (
    "no process can be started to compare in: a program that asks for several must be importable without side effects "
    '(if __name__ == "__main__":), and cannot be typed into a prompt; ask for one'
)
_AHEAD = 2  # tasks for each process that are handed out: none waits, and few are suspects when one dies


def worked(todo: list[Task], jobs: int) -> Generator[tuple[Task, Done], None, None]:
    """Carry out tasks, in any order.

    When a process dies, the pool is lost, and with it what was handed out: one of these is to blame. They are tried
    once more, one at a time, and the rest goes on in a new pool.

    Raises:
        ConfigurationError: no process can be started.
    """
    if jobs <= 1 or len(todo) < 2:  # noqa: PLR2004
        yield from ((task, work(task)) for task in todo)
        return
    rest = todo[::-1]
    while rest:
        suspects: list[Task] = []
        yield from _together(rest, min(jobs, len(rest)), suspects)
        yield from _one_by_one(suspects)


def _together(rest: list[Task], jobs: int, suspects: list[Task]) -> Iterator[tuple[Task, Done]]:
    """Take tasks from the end of a list until it is empty, or a process has died."""
    running: dict[Future[Done], Task] = {}
    with _pool(jobs) as pool:
        try:
            while rest or running:
                while rest and len(running) < _AHEAD * jobs:
                    running[_handed(pool, work, rest[-1])] = rest[-1]
                    rest.pop()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    done = future.result()
                    yield running.pop(future), done
        except BrokenProcessPool:
            suspects.extend(running.values())


def _one_by_one(suspects: list[Task]) -> Iterator[tuple[Task, Done]]:
    while suspects:
        with _pool(1) as pool:
            try:
                _handed(pool, int).result()
            except BrokenProcessPool as error:
                raise ConfigurationError(_NONE) from error
            try:
                while suspects:
                    yield suspects[-1], _handed(pool, work, suspects[-1]).result()
                    suspects.pop()
            except BrokenProcessPool:
                yield suspects.pop(), Done(left=Told(), right=Told(), error=_DIED)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    # Not forked: the parent may have threads, such as a progress bar's.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C: what has begun takes a second, the rest is not begun


def _handed(pool: ProcessPoolExecutor, function: Callable[..., AnswerT], *arguments: Task) -> Future[AnswerT]:
    """Hand a task to a pool, which may start a process for it; Ctrl-C is left to this one.

    A process inherits what is held back here, and so is deaf from its first moment; this one hears of it afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return pool.submit(function, *arguments)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(function, *arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Do not outlive the parent, however it ends."""
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
