"""The folder that a comparison is kept in: what was found, the report, its pictures, and the reviewer's decisions.

::

    comparison.json    everything, for machines
    decisions.json     accept or reject, by row; the only file that a person writes
    report.html        to look at
    summary.md         for a pull request
    junit.xml          for CI
    pictures/          of the report; those of an earlier one are removed
    .decisions.lock    empty: held while decisions are written
    answers/NAME/      what a side was asked for now: a baseline
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import attrs

from pixian_shim._documents import read_json, shown
from pixian_shim.compare._comparison import ACCEPT, REJECT
from pixian_shim.compare.measuring.views import OWN
from pixian_shim.compare.report.html import page
from pixian_shim.compare.report.json import from_json
from pixian_shim.compare.report.junit import junit
from pixian_shim.compare.report.markdown import markdown
from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import _file
from pixian_shim.pixian._file import exclusive

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping

    from pixian_shim.compare._comparison import Comparison

Images = Literal["files", "inline", "none"]


class Folder:
    """Where a comparison is kept.

    Args:
        path: of the folder; made when something is written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.report = self.path / "report.html"
        self.pictures = self.path / "pictures"
        self._comparison, self._decisions = self.path / "comparison.json", self.path / "decisions.json"

    def write(self, comparison: Comparison, *, images: Images = "files") -> Comparison:
        """Write everything, the decisions that were kept here applied, and give it with them.

        Args:
            comparison: what was found.
            images: whether the report's pictures are beside it, in it, or left out. Beside it stay those that the
                comparison knows, for the report to be written anew or served; those of an earlier one go.

        Raises:
            ConfigurationError: the folder cannot be written.
        """
        decided = comparison.decided(self.decisions())
        inline = self.pictures if images == "inline" else None
        shown = _bare(decided) if images == "none" else decided
        written = {
            self.path / "summary.md": markdown(decided),
            self.path / "junit.xml": junit(decided),
            self.report: page(shown, pictures="pictures/", inline=inline),
            self._comparison: decided.text(),  # last: what is read again is the old one whole, or the new one
        }
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for path, text in written.items():
                _write(path, text)
            self._tidy({name for row in decided.rows for name in row.views.values()})
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be written: {error.strerror or error}") from error
        return decided

    def _tidy(self, wanted: Collection[str]) -> None:
        """Remove the pictures of an earlier comparison, and nothing that was not made here."""
        if not self.pictures.is_dir():
            return
        old = [path for path in self.pictures.iterdir() if OWN.fullmatch(path.name) and path.name not in wanted]
        for path in old:
            path.unlink(missing_ok=True)
        if old and not wanted:
            with suppress(OSError):  # somebody else's files are in it
                self.pictures.rmdir()

    def load(self) -> Comparison:
        """Read the comparison, decisions applied.

        Raises:
            ConfigurationError: there is none.
        """
        if not self._comparison.is_file():
            raise ConfigurationError(self._holds_none())
        told = read_json(self._comparison, "compare once more")
        try:
            read = from_json(told)
        except ConfigurationError as error:
            said = f"is no comparison of this version: {error}; compare once more"
            raise ConfigurationError(f"{self._comparison} {said}") from error
        # Only what decisions.json says counts: one that was taken back since is still in the other file.
        return read.decided({row.id: "" for row in read.rows} | self.decisions())

    def _holds_none(self) -> str:
        is_file = "it is a file; " if self.path.is_file() else ""
        return f"{self.path} holds no comparison: {is_file}name the folder that one was written to, which --out names"

    def stamp(self) -> tuple[int, int]:
        """Give what changes when another comparison is written here: nanoseconds and bytes.

        Raises:
            ConfigurationError: there is none.
        """
        try:
            found = self._comparison.stat()
        except OSError as error:
            raise ConfigurationError(self._holds_none()) from error
        return found.st_mtime_ns, found.st_size

    def decisions(self) -> dict[str, str]:
        """Give the reviewer's decisions, by row.

        Raises:
            ConfigurationError: the file holds something else.
        """
        return load_decisions(self._decisions) if self._decisions.exists() else {}

    def decide(self, decisions: Mapping[str, str]) -> dict[str, str]:
        """Keep decisions, and give all of them.

        Args:
            decisions: ``accept``, ``reject``, or nothing to take one back; by row.

        Raises:
            ConfigurationError: another word, or the file cannot be written.
        """
        _check(decisions)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with exclusive(self.path / ".decisions.lock"):  # a server may keep one while a file of them is read in
                kept = {row: word for row, word in (self.decisions() | dict(decisions)).items() if word}
                _write(self._decisions, json.dumps(kept, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise ConfigurationError(f"{self._decisions} cannot be written: {error.strerror or error}") from error
        return kept


def load_decisions(path: Path) -> dict[str, str]:
    """Read decisions, as a report saves them.

    Raises:
        ConfigurationError: the file cannot be read, or holds something else.
    """
    told = read_json(path, "save the decisions from the report once more")
    try:
        if not isinstance(told, dict):
            raise ConfigurationError(f"an object of rows and words is expected, not {shown(told)}")  # noqa: TRY301
        _check(told)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path} holds no decisions, such as a report saves them: {error}") from error
    return told


def _bare(comparison: Comparison) -> Comparison:
    return attrs.evolve(comparison, rows=tuple(attrs.evolve(row, views={}) for row in comparison.rows))


def _check(decisions: Mapping[str, str]) -> None:
    for row, word in decisions.items():
        if word not in (ACCEPT, REJECT, ""):
            raise ConfigurationError(f"a decision is {ACCEPT!r} or {REJECT!r}, not {shown(word)} (row {row})")


def _write(path: Path, text: str) -> None:
    # A file name that is no UTF-8 has lone surrogates: written as escapes, they are still JSON.
    content = text.encode("utf-8", "backslashreplace")
    try:
        _file.write(path, content)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
