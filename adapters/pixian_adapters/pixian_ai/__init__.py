"""Code written for the package ``pixian-ai`` 1.0.0: change the import, and nothing else."""

from pixian_adapters.pixian_ai.client import PixianAI

__all__ = ["PixianAI"]
