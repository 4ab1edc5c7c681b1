"""The module ``rembgpy.bg`` of the package ``rembgpy`` 1.0.1, on Pixian.

::

    from pixian_adapters.removebg.rembgpy import RemBg  # was: from rembgpy import RemBg

Same class, order of arguments, checks, file names and return values. What is different, on purpose:

- ``remove_img`` takes the path of an existing file as well. The original defines the method twice, so that only the
  definition for addresses counts, although the README calls it with paths.
- ``bg_type="path"`` works; the original opens the file and does not send it. ``crop=True`` means no margin.
- A result is written beside its final place and moved there; that its folder exists is found out before the paid call.
- An ``HTTPError`` shows the service's reason below its message.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.removebg import _options
from pixian_adapters.removebg._exchange import exchange
from pixian_shim.doors import check_destination, raise_for_status, save_result

if TYPE_CHECKING:
    from pixian_shim.doors import StrPath

base_url = "https://api.remove.bg/v1.0/removebg"
"""Read at each call, as in the original; it shows in responses and errors, and nothing is sent there."""

FINISHED = "[*] Process finished."


class RemBg:
    """Remove backgrounds and write the results to files.

    Args:
        api_key: remove.bg's key, which is left unused, or ``id:secret`` of Pixian.
        error_log_file: where the program's root logger writes, unless logging has been set up already.
    """

    def __init__(self, api_key: str, error_log_file: StrPath) -> None:
        self.__api_key = api_key
        logging.basicConfig(filename=error_log_file)  # type: ignore[arg-type]

    def _fetch_check_arguments(self, size: str, type: str, type_level: str, format: str, channels: str) -> None:  # noqa: A002
        values = {"size": size, "type": type, "type_level": type_level, "format": format, "channels": channels}
        _options.check(values, "[*] ({}) argument wrong")

    def _out_file(self, respr: Any, nfn: StrPath) -> tuple[str, StrPath, str] | None:
        if respr.status_code == HTTPStatus.OK:
            save_result(respr.content, nfn)
            return None
        reason = respr.json()["errors"][0]["title"].lower()
        logging.error("[*] Unable to save the file %s due to %s", nfn, reason)  # noqa: LOG015 (the original's logger)
        return "[*] Unable to save the file %s due to %s", nfn, reason

    def remove_img(  # noqa: PLR0917 (the original's order)
        self,
        img_url: str,
        size: str = "regular",
        type: str = "auto",  # noqa: A002
        type_level: str = "none",
        format: str = "auto",  # noqa: A002
        roi: str = "0 0 100% 100%",
        crop: str | bool | None = None,
        scale: str = "original",
        position: str = "original",
        channels: str = "rgba",
        shadow: bool = False,
        semitransparency: bool = True,
        bg: str | None = None,
        bg_type: str | None = None,
        nfn: StrPath = "removed-bg.png",
    ) -> str:
        """Write the result to ``nfn``.

        Args:
            img_url: address of the picture, or its path.
            size: largest result, ``regular`` being 0.25 megapixels.
            type: no effect; Pixian needs no class.
            type_level: no effect on the picture.
            format: of the result; ``auto`` is PNG if something is transparent, else JPEG.
            roi: the rectangle that holds the subject.
            crop: cut off the empty borders, leaving this margin.
            scale: size of the subject on the canvas.
            position: place of the subject on the canvas.
            channels: the picture, or its alpha channel only.
            shadow: no effect.
            semitransparency: no effect.
            bg: background, by ``bg_type``.
            bg_type: ``path``, ``color`` or ``url``.
            nfn: the file for the result.

        Returns:
            A sentence that says so.

        Raises:
            ValueError: a value that the original refuses.
            OSError: the background cannot be read, or the result not be written.
            requests.exceptions.HTTPError: an answer of 400 or above, as ``response``.
            requests.exceptions.ConnectionError: no answer.
        """
        self._fetch_check_arguments(size, type, type_level, format, channels)
        options = _options.chosen(locals())
        return self.__remove("image_url", img_url, size, options, nfn)

    def remove_b64(  # noqa: PLR0917 (the original's order)
        self,
        base64_img: str | bytes,
        size: str = "regular",
        type: str = "auto",  # noqa: A002
        type_level: str = "none",
        format: str = "auto",  # noqa: A002
        roi: str = "0 0 100% 100%",
        crop: str | bool | None = None,
        scale: str = "original",
        position: str = "original",
        channels: str = "rgba",
        shadow: bool = False,
        semitransparency: bool = True,
        bg: str | None = None,
        bg_type: str | None = None,
        nfn: StrPath = "removed-bg.png",
    ) -> str:
        """Write the result to ``nfn``; everything but the source as for ``remove_img``.

        Args:
            base64_img: the picture as base64.
            size: as above, like all that follow.
            type: likewise.
            type_level: likewise.
            format: likewise.
            roi: likewise.
            crop: likewise.
            scale: likewise.
            position: likewise.
            channels: likewise.
            shadow: likewise.
            semitransparency: likewise.
            bg: likewise.
            bg_type: likewise.
            nfn: likewise.
        """
        self._fetch_check_arguments(size, type, type_level, format, channels)
        options = _options.chosen(locals())
        return self.__remove("image_file_b64", base64_img, size, options, nfn)

    def __remove(self, field: str, source: Any, size: str, options: dict[str, Any], nfn: StrPath) -> str:
        check_destination(nfn)
        with ExitStack() as stack:
            fields, files = stack.enter_context(_options.on_the_wire(options))
            if field == "image_url" and _is_file(source):
                files["image_file"] = stack.enter_context(Path(source).open("rb"))
            else:
                fields[field] = source
            fields["size"] = size
            response = exchange("POST", base_url, key=self.__api_key, fields=fields, files=files)
        raise_for_status(response)
        self._out_file(response, nfn)
        return FINISHED


def _is_file(source: Any) -> bool:
    try:
        return Path(source).is_file()
    except (TypeError, ValueError, OSError):  # no text, a null character, a name that is too long
        return False
