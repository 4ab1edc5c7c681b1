"""The real legacy packages of npm, each in a folder of its own: ``python tests/legacy_npm.py .legacy/npm``.

They are pinned and installed without running their scripts; what they depend on is the newest that they allow.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from legacy_packages import ROOT as PYTHON_ROOT
from legacy_packages import Unavailable

PINS = {"remove.bg": "1.3.0", "removebg-wrapper": "1.0.3", "axe-core": "4.14.1"}
"""The last is none of them: it looks over the report's page, for what keeps people from using it."""

ROOT = PYTHON_ROOT / "npm"
INSTALL = "install --no-audit --no-fund --no-package-lock --ignore-scripts --prefer-offline --fetch-retries=0".split()
SECONDS = 120


def folder(package: str, root: Path = ROOT) -> Path:
    """Give the folder for ``NODE_PATH``; installs the package there if it is missing."""
    target, pin = root / package, PINS[package]
    stamp = target / ".pin.json"
    if not (stamp.is_file() and json.loads(stamp.read_text()) == pin):
        beside = root / f".{package}.{os.getpid()}"
        try:
            _install(f"{package}@{pin}", beside)
            (beside / ".pin.json").write_text(json.dumps(pin))
            shutil.rmtree(target, ignore_errors=True)
            try:
                beside.rename(target)
            except OSError:  # another process was faster
                if not stamp.is_file():
                    raise
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return target / "node_modules"


def _install(wanted: str, where: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(f"{wanted} cannot be installed: there is no npm")
    where.mkdir(parents=True)
    command = [npm, *INSTALL, "--prefix", where, wanted]
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{wanted} cannot be installed: npm takes more than {SECONDS} s") from None
    if done.returncode:
        raise Unavailable(f"{wanted} cannot be installed: {_reason(done.stderr)}")


def _reason(told: str) -> str:
    """Give the first of npm's lines that is no hint, without its mark."""
    errors = [line.removeprefix("npm").strip() for line in told.splitlines() if "warn" not in line.lower()]
    return next(iter(errors), "npm does not say why")


if __name__ == "__main__":
    destination = Path(sys.argv[1]) if sys.argv[1:] else ROOT
    for name in PINS:
        try:
            print(folder(name, destination))
        except Unavailable as error:
            print(error, file=sys.stderr)
            sys.exit(1)
