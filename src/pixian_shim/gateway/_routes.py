"""Whose interface a request is meant for: by the host it names, by a provider's name in front, or by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.translation import load, served_unasked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixian_shim.translation import Adapter


@attrs.frozen
class Route:
    """An adapter, and the path as its provider knows it."""

    adapter: Adapter
    path: str


class Routes:
    """Find the adapter for a request.

    Args:
        names: of the providers that are served; all that ask money themselves if there are none.

    Raises:
        ConfigurationError: two of them answer the same path, or there is none.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.adapters = tuple(map(load, names or served_unasked()))
        if not self.adapters:
            raise ConfigurationError("no adapter is installed")
        self._by_name = {adapter.name: adapter for adapter in self.adapters}
        self._by_host: dict[str, list[Adapter]] = {}
        self._by_path: dict[str, Adapter] = {}
        self._by_beginning: dict[str, Adapter] = {}
        for adapter in self.adapters:
            for host in adapter.hosts:
                self._by_host.setdefault(host, []).append(adapter)
            for endpoint in adapter.endpoints:
                self._by_beginning.setdefault(_beginning(endpoint.path), adapter)
                if self._by_path.setdefault(endpoint.path, adapter) is not adapter:
                    other = self._by_path[endpoint.path].name
                    raise ConfigurationError(
                        f"{adapter.name} and {other} both answer {endpoint.path}; serve one of them, or by prefix"
                    )

    def find(self, host: str, path: str) -> Route | None:
        """Give adapter and path, also for a path that is unknown to the provider whose paths begin like it.

        ``None`` if nobody is meant.
        """
        for adapter in self._by_host.get(host.lower(), ()):
            if adapter.serves(f"https://{host}{path}"):
                return Route(adapter, path)
        first, _, rest = path.lstrip("/").partition("/")
        if first in self._by_name:
            return Route(self._by_name[first], f"/{rest}")
        meant = self._by_path.get(path.rstrip("/")) or self._by_beginning.get(_beginning(path))
        return Route(meant, path) if meant else None


def _beginning(path: str) -> str:
    return path.lstrip("/").partition("/")[0]
