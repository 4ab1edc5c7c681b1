"""The command ``pixian-shim``."""

from pixian_shim.cli._main import main

__all__ = ["main"]
