"""What is left of an account, for answers that tell it: asked once a minute, and reckoned in between."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import attrs

from pixian_shim.translation import Cutout

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.pixian import Account

_LASTS = 60.0
_PATIENCE = 3.0


def patience(timeout: float | None) -> float:
    """Give the seconds for asking: nobody is kept waiting for a header, least of all who is in a hurry."""
    return min(_PATIENCE, timeout or _PATIENCE)


@attrs.define
class Balance:
    """One account's."""

    credits: float | None
    """``None`` where Pixian did not tell."""
    until: float


class Balances:
    """The balance of each client's account.

    What other processes spend shows when the account is asked anew. Where it did not answer it is asked anew no sooner.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._of: WeakKeyDictionary[object, Balance] = WeakKeyDictionary()
        self._lock = Lock()

    def find(self, client: object) -> Balance | None:
        """Give what is known; ``None`` if the account has to be asked."""
        with self._lock:
            known = self._of.get(client)
        return known if known is not None and self._clock() < known.until else None

    def learn(self, client: object, credits_left: float | None) -> Balance:
        """Remember what the account said, or that it did not answer."""
        known = Balance(credits_left, self._clock() + _LASTS)
        with self._lock:
            self._of[client] = known
        return known

    def spend(self, client: object, ending: Cutout | Account | None) -> None:
        """Take off what a call has cost."""
        with self._lock:
            known = self._of.get(client)
            if known is not None and known.credits is not None and isinstance(ending, Cutout):
                known.credits -= ending.credits_charged
