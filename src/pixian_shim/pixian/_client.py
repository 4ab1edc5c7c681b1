"""The client for threads."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Self

from pixian_shim.pixian import _job
from pixian_shim.pixian._connections import IN_FLIGHT, Connections, sync_client
from pixian_shim.pixian._result import Account, Result
from pixian_shim.pixian._retry import Retry, Sleep, ThreadStreak
from pixian_shim.pixian._session import UNANSWERED, Session, judged
from pixian_shim.pixian._settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx

    from pixian_shim.geometry import Length, Margin, Size
    from pixian_shim.pixian._credentials import Credentials
    from pixian_shim.pixian._job import ImageLike, Job
    from pixian_shim.pixian._parameters import OutputFormat, Parameters, VerticalAlignment
    from pixian_shim.pixian._retry import Failure, Outcome
    from pixian_shim.pixian._session import Deadline
    from pixian_shim.pixian._transport import Answer

_log = logging.getLogger(__name__)


class Pixian:
    """Ask Pixian.AI v2 to remove backgrounds.

    One client serves any number of threads, and keeps its connections.

    Args:
        api_id: default is ``PIXIAN_API_ID``, else ``pixian.toml`` of the project, else the user's settings file.
        api_secret: likewise; never shown by anything in here.
        credentials: instead of the two.
        base_url: default is ``PIXIAN_BASE_URL``, else ``https://api.pixian.ai``. https, or http on loopback.
        test: process for free, with a watermark; default is ``PIXIAN_TEST``, else false.
        retry: how patient to be.
        timeout: seconds without a single byte; the vendor asks for at least 180.
        in_flight: connections at once, more calls wait; the vendor asks to be told before 100 are exceeded.
        http_client: an own ``httpx.Client``; it is not closed here, and its timeouts and credentials are not used.
        clock: seconds that never go back.
        sleep: how to wait.

    Raises:
        ConfigurationError: no credentials, half of them, an unusable address.
    """

    def __init__(
        self,
        api_id: str | None = None,
        api_secret: str | None = None,
        *,
        credentials: Credentials | None = None,
        base_url: str | None = None,
        test: bool | None = None,
        retry: Retry = Retry(),  # noqa: B008 (frozen)
        timeout: float = 180.0,
        in_flight: int = IN_FLIGHT,
        http_client: httpx.Client | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        settings = Settings.resolve(api_id, api_secret, credentials=credentials, base_url=base_url, test=test)
        self._session = Session(settings, retry, timeout, clock, ThreadStreak())
        self._sleep = sleep
        self._connections = Connections(partial(sync_client, settings, in_flight), http_client)

    def remove_background(
        self,
        image: ImageLike | None = None,
        *,
        image_base64: str | None = None,
        image_url: str | None = None,
        parameters: Parameters | None = None,
        delta: bool = False,
        deadline: Deadline = ...,
        timeout: float | None = None,
        test: bool | None = None,
        max_pixels: int | None = None,
        background_color: str | None = None,
        crop_to_foreground: bool | None = None,
        margin: Margin | Length | str | Iterable[str | Length] | None = None,
        target_size: Size | tuple[int, int] | str | None = None,
        vertical_alignment: VerticalAlignment | None = None,
        output_format: OutputFormat | None = None,
        jpeg_quality: int | None = None,
    ) -> Result:
        """Remove the background of one picture.

        Exactly one of ``image``, ``image_base64`` and ``image_url`` is given. Single parameters go before those in
        ``parameters``, and ``None`` means not given.

        Args:
            image: a path, a file's content, a binary file object, an ``http(s)`` or ``data:`` address; at most 30 MiB
                and 32 MP.
            image_base64: base64 text; beyond 1 MiB it is decoded and sent as binary.
            image_url: an address that Pixian fetches.
            parameters: everything below in one value.
            delta: have a Delta PNG sent, which is a fraction of the size, and rebuild the full PNG here.
            deadline: seconds for the call with all its waits, ``None`` for no limit; default is the client's ``retry``.
            timeout: seconds without a single byte, instead of the client's; a call that it cuts short may be charged.
            test: process for free, with a watermark; default is the client's ``test``.
            max_pixels: cap on the input's width x height, 100 to 25,000,000; larger input is shrunk first.
            background_color: ``#RRGGBB``; transparent without it.
            crop_to_foreground: crop the result to the foreground.
            margin: one to four lengths in CSS order, such as ``"10px 5%"``.
            target_size: exact width and height of the result; the margin is then inside it.
            vertical_alignment: ``top``, ``middle`` or ``bottom``, within a target size.
            output_format: ``auto`` (PNG while transparent, else JPEG), ``png``, ``jpeg`` or ``delta_png``.
            jpeg_quality: 1 to 100, 75 without it.

        Raises:
            InvalidParameter: no source or several, or a value that is not accepted; nothing was sent.
            ImageError: an empty or too large picture; nothing was sent.
            OSError: the file cannot be read.
            TransportError: no answer came.
            ResponseError: an answer that is no picture, or not a whole one.
            ApiError: Pixian answered with an error.
            RebuildFailed: the Delta PNG came, and does not fit the original.
        """
        given = {
            "test": test,
            "max_pixels": max_pixels,
            "background_color": background_color,
            "crop_to_foreground": crop_to_foreground,
            "margin": margin,
            "target_size": target_size,
            "vertical_alignment": vertical_alignment,
            "output_format": output_format,
            "jpeg_quality": jpeg_quality,
        }
        order = _job.Order(
            image=image,
            image_base64=image_base64,
            image_url=image_url,
            parameters=parameters,
            delta=delta,
            given=given,
        )
        job = order.prepared(test=self._session.settings.test)
        result = Result.read(self._carry_out(job, deadline, timeout))
        return result if job.original is None else result.rebuilt(job.original)

    def account(self, *, deadline: Deadline = ..., timeout: float | None = None) -> Account:
        """Ask for the account: credit pack, state, credits left. Costs nothing.

        Args:
            deadline: seconds for the call with all its waits, ``None`` for no limit; default is the client's ``retry``.
            timeout: seconds without a single byte, instead of the client's.

        Raises:
            TransportError: no answer came.
            ResponseError: an answer that is no account.
            ApiError: Pixian answered with an error.
        """
        return Account.read(self._carry_out(_job.ACCOUNT, deadline, timeout))

    def with_credentials(self, credentials: Credentials) -> Self:
        """Give a client for another account that shares this one's connections; close only this one.

        Args:
            credentials: of the other account.
        """
        settings = self._session.settings
        return type(self)(
            credentials=credentials,
            base_url=settings.base_url,
            test=settings.test,
            retry=self._session.retry,
            timeout=self._session.timeout,
            http_client=self._connections.client,
            clock=self._session.clock,
            sleep=self._sleep,
        )

    def close(self) -> None:
        """Close the connections, unless they belong to an injected client."""
        if self._connections.owned:
            self._connections.client.close()

    def __enter__(self) -> Self:
        """Give the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Show id and host."""
        return self._session.shown(type(self).__name__)

    def _carry_out(self, job: Job, deadline: Deadline, timeout: float | None) -> Outcome:
        machine = self._session.attempts(job, deadline)
        command = next(machine)
        while True:
            reply: Answer | Failure | None = None
            if isinstance(command, Sleep):
                _log.info("%s: %s, waiting %.1f s", job.request.title, command.because, command.seconds)
                self._sleep(command.seconds)
            else:
                try:
                    reply = judged(self._session.exchange(job, command, timeout).run(self._connections.client))
                except UNANSWERED as error:
                    reply = error
            try:
                command = machine.send(reply)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
