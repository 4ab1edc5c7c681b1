"""Start the command line, or say what is missing for it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from pixian_shim.errors import MissingExtra, ShimError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``pixian-shim``; errors of this library, and of files, end it with one line and exit code 2."""
    try:
        try:
            from pixian_shim.cli._commands import app
        except ImportError as error:
            raise MissingExtra("cli", "the command line") from error
        app(arguments)
    except ShimError as error:
        _end(str(error))
    except OSError as error:
        if error.filename is None:  # of a pipe or a socket: that is no file that somebody named
            raise
        _end(f"{os.fsdecode(error.filename)}: {error.strerror}")


def _end(said: str) -> NoReturn:
    print(f"pixian-shim: {said}", file=sys.stderr)
    sys.exit(2)
