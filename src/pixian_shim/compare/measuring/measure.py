"""Measure how two cut-outs of one photo differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from pixian_shim.compare.measuring.align import Overlay
from pixian_shim.compare.measuring.colour import premultiplied_error, sampled_difference, ssim_on_white_and_black
from pixian_shim.compare.measuring.edges import (
    boundary,
    boundary_f,
    close_to,
    gradient_error,
    narrowed,
    thin_parts,
    widened,
)
from pixian_shim.compare.measuring.histogram import EMPTY, AlphaHistogram
from pixian_shim.compare.measuring.regions import Regions, connectivity_error, holes, islands
from pixian_shim.geometry import Box
from pixian_shim.images import crop, foreground_box
from pixian_shim.images._pixels import alpha_of, every_nth, is_opaque, size_of

if TYPE_CHECKING:
    from pixian_shim.compare.measuring.align import Placing
    from pixian_shim.compare.measuring.regions import Mask
    from pixian_shim.geometry import Size
    from pixian_shim.images import Pixels

HALF = 128
"""Alpha from which a pixel belongs to the subject, where a yes or no is needed; a tenth where neither side has such."""
SAMPLES = 2048
"""Pixels at most whose colours are compared, along the edge and inside each."""
REDUCED = 130_000
"""Pixels at most of the copy on which similarity and connectivity are measured: every n-th pixel of every n-th row."""

TENTH, OPAQUE = 26, 255

_COLOURED, _SOLID = 64, 250  # of alpha, on both sides: fainter pixels have no colour to be seen; these are no edge
_SHARE_OF_DIAGONAL = 0.002  # DAVIS uses 0.008 on video frames; outlines of product photos are held to a quarter of it
_BORDER = 16  # pixels at least around the subjects that are looked at
_REACHES = 4  # tolerances to which the neighbourhood of a region reaches; the border is no narrower
_LONG = 6  # times the tolerance: length from which a thin part is counted
_LESS = 0.7  # of the alpha that makes a subject: where a side is fainter by so much, it lacks something
_MOST_REGIONS = 64  # are looked at one by one
_ENCLOSED = 0.8  # of a region's surroundings that belong to the other's subject: then it is a hole
_ALONG, _SLIT = 0.25, 0.85  # likewise: a band along the other's outline lies between them, a slit within it beyond
_BAND = 16  # times the square of its thickness: a band's area; 16 times as long as it is thick
_BLOCK, _SPOT_BLOCKS = 16, 6  # pixels, and blocks to a side of the worst spot
_BLOCK_STEP = 4  # colours are looked at in every fourth pixel of every fourth row


@attrs.frozen(kw_only=True)
class Measures:
    """How the right picture differs from the left one, after both were brought onto one canvas.

    Shares are 0 to 1; alphas are taken from 0 to 1; the left one is the reference. Everything is a plain number, so
    that it can be written as JSON and read again.
    """

    left_width: int
    left_height: int
    right_width: int
    right_height: int
    aligned_by: str
    """``canvas``: as they are, or scaled as a whole; ``box``: by the subjects' boxes."""
    shift_x: float
    """Left pixels that the right picture was moved by."""
    shift_y: float
    scale: float
    """Left pixels for one right pixel."""
    crop: float
    """Share of the two canvases, laid over each other, that only one of them covers."""
    mae: float
    """Mean absolute difference of the alphas, over the whole canvas."""
    mse: float
    sad: float
    """Sum of absolute differences of the alphas, in pixels."""
    iou_10: float
    """Intersection over union of what is at least 10 % opaque; likewise 50 % and 90 %."""
    iou_50: float
    iou_90: float
    gradient: float
    """See ``gradient_error``."""
    connectivity: float
    """See ``connectivity_error``; on the reduced copy, times its share of the pixels."""
    boundary_f: float
    tolerance: int
    """Pixels that outlines may be apart: 0.2 % of the diagonal, at least 1."""
    left_share: float
    """Of the canvas that is subject."""
    right_share: float
    missing: float
    """Solid regions that the right lacks beside its outline, as a share of the left's subject."""
    extra: float
    """Solid regions that the left lacks, likewise."""
    hole: float
    """Solid regions that either lacks within its subject, likewise."""
    left_holes: int
    right_holes: int
    left_islands: int
    """Regions beside the largest one."""
    right_islands: int
    lost_parts: int
    """Thin parts of the left that the right does not have, such as hair or straps."""
    gained_parts: int
    fringe: float | None
    """Mean CIEDE2000 along the edge, less that inside; ``None`` where there is no edge."""
    colour: float | None
    """Mean CIEDE2000 inside; ``None`` where there is no inside."""
    premultiplied: float
    """Mean absolute difference of the premultiplied colours, over the whole canvas; from the reduced copy."""
    ssim_white: float
    ssim_black: float
    left_opaque: bool
    """Whether no pixel is transparent."""
    right_opaque: bool
    spot: Box | None
    """Where they differ most, in pixels of the left picture."""


def measure(left: Pixels, right: Pixels, overlay: Overlay | None = None) -> Measures:
    """Measure two cut-outs of one photo.

    Args:
        left: RGBA, ``(height, width, 4)``, ``uint8``, straight alpha.
        right: of any size.
        overlay: of the two, if it is at hand.
    """
    laid = overlay or Overlay.of(left, right)
    sizes, canvas = (size_of(left), size_of(right)), size_of(laid.left)
    tolerance = max(1, round(_SHARE_OF_DIAGONAL * (canvas.width**2 + canvas.height**2) ** 0.5))
    whole = alpha_of(laid.left), alpha_of(laid.right)
    within = _within(whole, max(_BORDER, _REACHES * tolerance))
    one, other = crop(laid.left, within), crop(laid.right, within)
    alphas = np.ascontiguousarray(crop(whole[0], within)), np.ascontiguousarray(crop(whole[1], within))
    counts = AlphaHistogram.of(*alphas)
    counts.counts[0, 0] += canvas.pixels - alphas[0].size
    level = HALF if max(counts.areas(HALF)) >= EMPTY * canvas.pixels else TENTH  # smoke and veils are subjects too
    areas = counts.areas(level)
    masks = alphas[0] >= level, alphas[1] >= level
    spot = _spot(one, other, alphas)
    told: dict[str, Any] = {
        "left_opaque": is_opaque(left),
        "right_opaque": is_opaque(right),
        "spot": None
        if spot is None
        else laid.on_left(spot._replace(top=spot.top + within.top, left=spot.left + within.left)),
        "gradient": gradient_error(*alphas),
        **_geometry(laid.way, *sizes),
        **_outline(*masks, tolerance),
        **_solid(alphas, masks, int(level * _LESS), tolerance),
        **_colours(one, other, alphas, masks),
        **_reduced(one, other, alphas, canvas.pixels),
    }
    return Measures(
        mae=counts.mae,
        mse=counts.mse,
        sad=counts.sad,
        iou_10=counts.iou(TENTH),
        iou_50=counts.iou(HALF),
        iou_90=counts.iou(OPAQUE - TENTH + 1),
        left_share=areas[0] / canvas.pixels,
        right_share=areas[1] / canvas.pixels,
        tolerance=tolerance,
        **told,
    )


def _geometry(way: Placing, left: Size, right: Size) -> dict[str, float | str]:
    return {
        "left_width": left.width,
        "left_height": left.height,
        "right_width": right.width,
        "right_height": right.height,
        "aligned_by": way.by,
        "shift_x": way.left,
        "shift_y": way.top,
        "scale": (way.across * way.down) ** 0.5,
        "crop": 1 - way.overlap(left, right),
    }


def _within(alphas: tuple[Pixels, Pixels], border: int) -> Box:
    """Leave out the canvas where both are empty, but for a border: nothing there can differ."""
    either = np.maximum(*alphas)
    box = foreground_box(either) or Box(0, 0, 1, 1)
    height, width = either.shape
    top, left = max(0, box.top - border), max(0, box.left - border)
    bottom, right = min(height, box.top + box.height + border), min(width, box.left + box.width + border)
    return Box(top, left, right - left, bottom - top)


def _outline(left: Mask, right: Mask, tolerance: int) -> dict[str, float | int]:
    least = (2 * tolerance + 1) ** 2
    return {
        "boundary_f": boundary_f(left, right, tolerance),
        "left_holes": holes(left, least),
        "right_holes": holes(right, least),
        "left_islands": islands(left, least),
        "right_islands": islands(right, least),
        "lost_parts": _lost_parts(left, right, tolerance),
        "gained_parts": _lost_parts(right, left, tolerance),
    }


def _lost_parts(have: Mask, lack: Mask, tolerance: int) -> int:
    """Count thin parts that one side has and the other does not: clearly longer than the width that makes them thin."""
    only = have & ~lack
    far = only & ~close_to(only, lack, tolerance)
    if not far.any():
        return 0
    far &= thin_parts(have, 2 * tolerance)
    top, left, bottom, right = Regions.of(far).boxes()
    return int(np.count_nonzero(np.maximum(bottom - top, right - left) >= _LONG * tolerance))


def _solid(alphas: tuple[Pixels, Pixels], masks: tuple[Mask, Mask], less: int, tolerance: int) -> dict[str, float]:
    fainter = np.minimum(*alphas)
    missing, opened = _lacking(alphas[0] - fainter >= less, masks[1], tolerance)
    extra, filled = _lacking(alphas[1] - fainter >= less, masks[0], tolerance)
    subject = max(1, int(np.count_nonzero(masks[0])) or int(np.count_nonzero(masks[1])))
    return {"missing": missing / subject, "extra": extra / subject, "hole": (opened + filled) / subject}


def _lacking(only: Mask, lack: Mask, tolerance: int) -> tuple[int, int]:
    """Measure solid regions that one side lacks, in pixels: those beside its subject, and those inside of it.

    What is narrower than twice the tolerance to each side, and not enclosed, is the outline running elsewhere, and so
    is a long band along it, however wide.
    """
    cores = Regions.of(only & ~close_to(only, ~only, tolerance))
    if not len(cores):
        return 0, 0
    deep = cores.counted(only & ~close_to(only, ~only, 2 * tolerance))
    beside = inside = 0
    top, left, bottom, right = cores.boxes()
    for core in np.argsort(cores.areas)[::-1][:_MOST_REGIONS]:
        reach = 2 * tolerance + 2
        rows = slice(max(0, int(top[core]) - reach), int(bottom[core]) + reach)
        columns = slice(max(0, int(left[core]) - reach), int(right[core]) + reach)
        blob = cores.part(int(core), rows, columns, only[rows, columns].shape)
        near = widened(blob, reach) & ~widened(blob, tolerance + 1)
        blob = widened(blob, tolerance) & only[rows, columns]
        area = int(np.count_nonzero(blob))
        around = lack[rows, columns][near]
        subject = float(around.mean()) if around.any() else 0.0
        if _ALONG <= subject < _SLIT and _thin(blob, area):
            continue
        cut_off = min(top[core], left[core], only.shape[0] - bottom[core], only.shape[1] - right[core]) <= tolerance
        if not cut_off and subject >= _ENCLOSED:
            inside += area
        elif deep[core]:
            beside += area
    return beside, inside


def _thin(region: Mask, area: int) -> bool:
    """Tell whether a region is a band: no square of a sixteenth of its area fits in."""
    half = (area / _BAND) ** 0.5 / 2
    step = max(1, int(half) // _BLOCK_STEP)
    return not narrowed(region[::step, ::step], max(1, round(half / step))).any()


def _colours(
    one: Pixels, other: Pixels, alphas: tuple[Pixels, Pixels], masks: tuple[Mask, Mask]
) -> dict[str, float | None]:
    fainter = np.minimum(*alphas)
    outline = boundary(masks[0]) | boundary(masks[1])
    solid = fainter >= _SOLID
    along = sampled_difference(one, other, (fainter >= _COLOURED) & (outline | ~solid), SAMPLES)
    inside = sampled_difference(one, other, solid & ~outline, SAMPLES)
    within = float(inside.mean()) if len(inside) else None
    fringe = max(0.0, float(along.mean()) - (within or 0.0)) if len(along) else None
    return {"fringe": fringe, "colour": within}


def _reduced(one: Pixels, other: Pixels, alphas: tuple[Pixels, Pixels], pixels: int) -> dict[str, float]:
    step = int(np.ceil((one.shape[0] * one.shape[1] / REDUCED) ** 0.5))
    few = [np.ascontiguousarray(alpha[::step, ::step]) for alpha in alphas]
    each = alphas[0].size / few[0].size  # pixels that one of them stands for
    copies = every_nth(one, step), every_nth(other, step)
    white, black = ssim_on_white_and_black(*copies)
    return {
        "connectivity": connectivity_error(*few) * each,
        "premultiplied": premultiplied_error(*copies) * each / pixels,
        "ssim_white": white,
        "ssim_black": black,
    }


def _spot(one: Pixels, other: Pixels, alphas: tuple[Pixels, Pixels]) -> Box | None:
    """Find the square where the alphas differ most; where they do not, the colours."""
    found = _heaviest(np.maximum(*alphas) - np.minimum(*alphas))
    if found is not None:
        return found
    few, others = (rgba[::_BLOCK_STEP, ::_BLOCK_STEP] for rgba in (one, other))
    colours = (np.maximum(few, others) - np.minimum(few, others))[..., :3].max(axis=2)
    colours[few[..., 3] == 0] = 0
    return _heaviest(colours, _BLOCK_STEP)


def _heaviest(differences: Pixels, step: int = 1) -> Box | None:
    """Find the square with the largest sum of what is told of every n-th pixel."""
    block = _BLOCK // step
    blocks = [-(-side // block) for side in differences.shape]
    padded = np.zeros((blocks[0] * block, blocks[1] * block), np.uint8)
    padded[: differences.shape[0], : differences.shape[1]] = differences
    sums = padded.reshape(blocks[0], block, -1).sum(axis=1, dtype=np.uint32).reshape(*blocks, block).sum(axis=2)
    if not sums.any():
        return None
    whole = np.zeros((blocks[0] + 1, blocks[1] + 1), np.int64)
    whole[1:, 1:] = sums.cumsum(axis=0).cumsum(axis=1)
    down, across = (min(_SPOT_BLOCKS, count) for count in blocks)
    squares = whole[down:, across:] - whole[:-down, across:] - whole[down:, :-across] + whole[:-down, :-across]
    top, left = np.unravel_index(int(squares.argmax()), squares.shape)
    found = Box(int(top) * _BLOCK, int(left) * _BLOCK, across * _BLOCK, down * _BLOCK)
    height, width = (side * step for side in differences.shape)
    return found._replace(width=min(found.width, width - found.left), height=min(found.height, height - found.top))
