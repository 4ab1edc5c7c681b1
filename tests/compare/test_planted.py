"""Planted defects: the one that was planted is named first, and nothing is named where nothing was planted.

Every planting is made on drawn subjects from 200 to 2000 pixels; those marked ``model`` on cut-outs of real photos.
"""

import numpy as np
import pytest
from scipy import ndimage

from compare_pictures import (
    blotted,
    cropped,
    figure,
    moved,
    noisy,
    padded,
    real,
    recoded,
    rimmed,
    scaled,
    with_alpha,
)
from pixian_shim.compare.judging.causes import CAUSES, findings, limits
from pixian_shim.compare.measuring.measure import measure
from pixian_shim.geometry import Box, Size
from pixian_shim.images import resize

DRAWN = {"200 px": (200, 180), "600 px": (600, 500), "2000 px": (2000, 1500)}
REAL = {"coffee": 640, "chelsea": 451, "grace_hopper": 1200, "astronaut": 2000}


def named(left, right):
    """Give what is found, the strongest first."""
    return [one.cause for one in findings(measure(left, right), limits())]


def whole(kind):
    return figure(DRAWN[kind]) if kind in DRAWN else real(kind, REAL[kind])


def grown(share):
    """Move the outline by a share of the longer side, outwards or inwards."""

    def plant(rgba):
        by = max(2, round(abs(share) * max(rgba.shape[:2])))
        move = ndimage.maximum_filter if share > 0 else ndimage.minimum_filter
        return with_alpha(rgba, move(rgba[..., 3], 2 * by + 1))

    return plant


def smooth(rgba):
    """Round everything off, so that thin parts are gone."""
    by = max(rgba.shape[:2]) // 60
    soft = ndimage.gaussian_filter(rgba[..., 3].astype(float), by)
    return with_alpha(rgba, np.clip((soft - 127.5) * 8 + 127.5, 0, 255))


def rough(rgba):
    """Make the outline wavy, by 1 % of the longer side."""
    height, width = rgba.shape[:2]
    by = 0.01 * max(height, width)
    y, x = np.mgrid[:height, :width].astype(float)
    wave = by * np.sin(2 * np.pi * np.stack([x, y]) / (12 * by))
    return with_alpha(rgba, ndimage.map_coordinates(rgba[..., 3].astype(float), [y + wave[0], x + wave[1]], order=1))


def blot(*part, to=0.0):
    return lambda rgba: blotted(rgba, part, to=to)


def rim(colour, strength):
    return lambda rgba: rimmed(rgba, colour, width=max(2, max(rgba.shape[:2]) // 300), strength=strength)


def shift(across, down):
    """Move by shares of the canvas; what would be cut off stays, because the canvas was widened before."""
    return lambda rgba: moved(rgba, round(across * rgba.shape[1]), round(down * rgba.shape[0]))


def cut(top, right, bottom, left):
    """Cut shares of the canvas off."""

    def plant(rgba):
        height, width = rgba.shape[:2]
        first, start = round(top * height), round(left * width)
        end, stop = height - round(bottom * height), width - round(right * width)
        return cropped(rgba, Box(first, start, stop - start, end - first))

    return plant


def pad(share):
    return lambda rgba: padded(rgba, *(round(share * side) for side in (*rgba.shape[:2], *rgba.shape[:2])))


def size(factor):
    return lambda rgba: scaled(rgba, factor)


def empty(rgba):
    return with_alpha(rgba, np.zeros(rgba.shape[:2]))


def faint(rgba):
    """Leave a shadow of the subject that is hardly seen."""
    return with_alpha(rgba, rgba[..., 3] * 0.05)


def dust(rgba):
    """Leave one speck."""
    alpha = np.zeros(rgba.shape[:2])
    alpha[3:6, 3:6] = 255
    return with_alpha(rgba, alpha)


def opaque(rgba):
    return with_alpha(rgba, np.full(rgba.shape[:2], 255))


def on_white(rgba):
    share = rgba[..., 3:] / 255
    rgb = np.round(rgba[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
    return np.dstack([rgb, np.full(rgba.shape[:2], 255, np.uint8)])


def as_jpeg(rgba):
    return recoded(on_white(rgba), "JPEG", 85)


def shifted_colours(*by):
    return lambda rgba: np.dstack([np.clip(rgba[..., :3].astype(int) + by, 0, 255), rgba[..., 3]]).astype(np.uint8)


def swapped(rgba):
    """Take red for blue."""
    return np.ascontiguousarray(rgba[..., [2, 1, 0, 3]])


def darker(rgba):
    """Show another gamma."""
    return np.dstack([255 * (rgba[..., :3] / 255) ** 1.35, rgba[..., 3]]).astype(np.uint8)


# Of a drawn subject: its body is an ellipse around (0, 0.12), its head one around (0, -0.22).
PLANTED = [
    ("edge", "wider by 0.8 %", grown(0.008)),
    ("edge", "narrower by 0.8 %", grown(-0.008)),
    ("edge", "wider by 2 %", grown(0.02)),
    ("edge", "wavy", rough),
    ("hole", "in the body", blot(0, 0.12, 0.05, 0.05)),
    ("hole", "small, low", blot(-0.06, 0.24, 0.03, 0.04)),
    ("hole", "a slit", blot(0.05, 0.1, 0.014, 0.12)),
    ("hole", "half transparent", blot(0, 0.15, 0.06, 0.05, to=0.3)),
    ("extra object", "below", blot(0.38, 0.35, 0.07, 0.06, to=1)),
    ("extra object", "at the corner", blot(-0.48, -0.4, 0.05, 0.05, to=1)),
    ("extra object", "touching the body", blot(0.28, 0.2, 0.1, 0.06, to=1)),
    ("missing object", "the lower third", blot(0, 0.38, 0.3, 0.13)),
    ("missing object", "a side", blot(0.2, 0.12, 0.08, 0.14)),
    ("missing object", "the head", blot(0, -0.27, 0.14, 0.1)),
    ("crop shift", "moved to the right", shift(0.05, 0)),
    ("crop shift", "moved up and left", shift(-0.03, -0.02)),
    ("crop shift", "canvas cut", cut(0.02, 0.05, 0.01, 0.03)),
    ("crop shift", "padded", pad(0.1)),
    ("colour fringe", "green", rim((20, 220, 40), 0.6)),
    ("colour fringe", "white", rim((255, 255, 255), 0.5)),
    ("colour fringe", "black", rim((0, 0, 0), 0.5)),
    ("size", "half", size(0.5)),
    ("size", "a little smaller", size(0.9)),
    ("size", "enlarged", size(1.7)),
    ("empty", "nothing at all", empty),
    ("empty", "hardly seen", faint),
    ("empty", "a speck", dust),
    ("opaque", "background left in", opaque),
    ("opaque", "put on white", on_white),
    ("opaque", "a JPEG", as_jpeg),
    ("colour", "redder", shifted_colours(40, -10, -10)),
    ("colour", "red for blue", swapped),
    ("colour", "another gamma", darker),
]
IDS = [f"{cause}: {how}" for cause, how, _ in PLANTED]


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize(("cause", "how", "plant"), PLANTED, ids=IDS)
def test_planted_defect_is_named_first(kind, cause, how, plant):
    left = whole(kind)
    found = named(left, plant(left))
    assert found[:1] == [cause]
    assert not {"crop shift", "size", "empty", "opaque"} & set(found[1:])  # of these none goes with another


@pytest.mark.parametrize(("cause", "how", "plant"), PLANTED, ids=IDS)
def test_only_the_planted_defect_is_named_or_what_comes_with_it(cause, how, plant):
    with_it = {
        "missing object": {"edge"},  # its outline is gone too
        "extra object": {"edge"},
        "hole": {"edge"},
        "colour fringe": {"colour"},  # a rim of some pixels reaches in
        "edge": {"missing object", "extra object", "hole"},  # corners fill up, small parts vanish
    }
    left = whole("600 px")
    assert set(named(left, plant(left))) <= {cause} | with_it.get(cause, set())


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize(
    ("cause", "options"),
    [
        ("edge", {"strap": False}),
        ("missing object", {"arm": False}),
        ("missing object", {"handle": False}),
    ],
)
def test_part_that_is_left_out_is_named_and_on_the_other_side_the_opposite(kind, cause, options):
    full, less = whole(kind), figure(DRAWN[kind], **options)
    assert named(full, less)[0] == cause
    assert named(less, full)[0] == {"missing object": "extra object"}.get(cause, cause)


@pytest.mark.parametrize("kind", DRAWN)
def test_rounded_off_outline_without_its_thin_parts_is_an_edge(kind):
    left = whole(kind)
    assert named(left, smooth(left))[0] == "edge"
    assert measure(left, smooth(left)).lost_parts >= 1


def test_filled_handle_is_a_hole_that_one_side_does_not_have():
    left = figure()
    assert named(left, blotted(left, (-0.24, 0.2, 0.09, 0.09), to=1))[0] == "hole"


@pytest.mark.parametrize("kind", DRAWN)
def test_defect_is_found_beneath_another_size_and_another_crop(kind):
    left = whole(kind)
    for cause, plant in (
        ("hole", blot(0, 0.12, 0.06, 0.06)),
        ("missing object", blot(0, 0.38, 0.3, 0.13)),
        ("extra object", blot(0.28, 0.3, 0.1, 0.1, to=1)),
    ):
        told = named(left, scaled(cut(0.02, 0.02, 0.02, 0.02)(plant(left)), 0.7))
        assert told[0] == cause
        assert "size" in told
        assert kind == "200 px" or "crop shift" in told  # of 4 pixels, with a part missing, nobody can be sure


# Nothing is named


def recoloured(rgba):
    """Change the colours under alpha 0."""
    return np.dstack([np.where(rgba[..., 3:] == 0, 77, rgba[..., :3]), rgba[..., 3]]).astype(np.uint8)


HARMLESS = [
    ("JPEG", lambda rgba: recoded(rgba, "JPEG")),
    ("WebP", lambda rgba: recoded(rgba, "WEBP")),
    ("three levels of noise", noisy),
    ("other colours where nothing is seen", recoloured),
    ("softer by half a pixel", lambda rgba: with_alpha(rgba, ndimage.gaussian_filter(rgba[..., 3].astype(float), 0.7))),
]


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize(("how", "change"), HARMLESS, ids=[how for how, _ in HARMLESS])
def test_nothing_is_named_where_nobody_would_see_it(kind, how, change):
    left = whole(kind)
    assert named(left, change(left)) == []


@pytest.mark.parametrize("kind", ["600 px", "2000 px"])
def test_nothing_is_named_after_resampling_there_and_back(kind):
    left = whole(kind)
    back = resize(scaled(left, 0.7), Size(left.shape[1], left.shape[0]))
    assert named(left, back) == []


BELOW = [
    ("edge", "outline off by a pixel", lambda rgba: figure((rgba.shape[1], rgba.shape[0]), grow=1.0)),
    ("hole", "a pinhole", blot(0, 0.12, 0.006, 0.006)),
    ("extra object", "a speck of dust", blot(0.42, 0.35, 0.008, 0.008, to=1)),
    ("missing object", "a nick", blot(0.2, 0.12, 0.012, 0.012)),
    ("crop shift", "half a per cent", shift(0.004, 0)),
    ("colour fringe", "a breath of green", rim((20, 220, 40), 0.06)),
    ("colour", "two levels", shifted_colours(2, 2, 2)),
]


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize(("cause", "how", "plant"), BELOW, ids=[f"{cause}: {how}" for cause, how, _ in BELOW])
def test_below_its_limit_nothing_is_named(kind, cause, how, plant):
    left = whole(kind)
    assert named(left, plant(left)) == []


def test_another_rounding_of_the_size_is_no_difference_of_size():
    left = figure((600, 500))
    assert named(left, resize(left, Size(601, 500))) == []


# Real photos


REAL_PLANTED = [
    ("edge", "wider by 0.8 %", grown(0.008)),
    ("edge", "narrower by 0.8 %", grown(-0.008)),
    ("edge", "wavy", rough),
    ("hole", "in the middle", blot(0.03, 0.15, 0.07, 0.06)),
    ("hole", "smaller", blot(-0.02, 0.1, 0.04, 0.05)),
    ("missing object", "the bottom", blot(0, 0.48, 0.5, 0.16)),
    ("colour fringe", "green", rim((20, 220, 40), 0.6)),
    ("colour fringe", "white", rim((255, 255, 255), 0.6)),
    ("crop shift", "padded", pad(0.1)),
    ("size", "half", size(0.5)),
    ("size", "enlarged", size(1.3)),
    ("empty", "nothing at all", empty),
    ("empty", "hardly seen", faint),
    ("opaque", "background left in", opaque),
    ("opaque", "a JPEG", as_jpeg),
    ("colour", "redder", shifted_colours(40, -10, -10)),
    ("colour", "red for blue", swapped),
]


@pytest.mark.model
@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize(
    ("cause", "how", "plant"), REAL_PLANTED, ids=[f"{cause}: {how}" for cause, how, _ in REAL_PLANTED]
)
def test_planted_defect_of_a_real_cut_out_is_named_first(kind, cause, how, plant):
    left = whole(kind)
    assert named(left, plant(left))[:1] == [cause]


@pytest.mark.model
@pytest.mark.parametrize(
    ("kind", "part"),
    [("coffee", (-0.6, -0.38, 0.08, 0.08)), ("coffee", (0.66, -0.4, 0.07, 0.06)), ("chelsea", (0.6, -0.36, 0.1, 0.1))],
)
def test_object_that_is_added_to_a_real_cut_out_is_named_first(kind, part):
    left = whole(kind)
    assert named(left, blotted(left, part, to=1))[:1] == ["extra object"]


@pytest.mark.model
@pytest.mark.parametrize("kind", REAL)
@pytest.mark.parametrize(("how", "change"), HARMLESS, ids=[how for how, _ in HARMLESS])
def test_nothing_is_named_of_a_real_cut_out_where_nobody_would_see_it(kind, how, change):
    left = whole(kind)
    assert named(left, change(left)) == []


def test_every_cause_is_planted_at_least_three_times():
    planted = [cause for cause, _, _ in PLANTED]
    assert {cause.name for cause in CAUSES} == set(planted)
    assert min(map(planted.count, planted)) >= 3
