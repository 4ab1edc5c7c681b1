"""From what a caller hands over to a checked request; everything that can fail for free fails here."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import ImageError, InvalidParameter, TooLarge
from pixian_shim.pixian._parameters import (
    MAX_BASE64_CHARACTERS,
    MAX_UPLOAD_BYTES,
    MAX_UPLOAD_PIXELS,
    WIRE_NAMES,
    Parameters,
)
from pixian_shim.pixian._request import Request
from pixian_shim.pixian._result import rebuilder
from pixian_shim.pixian._source import Base64Text, ImageUrl, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pixian_shim.pixian._source import Source

ImageLike = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Upload | Base64Text | ImageUrl
"""A path, a file's content, a binary file object, an http(s) address, a ``data:`` address, or a source made before."""

_LONGEST_PATH = 4096
_IGNORED_BY_DELTA = ("background_color", "crop_to_foreground", "margin", "target_size", "vertical_alignment")
"""Documented: these have no effect on a Delta PNG."""


@attrs.frozen
class Job:
    """A request, and what is needed to read its answer."""

    request: Request
    paid: bool
    """Whether it can be charged."""
    original: Upload | None = None
    """What the Delta PNG that comes back is put together with."""


ACCOUNT = Job(Request("GET", "/api/v2/account"), paid=False)


@attrs.frozen(kw_only=True)
class Order:
    """What a caller wants done with one picture, as handed over."""

    image: ImageLike | None
    image_base64: str | None
    image_url: str | None
    parameters: Parameters | None
    delta: bool
    given: Mapping[str, Any]
    """Single parameters; ``None`` is not given."""

    @property
    def on_disk(self) -> bool:
        """Whether preparing reads a file."""
        data = self.image.data if isinstance(self.image, Upload) else self.image
        return not (data is None or isinstance(data, bytes | bytearray | memoryview | Base64Text | ImageUrl))

    def prepared(self, *, test: bool) -> Job:
        """Check everything and write the request.

        Args:
            test: whether the client is in test mode; a call's own ``test`` goes first.

        Raises:
            InvalidParameter: no source or several, a bad value, parameters that exclude each other.
            ImageError: an empty picture.
            TooLarge: more than 30 MiB or 32 MP.
            MissingExtra: a Delta PNG cannot be put together here.
            OSError: the file cannot be read.
        """
        source = self._source()
        parameters = self._parameters(test=test)
        if self.delta:
            rebuilder()
        form = parameters.to_form()
        if isinstance(source, ImageUrl):
            request = Request("POST", _PATH, {"image.url": source.url, **form})
            return Job(request, not parameters.test, None)
        upload = source.decode() if isinstance(source, Base64Text) else source
        _check(upload, parameters, delta=self.delta)
        original = upload if self.delta else None
        if isinstance(source, Base64Text):
            text = base64.b64encode(upload.read()).decode("ascii")
            if len(text) <= MAX_BASE64_CHARACTERS:
                return Job(Request("POST", _PATH, {"image.base64": text, **form}), not parameters.test, original)
        return Job(Request("POST", _PATH, form, upload), not parameters.test, original)

    def _source(self) -> Source:
        sources = {"image": self.image, "image_base64": self.image_base64, "image_url": self.image_url}
        given = [name for name, value in sources.items() if value is not None]
        if len(given) != 1:
            raise InvalidParameter("image", given or None, "give exactly one of image, image_base64 and image_url")
        source = _source(self.image, self.image_base64, self.image_url)
        if self.delta and isinstance(source, ImageUrl):
            raise InvalidParameter("delta", True, "a Delta PNG needs the original here, not its address")
        return source

    def _parameters(self, *, test: bool) -> Parameters:
        parameters = _DEFAULTS if self.parameters is None else self.parameters
        if not isinstance(parameters, Parameters):
            raise InvalidParameter("parameters", type(parameters).__name__, "an instance of Parameters is expected")
        changes = {name: value for name, value in self.given.items() if value is not None}
        if test and "test" not in changes and not parameters.test:
            changes["test"] = True
        if self.delta:
            changes.setdefault(
                "output_format", "delta_png" if parameters.output_format == "auto" else parameters.output_format
            )
        parameters = attrs.evolve(parameters, **changes) if changes else parameters
        if self.delta:
            _check_delta(parameters)
        return parameters


_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{256,}={0,2}\s*")  # a name on a disk has at most 255 characters between slashes
_PATH = "/api/v2/remove-background"
_DEFAULTS = Parameters()


def _source(image: ImageLike | None, image_base64: str | None, image_url: str | None) -> Source:
    if image_base64 is not None:
        return Base64Text(_text("image_base64", image_base64))
    if image_url is not None:
        return _address("image_url", _text("image_url", image_url))
    if isinstance(image, Upload | Base64Text):
        return image
    if isinstance(image, ImageUrl):
        return _address("image", image.url)
    if isinstance(image, str):
        scheme = image[:8].lower()
        if scheme.startswith(("http://", "https://")):
            return _address("image", image)
        if scheme.startswith("data:"):
            return Base64Text(image)
        if not image:
            raise InvalidParameter("image", image, "a path, an address or a file's content is expected")
        if len(image) > _LONGEST_PATH or _BASE64.fullmatch(image):
            raise InvalidParameter("image", f"{image[:20]}...", "no path; give base64 text as image_base64")
    assert image is not None  # noqa: S101 (one source is given)
    return Upload.of(image)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidParameter(name, type(value).__name__, "a text is expected")
    return value


def _address(name: str, url: str) -> ImageUrl:
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or not url.isprintable():
        shown = re.sub(r"//[^/@]*@|\?.*", lambda found: "//...@" if found[0].startswith("//") else "?...", url)
        raise InvalidParameter(name, shown, "an address that begins with http:// or https:// is expected")
    return ImageUrl(url)


def _check(upload: Upload, parameters: Parameters, *, delta: bool) -> None:
    length = len(upload)
    if not length:
        hint = "" if isinstance(upload.data, bytes | Path) else "; its file object may stand at its end: seek(0) first"
        raise ImageError(f"the picture {upload.name!r} is empty{hint}")
    if length > MAX_UPLOAD_BYTES:
        raise TooLarge(length, MAX_UPLOAD_BYTES, "bytes")
    header = upload.header
    size = None if header is None else header.size
    if delta and size is None:
        raise ImageError("a Delta PNG of this picture could not be put together here: its format or size is not known")
    if size is None:  # an unknown format is left to Pixian, which may know it
        return
    if size.pixels > MAX_UPLOAD_PIXELS:
        raise TooLarge(size.pixels, MAX_UPLOAD_PIXELS, "pixels")
    if delta and size.pixels > parameters.max_pixels:
        raise InvalidParameter(
            "max_pixels", parameters.max_pixels, f"a Delta PNG must keep the input's size of {size.pixels:,} pixels"
        )


def _check_delta(parameters: Parameters) -> None:
    if parameters.output_format != "delta_png":
        raise InvalidParameter(
            "output.format", parameters.output_format, "with delta=True leave it out; the result is PNG"
        )
    for name in _IGNORED_BY_DELTA:
        value = getattr(parameters, name)
        if value != getattr(_DEFAULTS, name):
            raise InvalidParameter(WIRE_NAMES[name], value, "has no effect on a Delta PNG; do without one of the two")
