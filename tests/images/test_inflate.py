import gc
import struct
import sys
import tracemalloc
import weakref
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.images import decode

pytest.importorskip("isal")

ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


@pytest.fixture
def without_isal(monkeypatch):
    """Decode as where the extra is not installed."""

    def decoded(data):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "isal", None)
            return decode(data)

    return decoded


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(size, deflated, *, colour_type=6, interlaced=0, pieces=1):
    """A PNG of given data, spread over several chunks."""
    header = struct.pack(">IIBBBBB", *size, 8, colour_type, 0, 0, interlaced)
    step = -(-len(deflated) // pieces)
    chunks = (chunk(b"IDAT", deflated[at : at + step]) for at in range(0, len(deflated), step))
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *chunks, chunk(b"IEND", b"")))


def unfiltered(rgba):
    return b"".join(b"\0" + row.tobytes() for row in rgba)


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("mode", ["RGBA", "RGB", "LA", "L", "P", "1"])
def test_pixels_are_those_that_pillow_unpacks(mode, level, noise, without_isal):
    file = BytesIO()
    Image.fromarray(noise(211, 307, 4)).convert(mode).save(file, "PNG", compress_level=level)
    assert np.array_equal(decode(file.getvalue()).rgba, without_isal(file.getvalue()).rgba)


@pytest.mark.parametrize("pieces", [1, 2, 1000])
def test_data_in_many_chunks_is_one_stream(pieces, noise):
    rgba = noise(40, 50, 4)
    data = png((50, 40), zlib.compress(unfiltered(rgba)), pieces=pieces)
    assert np.array_equal(decode(data).rgba, rgba)


def test_an_interlaced_picture_is_understood(noise):
    rgba = noise(37, 29, 4)
    passes = (rgba[top::down, left::across] for top, left, down, across in ADAM7)
    data = png((29, 37), zlib.compress(b"".join(map(unfiltered, passes))), interlaced=1)
    assert np.array_equal(decode(data).rgba, rgba)


def flipped(data):
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    "damaged",
    [
        lambda rows: zlib.compress(rows)[:-1000],
        lambda rows: zlib.compress(rows)[:-1],
        lambda rows: flipped(zlib.compress(rows)),
        lambda rows: b"not deflated at all" + rows,
        lambda rows: zlib.compress(rows[:-1]),
        lambda rows: zlib.compress(rows[: len(rows) // 2]),
        lambda rows: zlib.compress(b""),
        lambda rows: zlib.compress(rows + bytes(1000)),
        lambda rows: zlib.compress(rows) + bytes(1000),
    ],
)
def test_what_is_wrong_with_the_data_is_taken_as_pillow_takes_it(damaged, noise, without_isal):
    def outcome(decoded, data):
        try:
            return decoded(data).rgba.tobytes()
        except ImageError as error:
            return str(error).partition(":")[0]

    data = png((50, 40), damaged(unfiltered(noise(40, 50, 4))))
    assert outcome(decode, data) == outcome(without_isal, data)


@pytest.mark.parametrize(
    ("width", "height"), [(512, 512), (1024, 1024), (2048, 512), *((262_000 + n, 1) for n in range(0, 1000, 37))]
)
def test_data_that_ends_near_what_is_unpacked_at_once_is_whole(width, height):
    flat = np.zeros((height, width, 4), np.uint8)
    flat[: height // 2, ::3] = 200
    file = BytesIO()
    Image.fromarray(flat).save(file, "PNG", compress_level=9)
    assert np.array_equal(decode(file.getvalue()).rgba, flat)


def test_data_that_swells_beyond_the_picture_is_not_unpacked(noise):
    bomb = png((50, 40), zlib.compress(unfiltered(noise(40, 50, 4)) + bytes(200_000_000)))
    tracemalloc.start()
    try:
        decode(bomb)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 8_000_000


def test_pixels_are_given_back_as_soon_as_nobody_needs_them(noise):
    data = png((50, 40), zlib.compress(unfiltered(noise(40, 50, 4))))
    gc.disable()
    try:
        pixels = weakref.ref(decode(data).rgba)
        assert pixels() is None
    finally:
        gc.enable()
