"""The photos that both sides were made of."""

from __future__ import annotations

from hashlib import file_digest
from typing import TYPE_CHECKING

from pixian_shim.compare.sides.files import found_in
from pixian_shim.compare.sides.names import keys
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from pixian_shim.compare.sides.sides import Item

_LEAST_CERTAIN = "bare "


class Originals:
    """The photos, found by content or by name; each is read once.

    Args:
        folder: of them, with folders below; ``None`` for none.

    Attributes:
        by_content: files by SHA-256; of several with the same content, the first.
        skipped: files that are no pictures, and pictures that cannot be read.

    Raises:
        ConfigurationError: there is no such folder.
    """

    def __init__(self, folder: Path | None) -> None:
        self.by_content: dict[str, Path] = {}
        self.skipped: list[str] = []
        self._by_name: dict[str, list[Path]] = {}
        self._digests: dict[Path, str] = {}
        self._folder = folder
        if folder is None:
            return
        if not folder.is_dir():
            raise ConfigurationError(f"there is no folder {folder} of originals")
        found = found_in(folder)
        self.skipped.extend(found.others)
        for path in found.pictures:
            below = path.relative_to(folder).as_posix()
            try:
                if not path.is_file():
                    raise OSError(0, "it is no file")  # noqa: TRY301 (a pipe would be waited for for ever)
                with path.open("rb") as file:
                    digest = file_digest(file, "sha256").hexdigest()
            except OSError as error:
                self.skipped.append(f"{below} ({error.strerror})")
                continue
            self.by_content.setdefault(digest, path)
            self._digests[path] = digest
            for key in keys(below):
                self._by_name.setdefault(key, []).append(path)

    def __len__(self) -> int:
        """How many there are, those with the same content counted once."""
        return len(self.by_content)

    def find(self, item: Item) -> Path | None:
        """Give an item's photo: by content where that is known, else by the closest name, if only one has it."""
        if item.original in self.by_content:
            return self.by_content[item.original]
        for key in keys(item.name):
            named = self._by_name.get(key, [])
            if named and not key.startswith(_LEAST_CERTAIN):
                return named[0] if len({self._digests[path] for path in named}) == 1 else None
        return None

    def name(self, item: Item) -> str:
        """Give the name of an item's photo below the folder; empty where the photo is not known.

        Of several photos with one content it is the one that the item is named after, if there is one.
        """
        photo = self.find(item)
        if photo is None or self._folder is None:
            return ""
        named = next((some for key in keys(item.name) if (some := self._by_name.get(key))), [])
        same = [path for path in named if self._digests[path] == self._digests[photo]]
        return (same[0] if same else photo).relative_to(self._folder).as_posix()

    def digest(self, photo: Path) -> str:
        """Give a photo's SHA-256, 64 hexadecimal digits."""
        return self._digests[photo]
