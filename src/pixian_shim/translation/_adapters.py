"""What an adapter is, and how it is found without importing the others."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.translation._pictures import itself

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.metadata import EntryPoint

    from pixian_shim.errors import ShimError
    from pixian_shim.pixian import Account
    from pixian_shim.translation._calls import Call, Cutout, HttpRequest, HttpResponse
    from pixian_shim.translation._incumbent import Incumbent
    from pixian_shim.translation._notes import Verdict
    from pixian_shim.translation._plans import Plan
    from pixian_shim.translation._rules import Capability, RuleTable

GROUP = "pixian_shim.adapters"


@attrs.frozen
class LegacyError:
    """One error that legacy callers may see, and what brings it about here."""

    status: int
    code: str
    when: str


@attrs.frozen
class Endpoint:
    """One address of a provider's HTTP interface."""

    method: str
    path: str
    """Whole, as the provider documents it: ``/v1.0/removebg``."""
    operation: str


@attrs.frozen(kw_only=True)
class Adapter:
    """Everything known about one provider: pure functions and tables, no socket, no clock."""

    name: str
    title: str
    """The provider's own spelling."""
    hosts: frozenset[str]
    """Host names whose traffic belongs to this provider."""
    paths: tuple[str, ...] = ()
    """Which paths on these hosts, by their beginning in whole segments (``/api/v1``); without any, all of them."""
    endpoints: tuple[Endpoint, ...] = ()
    """What the provider answers, for a gateway that is asked by path alone."""
    rules: RuleTable
    operation: str
    """The operation that the rules are about."""
    further: Mapping[str, RuleTable] = attrs.field(factory=dict)
    """The rules of further operations, where a provider has several that remove backgrounds."""
    also: Mapping[Capability, Verdict] = attrs.field(factory=dict)
    """What else it can do that is no parameter, such as telling the account; for the matrix of all providers."""
    costs_nothing: bool = False
    """Whether the provider asks no money: nobody is moved from it to a paid service who has not named it."""
    any_origin: bool = False
    """Whether pages of any origin may read its answers."""
    incumbent: Incumbent | None = None
    """Its own service, where it may still be asked; ``None`` where that is Pixian itself, or gone for good."""
    answers_with_links: bool = False
    """Whether ``answer`` gives addresses instead of pictures: it finds one in ``Cutout.link``."""
    errors: tuple[LegacyError, ...] = ()
    """What legacy callers may see, for the documentation."""
    read: Callable[[HttpRequest], Call]
    """Parse a legacy request; raises ``TranslationError`` for one that the provider refuses outright."""
    plan: Callable[[Call], Plan]
    answer: Callable[[Call, Cutout | Account | None], HttpResponse]
    """Write the legacy answer: a cutout, the account, or neither where nothing was asked of Pixian."""
    refuse: Callable[[Call | None, ShimError], HttpResponse]
    """Write any error as the provider would; never raises."""
    picture: Callable[[HttpResponse], bytes | str | None] = itself
    """Find the picture in an answer of the provider's that is none itself: its bytes, or the address that it is at;
    ``None`` where the answer is the picture, or has none. For whoever keeps answers: see ``within_json``."""

    @property
    def tables(self) -> dict[str, RuleTable]:
        """The rules of every operation, by operation, the usual one first."""
        return {self.operation: self.rules, **self.further}

    def table(self, operation: str | None = None) -> RuleTable:
        """Give the rules of one operation; of the usual one where it is not named, or has none of its own."""
        return self.rules if operation is None else self.tables.get(operation, self.rules)

    def serves(self, url: str) -> bool:
        """Tell whether a URL belongs to this provider."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        below = not self.paths or any(f"{parts.path}/".startswith(f"{path}/") for path in self.paths)
        return parts.hostname in self.hosts and below


@cache
def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def providers() -> tuple[str, ...]:
    """Name the providers that have an adapter here, without importing any."""
    return tuple(sorted(_entry_points()))


def served_unasked() -> tuple[str, ...]:
    """Name the providers that are served where none is named: nobody is moved from one that costs nothing unasked."""
    return tuple(name for name in providers() if not load(name).costs_nothing)


@cache
def load(provider: str) -> Adapter:
    """Import one provider's adapter.

    Raises:
        ConfigurationError: there is none of that name.
    """
    known = _entry_points()
    if provider not in known:
        from difflib import get_close_matches

        close = get_close_matches(provider, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
        raise ConfigurationError(f"no adapter is called {provider!r}; {hint}")
    adapter = known[provider].load()
    if not isinstance(adapter, Adapter):
        raise ConfigurationError(f"the entry point {provider!r} does not name an Adapter")
    return adapter
