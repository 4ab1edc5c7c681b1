"""Start the command line, or say what is missing for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pixian_shim.errors import MissingExtra, ShimError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``pixian-shim``; errors of this library end it with one line and exit code 2."""
    try:
        try:
            from pixian_shim.cli._commands import app
        except ImportError as error:
            raise MissingExtra("cli", "the command line") from error
        app(arguments)
    except ShimError as error:
        print(f"pixian-shim: {error}", file=sys.stderr)
        sys.exit(2)
