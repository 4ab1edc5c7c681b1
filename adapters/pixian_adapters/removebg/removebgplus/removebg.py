"""The module ``removebgplus.removebg`` of the package ``removebgplus`` 0.1.2, on Pixian.

::

    from pixian_adapters.removebg.removebgplus import RemoveBg  # was: from removebgplus import RemoveBg

Same class, order of arguments, files, return values and exceptions. What is different, on purpose:

- ``remove_from_base64`` works: the original sends a field that the service does not know.
- ``filetype`` is not needed. Base64 text passes if it holds PNG, JPEG, GIF, BMP, TIFF, WebP, AVIF or HEIC; the
  original's list is longer by formats that the service refuses.
- A result is written beside its final place and moved there; that its folder exists is found out before the paid call.
- The exceptions have the service's answer as ``response``, and its words below the message in a traceback.
"""

from __future__ import annotations

import base64
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.removebg._exchange import exchange
from pixian_shim.doors import check_destination, refusal, save_result
from pixian_shim.errors import ShimError
from pixian_shim.pixian import content_type_of

if TYPE_CHECKING:
    from pixian_shim.doors import StrPath

URL = "https://api.remove.bg/v1.0/removebg"
"""Shows in responses; nothing is sent there."""

HEAD_SECONDS = 30.0
"""For finding out whether an address holds a picture; the original waits without limit."""


class NoApiKey(ShimError):
    """The constructor was given no key."""


class Error(ShimError):
    """The source is not usable; nothing was sent."""


class APIError(ShimError):
    """The service refused; the message is status and body.

    Attributes:
        response: the answer, a ``requests.Response``.
    """

    response: Any = None


class RemoveBg:
    """Remove backgrounds and write the results to files.

    Args:
        api_key: remove.bg's key, which is left unused, or ``id:secret`` of Pixian.

    Raises:
        NoApiKey: there is none.
    """

    def __init__(self, api_key: str | None = None) -> None:
        if not api_key:
            raise NoApiKey
        self.api_key = api_key

    def remove_from_file(self, input_path: StrPath, output_path: StrPath) -> StrPath:
        """Write the result to ``output_path``, and give that.

        Raises:
            FileNotFoundError: there is no such picture.
            APIError: any answer but 200.
            requests.exceptions.ConnectionError: no answer.
            OSError: the result cannot be written.
        """
        if not Path(input_path).is_file():  # type: ignore[arg-type]
            raise FileNotFoundError
        with Path(input_path).open("rb") as picture:  # type: ignore[arg-type]
            return self._send_request(files={"image_file": picture}, output_path=output_path)

    def remove_from_url(self, url: str, output_path: StrPath, allow_redirects: bool = True) -> StrPath:
        """Write the result to ``output_path``; everything else as for a file.

        Args:
            url: address of the picture; its server is asked by HEAD whether it is one, then Pixian fetches it.
            output_path: the result.
            allow_redirects: for the HEAD request.

        Raises:
            Error: that server does not answer 200 with a picture.
        """
        try:
            found = _is_picture(url, allow_redirects)
        except Exception as error:
            raise Error("Invalid url") from error
        if not found:
            raise Error("Invalid url")
        return self._send_request(data={"size": "auto", "image_url": url}, output_path=output_path)

    def remove_from_base64(self, base64_string: str, output_path: StrPath) -> StrPath:
        """Write the result to ``output_path``; everything else as for a file.

        Raises:
            Error: no text, no base64, or no picture.
        """
        if not isinstance(base64_string, str):
            raise Error("You must provide a base64-encoded string")
        try:
            decoded = base64.b64decode(base64_string)
        except ValueError as error:
            raise Error("Invalid base64 string") from error
        if content_type_of(decoded[:64]) is None:
            raise Error("Invalid image bytes")
        return self._send_request(files={"image_file": decoded}, output_path=output_path)

    def _send_request(
        self,
        data: dict[str, Any] | None = None,
        files: dict[str, Any] | None = None,
        output_path: StrPath | None = None,
    ) -> StrPath:
        if output_path is None:
            raise TypeError("output_path is missing")
        check_destination(output_path)
        response = exchange("POST", URL, key=self.api_key, fields=data or {"size": "auto"}, files=files)
        if response.status_code != HTTPStatus.OK:
            raise refusal(APIError(f"{response.status_code} - {response.text}"), response)
        save_result(response.content, output_path)
        return output_path


def _is_picture(url: str, allow_redirects: bool) -> bool:
    import httpx

    answer = httpx.head(url, follow_redirects=allow_redirects, timeout=HEAD_SECONDS)
    return answer.status_code == HTTPStatus.OK and answer.headers.get("content-type", "").startswith("image/")
