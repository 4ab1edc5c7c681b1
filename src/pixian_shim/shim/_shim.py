"""Carry out plans: the I/O around the pure translation, once for threads and once for asyncio."""

from __future__ import annotations

import logging
import os
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs

from pixian_shim.errors import FetchError, ShimError, TransportError
from pixian_shim.pixian import AsyncPixian, ImageUrl, Pixian
from pixian_shim.pixian._transport import in_thread
from pixian_shim.shim._balance import Balances, Spending, patience
from pixian_shim.shim._clients import Clients
from pixian_shim.shim._fetch import Fetcher
from pixian_shim.shim._flow import AskAccount, AskBalance, Fetch, RemoveBackground, Steps, Work
from pixian_shim.shim._links import LINK_PATH, Links
from pixian_shim.shim._observer import Observed
from pixian_shim.translation import Cutout, Policy, enforce

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from pixian_shim.pixian import Account, Upload
    from pixian_shim.shim._flow import Effect
    from pixian_shim.shim._observer import Observer
    from pixian_shim.translation import Adapter, Call, HttpRequest, HttpResponse

_log = logging.getLogger(__name__)

asking: ContextVar[bool] = ContextVar("asking", default=False)
"""Whether Pixian is being asked, or a picture fetched: what is sent then is no call of the program's."""

_LARGE = 1 << 18
_cpu_count: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)  # the former from Python 3.13

AnswerT = TypeVar("AnswerT")


class Shim:
    """Run legacy calls on Pixian v2, from threads.

    Args:
        client: the client to use; without one, credentials come from the environment or a settings file at the first
            call. A legacy key that holds ``id:secret`` of Pixian gets a client of its own.
        policy: what to do with notes; default is ``PIXIAN_SHIM_POLICY``, else ``warn``.
        fetcher: how pictures are fetched that Pixian cannot fetch itself.
        links: where results are kept for providers that answer with addresses; memory, for an hour, by default.
        on_call: told of every call that could be parsed when it has ended, in the thread that made it: the call, its
            result or the exception, and seconds. What it raises is logged and does not affect the call.
    """

    def __init__(
        self,
        client: Pixian | None = None,
        *,
        policy: Policy | str | None = None,
        fetcher: Fetcher | None = None,
        links: Links | None = None,
        on_call: Observer | None = None,
    ) -> None:
        self._clients = Clients(client, Pixian)
        self._policy, self._fetcher, self._on_call = _policy(policy), fetcher or Fetcher(), on_call
        self.links, self._balances = links or Links(), Balances()

    def run(self, adapter: Adapter, call: Call, *, timeout: float | None = None) -> Cutout | Account | None:
        """Carry out a parsed call.

        Args:
            adapter: of the call's provider.
            call: what is wanted.
            timeout: seconds without a single byte from Pixian, instead of the client's.

        Raises:
            ShimError: any of this library's errors.
            Exception: what else went wrong here, such as a lack of memory. After a paid call ``error.result`` holds
                Pixian's answer, whichever error it is.
        """
        with Observed(self._on_call, call) as observed:
            plan = self.links.resolved(adapter.plan(call))
            enforce(self._policy, adapter.name, plan.notes)
            client = self._clients.of(call.key)
            with Spending(self._balances, client, plan) as spending:
                steps = Steps(plan)
                while steps.effect is not None:
                    try:
                        outcome = self._perform(steps.effect, client, timeout)
                    except Exception as error:  # noqa: BLE001 (the flow raises it again)
                        steps.failed(error)
                    else:
                        steps.done(outcome)
                spending.ending = steps.result
            observed.ending = spending.ending
        return spending.ending

    def serve(
        self, adapter: Adapter, request: HttpRequest, *, timeout: float | None = None, key: str | None = None
    ) -> HttpResponse:
        """Answer a legacy HTTP request in the provider's own shape, errors included.

        Args:
            adapter: of the provider that was asked.
            request: as it was sent.
            timeout: seconds without a single byte from Pixian, instead of the client's.
            key: taken for the one in the request: ``id:secret`` of the account that pays.

        Raises:
            TransportError: Pixian gave no answer; each door has its own way of saying so.
        """
        call = None
        try:
            if adapter.answers_with_links and LINK_PATH in request.url:
                return self.links.answer(request.method, request.url)
            call = adapter.read(request)
            call = call if key is None else attrs.evolve(call, key=key)
            ending = self.run(adapter, call, timeout=timeout)
            return _answered(adapter, call, ending, self.links, request.origin)
        except TransportError:
            raise
        except ShimError as error:
            return attrs.evolve(adapter.refuse(call, error), error=error)

    def _perform(self, effect: Effect, client: Pixian, timeout: float | None) -> Any:
        token = asking.set(True)
        try:
            return self._performed(effect, client, timeout)
        finally:
            asking.reset(token)

    def _performed(self, effect: Effect, client: Pixian, timeout: float | None) -> Any:
        match effect:
            case RemoveBackground():
                return client.remove_background(effect.source, parameters=effect.parameters, timeout=timeout)
            case AskAccount():
                return client.account(timeout=timeout)
            case AskBalance():
                return self._ask_balance(client, patience(timeout))
            case Fetch() if found := self.links.find(effect.url):
                return found
            case Fetch():
                try:
                    return self._fetcher.fetch(effect.url)
                except FetchError as error:
                    error.parameter = effect.parameter
                    raise
            case Work():
                return effect.run()

    def _ask_balance(self, client: Pixian, seconds: float) -> None:
        if not self._balances.due(client):
            return
        left = None
        try:
            left = client.account(deadline=seconds).credits
        except ShimError as error:
            _log.debug("the balance is not known: %s", error)
        finally:
            self._balances.learn(client, left)

    def close(self) -> None:
        """Close the clients that were made here; one that was given stays open."""
        for client in self._clients.drained():
            client.close()

    def __enter__(self) -> Self:
        """Give the shim itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


class AsyncShim:
    """Run legacy calls on Pixian v2, from asyncio; pixels and downloads are worked on in threads.

    Arguments are those of ``Shim``; ``on_call`` is a plain function and must not block. ``make`` opens a client for
    ``credentials``, or for those of the environment. One instance belongs to one event loop, and works on the pixels of
    as many pictures at once as there are processors.
    """

    def __init__(
        self,
        client: AsyncPixian | None = None,
        *,
        policy: Policy | str | None = None,
        fetcher: Fetcher | None = None,
        links: Links | None = None,
        on_call: Observer | None = None,
        make: Callable[..., AsyncPixian] = AsyncPixian,
    ) -> None:
        self._clients = Clients(client, make)
        self._pixels: asyncio.Semaphore | None = None
        self._policy, self._fetcher, self._on_call = _policy(policy), fetcher or Fetcher(), on_call
        self.links, self._balances = links or Links(), Balances()

    async def run(self, adapter: Adapter, call: Call, *, timeout: float | None = None) -> Cutout | Account | None:
        """Carry out a parsed call.

        Args:
            adapter: of the call's provider.
            call: what is wanted.
            timeout: seconds without a single byte from Pixian, instead of the client's.

        Raises:
            ShimError: any of this library's errors.
            Exception: what else went wrong here, such as a lack of memory. After a paid call ``error.result`` holds
                Pixian's answer, whichever error it is.
        """
        with Observed(self._on_call, call) as observed:
            plan = await _apart(_is_large(call), adapter.plan, call)
            if isinstance(plan.source, ImageUrl) and LINK_PATH in plan.source.url:
                plan = await _apart(self.links.blocks, self.links.resolved, plan)
            enforce(self._policy, adapter.name, plan.notes)
            client = self._clients.of(call.key)
            with Spending(self._balances, client, plan) as spending:
                steps = Steps(plan)
                while steps.effect is not None:
                    try:
                        outcome = await self._perform(steps.effect, client, timeout)
                    except Exception as error:  # noqa: BLE001 (the flow raises it again)
                        steps.failed(error)
                    else:
                        steps.done(outcome)
                spending.ending = steps.result
            observed.ending = spending.ending
        return spending.ending

    async def serve(self, adapter: Adapter, request: HttpRequest, *, timeout: float | None = None) -> HttpResponse:
        """Answer a legacy HTTP request in the provider's own shape, errors included.

        Args:
            adapter: of the provider that was asked.
            request: as it was sent.
            timeout: seconds without a single byte from Pixian, instead of the client's.

        Raises:
            TransportError: Pixian gave no answer; each door has its own way of saying so.
        """
        call = None
        try:
            if adapter.answers_with_links and LINK_PATH in request.url:
                return await _apart(self.links.blocks, self.links.answer, request.method, request.url)
            call = adapter.read(request)
            return await self.answer(adapter, call, await self.run(adapter, call, timeout=timeout), request.origin)
        except TransportError:
            raise
        except ShimError as error:
            return attrs.evolve(adapter.refuse(call, error), error=error)

    async def _perform(self, effect: Effect, client: AsyncPixian, timeout: float | None) -> Any:
        token = asking.set(True)
        try:
            return await self._performed(effect, client, timeout)
        finally:
            asking.reset(token)

    async def _performed(self, effect: Effect, client: AsyncPixian, timeout: float | None) -> Any:
        match effect:
            case RemoveBackground():
                return await client.remove_background(effect.source, parameters=effect.parameters, timeout=timeout)
            case AskAccount():
                return await client.account(timeout=timeout)
            case AskBalance():
                return await self._ask_balance(client, patience(timeout))
            case Fetch() if LINK_PATH in effect.url and (found := await self._found(effect.url)):
                return found
            case Fetch():
                try:
                    return await self._fetcher.afetch(effect.url)
                except FetchError as error:
                    error.parameter = effect.parameter
                    raise
            case Work():
                async with self._processors:
                    return await in_thread(effect.run)

    async def _ask_balance(self, client: AsyncPixian, seconds: float) -> None:
        if not self._balances.due(client):
            return
        left = None
        try:
            left = (await client.account(deadline=seconds)).credits
        except ShimError as error:
            _log.debug("the balance is not known: %s", error)
        finally:
            self._balances.learn(client, left)

    @property
    def _processors(self) -> asyncio.Semaphore:
        if self._pixels is None:
            import asyncio

            self._pixels = asyncio.Semaphore(_cpu_count() or 1)
        return self._pixels

    async def answer(
        self, adapter: Adapter, call: Call, ending: Cutout | Account | None, origin: str = ""
    ) -> HttpResponse:
        """Write the answer to a call that ``run`` carried out.

        Args:
            adapter: of the call's provider.
            call: as it was run.
            ending: what ``run`` gave.
            origin: scheme and host before the path of links, where the provider answers with such.

        Raises:
            Exception: what went wrong; ``error.result`` is the ending, which may have been paid for.
        """
        waits = adapter.answers_with_links and self.links.blocks
        large = _is_large(call) or (isinstance(ending, Cutout) and len(ending.content) > _LARGE)
        return await _apart(waits or large, _answered, adapter, call, ending, self.links, origin)

    async def keep(self, origin: str, content: bytes, content_type: str) -> str:
        """Keep a picture for as long as a link lasts, and give its address."""
        return await _apart(self.links.blocks, self.links.keep, origin, content, content_type)

    async def _found(self, url: str) -> Upload | None:
        return await _apart(self.links.blocks, self.links.find, url)

    async def aclose(self) -> None:
        """Close the clients that were made here; one that was given stays open."""
        for client in self._clients.drained():
            await client.aclose()

    async def __aenter__(self) -> Self:
        """Give the shim itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.aclose()


async def _apart(slow: bool, function: Callable[..., AnswerT], *arguments: Any) -> AnswerT:
    """Call a function, in a thread if it would keep the loop busy."""
    return await in_thread(function, *arguments) if slow else function(*arguments)


def _is_large(call: Call) -> bool:
    """Tell whether reading what was sent takes long."""
    return any(len(value) > _LARGE for _, value in call.form)


def _policy(value: Policy | str | None) -> Policy:
    return Policy.parse(value or os.environ.get("PIXIAN_SHIM_POLICY") or Policy.WARN)


def _answered(adapter: Adapter, call: Call, ending: Cutout | Account | None, links: Links, origin: str) -> HttpResponse:
    try:
        if adapter.answers_with_links and isinstance(ending, Cutout):
            ending = attrs.evolve(ending, link=links.keep(origin, ending.content, ending.content_type))
        return attrs.evolve(adapter.answer(call, ending), ending=ending)
    except Exception as error:  # such as a lack of memory for base64: what was paid for is never thrown away
        error.result = ending  # type: ignore[attr-defined]
        raise
