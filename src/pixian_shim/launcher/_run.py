"""Start a program so that its calls to providers reach Pixian, wait for it, and tell what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pixian_shim.errors import ConfigurationError
from pixian_shim.launcher._signals import Forwarding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SITE = Path(__file__).parent / "site"
"""Holds the ``sitecustomize`` that Python runs at its start."""

VARIABLE = "PIXIAN_SHIM_RUN"
EXAMPLE = "pixian-shim run --provider removebg -- python app.py"
NOT_EXECUTABLE, NOT_FOUND, KILLED = 126, 127, 128


def run(
    command: Sequence[str],
    *,
    providers: Sequence[str] = (),
    policy: str | None = None,
    also: Sequence[str] = (),
    aliases: Sequence[str] = (),
    quiet: bool = False,
    summary_json: Path | None = None,
    rollout: Path | None = None,
) -> int:
    """Run a program unedited, with its calls to providers answered by Pixian, and tell on stderr what it did.

    Every Python process that it starts takes part, as long as it hands its environment on and does not switch it off
    with ``-I``, ``-E`` or ``-S``. Input, output and open files are the program's own, signals are passed on to it, and
    one that the terminal sends to both, such as Ctrl-C, is left to it.

    Args:
        command: the program and its arguments.
        providers: whose hosts are answered; by default all but those that cost nothing, which must be named.
        policy: what to do with translation notes; default is ``PIXIAN_SHIM_POLICY``, else ``warn``.
        also: further addresses of the provider, as ``host[:port][/path]``; with one provider only.
        aliases: legacy packages whose import gives the drop-in: ``"removebg"``.
        quiet: write no summary to stderr.
        summary_json: a file for the summary, for machines.
        rollout: a file that says which calls Pixian answers, and which the provider itself; Pixian all of them without.

    Returns:
        The program's own exit code; 128 + n where signal n ended it; 127 where there is no such program, 126 where it
        cannot be started; 2 where the interception could not be set up in it.

    Raises:
        ConfigurationError: no program, an unknown provider, policy or alias, an unusable address or file name. Nothing
            was started.
    """
    _check_command(command)
    if summary_json is not None and not summary_json.absolute().parent.is_dir():
        raise ConfigurationError(f"there is no folder {summary_json.absolute().parent} for the summary")
    chosen = _checked(providers, policy, also, aliases)
    if rollout is not None:
        from pixian_shim.rollout import load_rollout

        load_rollout(rollout).close()  # mistakes are told before anything is started
    with TemporaryDirectory(prefix="pixian-shim-", ignore_cleanup_errors=True) as folder:
        settings = {
            "folder": folder,
            "providers": chosen,
            "policy": policy,
            "also": [*also],
            "aliases": [*aliases],
            "rollout": None if rollout is None else str(rollout.absolute()),
            "launcher": os.getpid(),
            "python": sys.executable,
        }
        try:
            code = _code(command, environment(os.environ, settings))
        except OSError as error:
            return _not_started(command[0], error)
        _report(Path(folder), chosen, quiet=quiet, summary_json=summary_json)
        if rollout is not None and not quiet:
            _tell("  rollout     these were Pixian's, in the shadow as well; its observations tell of all calls")
    return code


def environment(own: Mapping[str, str], settings: Mapping[str, object]) -> dict[str, str]:
    """Give the program's environment: the launcher's, with our folder before whatever PYTHONPATH holds."""
    rest = [entry for entry in own.get("PYTHONPATH", "").split(os.pathsep) if entry != str(SITE)]
    # An empty entry means the working directory, so an empty PYTHONPATH, which means nothing, must not become one.
    path = [str(SITE), *(rest if any(rest) else ())]
    return {**own, "PYTHONPATH": os.pathsep.join(path), VARIABLE: json.dumps(settings)}


def _check_command(command: Sequence[str]) -> None:
    if not command:
        raise ConfigurationError(f"no program is given; it stands after --, as in: {EXAMPLE}")
    if command[0].startswith("-"):
        raise ConfigurationError(f"{command[0]!r} is no program; it stands after --, as in: {EXAMPLE}")


def _checked(
    providers: Sequence[str], policy: str | None, also: Sequence[str], aliases: Sequence[str]
) -> tuple[str, ...]:
    """Find mistakes here, where they can be told without starting anything; gives the providers."""
    from pixian_shim.doors import intercept
    from pixian_shim.doors._alias import target_of
    from pixian_shim.translation import served_unasked

    chosen = tuple(dict.fromkeys(providers)) or served_unasked()
    if also and len(chosen) != 1:
        raise ConfigurationError("further addresses need to be those of one provider; name it, such as removebg")
    for name in aliases:
        target_of(name)
    with intercept(*chosen, policy=policy, also=also):
        return chosen


def _code(command: Sequence[str], environ: Mapping[str, str]) -> int:
    with Forwarding() as forwarding:
        # close_fds: sockets that a service manager hands down, and pipes of a shell, are meant for the program.
        program = subprocess.Popen([*command], env=environ, close_fds=False)  # noqa: S603 (what was asked for)
        forwarding.to(program)
        code = program.wait()
    return code if code >= 0 else KILLED - code


def _not_started(name: str, error: OSError) -> int:
    if isinstance(error, FileNotFoundError):
        _tell(f"pixian-shim: there is no program {name!r}")
        return NOT_FOUND
    hint = f"; did you mean: python {name}" if name.endswith(".py") else ""
    _tell(f"pixian-shim: {name!r} cannot be started: {error.strerror or error}{hint}")
    return NOT_EXECUTABLE


def _report(folder: Path, providers: Sequence[str], *, quiet: bool, summary_json: Path | None) -> None:
    from pixian_shim.launcher._summary import summary_of

    summary = summary_of(folder, providers)
    if not quiet:
        _tell(summary.text())
    if summary_json is None:
        return
    try:
        from pixian_shim.pixian import _file

        _file.write(summary_json, f"{json.dumps(summary.as_json(), indent=2)}\n".encode())
    except OSError as error:
        _tell(f"pixian-shim: the summary cannot be written to {summary_json}: {error.strerror or error}")


def _tell(text: str) -> None:
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # a closed stderr must not change the program's exit code
