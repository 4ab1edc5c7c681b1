"""Let unedited code import a drop-in by the name of the package it was written for."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

GROUP = "pixian_shim.aliases"

_lock = RLock()


def alias(*names: str) -> None:
    """Let ``import removebg`` give the drop-in for it, everywhere in this process, until ``unalias``.

    ::

        import pixian_shim

        pixian_shim.alias("removebg")  # before anything imports it

        from removebg import RemoveBg  # is pixian_adapters.removebg.RemoveBg

    The modules are the drop-in's own, not copies, so ``isinstance``, ``pickle`` and ``reload`` see one of each. A
    package of that name which is installed as well is not found any more; it stays as it is on disk. Names that are
    aliased already are left alone.

    This is for applications, which know what else runs in their process. A library must never call it: it would decide
    for every other library, too, what these names mean.

    Args:
        names: what the program imports: ``"removebg"``, ``"remove_bg_api"``, ``"pixian_ai"``, …

    Raises:
        ConfigurationError: no name given, one without a drop-in, or one that was imported before. No name is aliased
            then.
    """
    if not names:
        raise ConfigurationError("name at least one package, such as 'removebg'")
    wanted = {name: target_of(name) for name in names}
    with _lock:
        for name, target in wanted.items():
            _refuse_imported(name, target)
        _finder.targets.update(wanted)
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)


def unalias() -> None:
    """Undo every ``alias``: the names are again what is installed under them, for whoever imports them from now on."""
    with _lock:
        if _finder in sys.meta_path:
            sys.meta_path.remove(_finder)
        _finder.targets.clear()
        for name, module in _finder.placed.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
        _finder.placed.clear()


def target_of(name: str) -> str:
    """Give the module that stands for a legacy package, without importing it.

    Raises:
        ConfigurationError: there is none.
    """
    known = _targets()
    if name not in known:
        from difflib import get_close_matches

        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
        raise ConfigurationError(f"no drop-in stands for a package {name!r}; {hint}")
    return known[name]


@cache
def _targets() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.module for point in entry_points(group=GROUP)}


def _refuse_imported(name: str, target: str) -> None:
    if name not in sys.modules:
        return
    found = sys.modules[name]
    if found is sys.modules.get(target):
        return
    place = getattr(found, "__file__", None) or "elsewhere"
    raise ConfigurationError(
        f"{name!r} is imported already, from {place}; call alias({name!r}) before the first import of it, at the top "
        "of the program's main module"
    )


class _Finder(MetaPathFinder):
    """Claim the aliased names, and what is below them."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}
        self.placed: dict[str, ModuleType] = {}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give a spec whose loader puts the drop-in's module in place; ``None`` for names that are not aliased."""
        top, dot, below = fullname.partition(".")
        target = self.targets.get(top)
        if target is None:
            return None
        original = find_spec(f"{target}{dot}{below}")
        if original is None:
            return None
        locations = original.submodule_search_locations
        spec = ModuleSpec(fullname, _Loader(self, original.name), origin=original.origin, is_package=bool(locations))
        if locations:
            spec.submodule_search_locations = [*locations]
        return spec


@attrs.frozen(eq=False)
class _Loader(Loader):
    """Put a module that has another name in the place of a new one.

    What stands in ``sys.modules`` after ``exec_module`` is what the import gives; so the drop-in's module is not
    touched, and its ``__spec__`` and ``__name__`` stay its own.
    """

    finder: _Finder
    original: str

    def exec_module(self, module: ModuleType) -> None:
        """Replace the empty module by the drop-in's."""
        name = module.__name__
        found = import_module(self.original)
        with _lock:
            self.finder.placed[name] = sys.modules[name] = found


_finder = _Finder()
