"""What may be written down of a call: no key, no secret, and of an address only the place."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pixian_shim.pixian import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pixian_shim.translation._calls import Call

LONGEST_VALUE, LONGEST_MESSAGE = 80, 200
HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(r"key|secret|token|passw|auth|credential|signature", re.IGNORECASE)
_WORTH_HIDING = 8
"""Shorter ones protect nothing, and are found inside ordinary words."""
_URL = re.compile(r"(https?://)([^\s'\"]*)", re.IGNORECASE)


def shown(name: str, value: str, call: Call) -> str:
    """Give a parameter's value as it may be written down, cut short."""
    return HIDDEN if _names_a_secret(name) else safe(value, call, LONGEST_VALUE)


def safe(text: str, call: Call | None, limit: int = LONGEST_MESSAGE) -> str:
    """Cut a text short, without keys, and without what addresses carry besides the place."""
    return _cut(_without(_secrets(call), text), limit)


def hidden(values: Mapping[str, str | Upload], call: Call) -> dict[str, str | Upload]:
    """Give parameters' values without secrets; uploads as they are."""
    told, secrets = dict(values), None
    for name, value in values.items():
        if isinstance(value, Upload):
            continue
        if _names_a_secret(name):
            told[name] = HIDDEN
        elif len(value) >= _WORTH_HIDING:
            secrets = _secrets(call) if secrets is None else secrets
            told[name] = _without(secrets, value)
    return told


@lru_cache(maxsize=512)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _URL.sub(_place, text) if "://" in text else text


def _place(found: re.Match[str]) -> str:
    """Give an address without user, query and fragment: in one pass, for whoever sends thousands of them."""
    place = re.split(r"[?#]", found[2], maxsplit=1)[0]
    host, slash, path = place.partition("/")
    return f"{found[1]}{host.rpartition('@')[2]}{slash}{path}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _secrets(call: Call | None) -> list[str]:
    key = (call.key if call is not None else None) or ""
    known = (key, *key.split(":")[1:], os.environ.get("PIXIAN_API_SECRET", ""))
    return [secret for secret in known if len(secret) >= _WORTH_HIDING]
