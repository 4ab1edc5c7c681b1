import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pixian_shim.errors import CannotWrite, ImageError
from pixian_shim.images import check_writable, decode, encode, encode_jpeg, encode_webp, longest_side, zip_cutout


@pytest.fixture
def cutout(subject):
    return subject((40, 30), (5, 5, 20, 20))


@pytest.mark.parametrize(
    ("kind", "alpha", "content_type", "form"),
    [
        ("auto", 0, "image/png", "PNG"),
        ("auto", 254, "image/png", "PNG"),
        ("auto", 255, "image/jpeg", "JPEG"),
        ("png", 255, "image/png", "PNG"),
        ("jpg", 0, "image/jpeg", "JPEG"),
        ("webp", 0, "image/webp", "WEBP"),
        ("avif", 0, "image/avif", "AVIF"),
    ],
)
def test_the_format_follows_the_kind_and_auto_follows_the_transparency(kind, alpha, content_type, form):
    rgba = np.full((6, 8, 4), 255, np.uint8)
    rgba[0, 0, 3] = alpha
    content, announced = encode(rgba, kind, 90)
    assert announced == content_type
    image = Image.open(BytesIO(content))
    assert (image.format, image.size) == (form, (8, 6))


def test_a_matte_stays_exact_under_auto(noise):
    content, announced = encode(noise(6, 8), "auto", 50)
    assert announced == "image/png"
    assert np.array_equal(np.asarray(Image.open(BytesIO(content))), noise(6, 8))


def test_a_jpeg_is_flattened_on_white_and_shows_no_hidden_colour(cutout):
    cutout[cutout[..., 3] == 0, :3] = (0, 255, 0)
    rgb = decode(encode_jpeg(cutout, 95)).rgba[..., :3].astype(int)
    assert np.abs(rgb[0, 39] - 255).max() < 4
    assert np.abs(rgb[15, 15] - (200, 30, 10)).max() < 12


def test_quality_is_honoured(noise):
    rgb = noise(64, 64, 3)
    assert len(encode_jpeg(rgb, 30)) < len(encode_jpeg(rgb, 95))
    assert len(encode_webp(rgb, 30)) < len(encode_webp(rgb, 95))


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_keeps_the_transparency_exactly(lossless, noise):
    rgba = noise(20, 30, 4)
    decoded = decode(encode_webp(rgba, 80, lossless=lossless)).rgba
    assert np.array_equal(decoded[..., 3], rgba[..., 3])
    if lossless:
        assert np.array_equal(decoded[rgba[..., 3] > 0], rgba[rgba[..., 3] > 0])


@pytest.mark.parametrize("kind", ["jpg", "webp", "avif"])
def test_the_longest_side_can_be_written_and_opened_and_a_longer_one_is_an_error(kind):
    longest = longest_side(kind)
    content, _ = encode(np.zeros((2, longest, 3), np.uint8), kind)
    assert Image.open(BytesIO(content)).size == (longest, 2)
    with pytest.raises(ImageError, match=f"pixels on a side, not {longest + 1} x 2"):
        encode(np.zeros((2, longest + 1, 3), np.uint8), kind)


def test_a_zip_is_as_long_as_the_jpeg_in_it():
    assert longest_side("zip") == longest_side("jpg")
    with pytest.raises(ImageError, match="pixels on a side"):
        zip_cutout(
            np.zeros((2, longest_side("zip") + 1, 3), np.uint8), np.zeros((2, longest_side("zip") + 1), np.uint8)
        )


def test_what_is_too_long_for_a_jpeg_is_png_under_auto():
    assert encode(np.zeros((1, longest_side("jpg") + 1, 3), np.uint8), "auto")[1] == "image/png"


@pytest.mark.parametrize("raised", [OSError("broken data stream"), ValueError("encoding error 5"), RuntimeError("x")])
def test_whatever_an_encoder_does_not_take_is_an_error_of_this_library(raised, monkeypatch, noise):
    def save(*_args, **_options):
        raise raised

    monkeypatch.setattr(Image.Image, "save", save)
    with pytest.raises(ImageError, match=f"the JPEG cannot be written: {raised}") as caught:
        encode_jpeg(noise(4, 4, 3))
    assert caught.value.__cause__ is raised


def test_the_zip_holds_colour_then_alpha_stored(noise):
    photo, matte = np.full((20, 30, 4), 77, np.uint8), noise(20, 30)
    photo[..., 3] = 0  # the colours count, background included, whatever the alpha
    with zipfile.ZipFile(BytesIO(zip_cutout(photo, matte))) as bundle:
        assert bundle.testzip() is None
        assert [(file.filename, file.compress_type) for file in bundle.infolist()] == [
            ("color.jpg", zipfile.ZIP_STORED),
            ("alpha.png", zipfile.ZIP_STORED),
        ]
        colour, alpha = (Image.open(BytesIO(bundle.read(name))) for name in ("color.jpg", "alpha.png"))
    assert (colour.mode, colour.size, alpha.mode) == ("RGB", (30, 20), "L")
    assert np.abs(np.asarray(colour).astype(int) - 77).max() < 3
    assert np.array_equal(np.asarray(alpha), matte)


def test_the_same_picture_gives_the_same_zip(noise):
    assert zip_cutout(noise(9, 9, 3), noise(9, 9)) == zip_cutout(noise(9, 9, 3), noise(9, 9))


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_the_resolution_is_written_into_the_file(kind, cutout):
    image = Image.open(BytesIO(encode(cutout, kind, dpi=300)[0]))
    assert [round(value) for value in image.info["dpi"]] == [300, 300]


@pytest.mark.parametrize("kind", ["webp", "avif"])
def test_where_the_format_has_no_place_for_it_the_resolution_is_exif(kind, cutout):
    exif = Image.open(BytesIO(encode(cutout, kind, dpi=300)[0])).getexif()
    assert (exif[0x011A], exif[0x011B], exif[0x0128]) == (300, 300, 2)


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "avif"])
def test_without_a_resolution_none_is_written(kind, cutout):
    image = Image.open(BytesIO(encode(cutout, kind)[0]))
    assert "dpi" not in image.info or kind == "jpg"
    assert not image.getexif()


def test_a_pillow_without_avif_says_which_one_has_it(monkeypatch, cutout):
    monkeypatch.setattr("pixian_shim.images._encode.features.check", lambda _name: False)
    check_writable("png")
    for attempt in (lambda: check_writable("avif"), lambda: encode(cutout, "avif")):
        with pytest.raises(CannotWrite, match=r"comes with Pillow 11\.3"):
            attempt()
