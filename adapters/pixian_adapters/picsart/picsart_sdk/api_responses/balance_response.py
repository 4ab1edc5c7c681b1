"""What is left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class BalanceApiResponse:
    """The balance of the account: Pixian's, rounded down."""

    credits: int
