"""Code written for Clipdrop, on Pixian: the rules, and a drop-in for the Python package ``pyclipdrop``."""

from pixian_adapters.clipdrop.pyclipdrop import ClipdropClient

__all__ = ["ClipdropClient"]
