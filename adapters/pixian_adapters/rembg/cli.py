"""rembg's command line: ``python -m pixian_adapters.rembg i photo.jpg photo.png``.

The same commands and options. What is different, on purpose: files are written whole or not at all, errors are one
line, and whatever works on many pictures asks before it spends (``p``, ``s``; ``--accept-usage-cost`` answers
beforehand).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from argparse import Action, ArgumentParser, Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixian_adapters.rembg import bg, folder, versions
from pixian_adapters.rembg.expense import Declined, confirm
from pixian_adapters.rembg.session_factory import new_session
from pixian_adapters.rembg.sessions import sessions_names
from pixian_shim.doors import check_destination
from pixian_shim.errors import ShimError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SWITCHES = {
    "alpha-matting": ("-a", "use alpha matting (Pixian always does)"),
    "only-mask": ("-om", "output only the mask"),
    "post-process-mask": ("-ppm", "post process the mask"),
    "decontaminate": ("-dc", "remove the background's colour from soft edges (Pixian always does)"),
    "vitmatte": ("-vm", "refine the edges (Pixian always does)"),
}
_NUMBERS = {
    "alpha-matting-foreground-threshold": ("-af", 240),
    "alpha-matting-background-threshold": ("-ab", 10),
    "alpha-matting-erode-size": ("-ae", 10),
}


MISUSED = 2
_TRACE = 5


class Misused(Exception):
    """A command that cannot be meant like that; its exit code is 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command, and give its exit code: 0, 1 where it failed, 2 where it was not understood."""
    try:
        options = _parser().parse_args(argv)
        result: int = options.run(options)
    except Declined as declined:
        return _failed(str(declined))
    except Misused as misused:
        return _failed(f"Error: {misused}", MISUSED)
    except (ShimError, ValueError, TypeError, RuntimeError, OSError) as error:
        return _failed(f"Error: {error}")
    except KeyboardInterrupt:
        return _failed("Aborted!")
    return result


def _failed(message: str, code: int = 1) -> int:
    sys.stderr.write(f"{message}\n")
    return code


class _Version(Action):
    """Look the release up once it is asked for: a wrong setting is no reason to withhold the help."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"rembg, version {versions.imitated()}\n")
        parser.exit()


def _parser() -> ArgumentParser:
    parser = ArgumentParser("rembg", description="Remove backgrounds with Pixian, which costs credits.")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the release that is imitated, and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, says: str, run: Callable[[Namespace], int]) -> ArgumentParser:
        added = commands.add_parser(name, help=says, description=says, allow_abbrev=False, add_help=False)
        added.add_argument("--help", action="help", help="show this message and exit")
        added.set_defaults(run=run)
        return added

    one = command("i", "for a file as input", _one)
    _add_pictures(one)
    one.add_argument("input", nargs="?", help="a file; - is stdin, as is nothing where stdin is no terminal")
    one.add_argument("output", nargs="?", help="a file; - is stdout")
    many = command("p", "for a folder as input", _many)
    _add_pictures(many)
    many.add_argument("-w", "--watch", action="store_true", help="watch the folder, until a stop.txt appears in it")
    many.add_argument("-d", "--delete_input", action="store_true", help="delete each picture after processing")
    many.add_argument("input", type=Path, help="a folder")
    many.add_argument("output", type=Path, help="a folder")
    served = command("s", "for a http server", _served)
    served.add_argument("-p", "--port", type=int, default=7000)
    served.add_argument("-h", "--host", default="127.0.0.1", help="any other one than loopback needs keys")
    served.add_argument("-l", "--log_level", default="info")
    served.add_argument("-t", "--threads", type=int, help="pictures that Pixian is asked for at once")
    served.add_argument("--no-ui", action="store_true", help="there is none in any case")
    for costly in (many, served):
        costly.add_argument("--accept-usage-cost", action="store_true", help="do not ask before spending credits")
    command("d", "download models", _downloaded).add_argument("models", nargs="*")
    migrated = command("m", "migrate the folder of models", _migrated)
    for name in ("--dry-run", "--delete-source", "--clean-orphans"):
        migrated.add_argument(name, action="store_true")
    return parser


def _add_pictures(parser: ArgumentParser) -> None:
    parser.add_argument("-m", "--model", default="bria-rmbg", choices=sessions_names, metavar="NAME")
    for name, (short, says) in _SWITCHES.items():
        parser.add_argument(short, f"--{name}", action="store_true", help=says)
    for name, (short, default) in _NUMBERS.items():
        parser.add_argument(short, f"--{name}", type=int, metavar="N", help=f"default {default}; left aside")
    parser.add_argument("-bgc", "--bgcolor", type=int, nargs=4, metavar=tuple("RGBA"), default=(0, 0, 0, 0))
    parser.add_argument("-x", "--extras", metavar="JSON", help="further arguments of remove()")


def _arguments(options: Namespace) -> dict[str, Any]:
    """Give the arguments of ``remove`` that were written."""
    names = [name.replace("-", "_") for name in (*_SWITCHES, *_NUMBERS, "bgcolor")]
    chosen = {name: value for name in names if (value := getattr(options, name)) not in (None, False)}
    with suppress(ValueError, TypeError):  # what is no JSON object is passed over, as rembg does
        chosen.update(json.loads(options.extras or "{}"))
    return chosen


def _one(options: Namespace) -> int:
    arguments = _arguments(options)
    session = new_session(options.model, **_of_session(arguments))
    source = options.input or ("-" if not sys.stdin.isatty() else None)
    if source is None:
        raise Misused("no input: name a file, or - for stdin")
    if source != "-" and not Path(source).is_file():
        raise Misused(f"there is no file {source!r}")
    target = options.output or _beside(source)
    _check_target(target)
    content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    result = folder.cut_out(content, Path("stdout" if target == "-" else target), session=session, **arguments)
    if target == "-":
        _to_stdout(result)
    else:
        folder.saved(Path(target), result)
    return 0


def _check_target(target: str) -> None:
    """Find out whether a result can be written, while nothing has been paid.

    Raises:
        OSError: it cannot.
    """
    if target == "-":
        if sys.stdout is None:  # as the shell's >&- leaves it
            raise OSError("stdout is closed; name a file to write to")
        return
    try:
        check_destination(target)
    except FileNotFoundError:
        raise OSError(f"there is no folder {str(Path(target).parent)!r} to write to") from None
    except OSError as error:
        raise OSError(f"{target!r} cannot be written: {error.strerror}") from error


def _to_stdout(result: bytes) -> None:
    try:
        sys.stdout.buffer.write(result)
        sys.stdout.flush()
    except OSError as error:
        _let_go_of_stdout()
        raise folder.kept(result, Path("stdout"), error) from error


def _let_go_of_stdout() -> None:
    """Let what is still held back go nowhere: Python would try again at its end, and end with another exit code."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _of_session(arguments: dict[str, Any]) -> dict[str, Any]:
    """Take away what is the session's alone."""
    return {name: arguments.pop(name) for name in ("api_key", "timeout") if name in arguments}


def _beside(source: str) -> str:
    """Name the result of a file on a terminal."""
    return str(Path(source).with_suffix(".out.png")) if source != "-" and sys.stdout and sys.stdout.isatty() else "-"


def _many(options: Namespace) -> int:
    arguments = _arguments(options)
    session = new_session(options.model, **_of_session(arguments))
    if not options.input.is_dir():
        raise Misused(f"there is no folder {str(options.input)!r}")
    work = folder.Work(options.input, options.output, session, arguments, delete=options.delete_input)
    planned = None if options.watch else len(work.due())
    if planned != 0:
        confirm(planned, accepted=options.accept_usage_cost, test=bool(arguments.get("test")))
    work.through()
    if options.watch:
        work.watch()
    return 0


def _served(options: Namespace) -> int:
    from pixian_shim.gateway import Config, serve

    config = Config.load(providers=("rembg",), host=options.host, port=options.port, max_active=options.threads or None)
    logging.getLogger("pixian_shim").setLevel(_level(options.log_level))
    confirm(None, accepted=options.accept_usage_cost, test=False)
    serve(config)
    return 0


def _level(name: str) -> int | str:
    """Give a level of uvicorn's, which has one below Python's."""
    return _TRACE if name.lower() == "trace" else name.upper()


def _downloaded(options: Namespace) -> int:
    bg.download_models(tuple(options.models))
    if not options.models:
        sys.stdout.write("There are no models to download: Pixian finds the subjects.\n")
    return 0


def _migrated(_options: Namespace) -> int:
    sys.stdout.write("There are no models to move: Pixian finds the subjects.\n")
    return 0
