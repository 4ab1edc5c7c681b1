"""Asks a provider's own service, as long as there is one, and keeps what that may cost within a budget."""

from pixian_shim.legacy._budget import Budget, Reservation
from pixian_shim.legacy._host import LegacyHost, gone

__all__ = ["Budget", "LegacyHost", "Reservation", "gone"]
