"""Do something with a module when a program imports it, or at once if it has: installing a door imports nothing."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class WhenImported(MetaPathFinder):
    """Call functions once after certain modules have been imported.

    Args:
        actions: by module name.
    """

    def __init__(self, actions: dict[str, Callable[[], None]]) -> None:
        self._actions = dict(actions)

    def start(self) -> None:
        """Act on what has been imported, and wait for the rest."""
        sys.meta_path.insert(0, self)
        for name in list(self._actions):
            if name in sys.modules:
                self.act(name)

    def stop(self) -> None:
        """Wait no longer."""
        self._actions.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def act(self, name: str) -> None:
        """Do what is to be done for a module, unless it was done."""
        action = self._actions.pop(name, None)
        if action is not None:
            action()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Let the other finders find the module, and stand behind its loader."""
        if fullname not in self._actions:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self)
                return spec
        return None


class _Loader(Loader):
    """Load as the module's own loader does, then act and step aside."""

    def __init__(self, inner: Any, waiting: WhenImported) -> None:
        self._inner, self._waiting = inner, waiting

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        spec.loader = self._inner
        module: ModuleType | None = self._inner.create_module(spec)
        spec.loader = self
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            spec.loader = module.__loader__ = self._inner
        self._inner.exec_module(module)
        self._waiting.act(module.__name__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
