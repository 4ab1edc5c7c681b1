"""One side's answer: whatever bytes there are, either pixels or a sentence about what is there instead."""

import random
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from compare_files import GOOD, JPEG, PLAIN, SIZE, UNREADABLE, UNUSUAL, WEBP, chunk, encoded, frames, not_files, zipped
from compare_sides import cutout, png
from pixian_shim.compare.sides.pictures import Answer, digest, is_picture, load, read
from pixian_shim.errors import ImageError

MOST = 100_000_000


def decoded(content, **options):
    return read(content, max_pixels=MOST, **options)


def refused(content, **options):
    with pytest.raises(ImageError) as refusal:
        decoded(content, **options)
    return str(refusal.value)


def alpha(answer):
    return answer.rgba[..., 3]


@pytest.mark.parametrize("kind", sorted(set(UNREADABLE) - {"nothing"}))
def test_what_cannot_be_compared_is_told_by_what_it_is(kind):
    content, said = UNREADABLE[kind]
    assert said in refused(content)


@pytest.mark.parametrize("kind", sorted(UNUSUAL))
def test_what_is_unusual_is_read_and_noted(kind):
    content, said = UNUSUAL[kind]
    assert any(said in note for note in decoded(content).notes)


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_the_same_cut_out_in_another_format_has_the_same_alpha_and_no_notes(kind):
    answer = decoded(PLAIN[kind])
    assert answer.notes == ()
    assert np.array_equal(alpha(answer), np.asarray(cutout(SIZE))[..., 3])


@pytest.mark.parametrize("kind", ["deep", "turned", "apng"])
def test_an_unusual_cut_out_has_the_same_pixels(kind):
    assert np.array_equal(decoded(UNUSUAL[kind][0]).rgba, np.asarray(cutout(SIZE)))


def test_a_palette_keeps_its_transparency():
    indexed = cutout(SIZE).convert("P")
    indexed.info["transparency"] = bytes(range(256))
    assert len(np.unique(alpha(decoded(encoded(indexed, "PNG"))))) > 1


@pytest.mark.parametrize("kind", ["cmyk", "bit", "deep-grey"])
def test_what_has_no_alpha_is_opaque(kind):
    assert alpha(decoded(UNUSUAL[kind][0])).min() == 255


def test_metadata_is_named():
    assert decoded(PLAIN["profile"]).metadata == ("ICC",)
    assert decoded(UNUSUAL["turned"][0]).metadata == ("EXIF",)
    assert decoded(GOOD).metadata == ()


@pytest.mark.parametrize(
    ("content", "suffix", "note"),
    [
        (JPEG, ".png", "is JPEG, though its name ends in .png"),
        (GOOD, ".JPG", "is PNG, though its name ends in .jpg"),
        (zipped(), ".png", "is ZIP, though its name ends in .png"),
        (GOOD, ".PNG", None),
        (JPEG, ".jpeg", None),
        (JPEG, ".jfif", None),
        (encoded(cutout(SIZE), "TIFF"), ".tif", None),
        (GOOD, "", None),
    ],
)
def test_a_name_that_says_something_else_is_noted(content, suffix, note):
    assert decoded(content, suffix=suffix).notes == (() if note is None else (note,))


def test_what_pillow_warns_of_is_noted_and_not_printed(recwarn):
    frameless = GOOD[:33] + chunk(b"acTL", bytes(8)) + GOOD[33:]
    (note,) = decoded(frameless).notes
    assert note.startswith("warning while it was read: Invalid APNG")
    assert not recwarn.list


def test_more_pixels_than_are_allowed_are_not_unpacked():
    with pytest.raises(ImageError, match="19,200 pixels; at most 19,199"):
        read(GOOD, max_pixels=19_199)
    assert read(GOOD, max_pixels=19_200).rgba.shape == (120, 160, 4)


def test_the_size_of_pictures_in_a_zip_is_limited_likewise():
    with pytest.raises(ImageError, match=r"color\.jpg in the zip: the picture has 19,200 pixels"):
        read(zipped(), max_pixels=19_199)


def test_a_file_that_was_changed_since_it_was_stored_is_told():
    from hashlib import sha256

    assert "not what was stored" in refused(GOOD, expected=sha256(JPEG).hexdigest())
    assert isinstance(decoded(GOOD, expected=sha256(GOOD).hexdigest()), Answer)


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        JPEG,
        WEBP,
        encoded(cutout(SIZE), "WEBP", lossless=True),
        encoded(cutout(SIZE).convert("RGB"), "JPEG", progressive=True),
        encoded(cutout(SIZE), "GIF"),
        encoded(cutout(SIZE), "TIFF", compression="tiff_lzw"),
        frames("WEBP"),
        frames("PNG", default_image=False),
        zipped(),
    ],
    ids=["png", "jpeg", "webp", "webp-lossless", "progressive", "gif", "tiff", "animated", "apng", "zip"],
)
def test_half_a_picture_is_never_taken_for_a_whole_one(content):
    whole = decoded(content).rgba
    cuts = {*range(0, len(content), max(1, len(content) // 150)), *range(len(content) - 40, len(content))}
    for cut in sorted(cuts - {0}):
        try:
            part = decoded(content[:cut]).rgba
        except ImageError:
            continue
        assert np.array_equal(part, whole), f"{cut} of {len(content)} bytes"


def test_a_matte_of_another_size_is_scaled_to_the_colours():
    assert decoded(UNUSUAL["zip-sizes"][0]).rgba.shape == (60, 80, 4)


def test_things_that_are_no_files_are_not_waited_for(tmp_path):
    for name, said in not_files(tmp_path).items():
        with pytest.raises(ImageError) as refusal:
            load(tmp_path / name)
        assert said in str(refusal.value)


def test_an_empty_file_is_told(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(ImageError, match="the file is empty"):
        load(tmp_path / "a.png")


def test_a_file_larger_than_any_picture_is_not_read(tmp_path):
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate((512 << 20) + 1)
    with pytest.raises(ImageError, match="536,870,913 bytes, more than 536,870,912"):
        load(tmp_path / "a.png")


def test_a_picture_that_is_too_large_for_the_memory_is_told(tmp_path):
    """The limit is the operating system's, in a process of its own."""
    (tmp_path / "a.png").write_bytes(encoded(Image.new("RGBA", (9000, 9000)), "PNG", compress_level=1))
    code = f"""
        import resource
        from pathlib import Path
        from pixian_shim.compare._work import Task, work
        task = Task(left=Path({str(tmp_path / "a.png")!r}), right=None, max_pixels=10**9)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20), resource.RLIM_INFINITY))
        print(work(task).left.error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "not enough memory" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("content", "meant"),
    [(GOOD, True), (JPEG, True), (WEBP, True), (UNREADABLE["avif"][0], True), (b"hello", False), (b"", False)],
)
def test_a_picture_is_known_by_its_first_bytes(content, meant):
    assert is_picture(content[:32]) is meant


def test_a_digest_is_of_the_bytes():
    assert digest(b"a") != digest(b"b")
    assert len(digest(b"a")) == 16


@given(st.binary(max_size=400))
def test_any_bytes_are_an_answer_or_a_sentence(content):
    try:
        answer = decoded(content)
    except ImageError as error:
        assert str(error)
    else:
        assert answer.rgba.dtype == np.uint8


@given(
    st.sampled_from(
        [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8L", b"GIF89a", b"II*\0", b"BM", b"PK\3\4"]
    ),
    st.binary(max_size=300),
)
def test_any_bytes_behind_a_known_beginning_are_an_answer_or_a_sentence(magic, content):
    try:
        decoded(magic + content)
    except ImageError as error:
        assert str(error)


SEEDS = {
    "png": png(cutout((40, 30))),
    "palette": encoded(cutout((40, 30)).quantize(16), "PNG"),
    "apng": encoded(cutout((40, 30)), "PNG", save_all=True, append_images=[Image.new("RGBA", (40, 30))]),
    "jpeg": encoded(cutout((40, 30)).convert("RGB"), "JPEG"),
    "webp": encoded(cutout((40, 30)), "WEBP"),
    "gif": encoded(cutout((40, 30)), "GIF"),
    "tiff": encoded(cutout((40, 30)), "TIFF", compression="tiff_deflate"),
    "bmp": encoded(cutout((40, 30)), "BMP"),
    "zip": zipped(),
}


@pytest.mark.parametrize("kind", sorted(SEEDS))
def test_a_thousand_damaged_files_of_each_kind_are_answers_or_sentences(kind):
    dice, seed = random.Random(kind), SEEDS[kind]
    for _ in range(1000):
        content = bytearray(seed)
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(content))
            match dice.randrange(4):
                case 0:
                    content[at] = dice.randrange(256)
                case 1:
                    content[at] ^= 1 << dice.randrange(8)
                case 2:
                    del content[at : at + dice.randint(1, 20)]
                case _:
                    content[at:at] = dice.randbytes(dice.randint(1, 8))
            if not content:
                break
        try:
            read(bytes(content), max_pixels=1_000_000)
        except ImageError as error:
            assert str(error)
