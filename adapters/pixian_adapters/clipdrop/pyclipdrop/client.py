"""The module ``pyclipdrop.client`` of the package ``pyclipdrop`` 1.0.1, on Pixian.

::

    from pixian_adapters.clipdrop import ClipdropClient  # was: from pyclipdrop import ClipdropClient

Same class, order of arguments, checks and their order, words, files and  What is different, on purpose:

- The services that Pixian does not have raise ``NotOffered``, which is an ``APIRequestError``, before anything is sent.
- An output that is a folder, or lies in one that may not be written to, is found out before the paid call; a result is
  written beside its final place and moved there.
- ``input_file`` may be any path object as well. Spaces and umlauts of an address are written as it needs them; one that
  does not deliver, or not within a minute, is a ``URLReadError`` whatever is wrong with it.
- Every exception is a ``ShimError`` and keeps its cause. ``APIRequestError`` has the answer as ``response``, and the
  service's reason below its message in a traceback.
- An error without words, such as a list, is an ``APIRequestError``; the original stumbles over it.
"""

# ruff: noqa: ARG002 (the arguments of what is not offered are the original's)

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NoReturn

from pixian_adapters.clipdrop.adapter import ADAPTER
from pixian_adapters.clipdrop.pyclipdrop import _files
from pixian_adapters.clipdrop.pyclipdrop.exceptions import (
    APIRequestError,
    NotOffered,
    ValueNotSupportedError,
    ValueOutOfRangeError,
    ValueTooLongError,
)
from pixian_adapters.clipdrop.pyclipdrop.settings import settings
from pixian_adapters.clipdrop.rules import DISCARD, RETURN
from pixian_shim.doors import exchange, raise_for_status, refusal, response_of
from pixian_shim.errors import ShimError
from pixian_shim.pixian import Upload
from pixian_shim.translation import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    StrPath = str | os.PathLike[str]
    File = tuple[str, bytes, str]

__all__ = ["APIRequestError", "ClipdropClient", "ValueNotSupportedError", "ValueOutOfRangeError", "ValueTooLongError"]

_NOTHING = HttpResponse(200, {}, b"")


class ClipdropClient:
    """Remove backgrounds and write the results to files.

    Args:
        api_key: Clipdrop's key, which is left unused, or ``id:secret`` of Pixian; default is ``CLIPDROP_API_KEY``.
            Pixian's credentials come from the environment or a settings file unless they stand here.
        base_url: shows in exceptions, and nothing is sent there.
        version: likewise; there is ``v1`` alone.

    Raises:
        ValueError: neither ``api_key`` nor ``CLIPDROP_API_KEY`` is given.
    """

    def __init__(
        self, api_key: str | None = None, base_url: str = settings.BASE_URL, version: str = settings.VERSION
    ) -> None:
        self.api_key = api_key or os.environ.get("CLIPDROP_API_KEY")
        self.base_url = base_url
        self.version = version
        if not self.api_key:
            raise ValueError(
                "A Clipdrop API key must either be passed to the client or set as the CLIPDROP_API_KEY environment "
                "variable."
            )

    def remove_background(
        self, input_file: StrPath, transparency_handling: str | None = None, output_file: StrPath = "output.png"
    ) -> None:
        """Write ``output_file``, a PNG whatever its name ends in.

        Args:
            input_file: a file, or an address that is fetched here; its name ends in .png, .jpg, .jpeg or .webp.
            transparency_handling: ``return_input_if_non_opaque``, the service's default: a picture with transparency is
                its own result, and costs nothing here. ``discard_alpha_layer``: its transparency is left away before.
            output_file: the result; its folder must exist.

        Raises:
            ValueNotSupportedError: another ``transparency_handling``.
            FileOrURLError: the input is neither a file nor an address.
            FileExtensionError: input or output ends otherwise.
            FileOpenError: the input cannot be read, or the output not be opened.
            URLReadError: the address does not deliver.
            FilePathError: the output's folder does not exist.
            APIRequestError: the service refuses.
            FileWriteError: the result cannot be written.
            requests.exceptions.ConnectionError: no answer.
        """
        if transparency_handling is not None and transparency_handling not in (RETURN, DISCARD):
            raise ValueNotSupportedError(f"The transparency handling mode must be either '{RETURN}' or '{DISCARD}'.")
        content, extension = _files.read(input_file)
        _files.check(output_file)
        response = self._submit_request(
            url=f"{self.base_url}/remove-background/{self.version}",
            files={"image_file": (os.fspath(input_file), content, f"image/{extension}")},
            data={"transparency_handling": transparency_handling} if transparency_handling else None,
        )
        _files.save(response.content, output_file)

    def _submit_request(self, url: str, files: Mapping[str, File], data: Mapping[str, Any] | None = None) -> Any:
        """Have a request answered.

        Args:
            url: whose end tells the service.
            files: name, content and content type, by field.
            data: further fields.

        Returns:
            A ``requests.Response``, or its look-alike where requests is not installed.

        Raises:
            APIRequestError: its status is 400 or above.
            ValueError: requests could not have sent anything to this address.
        """
        response_of(_NOTHING, url)  # raises what requests has against an address, while nothing is paid
        uploads = {field: Upload(content, name) for field, (name, content, _) in files.items()}
        headers = {"x-api-key": str(self.api_key)}
        answer = exchange(ADAPTER, "POST", url, {**(data or {}), **uploads}, headers=headers, spoke="requests")
        response = response_of(answer, url)
        try:
            raise_for_status(response)
        except ShimError as error:
            failed = APIRequestError(f"The request to the Clipdrop API failed: {_words(response)}")
            raise refusal(failed, response) from error
        return response

    def text_to_image(self, prompt: str, output_file: StrPath = "output.png") -> NoReturn:
        """Refuse: Pixian makes no pictures.

        Raises:
            NotOffered: always, as for every service below.
        """
        raise NotOffered("text_to_image")

    def replace_background(self, input_file: StrPath, prompt: str = "", output_file: StrPath | None = None) -> NoReturn:
        """Refuse: Pixian makes no backgrounds."""
        raise NotOffered("replace_background")

    def remove_text(self, input_file: StrPath, output_file: StrPath = "output.png") -> NoReturn:
        """Refuse: Pixian removes backgrounds only."""
        raise NotOffered("remove_text")

    def reimagine(self, input_file: StrPath, output_file: StrPath = "output.jpg") -> NoReturn:
        """Refuse: Pixian makes no variations."""
        raise NotOffered("reimagine")

    def sketch_to_image(self, input_file: StrPath, prompt: str, output_file: StrPath = "output.png") -> NoReturn:
        """Refuse: Pixian makes no pictures."""
        raise NotOffered("sketch_to_image")

    def uncrop(
        self,
        input_file: StrPath,
        extend_up: int = 0,
        extend_down: int = 0,
        extend_left: int = 0,
        extend_right: int = 0,
        seed: int | None = None,
        output_file: StrPath = "output.jpg",
    ) -> NoReturn:
        """Refuse: Pixian invents nothing beside a picture."""
        raise NotOffered("uncrop")

    def image_upscaling(
        self, input_file: StrPath, target_width: int, target_height: int, output_file: StrPath | None = None
    ) -> NoReturn:
        """Refuse: Pixian does not enlarge."""
        raise NotOffered("image_upscaling")

    def cleanup(
        self, input_file: StrPath, mask_file: StrPath, mode: str = "fast", output_file: StrPath = "output.png"
    ) -> NoReturn:
        """Refuse: Pixian removes backgrounds only."""
        raise NotOffered("cleanup")

    def portrait_depth_estimation(self, input_file: StrPath, output_file: StrPath = "output.jpg") -> NoReturn:
        """Refuse: Pixian measures no depth."""
        raise NotOffered("portrait_depth_estimation")

    def portrait_surface_normals(self, input_file: StrPath, output_file: StrPath = "output.jpg") -> NoReturn:
        """Refuse: Pixian measures no surfaces."""
        raise NotOffered("portrait_surface_normals")

    def text_inpainting(
        self, input_file: StrPath, mask_file: StrPath, prompt: str, output_file: StrPath = "output.jpg"
    ) -> NoReturn:
        """Refuse: Pixian paints nothing in."""
        raise NotOffered("text_inpainting")


def _words(response: Any) -> Any:
    """Give the service's reason, in the original's words where there is none."""
    try:
        told = response.json()
    except ValueError:
        return "The response content from the API could not be decoded as JSON"
    missing = "No error message provided by the API"
    return told.get("error", missing) if isinstance(told, dict) else missing
