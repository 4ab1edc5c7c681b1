"""Everything this library raises, as one tree.

::

    ShimError
    ├── ConfigurationError            settings that cannot work: no credentials, unknown policy
    │   ├── MissingExtra              an optional dependency is not installed (also ImportError)
    │   └── CannotWrite               a picture format that is not part of what is installed
    ├── NotIntercepted                a provider's host, asked through a library that no door covers (also OSError)
    ├── LinkFailed                    the result behind a link cannot be read
    ├── Busy                          more calls at once than this process takes on
    ├── InvalidParameter              a value that Pixian or a provider does not accept (also ValueError)
    ├── TranslationError              a legacy call that cannot be carried over
    │   └── Refused                   one parameter of it, and why
    ├── ImageError                    a picture that cannot be read, or is not what it says it is
    │   ├── TooLarge                  more pixels or bytes than may be processed
    │   ├── NoForeground              nothing was found to keep
    │   └── RebuildFailed             a Delta PNG that cannot be put together with its original
    ├── FetchError                    a picture's address that cannot be fetched
    ├── TransportError                no answer came
    │   ├── ConnectFailed             the request never left: certainly not charged
    │   │   └── LegacyGone            the old provider's host has no address any more
    │   ├── ConnectionLost            it left, the answer did not arrive: possibly charged
    │   ├── TimedOut                  likewise, after the idle timeout
    │   └── DeadlineExceeded          the total time allowed for all attempts is over
    ├── ResponseError                 an answer came, and is not what its status promises
    │   ├── IncompleteBody            cut off before the announced length
    │   └── NotAnImage                status 200 with something that is no picture
    └── ApiError                      Pixian answered with an error
        ├── BadRequest                400 and other 4xx
        ├── AuthenticationFailed      401, 403
        ├── InsufficientCredits       402
        ├── PayloadTooLarge           413
        ├── RateLimited               429
        └── ServerError               5xx

No message, attribute or ``repr`` of any of these contains a secret: request context is limited to method and path.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class ShimError(Exception):
    """Root of every error raised by this library."""

    def __reduce__(self) -> tuple[object, ...]:
        """Let errors cross to another process whatever their constructors take: work queues send them back pickled."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[ShimError], args: tuple[object, ...], attributes: Mapping[str, object]) -> ShimError:
    error = kind.__new__(kind, *args)
    error.args = args  # OSError leaves that to its constructor
    error.__dict__.update(attributes)
    return error


class ConfigurationError(ShimError):
    """Settings that cannot work, found before anything was sent."""


def check_names(given: Iterable[str], known: Sequence[str], where: str) -> None:
    """Tell of a name that is not known, and which one may have been meant.

    Raises:
        ConfigurationError: there is one.
    """
    for name in given:
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}"
            raise ConfigurationError(f"{where} has no {name!r}; {hint}")


class MissingExtra(ConfigurationError, ImportError):
    """An optional dependency is not installed; the message names the exact command that installs it."""

    def __init__(self, extra: str, purpose: str) -> None:
        self.extra = extra
        super().__init__(f'{purpose} needs an optional part of this library: pip install "pixian-shim[{extra}]"')


class CannotWrite(ConfigurationError):
    """A picture format that what is installed here cannot write; nothing was asked of Pixian."""

    def __init__(self, form: str, remedy: str) -> None:
        self.form = form
        super().__init__(f"{form} cannot be written here; {remedy}")


class NotIntercepted(ShimError, socket.gaierror):
    """A provider's host was asked through a library that no door covers; nothing was sent.

    It is what a host that does not exist raises as well, so that the library in between treats it as that.

    Attributes:
        host: the provider's.
        library: who asked, as far as it can be told.
    """

    def __init__(self, host: str, library: str, covered: str) -> None:
        self.host, self.library = host, library
        super().__init__(
            socket.EAI_NONAME,
            f"{host} was asked through {library}, which pixian-shim does not intercept ({covered}); the call was "
            "stopped. Use one of these, the drop-in class, or `pixian-shim gateway`",
        )

    def __str__(self) -> str:
        """Give the words without the number."""
        return str(self.args[1])


class LinkFailed(ShimError):
    """A finished picture that cannot be read from where it was stored for its link."""


class Busy(ShimError):
    """More calls at once than this process takes on; nothing was read or sent.

    Attributes:
        seconds: to wait before the next try.
    """

    def __init__(self, active: int, seconds: int = 5) -> None:
        self.seconds = seconds
        super().__init__(f"{active} calls are being worked on or waiting, which is the limit; try again later")


class InvalidParameter(ShimError, ValueError):
    """A parameter whose value is not accepted.

    Attributes:
        parameter: the name as Pixian or the provider writes it.
        value: what was given.
        problem: what would be accepted.
    """

    def __init__(self, parameter: str, value: object, problem: str) -> None:
        self.parameter, self.value, self.problem = parameter, value, problem
        super().__init__(f"{parameter}={value!r}: {problem}")


class TranslationError(ShimError):
    """A legacy call that cannot be carried over.

    Attributes:
        code: a short machine-readable word in the vocabulary of the provider where it has one (``missing_source``).
        parameter: the legacy parameter concerned, if it is one.
        detail: further explanation, or ``None``.
    """

    def __init__(
        self, message: str, *, code: str = "", parameter: str | None = None, detail: str | None = None
    ) -> None:
        self.code, self.parameter, self.detail = code, parameter, detail
        super().__init__(message)


class Refused(TranslationError):
    """A parameter that cannot be had, where leaving it out would give a wrong picture."""


class ImageError(ShimError):
    """A picture that cannot be read, or is not what it says it is.

    Attributes:
        parameter: of an upload beside the original, such as a background; ``None`` of any other picture.
    """

    def __init__(self, *words: object, parameter: str | None = None) -> None:
        self.parameter = parameter
        super().__init__(*words)


class TooLarge(ImageError):
    """More pixels or bytes than may be processed.

    Attributes:
        found: what the picture has.
        limit: what is allowed.
        unit: ``"pixels"`` or ``"bytes"``.
    """

    def __init__(self, found: int, limit: int, unit: str) -> None:
        self.found, self.limit, self.unit = found, limit, unit
        super().__init__(f"the picture has {found:,} {unit}; at most {limit:,} are accepted")


class NoForeground(ImageError):
    """Nothing was found to keep in the picture.

    Attributes:
        credits_charged: what the attempt cost all the same.
    """

    def __init__(self, credits_charged: float = 0.0) -> None:
        self.credits_charged = credits_charged
        super().__init__("no foreground was found in the picture")


class RebuildFailed(ImageError):
    """A Delta PNG that cannot be put together with its original; nothing that was paid for is lost.

    Attributes:
        result: the ``Result`` as it came, with the Delta PNG as its content.
    """

    def __init__(self, message: str, result: object) -> None:
        self.result = result
        super().__init__(message)


class FetchError(ShimError):
    """A picture's address that cannot be fetched.

    Attributes:
        parameter: the parameter that held the address, when known.
        invalid: whether the address itself is unusable (otherwise its server did not deliver).
        status: that its server answered instead of 200; ``None`` where it was something else.
    """

    def __init__(
        self, message: str, *, parameter: str | None = None, invalid: bool = False, status: int | None = None
    ) -> None:
        self.parameter, self.invalid, self.status = parameter, invalid, status
        super().__init__(message)


class TransportError(ShimError):
    """No answer came.

    Attributes:
        may_have_run: whether the request may have been carried out, and charged, all the same.
        attempts: how often the request was tried.
        possible_double_charge: whether an earlier attempt may have been carried out and charged as well.
        asked: who gave no answer: ``Pixian``, or a provider's own service by the name that it writes.
    """

    asked: str = "Pixian"
    may_have_run: bool = True
    attempts: int = 1
    possible_double_charge: bool = False


class ConnectFailed(TransportError):
    """The connection could not be made; the request never left and was certainly not charged."""

    may_have_run = False


class LegacyGone(ConnectFailed):
    """The old provider's own service cannot be found any more; nothing was charged.

    Attributes:
        provider: its name, as it writes it.
        host: that was looked for.
    """

    def __init__(self, provider: str, host: str) -> None:
        self.provider, self.host, self.asked = provider, host, provider
        super().__init__(
            f"{host} has no address: either {provider}'s service is gone, or names cannot be looked up from here. If "
            "it is gone, set the stage to 'complete'"
        )


class ConnectionLost(TransportError):
    """The connection broke after the request had begun; it may have been carried out and charged."""


class TimedOut(TransportError):
    """Nothing arrived within the idle timeout; the request may have been carried out and charged."""


class DeadlineExceeded(TransportError):
    """The total time allowed for all attempts and waits is over; ``__cause__`` holds the last failure."""


class ResponseError(ShimError):
    """An answer came, and is not what its status promises.

    Attributes:
        status: HTTP status.
        content_type: as announced by the server.
        excerpt: the beginning of the body, at most 200 characters.
        request: method and path.
        content: what arrived of the body, never shown; after status 200 it has probably been paid for.
        headers: the answer's headers, lower-case names.
        code: Pixian's numeric code, where the body held an error object all the same.
        message: Pixian's own text, likewise; else empty.
        attempts: how often the request was tried.
        possible_double_charge: whether an earlier attempt may have been carried out and charged as well.
    """

    attempts: int = 1
    possible_double_charge: bool = False

    def __init__(
        self,
        problem: str,
        *,
        status: int,
        content_type: str = "",
        excerpt: str = "",
        request: str = "",
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        code: int | None = None,
        message: str = "",
    ) -> None:
        self.status, self.content_type, self.excerpt, self.request = status, content_type, excerpt, request
        self.content, self.headers, self.code, self.message = content, dict(headers or {}), code, message
        super().__init__(f"{problem} ({request}, status {status}, {content_type or 'no content type'})")


class IncompleteBody(ResponseError):
    """The body ended before its announced length."""


class NotAnImage(ResponseError):
    """Status 200 with something that is no picture."""


class ApiError(ShimError):
    """Pixian answered with an error.

    Attributes:
        status: HTTP status.
        code: Pixian's numeric code, ``None`` where the body held no error object.
        message: Pixian's own text (or the beginning of a body that is not JSON, at most 200 characters).
        request: method and path.
        attempts: how often the request was tried.
        possible_double_charge: whether an earlier attempt may have been carried out and charged as well.
        headers: the answer's headers, lower-case names.
        body: the answer's whole body as text.
    """

    possible_double_charge: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: int | None = None,
        request: str = "",
        attempts: int = 1,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        self.message, self.status, self.code, self.body = message, status, code, body
        self.request, self.attempts, self.headers = request, attempts, dict(headers or {})
        number = "" if code is None else f", code {code}"
        super().__init__(f"{message.strip() or 'no message'} (status {status}{number}; {request})")


class BadRequest(ApiError):
    """400 and every 4xx without a class of its own: something about the request; read the message."""


class AuthenticationFailed(ApiError):
    """401 or 403: the API Id or Secret is missing or wrong."""


class InsufficientCredits(ApiError):
    """402: no credits left, or a dormant pack. Buy credits, or use test mode."""


class PayloadTooLarge(ApiError):
    """413: too many bytes or pixels."""


class RateLimited(ApiError):
    """429, and still so after the allowed number of waits."""


class ServerError(ApiError):
    """5xx: an internal error at Pixian. Wait and try again."""
