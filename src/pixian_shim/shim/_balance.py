"""What is left of an account, for answers that tell it: asked once a minute, and reckoned in between."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Self
from weakref import WeakKeyDictionary, WeakSet

import attrs

from pixian_shim.translation import Cutout

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.pixian import Account
    from pixian_shim.translation import Plan

_LASTS = 60.0
_PATIENCE = 3.0


def patience(timeout: float | None) -> float:
    """Give the seconds for asking: nobody waits longer than these for a header, least of all who is in a hurry."""
    return min(_PATIENCE, timeout or _PATIENCE)


@attrs.define
class _Balance:
    credits: float | None
    """``None`` where Pixian did not tell."""
    until: float


class Balances:
    """The balance of each client's account.

    What other processes spend shows when the account is asked anew; where it did not answer it is asked anew no sooner.
    One call asks at a time, and the others go without.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._of: WeakKeyDictionary[object, _Balance] = WeakKeyDictionary()
        self._asking: WeakSet[object] = WeakSet()
        self._lock = Lock()

    def due(self, client: object) -> bool:
        """Tell whether the caller is to ask the account, and to ``learn`` what it says."""
        with self._lock:
            known = self._of.get(client)
            if client in self._asking or (known is not None and self._clock() < known.until):
                return False
            self._asking.add(client)
            return True

    def learn(self, client: object, credits_left: float | None) -> None:
        """Remember what the account said, or that it did not answer."""
        with self._lock:
            self._of[client] = _Balance(credits_left, self._clock() + _LASTS)
            self._asking.discard(client)

    def spent(self, client: object, ending: object) -> float | None:
        """Take off what a call has cost that ended in a result, or in an error after a paid call.

        Returns:
            What is left, as far as is known.
        """
        paid = getattr(ending, "result", ending)
        with self._lock:
            known = self._of.get(client)
            if known is None or known.credits is None:
                return None
            known.credits -= getattr(paid, "credits_charged", 0.0)
            return known.credits


class Spending:
    """One call, whose cost is taken off however it ends; its result tells what is left where the plan says so."""

    def __init__(self, balances: Balances, client: object, plan: Plan) -> None:
        self._balances, self._client, self._plan = balances, client, plan
        self.ending: Cutout | Account | None = None

    def __enter__(self) -> Self:
        """Give the call itself, to be told its ending."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Take its cost off."""
        left = self._balances.spent(self._client, error or self.ending)
        if error is None and left is not None and self._plan.tells_balance and isinstance(self.ending, Cutout):
            self.ending = attrs.evolve(self.ending, credits_left=left)
