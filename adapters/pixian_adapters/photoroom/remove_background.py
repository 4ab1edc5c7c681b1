"""The module ``remove_background`` of PhotoRoom's own Python samples, on Pixian.

::

    from pixian_adapters.photoroom.remove_background import remove_background  # was: from remove_background import ...

What is different, on purpose: that the result's folder exists is found out before the paid call, and the file is
written whole or not at all; no answer at all raises what ``http.client`` would, an ``OSError``.
"""

from __future__ import annotations

import os
from http.client import responses

from pixian_adapters.photoroom.adapter import ADAPTER
from pixian_shim.doors import check_destination, exchange, save_result
from pixian_shim.errors import TransportError
from pixian_shim.pixian import Upload

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
    check_destination(output_image_path)
    try:
        answer = exchange(ADAPTER, "POST", _URL, {"image_file": picture}, headers={"x-api-key": apiKey})
    except TransportError as error:
        raise ConnectionError(str(error)) from error
    if answer.status == 200:  # noqa: PLR2004
        save_result(answer.body, output_image_path)
        print("Image saved to", output_image_path)  # noqa: T201 (the sample does)
    else:
        print(f"Error: {answer.status} - {responses.get(answer.status, '')}")  # noqa: T201
        print(answer.body)  # noqa: T201
