"""Ask a provider for its answers to a set of pictures, once each, within a budget, and across interruptions."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from math import ceil
from threading import Condition, Event, Lock
from time import perf_counter
from typing import TYPE_CHECKING

import attrs

from pixian_shim.baseline._exchange import Question, did_not_run
from pixian_shim.baseline._pictures import lacking, picture_inside, take
from pixian_shim.baseline._report import Report
from pixian_shim.baseline._store import Store
from pixian_shim.errors import ConfigurationError, ConnectFailed, TransportError
from pixian_shim.legacy import Budget, LegacyHost, gone
from pixian_shim.pixian import Upload
from pixian_shim.translation import Call, Form, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pixian_shim.baseline._exchange import Exchange
    from pixian_shim.baseline._pictures import Lacking
    from pixian_shim.baseline._services import Service
    from pixian_shim.legacy import Reservation
    from pixian_shim.shim import Fetcher
    from pixian_shim.translation import Adapter, HttpResponse

    Sets = Sequence[Mapping[str, str]] | Callable[[Path], Sequence[Mapping[str, str]]]

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
"""Suffixes that are looked for in folders."""

_MOST_WAITS, _LONGEST_WAIT = 20, 120.0
_CONNECT_TRIES = 3
_BUDGET, _ACCOUNT = "budget.db", "baseline"
_ANY_KEY = "any"  # a provider's calls have one; whoever answers in its place has credentials of their own


@attrs.frozen
class Item:
    """One call to be made."""

    photo: Path
    parameters: Mapping[str, str]
    question: Question
    price: float


def photos_in(places: Iterable[Path], report: Report) -> Iterator[Path]:
    """Give files, and the pictures in folders and below.

    Raises:
        ConfigurationError: a place that is not there.
    """
    for place in places:
        if place.is_dir():
            for path in sorted(place.rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    if path.suffix.lower() in PICTURES:
                        yield path
                    else:
                        report.skipped.append(str(path))
        elif place.is_file():
            yield place
        else:
            raise ConfigurationError(f"there is no {place}")


class Recording:
    """A run over photos and sets of parameters.

    Args:
        adapter: of the provider.
        photos: files and folders.
        out: the baseline's folder.
        sets: parameters as the provider names them, the same for every photo or given for each of them; one set
            without any by default.
        service: who is asked instead of the provider itself.

    Raises:
        ConfigurationError: nothing to do, or a folder that is something else.
    """

    def __init__(
        self,
        adapter: Adapter,
        photos: Iterable[Path],
        out: Path,
        *,
        sets: Sets = ({},),
        service: Service | None = None,
    ) -> None:
        if adapter.incumbent is None:
            raise ConfigurationError(f"{adapter.title} has no service of its own that could be asked")
        self._adapter, self._incumbent, self._service = adapter, adapter.incumbent, service
        self._asked_name = adapter.name if service is None else service.name
        self._price = self._incumbent.price if service is None else service.price
        self._charged = self._incumbent.charged if service is None else service.charged
        self.report = Report()
        self._store = Store(out, create=self._asked_name) if (out / "baseline.json").exists() else None
        self._out = out
        photos = list(photos)
        found = list(photos_in(photos, self.report))
        if not found:
            raise ConfigurationError(_none_in(photos))
        self.report.photos = len(found)
        of = sets if callable(sets) else lambda _photo: sets
        seen = [self._item(photo, parameters) for photo in found for parameters in of(photo)]
        self._items = list({item.question.key: item for item in seen}.values())
        self.report.calls = len(self._items)
        self._open = [item for item in self._items if not (self._store and self._store.known(item.question))]
        self.report.recorded = self.report.calls - len(self._open)
        self._unknown = [item for item in self._open if self._store and self._store.unknown(item.question)]
        self.report.unknown = len(self._unknown)
        self.report.price = sum(item.price for item in self._open)
        path = out / _BUDGET
        spent = Budget(0, per="total", path=path, name=_ACCOUNT).spent if path.is_file() else 0.0
        self.report.enough = _rounded_up(spent + self.report.price)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Everything that is asked, answered or not."""
        return tuple(item.question for item in self._items)

    def _item(self, photo: Path, parameters: Mapping[str, str]) -> Item:
        call = self._call(photo, parameters, key=None)
        return Item(photo, parameters, Question.of(self._adapter, call), self._price(call))

    def _call(self, photo: Path, parameters: Mapping[str, str], key: str | None) -> Call:
        form = Form.of([(self._incumbent.sources[0], Upload.of(photo)), *parameters.items()])
        return Call(self._adapter.name, self._adapter.operation, form, key)

    def run(
        self,
        key: str,
        credits: float,  # noqa: A002
        *,
        host: LegacyHost | None = None,
        fetcher: Fetcher | None = None,
        jobs: int = 4,
        again: bool = False,
        originals: bool = False,
        limit: int | None = None,
        progress: Callable[[Report], None] = lambda _report: None,
        stop: Event | None = None,
    ) -> Report:
        """Make the calls that have no answer yet.

        Args:
            key: the provider's own; empty for a service that needs none.
            credits: what the baseline may cost altogether, earlier runs included.
            host: asks the provider.
            fetcher: fetches the pictures that answers link to; the host's own by default.
            jobs: calls at once.
            again: also ask what an earlier run may have paid for already.
            originals: keep the pictures as well.
            limit: at most so many calls.
            progress: told after each call.
            stop: when it is set, calls under way end and no others begin.

        Raises:
            ConfigurationError: an unusable number, or a folder that cannot be written.
        """
        if jobs < 1:
            raise ConfigurationError(f"jobs must be 1 or more, not {jobs}")
        if limit is not None and limit < 0:
            raise ConfigurationError(f"limit must be 0 or more, not {limit}")
        self._store = self._store or Store(self._out, create=self._asked_name)
        self._budget = Budget(credits, per="total", path=self._out / _BUDGET, name=_ACCOUNT)
        self._key, self._originals = key or (_ANY_KEY if self._service is not None else ""), originals
        self._used_up = f"the budget of {self._budget.limit:g} credits is used up"
        self._halt, self._lock = stop or Event(), Lock()
        self._settled, self._under_way = Condition(), 0
        doubtful = set() if again else {item.question.key for item in self._unknown}
        todo = [item for item in self._open if item.question.key not in doubtful][:limit]
        before = [] if self._service is not None else list(lacking(self._store))  # first, for links expire
        self.report.missing = len(before)
        tasks = [*(partial(self._take_again, one) for one in before), *(partial(self._one, item) for item in todo)]
        with ExitStack() as opened:
            host = host or opened.enter_context(LegacyHost(timeout=120))
            self._send = host.send if self._service is None else self._service.send
            self._fetcher = fetcher or host.fetcher
            pool = opened.enter_context(ThreadPoolExecutor(jobs, "baseline"))
            self._work(pool, tasks, jobs, progress)
        self._reckon()
        return self.report

    def _reckon(self) -> None:
        """Tell what the rest needs, where the budget has ended the run."""
        assert self._store is not None  # noqa: S101 (made by run)
        spent = self._budget.spent
        rest = sum(item.price for item in self._open if not self._store.known(item.question))
        self.report.enough = _rounded_up(spent + rest)
        self.report.over = self.report.stopped == self._used_up
        if self.report.over:
            self.report.stopped += f": {spent:g} are spent, earlier runs included, and the rest can cost {rest:g} more"

    def _work(
        self,
        pool: ThreadPoolExecutor,
        tasks: Sequence[Callable[[], None]],
        jobs: int,
        progress: Callable[[Report], None],
    ) -> None:
        rest, running = iter(tasks), set[Future[None]]()
        while True:
            while len(running) < jobs and not self._halt.is_set() and (task := next(rest, None)) is not None:
                running.add(pool.submit(task))
            if not running:
                return
            ended, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in ended:
                future.result()
                progress(self.report)

    def _stop(self, why: str) -> None:
        with self._lock:
            self.report.stopped = self.report.stopped or why
        self._halt.set()

    def _one(self, item: Item) -> None:
        reservation = self._reserved(item.price)
        if reservation is None:
            return
        try:
            self._asked(item, reservation)
        except OSError as error:  # of this machine: a picture, or the baseline's disk
            self._stop_for(error)
        finally:
            with self._settled:
                self._under_way -= 1
                self._settled.notify_all()

    def _reserved(self, price: float) -> Reservation | None:
        """Set credits aside; where they are lacking, calls under way may yet turn out cheaper than they could be."""
        with self._settled:
            while not self._halt.is_set():
                reservation = self._budget.reserve(price)
                if reservation is not None:
                    self._under_way += 1
                    return reservation
                if not self._under_way:
                    self._stop(self._used_up)
                    return None
                self._settled.wait()
            return None

    def _take_again(self, one: Lacking) -> None:
        """Try once more to have the picture of an answer from an earlier run."""
        try:
            self._take(one.adapter, one.exchange, one.answer, before=1)
        except OSError as error:
            self._stop_for(error)

    def _take(self, adapter: Adapter, exchange: Exchange, answer: HttpResponse, *, before: int = 0) -> None:
        """Keep the picture that an answer holds inside, or leads to; ``before`` of it was counted as missing."""
        assert self._store is not None  # noqa: S101 (made by run)
        told = take(self._store, adapter, exchange, answer, self._fetcher)
        with self._lock:
            self.report.pictures += bool(told.picture)
            self.report.missing += bool(told.missing) - before
            self.report.why_missing = told.missing or self.report.why_missing

    def _stop_for(self, error: OSError) -> None:
        self._stop(f"{error.filename or self._out}: {error.strerror or error}")

    def _asked(self, item: Item, reservation: Reservation) -> None:
        store, adapter = self._store, self._adapter
        assert store is not None  # noqa: S101 (made by run)
        content = item.photo.read_bytes()
        store.begin(item.question)
        started = perf_counter()
        try:
            answer = self._answer(item)
        except ConnectFailed as error:
            store.forget(item.question)
            self._budget.settle(reservation, 0.0)
            self._stop(str(error))
            return
        except TransportError as error:
            # Marked as asked: nobody knows whether it was paid for. A service that does this at every call is left.
            with self._lock:
                self.report.doubtful += 1
                too_often = self.report.doubtful >= 3 and not self.report.made  # noqa: PLR2004
            if too_often:
                self._stop(str(error))
            return
        if answer is None:
            store.forget(item.question)
            self._budget.settle(reservation, 0.0)
            return
        charged = self._cost(answer)
        left = None if self._service is not None else gone(adapter, answer, datetime.now(UTC))
        said = left or _about_the_account(answer)
        if said is not None:
            store.forget(item.question)
            self._budget.settle(reservation, 0.0)
            self._stop(said)
            return
        self._budget.settle(reservation, charged)
        try:
            paid = getattr(answer.error, "result", None)
            if paid is not None:
                store.keep_unfinished(item.question, paid.content)
            seconds = perf_counter() - started
            inside = picture_inside(adapter, answer)
            kept = store.keep(
                item.question, answer, seconds=seconds, credits=charged, name=item.photo.name, picture=inside
            )
            if self._originals:
                store.keep_original(content, item.photo.suffix.lower())
        except OSError as error:
            lost = f"an answer for {item.photo.name} was paid for and cannot be stored"
            raise OSError(error.errno, f"{error.strerror}; {lost}", error.filename) from error
        with self._lock:
            self.report.made += not kept.doubtful
            self.report.doubtful += kept.doubtful
            self.report.refused += answer.status >= 400 and not kept.doubtful  # noqa: PLR2004
            self.report.failed += kept.transient
            self.report.credits += charged or 0.0
        self._take(adapter, kept, answer)

    def _cost(self, answer: HttpResponse) -> float | None:
        """Tell what an answer cost; what the provider turned away is free, unless its answer says otherwise."""
        charged = self._charged(answer)
        free = charged is None and self._service is None and did_not_run(answer.status)
        return 0.0 if free else charged

    def _answer(self, item: Item) -> HttpResponse | None:
        """Ask, waiting where the provider says that it is too much; ``None`` when the run is to stop."""
        path = next(one.path for one in self._adapter.endpoints if one.operation == self._adapter.operation)
        form = self._call(item.photo, item.parameters, self._key).form
        headers = {"Accept": "*/*"} | ({self._incumbent.key_header: self._key} if self._key else {})
        request = HttpRequest("POST", self._incumbent.home + path, headers, parsed=form)
        unconnected = 0
        for _ in range(_MOST_WAITS):
            try:
                answer = self._send(self._adapter, request)
            except ConnectFailed:
                unconnected += 1
                if unconnected >= _CONNECT_TRIES or self._halt.wait(unconnected):
                    raise
                continue
            if answer.status != 429:  # noqa: PLR2004
                return answer
            if self._halt.wait(_seconds(answer)):
                return None
        self._stop("the provider goes on saying that it is asked too often")
        return None


def _rounded_up(credits: float) -> float:  # noqa: A002
    return ceil(round(credits * 100, 4)) / 100


def _none_in(places: Sequence[Path]) -> str:
    if not places:
        return "no pictures were named: name photos, or folders of photos"
    return f"no pictures were found in {', '.join(map(str, places))}: {', '.join(sorted(PICTURES))} are looked for"


def _seconds(answer: HttpResponse) -> float:
    told = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after", "")
    return min(float(told), _LONGEST_WAIT) if told.isdigit() else 10.0


def _about_the_account(answer: HttpResponse) -> str | None:
    """Tell of what would be the same for every other call."""
    said = {401: "the key is not accepted", 402: "there are no credits left", 403: "the key is not accepted"}
    about = said.get(answer.status)
    if about is None:
        return None
    return f"{about} (status {answer.status}: {answer.body[:200].decode('utf-8', 'replace')})"
