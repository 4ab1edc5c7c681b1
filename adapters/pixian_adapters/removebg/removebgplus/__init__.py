"""The package ``removebgplus`` 0.1.2, on Pixian."""

from pixian_adapters.removebg.removebgplus.removebg import RemoveBg

__all__ = ["RemoveBg"]
