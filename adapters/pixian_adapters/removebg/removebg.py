"""The module ``removebg.removebg`` of the package ``removebg`` 0.04, on Pixian.

::

    from pixian_adapters.removebg import RemoveBg  # was: from removebg import RemoveBg

Same class, order of arguments, file names, log and exceptions. What is different, on purpose:

- The keywords that the package's README promises, and its published code rejects, are accepted as keywords. The values
  that the README's code refuses are refused only in calls that use one of them: ``size="50MP"`` works as before.
- A result is written beside its final place and moved there; that its folder exists is found out before the paid call.
- The picture's file is closed also after an error.
- ``bg_type="path"`` works for every source, and ``crop=True`` means no margin.
- An ``HTTPError`` shows the service's reason below its message.
"""

from __future__ import annotations

import logging
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Unpack

from pixian_adapters.removebg._exchange import exchange
from pixian_adapters.removebg._options import Options, check, on_the_wire
from pixian_shim.doors import check_destination, raise_for_status, save_result

if TYPE_CHECKING:
    from pixian_shim.doors import StrPath

API_ENDPOINT = "https://api.remove.bg/v1.0/removebg"
"""Read at each call, as in the original; it shows in responses and errors, and nothing is sent there."""


class RemoveBg:
    """Remove backgrounds and write the results to files.

    Args:
        api_key: remove.bg's key, which is left unused, or ``id:secret`` of Pixian; without the latter, credentials come
            from the environment or a settings file.
        error_log_file: where the program's root logger writes, unless logging has been set up already.
    """

    def __init__(self, api_key: str, error_log_file: StrPath) -> None:
        self.__api_key = api_key
        logging.basicConfig(filename=error_log_file)  # type: ignore[arg-type]

    def remove_background_from_img_file(
        self,
        img_file_path: StrPath,
        size: str = "regular",
        bg_color: str | None = None,
        *,
        new_file_name: StrPath | None = None,
        **options: Unpack[Options],
    ) -> None:
        """Write ``<path as given>_no_bg.png``, beside the picture.

        Args:
            img_file_path: the picture.
            size: ``preview`` (``small``, ``regular``: 0.25 megapixels), ``medium`` 1.5, ``hd`` 4, ``full`` (``4k``) 25,
                ``50MP``, ``auto``.
            bg_color: behind the subject.
            new_file_name: instead of the name above.
            options: as the package's README has them.

        Raises:
            OSError: the picture cannot be read, or the result not be written.
            ValueError: an option that the README's code refuses.
            requests.exceptions.HTTPError: an answer of 400 or above, as ``response``.
            requests.exceptions.ConnectionError: no answer.
        """
        with open(img_file_path, "rb") as picture:  # noqa: PTH123 (the path stays as given, in errors and in the name)
            name = new_file_name or f"{os.fsdecode(picture.name)}_no_bg.png"
            files = {"image_file": picture}
            self.__remove({"size": size, "bg_color": bg_color}, options, name, files)

    def remove_background_from_img_url(
        self,
        img_url: str,
        size: str = "regular",
        new_file_name: StrPath = "no-bg.png",
        bg_color: str | None = None,
        **options: Unpack[Options],
    ) -> None:
        """Write ``new_file_name``; everything else as for a file.

        Args:
            img_url: address of the picture, which Pixian fetches.
            size: as for a file.
            new_file_name: the result.
            bg_color: behind the subject.
            options: as the package's README has them.
        """
        self.__remove({"image_url": img_url, "size": size, "bg_color": bg_color}, options, new_file_name)

    def remove_background_from_base64_img(
        self,
        base64_img: str | bytes,
        size: str = "regular",
        new_file_name: StrPath = "no-bg.png",
        bg_color: str | None = None,
        **options: Unpack[Options],
    ) -> None:
        """Write ``new_file_name``; everything else as for a file.

        Args:
            base64_img: the picture as base64, with or without ``data:`` prefix.
            size: as for a file.
            new_file_name: the result.
            bg_color: behind the subject.
            options: as the package's README has them.
        """
        self.__remove({"image_file_b64": base64_img, "size": size, "bg_color": bg_color}, options, new_file_name)

    def __output_file__(self, response: Any, new_file_name: StrPath) -> None:
        """Write the body of a response with status 200; log the reason of any other."""
        if response.status_code == HTTPStatus.OK:
            save_result(response.content, new_file_name)
            return
        reason = response.json()["errors"][0]["title"].lower()
        logging.error("Unable to save %s due to %s", new_file_name, reason)  # noqa: LOG015 (the original's logger)

    def __remove(
        self, fields: dict[str, Any], options: Options, name: StrPath, files: dict[str, Any] | None = None
    ) -> None:
        if options:
            check(options | {"size": fields["size"]}, "{} argument wrong")
        if getattr(self.__output_file__, "__func__", None) is RemoveBg.__output_file__:
            check_destination(name)
        with on_the_wire(options) as (more_fields, more_files):
            response = exchange(
                "POST", API_ENDPOINT, key=self.__api_key, fields=fields | more_fields, files=(files or {}) | more_files
            )
        raise_for_status(response)
        self.__output_file__(response, name)
