"""The module ``pixian_ai.client``: the same class, argument order, checks, messages, exceptions and results.

What differs from the original, version 1.0.0:

- A margin of ``5%`` is accepted; the original insists on ``5.0%``.
- An empty colour or target size counts as not given; the original sends the empty text.
- ``str()`` of a result that is no text gives its ``repr``; the original fails on every picture.
- The opened picture is closed, connections are kept alive, ``save`` never leaves half a file.
- Base64 text beyond 1 MB is decoded and sent as binary; Pixian would refuse it.
- A 429 is waited out as Pixian asks, and a connection that could not be made is tried again. What is left of them is
  raised as in the original.
- 180 s without a single byte end the call with a timeout of requests; the original waits for ever.
- An answer with status 200 that is no picture raises; the original gives it back as the result. The exception's
  ``__cause__`` holds what came.
- What Pixian would certainly refuse (``max_pixels=0``, 33 megapixels, base64 that is none) is refused here, by the same
  exception with an error object of ours as its message.
- ``PIXIAN_BASE_URL`` and ``PIXIAN_TEST`` are followed.
"""

from typing import Any, Union

from pixian_adapters.pixian_ai._connections import client_of
from pixian_adapters.pixian_ai.utils import (
    enforce_types,
    param_exists,
    validate_css,
    validate_hex,
    validate_param,
    validate_wh,
)
from pixian_shim.doors import no_answer
from pixian_shim.errors import ApiError, ConfigurationError, ResponseError, ShimError, TransportError
from pixian_shim.pixian import Credentials, Result
from pixian_shim.translation import ErrorObject

URL = "https://api.pixian.ai/api/v2/remove-background"
"""What exceptions of requests name; the address that is really asked is the client's setting."""

Text = Union[str, None]  # noqa: UP007 (its repr is in the messages of the original)


class PixianAIException(ShimError):
    """Pixian said no.

    Attributes:
        message: the answer's body as it came: usually JSON with ``error.status``, ``error.code`` and ``error.message``.
    """

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class PixianAIResponse(bytes):
    """A finished picture: a ``bytes`` of its content.

    Attributes:
        content: the same as plain ``bytes``.
    """

    content: bytes

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content

    def __repr__(self) -> str:
        """Show the kind, not the content."""
        return "bytes:`PixianAIResponse`"

    def __str__(self) -> str:
        """Decode a text; show anything else as ``repr`` does."""
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError:
            return repr(self)

    def save(self, fp: str) -> None:
        """Write the picture to a file, whole or not at all.

        Raises:
            OSError: it cannot be written; the result stays as it is and can be saved elsewhere.
        """
        Result(content=self.content, content_type="application/octet-stream").save(fp)


class PixianAI:
    """Ask Pixian with the credentials given; nothing is read or checked before the first call.

    Args:
        api_id: Pixian's API Id.
        api_secret: Pixian's API Secret.
    """

    def __init__(self, api_id: str, api_secret: str) -> None:
        self.api_id = api_id
        self.api_secret = api_secret

    @enforce_types
    def remove_background(  # noqa: PLR0917 (the original's order)
        self,
        image_path: str = "",
        image_base64: str = "",
        image_url: str = "",
        max_pixels: int = 25000000,
        background_color: Text = None,
        result_crop_to_foreground: bool = False,
        result_margin: str = "0px",
        result_target_size: Text = None,
        result_vertical_alignment: str = "middle",
        output_format: str = "auto",
        output_jpeg_quality: int = 75,
    ) -> PixianAIResponse:
        """Remove the background of one picture; of several sources the first one given counts.

        Args:
            image_path: a file.
            image_base64: base64 text.
            image_url: an address that Pixian fetches.
            max_pixels: cap on the input's width x height, 100 to 25,000,000.
            background_color: ``#RRGGBB``; transparent without it.
            result_crop_to_foreground: crop the result to the foreground.
            result_margin: one to four lengths in CSS order, ``px`` or ``%``.
            result_target_size: exact width and height of the result.
            result_vertical_alignment: ``top``, ``middle`` or ``bottom``, within a target size.
            output_format: ``auto``, ``png``, ``jpeg`` or ``delta_png``.
            output_jpeg_quality: 1 to 100.

        Returns:
            A ``PixianAIResponse``.

        Raises:
            TypeError: an argument of another type than annotated.
            ValueError: no source, or a value out of its range; nothing was sent.
            OSError: the file cannot be opened.
            PixianAIException: Pixian refused.
            requests.exceptions.ConnectionError: Pixian cannot be reached.
            requests.exceptions.ReadTimeout: Pixian did not answer in time.
        """
        param_exists(["image_path", "image_base64", "image_url"], [image_path, image_base64, image_url])
        validate_param("max_pixels", max_pixels, (100, 25000000))
        if background_color:
            validate_hex("background_color", background_color)
        validate_param("result_crop_to_foreground", result_crop_to_foreground, [True, False])
        validate_css("result_margin", result_margin)
        if result_target_size:
            validate_wh("result_target_size", result_target_size)
        validate_param("result_vertical_alignment", result_vertical_alignment, ["top", "middle", "bottom"])
        validate_param("output_format", output_format, ["auto", "png", "jpeg", "delta_png"])
        validate_param("output_jpeg_quality", output_jpeg_quality, (1, 100))
        parameters = {
            "max_pixels": max_pixels,
            "background_color": background_color or None,
            "crop_to_foreground": result_crop_to_foreground,
            "margin": result_margin,
            "target_size": result_target_size or None,
            "vertical_alignment": result_vertical_alignment,
            "output_format": output_format,
            "jpeg_quality": output_jpeg_quality,
        }
        if image_path:
            with open(image_path, "rb") as file:  # noqa: PTH123 (raises what the original's open() raises)
                return self._ask(parameters, image=file)
        source = {"image_base64": image_base64} if image_base64 else {"image_url": image_url}
        return self._ask(parameters, **source)

    def _ask(self, parameters: dict[str, Any], **source: Any) -> PixianAIResponse:
        credentials = self._credentials()
        try:
            result = client_of(credentials).remove_background(**source, **parameters)
        except TransportError as error:
            raise no_answer(error, URL) from error
        except ApiError as error:
            raise PixianAIException(error.body or error.message) from error
        except (ResponseError, ConfigurationError) as error:
            raise PixianAIException(str(error)) from error
        except ShimError as error:
            raise PixianAIException(ErrorObject.of(error).body) from error
        return PixianAIResponse(result.content)

    def _credentials(self) -> Credentials:
        try:
            return Credentials(str(self.api_id), str(self.api_secret))
        except ConfigurationError as error:
            raise PixianAIException(ErrorObject(401, 1001, "The API Id is missing or unknown.").body) from error
