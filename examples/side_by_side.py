"""Compare two providers on the same photos, as one would before switching: measure, look, decide.

python examples/side_by_side.py PHOTOS [OUT_FOLDER]

No account and no network: the sandbox plays both. The old provider is its slower engine, the new one its usual one, so
the differences are those of two real ways to find a subject. On your own photos, ask the real ones:

    pixian-shim compare removebg pixian --originals PHOTOS --credits 50
"""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from pixian_shim import Shim
from pixian_shim.baseline import through_shim
from pixian_shim.cli._compare_show import summary
from pixian_shim.compare import Folder, Originals, Prices, Questions, Side, Views, compare
from pixian_shim.errors import ConfigurationError, ShimError
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import load

OLD, NEW = "quality", "u2netp"
PLENTY = 1e6  # credits, of a sandbox


def answers(title: str, engine: str, folder: Path, originals: Originals) -> Side:
    """Ask a sandbox about every photo what a program would ask remove.bg, and keep what it answers."""
    with Sandbox(engine, credits=PLENTY) as sandbox, sandbox.client(test=False) as client:
        service = through_shim(Shim(client, policy="silent"), title)
        asked = Questions(
            title=title, adapter=load("removebg"), service=service, folder=folder / title, originals=originals
        )
        report = asked.recording().run("", PLENTY)
    if report.stopped:
        raise ConfigurationError(f"{title}: {report.stopped}")
    return asked.side()


def side_by_side(photos: Path, out: Path, old: str = OLD, new: str = NEW) -> Folder:
    """Ask both, compare, and write the report.

    Args:
        photos: folder of them.
        out: folder for answers and report.
        old: the sandbox's engine that plays the old provider.
        new: likewise, the new one.

    Raises:
        ShimError: there are no photos, or a folder cannot be written.
    """
    originals, folder = Originals(photos), Folder(out)
    sides = [
        answers(title, engine, out / "answers", originals)
        for title, engine in (("the-old-provider", old), ("pixian", new))
    ]
    made_up = Prices(credit={"the-old-provider": 0.2, "pixian": 0.0012})  # so that there is something to see
    comparison = compare(*sides, originals=originals, prices=made_up, views=Views(folder.pictures))
    summary(folder.write(comparison), folder, thumbnails="auto")
    return folder


def main() -> int:
    """Give the exit code."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        side_by_side(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "out/side-by-side"))
    except ShimError as error:
        Console(stderr=True).print(f"The sides cannot be compared: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
