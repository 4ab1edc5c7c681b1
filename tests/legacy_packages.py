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
    "rembg": "2.0.86",
}
WITH = {
    "pyclipdrop": (
        *("annotated-types==0.8.0", "pydantic==2.14.4", "pydantic-core==2.50.5", "pydantic-settings==2.16.3"),
        *("python-dotenv==1.2.4", "typing-inspection==0.4.5"),
    ),
    "rembg": (
        *("annotated-doc==0.0.7", "annotated-types==0.8.0", "asyncer==0.0.18", "fastapi==0.128.0", "pooch==1.9.0"),
        *("pydantic==2.12.5", "pydantic-core==2.41.5", "starlette==0.50.0", "tqdm==4.70.1", "typing-inspection==0.4.5"),
        "watchdog==7.1.0",
    ),
}
"""What a package needs to be imported, beyond what the tests bring along: 20 MB for rembg, without its models."""

ROOT = Path(__file__).parent.parent / ".legacy"


class Unavailable(Exception):
    """The package index cannot be reached, or does not have the package any more."""


def folder(package: str, root: Path = ROOT) -> Path:
    """Give the folder to put on ``sys.path``; installs the package there if it is missing."""
    target, pin = root / package, PINS[package]
    wanted = [f"{package}=={pin}", *WITH.get(package, ())]
    stamp = target / ".pin.json"
    if stamp.is_file() and json.loads(stamp.read_text()) == wanted:
        return target
    beside = root / f".{package}.{os.getpid()}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--target", beside, *wanted], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(beside, ignore_errors=True)
        # Where everything else was installed a moment ago, a skipped comparison would be a gap that nobody sees.
        kind = AssertionError if os.environ.get("CI") else Unavailable
        raise kind(f"{package}=={pin} cannot be installed: {done.stderr.strip()}")
    (beside / ".pin.json").write_text(json.dumps(wanted))
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
