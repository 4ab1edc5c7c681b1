"""The module ``remove_background`` of PhotoRoom's own Python samples, on Pixian.

::

    from pixian_adapters.photoroom.remove_background import remove_background  # was: from remove_background import ...

What is different, on purpose: that the result's folder exists is found out before the paid call, and the file is
written whole or not at all; no answer at all raises what ``http.client`` would, an ``OSError``.
"""

from __future__ import annotations

import os

from pixian_adapters.photoroom import _destination
from pixian_adapters.photoroom.adapter import ADAPTER
from pixian_shim.doors._responses import phrase
from pixian_shim.errors import TransportError
from pixian_shim.pixian import Upload
from pixian_shim.shim import default_shim
from pixian_shim.translation import Form, HttpRequest

apiKey = "YOUR_API_KEY_HERE"  # noqa: N816 (the sample's name, which programs write to)
"""PhotoRoom's key, which is left unused, or ``id:secret`` of Pixian."""

_URL = "https://sdk.photoroom.com/v1/segment"


def remove_background(input_image_path: str | os.PathLike[str], output_image_path: str | os.PathLike[str]) -> None:
    """Remove the background of a file, and print what came of it.

    Args:
        input_image_path: the picture.
        output_image_path: the result; nothing is written there after an error.

    Raises:
        OSError: the picture cannot be read, or the result not be written.
        ConnectionError: no answer.
    """
    with open(input_image_path, "rb") as file:  # noqa: PTH123 (the path stays as given, in errors)
        picture = Upload(file.read(), os.fspath(input_image_path))
    _destination.check(output_image_path)
    request = HttpRequest("POST", _URL, {"x-api-key": apiKey}, parsed=Form((("image_file", picture),)))
    try:
        answer = default_shim().serve(ADAPTER, request)
    except TransportError as error:
        raise ConnectionError(str(error)) from error
    if answer.status == 200:  # noqa: PLR2004
        _destination.save(answer.body, output_image_path)
        print("Image saved to", output_image_path)  # noqa: T201 (the sample does)
    else:
        print(f"Error: {answer.status} - {phrase(answer.status)}")  # noqa: T201
        print(answer.body)  # noqa: T201
