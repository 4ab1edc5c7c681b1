"""The real legacy packages, each in a folder of its own: ``python tests/legacy_packages.py .legacy``.

They are pinned, installed without their dependencies (but for what nothing else here needs) and never imported into the
test process: two of them claim the same import name, and all of them would talk to a host that no test may reach.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PINS = {
    "removebg": "0.4",
    "remove-bg-api": "0.2.1",
    "remove-bg": "0.2.1",
    "rembgpy": "1.0.1",
    "removebgplus": "0.1.2",
    "pixian-ai": "1.0.0",
    "removebg-cli": "1.0.0",
    "pyclipdrop": "1.0.1",
}
BESIDE = {"pyclipdrop": ["pydantic-settings==2.16.3"]}
"""What a package needs and this project does not: installed into its folder, with what it needs itself."""
ROOT = Path(__file__).parent.parent / ".legacy"


class Unavailable(Exception):
    """The package index cannot be reached, or does not have the package any more."""


def folder(package: str, root: Path = ROOT) -> Path:
    """Give the folder to put on ``sys.path``; installs the package there if it is missing."""
    target, pin = root / package, PINS[package]
    stamp = target / ".pin.json"
    if stamp.is_file() and json.loads(stamp.read_text()) == pin:
        return target
    beside = root / f".{package}.{os.getpid()}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", beside]
    for what in (["--no-deps", f"{package}=={pin}"], BESIDE.get(package, [])):
        done = subprocess.run([*command, *what], capture_output=True, text=True, check=False) if what else None
        if done and done.returncode:
            shutil.rmtree(beside, ignore_errors=True)
            raise Unavailable(f"{what[-1]} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    (beside / ".pin.json").write_text(json.dumps(pin))
    shutil.rmtree(target, ignore_errors=True)
    try:
        beside.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(beside, ignore_errors=True)
    return target


if __name__ == "__main__":
    where = Path(sys.argv[1]) if sys.argv[1:] else ROOT
    for name in PINS:
        try:
            print(folder(name, where))
        except Unavailable as error:
            print(error, file=sys.stderr)
            sys.exit(1)
