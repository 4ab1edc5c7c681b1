"""What is known of a call once it is over: one line of JSON each, and nothing in it that did not happen."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import attrs

from pixian_shim import _documents
from pixian_shim.errors import ShimError
from pixian_shim.images import read_header
from pixian_shim.pixian import Upload
from pixian_shim.rollout._decision import Decision, Origin, Reason, Stage
from pixian_shim.translation import safe, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.rollout._replies import Reply
    from pixian_shim.rollout._units import Asked, Picture
    from pixian_shim.translation import Call

_log = logging.getLogger(__name__)

FORMAT = 1
_MOST_PARAMETERS = 100


@attrs.frozen(kw_only=True)
class Side:
    """How one origin did."""

    status: int | None = None
    """HTTP status; ``None`` where there was no answer."""
    error: str | None = None
    """The error's class."""
    message: str = ""
    failure: str | None = None
    """Whether it counts as the origin's failure, and as which."""
    seconds: float = 0.0
    credits: float | None = None
    """Charged; ``None`` where that is not known."""
    content_type: str = ""
    size: int = 0
    """Bytes of the answer's body."""
    width: int | None = None
    height: int | None = None
    sha256: str = ""
    """Of the answer's body."""
    picture: str | None = None
    """The file that holds the body, below the recorder's folder; only where pictures are kept."""

    @classmethod
    def of(cls, reply: Reply, call: Call | None, picture: str | None = None) -> Self:
        """Look at a reply."""
        answer = reply.answer
        width, height = _size(answer.body) if answer is not None and answer.status < 300 else (None, None)  # noqa: PLR2004
        failed = reply.error or (answer.error if answer is not None else None)
        headers = {} if answer is None else {name.lower(): value for name, value in answer.headers.items()}
        return cls(
            status=None if answer is None else answer.status,
            error=None if failed is None else type(failed).__name__,
            message=reply.gone or ("" if failed is None else safe(str(failed), call)),
            failure=reply.failure,
            seconds=round(reply.seconds, 4),
            credits=reply.credits,
            content_type=headers.get("content-type", "").partition(";")[0].strip(),
            size=0 if answer is None else len(answer.body),
            width=width,
            height=height,
            sha256="" if answer is None else sha256(answer.body).hexdigest(),
            picture=picture,
        )


def _size(content: bytes) -> tuple[int | None, int | None]:
    try:
        size = read_header(content[: 1 << 16]).size
    except ShimError:
        size = None
    return (None, None) if size is None else (size.width, size.height)


@attrs.frozen(kw_only=True)
class Observation:
    """One call: who decided what, who was asked, and how each did. It holds no key, no secret and no picture."""

    id: str = attrs.field(factory=lambda: uuid4().hex)
    time: str = attrs.field(factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    """When the call began, UTC."""
    provider: str
    operation: str = ""
    decision: Decision
    unit: str = ""
    """A digest of what the call was told by; joins the calls of one unit, and names nobody."""
    answered_by: Origin
    """Whose answer the caller got."""
    because: str = ""
    """Why that is not whom the decision named: the failure, ``breaker_open``, or why it could not be asked."""
    parameters: dict[str, str] = attrs.field(factory=dict)
    input_sha256: str = ""
    input_size: int | None = None
    input_width: int | None = None
    input_height: int | None = None
    legacy: Side | None = None
    pixian: Side | None = None
    shadow: Origin | None = None
    """Who was asked, or would have been, after the answer."""
    dropped: str = ""
    """Why the shadow call was not made."""
    format: int = FORMAT

    @classmethod
    def of(
        cls,
        asked: Asked,
        decision: Decision,
        unit: str | None,
        replies: dict[Origin, Reply],
        pictures: dict[Origin, str],
        **more: Any,
    ) -> Self:
        """Put together what is known of a call."""
        call = asked.call
        picture: Picture | None = asked.picture
        header = picture.header if picture is not None else None
        sides: dict[str, Any] = {
            origin.value: Side.of(reply, call, pictures.get(origin)) for origin, reply in replies.items()
        }
        return cls(
            provider=asked.adapter.name,
            operation=call.operation if call is not None else "",
            decision=decision,
            unit="" if unit is None else blake2b(unit.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
            parameters={} if call is None else _parameters(call),
            input_sha256=picture.sha256 if picture is not None else "",
            input_size=picture.size if picture is not None else None,
            input_width=header.size.width if header is not None and header.size is not None else None,
            input_height=header.size.height if header is not None and header.size is not None else None,
            **sides,
            **more,
        )

    def problems(self) -> list[str]:
        """Name what cannot be true of a call; empty where all is well."""
        sides = {Origin.LEGACY: self.legacy, Origin.PIXIAN: self.pixian}
        found = []
        if sides[self.answered_by] is None:
            found.append(f"answered by {self.answered_by}, which was never asked")
        if self.answered_by is not self.decision.origin and not self.because:
            found.append(f"decided for {self.decision.origin}, answered by {self.answered_by} for no reason")
        if self.shadow is self.answered_by:
            found.append(f"{self.shadow} is its own shadow")
        if self.shadow is not None and not self.dropped and sides[self.shadow] is None:
            found.append(f"{self.shadow} was asked as the shadow and has no outcome")
        stage, because = self.decision.stage, self.because
        if stage is Stage.COMPLETE and self.legacy is not None:
            found.append("the provider was asked in stage complete")
        if stage is Stage.OFF and self.pixian is not None and because not in CANNOT:
            found.append("Pixian was asked in stage off")
        found += [f"{origin} took less than no time" for origin, side in sides.items() if side and side.seconds < 0]
        return found

    def line(self) -> str:
        """Write it as one line of JSON."""
        return json.dumps(attrs.asdict(self, filter=_worth_writing), separators=(",", ":")) + "\n"

    @classmethod
    def read(cls, line: str) -> Self:
        """Read what ``line`` wrote.

        Raises:
            ValueError: it is something else, such as half a line, or of a later format.
        """
        fields = _object(line)
        if fields.get("format") != FORMAT:
            raise ValueError(f"format {_documents.shown(fields.get('format'))} is not known here")
        try:
            for name, kind in _KINDS.items():
                if fields.get(name) is not None:
                    fields[name] = kind(fields[name])
            return cls(**fields)
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise ValueError("it says something else than an observation") from error


def _object(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no JSON, or only half a line") from error
    if not isinstance(told, dict):
        raise ValueError(f"it must be an object, not {_documents.shown(told)}")  # noqa: TRY004 (one kind of error for a line)
    return told


def _decision(told: dict[str, Any]) -> Decision:
    kinds: dict[str, Any] = {"origin": Origin, "stage": Stage, "reason": Reason}
    return Decision(**{name: kinds[name](value) if name in kinds else value for name, value in told.items()})


def _side(told: dict[str, Any]) -> Side:
    return Side(**told)


_KINDS: dict[str, Callable[[Any], object]] = {
    "decision": _decision,
    "legacy": _side,
    "pixian": _side,
    "answered_by": Origin,
    "shadow": Origin,
}
"""What JSON does not tell of the fields."""

CANNOT = frozenset({"pixian_key", "no_legacy"})
"""Why a provider cannot be asked at all: the call carries Pixian's own credentials, or there is no such service."""


def _worth_writing(attribute: attrs.Attribute[Any], value: object) -> bool:
    return value is not None or attribute.name in ("credits", "status")


def _parameters(call: Call) -> dict[str, str]:
    pairs = list(call.form)[:_MOST_PARAMETERS]
    return {
        name: f"<{len(value)} bytes>" if isinstance(value, Upload) else shown(name, value, call)
        for name, value in pairs
    }
