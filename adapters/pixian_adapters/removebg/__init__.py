"""Code written for remove.bg, on Pixian: the rules, and a drop-in for each Python package that was written for it."""

from pixian_adapters.removebg.removebg import RemoveBg

__all__ = ["RemoveBg"]
