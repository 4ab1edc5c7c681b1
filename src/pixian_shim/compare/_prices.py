"""What a credit costs, as far as anybody has told us."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """\
# What one credit costs you, from your own invoices. Providers' price lists change, and credits of different plans
# differ: no number below is official. Remove the leading "#" and put your own.
currency = "USD"

[credit]
# removebg = 0.20   # an example, not a price
# pixian = 0.0012   # inferred from two users' comparisons of 2025 and 2026: about 0.0023 USD for 2 megapixels
"""


@attrs.frozen
class Prices:
    """Money for credits.

    Attributes:
        currency: its code.
        credit: price of one credit, by provider.
    """

    currency: str = "USD"
    credit: dict[str, float] = attrs.field(factory=dict)

    def of(self, provider: str, credits: float) -> float | None:  # noqa: A002
        """Give what credits cost; ``None`` where nobody said."""
        price = self.credit.get(provider)
        return None if price is None else price * credits


def load_prices(path: Path) -> Prices:
    """Read a TOML file with ``currency`` and a table ``[credit]``.

    Raises:
        ConfigurationError: it cannot be read, or a price is no number from 0 on.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} is no table of prices: {error}") from error
    currency, credit = told.get("currency", "USD"), told.get("credit", {})
    numbers = isinstance(credit, dict) and all(
        isinstance(price, int | float) and not isinstance(price, bool) and 0 <= price < float("inf")
        for price in credit.values()
    )
    if not numbers or not isinstance(currency, str) or not set(told) <= {"currency", "credit"}:
        raise ConfigurationError(f"{path}: currency, and under [credit] one price from 0 on for each provider")
    return Prices(currency, {name: float(price) for name, price in credit.items()})
