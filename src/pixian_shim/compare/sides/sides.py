"""What is compared: a folder of outputs, a baseline, or one origin of a rollout's observations, as lists of files."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim._documents import is_number
from pixian_shim.baseline import Store
from pixian_shim.baseline._pictures import lacks_picture
from pixian_shim.compare.sides.files import found_in
from pixian_shim.compare.sides.names import keys
from pixian_shim.compare.sides.originals import Originals
from pixian_shim.errors import ConfigurationError
from pixian_shim.rollout import Observation, Origin
from pixian_shim.rollout._recorder import LINKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pixian_shim.baseline import Exchange

_UPLOADED = re.compile(r"<\d+ bytes>")
_HASH = re.compile("[0-9a-f]{64}")
_FAILED = 300
_SHOWN = 12  # digits of a hash that stand for it
_SAID = 200  # characters of a provider's refusal
_TRIED = 20  # lines of a file that are looked at for an observation
_NOT_TAKEN = (
    "the answer holds the picture inside, or links to it, and it was not taken out yet: pixian-shim baseline pictures"
)


@attrs.frozen(kw_only=True, eq=False)
class Item:
    """One answer of one side.

    Attributes:
        name: for people: the photo's file name.
        keys: what it may be matched by, the most certain first; see ``_pairs.TIERS``.
        file: that holds the picture; ``None`` where there is none.
        error: why there is none.
        seconds: from the call to the answer; ``None`` where nobody measured.
        credits: charged, in the provider's credits; ``None`` where that is not known.
        parameters: that it was asked with.
        original: SHA-256 of the photo, if that is known.
        stored: SHA-256 that the file was stored under, if it was.
    """

    name: str
    keys: tuple[str, ...]
    file: Path | None = None
    error: str = ""
    seconds: float | None = None
    credits: float | None = None
    parameters: Mapping[str, str] = attrs.field(factory=dict)
    original: str = ""
    stored: str = ""


@attrs.frozen
class Side:
    """All answers of one side.

    Attributes:
        title: for people.
        provider: whose credits they cost; empty where that is not known.
        items: the answers.
        skipped: files that are no pictures, and records that are none.
    """

    title: str
    provider: str
    items: tuple[Item, ...]
    skipped: tuple[str, ...] = ()


def side(place: Path, *, origin: str = "", originals: Originals | None = None) -> Side:
    """Read a side from disk.

    Args:
        place: a folder of outputs, a baseline, or a folder of observations.
        origin: ``legacy`` or ``pixian``, whose answers of the observations are meant.
        originals: give names to what is known by content only, and the other way round.

    Raises:
        ConfigurationError: it is none of these, it holds nothing, or the origin does not fit.
    """
    photos = Originals(None) if originals is None else originals
    try:
        if not place.is_dir():
            there = "is no folder" if place.exists() else "is not there"
            raise ConfigurationError(f"{place} {there}: a side is a folder of pictures, a baseline or observations")
        if origin:
            return _observed(place, origin, photos)
        if (place / "baseline.json").exists():
            return _recorded(place, photos)
        if _holds_observations(place):
            raise ConfigurationError(f"{place} holds observations: say whose answers, {place}@legacy or {place}@pixian")
        return _filed(place, photos)
    except OSError as error:
        raise ConfigurationError(f"{error.filename or place} cannot be read: {error.strerror}") from error


def _filed(folder: Path, originals: Originals) -> Side:
    items = []
    found = found_in(folder)
    for path in found.pictures:
        name = path.relative_to(folder).as_posix()
        item = Item(name=name, keys=keys(name), file=path)
        photo = originals.find(item)
        if photo is not None:
            # By its name: it may lead to another answer for the photo, and says nothing of how that was asked for.
            digest = originals.digest(photo)
            item = attrs.evolve(item, original=digest, keys=(f"photo {digest}", *item.keys))
        items.append(item)
    if not items:
        others = f" ({len(found.others)} other files, {found.others[0]} among them)" if found.others else ""
        raise ConfigurationError(f"{folder} holds no pictures, no baseline and no observations{others}")
    return Side(folder.resolve().name or str(folder), "", tuple(items), found.others)


def _recorded(folder: Path, originals: Originals) -> Side:
    store = Store(folder)
    items = list(_exchanges(store, originals))
    if not items:
        raise ConfigurationError(f"{folder} is a baseline without answers")
    return Side(f"{store.provider} (baseline)", store.provider, tuple(items))


def _exchanges(store: Store, originals: Originals) -> Iterator[Item]:
    """Give every question that was asked; what came of it may be damaged, or not be known."""
    for path in sorted((store.folder / "exchanges").glob("*.json")):
        try:
            yield _exchanged(store, store.read(path), originals)
        except ConfigurationError as error:
            name = f"exchange {path.stem[:_SHOWN]}"
            yield Item(name=name, keys=(), error=f"its record in the baseline cannot be used: {error}")
    for path in sorted((store.folder / "exchanges").glob("*.asked")):
        if not path.with_suffix(".json").exists():
            name = f"exchange {path.stem[:_SHOWN]}"
            yield Item(name=name, keys=(), error="it was asked and no answer came: perhaps it was paid for")


def _exchanged(store: Store, exchange: Exchange, originals: Originals) -> Item:
    question = exchange.question
    name, known = str(exchange.name), bool(exchange.name)
    if not known:
        name, known = _name(question.picture, originals)
    parameters = {str(key): str(value) for key, value in question.parameters.items()}
    error = _without_picture(store, exchange)
    return Item(
        name=name,
        keys=(*_by_content(question.picture, parameters), *(keys(name) if known else ())),
        file=None if error else store.folder / exchange.picture_file,
        error=error,
        seconds=_number(exchange.seconds),
        credits=_number(exchange.credits),
        parameters=parameters,
        original=question.picture,
        stored=exchange.picture or exchange.body,
    )


def _without_picture(store: Store, exchange: Exchange) -> str:
    """Say why an exchange has no picture; empty where it has one."""
    if exchange.status >= _FAILED:
        return f"the provider answered {exchange.status}{_refusal(store, exchange)}"
    if exchange.picture:
        return ""
    if exchange.missing:
        return f"the picture is not here: {exchange.missing}"
    return _NOT_TAKEN if lacks_picture(store, exchange) else ""


def _refusal(store: Store, exchange: Exchange) -> str:
    """Give the beginning of what a provider said."""
    try:
        said = " ".join(store.body(exchange).decode("utf-8").split())
    except (ConfigurationError, UnicodeDecodeError):
        return ""
    return f": {said[:_SAID]}{'...' if len(said) > _SAID else ''}" if said else ""


def _holds_observations(folder: Path) -> bool:
    """Tell observations from pictures that happen to lie beside a log."""
    return any(isinstance(line, Observation) for _, line in _lines(folder, [], most=_TRIED))


def _lines(folder: Path, unread: list[str], most: int | None = None) -> Iterator[tuple[str, Observation | str]]:
    """Give every line of the folder's records, or so many of each file: an observation, or why it is none."""
    for path in sorted(folder.glob("*.jsonl")):
        try:
            if not path.is_file():
                raise OSError(0, "it is no file")  # noqa: TRY301 (a pipe would be waited for for ever)
            with path.open(encoding="utf-8", errors="replace") as lines:
                for number, line in enumerate(islice(lines, most), 1):
                    place = f"{path.name}, line {number}"
                    try:
                        yield place, Observation.read(line)
                    except ValueError as error:
                        yield place, f"no observation: {error}"
        except OSError as error:
            unread.append(f"{path.name} ({error.strerror})")


def _observed(folder: Path, origin: str, originals: Originals) -> Side:
    if origin not in tuple(Origin):
        raise ConfigurationError(f"{folder}@{origin}: an origin is legacy or pixian")
    items: list[Item] = []
    skipped: list[str] = []
    providers: dict[str, None] = {}
    count = 0
    for place, observation in _lines(folder, skipped):
        if not isinstance(observation, Observation):
            skipped.append(f"{place} ({observation})")
            continue
        count += 1
        try:
            item = _answered(folder, observation, Origin(origin), originals)
        except (TypeError, AttributeError, ValueError):
            skipped.append(f"{place} (no observation: its values are those of something else)")
            continue
        if item is not None:
            items.append(item)
            providers[str(observation.provider)] = None
    if not items:
        why = f"no observation in which {origin} was asked" if count else "no observations"
        raise ConfigurationError(f"{folder} holds {why}, so there is no {origin!r} side in it")
    provider = "pixian" if origin == Origin.PIXIAN else next(iter(providers)) if len(providers) == 1 else ""
    return Side(f"{origin} (observed)", provider, tuple(items), tuple(skipped))


def _answered(folder: Path, observation: Observation, origin: Origin, originals: Originals) -> Item | None:
    """Give one origin's answer, ``None`` where it was not asked, or asked nothing that ends in a picture."""
    told = observation.legacy if origin is Origin.LEGACY else observation.pixian
    if told is None or not observation.input_sha256:
        return None
    photo = str(observation.input_sha256)
    error = ""
    if told.failure or told.error or told.status is None or told.status >= _FAILED:
        error = str(told.message or f"{origin} failed: {told.failure or told.error or told.status}")
    elif not told.picture:
        error = "no picture was kept (set pictures = true in [observations])"
    file = folder / "pictures" / Path(str(told.picture)).name  # and nowhere else
    linked = file.name.endswith(LINKED)
    if linked and not error and not file.exists():
        error = f"the picture is not here: {_said(file)}"
    parameters = {
        str(name): str(value) for name, value in observation.parameters.items() if not _UPLOADED.fullmatch(str(value))
    }
    name, known = _name(photo, originals)
    by_name = keys(name) if known else ()
    return Item(
        name=name,
        keys=(f"call {observation.id}", *_by_content(photo, parameters), *by_name),
        file=None if error else file,
        error=error,
        seconds=_number(told.seconds),
        credits=_number(told.credits),
        parameters=parameters,
        original=photo,
        stored=_stored("" if linked else file.stem, str(told.sha256)),
    )


def _stored(named: str, answered: str) -> str:
    """Give the hash that a file was stored under: its name, if it is one; else that of the answer."""
    if not named:
        return ""
    return next((digest for digest in (named, answered) if _HASH.fullmatch(digest)), "")


def _said(linked: Path) -> str:
    """Give the reason that was written down for a picture that an answer links to."""
    try:
        return linked.with_name(f"{linked.name}.txt").read_text("utf-8", "replace")[:_SAID]
    except OSError:
        return "it was not fetched before the program ended"


def _number(value: Any) -> float | None:
    """Take what a record says only if it can be added up."""
    return float(value) if is_number(value) and value >= 0 else None


def _by_content(digest: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    if not digest:
        return ()
    return (f"asked {digest} {sorted(parameters.items())}", f"photo {digest}")


def _name(digest: str, originals: Originals) -> tuple[str, bool]:
    """Give a photo's name, and whether it is one."""
    photo = originals.by_content.get(digest)
    return (photo.name, True) if photo is not None else (f"photo {digest[:_SHOWN]}", False)
