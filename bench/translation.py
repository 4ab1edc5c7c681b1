"""What translating a call costs, provider by provider: from a form to a plan, without any picture being touched."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from calls import photo
from figures import Figure

from pixian_shim.pixian import Upload
from pixian_shim.translation import Call, Form, load

if TYPE_CHECKING:
    from collections.abc import Mapping

CALLS: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("removebg", "removebg", "image_file", {"size": "auto"}),
    ("removebg", "removebg", "image_file", {"size": "hd", "crop": "true", "crop_margin": "5%", "bg_color": "fff"}),
    ("pixian_v1", "remove-background", "image", {"output.format": "png"}),
    ("clipdrop", "remove-background", "image_file", {}),
    ("photoroom", "segment", "image_file", {"format": "png", "size": "full"}),
    ("photoroom", "edit", "imageFile", {"outputSize": "1000x1000", "padding": "0.1", "background.color": "FFFFFF"}),
    ("picsart", "removebg", "image", {"output_type": "cutout", "format": "PNG"}),
    ("picsart", "removebg", "image", {"bg_color": "white", "bg_width": "900", "bg_height": "900", "scale": "fit"}),
    ("rembg", "server", "file", {"om": "true"}),
)
"""Provider, operation, the picture's parameter, and the others: as programs send them most."""
ROUNDS = 2000


def measure() -> list[Figure]:
    """Give the slowest median, and all of them beside it; the calls take turns."""
    upload = Upload(photo(2000), "photo.jpg")
    calls = [
        (load(provider), Call(provider, operation, Form.of([(source, upload), *parameters.items()])))
        for provider, operation, source, parameters in CALLS
    ]
    turns: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for spent, (adapter, call) in zip(turns, calls, strict=True):
            begin = time.perf_counter()
            adapter.plan(call)
            spent.append(time.perf_counter() - begin)
    medians = [statistics.median(spent) * 1e6 for spent in turns]
    beside = ", ".join(
        f"{provider} {operation} with {len(parameters)}: {median:.0f}"
        for (provider, operation, _, parameters), median in zip(CALLS, medians, strict=True)
    )
    return [Figure("translation of a call, the slowest median", max(medians), "us", 50, False, beside)]


if __name__ == "__main__":
    print(*measure(), sep="\n")
