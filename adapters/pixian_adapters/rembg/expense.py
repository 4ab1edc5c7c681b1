"""Who has been used to a free library is asked before many pictures are paid for."""

from __future__ import annotations

import sys

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import Settings, on_loopback


class Declined(Exception):
    """Somebody, or nobody, said no."""


def free() -> bool:
    """Tell whether calls cost nothing: test mode, or a sandbox on this machine."""
    try:
        settings = Settings.resolve()
    except ConfigurationError:
        return False
    return settings.test or on_loopback(settings.base_url)


def confirm(pictures: int | None, *, accepted: bool, test: bool) -> None:
    """Go on only where nothing is spent, or somebody agreed to it.

    Args:
        pictures: how many there are; ``None`` where nobody knows.
        accepted: whether it was agreed to beforehand.
        test: whether the calls themselves ask for test mode.

    Raises:
        Declined: the answer is no, or there is nobody to answer.
    """
    if test or free():
        return
    sys.stderr.write(f"Warning: Pixian charges credits for every picture. {_told(pictures)}\n")
    if accepted:
        return
    if not sys.stdin.isatty():
        raise Declined("Refusing to run unattended. Pass --accept-usage-cost to proceed, or set PIXIAN_TEST=true.")
    sys.stderr.write("Continue? [y/N]: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined("Aborted!")


def _told(pictures: int | None) -> str:
    if pictures is None:
        return "This has no fixed end: every picture that comes will be sent and charged."
    return f"This run will send {pictures} picture{'s' * (pictures != 1)}."
