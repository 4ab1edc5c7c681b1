import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from pixian_shim.errors import ImageError
from pixian_shim.images import apply_delta, decode, encode_png, make_delta, rebuild_delta

FEW = st.sampled_from([0, 1, 128, 254, 255])
PIXELS = arrays.arrays(np.uint8, (4, 5, 4), elements=FEW)

ORIGINAL = (10, 20, 30, 255)
PIXEL_KINDS = {
    "opaque, colour of the original": ((10, 20, 30, 255), (255, 255, 255, 0)),
    "transparent": ((0, 0, 0, 0), (0, 0, 0, 0)),
    "transparent with a hidden colour": ((255, 9, 9, 0), (0, 0, 0, 0)),
    "opaque, another colour": ((11, 20, 30, 255), (11, 20, 30, 255)),
    "edge": ((10, 20, 30, 254), (10, 20, 30, 254)),
    "opaque white": ((255, 255, 255, 255), (255, 255, 255, 255)),
}


@pytest.mark.parametrize("case", PIXEL_KINDS)
def test_each_kind_of_pixel_is_written_as_documented(case):
    pixel, stored = PIXEL_KINDS[case]
    delta = make_delta(np.array([[pixel]], np.uint8), np.array([[ORIGINAL]], np.uint8))
    assert tuple(delta[0, 0]) == stored


@pytest.mark.parametrize(
    ("stored", "rebuilt"),
    [
        ((255, 255, 255, 0), ORIGINAL),
        ((255, 0, 0, 0), ORIGINAL),  # the documented test is on red alone
        ((254, 255, 255, 0), (0, 0, 0, 0)),
        ((0, 0, 0, 0), (0, 0, 0, 0)),
        ((255, 255, 255, 1), (255, 255, 255, 1)),
        ((255, 7, 7, 255), (255, 7, 7, 255)),
    ],
)
def test_each_kind_of_pixel_is_read_as_documented(stored, rebuilt):
    out = apply_delta(np.array([[stored]], np.uint8), np.array([[ORIGINAL]], np.uint8))
    assert tuple(out[0, 0]) == rebuilt


@given(PIXELS, PIXELS, st.booleans())
def test_what_was_made_is_rebuilt_exactly(cutout, original, same_colours):
    if same_colours:
        cutout[..., :3] = original[..., :3]
    visible = cutout.copy()
    visible[visible[..., 3] == 0] = 0
    assert np.array_equal(apply_delta(make_delta(cutout, original), original), visible)


def test_large_pictures_are_rebuilt_in_every_row(noise):
    original, cutout = noise(300, 1000, 4), noise(300, 1000, 4)
    original[..., 3] = 255
    cutout[:, 500:] = original[:, 500:]
    cutout[cutout[..., 3] == 0] = 0
    delta = make_delta(cutout, original)
    assert (delta[:, 500:] == (255, 255, 255, 0)).all()
    assert np.array_equal(apply_delta(delta, original), cutout)


@pytest.mark.parametrize("work", [apply_delta, make_delta])
def test_another_size_is_an_error_that_names_the_likely_cause(work, noise):
    with pytest.raises(ImageError, match=r"4 3 and 4 2.*max_pixels must not have caused a shrink"):
        work(noise(3, 4, 4), noise(2, 4, 4))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_files_are_rebuilt_with_the_orientation_applied(orientation, saved, noise):
    exif = Image.Exif()
    exif[0x0112] = orientation
    uploaded = saved(noise(20, 30, 3), "JPEG", exif=exif.tobytes())
    original = decode(uploaded).rgba
    cutout = original.copy()
    cutout[:9, :, 3] = 0
    cutout[9:12, :, 3] = 100
    sent = encode_png(make_delta(cutout, original), clear_hidden=False)
    cutout[:9] = 0
    assert np.array_equal(decode(rebuild_delta(sent, uploaded)).rgba, cutout)


def test_a_palette_png_as_an_optimiser_would_write_it_is_rebuilt(saved, noise):
    uploaded = saved(noise(4, 4, 3), "PNG")
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 255, 255, 255])
    rebuilt = decode(rebuild_delta(saved(palette, "PNG", transparency=bytes([0, 0])), uploaded))
    assert np.array_equal(rebuilt.rgba, decode(uploaded).rgba)
