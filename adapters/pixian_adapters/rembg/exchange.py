"""One call of the function's: a picture and arguments in, a PNG out, through whatever shim this process uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg import failures
from pixian_adapters.rembg.adapter import ADAPTER
from pixian_adapters.rembg.values import written
from pixian_adapters.rembg.wire import FUNCTION_URL
from pixian_shim.doors import exchange
from pixian_shim.errors import ShimError, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.pixian import Upload


def ask(upload: Upload, arguments: Mapping[str, Any], *, key: str | None = None, timeout: float | None = None) -> bytes:
    """Let Pixian cut out a picture as ``remove()`` would, and give the PNG.

    Args:
        upload: the picture.
        arguments: of ``remove()``, by name.
        key: ``id:secret`` of the account that pays; without one, credentials are the shim's own.
        timeout: seconds without a single byte from Pixian, instead of the client's.

    Raises:
        Rejected: what cannot be had or used (also ``ValueError``).
        RequestFailed: Pixian answered with an error, or not at all (also ``RuntimeError``).
        UnidentifiedImageError: it is no picture (Pillow's).
    """
    headers = {} if key is None else {"X-Api-Key": key}
    texts = ((name, written(name, value)) for name, value in arguments.items())
    try:
        answer = exchange(ADAPTER, "POST", FUNCTION_URL, [("data", upload), *texts], headers=headers, timeout=timeout)
    except TransportError as error:
        raise failures.of(error) from error
    if answer.error is not None:
        raise failures.of(answer.error) from answer.error
    if answer.status >= 400:  # noqa: PLR2004 (whoever answered had no error of ours)
        raise failures.of(ShimError(f"status {answer.status}"))
    return answer.body
