import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.morphology import disk, opening

from pixian_shim.images import harden


def post_process(mask):
    """Do what rembg 2.0.86 does with ``post_process_mask``."""
    return np.where(gaussian_filter(opening(mask, disk(1)).astype(np.float64), sigma=2) < 127, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (5, 300), (64, 64), (300, 513)], ids=str)
@pytest.mark.parametrize(
    "change",
    [
        lambda noise: noise,
        lambda noise: ((noise > 100) * 255).astype(np.uint8),
        lambda noise: gaussian_filter(noise, 3),
        lambda noise: np.where(gaussian_filter(noise, 9) < 128, 0, 255).astype(np.uint8),
    ],
    ids=["noise", "speckles", "soft", "blobs"],
)
def test_it_is_rembgs_to_the_last_bit(noise, shape, change):
    alpha = change(noise(*shape))
    assert np.array_equal(harden(alpha), post_process(alpha))


@pytest.mark.parametrize("level", [0, 100, 126, 127, 128, 200, 255])
def test_an_even_matte_becomes_all_or_nothing(level):
    even = np.full((40, 40), level, np.uint8)
    assert np.array_equal(harden(even), post_process(even))


def test_tiles_do_not_show():
    alpha = np.zeros((520, 520), np.uint8)
    alpha[250:262, 100:400] = 255  # along the border of two tiles
    assert np.array_equal(harden(alpha), post_process(alpha))


def test_the_matte_itself_is_left_alone(noise):
    alpha = noise(20, 20)
    before = alpha.copy()
    harden(alpha)
    assert np.array_equal(alpha, before)
