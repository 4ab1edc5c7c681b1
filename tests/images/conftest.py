from io import BytesIO

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def saved():
    """Write an array or a Pillow image as a file of a format."""

    def save(picture, form, **options):
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        file = BytesIO()
        image.save(file, form, **options)
        return file.getvalue()

    return save


@pytest.fixture
def noise():
    """Make an array of a shape, the same each time, every value from 0 to 255 possible."""

    def make(*shape):
        return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)

    return make


@pytest.fixture
def subject():
    """Make a transparent canvas (width, height) with one opaque red rectangle at (top, left, width, height)."""

    def make(canvas, box, colour=(200, 30, 10, 255)):
        rgba = np.zeros((canvas[1], canvas[0], 4), np.uint8)
        top, left, width, height = box
        rgba[top : top + height, left : left + width] = colour
        return rgba

    return make
