"""One question, and the provider's answer to it, as a baseline writes them down."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Self

import attrs

from pixian_shim._documents import fields_of, is_number, read_json
from pixian_shim.errors import ConfigurationError, ShimError, check_names
from pixian_shim.pixian import Base64Text, ImageUrl, Upload

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_shim.translation import Adapter, Call

SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "application/zip": ".zip",
    "application/json": ".json",
}
"""Of answers, by their content type."""
BY_FORMAT = {name: f".{name}" for name in ("png", "webp", "gif", "bmp", "tiff", "avif")} | {"jpeg": ".jpg"}
PICTURE_SUFFIXES = frozenset(SUFFIXES.values()) - {".json"} | frozenset(BY_FORMAT.values())
_HASH = re.compile("[0-9a-f]{64}")
_MEASURED, _MOST = ("seconds", "credits"), 1e6
_NOT_RUN = frozenset({408, 429})
_TRANSIENT = frozenset({*_NOT_RUN, *range(500, 600)})


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
    seconds: float | None
    """Until the answer was there; ``None`` where nobody measured."""
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
        if not _HASH.fullmatch(self.body) or self.suffix not in ("", *SUFFIXES.values()):
            raise ValueError("it names no file of a baseline")
        if not _HASH.fullmatch(self.picture or self.body) or self.picture_suffix not in ("", *PICTURE_SUFFIXES):
            raise ValueError("it names no picture of a baseline")
        if self.question.key != key:
            raise ValueError("it is about another question than its name says")
        if self.status not in range(100, 600):
            raise ValueError("its status is none")

    @property
    def transient(self) -> bool:
        """Whether the service failed, free of charge: another time it may answer, and is asked again."""
        return self.status in _TRANSIENT and self.credits == 0

    @property
    def doubtful(self) -> bool:
        """Whether the service failed, and perhaps charged all the same: it is asked again if that is said."""
        return self.status in _TRANSIENT and self.credits is None

    @property
    def file(self) -> str:
        """Where the body is, below the folder."""
        return f"answers/{self.body[:2]}/{self.body}{self.suffix}"

    @property
    def picture_file(self) -> str:
        """Where the picture is, below the folder: beside the answer, or the answer itself."""
        return f"pictures/{self.picture[:2]}/{self.picture}{self.picture_suffix}" if self.picture else self.file


def suffix_of(content_type: str) -> str:
    """Give the suffix of an answer's file; empty for a type that answers do not have."""
    return SUFFIXES.get(content_type.partition(";")[0].strip(), "")


def did_not_run(status: int) -> bool:
    """Tell whether a call was turned away before anything was done, and so for nothing: too late, too many."""
    return status in _NOT_RUN


def _is_measured(value: object) -> bool:
    return is_number(value) and 0 <= value < _MOST


def read_exchange(path: Path) -> Exchange:
    """Read an exchange.

    Raises:
        ConfigurationError: it is none; the message names the file.
    """
    told = read_json(path)
    if isinstance(told, dict):
        check_names(told, [field.name for field in attrs.fields(Exchange)], f"{path.name}: an exchange")
        # An answer is worth more than what was measured of it: that is not known, then.
        told |= {name: None for name in _MEASURED if name in told and not _is_measured(told[name])}
    known = fields_of(Exchange, told, path.name)
    known["question"] = Question(**fields_of(Question, known["question"], f"{path.name}: question"))
    exchange = Exchange(**known)
    try:
        exchange.check(path.stem)
    except ValueError as error:
        raise ConfigurationError(f"{path.name} is no exchange: {error}") from error
    return exchange
