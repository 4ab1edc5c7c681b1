"""Run a program unedited, with its calls to a provider answered by Pixian."""

from pixian_shim.launcher._run import run

__all__ = ["run"]
