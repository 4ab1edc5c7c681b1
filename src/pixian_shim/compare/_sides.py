"""What is compared: a folder of outputs, a baseline, or one origin of a rollout's observations, as lists of files."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from pixian_shim.baseline import Store
from pixian_shim.errors import ConfigurationError
from pixian_shim.rollout import Origin, observations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pixian_shim.baseline import Exchange
    from pixian_shim.rollout import Observation

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".zip"})
"""Suffixes of what may be a cut-out; a zip holds ``color.jpg`` and ``alpha.png``."""

_ADDED = re.compile(
    r"(?:[-_. ]+(?:no[-_ ]?bg|removed?[-_ ]?bg|bg[-_ ]?removed|removebg|preview|cut[-_ ]?out|out(?:put)?|result|rembg"
    r"|pixian|photoroom|clipped|transparent|alpha))+$",
    re.IGNORECASE,
)
_UPLOADED = re.compile(r"<\d+ bytes>")
_FAILED = 300


@attrs.frozen(kw_only=True, eq=False)
class Item:
    """One answer of one side.

    Attributes:
        name: for people: the photo's file name.
        keys: what it may be matched by, the most certain first.
        file: that holds the picture; ``None`` where there is none.
        error: why there is none.
        seconds: from the call to the answer; ``None`` where nobody measured.
        credits: charged, in the provider's credits; ``None`` where that is not known.
        parameters: that it was asked with.
        original: SHA-256 of the photo, if that is known.
    """

    name: str
    keys: tuple[str, ...]
    file: Path | None = None
    error: str = ""
    seconds: float | None = None
    credits: float | None = None
    parameters: Mapping[str, str] = attrs.field(factory=dict)
    original: str = ""


@attrs.frozen
class Side:
    """All answers of one side.

    Attributes:
        title: for people.
        provider: whose credits they cost; empty where that is not known.
        items: the answers.
        skipped: files that are no pictures.
    """

    title: str
    provider: str
    items: tuple[Item, ...]
    skipped: tuple[str, ...] = ()


class Originals:
    """The photos, found by content or by name.

    Args:
        folder: of them, with folders below; ``None`` for none.
    """

    def __init__(self, folder: Path | None) -> None:
        self.by_content: dict[str, Path] = {}
        self.by_name: dict[str, list[Path]] = {}
        if folder is None:
            return
        if not folder.is_dir():
            raise ConfigurationError(f"there is no folder {folder} of originals")
        for path in _files(folder):
            if path.suffix.lower() in PICTURES:
                self.by_content.setdefault(_digest(path), path)
                self.by_name.setdefault(plain(path.name), []).append(path)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.by_content)

    def find(self, item: Item) -> Path | None:
        """Give an item's photo: by content where that is known, else by a name that only one has."""
        if item.original in self.by_content:
            return self.by_content[item.original]
        named = self.by_name.get(plain(item.name), ())
        return named[0] if len(named) == 1 else None


def side(place: Path, *, origin: str = "", originals: Originals | None = None) -> Side:
    """Read a side from disk.

    Args:
        place: a folder of outputs, a baseline, or a folder of observations.
        origin: ``legacy`` or ``pixian``, whose answers of the observations are meant.
        originals: give names to what is known by content only, and the other way round.

    Raises:
        ConfigurationError: it is none of these, it holds nothing, or the origin does not fit.
    """
    photos = originals or Originals(None)
    if not place.is_dir():
        raise ConfigurationError(f"there is no folder {place}")
    kept = any(place.glob("*.jsonl"))
    if origin and not kept:
        raise ConfigurationError(f"{place} holds no observations, so there is no {origin!r} side in it")
    if kept:
        return _observed(place, origin, photos)
    if (place / "baseline.json").exists():
        return _recorded(place, photos)
    return _filed(place, photos)


def _filed(folder: Path, originals: Originals) -> Side:
    items, skipped = [], []
    for path in _files(folder):
        if path.suffix.lower() not in PICTURES:
            skipped.append(str(path.relative_to(folder)))
            continue
        below = path.relative_to(folder)
        exact = str(below.with_suffix("").as_posix())
        item = Item(name=below.as_posix(), keys=(f"name {exact}", f"stem {plain(path.name)}"), file=path)
        photo = originals.find(item)
        if photo is not None:
            item = attrs.evolve(item, original=_digest(photo))
        items.append(attrs.evolve(item, keys=(*_by_content(item), *item.keys)))
    if not items:
        raise ConfigurationError(f"{folder} holds no pictures, no baseline and no observations")
    return Side(folder.name or str(folder), "", tuple(items), tuple(skipped))


def _recorded(folder: Path, originals: Originals) -> Side:
    store = Store(folder)
    items = [_exchanged(store, exchange, originals) for exchange in store.exchanges()]
    if not items:
        raise ConfigurationError(f"{folder} is a baseline without answers")
    return Side(f"{store.provider} (baseline)", store.provider, tuple(items))


def _exchanged(store: Store, exchange: Exchange, originals: Originals) -> Item:
    question = exchange.question
    name = exchange.name or _name(question.picture, originals)
    failed = exchange.status >= _FAILED
    item = Item(
        name=name,
        keys=(),
        file=None if failed else store.folder / exchange.file,
        error=f"the provider answered {exchange.status}" if failed else "",
        seconds=exchange.seconds,
        credits=exchange.credits,
        parameters=question.parameters,
        original=question.picture,
    )
    return attrs.evolve(item, keys=(*_by_content(item), f"name {Path(name).stem}", f"stem {plain(name)}"))


def _observed(folder: Path, origin: str, originals: Originals) -> Side:
    if origin not in tuple(Origin):
        raise ConfigurationError(f"{folder} holds observations: say whose answers, {folder}@legacy or {folder}@pixian")
    items, provider = [], ""
    for observation in observations(folder):
        item = _answered(folder, observation, Origin(origin), originals)
        if item is not None:
            items.append(item)
            provider = observation.provider
    if not items:
        raise ConfigurationError(f"{folder} holds no observation in which {origin} was asked")
    return Side(f"{origin} (observed)", provider if origin == Origin.LEGACY else "pixian", tuple(items))


def _answered(folder: Path, observation: Observation, origin: Origin, originals: Originals) -> Item | None:
    """Give one origin's answer, ``None`` where it was not asked, or asked nothing that ends in a picture."""
    told = observation.legacy if origin is Origin.LEGACY else observation.pixian
    if told is None or not observation.input_sha256:
        return None
    error = ""
    if told.failure or told.error or told.status is None or told.status >= _FAILED:
        error = told.message or f"{origin} failed: {told.failure or told.error or told.status}"
    elif told.picture is None:
        error = "no picture was kept (set pictures = true in [observations])"
    item = Item(
        name=_name(observation.input_sha256, originals),
        keys=(),
        file=_kept(folder, told.picture) if told.picture and not error else None,
        error=error,
        seconds=told.seconds,
        credits=told.credits,
        parameters={name: value for name, value in observation.parameters.items() if not _UPLOADED.fullmatch(value)},
        original=observation.input_sha256,
    )
    return attrs.evolve(item, keys=(f"call {observation.id}", *_by_content(item), f"stem {plain(item.name)}"))


def _kept(folder: Path, name: str) -> Path:
    """Give a recorded picture's place; a record that was tampered with leads nowhere else."""
    return folder / "pictures" / Path(name).name


def _by_content(item: Item) -> tuple[str, ...]:
    if not item.original:
        return ()
    asked = ", ".join(f"{name}={value}" for name, value in sorted(item.parameters.items()))
    return (f"photo {item.original} {asked}", f"photo {item.original}")


def _name(digest: str, originals: Originals) -> str:
    photo = originals.by_content.get(digest)
    return photo.name if photo is not None else f"photo {digest[:12]}"


def plain(name: str) -> str:
    """Give what is left of a file's name without suffixes, and without what removers of backgrounds add to it."""
    stem = Path(name).name
    while Path(stem).suffix.lower() in PICTURES:
        stem = Path(stem).stem
    stem = _ADDED.sub("", stem) or stem
    while Path(stem).suffix.lower() in PICTURES:
        stem = Path(stem).stem
    return stem.lower()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
