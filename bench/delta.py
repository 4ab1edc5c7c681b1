"""Measure how fast a 6 MP Delta PNG is rebuilt, beyond the decoding. Usage: python bench/delta.py [photo]."""

import sys

import numpy as np
from figures import Figure
from png import MEGAPIXELS, ROUNDS, cutout, fastest_of

from pixian_shim.images import apply_delta, decode, encode_png, make_delta


def measure(photo=None):
    """Measure the rebuilding of pixels, with the decoding of the PNG beside it."""
    rgba = cutout(photo)
    original = rgba.copy()
    original[..., 3] = 255
    delta = make_delta(rgba, original)
    sent, whole = encode_png(delta, clear_hidden=False), encode_png(rgba)
    if not np.array_equal(apply_delta(decode(sent).rgba, original), rgba):
        raise SystemExit("the Delta PNG was not rebuilt exactly")
    rebuild, make, read = fastest_of(
        ROUNDS,
        lambda: apply_delta(delta, original),
        lambda: make_delta(rgba, original),
        lambda: decode(sent),
    )
    beside = (
        f"decoding it {MEGAPIXELS / read:.0f} MP/s, making it {MEGAPIXELS / make:.0f} MP/s; "
        f"{len(sent) / 1e6:.2f} MB instead of {len(whole) / 1e6:.2f}"
    )
    return [
        Figure(
            "Delta PNG rebuild of 6 MP, beyond its decode",
            MEGAPIXELS / rebuild,
            "MP/s",
            100.0,
            at_least=True,
            beside=beside,
        )
    ]


if __name__ == "__main__":
    for figure in measure(*sys.argv[1:2]):
        print(figure)
