"""The commands around a baseline."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
from cyclopts import App, Parameter

from pixian_shim.cli._interruption import interruption, wait_for_interruption
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pixian_shim.baseline import Report, Store, Taken
    from pixian_shim.translation import Adapter

app = App(name="baseline", help="Keep a provider's answers before it is gone: record, verify, replay.")
AsJson = Annotated[bool, Parameter(name="--json", negative="")]
Switch = Annotated[bool, Parameter(negative="")]


@app.command
def record(
    *places: Annotated[str, Parameter(show=True)],
    out: Path,
    provider: str = "removebg",
    credits: float | None = None,  # noqa: A002
    param: list[str] | None = None,
    sets: Path | None = None,
    key_env: str | None = None,
    at: str | None = None,
    jobs: int = 4,
    limit: int | None = None,
    dry_run: Switch = False,
    ask_again_unknown: Switch = False,
    keep_originals: Switch = False,
    observe: Switch = False,
    as_json: AsJson = False,
) -> None:
    """Ask the legacy provider itself about your photos, with its own key, and keep what it answers.

    It goes on where an earlier run ended, and pays for nothing twice. With --observe it runs a program instead, as
    pixian-shim run does, and keeps what the provider answers to that.

    Args:
        places: photos and folders of photos; with --observe the program, after --.
        out: folder of the baseline.
        provider: the legacy provider.
        credits: the most that the baseline may cost, earlier runs included; in the provider's credits.
        param: a legacy parameter as name=value, for every photo; can be given several times.
        sets: a TOML file of several sets of parameters: [[sets]] tables.
        key_env: the variable that holds the provider's key, instead of its usual ones.
        at: another address of the provider's, such as a proxy of your own.
        jobs: calls at once.
        limit: make at most so many calls.
        dry_run: tell what would be asked and what that can cost, and ask nothing.
        ask_again_unknown: also ask what an earlier run may have paid for without getting an answer.
        keep_originals: keep the photos as well.
        observe: run a program and keep what it is answered.
        as_json: print the summary for machines.
    """
    if observe:
        sys.exit(_observed(places, provider, out, at))
    from pixian_shim.baseline import Recording
    from pixian_shim.legacy import LegacyHost
    from pixian_shim.translation import load

    adapter = load(provider)
    recording = Recording(adapter, [Path(place) for place in places], out, sets=_sets(param or [], sets))
    if dry_run:
        _print(recording.report, out, as_json=as_json, credits=credits, dry=True)
        return
    if credits is None:
        raise ConfigurationError(
            f"say what it may cost: {enough(recording.report)} covers all of it; --dry-run asks nothing"
        )
    with interruption() as stop, LegacyHost(None if at is None else {adapter.name: at}, timeout=120) as host:
        report = recording.run(
            key_of(adapter, key_env),
            credits,
            host=host,
            jobs=jobs,
            again=ask_again_unknown,
            originals=keep_originals,
            limit=limit,
            progress=progress,
            stop=stop,
        )
    if stop.is_set() and not report.stopped:
        report.stopped = "interrupted; calls under way were finished"
    _print(report, out, as_json=as_json, credits=credits)
    sys.exit(0 if report.complete and not report.missing else 1)


@app.command
def verify(folder: Path, /, *, as_json: AsJson = False) -> None:
    """Read every answer of a baseline and tell what is wrong; changes nothing, exits with 1 if something is.

    Args:
        folder: of the baseline.
        as_json: print for machines.
    """
    from pixian_shim.baseline import verify as look

    found = look(folder)
    if as_json:
        print(json.dumps(attrs.asdict(found), indent=2))
    else:
        print(f"{found.exchanges} answers for {found.pictures} pictures, {found.credits:g} credits")
        if found.missing:
            print(f"{found.missing} pictures that answers hold or link to are missing (pixian-shim baseline pictures)")
        if found.failed:
            print(f"the service failed at {found.failed} of them: recording again asks again")
        if found.unknown:
            print(f"{found.unknown} calls have no answer, and were perhaps paid for (--ask-again-unknown asks again)")
        print(*found.problems or ["nothing is wrong"], sep="\n")
        if found.problems:
            print(f"what is damaged is recorded anew, and paid for, once its file in {folder}/exchanges is deleted")
    sys.exit(1 if found.problems else 0)


@app.command
def pictures(folder: Path, /, *, at: str | None = None, as_json: AsJson = False) -> None:
    """Take pictures out of answers that hold them, and fetch what answers link to; exits with 1 if some are missing.

    The provider itself is not asked, and nothing is paid. record does the same before anything else.

    Args:
        folder: of the baseline.
        at: the provider's other address that it was recorded from, whose links may lead to where nobody else gets.
        as_json: print for machines.
    """
    from pixian_shim.baseline import Store

    store = Store(folder)
    told = taken(store, store.provider, at)
    if as_json:
        print(json.dumps(attrs.asdict(told), indent=2))
    else:
        print(
            f"{told.pictures} pictures are kept now, {told.missing} are missing", told.why, sep="\n" if told.why else ""
        )
    sys.exit(1 if told.missing else 0)


def taken(store: Store, provider: str, at: str | None) -> Taken:
    """Take pictures out of a baseline's answers, or fetch them.

    Raises:
        ConfigurationError: they cannot be written.
    """
    from pixian_shim.baseline import take_lacking
    from pixian_shim.legacy import LegacyHost

    try:
        return take_lacking(store, LegacyHost(None if at is None else {provider: at}).fetcher)
    except OSError as error:
        raise ConfigurationError(f"{error.filename or store.folder}: {error.strerror or error}") from error


@app.command
def replay(folder: Path, /, *, port: int = 8790, real_time: Switch = False) -> None:
    """Answer on loopback what the provider answered, byte for byte, until interrupted.

    Args:
        folder: of the baseline.
        port: port to listen on; 0 takes a free one.
        real_time: answer as slowly as the provider did.
    """
    from pixian_shim.baseline._server import ReplayServer

    with ReplayServer(folder, port=port, real_time=real_time) as server:
        wait_for_interruption(f"pixian-shim baseline: {server.url}")


def _sets(params: list[str], file: Path | None) -> list[dict[str, str]]:
    common = parameters_of(params)
    if file is None:
        return [common]
    from pixian_shim._documents import read_toml

    tables = read_toml(file).get("sets")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{file} holds no [[sets]]: write each set of parameters below a line [[sets]]")
    return [common | {name: _text(value, f"{file}: {name}") for name, value in table.items()} for table in tables]


def parameters_of(params: Iterable[str]) -> dict[str, str]:
    """Read parameters that were given as name=value.

    Raises:
        ConfigurationError: one is not.
    """
    found = {}
    for param in params:
        name, sign, value = param.partition("=")
        if not sign or not name:
            raise ConfigurationError(f"{param!r} is no name=value")
        found[name] = value
    return found


def _text(value: object, place: str) -> str:
    """Write a value as a form does."""
    from pixian_shim._documents import is_number, shown

    if not isinstance(value, str | bool) and not is_number(value):
        raise ConfigurationError(f"{place} is text, a number, or true or false, not {shown(value)}")
    return str(value).lower() if isinstance(value, bool) else str(value)


def key_of(adapter: Adapter, variable: str | None) -> str:
    """Give a provider's own key from the environment.

    Raises:
        ConfigurationError: there is none.
    """
    incumbent = adapter.incumbent
    names = (variable,) if variable is not None else incumbent.key_variables if incumbent is not None else ()
    found = next((os.environ[name] for name in names if os.environ.get(name)), None)
    if found is None:
        raise ConfigurationError(f"{adapter.title}'s own key is needed, in the environment: {' or '.join(names)}")
    return found


def _observed(command: tuple[str, ...], provider: str, out: Path, at: str | None) -> int:
    from pixian_shim.launcher import run

    if out.exists() and not out.is_dir():
        raise ConfigurationError(f"{out} is no folder: --out names the folder of the baseline")
    with tempfile.TemporaryDirectory(prefix="pixian-shim-") as folder:
        rollout = Path(folder) / "rollout.toml"
        place = "" if at is None else f"[at]\n{provider} = {json.dumps(at)}\n"
        rollout.write_text(f'stage = "off"\n[baseline]\nfolder = {json.dumps(str(out.absolute()))}\n{place}')
        code = run(command, providers=[provider], rollout=rollout, quiet=True)
    if (out / "baseline.json").exists():
        _take_what_is_left(out, provider, at)
    return code


def _take_what_is_left(out: Path, provider: str, at: str | None) -> None:
    """Fetch what a program that has ended did not wait for; how the program ended is not affected."""
    from pixian_shim.baseline import Store

    try:
        told = taken(Store(out), provider, at)
        said = f"{told.missing} pictures are missing in the baseline: {told.why}" if told.missing else ""
    except ConfigurationError as error:
        said = str(error)
    if said:
        sys.stderr.write(f"pixian-shim: {said}\n")


def progress(report: Report) -> None:
    """Tell on a terminal how far it is."""
    if sys.stderr.isatty():
        done = report.recorded + report.made
        sys.stderr.write(f"\r{done} of {report.calls} recorded, {report.credits:g} credits in this run ")
        sys.stderr.flush()


def _print(report: Report, out: Path, *, as_json: bool, credits: float | None, dry: bool = False) -> None:  # noqa: A002
    if sys.stderr.isatty() and not dry:
        sys.stderr.write("\n")
    if as_json:
        print(json.dumps(attrs.asdict(report) | {"left": report.left}, indent=2))
        return
    lines = [
        f"photos: {report.photos}; calls: {report.calls}, of which {report.recorded} were recorded before",
        f"skipped, no pictures: {len(report.skipped)} files" if report.skipped else "",
        f"{report.unknown} asked by an earlier run without an answer: perhaps paid for, not asked again"
        if report.unknown
        else "",
    ]
    if dry:
        lines.append(f"{report.left} calls to make, at most {report.price:g} credits")
        if credits is not None and credits < report.enough:
            lines.append(f"--credits {credits:g} does not cover all of them; {enough(report)} does")
        lines.append("nothing was asked")
    else:
        refused = f", {report.refused} of them refusals" if report.refused else ""
        lines.append(f"{report.made} recorded now{refused}; {report.credits:g} credits charged")
        lines.append(f"{report.pictures} pictures kept beside answers that are none" if report.pictures else "")
        lines.append(_missing_line(report))
        lines.append(
            f"the service failed at {report.failed} of them: the same command asks again" if report.failed else ""
        )
        lines.append(_doubtful_line(report))
        lines.append(f"stopped: {why_stopped(report)}" if report.stopped else "")
        lines.append(f"complete: {out}" if report.complete else f"{report.left} are missing; the same command goes on")
    print(*filter(None, lines), sep="\n")


def enough(report: Report) -> str:
    """Give the option that allows for all of it; the limit counts what earlier runs have spent."""
    return f"--credits {report.enough:.12g}"


def why_stopped(report: Report) -> str:
    """Say why a run ended early, and where that is its budget, which one is enough."""
    return f"{report.stopped}; {enough(report)} covers all of it" if report.over else report.stopped


def _doubtful_line(report: Report) -> str:
    if not report.doubtful:
        return ""
    return (
        f"{report.doubtful} calls got no answer, or the service failed: perhaps paid for "
        "(--ask-again-unknown asks again)"
    )


def _missing_line(report: Report) -> str:
    if not report.missing:
        return ""
    why = f" ({report.why_missing})" if report.why_missing else ""
    return f"{report.missing} pictures are missing{why}; the same command tries again, and pays nothing for it"
