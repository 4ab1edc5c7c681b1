"""What a credit or a picture costs, as far as anybody has told us."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import attrs

from pixian_shim._documents import is_number, read_toml, shown
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TEMPLATE = """\
# What one credit costs you, from your own invoices. Providers' price lists change, and credits of different plans
# differ: no number below is official. Remove the leading "#" and put your own.
currency = "USD"

[credit]
# removebg = 0.20   # an example, not a price
# pixian = 0.0012   # inferred from two users' comparisons of 2025 and 2026: about 0.0023 USD for 2 megapixels

# What one picture costs you, for answers of which the credits are not known, such as a folder's: by the folder's name,
# as the report shows it, or by provider. What comes of it is shown as your own estimate.
[picture]
# old = 0.18
# removebg = 0.20
"""

_KEYS = ("currency", "credit", "picture")


@attrs.frozen
class Prices:
    """Money for credits and pictures.

    Attributes:
        currency: its code.
        credit: price of one credit, by provider.
        picture: price of one picture where its credits, or their price, are not known; by side's title or by provider.
    """

    currency: str = "USD"
    credit: dict[str, float] = attrs.field(factory=dict)
    picture: dict[str, float] = attrs.field(factory=dict)

    def of(self, provider: str, credits: float) -> float | None:  # noqa: A002
        """Give what credits cost; ``None`` where nobody said."""
        price = self.credit.get(provider)
        return None if price is None else price * credits

    def of_picture(self, names: Iterable[str]) -> float | None:
        """Give what one picture costs by the first of a side's names that has a price; ``None`` where none has."""
        return next((self.picture[name] for name in names if name in self.picture), None)


def load_prices(path: Path) -> Prices:
    """Read a TOML file with ``currency`` and the tables ``[credit]`` and ``[picture]``.

    Raises:
        ConfigurationError: it cannot be read, or a price is no number from 0 on; the message names the table.
    """
    told = read_toml(path)
    for key in told:
        if key not in _KEYS:
            close = get_close_matches(key, _KEYS, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else "; a price stands in [credit] or in [picture]"
            raise ConfigurationError(f"{path}: {key!r} is none of {', '.join(_KEYS)}{meant}")
    currency = told.get("currency", "USD")
    if not isinstance(currency, str) or not currency.strip():
        raise ConfigurationError(f'{path}: currency is the code of one, such as "USD", not {shown(currency)}')
    return Prices(currency, *(_table(path, name, told.get(name, {})) for name in ("credit", "picture")))


def _table(path: Path, name: str, told: object) -> dict[str, float]:
    if not isinstance(told, dict):
        raise ConfigurationError(f"{path}: {name} is a table of prices: write [{name}], not {shown(told)}")
    for key, price in told.items():
        if isinstance(price, dict):
            raise ConfigurationError(
                f'{path}: [{name}] {key}: a name with a dot, or with other signs, is put into "..."'
            )
        if not is_number(price) or price < 0:
            raise ConfigurationError(f"{path}: [{name}] {key} is a number from 0 on, not {shown(price)}")
    return {key: float(price) for key, price in told.items()}
