"""Rehearse a migration from remove.bg to Pixian, from the first call to the last, on this machine alone.

python examples/rehearsal.py [OUT_FOLDER]

A program calls remove.bg with requests and is never edited. In the place of remove.bg stands a double on loopback, in
the place of Pixian the sandbox. A file is edited while the program runs: off, shadow, 10 %, 100 %, complete, and for a
moment back to off. What is left is a folder of observations, with the pictures of both sides.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import requests
from rich.console import Console

import pixian_shim
from pixian_shim.cli._rollout import show
from pixian_shim.gateway import Config, Gateway, Key
from pixian_shim.rollout import Rollout, Summary, load_rollout, observations
from pixian_shim.sandbox import Sandbox, photos

URL = "https://api.remove.bg/v1.0/removebg"
KEY = "the-old-key"
STAGES = ("off", "shadow", "canary 10", "canary 100", "off", "complete")
"""The last but one is a rehearsal of the way back."""

FILE = """\
stage = "{stage}"
percent = {percent}
unit = "filename"

[at]                       # the double; without this, remove.bg itself
removebg = "{url}"

[shadow]
credits_per_day = 20

[fallback]
per_minute = 30

[observations]
folder = "observations"
pictures = true            # for the comparison; they are somebody's data, so the default is false
"""


def legacy_double(stack: ExitStack) -> str:
    """Start something that answers as remove.bg does: a gateway before a sandbox of its own."""
    behind = stack.enter_context(Sandbox(engine="fast", http=True))
    with mock.patch.dict(os.environ, {"PIXIAN_BASE_URL": behind.url}):
        keys = (Key.of("the program", KEY, "sandbox:sandbox"),)
        double = stack.enter_context(Gateway(Config(port=0, keys=keys)))
        warm = requests.get(f"{double.url}/v1.0/account", headers={"X-Api-Key": KEY}, timeout=10)
        warm.raise_for_status()  # its client has read the address by now
    return double.url


def program(pictures: list[tuple[str, bytes]]) -> int:
    """Do what the unedited program does, and count the pictures that it gets."""
    got = 0
    for name, content in pictures:
        answer = requests.post(
            URL,
            files={"image_file": (name, content)},
            data={"size": "auto"},
            headers={"X-Api-Key": KEY},
            timeout=120,
        )
        got += answer.status_code == requests.codes.ok
    return got


def rehearse(out: Path, pictures: list[tuple[str, bytes]], engine: str = "u2netp") -> Summary:
    """Go through all stages, and give what was observed."""
    console = Console()
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(engine=engine))
        client = stack.enter_context(sandbox.client())
        url = legacy_double(stack)
        file = out / "rollout.toml"
        write(file, STAGES[0], url)
        shim = stack.enter_context(pixian_shim.Shim(client, policy="silent"))
        rollout = stack.enter_context(load_rollout(file, shim=shim))
        stack.enter_context(pixian_shim.intercept("removebg", shim=rollout))
        for stage in STAGES:
            write(file, stage, url)
            settled(rollout, stage)
            before = rollout.counts.copy()
            got = program(pictures)
            if rollout.shadow is not None:
                rollout.shadow.drain(300)
            since = rollout.counts - before
            told = ", ".join(f"{count} by {key.partition(' ')[2]}" for key, count in since.items())
            console.print(f"{stage:11} {got} of {len(pictures)} pictures: {told}")
    return Summary.of(observations(out / "observations"))


def write(file: Path, stage: str, url: str) -> None:
    """Do what a person does in an editor."""
    name, _, percent = stage.partition(" ")
    file.write_text(FILE.format(stage=name, percent=percent or 0, url=url))


def settled(rollout: Rollout, stage: str) -> None:
    """Wait until the file has been read again; a second at most."""
    end = time.monotonic() + 5
    while rollout.decide(None).stage != stage.partition(" ")[0]:
        if time.monotonic() > end:
            raise SystemExit(f"{stage} did not come about")
        time.sleep(0.05)
    time.sleep(0.5)  # for a percentage, which a decision about nobody does not show


def main() -> None:
    """Rehearse with the demo's photos."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="rehearsal-"))
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "observations", ignore_errors=True)  # of an earlier rehearsal
    pictures = [(f"order-{number}-{photo.name}", photo.path.read_bytes()) for number in range(3) for photo in photos()]
    summary = rehearse(out, pictures)
    show(summary)
    Console().print(f"observations and pictures: {out / 'observations'}")


if __name__ == "__main__":
    main()
