import struct
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.geometry import Size
from pixian_shim.images import Header, may_be_transparent, read_header

FORMATS = ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF"]
MAGICS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"BM",
    b"\0\0\0\x14ftypavif\0\0\0\0mif1",
]


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_recognised_with_its_size(form, saved, noise):
    assert read_header(saved(noise(31, 47, 3), form)) == Header(form.lower(), Size(47, 31), 1)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0" + b"II*\0\x08\0\0\0\0\0"}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"big_tiff": True}),
    ],
)
def test_variants_of_a_format_are_read_as_well(form, options, saved, noise):
    assert read_header(saved(noise(31, 47, 3), form, **options)).size == Size(47, 31)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read_and_swaps_the_upright_size_from_five_on(form, orientation, saved, noise):
    header = read_header(saved(noise(31, 47, 3), form, exif=exif(orientation)))
    assert header.orientation == orientation
    assert header.size == Size(47, 31)
    assert header.upright == (Size(31, 47) if orientation >= 5 else Size(47, 31))


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_and_exif_are_read_in_both_byte_orders(order):
    magic = b"II*\0" if order == "<" else b"MM\0*"
    entries = [(256, 3, 47), (257, 4, 31), (274, 3, 6)]
    body = b"".join(
        struct.pack(order + "HHI", tag, kind, 1)
        + struct.pack(order + ("HH" if kind == 3 else "I"), *([value, 0][: 3 - kind // 2]))
        for tag, kind, value in entries
    )
    data = magic + struct.pack(order + "IH", 8, len(entries)) + body + bytes(4)
    assert read_header(data) == Header("tiff", Size(47, 31), 6)
    jpeg = b"\xff\xd8\xff\xe1" + struct.pack(">H", 2 + 6 + len(data)) + b"Exif\0\0" + data
    assert read_header(jpeg).orientation == 6


def test_webp_orientation_is_found_behind_a_chunk_of_odd_length():
    canvas = bytes(4) + (46).to_bytes(3, "little") + (30).to_bytes(3, "little")
    chunks = [(b"VP8X", canvas), (b"ICCP", b"odd"), (b"EXIF", exif(6))]
    body = b"".join(struct.pack("<4sI", kind, len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    head = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
    assert read_header(head) == Header("webp", Size(47, 31), 6)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_counts_as_none(orientation, saved, noise):
    assert read_header(saved(noise(5, 4, 3), "JPEG", exif=exif(orientation))).orientation == 1


def test_bmp_with_the_first_row_on_top_has_a_positive_height():
    data = b"BM" + bytes(12) + struct.pack("<Iii", 40, 47, -31) + bytes(20)
    assert read_header(data).size == Size(47, 31)


def test_bmp_with_the_oldest_kind_of_header_is_read():
    assert read_header(b"BM" + bytes(12) + struct.pack("<IHH", 12, 47, 31) + bytes(8)).size == Size(47, 31)


def test_jpeg_size_is_found_behind_a_large_profile_only_if_the_bytes_reach_it(saved, noise):
    data = saved(noise(31, 47, 3), "JPEG", icc_profile=bytes(200_000))
    assert read_header(data[:65536]) == Header("jpeg", None, 1)
    assert read_header(data).size == Size(47, 31)


def test_jpeg_with_fill_bytes_between_segments_is_read(saved, noise):
    data = saved(noise(31, 47, 3), "JPEG")
    assert read_header(data[:2] + b"\xff\xff\xff" + data[2:]).size == Size(47, 31)


def test_the_orientation_of_a_thumbnail_is_not_taken_for_the_pictures(saved, noise):
    thumbnail = saved(noise(3, 2, 3), "JPEG", exif=exif(8))
    data = saved(noise(31, 47, 3), "JPEG")
    application = b"\xff\xe2" + struct.pack(">H", 2 + len(thumbnail)) + thumbnail
    assert read_header(data[:2] + application + data[2:]) == Header("jpeg", Size(47, 31), 1)


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def avif(*properties, pitm=b"\0\0\0\0\0\7", ipma=None, brand=b"avif"):
    """Write the boxes of an AVIF whose picture, item 7, has all of the properties; item 5, a thumbnail, the first."""
    numbers = bytes(range(1, len(properties) + 1))
    chosen = b"\0\5\1\1\0\7" + bytes([len(numbers)]) + numbers
    ipma = bytes(4) + struct.pack(">I", 2) + chosen if ipma is None else ipma
    about = box(b"iprp", box(b"ipco", *properties), box(b"ipma", ipma))
    return box(b"ftyp", brand, bytes(4), b"mif1miaf") + box(b"meta", bytes(4), box(b"pitm", pitm), about)


def ispe(width, height):
    return box(b"ispe", bytes(4), struct.pack(">II", width, height))


SIZE_47_31 = ispe(47, 31)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (avif(SIZE_47_31), Header("avif", Size(47, 31), 1)),
        (avif(ispe(8, 8), SIZE_47_31), Header("avif", Size(47, 31), 1)),
        (avif(SIZE_47_31, box(b"irot", b"\x03")), Header("avif", Size(47, 31), 6)),
        (avif(SIZE_47_31, brand=b"avis"), Header("avif", Size(47, 31), 1)),
        (avif(SIZE_47_31, pitm=b"\1\0\0\0\0\0\0\7"), Header("avif", Size(47, 31), 1)),
        (avif(SIZE_47_31, ipma=b"\1\0\0\0\0\0\0\1\0\0\0\7\1\1"), Header("avif", Size(47, 31), 1)),
        (avif(SIZE_47_31, ipma=b"\0\0\0\1\0\0\0\1\0\7\1\x80\1"), Header("avif", Size(47, 31), 1)),
        (box(b"ftyp", b"mif1", bytes(4), b"mif1avif"), Header("avif", None, 1)),
        (avif(ispe(0, 31)), Header("avif", None, 1)),
        (avif(SIZE_47_31, pitm=b"\0\0\0\0\0\1"), Header("avif", None, 1)),
        (avif(SIZE_47_31, ipma=bytes(4) + b"\xff\xff\xff\xff"), Header("avif", None, 1)),
        (avif(SIZE_47_31, ipma=bytes(7) + b"\1\0\7\1\x7f"), Header("avif", None, 1)),
        (avif(box(b"ispe")), Header("avif", None, 1)),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value.size),
)
def test_an_avifs_size_and_orientation_are_those_of_its_picture(data, expected):
    assert read_header(data) == expected


def test_an_avifs_lengths_are_not_believed():
    data = avif(SIZE_47_31)
    at = data.index(b"meta") - 4
    for length in (0, 1, 2, 7, 0x7FFFFFFF, 0xFFFFFFFF):
        header = read_header(data[:at] + struct.pack(">I", length) + data[at + 4 :])
        assert header == Header("avif", Size(47, 31) if length == 0 else None, 1), "0 is the rest of the file"
    large = struct.pack(">I4sQ", 1, b"meta", 8 + len(data) - at) + data[at + 8 :]
    assert read_header(data[:at] + large).size == Size(47, 31)


def test_an_avif_of_millions_of_boxes_is_looked_at_for_milliseconds():
    data = avif(SIZE_47_31)
    begin = data.index(b"meta") - 4
    assert _seconds(read_header, data[:begin] + box(b"free") * 2_000_000 + data[begin:]) < 0.2


@pytest.mark.parametrize("brands", [(b"heic", b"mif1"), (b"mif1", b"heic"), (b"heix", b""), (b"msf1", b"hevc")])
def test_heic_is_named_and_what_to_do(brands):
    with pytest.raises(ImageError, match=r"is HEIC, which cannot be read here: convert it to JPEG .*Most Compatible"):
        read_header(box(b"ftyp", brands[0], bytes(4), brands[1]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        box(b"ftyp", b"isom", bytes(4), b"mp42"),
        b"\0\0\0\x0cjP  ",
        b"RIFF0000WAVE",
        b"GIF8xx",
        b"BMW is a car, not a picture at all",
        b"\0" * 64,
    ],
)
def test_anything_else_is_an_error(data):
    with pytest.raises(ImageError, match=r"not a picture|no bytes"):
        read_header(data)


@pytest.mark.parametrize("form", FORMATS)
def test_a_head_cut_anywhere_gives_a_size_that_is_right_or_none(form, saved, noise):
    data = saved(noise(31, 47, 3), form)
    for length in range(8, min(len(data), 400)):
        try:
            header = read_header(data[:length])
        except ImageError:
            assert length < 12  # the magic itself is incomplete
            continue
        assert header.size in (None, Size(47, 31))


@given(st.data())
def test_a_damaged_avif_never_breaks_the_reader(data):
    content = bytearray(avif(SIZE_47_31, box(b"irot", b"\1"), box(b"imir", b"\0")))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        header = read_header(bytes(content[: data.draw(st.integers(1, len(content)))]))
    except ImageError:
        return
    assert header.size is None or header.size.pixels > 0
    assert 1 <= header.orientation <= 8


@given(st.sampled_from(MAGICS), st.binary(max_size=200))
def test_garbage_behind_a_magic_never_breaks_the_reader(magic, rest):
    try:
        header = read_header(magic + rest)
    except ImageError:
        return
    assert header.size is None or header.size.pixels > 0
    assert 1 <= header.orientation <= 8


def test_reading_a_header_imports_neither_numpy_nor_pillow():
    code = (
        "import sys; from pixian_shim.images import read_header;"
        "read_header(b'GIF89a' + bytes(20)); print({'numpy', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_reading_a_header_takes_microseconds(saved, noise):
    data = saved(np.repeat(noise(60, 80, 3), 4, axis=0), "JPEG", exif=exif(6))[:65536]
    fastest = min(_seconds(read_header, data) for _ in range(200))
    assert fastest < 200e-6  # some 15 us on an idle machine


def _seconds(call, *args):
    begin = time.perf_counter()
    call(*args)
    return time.perf_counter() - begin


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("options", [{}, {"icc_profile": b"x" * 3000}], ids=["plain", "profile"])
def test_transparency_is_never_overlooked(form, options, saved, noise):
    rgba = noise(20, 20, 4)
    assert may_be_transparent(saved(rgba, form, **({} if form == "GIF" else options))[: 1 << 16])


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_png_with_one_transparent_colour_may_be_transparent(mode, saved):
    image = Image.new(mode, (5, 5))
    transparent = (0, 0, 0) if mode == "RGB" else 0
    assert may_be_transparent(saved(image, "PNG", transparency=transparent))
    assert not may_be_transparent(saved(image, "PNG"))


@pytest.mark.parametrize(("form", "options"), [("JPEG", {}), ("PNG", {}), ("BMP", {}), ("WEBP", {"quality": 50})])
def test_what_can_only_be_opaque_is_told_apart(form, options, saved, noise):
    assert not may_be_transparent(saved(noise(20, 20, 3), form, **options))


@given(st.binary(max_size=80), st.sampled_from(MAGICS))
def test_any_bytes_may_or_may_not(data, magic):
    assert isinstance(may_be_transparent(magic + data), bool)
