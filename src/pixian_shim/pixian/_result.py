"""What Pixian answers, as typed values: results, the account, errors."""

from __future__ import annotations

import codecs
import json
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import attrs

from pixian_shim.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    IncompleteBody,
    InsufficientCredits,
    NotAnImage,
    PayloadTooLarge,
    RateLimited,
    RebuildFailed,
    ResponseError,
    ServerError,
)
from pixian_shim.geometry import Box, Size
from pixian_shim.pixian import _file
from pixian_shim.pixian._magic import SUFFIXES, answer_type_of, cut_off
from pixian_shim.pixian._source import Upload

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import IO

    from pixian_shim.pixian._retry import Outcome
    from pixian_shim.pixian._transport import Answer

_OK, _MULTIPLE_CHOICES, _SERVER_ERROR = 200, 300, 500
_LAST_ORIENTATION = 8
_WHOLE_NUMBERS = re.compile(r" *[0-9]{1,9}(?: +[0-9]{1,9})* *")

_ERRORS: dict[int, type[ApiError]] = {
    401: AuthenticationFailed,
    402: InsufficientCredits,
    403: AuthenticationFailed,
    413: PayloadTooLarge,
    429: RateLimited,
}


@attrs.frozen(kw_only=True)
class Result:
    """A finished picture, and what the headers tell of it.

    A header that is missing or unreadable gives ``None`` (a charge: 0.0): what was paid for is not thrown away over it.
    """

    content: bytes = attrs.field(repr=False)
    """The picture as a file's content: PNG, JPEG, or Delta PNG where that was asked for."""
    content_type: str
    """By the content's magic bytes, whatever the header says: ``image/png`` or ``image/jpeg``."""
    credits_charged: float = 0.0
    """What the call cost; 0.0 for tests."""
    credits_calculated: float | None = None
    """What a production call would have cost; sent for tests only."""
    input_orientation: int | None = None
    """EXIF orientation, 1 to 8, that was read and applied."""
    input_size: Size | None = None
    """Of the input, before any cap on its pixels."""
    result_size: Size | None = None
    input_foreground: Box | None = None
    """The foreground's box in the input's coordinates."""
    result_foreground: Box | None = None
    """The foreground's box in the result's coordinates."""
    attempts: int = 1
    """How often the request was sent."""
    possible_double_charge: bool = False
    """Whether an earlier attempt may have been carried out and charged as well; only with ``Retry(ambiguous=...)``."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False, eq=False)
    """Every header of the answer, lower-case names."""

    @classmethod
    def read(cls, outcome: Outcome) -> Self:
        """Read a successful answer.

        Raises:
            NotAnImage: the body is no picture; ``content`` holds it.
            IncompleteBody: the picture lacks its end; ``content`` holds it.
        """
        answer = outcome.answer
        try:
            media_type = picture_type(answer)
        except ResponseError as error:
            error.attempts, error.possible_double_charge = outcome.attempts, outcome.possible_double_charge
            raise
        headers = answer.headers
        return cls(
            content=answer.content,
            content_type=media_type,
            credits_charged=_credits(headers.get("x-credits-charged")) or 0.0,
            credits_calculated=_credits(headers.get("x-credits-calculated")),
            input_orientation=_orientation(headers.get("x-input-orientation")),
            input_size=_size(headers.get("x-input-size")),
            result_size=_size(headers.get("x-result-size")),
            input_foreground=_box(headers.get("x-input-foreground")),
            result_foreground=_box(headers.get("x-result-foreground")),
            attempts=outcome.attempts,
            possible_double_charge=outcome.possible_double_charge,
            headers=dict(headers),
        )

    @property
    def extension(self) -> str:
        """The usual file name suffix, with its dot: ``.png`` or ``.jpg``; empty for a type that is not known here."""
        return SUFFIXES.get(self.content_type, "")

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> Path:
        """Write the picture beside its final place, then move it there: nobody ever sees half a file.

        Args:
            path: the file; its directory must exist.
            overwrite: whether a file of that name may be replaced.

        Returns:
            The file that was written.

        Raises:
            FileNotFoundError: the directory does not exist.
            FileExistsError: there is such a file, and it may not be replaced.
            OSError: the disk is full or not writable. The result stays as it is and can be saved elsewhere.
        """
        return _file.write(path, self.content, overwrite=overwrite)

    def rebuilt(self, original: bytes | str | os.PathLike[str] | IO[bytes] | Upload) -> Self:
        """Put a Delta PNG together with its original, EXIF orientation included.

        Args:
            original: the very picture that was sent.

        Returns:
            The same result with an ordinary PNG as its content.

        Raises:
            RebuildFailed: original and result do not fit, or one cannot be read; ``result`` holds this result.
            MissingExtra: numpy or Pillow is not installed.
        """
        rebuild = rebuilder()
        try:
            upload = original if isinstance(original, Upload) else Upload.of(original)
            content = rebuild(self.content, upload.read())
        except Exception as error:  # a lack of memory as well: what was paid for is never thrown away
            raise RebuildFailed(f"the Delta PNG cannot be put together with its original: {error}", self) from error
        return attrs.evolve(self, content=content, content_type="image/png")


@attrs.frozen(kw_only=True)
class Account:
    """The state of the account."""

    credit_pack: str
    """The pack bought last, or ``none``."""
    state: str
    """``active``, or ``dormant``: the pack, if any, is used up by time and another must be bought."""
    use_before: datetime
    """When the pack goes dormant; with its time zone."""
    credits: float
    """What is left, fractions included."""

    @property
    def active(self) -> bool:
        """Whether production calls can be made."""
        return self.state == "active"

    @classmethod
    def read(cls, outcome: Outcome) -> Self:
        """Read a successful answer.

        Raises:
            ResponseError: it is no account.
        """
        answer = outcome.answer
        try:
            body = json.loads(answer.content)
            use_before = datetime.fromisoformat(body["useBefore"])
            return cls(
                credit_pack=str(body["creditPack"]),
                state=str(body["state"]),
                use_before=use_before if use_before.tzinfo else use_before.replace(tzinfo=UTC),
                credits=_amount(body["credits"]),
            )
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise _unusable(ResponseError, "the answer is not the account", answer) from error


def _amount(value: object) -> float:
    amount = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    if not math.isfinite(amount):
        raise ValueError(f"{value!r} is no number of credits")
    return amount


def rebuilder() -> Callable[[bytes, bytes], bytes]:
    """Give the function that puts Delta PNGs together; asked for before anything is paid.

    Raises:
        MissingExtra: numpy or Pillow is not installed.
    """
    from pixian_shim.images import rebuild_delta

    return rebuild_delta


def api_error(answer: Answer) -> ApiError | None:
    """Read an error, from Pixian's error object or a body that is none; ``None`` if the status is a success."""
    if answer.status < 400:  # noqa: PLR2004
        return None
    kind = _ERRORS.get(answer.status, ServerError if answer.status >= _SERVER_ERROR else BadRequest)
    code, message = _error_object(answer) or (None, answer.excerpt)
    return kind(
        message,
        status=answer.status,
        code=code,
        request=answer.request.title,
        headers=answer.headers,
        body=_shown(answer),
    )


def _shown(answer: Answer) -> str:
    """Give the body as text without secrets, also where they were written with JSON's escapes."""
    text = answer.hide(answer.content.decode("utf-8", "replace"))
    try:
        plain = json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    hidden = answer.hide(plain)
    return text if hidden == plain else hidden


def picture_type(answer: Answer) -> str:
    """Give the content type that the body really has."""
    media_type = answer_type_of(answer.content[:32]) if _OK <= answer.status < _MULTIPLE_CHOICES else None
    if media_type is not None:
        if cut_off(answer.content, media_type):
            raise _unusable(IncompleteBody, "the picture was cut off before its end", answer)
        return media_type
    said = _error_object(answer)
    if said is not None:
        problem = f"an error object came with a status of success: {said[1]}"
    elif not answer.content:
        problem = "the answer is empty, a picture was expected"
    else:
        problem = "the answer is no picture"
    raise _unusable(NotAnImage, problem, answer)


def _unusable(kind: type[ResponseError], problem: str, answer: Answer) -> ResponseError:
    code, message = _error_object(answer) or (None, "")
    return kind(
        problem,
        code=code,
        message=message,
        status=answer.status,
        content_type=answer.content_type,
        excerpt=answer.excerpt,
        request=answer.request.title,
        content=answer.content,
        headers=answer.headers,
    )


def _error_object(answer: Answer) -> tuple[int | None, str] | None:
    """Read ``{"error": {"status", "code", "message"}}``: code and message, or ``None`` if it is something else."""
    content = answer.content.removeprefix(codecs.BOM_UTF8)
    if content[:64].lstrip()[:1] != b"{":
        return None
    try:
        error: Any = json.loads(content)["error"]
        message, code = error.get("message"), error.get("code")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,9}", code):
        code = int(code)
    number = code if isinstance(code, int) and not isinstance(code, bool) else None
    if number is None and message is None:
        return None
    return number, answer.excerpt if message is None else answer.hide(str(message))


def _credits(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _whole_numbers(text: str | None, count: int) -> list[int] | None:
    if text is None or not _WHOLE_NUMBERS.fullmatch(text):
        return None
    found = [int(word) for word in text.split()]
    return found if len(found) == count else None


def _orientation(text: str | None) -> int | None:
    found = _whole_numbers(text, 1)
    return found[0] if found and 1 <= found[0] <= _LAST_ORIENTATION else None


def _size(text: str | None) -> Size | None:
    found = _whole_numbers(text, 2)
    return Size(*found) if found and all(found) else None


def _box(text: str | None) -> Box | None:
    found = _whole_numbers(text, 4)
    return Box(*found) if found else None
