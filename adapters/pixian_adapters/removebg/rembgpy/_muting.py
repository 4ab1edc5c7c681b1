"""The side effect of ``import rembgpy``: scripts that rely on its silence keep it."""

from __future__ import annotations

import logging


def set_logging(value: bool = False) -> None:
    """Let logging speak again in the whole process, or mute it."""
    logging.disable(logging.NOTSET if value else logging.CRITICAL)


set_logging()
