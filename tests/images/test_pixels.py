import numpy as np
import pytest

from pixian_shim.images._pixels import alpha_of, every_nth, is_opaque


def test_the_alpha_is_the_fourth_channel_and_a_copy(noise):
    rgba = noise(31, 47, 4)
    alpha = alpha_of(rgba)
    assert np.array_equal(alpha, rgba[..., 3])
    alpha[:] = 0
    assert rgba[..., 3].any()


@pytest.mark.parametrize("alpha", [0, 254, 255])
def test_one_transparent_pixel_is_enough(alpha, noise):
    rgba = noise(31, 47, 4)
    rgba[..., 3] = 255
    rgba[30, 46, 3] = alpha
    assert is_opaque(rgba) == (alpha == 255)


@pytest.mark.parametrize("step", [1, 2, 3, 50])
def test_every_nth_pixel_is_that_of_a_slice_even_of_a_part(step, noise):
    part = noise(31, 47, 4)[3:29, 5:40]
    thin = every_nth(part, step)
    assert np.array_equal(thin, part[::step, ::step])
    assert thin.flags.c_contiguous
