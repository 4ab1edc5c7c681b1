"""Move from a provider to Pixian call by call: decide, ask, fall back, repeat in the background, write down."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, Self

import attrs

from pixian_shim.errors import ShimError, TransportError
from pixian_shim.legacy import LegacyHost, gone
from pixian_shim.rollout._decision import Decision, Origin, Reason, Stage
from pixian_shim.rollout._observations import Observation
from pixian_shim.rollout._prices import legacy_price, pixian_price
from pixian_shim.rollout._replies import Failure, Reply
from pixian_shim.rollout._shadow import Job
from pixian_shim.rollout._telemetry import tell
from pixian_shim.rollout._units import Asked, reader
from pixian_shim.shim import LINK_PATH, Shim
from pixian_shim.translation import warn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from pixian_shim.rollout._decision import Source
    from pixian_shim.rollout._fallback import Fallback
    from pixian_shim.rollout._recorder import Recorder
    from pixian_shim.rollout._shadow import Shadow
    from pixian_shim.shim import Links
    from pixian_shim.translation import Adapter, Call, HttpRequest, HttpResponse

_log = logging.getLogger(__name__)


class Keeper(Protocol):
    """Whatever keeps the provider's answers, such as a baseline."""

    def keep(self, adapter: Adapter, call: Call, answer: HttpResponse, seconds: float) -> None:
        """Keep one; must not raise."""


@attrs.frozen(kw_only=True)
class Conduct:
    """How one call went."""

    decision: Decision
    unit: str | None
    replies: dict[Origin, Reply]
    answered_by: Origin
    because: str = ""

    @property
    def reply(self) -> Reply:
        """What the caller gets."""
        return self.replies[self.answered_by]


class Rollout:
    """Answer legacy calls by the provider or by Pixian, as a source of decisions says.

    It takes the place of a ``Shim`` in every door: ``install("removebg", shim=rollout)``, ``using(rollout)`` for the
    drop-ins, ``[rollout]`` in the gateway's configuration.

    Args:
        source: decides; a ``Flag`` always says the same.
        shim: carries out what Pixian answers; without one, a shim with settings from the environment.
        legacy: asks the provider's own service, or says where that is, by the provider's name.
        unit: what a call is told by: see ``units.reader``.
        shadow: repeats calls in the background; without one nothing is repeated, whatever the stage says.
        fallback: when the other origin is asked because the chosen one fails; never, without one.
        observe: where observations go.
        baseline: keeps the provider's answers.
        clock: gives the time of day, with time zone.
    """

    def __init__(
        self,
        source: Source,
        *,
        shim: Shim | None = None,
        legacy: LegacyHost | Mapping[str, str] | None = None,
        unit: str = "image",
        shadow: Shadow | None = None,
        fallback: Fallback | None = None,
        observe: Recorder | None = None,
        baseline: Keeper | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.source, self.shim = source, shim or Shim()
        self.legacy = legacy if isinstance(legacy, LegacyHost) else LegacyHost(legacy)
        self._own = [own for own, given in ((self.shim, shim), (self.legacy, legacy)) if own is not given]
        self._unit, self.shadow, self.fallback = reader(unit), shadow, fallback
        self.recorder, self._baseline, self._clock = observe, baseline, clock
        self.counts: Counter[str] = Counter()
        """Calls by stage and by who answered them: ``canary pixian``."""
        self._told_gone: set[str] = set()
        self._lock = Lock()

    @property
    def links(self) -> Links:
        """Where results are kept for providers that answer with addresses."""
        return self.shim.links

    def decide(self, unit: str | None) -> Decision:
        """Ask the source about a unit; whatever goes wrong there, the provider answers."""
        try:
            return self.source.decide(unit)
        except Exception:  # noqa: BLE001 (a source of somebody else's)
            _log.exception("the source of decisions failed; the provider answers")
            return Decision(origin=Origin.LEGACY, stage=Stage.OFF, reason=Reason.ERROR)

    def serve(self, adapter: Adapter, request: HttpRequest, *, timeout: float | None = None) -> HttpResponse:
        """Answer a legacy HTTP request, by whom the source decides.

        Args:
            adapter: of the provider that was asked.
            request: as it was sent.
            timeout: seconds without a single byte from whoever is asked.

        Raises:
            TransportError: no answer came; each door has its own way of saying so.
        """
        if adapter.answers_with_links and LINK_PATH in request.url:
            return self.shim.serve(adapter, request, timeout=timeout)
        asked = Asked(adapter, request, timeout)
        ways = {Origin.LEGACY: partial(self.ask_legacy, asked), Origin.PIXIAN: partial(self._pixian, asked)}
        flow = self._conduct(asked)
        step = _next(flow, None)
        while isinstance(step, Origin):
            step = _next(flow, ways[step]())
        self._over(asked, step)
        return _given(step.reply)

    async def serve_async(
        self, asked: Asked, pixian: Callable[[], Awaitable[Reply]], legacy: Callable[[], Reply]
    ) -> Conduct:
        """Do as ``serve`` for a door that asks Pixian from a loop; the provider is asked from a thread.

        Args:
            asked: the call; what it holds may go away when this is over, and is copied for the shadow.
            pixian: asks Pixian.
            legacy: asks the provider.
        """
        import asyncio

        flow = self._conduct(asked)
        step = await asyncio.to_thread(_next, flow, None)  # reads the picture
        while isinstance(step, Origin):
            step = _next(flow, await pixian() if step is Origin.PIXIAN else await asyncio.to_thread(legacy))
        await asyncio.to_thread(self._over, asked, step)
        return step

    def _conduct(self, asked: Asked) -> Generator[Origin, Reply | None, Conduct]:
        """Give the origins to ask, one after the other, and finally how it went: what threads and loops share."""
        unit = self._unit(asked)
        decision = self.decide(unit)
        chosen, because = self._possible(asked, decision)
        fallback = self.fallback
        if because or decision.stage in (Stage.OFF, Stage.COMPLETE) or not self._can_ask(asked, chosen.other):
            fallback = None
        if fallback is not None and not fallback.breakers[chosen].lets_through() and fallback.admits():
            chosen, because = chosen.other, "breaker_open"
        reply = _came((yield chosen))
        replies = {chosen: reply}
        if self.fallback is not None:
            self.fallback.breakers[chosen].note(reply.failure)
        if fallback is not None and not because and reply.failure in fallback.on and fallback.admits():
            second = _came((yield chosen.other))
            fallback.breakers[chosen.other].note(second.failure)
            replies[chosen.other] = second
            if second.failure is None:
                chosen, because = chosen.other, str(reply.failure)
        return Conduct(decision=decision, unit=unit, replies=replies, answered_by=chosen, because=because)

    def _possible(self, asked: Asked, decision: Decision) -> tuple[Origin, str]:
        """Give whom to ask; where the provider cannot be, Pixian, and why."""
        if decision.origin is Origin.LEGACY and not self._can_ask(asked, Origin.LEGACY):
            known = asked.adapter.incumbent is not None
            return Origin.PIXIAN, "pixian_key" if known else "no_legacy"
        return decision.origin, ""

    def _can_ask(self, asked: Asked, origin: Origin) -> bool:
        if origin is Origin.PIXIAN:
            return True
        return self.legacy.can_ask(asked.adapter, asked.call.key if asked.call is not None else None)

    def _pixian(self, asked: Asked) -> Reply:
        started = perf_counter()
        try:
            answer = self.shim.serve(asked.adapter, asked.request, timeout=asked.timeout, key=asked.pays)
        except Exception as error:  # noqa: BLE001 (raised again where nobody else answers)
            return Reply(
                origin=Origin.PIXIAN, error=error, seconds=perf_counter() - started, credits=charged_for(error)
            )
        return of_pixian(answer, perf_counter() - started)

    def ask_legacy(self, asked: Asked, **more: Any) -> Reply:
        """Ask the provider's own service; further arguments are those of ``LegacyHost.send``."""
        started = perf_counter()
        try:
            answer = self.legacy.send(asked.adapter, asked.request, timeout=asked.timeout, **more)
        except Exception as error:  # noqa: BLE001 (likewise)
            free = isinstance(error, ShimError) and not getattr(error, "may_have_run", False)
            seconds = perf_counter() - started
            return Reply(origin=Origin.LEGACY, error=error, seconds=seconds, credits=0.0 if free else None)
        return self.of_legacy(asked, answer, perf_counter() - started)

    def of_legacy(self, asked: Asked, answer: HttpResponse, seconds: float) -> Reply:
        """Look at an answer of the provider's own service."""
        incumbent = asked.adapter.incumbent
        charged = None if incumbent is None else incumbent.charged(answer)
        said = gone(asked.adapter, answer, self._clock())
        return Reply(origin=Origin.LEGACY, answer=answer, seconds=seconds, credits=charged, gone=said)

    def _over(self, asked: Asked, conduct: Conduct) -> None:
        """Do what comes after the answer; nothing of it may affect the call."""
        try:
            self._keep(asked, conduct)
            with self._lock:
                self.counts[f"{conduct.decision.stage} {conduct.answered_by}"] += 1
            if not self._shadowed(asked, conduct):
                self._record(asked, conduct)
            self._tell_gone(asked, conduct)
        except Exception:  # noqa: BLE001 (the call has its answer)
            _log.exception("a call cannot be recorded; the call itself is not affected")

    def _shadowed(self, asked: Asked, conduct: Conduct) -> bool:
        """Have the call repeated by the other origin, if that is wanted; tells whether the record is left to it."""
        other, shadow = conduct.answered_by.other, self.shadow
        if not conduct.decision.shadow or other in conduct.replies or not asked.cuts_out:
            return False
        if shadow is None or not self._can_ask(asked, other):
            reason = "no_budget" if shadow is None else "no_legacy"
            self._record(asked, conduct, shadow=other, dropped=reason)
            return True
        if not shadow.wants(other, conduct.unit):
            return False
        ask, price = (self._pixian, pixian_price) if other is Origin.PIXIAN else (self.ask_legacy, legacy_price)
        held = _held(asked)

        def done(reply: Reply | None, reason: str) -> None:
            if reply is None:
                self._record(held, conduct, shadow=other, dropped=reason)
                return
            both = attrs.evolve(conduct, replies={**conduct.replies, other: reply})
            self._keep(held, both, only=other)
            self._record(held, both, shadow=other)

        size = len(held.request.body) + sum(len(value) for _, value in _uploads(held))
        shadow.offer(
            Job(
                origin=other,
                unit=conduct.unit,
                size=size,
                price=partial(price, held),
                ask=partial(ask, held),
                done=done,
            )
        )
        return True

    def _keep(self, asked: Asked, conduct: Conduct, only: Origin = Origin.LEGACY) -> None:
        reply = conduct.replies.get(Origin.LEGACY)
        if self._baseline is None or only is not Origin.LEGACY or reply is None or reply.answer is None:
            return
        if asked.cuts_out and asked.call is not None:
            self._baseline.keep(asked.adapter, asked.call, reply.answer, reply.seconds)

    def _record(self, asked: Asked, conduct: Conduct, **more: Any) -> None:
        recorder = self.recorder
        if recorder is None:
            tell(conduct.decision, conduct.answered_by, conduct.because, conduct.replies)
            return
        kept = {origin: recorder.keep(reply, asked.adapter) for origin, reply in conduct.replies.items()}
        observation = Observation.of(
            asked,
            conduct.decision,
            conduct.unit,
            conduct.replies,
            {origin: name for origin, name in kept.items() if name},
            answered_by=conduct.answered_by,
            because=conduct.because,
            **more,
        )
        recorder.record(observation)
        tell(conduct.decision, conduct.answered_by, conduct.because, conduct.replies)

    def _tell_gone(self, asked: Asked, conduct: Conduct) -> None:
        """Say once, where a program's author sees it, that the provider's service is there no more."""
        reply = conduct.replies.get(Origin.LEGACY)
        name = asked.adapter.name
        if reply is None or reply.failure is not Failure.GONE or name in self._told_gone:
            return
        self._told_gone.add(name)
        said = reply.gone or str(reply.error)
        warn(
            f"{said}. Calls that the rollout sends there fail; set the stage to 'complete' "
            f"(it is {str(conduct.decision.stage)!r})"
        )

    def close(self) -> None:
        """Let shadow calls under way end, and close what was made here."""
        if self.shadow is not None:
            self.shadow.close()
        for own in self._own:
            own.close()

    def __enter__(self) -> Self:
        """Give the rollout itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def _next(flow: Generator[Origin, Reply | None, Conduct], reply: Reply | None) -> Origin | Conduct:
    """Give the next origin to ask, or how it went in the end."""
    try:
        return flow.send(reply)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _came(reply: Reply | None) -> Reply:
    assert reply is not None  # noqa: S101 (only the first step has none)
    return reply


def of_pixian(answer: HttpResponse, seconds: float) -> Reply:
    """Look at an answer that was written from Pixian's."""
    charged = charged_for(answer.error) if answer.error is not None else getattr(answer.ending, "credits_charged", 0.0)
    return Reply(origin=Origin.PIXIAN, answer=answer, error=answer.error, seconds=seconds, credits=charged)


def charged_for(error: Exception) -> float | None:
    """Give what a failed call cost; ``None`` where it may have been charged."""
    paid = getattr(error, "result", None)
    if paid is not None:
        return float(paid.credits_charged)
    if isinstance(error, TransportError) and error.may_have_run:
        return None
    return float(getattr(error, "credits_charged", 0.0))


def _given(reply: Reply) -> HttpResponse:
    """Give the answer to the caller, or raise what came instead."""
    if reply.answer is None:
        raise reply.error or ShimError("nobody answered")
    return reply.answer


def _uploads(asked: Asked) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in asked.call.form if not isinstance(value, str)] if asked.call else []


def _held(asked: Asked) -> Asked:
    """Give the call with everything in memory: a caller's file may be closed or changed once it has its answer."""
    request, parsed = asked.request, asked.request.parsed
    if asked.raw is not None:
        whole = attrs.evolve(request, body=asked.raw(), parsed=None)
        return Asked(asked.adapter, whole, asked.timeout, pays=asked.pays)
    if parsed is None:
        return asked
    items = tuple(
        (name, value if isinstance(value, str) else attrs.evolve(value, data=value.read(), start=0))
        for name, value in parsed.items
    )
    return Asked(asked.adapter, attrs.evolve(request, parsed=type(parsed)(items)), asked.timeout)
