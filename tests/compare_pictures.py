"""Cut-outs for comparing: a drawn subject with soft edges, cut-outs of real photos, and what goes wrong with them."""

from functools import cache
from io import BytesIO

import numpy as np
from hypothesis import HealthCheck, settings
from PIL import Image

from pixian_shim.geometry import Box, Size
from pixian_shim.images import extend, resize

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties of pictures: how long an example takes says nothing on a machine that is shared."""

_SOFT = 1.6  # pixels from transparent to opaque


def canvas(size):
    """Give coordinates, the shorter side of the canvas being 1, and how long a pixel is."""
    width, height = size
    unit = 1 / min(size)
    down, across = np.mgrid[0:height, 0:width]
    return (across + 0.5 - width / 2) * unit, (down + 0.5 - height / 2) * unit, unit


def ellipse(x, y, centre, radii):
    """Give roughly the distance to an ellipse, negative inside."""
    across, down = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1]
    return (np.hypot(across, down) - 1) * min(radii)


def bar(x, y, start, end, width):
    """Give the distance to a line with a width and round ends."""
    along = np.array(end) - np.array(start)
    share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (along @ along), 0, 1)
    return np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1]) - width / 2


def soft(distance, unit):
    """Make alpha, 0 to 1, of a distance."""
    return np.clip(0.5 - distance / (unit * _SOFT), 0, 1)


@cache
def figure(size=(600, 500), *, arm=True, strap=True, handle=True, grow=0.0, parts=(), seed=0):
    """Draw a body with a head, an arm, a thin strap and a handle that one can look through.

    Args:
        size: width and height.
        arm: whether it is there, and likewise the others.
        strap: thinner than what an opening keeps.
        handle: a ring.
        grow: what the outline is moved outwards by, in pixels.
        parts: more ellipses, ``(x, y, horizontal radius, vertical radius)``, the canvas's shorter side being 1.
        seed: of the colours.
    """
    x, y, unit = canvas(size)
    shapes = [ellipse(x, y, (0, 0.12), (0.2, 0.26)), ellipse(x, y, (0, -0.22), (0.1, 0.12))]
    if arm:
        shapes.append(bar(x, y, (0.15, 0.0), (0.38, -0.18), 0.07))
    if strap:
        shapes.append(bar(x, y, (-0.16, 0.05), (-0.42, -0.3), max(0.003, 2.2 * unit)))
    if handle:
        shapes.append(np.abs(np.hypot(x + 0.24, y - 0.2) - 0.1) - 0.025)
    shapes += [ellipse(x, y, part[:2], part[2:]) for part in parts]
    alpha = soft(np.min(shapes, axis=0) - grow * unit, unit)
    rgba = painted(alpha, seed)
    rgba.setflags(write=False)  # the same one is given again
    return rgba


def painted(alpha, seed=0):
    """Give an alpha of 0 to 1 smooth colours with some texture, also where it is transparent."""
    height, width = alpha.shape
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(30, 226, (7, 9, 3), dtype=np.uint8))
    rgb = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    rgb = np.clip(rgb + random.integers(-3, 4, rgb.shape), 0, 255)
    return np.dstack([rgb, np.round(alpha * 255)]).astype(np.uint8)


@cache
def real(name, longer=640):
    """Cut out a demo photo with the sandbox's engine; ``longer`` is the result's longer side."""
    from pixian_shim.images import decode
    from pixian_shim.sandbox import photos
    from pixian_shim.sandbox._engines import find_engine

    (path,) = [photo.path for photo in photos() if photo.name == name]
    rgb = np.ascontiguousarray(decode(path.read_bytes()).rgba[..., :3])
    rgba = np.dstack([rgb, find_engine("u2netp").matte(rgb)])
    factor = longer / max(rgb.shape[:2])
    rgba = resize(rgba, Size(round(rgb.shape[1] * factor), round(rgb.shape[0] * factor)))
    rgba.setflags(write=False)
    return rgba


def with_alpha(rgba, alpha):
    """Give the same colours with another alpha, 0 to 255."""
    return np.dstack([rgba[..., :3], np.clip(np.round(alpha), 0, 255).astype(np.uint8)])


def scaled(rgba, factor):
    """Resize by a factor."""
    return resize(rgba, Size(round(rgba.shape[1] * factor), round(rgba.shape[0] * factor)))


def cropped(rgba, box: Box):
    """Cut out a rectangle."""
    return np.ascontiguousarray(rgba[box.top : box.top + box.height, box.left : box.left + box.width])


def padded(rgba, top=0, right=0, bottom=0, left=0):
    """Add a transparent border."""
    return extend(rgba, top, right, bottom, left)


def moved(rgba, across, down):
    """Shift on the same canvas; what comes in is transparent."""
    height, width = rgba.shape[:2]
    wide = padded(rgba, abs(down), abs(across), abs(down), abs(across))
    top, left = abs(down) - down, abs(across) - across
    return np.ascontiguousarray(wide[top : top + height, left : left + width])


def blotted(rgba, part, *, to=0.0):
    """Make an ellipse transparent, or as opaque as told: ``(x, y, horizontal radius, vertical radius)``."""
    x, y, unit = canvas((rgba.shape[1], rgba.shape[0]))
    share = soft(ellipse(x, y, part[:2], part[2:]), unit)
    return with_alpha(rgba, rgba[..., 3] * (1 - share) + 255 * to * share)


def rimmed(rgba, colour, *, width, strength):
    """Blend a colour into everything within ``width`` pixels of the outside."""
    from scipy import ndimage

    inner = ndimage.minimum_filter(rgba[..., 3], 2 * width + 1) < 250
    rgb = rgba[..., :3].astype(np.float64)
    rgb[inner] += strength * (np.array(colour) - rgb[inner])
    return np.dstack([rgb.round().astype(np.uint8), rgba[..., 3]])


def recoded(rgba, kind, quality=85):
    """Send the colours through JPEG, or all of it through WebP."""
    file = BytesIO()
    if kind == "JPEG":
        Image.fromarray(np.ascontiguousarray(rgba[..., :3])).save(file, kind, quality=quality)
        return np.dstack([np.asarray(Image.open(file)), rgba[..., 3]])
    Image.fromarray(rgba).save(file, kind, quality=quality)
    return np.array(Image.open(file).convert("RGBA"))


def noisy(rgba, levels=3, seed=0):
    """Add noise to the alpha."""
    random = np.random.default_rng(seed)
    return with_alpha(rgba, rgba[..., 3].astype(int) + random.integers(-levels, levels + 1, rgba.shape[:2]))
