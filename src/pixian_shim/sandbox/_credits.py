"""The account: credits that are charged and run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import TypeAlias

import attrs

from pixian_shim.errors import InvalidParameter
from pixian_shim.sandbox._rejections import DORMANT, NO_PACK, OUT_OF_CREDITS, Rejected

Formula: TypeAlias = Callable[[int], float]
"""From the pixels processed to the credits they cost."""

NO_PACK_NAME = "none"
_PACK = "sandbox"
_NEVER, _EPOCH = datetime(2099, 12, 31, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)


def per_megapixel(pixels: int) -> float:
    """Ask one credit for each 1,000,000 pixels processed, fractions included.

    Assumption: the vendor's formula, rounding and minimum are not established.
    """
    return pixels / 1_000_000


@attrs.frozen
class Balance:
    """What the account endpoint tells.

    Attributes:
        credits: what is left.
        credit_pack: name of the pack; ``none`` where there never was one.
        dormant: whether the pack is used up by time.
    """

    credits: float
    credit_pack: str = _PACK
    dormant: bool = False

    @property
    def state(self) -> str:
        """``active`` for a bought pack that is not dormant, else ``dormant``: the two documented values."""
        return "dormant" if self.dormant or self.credit_pack == NO_PACK_NAME else "active"

    def as_json(self) -> dict[str, str | float]:
        """Write the documented attributes."""
        use_before = _EPOCH if self.state == "dormant" else _NEVER
        return {
            "creditPack": self.credit_pack,
            "state": self.state,
            "useBefore": use_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "credits": self.credits,
        }


class Ledger:
    """Hold the balance; safe for threads.

    Args:
        credits: at the start, and after a reset.
        formula: what a picture costs.
    """

    def __init__(self, credits: float = 1000.0, formula: Formula = per_megapixel) -> None:  # noqa: A002
        self._start = Balance(_amount(credits))
        self._formula = formula
        self._balance = self._start
        self._lock = Lock()

    @property
    def balance(self) -> Balance:
        """What is left now."""
        return self._balance

    def price(self, pixels: int) -> float:
        """Tell what a picture costs, to six decimals as the headers show it."""
        return round(self._formula(pixels), 6)

    def charge(self, price: float) -> None:
        """Take credits before the work is done; ``refund`` gives them back should it fail.

        Raises:
            Rejected: no pack, a dormant one, or less credits than the price (assumption: nothing is owed).
        """
        with self._lock:
            if self._balance.credit_pack == NO_PACK_NAME:
                raise Rejected(NO_PACK)
            if self._balance.dormant:
                raise Rejected(DORMANT)
            if self._balance.credits < price:
                raise Rejected(OUT_OF_CREDITS)
            self._balance = attrs.evolve(self._balance, credits=round(self._balance.credits - price, 6))

    def refund(self, price: float) -> None:
        """Give back: a failed request is not charged (inferred)."""
        with self._lock:
            self._balance = attrs.evolve(self._balance, credits=round(self._balance.credits + price, 6))

    def set(
        self,
        credits: float | None = None,  # noqa: A002
        *,
        credit_pack: str | None = None,
        dormant: bool | None = None,
    ) -> Balance:
        """Change the balance; ``None`` leaves a value as it is.

        Raises:
            InvalidParameter: a negative number of credits.
        """
        amount = None if credits is None else _amount(credits)
        with self._lock:
            now = self._balance
            self._balance = Balance(
                now.credits if amount is None else amount,
                now.credit_pack if credit_pack is None else credit_pack,
                now.dormant if dormant is None else dormant,
            )
            return self._balance

    def reset(self) -> None:
        """Go back to the start."""
        with self._lock:
            self._balance = self._start


def _amount(credits: object) -> float:  # noqa: A002
    if isinstance(credits, bool) or not isinstance(credits, int | float) or not 0 <= credits < 1e12:  # noqa: PLR2004
        raise InvalidParameter("credits", credits, "a number that is not negative is expected")
    return float(credits)
