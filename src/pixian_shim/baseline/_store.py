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
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from pixian_shim._documents import fields_of, read_json
from pixian_shim.baseline._exchange import BY_FORMAT, Exchange, read_exchange, suffix_of
from pixian_shim.errors import ConfigurationError, ShimError
from pixian_shim.images import read_header
from pixian_shim.pixian import _file

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from pixian_shim.baseline._exchange import Question
    from pixian_shim.translation import HttpResponse

FORMAT = 1
_ABOUT = "baseline.json"
_NOT_KEPT = frozenset({"set-cookie", "authorization", "connection", "transfer-encoding", "date", "content-length"})
_ONLY_SOMETIMES = frozenset({"picture", "picture_suffix", "missing"})
"""Fields that are written where they say something: what reads baselines without them reads the rest as before."""


@attrs.frozen
class _About:
    """What a folder says of itself."""

    format: int
    provider: str


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
        if create is not None:
            self._make(create)
        self.provider = self._provider()
        if create is not None and self.provider != create:
            raise ConfigurationError(f"{self.folder} is a baseline of {self.provider}, not of {create}")

    def _make(self, provider: str) -> None:
        about = self.folder / _ABOUT
        try:
            for name in ("exchanges", "answers"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            if not about.exists():
                _file.write(about, json.dumps({"format": FORMAT, "provider": provider}).encode())
        except OSError as error:
            why = error.strerror or error
            raise ConfigurationError(f"the baseline {self.folder} cannot be written: {why}") from error

    def _provider(self) -> str:
        about = self.folder / _ABOUT
        if not about.is_file():
            raise ConfigurationError(f"{self.folder} is no baseline: there is no {_ABOUT} in it")
        try:
            known = fields_of(_About, read_json(about), str(about))
        except ConfigurationError as error:
            own = '{"format": 1, "provider": "removebg"}'
            raise ConfigurationError(f"{error}; of a baseline of remove.bg's answers it says {own}") from error
        if known["format"] != FORMAT:
            raise ConfigurationError(f"{self.folder} is a baseline of format {known['format']}, unknown here")
        return str(known["provider"])

    def known(self, question: Question) -> bool:
        """Tell whether a question has its answer here; that the service failed is none."""
        return self._known(question.key)

    def unknown(self, question: Question) -> bool:
        """Tell whether it was asked, and nobody knows what came of it: it may have been paid for."""
        if self.known(question):
            return False
        exchange = self.at(question.key)
        return self._asked(question.key).exists() or (exchange is not None and exchange.doubtful)

    def _known(self, key: str) -> bool:
        try:
            exchange = self.at(key)
        except ConfigurationError:  # damaged, and perhaps paid for: that is for ``verify`` to tell
            return True
        return exchange is not None and not (exchange.transient or exchange.doubtful)

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
            suffix=suffix_of(kind),
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
        path.parent.mkdir(parents=True, exist_ok=True)
        _file.write(path, content)  # also where it is there already: that may be damaged

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
        return read_exchange(path)

    def find(self, question: Question) -> Exchange | None:
        """Give the exchange of a question."""
        return self.at(question.key)

    def at(self, key: str) -> Exchange | None:
        """Give the exchange of the question that a key stands for."""
        path = self._exchange(key)
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

    def unanswered(self) -> set[str]:
        """Give the keys of questions that were begun, and that nobody knows the answer of."""
        return {key for path in (self.folder / "exchanges").glob("*.asked") if not self._known(key := path.stem)}

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
        return BY_FORMAT.get(read_header(content[: 1 << 16]).format, "")
    except ShimError:
        return ""
