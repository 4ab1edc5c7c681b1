"""Ask a side now: what it answers is kept as a baseline, so that nothing is paid for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_shim.baseline import Recording
from pixian_shim.compare.sides.sides import Side, side
from pixian_shim.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pixian_shim.baseline import Service
    from pixian_shim.compare.sides.originals import Originals
    from pixian_shim.translation import Adapter

_NOT_KEPT = "SHA-256 "  # how a question tells of a further file: it cannot be asked again


@attrs.frozen(kw_only=True)
class Questions:
    """Who is asked, and what about.

    Attributes:
        title: for people.
        adapter: of the provider whose calls are made.
        service: who answers them instead of the provider; ``None`` for the provider itself.
        folder: for the answers; an earlier run's are not asked for again.
        originals: the photos.
        like: the other side: its photos are asked about, with the parameters that it was asked with.
        parameters: for photos that the other side tells no parameters of; without any, those that ask for the whole
            size.
    """

    title: str
    adapter: Adapter
    service: Service | None
    folder: Path
    originals: Originals
    like: Side | None = None
    parameters: Mapping[str, str] = attrs.field(factory=dict)

    def recording(self) -> Recording:
        """Prepare the calls; nothing is asked yet.

        Raises:
            ConfigurationError: there are no photos, the provider has no service, or the folder is something else's.
        """
        asked = self._asked()
        if not asked:
            raise ConfigurationError(f"{self.title} is to be asked, and there are no photos for it: --originals FOLDER")
        return Recording(self.adapter, asked, self.folder, sets=lambda photo: asked[photo], service=self.service)

    def side(self) -> Side:
        """Give what it has answered so far of what is asked here; the folder may hold more.

        Raises:
            ConfigurationError: it has answered nothing.
        """
        asked = {(question.picture, _said(question.parameters)) for question in self.recording().questions}
        kept = side(self.folder, originals=self.originals)
        items = tuple(item for item in kept.items if (item.original, _said(item.parameters)) in asked)
        if not items:
            raise ConfigurationError(f"{self.title} has answered nothing of what is asked")
        return attrs.evolve(kept, title=self.title, items=items)

    def _asked(self) -> dict[Path, Sequence[Mapping[str, str]]]:
        """Give each photo's sets of parameters."""
        usual = dict(self.parameters)
        if not usual and self.adapter.incumbent is not None:
            usual = dict(self.adapter.incumbent.whole)
        if self.like is None:
            return dict.fromkeys(self.originals.by_content.values(), (usual,))
        asked: dict[Path, list[Mapping[str, str]]] = {}
        for item in self.like.items:
            photo = self.originals.find(item)
            parameters = item.parameters if self.like.provider == self.adapter.name else usual
            again = not any(value.startswith(_NOT_KEPT) for value in parameters.values())
            if photo is not None and again and parameters not in asked.setdefault(photo, []):
                asked[photo].append(parameters)
        return {photo: sets for photo, sets in asked.items() if sets}


def _said(parameters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(parameters.items()))
