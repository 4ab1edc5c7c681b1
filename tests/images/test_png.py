import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.images import decode, encode_png
from pixian_shim.images._png import STANDARD, fastest

DEFLATES = [STANDARD, fastest()]
SHAPES = st.one_of(
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([3, 4])),
)


def chunks(png):
    """Split a PNG, checking signature, lengths and checksums."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, found = 8, []
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(kind + data)
        found.append((kind, data))
        at += 12 + length
    assert at == len(png)
    return found


def strictly_decoded(png):
    """Undo everything by the book: one zlib stream with its checksum, one filter byte per row, nothing behind it."""
    parts = chunks(png)
    assert [kind for kind, _ in parts][:1] == [b"IHDR"]
    assert [kind for kind, _ in parts][-1] == b"IEND"
    assert {kind for kind, _ in parts[1:-1]} == {b"IDAT"}
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", parts[0][1])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {0: 1, 2: 3, 6: 4}[colour]
    stream = zlib.decompressobj()
    raw = stream.decompress(b"".join(data for kind, data in parts if kind == b"IDAT"))
    assert stream.eof
    assert not stream.unused_data
    rows = np.frombuffer(raw, np.uint8).reshape(height, 1 + width * channels)
    assert (rows[:, 0] == 1).all()
    pixels = np.add.accumulate(rows[:, 1:].reshape(height, width, channels), axis=1, dtype=np.uint8)
    return pixels[..., 0] if channels == 1 else pixels


@pytest.mark.parametrize("deflate", DEFLATES)
@given(pixels=SHAPES.flatmap(lambda shape: arrays.arrays(np.uint8, shape)))
def test_any_picture_comes_back_exactly(deflate, pixels):
    png = encode_png(pixels, clear_hidden=False, deflate=deflate)
    assert np.array_equal(strictly_decoded(png), pixels)
    assert np.array_equal(np.asarray(Image.open(BytesIO(png))), pixels)


@pytest.mark.parametrize("deflate", DEFLATES)
@pytest.mark.parametrize("shape", [(700, 900, 4), (2500, 1100), (900, 800, 3), (3, 400_000, 4), (400_000, 2, 3)])
def test_pictures_of_several_bands_come_back_exactly(deflate, shape, noise):
    pixels = noise(*shape)
    pixels[: shape[0] // 2] //= 64
    png = encode_png(pixels, clear_hidden=False, deflate=deflate)
    assert len([kind for kind, _ in chunks(png) if kind == b"IDAT"]) > 3
    assert np.array_equal(strictly_decoded(png), pixels)
    assert np.array_equal(np.asarray(Image.open(BytesIO(png))), pixels)


def test_one_thread_writes_the_same_bytes_as_many(monkeypatch, noise):
    pixels = noise(700, 900, 4)
    many = encode_png(pixels)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert encode_png(pixels) == many


@given(arrays.arrays(np.uint8, (5, 4, 4), elements=st.sampled_from([0, 1, 200, 255])))
def test_colour_under_alpha_zero_is_black_unless_told_otherwise(rgba):
    cleared = decode(encode_png(rgba)).rgba
    hidden = rgba[..., 3] == 0
    assert not cleared[hidden].any()
    assert np.array_equal(cleared[~hidden], rgba[~hidden])
    assert np.array_equal(decode(encode_png(rgba, clear_hidden=False)).rgba, rgba)


def test_views_that_are_not_contiguous_are_written_as_well(noise):
    rgba = noise(40, 60, 4)
    for view in (rgba[::-1, ::2], rgba[3:9, 5:50], rgba.transpose(1, 0, 2), rgba[..., 3], rgba[..., :3]):
        assert np.array_equal(
            decode(encode_png(view, clear_hidden=False)).rgba, decode(encode_png(view.copy(), clear_hidden=False)).rgba
        )


def test_the_picture_itself_is_not_changed(noise):
    rgba = noise(5, 5, 4)
    rgba[..., 3] = 0
    before = rgba.copy()
    encode_png(rgba)
    assert np.array_equal(rgba, before)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2), np.float32), np.zeros((0, 4, 4), np.uint8), np.zeros(4, np.uint8)],
)
def test_what_is_no_picture_is_an_error(pixels):
    with pytest.raises(ImageError, match="no PNG"):
        encode_png(pixels)
