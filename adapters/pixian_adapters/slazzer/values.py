"""From the text that a legacy caller wrote to typed values.

What holds a picture is refused where it cannot (400, an assumption: Slazzer's own codes are not known). Of anything
else nobody knows what Slazzer refuses: these readers give ``None``, and the value counts as not given.
"""

from __future__ import annotations

import re

from pixian_shim.errors import InvalidParameter
from pixian_shim.pixian import Base64Text, Upload
from pixian_shim.translation import Output, Refusal, Unreadable, as_address, as_file, saying

_SWITCHES = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_FORMATS = {"png": Output("png"), "jpg": Output("jpg"), "jpeg": Output("jpg")}
_WHOLE = 100


UNUSABLE = Refusal("{parameter}: {expected} is expected", "400")

address = as_address
file_part = saying(as_file, "a file part")


def base64_text(value: str | Upload) -> Upload:
    """Decode base64, with or without a ``data:`` prefix; blanks are plus signs that a form body has lost."""
    text = value.read().decode("ascii", "replace") if isinstance(value, Upload) else value
    try:
        found = Base64Text(text.strip(" ").replace(" ", "+")).decode()
    except InvalidParameter as error:
        raise Unreadable("base64 text") from error
    if not len(found):
        raise Unreadable("base64 text of a picture")
    return found


def switch(text: str) -> bool | None:
    """Read yes or no, in any case and notation."""
    return _SWITCHES.get(text.strip().lower())


def share(text: str) -> float | None:
    """Read per cent, with or without the sign, as a share above 0 and up to 1."""
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*%?", text.strip())
    return float(found[1]) / _WHOLE if found and 0 < float(found[1]) <= _WHOLE else None


def centre(text: str) -> tuple[float, float] | None:
    """Read the one position that was seen."""
    return (0.5, 0.5) if text.strip().lower() == "center" else None


def file_format(text: str) -> Output | None:
    """Read the name of a file format, in any case."""
    return _FORMATS.get(text.strip().lower())


def encoded_as_text(text: str) -> bool | None:
    """Tell whether the answer is wanted as base64."""
    return True if text.strip().lower() == "base64" else None
