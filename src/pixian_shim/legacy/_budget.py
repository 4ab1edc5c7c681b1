"""A limit on credits that holds across threads and processes: reserved before a call, settled after it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import attrs

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

_MICRO = 1_000_000  # of a credit: whole numbers add up exactly, and tenths do not
_PATIENCE = 10.0  # seconds for another process to finish its reservation


@attrs.frozen
class Reservation:
    """Credits set aside for one call."""

    id: str
    period: str
    micro: int

    @property
    def credits(self) -> float:
        """How many."""
        return self.micro / _MICRO


class Budget:
    """Credits that may be spent, a day or altogether.

    What is reserved counts as spent until it is settled; a process that dies in between leaves it spent, for the call
    may have been charged. Days are those of UTC, each with its own account: a clock that is set back finds what was
    spent on that day.

    Args:
        credits: the limit.
        per: ``"day"``, or ``"total"`` for ever.
        path: a file that several processes, and later runs, share; without one only this object counts.
        name: of this account, where several are in one file.
        clock: gives the time, with time zone.

    Raises:
        ConfigurationError: the limit is no number from 0 on, or the file cannot be used.
    """

    def __init__(
        self,
        credits: float,  # noqa: A002
        *,
        per: Literal["day", "total"] = "day",
        path: str | os.PathLike[str] | None = None,
        name: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.limit = _amount(credits, "a budget")
        self._per, self._name, self._clock = per, name, clock
        self._path = None if path is None else Path(path)
        self._lock = Lock()
        self._held = None if self._path is not None else _opened(":memory:")
        with self._transaction():
            pass  # says at once if the file cannot be used

    def reserve(self, credits: float) -> Reservation | None:  # noqa: A002
        """Set credits aside; ``None`` if that would go beyond the limit."""
        wanted = round(_amount(credits, "a reservation") * _MICRO)
        period = self._period()
        with self._transaction() as database:
            if self._spent(database, period) + wanted > round(self.limit * _MICRO):
                return None
            made = Reservation(uuid4().hex, period, wanted)
            database.execute("INSERT INTO spent VALUES (?, ?, ?, ?)", (made.id, self._name, period, wanted))
        return made

    def settle(self, reservation: Reservation, charged: float | None) -> None:
        """Replace a reservation by what was really charged; ``None``, for unknown, leaves it as it is."""
        if charged is None:
            return
        amount = round(_amount(charged, "a charge") * _MICRO)
        with self._transaction() as database:
            database.execute("UPDATE spent SET micro = ? WHERE id = ?", (amount, reservation.id))

    @property
    def spent(self) -> float:
        """Credits spent and reserved in the present period."""
        with self._transaction() as database:
            return self._spent(database, self._period()) / _MICRO

    @property
    def left(self) -> float:
        """Credits that can be reserved yet; 0 where a call cost more than was thought."""
        return max(0.0, self.limit - self.spent)

    def _spent(self, database: sqlite3.Connection, period: str) -> int:
        query = "SELECT COALESCE(SUM(micro), 0) FROM spent WHERE name = ? AND period = ?"
        return int(database.execute(query, (self._name, period)).fetchone()[0])

    def _period(self) -> str:
        return self._clock().astimezone(UTC).date().isoformat() if self._per == "day" else "total"

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._held is not None:
                yield self._held
                return
            try:
                # Opened anew each time: a connection must not be shared with a forked process.
                with closing(_opened(self._path)) as database:
                    database.execute("BEGIN IMMEDIATE")
                    yield database
                    database.execute("COMMIT")
            except sqlite3.Error as error:
                raise ConfigurationError(f"the budget's file {self._path} cannot be used: {error}") from error


def _opened(path: Path | str | None) -> sqlite3.Connection:
    database = sqlite3.connect(path or ":memory:", timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    database.execute(
        "CREATE TABLE IF NOT EXISTS spent (id TEXT PRIMARY KEY, name TEXT, period TEXT, micro INTEGER) WITHOUT ROWID"
    )
    database.execute("CREATE INDEX IF NOT EXISTS by_period ON spent (name, period)")
    return database


def _amount(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ConfigurationError(f"{what} must be a number of credits from 0 on, not {value!r}")
    return float(value)
