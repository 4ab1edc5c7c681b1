"""What a gateway is set up with, from a TOML file or from code; a key that is misspelt is told, not passed over."""

from __future__ import annotations

import logging
import os
import tomllib
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import attrs
from attrs import validators

from pixian_shim.errors import ConfigurationError, check_names
from pixian_shim.pixian import Credentials
from pixian_shim.pixian._settings import on_loopback
from pixian_shim.translation import Policy, load

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)

ENVIRONMENT = "PIXIAN_SHIM_GATEWAY"
"""The variable that names the configuration file where no other way is open, as for ASGI servers."""


_HIGHEST_PORT = 65535


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _is_number(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Take a whole number where the default is one, and no truth value for one."""
    whole, most = isinstance(attribute.default, int), attribute.metadata["most"]
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or not 0 < value <= most:
        kind = "whole number" if whole else "number"
        raise ConfigurationError(f"{attribute.name} must be a {kind} above 0 and up to {most:,}, not {value!r}")


def _number(default: float, most: int = 10**9) -> Any:
    return attrs.field(default=default, validator=_is_number, metadata={"most": most})


def _is_port(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _HIGHEST_PORT:
        raise ConfigurationError(f"{attribute.name} must be a whole number from 0 to {_HIGHEST_PORT}, not {value!r}")


def _is_origin(_instance: object, attribute: attrs.Attribute[Any], value: str) -> None:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query):
        raise ConfigurationError(
            f"{attribute.name} must be an address such as 'https://cutouts.example', not {value!r}"
        )


@attrs.frozen
class Key:
    """Who may call, and on whose account.

    The legacy key is what callers send in their provider's key slot. Only its SHA-256 is kept.
    """

    name: str
    """Stands in the access log, in place of the key."""
    digest: bytes = attrs.field(repr=False)
    pixian: str | None = attrs.field(default=None, repr=False)
    """``id:secret`` of the account that pays; ``None`` is the gateway's own, from the environment."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """Read ``name``, ``legacy`` or ``legacy_sha256``, and ``pixian`` or ``pixian_env``.

        Raises:
            ConfigurationError: something is missing, twice there, or unusable.
        """
        check_names(table, ("name", "legacy", "legacy_sha256", "pixian", "pixian_env"), "[[keys]]")
        name = _text(table, "name") or ""
        if not name or not name.isprintable():
            raise ConfigurationError("every one of [[keys]] needs a name for the log, on one line")
        return cls(name, _legacy_digest(name, table), _account(name, table))

    @classmethod
    def of(cls, name: str, legacy: str, pixian: str | None = None) -> Self:
        """Make one in code."""
        return cls(name, _digest(legacy), pixian)


def _legacy_digest(name: str, table: Mapping[str, Any]) -> bytes:
    plain, hashed = _text(table, "legacy"), _text(table, "legacy_sha256")
    if (plain is None) == (hashed is None) or plain == "":
        raise ConfigurationError(f"key {name!r}: give either legacy or legacy_sha256")
    if plain is not None:
        return _digest(plain)
    try:
        digest = bytes.fromhex(hashed or "")
    except ValueError:
        digest = b""
    if len(digest) != sha256().digest_size:
        raise ConfigurationError(f"key {name!r}: legacy_sha256 must be 64 hexadecimal digits")
    return digest


def _account(name: str, table: Mapping[str, Any]) -> str | None:
    plain, variable = _text(table, "pixian"), _text(table, "pixian_env")
    if plain is not None and variable is not None:
        raise ConfigurationError(f"key {name!r}: give either pixian or pixian_env")
    account = os.environ.get(variable, "") if variable is not None else plain
    if account is not None and Credentials.parse_key(account) is None:
        where = f"the variable {variable}" if variable is not None else "pixian"
        raise ConfigurationError(f"key {name!r}: {where} must hold id:secret of a Pixian account")
    return account


@attrs.frozen
class LinkSettings:
    """Where results are kept for providers that answer with addresses."""

    store: str = attrs.field(default="memory", validator=validators.instance_of(str))
    """``memory``, a folder, or any address that fsspec knows."""
    seconds: float = _number(3600.0)
    max_bytes: int = _number(1 << 28, most=10**15)
    max_disk_bytes: int = _number(1 << 32, most=10**15)
    """Of the temporary folder for what memory has no room for; a folder of one's own has ``max_bytes``."""


def _policy(value: str) -> Policy:
    return Policy.parse(value)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@attrs.frozen(kw_only=True)
class Config:
    """Everything that can be chosen about a gateway.

    Raises:
        ConfigurationError: a value that cannot be.
    """

    host: str = attrs.field(default="127.0.0.1", validator=validators.instance_of(str))
    port: int = attrs.field(default=8780, validator=_is_port)
    public_url: str = attrs.field(default="", validator=[validators.instance_of(str), _is_origin])
    """As callers reach it, for links; without it what each request names as its host."""
    providers: tuple[str, ...] = attrs.field(default=(), converter=_words)
    """Without any, all that are installed, but for those that cost nothing, such as rembg: they must be named."""
    policy: Policy = attrs.field(default=Policy.SILENT, converter=_policy)
    """``strict`` refuses what would be approximated or ignored. Notes are in header and log in any case."""
    keys: tuple[Key, ...] = attrs.field(default=(), converter=tuple)
    """Without any, whoever reaches it may call; then it listens on loopback only."""
    max_active: int = _number(100)
    """Calls that Pixian is asked at once; the vendor asks to be told before 100 are exceeded."""
    max_waiting: int = _number(400)
    """Further requests that are read or wait; beyond that callers are told to try again."""
    waiting_seconds: float = _number(60.0)
    """For a place among those that Pixian is asked; then callers are told to try again."""
    max_bytes: int = _number(64 << 20)
    """Of a request's body: a picture and a background, up to 30 MiB each."""
    max_parts: int = _number(100)
    """Of a multipart body."""
    idle_seconds: float = _number(30.0)
    """Without a single byte of a request, or of an answer being taken."""
    body_seconds: float = _number(300.0)
    """For the whole body."""
    pixian_seconds: float = _number(180.0)
    """Without a single byte of Pixian's answer; it asks for at least 180."""
    grace_seconds: float = _number(200.0)
    """For calls under way when it is told to stop: they have been paid for."""
    allow_private: bool = attrs.field(default=False, validator=validators.instance_of(bool))
    """Whether ``bg_image_url`` and the like may point to addresses that are not public."""
    fetch_ports: tuple[int, ...] = attrs.field(
        default=(80, 443), converter=tuple, validator=validators.deep_iterable(_is_port)
    )
    """The ports such addresses may have; none allows any."""
    allow_origins: tuple[str, ...] = attrs.field(
        default=(), converter=_words, validator=validators.deep_iterable(_is_origin)
    )
    """Whose pages may call from a browser where no keys are needed; with keys, any."""
    links: LinkSettings = attrs.field(default=LinkSettings(), validator=validators.instance_of(LinkSettings))
    rollout: Path | None = attrs.field(default=None, converter=attrs.converters.optional(Path))
    """A file that says which calls Pixian answers and which the provider itself; Pixian all of them without."""
    tls_cert: Path | None = attrs.field(default=None, converter=attrs.converters.optional(Path))
    tls_key: Path | None = attrs.field(default=None, converter=attrs.converters.optional(Path))

    def __attrs_post_init__(self) -> None:
        for provider in self.providers:
            load(provider)
        if len({key.digest for key in self.keys}) < len(self.keys):
            raise ConfigurationError("two of [[keys]] have the same legacy key")
        if len({key.name for key in self.keys}) < len(self.keys):
            raise ConfigurationError("two of [[keys]] have the same name")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigurationError("give both of tls_cert and tls_key, or none")
        for path in filter(None, (self.tls_cert, self.tls_key)):
            if not path.is_file():
                raise ConfigurationError(f"there is no file {str(path)!r}")
        local = on_loopback(f"http://{f'[{self.host}]' if ':' in self.host else self.host}")
        if not self.keys and not local:
            raise ConfigurationError(
                f"listening on {self.host} needs [[keys]] in the configuration: whoever reaches this gateway spends "
                "your Pixian credits. Without keys only loopback is possible"
            )

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None, **changes: Any) -> Self:
        """Read a TOML file.

        Args:
            path: default is the file that ``PIXIAN_SHIM_GATEWAY`` names; without one everything has its default.
            changes: go before what the file says; ``None`` leaves it.

        Raises:
            ConfigurationError: the file cannot be read, or holds what cannot be.
        """
        where = path or os.environ.get(ENVIRONMENT)
        table = _read(Path(where)) if where else {}
        _warn_of_readers(where, table)
        known = [field.name for field in attrs.fields(cls)]
        check_names(table, known, "the configuration")
        table |= {name: value for name, value in changes.items() if value is not None}
        try:
            if isinstance(table.get("links"), dict):
                check_names(table["links"], [field.name for field in attrs.fields(LinkSettings)], "[links]")
                table["links"] = LinkSettings(**table["links"])
            table["keys"] = tuple(key if isinstance(key, Key) else Key.read(key) for key in table.get("keys", ()))
            return cls(**table)
        except (TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(f"the configuration holds an unusable value: {error.args[0]}") from None

    def key_of(self, legacy: str | None) -> Key | None:
        """Find who calls; as long as it takes for any key, whatever the caller sent.

        A key beyond ASCII is known as UTF-8 and as Latin-1: clients differ in how they write it into a header.
        """
        text = legacy or ""
        digests = _digest(text), _digest(text.encode("latin-1", "replace").decode("utf-8", "replace"))
        found = [key for key in self.keys for digest in digests if compare_digest(key.digest, digest)]
        return found[0] if found and legacy else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the configuration {path} cannot be read: {error}") from error


def _warn_of_readers(where: str | os.PathLike[str] | None, table: Mapping[str, Any]) -> None:
    keys = table.get("keys")
    secret = isinstance(keys, list) and any(isinstance(key, dict) and "pixian" in key for key in keys)
    if where and secret and os.name == "posix" and Path(where).stat().st_mode & 0o077:
        _log.warning("%s holds secrets and can be read by others than its owner: chmod 600, or use pixian_env", where)


def _text(table: Mapping[str, Any], name: str) -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise ConfigurationError(f"[[keys]]: {name} must be a text")
    return value
