"""Which rembg is imitated: what stands behind the eighth argument of ``remove`` changed from release to release."""

from __future__ import annotations

import os
import re
from functools import cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

NEWEST = "2.0.86"
ENVIRONMENT = "PIXIAN_REMBG_VERSION"
"""The variable that says which release a program was written for."""

STABLE: dict[str, Any] = {
    "alpha_matting": False,
    "alpha_matting_foreground_threshold": 240,
    "alpha_matting_background_threshold": 10,
    "alpha_matting_erode_size": 10,
    "session": None,
    "only_mask": False,
    "post_process_mask": False,
}
"""After ``data``, in every release, with their defaults."""

LATER: dict[str, Any] = {
    "decontaminate": False,
    "vitmatte": False,
    "vitmatte_model": None,
    "bgcolor": None,
    "force_return_bytes": False,
}

OF_REMOVE = frozenset({"data", *STABLE, *LATER, "putalpha"})
"""What ``remove`` sees to itself; a session is told of everything else."""

ORDERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("2.0.28", ()),
    ("2.0.36", ("bgcolor",)),
    ("2.0.58", ("bgcolor", "force_return_bytes")),
    ("2.0.79", ("decontaminate", "bgcolor", "force_return_bytes")),
    ("2.0.80", ("decontaminate", "vitmatte", "vitmatte_model", "bgcolor", "force_return_bytes")),
)
"""From which release on, and what follows the stable ones. 2.0.31 to 2.0.35 are not known: taken as 2.0.30."""

_chosen: list[str] = []


def imitate(version: str | None) -> None:
    """Say which release of rembg the program was written for; everything in this process is read in its order.

    Args:
        version: such as ``"2.0.57"``, which counts before ``PIXIAN_REMBG_VERSION``; ``None`` takes it back.

    Raises:
        ConfigurationError: it is none, or older than 2.0.28: what 1.x took after ``data`` is not known for sure.
    """
    _chosen.clear()
    if version is not None:
        _numbers(version)
        _chosen.append(version)


def imitated() -> str:
    """Give the release that is imitated: the one chosen, else of the environment, else the newest.

    Raises:
        ConfigurationError: the environment names none.
    """
    found = _chosen[0] if _chosen else os.environ.get(ENVIRONMENT) or NEWEST
    _numbers(found)
    return found


@cache
def signature(version: str) -> Signature:
    """Give the signature of ``remove`` in a release."""
    order = [names for first, names in ORDERS if _numbers(first) <= _numbers(version)][-1]
    defaults = {**STABLE, **{name: LATER[name] for name in order}}
    kind = Parameter.POSITIONAL_OR_KEYWORD
    named = [Parameter(name, kind, default=default) for name, default in defaults.items()]
    rest = [Parameter("args", Parameter.VAR_POSITIONAL), Parameter("kwargs", Parameter.VAR_KEYWORD)]
    # The oldest took nothing else; whoever gives more there means a later one.
    return Signature([Parameter("data", kind), *named, *rest])


def bound(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Give each argument of ``remove`` its name, in the order of the imitated release.

    What stands beyond all names is there as ``*args``.

    Raises:
        TypeError: as Python itself does.
    """
    if not args and "data" not in kwargs:
        raise TypeError("remove() missing 1 required positional argument: 'data'")
    try:
        given = signature(imitated()).bind(*args, **kwargs).arguments
    except TypeError as error:
        raise TypeError(f"remove() {error}") from None
    beyond, more = given.pop("args", ()), given.pop("kwargs", {})
    return {**given, **more, **({"*args": beyond} if beyond else {})}


@cache
def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(map(int, version.split("."))) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})*", version) else ()
    if numbers < (2, 0, 28):
        raise ConfigurationError(f"{version!r} is no release of rembg that can be imitated: 2.0.28 to {NEWEST}")
    return numbers
