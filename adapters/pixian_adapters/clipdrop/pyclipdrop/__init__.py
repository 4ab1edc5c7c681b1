"""The package ``pyclipdrop`` 1.0.1, on Pixian."""

from pixian_adapters.clipdrop.pyclipdrop.client import ClipdropClient

__all__ = ["ClipdropClient"]
