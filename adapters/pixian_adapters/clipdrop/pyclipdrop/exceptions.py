"""The exceptions of ``pyclipdrop.exceptions``; each is an error of this library as well.

::

    ShimError
    ├── APIRequestError           the answer has a status from 400 on: the cause is the HTTPError of requests
    │   └── NotOffered            ours: Clipdrop does it, Pixian does not
    ├── FileOrURLError            the input is neither a file nor an address
    ├── FileExtensionError        the name of input or output ends in none of .png, .jpg, .jpeg, .webp
    ├── FileOpenError             the input cannot be read, or the output not be opened
    ├── URLReadError              the input's address does not deliver
    ├── FilePathError             the output's folder does not exist
    ├── FileWriteError            the output cannot be written
    ├── ValueNotSupportedError    transparency_handling is neither of its two words
    ├── ValueOutOfRangeError      never raised here: the methods that did are not offered
    └── ValueTooLongError         likewise
"""

from __future__ import annotations

from typing import Any

from pixian_shim.errors import ShimError


class APIRequestError(ShimError):
    """The service said no.

    Attributes:
        response: its answer, as a ``requests.Response`` or its look-alike; ``None`` where none was asked for.
    """

    response: Any = None


class NotOffered(APIRequestError):
    """The original asks Clipdrop for it; the message says what to do instead."""

    def __init__(self, method: str) -> None:
        super().__init__(
            f"{method}() is not possible on Pixian, which removes backgrounds only. Keep the package pyclipdrop and a "
            "key of Clipdrop for these calls as long as you need them, or take them out; nothing was sent"
        )


class FileOrURLError(ShimError):
    """The input is neither a file nor an address."""


class FilePathError(ShimError):
    """The output's folder does not exist."""


class FileOpenError(ShimError):
    """A file cannot be opened."""


class FileWriteError(ShimError):
    """The output cannot be written.

    Attributes:
        content: the picture, which has been paid for.
    """

    content: bytes = b""


class FileExtensionError(ShimError):
    """The name of input or output ends in none of the extensions that are supported."""


class URLReadError(ShimError):
    """The input's address does not deliver."""


class ValueOutOfRangeError(ShimError):
    """A number beyond its range."""


class ValueTooLongError(ShimError):
    """A text beyond its length."""


class ValueNotSupportedError(ShimError):
    """A word that is not among those known."""
