"""Go through a folder and pass nothing over: links are followed, once, and what is left out is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from pixian_shim.compare.sides.names import PICTURES
from pixian_shim.compare.sides.pictures import is_picture

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = 32


@attrs.frozen
class Found:
    """What is in a folder.

    Attributes:
        pictures: what is named like one, or is one without a suffix; broken links, pipes and empty folders of such a
            name among them.
        others: names of the rest, below the folder; with a word on why, where it is no ordinary file.
    """

    pictures: tuple[Path, ...]
    others: tuple[str, ...]


def found_in(folder: Path) -> Found:
    """Look at everything in a folder and below, in the order of names."""
    pictures: list[Path] = []
    others: list[str] = []
    seen: set[tuple[int, int]] = set()
    folders, links = [folder], list[Path]()
    while folders or links:
        linked = not folders
        place = (links if linked else folders).pop()
        below = place.relative_to(folder).as_posix()
        try:
            about = place.stat()
            if (about.st_dev, about.st_ino) in seen:
                others.append(f"{below} (a link to a folder that is read anyway)")
                continue
            seen.add((about.st_dev, about.st_ino))
            with os.scandir(place) as entries:
                paths = sorted((Path(entry.path) for entry in entries), reverse=True)
        except OSError as error:
            others.append(f"{below} (a folder that cannot be read: {error.strerror})")
            continue
        if not paths and place.suffix.lower() in PICTURES and place != folder:
            pictures.append(place)
        for path in paths:
            if path.name.startswith("."):
                others.append(f"{path.relative_to(folder).as_posix()} (hidden)")
            elif _is_folder(path):
                (links if path.is_symlink() else folders).append(path)
            elif _is_meant(path):
                pictures.append(path)
            else:
                others.append(path.relative_to(folder).as_posix())
        links.sort(reverse=True)
    return Found(tuple(_in_order(pictures)), tuple(sorted(others)))


def _in_order(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: path.as_posix())


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # of a folder that may be listed, and no more than that
        return False


def _is_meant(path: Path) -> bool:
    if path.suffix:
        return path.suffix.lower() in PICTURES
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_picture(file.read(_HEAD))
    except OSError:
        return False
