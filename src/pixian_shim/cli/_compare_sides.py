"""The sides that a command names: read from disk, or asked now."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import Group, Parameter, validators

from pixian_shim.cli._baseline import enough, key_of, parameters_of, progress, taken, why_stopped
from pixian_shim.cli._interruption import interruption
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event

    from pixian_shim.baseline import Report, Service
    from pixian_shim.compare import Originals, Questions, Side
    from pixian_shim.translation import Adapter, HttpRequest, HttpResponse

_SERVICES = ("pixian", "sandbox", "rembg")
_FREE = ("sandbox", "rembg")
_PLENTY = 1e9  # credits for who costs nothing
_NOISE = 2  # the place of the incumbent's second answers


@Parameter(name="*", group=Group("Asking"))
@attrs.frozen(kw_only=True)
class Asking:
    """How a side is asked.

    Attributes:
        credits: the most that each side that is asked may cost, in its own credits; what its answers in the same --out
            have cost before is included.
        provider: whose calls pixian, sandbox and rembg are asked, where the other side does not tell.
        param: a legacy parameter as name=value for what is asked; can be given several times. Without any, the other
            side's are taken, else those that ask for the whole size.
        key_env: the variable that holds the legacy provider's key, instead of its usual ones.
        at: another address of the legacy provider's.
        at_once: calls at once.
        ask_again_unknown: also ask what an earlier run may have paid for without getting an answer.
        dry_run: tell what would be asked and what that can cost, and ask nothing.
    """

    credits: float | None = None
    provider: str = "removebg"
    param: list[str] = attrs.field(factory=list)
    key_env: str | None = None
    at: str | None = None
    at_once: Annotated[int, Parameter(validator=validators.Number(gte=1))] = 4
    ask_again_unknown: Annotated[bool, Parameter(negative="")] = False
    dry_run: Annotated[bool, Parameter(negative="")] = False


@attrs.frozen
class Resolved:
    """What there is to compare.

    Attributes:
        sides: in the order of the words.
        originals: the photos.
        missing: what a side that was asked has not answered, in sentences.
    """

    sides: tuple[Side, ...]
    originals: Originals
    missing: tuple[str, ...]

    @property
    def noise(self) -> Side | None:
        """The incumbent a second time, if it was named."""
        return self.sides[_NOISE] if len(self.sides) > _NOISE else None


def resolve(words: Sequence[str], originals: Path | None, answers: Path, asking: Asking) -> Resolved | None:
    """Give the sides; ``None`` after a dry run, which has printed what would be asked.

    Args:
        words: a folder, a folder with ``@legacy`` or ``@pixian``, or the name of whom to ask.
        originals: the folder of photos.
        answers: where answers are kept.
        asking: options of who is asked.

    Raises:
        ConfigurationError: a word that means nothing, nothing to compare, no key, no budget.
    """
    from pixian_shim.compare import Originals
    from pixian_shim.compare import Questions as Asked

    photos = Originals(originals or _kept(words))
    named = {place: word for place, word in enumerate(words) if is_asked(word)}
    read = {place: word for place, word in enumerate(words) if place not in named}
    if 0 in read and 1 in read and _split(read[0]) == _split(read[1]):
        raise ConfigurationError(f"both sides are {read[0]}: there is nothing to compare")
    found = {place: _read(word, photos) for place, word in read.items()}
    missing = []
    with interruption() as stop:
        for place, word in named.items():
            like = next(iter(found.values()), None)
            with _priced(word) if asking.dry_run else _service(word) as service:
                title = _title(word, asking)
                questions = Asked(
                    title=title,
                    adapter=_adapter(word, like, asking),
                    service=service,
                    folder=answers / _folder_name(title, words[:place].count(word)),
                    originals=photos,
                    like=like,
                    parameters=parameters_of(asking.param),
                )
                if asking.dry_run:
                    _tell(questions)
                    continue
                said = _ask(questions, asking, stop)
            missing += [said] if said else []
            found[place] = _answered(questions, said)
    if asking.dry_run and named:
        return None
    return Resolved(tuple(found[place] for place in range(len(words))), photos, tuple(missing))


def _title(word: str, asking: Asking) -> str:
    """Name who is asked, and where that is not the service itself: its answers are not taken for the service's."""
    from pixian_shim.pixian import Credentials, Settings
    from pixian_shim.pixian._settings import PRODUCTION

    name = word.partition(":")[0]
    told = []
    if name == "pixian":
        try:
            settings = Settings.resolve()
        except ConfigurationError:  # no credentials, which a dry run does not need
            settings = Settings.resolve(credentials=Credentials("none", "none"), files=False)
        told = ["test"] if settings.test else []
        told += [] if settings.base_url == PRODUCTION else [settings.base_url.partition("://")[2]]
    elif name not in _SERVICES and asking.at:
        told = [asking.at.partition("://")[2] or asking.at]
    return f"{word} ({', '.join(told)})" if told else word


def _folder_name(title: str, before: int) -> str:
    """Give the answers' folder: another one for each who is asked, and for each time that one is asked here."""
    plain = re.sub(r"[^\w.]+", "-", title).strip("-")
    return plain if not before else f"{plain}-{before + 1}"


def _read(word: str, photos: Originals) -> Side:
    from pixian_shim.compare import side

    folder, origin = _split(word)
    return side(folder, origin=origin, originals=photos)


def _tell(questions: Questions) -> None:
    report = questions.recording().report
    calls = f"{report.left} of {report.calls} calls to make, at most {report.price:g} credits"
    print(f"{questions.title}: {calls}; nothing was asked")


def _answered(questions: Questions, said: str) -> Side:
    try:
        return questions.side()
    except ConfigurationError as error:
        raise ConfigurationError(said or str(error)) from error


def is_asked(word: str) -> bool:
    """Tell whether a word names someone to ask.

    Raises:
        ConfigurationError: it is a folder's name as well.
    """
    from pixian_shim.translation import providers

    name = word.partition(":")[0]
    known = name in _SERVICES or (name == word and name in providers())
    if known and Path(word).exists():
        raise ConfigurationError(f"{word!r} is a folder here and also someone to ask: write ./{word} for the folder")
    return known


def _split(word: str) -> tuple[Path, str]:
    """Take ``@legacy`` or ``@pixian`` off a folder; one whose own name ends so stays whole."""
    from pixian_shim.translation import providers

    folder, _, origin = word.rpartition("@")
    if folder and not Path(word).exists():
        return Path(folder), origin
    if not Path(word).exists():
        asked = ", ".join(dict.fromkeys((*_SERVICES, *providers())))
        raise ConfigurationError(f"{word!r} is no folder, and nobody to ask: {asked}")
    return Path(word), ""


def _kept(words: Sequence[str]) -> Path | None:
    """Find photos that a baseline has kept with its answers."""
    folders = (Path(word) / "originals" for word in words if (Path(word) / "baseline.json").exists())
    return next((folder for folder in folders if folder.is_dir()), None)


def _adapter(word: str, like: Side | None, asking: Asking) -> Adapter:
    from pixian_shim.translation import load, providers

    name = word.partition(":")[0]
    if name not in _SERVICES:
        return load(name)
    return load(like.provider if like is not None and like.provider in providers() else asking.provider)


@contextmanager
def _priced(word: str) -> Iterator[Service | None]:
    """Give somebody who can only be priced: a dry run needs no credentials, no model and no server."""
    from pixian_shim.baseline import Service
    from pixian_shim.baseline._services import price_at_pixian

    def unasked(_adapter: Adapter, _request: HttpRequest) -> HttpResponse:
        raise ConfigurationError("a dry run asks nobody")

    name = word.partition(":")[0]
    price = (lambda _call: 0.0) if name in _FREE else price_at_pixian
    yield Service(name, unasked, price, lambda _answer: None) if name in _SERVICES else None


@contextmanager
def _service(word: str) -> Iterator[Service | None]:
    """Open who answers; ``None`` for the provider itself."""
    from pixian_shim.baseline import rembg, through_shim

    name, _, detail = word.partition(":")
    if name == "rembg":
        yield rembg()
    elif name == "sandbox":
        from pixian_shim.sandbox import Sandbox
        from pixian_shim.shim import Shim

        with Sandbox(detail or "u2netp", credits=_PLENTY) as sandbox, sandbox.client(test=False) as client:
            yield through_shim(Shim(client, policy="silent"), "sandbox")
    elif name == "pixian":
        from pixian_shim.pixian import Pixian
        from pixian_shim.shim import Shim

        with Pixian() as client:
            yield through_shim(Shim(client, policy="silent"))
    else:
        yield None


def _ask(questions: Questions, asking: Asking, stop: Event) -> str:
    """Make the calls that have no answer yet; give a sentence about what is missing afterwards, if anything is."""
    from pixian_shim.baseline import Store
    from pixian_shim.legacy import LegacyHost

    recording, adapter, service = questions.recording(), questions.adapter, questions.service
    report, word = recording.report, questions.title
    limit = _PLENTY if service is not None and service.name in _FREE else asking.credits
    if limit is None and report.left:
        calls = f"{report.left} {'call' if report.left == 1 else 'calls'}, at most {report.price:g} of its own credits"
        counted = " (earlier runs included)" if report.recorded else ""
        said = f"allow that with {enough(report)}{counted}; --dry-run asks nothing"
        raise ConfigurationError(f"{word} is to be asked, {calls}: {said}")
    if not report.left:
        if service is None:
            taken(Store(questions.folder), adapter.name, asking.at)
        return ""
    if limit is None or stop.is_set():
        return f"{word}: {report.left} of {report.calls} answers are missing: interrupted"
    key = key_of(adapter, asking.key_env) if service is None else ""
    with LegacyHost({adapter.name: asking.at} if asking.at else None, timeout=120) as host:
        recording.run(
            key, limit, host=host, jobs=asking.at_once, again=asking.ask_again_unknown, progress=progress, stop=stop
        )
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    if not report.left:
        return ""
    if report.stopped:
        stop.clear()  # it was the recording's own doing: other sides can be asked
    said = why_stopped(report) or ("interrupted" if stop.is_set() else _why_missing(report))
    return f"{word}: {report.left} of {report.calls} answers are missing: {said}"


def _why_missing(report: Report) -> str:
    failed = f"the service failed at {report.failed}, and the same command asks again" if report.failed else ""
    doubtful = (
        "what was perhaps paid for is asked again with --ask-again-unknown" if report.left > report.failed else ""
    )
    return "; ".join(filter(None, (failed, doubtful)))
