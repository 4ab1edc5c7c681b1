import threading
import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from pixian_shim.errors import ImageError, TooLarge
from pixian_shim.geometry import Size
from pixian_shim.images import decode

SMOOTH = {"JPEG": {"quality": 95, "subsampling": 0}, "AVIF": {"quality": 95, "subsampling": "4:4:4"}}
LOSSLESS = {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True}}


def blocks():
    """Four colours in the corners: every turn and flip of it differs from every other."""
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [250, 250, 0]]], np.uint8)
    return colours.repeat(16, axis=0).repeat(24, axis=1)


@pytest.mark.parametrize("form", LOSSLESS)
def test_lossless_formats_give_the_exact_pixels_opaque(form, saved, noise):
    rgb = noise(31, 47, 3)
    picture = decode(saved(rgb, form, **LOSSLESS[form]))
    assert np.array_equal(picture.rgba[..., :3], rgb)
    assert (picture.alpha == 255).all()
    assert (picture.size, picture.format, picture.orientation, picture.has_alpha) == (
        Size(47, 31),
        form.lower(),
        1,
        False,
    )


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_alpha_and_the_colour_under_it_are_kept(form, saved, noise):
    rgba = noise(31, 47, 4)
    rgba[:4, :, 3] = 0
    picture = decode(saved(rgba, form))
    assert np.array_equal(picture.rgba, rgba)
    assert picture.has_alpha


def test_a_file_is_read_from_where_it_stands(saved, noise):
    data = saved(noise(31, 47, 3), "PNG")
    file = BytesIO(b"skipped" + data)
    file.seek(7)
    assert np.array_equal(decode(file).rgba, decode(data).rgba)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_applied(form, orientation, saved):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(blocks(), form, exif=exif.tobytes(), **LOSSLESS.get(form, SMOOTH.get(form, {})))
    turns = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: np.rot90(np.fliplr(a), 1),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(np.fliplr(a), -1),
        8: lambda a: np.rot90(a, 1),
    }
    picture = decode(data)
    expected = turns[orientation](blocks()).astype(int)
    assert picture.rgba.shape[:2] == expected.shape[:2]
    assert np.abs(picture.rgba[..., :3] - expected)[4:-4:6, 4:-4:6].max() < 40  # away from the edges: JPEG smears them
    assert picture.orientation == orientation


GREYS = {
    "1 bit": (lambda: Image.new("1", (4, 2), 1), "PNG", (255, 255, 255, 255)),
    "8 bit grey": (lambda: Image.new("L", (4, 2), 77), "PNG", (77, 77, 77, 255)),
    "grey with alpha": (lambda: Image.new("LA", (4, 2), (77, 9)), "PNG", (77, 77, 77, 9)),
    "16 bit grey is scaled, not clipped": (
        lambda: Image.fromarray(np.full((2, 4), 0x8080, np.uint16)), "PNG", (128, 128, 128, 255),
    ),
    "16 bit grey in a TIFF": (lambda: Image.fromarray(np.full((2, 4), 0xFFFF, np.uint16)), "TIFF", (255, 255, 255, 255)),
    "32 bit grey that holds 16": (lambda: Image.fromarray(np.full((2, 4), 0x4040, np.int32)), "TIFF", (64, 64, 64, 255)),
    "floats as shares": (lambda: Image.fromarray(np.full((2, 4), 0.5, np.float32)), "TIFF", (128, 128, 128, 255)),
    "floats up to 255": (lambda: Image.fromarray(np.full((2, 4), 200.0, np.float32)), "TIFF", (200, 200, 200, 255)),
    "floats that are no numbers": (lambda: Image.fromarray(np.full((2, 4), np.nan, np.float32)), "TIFF", (0, 0, 0, 255)),
}  # fmt: skip


@pytest.mark.parametrize("case", GREYS)
def test_every_depth_of_grey_is_understood(case, saved):
    make, form, expected = GREYS[case]
    rgba = decode(saved(make(), form)).rgba
    assert rgba.shape == (2, 4, 4)
    assert {tuple(pixel) for pixel in rgba.reshape(-1, 4).tolist()} == {expected}


@pytest.mark.parametrize("mode", ["L", "I;16", "RGB"])
def test_one_transparent_colour_in_a_png_is_understood(mode, saved):
    if mode == "RGB":
        image, key = Image.fromarray(np.array([[[9, 8, 7], [1, 2, 3]]], np.uint8)), (9, 8, 7)
    else:
        image, key = Image.fromarray(np.array([[9, 200]], np.uint16 if mode == "I;16" else np.uint8)), 9
    picture = decode(saved(image, "PNG", transparency=key))
    assert picture.alpha.tolist() == [[0, 255]]
    assert picture.has_alpha


@pytest.mark.parametrize("transparency", [1, bytes([255, 40])])
def test_a_palette_with_transparency_is_understood(transparency, saved):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    rgba = decode(saved(image, "PNG", transparency=transparency)).rgba
    assert rgba[0, 0].tolist() == [10, 20, 30, 255]
    assert rgba[0, 1].tolist() == [40, 50, 60, 0 if transparency == 1 else 40]


def test_a_palette_with_transparency_and_a_profile_is_understood(saved):
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 40, 50, 60])
    red, green, blue, alpha = decode(saved(image, "PNG", transparency=bytes([40]), icc_profile=swapped_profile())).rgba[
        0, 0
    ]
    assert blue > 240
    assert max(red, green) < 20
    assert alpha == 40


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 90, 200), (250, 250, 250)])
def test_cmyk_jpeg_is_not_shown_as_a_negative(colour, saved):
    data = saved(
        Image.new("RGB", (16, 16), colour).convert("CMYK"), "JPEG", quality=95
    )  # Pillow writes Adobe's inverted kind
    assert np.abs(decode(data).rgba[8, 8, :3].astype(int) - colour).max() < 12


def test_a_jpeg_with_a_second_picture_behind_it_is_a_jpeg(saved):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("#ff0000", "#00ff00")]  # as phones write for depth maps
    picture = decode(saved(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    assert picture.format == "jpeg"
    assert np.abs(picture.rgba[8, 8].astype(int) - (255, 0, 0, 255)).max() < 3


@pytest.mark.parametrize("form", ["GIF", "TIFF", "WEBP"])
def test_the_first_frame_of_several_is_taken(form, saved):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("#ff0000", "#00ff00")]
    options = {"lossless": True} if form == "WEBP" else {}
    picture = decode(saved(frames[0], form, save_all=True, append_images=frames[1:], **options))
    assert picture.rgba[3, 3].tolist() == [255, 0, 0, 255]


def swapped_profile():
    """Make an sRGB profile under another name, whose red and blue primaries are exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data = data.replace("sRGB".encode("utf-16-be"), "XXXX".encode("utf-16-be"))
    at, tags = 132, {}
    for entry in range(int.from_bytes(data[128:132], "big")):
        start = at + 12 * entry
        tags[bytes(data[start : start + 4])] = start
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    data[red + 4 : red + 8], data[blue + 4 : blue + 8] = data[blue + 4 : blue + 8], data[red + 4 : red + 8]
    return bytes(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_converted_from_their_profile(mode, saved):
    image = Image.new("RGB", (4, 4), (255, 0, 0))
    if mode == "RGBA":
        image.putalpha(90)
    red, green, blue, alpha = decode(saved(image, "PNG", icc_profile=swapped_profile())).rgba[0, 0].tolist()
    assert blue > 240
    assert max(red, green) < 20
    assert alpha == (90 if mode == "RGBA" else 255)


def test_an_srgb_profile_changes_nothing(saved, noise):
    rgb = noise(9, 9, 3)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode(saved(rgb, "PNG", icc_profile=profile)).rgba[..., :3], rgb)


@pytest.mark.parametrize("profile", [b"no profile at all", bytes(400), bytes(5 << 20)])
def test_a_broken_or_huge_profile_is_left_aside(profile, saved, noise):
    rgb = noise(9, 9, 3)
    assert np.array_equal(decode(saved(rgb, "TIFF", icc_profile=profile)).rgba[..., :3], rgb)


def test_a_profile_of_another_colour_space_is_left_aside(saved, noise):
    grey = noise(9, 9)
    assert np.array_equal(decode(saved(grey, "PNG", icc_profile=swapped_profile())).rgba[..., 0], grey)


@pytest.mark.parametrize("form", [*LOSSLESS, "GIF", "JPEG", "AVIF"])
def test_too_many_pixels_are_refused_before_decoding(form, saved, noise):
    data = saved(noise(31, 47, 3), form)
    with pytest.raises(TooLarge) as caught:
        decode(
            data[: len(data) // 2 if form != "TIFF" else None], max_pixels=31 * 47 - 1
        )  # half a file cannot be decoded
    assert (caught.value.found, caught.value.limit, caught.value.unit) == (31 * 47, 31 * 47 - 1, "pixels")
    assert decode(data, max_pixels=31 * 47).size == Size(47, 31)


def test_a_bomb_is_refused_although_it_is_a_small_file():
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0" + bytes(4)
    with pytest.raises(TooLarge, match="3,600,000,000 pixels"):
        decode(bomb)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "GIF", "AVIF"])
def test_pictures_above_pillows_own_limit_pass_without_a_warning_or_a_change_of_it(form, saved, monkeypatch, noise):
    data = saved(noise(31, 47), form)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # Pillow would raise above 200
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(data).size == Size(47, 31)
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("form", [*LOSSLESS, "GIF", "JPEG", "AVIF"])
def test_a_cut_off_file_is_an_image_error(form, saved, noise):
    data = saved(noise(64, 64, 3), form)
    with pytest.raises(ImageError, match="damaged or cut off"):
        decode(data[: len(data) // 2])


def test_an_avif_is_decoded_with_its_alpha(saved):
    rgba = np.dstack((blocks(), np.where(blocks()[..., :1] > 128, 255, 0).astype(np.uint8)))
    picture = decode(saved(rgba, "AVIF", **SMOOTH["AVIF"]))
    assert (picture.size, picture.format, picture.has_alpha) == (Size(48, 32), "avif", True)
    assert np.abs(picture.alpha.astype(int) - rgba[..., 3])[4:-4:6, 4:-4:6].max() < 20
    assert picture.rgba[5, 5] == pytest.approx((255, 0, 0, 255), abs=12)


def test_a_pillow_without_avif_says_which_one_has_it(monkeypatch, saved, noise):
    content = saved(noise(8, 8, 3), "AVIF")
    monkeypatch.setattr("pixian_shim.images._decode.features.check", lambda _name: False)
    with pytest.raises(ImageError, match=r"AVIF cannot be read here; it comes with Pillow 11\.3"):
        decode(content)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"%PDF-1.7", b"P6 1 1 255 abc"])
def test_anything_else_is_an_image_error(data):
    with pytest.raises(ImageError):
        decode(data)


@given(st.sampled_from([*LOSSLESS, "GIF", "JPEG", "AVIF"]), st.data())
def test_damaged_files_decode_or_give_an_image_error_and_nothing_else(form, data):
    file = BytesIO()
    Image.fromarray(np.arange(12 * 9 * 3, dtype=np.uint8).reshape(12, 9, 3)).save(file, form)
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = decode(bytes(content), max_pixels=100_000)
        except ImageError:
            return
    assert picture.rgba.shape == (picture.size.height, picture.size.width, 4)


def test_the_array_is_writable_contiguous_and_not_shared(saved, noise):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(noise(31, 47, 3), "PNG", exif=exif.tobytes())
    first, second = decode(data).rgba, decode(data).rgba
    assert first.flags.c_contiguous
    first[:] = 0
    assert second.any()


def test_many_threads_may_decode_at_once(saved, noise):
    data = saved(noise(64, 64, 3), "TIFF")
    found = []
    threads = [threading.Thread(target=lambda: found.append(decode(data).size)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Size(64, 64)] * 8


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(
    ("at_least", "decoded"),
    [((100, 75), (100, 75)), ((101, 75), (200, 150)), ((500, 300), (800, 600)), ((800, 600), (800, 600))],
)
def test_a_jpeg_may_be_decoded_smaller_where_that_will_do(orientation, at_least, decoded):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    Image.new("RGB", (800, 600), (200, 30, 40)).save(file, "JPEG", exif=exif)
    turn = slice(None, None, -1 if orientation == 6 else 1)
    picture = decode(file.getvalue(), at_least=Size(*at_least[turn]))
    assert picture.size == Size(*decoded[turn])
    assert abs(picture.rgba[5, 5].astype(int) - (200, 30, 40, 255)).max() < 4


def test_any_other_picture_is_decoded_whole():
    file = BytesIO()
    Image.new("RGB", (800, 600)).save(file, "PNG")
    assert decode(file.getvalue(), at_least=Size(10, 10)).size == (800, 600)
