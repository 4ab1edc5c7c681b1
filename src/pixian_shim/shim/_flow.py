"""How a plan is carried out, without doing any of it: a generator of effects, shared by sync and async.

The order is chosen so that everything that can go wrong for free does so before the paid call.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.errors import ImageError, NoForeground, TooLarge
from pixian_shim.geometry import Size
from pixian_shim.images import may_be_transparent, read_header
from pixian_shim.pixian import (
    MAX_PROCESSED_PIXELS,
    MAX_UPLOAD_PIXELS,
    Base64Text,
    ImageUrl,
    Parameters,
    Result,
    Upload,
)
from pixian_shim.translation import Cutout, FillImage, Plan, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pixian_shim.geometry import Box
    from pixian_shim.images import Header, Pixels
    from pixian_shim.pixian import Account, Source


@attrs.frozen
class AskAccount:
    """Ask Pixian for the account."""


@attrs.frozen
class AskBalance:
    """Find out what is left of the account, unless that is known: never a reason to fail."""


@attrs.frozen
class RemoveBackground:
    """Ask Pixian for a cutout: the one effect that costs."""

    source: Source
    parameters: Parameters


@attrs.frozen
class Fetch:
    """Get a picture from its address."""

    url: str
    parameter: str | None


@attrs.frozen
class Work:
    """Compute: worth a thread of its own."""

    run: Callable[[], Any]


AS_IT_IS = frozenset({"bmp", "gif", "jpeg", "png", "tiff"})
"""The input formats that Pixian documents; anything else is rewritten."""

Effect = AskAccount | AskBalance | RemoveBackground | Fetch | Work


class Steps:
    """A plan under way: the effect that is due, or none and the result.

    Raises:
        Exception: from the constructor and every method, what the plan ends in.
    """

    def __init__(self, plan: Plan) -> None:
        self.effect: Effect | None = None
        self.result: Cutout | Account | None = None
        self._flow = carry_out(plan)
        self._advance(self._flow.__next__)

    def done(self, outcome: object) -> None:
        """Go on with what the effect gave."""
        self._advance(lambda: self._flow.send(outcome))

    def failed(self, error: Exception) -> None:
        """Go on with what the effect raised."""
        self._advance(lambda: self._flow.throw(error))

    def _advance(self, resume: Callable[[], Effect]) -> None:
        try:
            self.effect = resume()
        except StopIteration as end:
            self.effect, self.result = None, end.value


def carry_out(plan: Plan) -> Generator[Effect, Any, Cutout | Account | None]:
    """Give the effects of a plan, one after the other, and finally its result.

    Raises:
        Exception: whatever the plan or an effect ends in, of this library mostly. After a paid call ``error.result``
            holds what was paid for.
    """
    if plan.task is Task.ACCOUNT:
        account: Account = yield AskAccount()
        return account
    if plan.task is Task.NOTHING:
        return None
    return (yield from _asking_first(_cut_out(plan)) if plan.tells_balance else _cut_out(plan))


def _asking_first(flow: Generator[Effect, Any, Cutout]) -> Generator[Effect, Any, Cutout]:
    """Ask for the balance just before the paid call: when nothing can fail for free any more, nor be lost."""
    resume: Callable[[], Effect] = flow.__next__
    while True:
        try:
            effect = resume()
        except StopIteration as end:
            cutout: Cutout = end.value
            return cutout
        if isinstance(effect, RemoveBackground):
            yield AskBalance()
        try:
            outcome = yield effect
        except Exception as error:  # noqa: BLE001 (the flow's to deal with)
            resume = partial(flow.throw, error)
        else:
            resume = partial(flow.send, outcome)


def _cut_out(plan: Plan) -> Generator[Effect, Any, Cutout]:
    source = plan.source
    if source is None:
        raise ImageError("the plan has no picture")
    if isinstance(source, Base64Text):
        source = yield Work(source.decode)
    if isinstance(source, ImageUrl):
        if not plan.local and plan.transparent_input == "merge":
            result: Result = yield RemoveBackground(source, plan.parameters)
            return _as_it_came(plan, result, None)
        source = yield Fetch(source.url, plan.source_parameter)
    return (yield from _with_original(plan, source))


def _with_original(plan: Plan, upload: Upload) -> Generator[Effect, Any, Cutout]:
    if plan.untouched:
        untouched: Result = yield RemoveBackground(upload, plan.parameters)
        return _as_it_came(plan, untouched, None)
    header = upload.header or read_header(upload.head())  # the latter says what is wrong
    size = header.upright
    if size is not None and size.pixels > plan.max_input_pixels:
        raise TooLarge(size.pixels, plan.max_input_pixels, "pixels")
    looked_at = plan.transparent_input != "merge" and may_be_transparent(upload.head())
    if not looked_at and not _needs_preparation(plan, header):
        result: Result = yield RemoveBackground(upload, plan.parameters)
        return _as_it_came(plan, result, size)

    from pixian_shim.shim import _pixels

    if looked_at and plan.transparent_input != "drop":
        picture = yield Work(partial(_pixels.translucent, plan, upload))
        if picture is not None:
            behind = {} if plan.transparent_input == "return" else (yield from _backdrops(plan))
            alone: Cutout = yield Work(partial(_pixels.without_call, plan, upload, header, picture, behind))
            return alone
    backdrops = yield from _backdrops(plan)
    prepared: _pixels.Prepared = yield Work(partial(_pixels.prepare, plan, upload, header))
    result = yield RemoveBackground(prepared.upload, prepared.parameters)
    if not plan.local:
        return _as_it_came(plan, result, prepared.size)
    try:
        cutout: Cutout = yield Work(partial(_pixels.finish, plan, prepared, result, backdrops))
    except Exception as error:  # a lack of memory as well: what was paid for is never thrown away
        error.result = result  # type: ignore[attr-defined]
        raise
    return cutout


def _backdrops(plan: Plan) -> Generator[Effect, Any, dict[FillImage, Pixels]]:
    """Get the background pictures of a plan."""
    from pixian_shim.shim import _pixels

    found = {}
    for step in plan.steps:
        if isinstance(step, FillImage):
            picture = (
                (yield Fetch(step.source.url, step.parameter)) if isinstance(step.source, ImageUrl) else step.source
            )
            found[step] = yield Work(partial(_pixels.backdrop, picture, step))
    return found


def _needs_preparation(plan: Plan, header: Header) -> bool:
    size = header.upright
    return plan.local or header.format not in AS_IT_IS or (size is not None and size.pixels > MAX_UPLOAD_PIXELS)


def _as_it_came(plan: Plan, result: Result, size: Size | None) -> Cutout:
    """Take Pixian's own bytes as the result."""
    original = size or result.input_size or _result_size(result)
    foreground = result.input_foreground
    if foreground is not None and result.input_size is not None:  # which may have been made smaller for the upload
        foreground = foreground.scaled(result.input_size, original)
    return finished(plan, result, result.content, result.content_type, _result_size(result), original, foreground)


def finished(
    plan: Plan,
    result: Result | None,
    content: bytes,
    content_type: str,
    size: Size,
    original: Size,
    foreground: Box | None,
) -> Cutout:
    """Put the result of a call together; without an answer of Pixian's it cost nothing.

    Raises:
        NoForeground: the plan needs one and there is none.
    """
    if plan.needs_foreground and foreground is not None and foreground.empty:
        error = NoForeground(0.0 if result is None else result.credits_charged)
        if result is not None:
            error.result = result  # type: ignore[attr-defined]
        raise error
    cutout = Cutout(
        content=content,
        content_type=content_type,
        size=size,
        input_size=original,
        max_size=original.capped(max(MAX_PROCESSED_PIXELS, plan.max_pixels)),
        foreground=foreground,
        attempts=0,
        notes=plan.notes,
    )
    if result is None:
        return cutout
    return attrs.evolve(
        cutout,
        credits_charged=result.credits_charged,
        credits_calculated=result.credits_calculated,
        attempts=result.attempts,
        possible_double_charge=result.possible_double_charge,
        headers=result.headers,
    )


def _result_size(result: Result) -> Size:
    return result.result_size or read_header(result.content).upright or Size(0, 0)
