"""The API Id and Secret, and what must never be read from them."""

from __future__ import annotations

import base64
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, Self

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian._places import Place, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_KEY = re.compile(r"[A-Za-z0-9_-]+:[!-~]+")
_FOREIGN_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:.*")
"""``uuid:secret`` is how some other services write their keys (Pixian's sample ids begin with ``px``)."""

_WORTH_HIDING = 8
"""Shorter secrets protect nothing (the sandbox's is its name), and hiding them would riddle ordinary words."""

_HIDDEN = "[hidden]"


def _checked(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    # The value itself stays out of the message: it may be a secret in the wrong slot.
    if not value or not value.isprintable() or value != value.strip():
        raise ConfigurationError(f"{attribute.name} is empty or holds spaces or control characters at its ends")
    if attribute.name == "api_id" and ":" in value:
        raise ConfigurationError("api_id holds a colon; give the API Id and the API Secret apart")


@attrs.frozen(slots=False)
class Credentials:
    """What Pixian's account page calls API Id and API Secret.

    Raises:
        ConfigurationError: an empty value, or one that cannot be sent.
    """

    api_id: str = attrs.field(validator=[attrs.validators.instance_of(str), _checked])
    api_secret: str = attrs.field(repr=False, validator=_checked)

    @classmethod
    def parse_key(cls, key: str) -> Self | None:
        """Read ``id:secret`` from a slot made for another provider's key; anything else gives ``None``.

        A bare token is never taken: it could be a legacy key, and those are not sent to Pixian.
        """
        if not _KEY.fullmatch(key) or _FOREIGN_KEY.fullmatch(key):
            return None
        api_id, _, api_secret = key.partition(":")
        return None if api_secret.startswith("//") else cls(api_id, api_secret)

    @classmethod
    def resolve(
        cls,
        api_id: str | None = None,
        api_secret: str | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        project_file: str | os.PathLike[str] | None = None,
        user_file: str | os.PathLike[str] | None = None,
    ) -> Self:
        """Find the credentials: arguments, environment, project file, user file; the first place that has any wins.

        Args:
            api_id: given together with ``api_secret``, or not at all.
            api_secret: likewise.
            environ: where ``PIXIAN_API_ID`` and ``PIXIAN_API_SECRET`` are looked up.
            project_file: instead of the nearest ``pixian.toml`` (or ``[tool.pixian-shim]`` in ``pyproject.toml``) from
                the working directory up to the repository's root.
            user_file: instead of ``pixian/config.toml`` in the user's configuration directory.

        Raises:
            ConfigurationError: half of a pair, none at all, or a file that cannot be used.
        """
        given = Place.of_arguments(api_id=api_id, api_secret=api_secret)
        return cls.found_in([given, *places(environ, project_file, user_file)])[0]

    @classmethod
    def found_in(cls, found: Iterable[Place]) -> tuple[Self, Place]:
        """Take both halves from the first place that has one of them.

        Raises:
            ConfigurationError: that place has only one half, or no place has any.
        """
        looked_at = []
        for place in found:
            api_id, api_secret = place.text("api_id"), place.text("api_secret")
            if api_id and api_secret:
                return cls(api_id, api_secret), place
            if api_id or api_secret:
                has, lacks = ("api_id", "api_secret") if api_id else ("api_secret", "api_id")
                raise ConfigurationError(
                    f"{place.title} gives {place.label(has)} without {place.label(lacks)}; "
                    "both halves are taken from the same place"
                )
            looked_at.append(place.title)
        raise ConfigurationError(
            f"no Pixian credentials; looked in: {', '.join(looked_at)}. set PIXIAN_API_ID and PIXIAN_API_SECRET"
        )

    @cached_property
    def _token(self) -> str:
        return base64.b64encode(f"{self.api_id}:{self.api_secret}".encode()).decode("ascii")

    @property
    def authorization(self) -> str:
        """The value of the ``Authorization`` header: a secret."""
        return f"Basic {self._token}"

    def hide(self, text: str) -> str:
        """Give the text without the secret and the token made from it, should a server have echoed them."""
        if self.api_secret not in text and self._token not in text:
            return text
        if len(self.api_secret) >= _WORTH_HIDING:
            text = text.replace(self.api_secret, _HIDDEN)
        return text.replace(self._token, _HIDDEN)
