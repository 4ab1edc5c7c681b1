import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.errors import ImageError
from pixian_shim.images import apply_matte, enlarge, over_colour, over_image, uncover

CHANNEL = st.integers(0, 255)
COLOUR = st.tuples(CHANNEL, CHANNEL, CHANNEL, CHANNEL)


def over(front, back):
    """Compute "over" for straight alpha, in exact shares."""
    front_share, back_share = front[3] / 255, back[3] / 255 * (1 - front[3] / 255)
    share = front_share + back_share
    if not share:
        return None, 0.0
    return [(f * front_share + b * back_share) / share for f, b in zip(front[:3], back[:3], strict=True)], share * 255


@given(COLOUR, COLOUR)
def test_over_colour_is_the_textbook_over(front, back):
    red, green, blue, alpha = over_colour(np.array([[front]], np.uint8), back)[0, 0].tolist()
    colour, share = over(front, back)
    assert alpha == pytest.approx(share, abs=1)
    if share > 1:
        assert [red, green, blue] == pytest.approx(colour, abs=1 + 255 / share)  # few levels are left of a faint colour


def test_a_translucent_colour_leaves_the_result_translucent():
    rgba = np.zeros((1, 2, 4), np.uint8)
    rgba[0, 0] = (10, 20, 30, 255)
    assert over_colour(rgba, (129, 216, 208, 100)).tolist() == [[[10, 20, 30, 255], [129, 216, 208, 100]]]


def test_the_picture_itself_is_not_changed(noise):
    rgba = noise(5, 5, 4)
    before = rgba.copy()
    over_colour(rgba, (1, 2, 3, 255))
    apply_matte(rgba, np.zeros((5, 5), np.uint8))
    assert np.array_equal(rgba, before)


def stripes(width, height):
    """Make a picture whose colour tells the place: red from left to right, green from top to bottom."""
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., 0] = np.linspace(0, 255, width)[None, :]
    rgba[..., 1] = np.linspace(0, 255, height)[:, None]
    return rgba


def test_a_background_of_the_same_size_is_used_as_it_is(noise):
    background = noise(20, 30, 4)
    background[..., 3] = 255
    assert np.array_equal(over_image(np.zeros((20, 30, 4), np.uint8), background), background)


@pytest.mark.parametrize(
    ("size", "red", "green"),
    [
        ((200, 100), (64, 191), (0, 255)),  # twice as wide: the middle half of the width is seen
        ((100, 200), (0, 255), (64, 191)),
        ((50, 50), (0, 255), (0, 255)),
        ((1600, 400), (96, 159), (0, 255)),
    ],
)
def test_a_background_covers_the_canvas_centred(size, red, green):
    seen = over_image(np.zeros((100, 100, 4), np.uint8), stripes(*size))
    assert seen.shape == (100, 100, 4)
    assert (seen[..., 3] == 255).all()
    assert [int(seen[50, 0, 0]), int(seen[50, -1, 0])] == pytest.approx(red, abs=5)
    assert [int(seen[0, 50, 1]), int(seen[-1, 50, 1])] == pytest.approx(green, abs=5)


def test_the_front_stays_in_front(subject):
    front = subject((30, 20), (5, 5, 10, 10))
    seen = over_image(front, stripes(77, 33))
    assert (seen[5:15, 5:15] == (200, 30, 10, 255)).all()


def test_a_matte_keeps_the_colours_and_multiplies_the_alpha(noise):
    rgba = noise(9, 11, 4)
    matte = noise(9, 11)
    cut = apply_matte(rgba, matte)
    assert np.array_equal(cut[..., :3], rgba[..., :3])
    assert np.array_equal(cut[..., 3], np.round(rgba[..., 3] / 255 * matte).astype(np.uint8))


def test_a_matte_on_an_opaque_picture_is_its_alpha(noise):
    rgba, matte = noise(9, 11, 4), noise(9, 11)
    rgba[..., 3] = 255
    assert np.array_equal(apply_matte(rgba, matte)[..., 3], matte)


def test_a_smaller_matte_is_enlarged_to_the_picture(noise):
    matte = np.zeros((10, 10), np.uint8)
    matte[:, 5:] = 255
    rgba = noise(40, 60, 4)
    rgba[..., 3] = 255
    alpha = apply_matte(rgba, matte)[..., 3]
    assert (alpha[:, :24] == 0).all()
    assert (alpha[:, 36:] == 255).all()


def test_a_matte_with_colours_is_an_error(noise):
    with pytest.raises(ImageError, match="one channel"):
        apply_matte(noise(4, 4, 4), noise(4, 4, 4))


def test_enlarged_a_cutout_has_the_originals_pixels_inside_and_its_own_colours_in_the_edge(noise):
    original = noise(40, 60, 4)
    original[..., 3] = 255
    cutout = np.zeros((20, 30, 4), np.uint8)
    cutout[..., 0] = 200
    cutout[5:15, 10:20, 3] = 255
    cutout[5:15, 9, 3] = cutout[5:15, 20, 3] = 128
    large = enlarge(cutout, original)
    inside, edge = large[..., 3] == 255, (large[..., 3] > 48) & (large[..., 3] < 255)  # fainter: rounding shows
    assert large.shape == (40, 60, 4)
    assert np.array_equal(large[inside, :3], original[inside, :3])
    assert edge.any()
    assert (abs(large[edge, 0].astype(int) - 200) <= 8).all()
    assert (large[edge, 1:3] <= 8).all(), "nothing of the original's background"


def test_uncovered_a_cutout_shows_the_original_where_it_is_transparent(noise):
    cutout, original = noise(9, 11, 4), noise(9, 11, 4)
    original[..., 3] = 255
    cutout[:4, :, 3] = 0
    cutout[4:, :, 3] = 7
    before = cutout.copy()
    shown = uncover(cutout, original)
    assert np.array_equal(shown[:4, :, :3], original[:4, :, :3])
    assert np.array_equal(shown[4:], before[4:])
    assert not shown[:4, :, 3].any()
