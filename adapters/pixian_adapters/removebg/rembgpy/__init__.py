"""The package ``rembgpy`` 1.0.1, on Pixian; importing it mutes logging in the whole process, as the original does."""

from pixian_adapters.removebg.rembgpy._muting import set_logging
from pixian_adapters.removebg.rembgpy.bg import RemBg

__all__ = ["RemBg", "set_logging"]
