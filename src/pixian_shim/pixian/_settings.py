"""What a client is set up with: credentials, the service's address, test mode."""

from __future__ import annotations

import ipaddress
import os
from itertools import chain
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian._credentials import Credentials
from pixian_shim.pixian._places import Place, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRODUCTION = "https://api.pixian.ai"
"""The documented host."""


def on_loopback(url: str) -> bool:
    """Tell whether an address never leaves this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _base_url(value: str) -> str:
    """Take ``https://host[:port][/path]``, or http on loopback; a secret does not travel in clear.

    Raises:
        ConfigurationError: another scheme, or an address with a user, a query or a fragment.
    """
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and parts.port != 0 and parts.scheme in ("http", "https")
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable:
        raise ConfigurationError("base_url must be an address such as https://api.pixian.ai")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError("base_url must hold no user, query or fragment")
    if parts.scheme == "http" and not on_loopback(value):
        raise ConfigurationError(
            f"base_url must begin with https: the secret would travel in clear to {parts.hostname}"
        )
    return value.rstrip("/")


class _Lazily:
    """Iterate several times over places that are looked at once, and only when their turn comes."""

    def __init__(self, places: Iterator[Place]) -> None:
        self._places, self._seen = places, list[Place]()

    def __iter__(self) -> Iterator[Place]:
        yield from self._seen
        for place in self._places:
            self._seen.append(place)
            yield place


@attrs.frozen
class Settings:
    """Where to ask, as whom, and whether for a free watermarked test.

    Raises:
        ConfigurationError: ``base_url`` is neither https nor on loopback.
    """

    credentials: Credentials
    base_url: str = attrs.field(default=PRODUCTION, converter=_base_url)
    test: bool = False

    @property
    def costs_nothing(self) -> bool:
        """Whether calls are free whatever they ask for: test mode, or a sandbox on this machine."""
        return self.test or on_loopback(self.base_url)

    @classmethod
    def resolve(
        cls,
        api_id: str | None = None,
        api_secret: str | None = None,
        *,
        credentials: Credentials | None = None,
        base_url: str | None = None,
        test: bool | None = None,
        environ: Mapping[str, str] = os.environ,
        project_file: str | os.PathLike[str] | None = None,
        user_file: str | os.PathLike[str] | None = None,
        files: bool = True,
    ) -> Self:
        """Find every setting by itself: arguments, environment (``PIXIAN_...``), project file, user file.

        Files are read only where something is still missing.

        Args:
            api_id: as in ``Credentials.resolve``.
            api_secret: likewise.
            credentials: instead of ``api_id`` and ``api_secret``.
            base_url: default is ``PIXIAN_BASE_URL``, else the documented host.
            test: default is ``PIXIAN_TEST``, else false.
            environ: where the variables are looked up.
            project_file: as in ``Credentials.resolve``.
            user_file: likewise.
            files: whether files are looked into at all.

        Raises:
            ConfigurationError: no credentials, half of them, an unusable address, a file that cannot be used; or a file
                of the project that would send credentials from elsewhere to an address of its choice.
        """
        if credentials is not None and (api_id is not None or api_secret is not None):
            raise ConfigurationError("give either credentials or api_id and api_secret")
        given = Place.of_arguments(api_id=api_id, api_secret=api_secret, base_url=base_url, test=test)
        order = _Lazily(chain([given], places(environ, project_file, user_file, files=files)))
        origin = given
        if credentials is None:
            credentials, origin = Credentials.found_in(order)
        source, address = next(
            ((place, url) for place in order if (url := place.text("base_url"))), (given, PRODUCTION)
        )
        if not source.trusted and source is not origin and not on_loopback(_base_url(address)):
            raise ConfigurationError(
                f"{source.title} sets base_url, but the credentials come from: {origin.title}. A project's file may "
                "not redirect them; set PIXIAN_BASE_URL or the argument base_url if you mean it"
            )
        switches = (place.switch("test") for place in order)
        return cls(credentials, address, next((switch for switch in switches if switch is not None), False))
