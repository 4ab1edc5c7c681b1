"""The folder that holds a provider's answers: content-addressed, written whole or not at all, free of keys.

::

    baseline.json             format, provider
    exchanges/KEY.json        one call and what came of it
    exchanges/KEY.asked       a call that was begun; stays where the answer never came
    answers/12/1234....png    bodies, by their SHA-256
    pictures/12/1234....png   what an answer that is no picture itself holds inside, or links to
    originals/12/1234....jpg  the pictures that were sent, if they are kept
    unfinished/KEY.png        what was paid for where the answer could not be made of it
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from pixian_shim.errors import ConfigurationError, ShimError
from pixian_shim.images import read_header
from pixian_shim.pixian import Base64Text, ImageUrl, Upload, _file

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from pixian_shim.translation import Adapter, Call, HttpResponse

FORMAT = 1
_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "application/zip": ".zip",
    "application/json": ".json",
}
_BY_FORMAT = {
    "png": ".png",
    "jpeg": ".jpg",
    "webp": ".webp",
    "gif": ".gif",
    "bmp": ".bmp",
    "tiff": ".tiff",
    "avif": ".avif",
}
PICTURE_SUFFIXES = frozenset(_SUFFIXES.values()) - {".json"} | frozenset(_BY_FORMAT.values())
_NOT_KEPT = frozenset({"set-cookie", "authorization", "connection", "transfer-encoding", "date", "content-length"})
_HASH = re.compile("[0-9a-f]{64}")
_ONLY_SOMETIMES = frozenset({"picture", "picture_suffix", "missing"})
"""Fields that are written where they say something: what reads baselines without them reads the rest as before."""


@attrs.frozen
class Question:
    """What was asked, so that the same question is known again: the picture's content and the parameters' values."""

    provider: str
    operation: str
    picture: str
    """SHA-256 of the picture's bytes, or of its address; empty without one."""
    parameters: dict[str, str]
    """Those with a value, the picture's own left out."""

    @classmethod
    def of(cls, adapter: Adapter, call: Call) -> Self:
        """Look at a call; its picture is read."""
        source = _source(adapter, call)
        taken = adapter.incumbent.sources if adapter.incumbent is not None else ()
        parameters = {
            name: value if isinstance(value, str) else f"SHA-256 {_digest(value)}"
            for name, value in sorted(call.form, key=itemgetter(0))
            if name not in taken
        }
        return cls(adapter.name, call.operation, _digest(source), parameters)

    @property
    def key(self) -> str:
        """64 hexadecimal digits that stand for the question."""
        said = json.dumps([self.provider, self.operation, self.picture, sorted(self.parameters.items())])
        return sha256(said.encode()).hexdigest()


def _source(adapter: Adapter, call: Call) -> Upload | Base64Text | ImageUrl | None:
    try:
        return adapter.plan(call).source
    except ShimError:  # what Pixian cannot do is asked of the provider all the same
        return next((value for _, value in call.form if isinstance(value, Upload)), None)


def _digest(source: Any) -> str:
    match source:
        case Upload():
            return sha256(source.read()).hexdigest()
        case Base64Text():
            try:
                return sha256(source.decode().read()).hexdigest()
            except ShimError:
                return sha256(source.text.encode("utf-8", "replace")).hexdigest()
        case ImageUrl():
            return sha256(source.url.encode("utf-8", "replace")).hexdigest()
        case _:
            return ""


@attrs.frozen(kw_only=True)
class Exchange:
    """One question, and the provider's answer to it."""

    question: Question
    name: str = ""
    """Of the picture's file, for people."""
    when: str = attrs.field(factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    seconds: float
    status: int
    headers: dict[str, str]
    body: str
    """SHA-256 of the answer's body."""
    size: int
    """Its bytes."""
    suffix: str = ""
    width: int | None = None
    height: int | None = None
    credits: float | None = None
    """Charged; ``None`` where the answer does not say."""
    picture: str = ""
    """SHA-256 of the picture, where the answer is none itself and holds one inside, or leads to one."""
    picture_suffix: str = ""
    missing: str = ""
    """Why that picture is not here."""

    def check(self, key: str) -> None:
        """Hold what was read from a disk to what can be: nothing in it is trusted to be a path.

        Raises:
            ValueError: it cannot be.
        """
        if not _HASH.fullmatch(self.body) or self.suffix not in ("", *_SUFFIXES.values()):
            raise ValueError("it names no file of a baseline")
        if not _HASH.fullmatch(self.picture or self.body) or self.picture_suffix not in ("", *PICTURE_SUFFIXES):
            raise ValueError("it names no picture of a baseline")
        if self.question.key != key:
            raise ValueError("it is about another question than its name says")
        if self.status not in range(100, 600):
            raise ValueError("its status is none")

    @property
    def file(self) -> str:
        """Where the body is, below the folder."""
        return f"answers/{self.body[:2]}/{self.body}{self.suffix}"

    @property
    def picture_file(self) -> str:
        """Where the picture is, below the folder: beside the answer, or the answer itself."""
        return f"pictures/{self.picture[:2]}/{self.picture}{self.picture_suffix}" if self.picture else self.file


class Store:
    """A baseline on disk.

    Args:
        folder: of it.
        create: make it, if it is not there, for this provider.

    Raises:
        ConfigurationError: there is none, or one of another provider or format, or it cannot be written.
    """

    def __init__(self, folder: str | os.PathLike[str], *, create: str | None = None) -> None:
        self.folder = Path(folder)
        about = self.folder / "baseline.json"
        try:
            if create is not None and not about.exists():
                for name in ("exchanges", "answers"):
                    (self.folder / name).mkdir(parents=True, exist_ok=True)
                _file.write(about, json.dumps({"format": FORMAT, "provider": create}).encode())
            told = json.loads(about.read_text("utf-8"))
            if told["format"] != FORMAT:
                raise ConfigurationError(f"{self.folder} is a baseline of format {told['format']!r}, unknown here")
            self.provider = str(told["provider"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{self.folder} is no baseline, or cannot be used: {error}") from error
        if create is not None and self.provider != create:
            raise ConfigurationError(f"{self.folder} is a baseline of {self.provider}, not of {create}")

    def known(self, question: Question) -> bool:
        """Tell whether a question has its answer here."""
        return self._exchange(question.key).exists()

    def unknown(self, question: Question) -> bool:
        """Tell whether it was asked, and nobody knows what came of it: it may have been paid for."""
        return self._asked(question.key).exists() and not self.known(question)

    def begin(self, question: Question) -> None:
        """Note on disk, before anything is sent, that a question is being asked."""
        _file.write(self._asked(question.key), b"")

    def forget(self, question: Question) -> None:
        """Take that back: the question certainly cost nothing."""
        self._asked(question.key).unlink(missing_ok=True)

    def keep(
        self,
        question: Question,
        answer: HttpResponse,
        *,
        seconds: float,
        credits: float | None,  # noqa: A002
        name: str = "",
        picture: bytes = b"",
    ) -> Exchange:
        """Store an answer, and the picture that it holds inside.

        Raises:
            OSError: it cannot be written; nothing half is left.
        """
        headers = {key: value for key, value in answer.headers.items() if key.lower() not in _NOT_KEPT}
        kind = {key.lower(): value for key, value in headers.items()}.get("content-type", "")
        width, height = _size(answer.body)
        exchange = Exchange(
            question=question,
            name=name,
            seconds=round(seconds, 3),
            status=answer.status,
            headers=headers,
            body=sha256(answer.body).hexdigest(),
            size=len(answer.body),
            suffix=_SUFFIXES.get(kind.partition(";")[0].strip(), ""),
            width=width,
            height=height,
            credits=credits,
        )
        self._put(self.folder / exchange.file, answer.body)
        try:
            exchange = self._with_picture(exchange, picture) if picture else exchange
        finally:  # without its picture an answer is worth keeping: that is inside it
            self._write(exchange)
            self._asked(question.key).unlink(missing_ok=True)
        return exchange

    @staticmethod
    def _put(path: Path, content: bytes) -> None:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _file.write(path, content)

    def _write(self, exchange: Exchange) -> None:
        told = {name: value for name, value in attrs.asdict(exchange).items() if value or name not in _ONLY_SOMETIMES}
        _file.write(self._exchange(exchange.question.key), json.dumps(told, indent=1).encode())

    def keep_picture(self, exchange: Exchange, content: bytes) -> Exchange:
        """Store the picture that an answer holds inside, or leads to, beside it.

        Raises:
            OSError: it cannot be written; nothing half is left, and the answer stays.
        """
        kept = self._with_picture(exchange, content)
        self._write(kept)
        return kept

    def _with_picture(self, exchange: Exchange, content: bytes) -> Exchange:
        width, height = _size(content)
        digest, suffix = sha256(content).hexdigest(), picture_suffix(content)
        kept = attrs.evolve(exchange, picture=digest, picture_suffix=suffix, missing="", width=width, height=height)
        self._put(self.folder / kept.picture_file, content)
        return kept

    def keep_missing(self, exchange: Exchange, why: str) -> Exchange:
        """Note why an answer's picture is not there.

        Raises:
            OSError: it cannot be written.
        """
        if exchange.missing == why:
            return exchange
        told = attrs.evolve(exchange, missing=why)
        self._write(told)
        return told

    def keep_unfinished(self, question: Question, content: bytes) -> None:
        """Store what was paid for and could not be made an answer."""
        path = self.folder / "unfinished" / f"{question.key}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        _file.write(path, content)

    def keep_original(self, content: bytes, suffix: str) -> None:
        """Store a picture that was sent."""
        digest = sha256(content).hexdigest()
        self._put(self.folder / "originals" / digest[:2] / f"{digest}{suffix}", content)

    def exchanges(self) -> Iterator[Exchange]:
        """Give all of them, in the order of their keys.

        Raises:
            ConfigurationError: a file that is none.
        """
        for path in sorted((self.folder / "exchanges").glob("*.json")):
            yield self.read(path)

    @staticmethod
    def read(path: Path) -> Exchange:
        """Read an exchange.

        Raises:
            ConfigurationError: it is none.
        """
        try:
            fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
            asked: Mapping[str, Any] = fields.pop("question")
            exchange = Exchange(question=Question(**asked), **fields)
            exchange.check(path.stem)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ConfigurationError(f"{path.name} is no exchange: {error}") from error
        return exchange

    def find(self, question: Question) -> Exchange | None:
        """Give the exchange of a question."""
        path = self._exchange(question.key)
        return self.read(path) if path.exists() else None

    def body(self, exchange: Exchange) -> bytes:
        """Read an answer's body.

        Raises:
            ConfigurationError: it is missing, or not what was stored.
        """
        return self._content(exchange.file, exchange.body)

    def picture(self, exchange: Exchange) -> bytes:
        """Read the picture beside an answer; the answer's body where it has none.

        Raises:
            ConfigurationError: it is missing, or not what was stored.
        """
        return self._content(exchange.picture_file, exchange.picture or exchange.body)

    def _content(self, name: str, digest: str) -> bytes:
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from error
        if sha256(content).hexdigest() != digest:
            raise ConfigurationError(f"{name} is not what was stored")
        return content

    def unanswered(self) -> int:
        """Count the questions that nobody knows the answer of."""
        asked = {path.stem for path in (self.folder / "exchanges").glob("*.asked")}
        return len(asked - {path.stem for path in (self.folder / "exchanges").glob("*.json")})

    def _exchange(self, key: str) -> Path:
        return self.folder / "exchanges" / f"{key}.json"

    def _asked(self, key: str) -> Path:
        return self.folder / "exchanges" / f"{key}.asked"


def _size(content: bytes) -> tuple[int | None, int | None]:
    try:
        size = read_header(content[: 1 << 16]).size
    except ShimError:
        size = None
    return (None, None) if size is None else (size.width, size.height)


def picture_suffix(content: bytes) -> str:
    """Give the suffix of a picture's format, as far as its first bytes tell."""
    if content.startswith(b"PK"):
        return ".zip"
    try:
        return _BY_FORMAT.get(read_header(content[: 1 << 16]).format, "")
    except ShimError:
        return ""
