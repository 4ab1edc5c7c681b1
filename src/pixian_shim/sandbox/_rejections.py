"""Everything the service says no with: HTTP status, numeric code, text.

Of the codes only 1006 is documented for Pixian, with its text and the space at the end; the others are those of a
sister service that shares the envelope (inferred). The texts are ours, except that one.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Reason:
    """Why a request is not carried out.

    Attributes:
        status: of the HTTP answer, repeated in the body.
        code: Pixian's numeric code.
        message: text for people.
    """

    status: int
    code: int
    message: str


class Rejected(Exception):
    """A request that is answered with an error object."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.status, self.code = reason.status, reason.code
        self.message = f"{reason.message} {detail}" if detail else reason.message
        super().__init__(self.message)

    @property
    def body(self) -> dict[str, dict[str, int | str]]:
        """The documented error object."""
        return {"error": {"status": self.status, "code": self.code, "message": self.message}}


UNKNOWN_ID = Reason(401, 1001, "The API Id is missing or unknown.")
WRONG_SECRET = Reason(401, 1004, "The API Secret is wrong.")
NO_IMAGE = Reason(
    400,
    1005,
    "No image was supplied: send image, image.base64 or image.url as multipart/form-data, "
    "application/x-www-form-urlencoded or query parameter.",
)
UNREADABLE = Reason(400, 1006, "Failed to read the supplied image. ")
NO_PACK = Reason(402, 1008, "There is no credit pack for production calls: buy one, or use test=true.")
DORMANT = Reason(402, 1010, "The credit pack is dormant: buy another one, or use test=true.")
OUT_OF_CREDITS = Reason(402, 1011, "There are not enough credits left: buy more, or use test=true.")
TOO_MANY_BYTES = Reason(413, 1012, "The supplied image has too many bytes.")
TOO_MANY_PIXELS = Reason(413, 1013, "The supplied image has too many pixels.")
SLOW_DOWN = Reason(429, 1015, "Too many requests, slow down.")
IMAGE_IS_TEXT = Reason(400, 1016, "The image parameter arrived as text: send the file itself, not its name.")
NO_TIME = Reason(400, 1017, "Fetching the image took too long.")
BAD_PARAMETER = Reason(400, 1019, "Bad parameter:")
URL_STATUS = Reason(400, 1020, "The image URL did not answer with status 200.")
URL_TYPE = Reason(400, 1021, "The image URL did not answer with an image type.")
URL_FAILED = Reason(400, 1022, "The image URL could not be fetched.")
OVERSIZED = Reason(400, 1023, "The parameters would give an oversized result.")
URL_UNPARSABLE = Reason(400, 1024, "The image URL could not be parsed; http and https are fetched.")
OVERLOADED = Reason(503, -3, "All workers are busy.")
INTERNAL = Reason(500, -1, "Internal error.")
FORBIDDEN = Reason(403, 403, "The control plane answers on loopback only.")
"""Not Pixian's: the control plane is the sandbox's own."""
