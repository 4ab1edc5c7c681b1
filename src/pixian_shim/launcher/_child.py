"""What happens in each Python process of the program before its first line."""

from __future__ import annotations

import atexit
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_shim.launcher._journal import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.rollout import Rollout
    from pixian_shim.shim import Links, Shim

_lasting = ExitStack()
"""Holds what must not be collected before the process ends."""

_MAX_RESULT_BYTES = 1 << 32
"""Of results whose addresses a provider answers with, in the launcher's folder, which goes with it."""


def begin(settings: str) -> None:
    """Answer the providers' hosts with Pixian, and write down every call.

    Drop-ins and doors share one shim, so whichever way a call comes in, it is written down once.

    Args:
        settings: as the launcher wrote them, JSON.

    Raises:
        ConfigurationError: they cannot work.
        MissingExtra: something is not installed for this Python.
    """
    from pixian_shim.doors import alias, install
    from pixian_shim.shim import Shim, using

    wanted = json.loads(settings)
    journal = Journal(wanted["folder"])
    shim = Shim(policy=wanted["policy"], on_call=journal.record, links=_links(wanted))
    _lasting.enter_context(shim)
    _lasting.enter_context(using(_rollout(wanted["rollout"], shim) if wanted.get("rollout") else shim))
    install(*wanted["providers"], also=wanted["also"])
    if wanted["aliases"]:
        alias(*wanted["aliases"])
    atexit.register(_lasting.close)
    journal.begin()


def _links(wanted: Mapping[str, Any]) -> Links | None:
    """Keep results where every process of the program finds them, if any provider answers with their addresses."""
    from pixian_shim.shim import Links
    from pixian_shim.translation import load

    needed = any(load(name).answers_with_links for name in wanted["providers"])
    return Links.at(str(Path(wanted["folder"], "results")), max_bytes=_MAX_RESULT_BYTES) if needed else None


def _rollout(path: str, shim: Shim) -> Rollout:
    from pixian_shim.rollout import load_rollout

    return _lasting.enter_context(load_rollout(path, shim=shim))
