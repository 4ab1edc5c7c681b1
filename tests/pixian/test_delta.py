"""Delta PNG with real pixels: rebuilt from the original, EXIF orientation included."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pixian_shim.errors import RebuildFailed
from pixian_shim.images import decode, encode_png, make_delta
from pixian_shim.pixian import Result, Upload


@pytest.fixture(params=[1, 3, 6, 8])
def original(request):
    """A JPEG of 12 x 8 stored pixels that is to be turned."""
    pixels = np.arange(12 * 8 * 3, dtype=np.uint8).reshape(8, 12, 3)
    exif = Image.Exif()
    exif[0x0112] = request.param
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif)
    return file.getvalue()


def cut_out(original):
    rgba = decode(original).rgba.copy()
    rgba[: len(rgba) // 2, :, :] = 0
    rgba[len(rgba) // 2, :, 3] = 77
    return rgba


@pytest.mark.parametrize("hand_over", [bytes, io.BytesIO, Upload.of])
def test_a_rebuilt_delta_is_the_full_cutout(original, hand_over):
    full = cut_out(original)
    delta = encode_png(make_delta(full, decode(original).rgba), clear_hidden=False)
    rebuilt = Result(content=delta, content_type="image/png", credits_charged=2.5).rebuilt(hand_over(original))
    assert np.array_equal(decode(rebuilt.content).rgba, full)
    assert (rebuilt.credits_charged, rebuilt.content_type) == (2.5, "image/png")


@pytest.mark.parametrize(
    "other", [b"", b"no picture", encode_png(np.zeros((3, 3, 4), np.uint8))], ids=["empty", "garbage", "size"]
)
def test_what_does_not_fit_keeps_the_paid_delta(original, other):
    delta = encode_png(make_delta(cut_out(original), decode(original).rgba), clear_hidden=False)
    with pytest.raises(RebuildFailed) as caught:
        Result(content=delta, content_type="image/png").rebuilt(other)
    assert caught.value.result.content == delta
