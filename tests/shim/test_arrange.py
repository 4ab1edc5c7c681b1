"""Canvases, from a plan to pixels: where is the subject, how large, on what."""

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pictures import encoded, opened, photo, picture, subject_box
from pixian_shim.errors import Refused
from pixian_shim.geometry import Box, Length, Margin, Size
from pixian_shim.images import foreground_box
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim._canvas import MAX_CANVAS_PIXELS, Sides, canvas_of, target_of
from pixian_shim.shim._steps import Scene, carry_out, edges_touched
from pixian_shim.translation import Arrange, CropToForeground, Draft, FillColour, Output
from pixian_shim.translation._plans import handed_over
from planned import every, plan_of, run_sync

NEAR = 2


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(sandbox):
    sandbox.reset()


def near(found, wanted, tolerance=NEAR):
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def laid(sandbox, step, content=None, **traits):
    cutout = run_sync(sandbox, plan_of(photo() if content is None else content, step, **traits))
    return opened(cutout.content)


LEFT, SNAP = Margin(left=Length(300, "px")), (True, True)


# The photo has 400 x 300 pixels, its subject lies from 100, 80 to 200, 220: 100 x 140.
@pytest.mark.parametrize(
    ("step", "size", "box"),
    [
        (Arrange(), (400, 300), (93, 0, 307, 300)),
        (Arrange(canvas=Size(500, 500)), (500, 500), (71, 0, 429, 500)),
        (Arrange(canvas=Size(200, 600)), (200, 600), (0, 160, 200, 440)),
        (Arrange(canvas=Size(500, 500), across=0), (500, 500), (0, 0, 357, 500)),
        (Arrange(canvas=Size(500, 500), across=1), (500, 500), (143, 0, 500, 500)),
        (Arrange(canvas=Size(200, 600), down=1), (200, 600), (0, 320, 200, 600)),
        (Arrange(canvas=Size(200, 200), scaling="fill"), (200, 200), (0, 0, 200, 200)),
        (Arrange(scaling="keep"), (400, 300), (150, 80, 250, 220)),
        (Arrange(scaling="keep", across=0, down=1), (400, 300), (0, 160, 100, 300)),
        (Arrange(padding=every("10%")), (400, 300), (114, 30, 286, 270)),
        (Arrange(margin=every("30px")), (400, 300), (114, 30, 286, 270)),
        (Arrange(margin=every("10%"), padding=every("25%")), (400, 300), (157, 90, 243, 210)),
        (Arrange(canvas=Size(140, 140), margin=Margin(left=Length(40, "px"))), (140, 140), (40, 0, 140, 140)),
        (Arrange(canvas="subject"), (100, 140), (0, 0, 100, 140)),
        (Arrange(canvas="subject", margin=every("10px")), (120, 160), (10, 10, 110, 150)),
        (Arrange(canvas="subject", padding=every("25%")), (200, 280), (50, 70, 150, 210)),
        (Arrange(canvas="subject", margin=every("10%"), padding=every("25%")), (250, 350), (75, 105, 175, 245)),
        (Arrange(canvas="subject", at_most=(50, None)), (50, 70), (0, 0, 50, 70)),
        (Arrange(canvas="subject", at_most=(50, 35)), (25, 35), (0, 0, 25, 35)),
        (Arrange(canvas="subject", margin=LEFT, at_most=(200, None)), (200, 70), (150, 0, 200, 70)),
        (Arrange(canvas="subject", margin=LEFT, max_pixels=14_000), (200, 70), (150, 0, 200, 70)),
        (
            Arrange(canvas="subject", padding=every("5000px"), max_pixels=10**6, snap=SNAP),
            (998, 1001),
            (494, 494, 504, 508),
        ),
        (Arrange(at_most=(200, 1000)), (200, 150), (46, 0, 154, 150)),
        (Arrange(reference="original"), (400, 300), (100, 80, 200, 220)),
        (Arrange(canvas=Size(400, 400), reference="original"), (400, 400), (100, 130, 200, 270)),
        (Arrange(canvas=Size(300, 300), reference="original", scaling="fill"), (300, 300), (50, 80, 150, 220)),
        (Arrange(canvas=Size(200, 0), reference="original"), (200, 150), (50, 40, 100, 110)),
        (Arrange(canvas=Size(0, 600), reference="original"), (800, 600), (200, 160, 400, 440)),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in vars(value).items()) if isinstance(value, dict) else None,
)
def test_the_subject_lies_where_it_should(sandbox, step, size, box):
    image = laid(sandbox, step)
    assert image.size == size
    assert near(subject_box(image), box, 3)


# The photo of 400 x 300 pixels again, a subject of 100 x 100 at one of its edges, on a canvas of 400 x 400 with 10 %.
@pytest.mark.parametrize(
    ("at", "box"),
    [
        ((150, 100), (40, 40, 360, 360)),
        ((0, 100), (0, 40, 320, 360)),
        ((300, 100), (80, 40, 400, 360)),
        ((150, 0), (40, 0, 360, 320)),
        ((150, 200), (40, 80, 360, 400)),
        ((0, 0), (0, 0, 360, 360)),
        ((300, 200), (40, 40, 400, 400)),
    ],
    ids=["free", "left", "right", "top", "bottom", "top left", "bottom right"],
)
def test_a_subject_that_is_cut_off_in_the_photo_stands_against_that_side(sandbox, at, box):
    content = encoded(picture(subject=(*at, at[0] + 100, at[1] + 100)))
    step = Arrange(canvas=Size(400, 400), padding=every("10%"), snap=(True, True))
    assert near(subject_box(laid(sandbox, step, content)), box)
    free = laid(sandbox, Arrange(canvas=Size(400, 400), padding=every("10%")), content)
    assert near(subject_box(free), (40, 40, 360, 360)), "without snapping"


def test_margins_are_kept_where_padding_is_not(sandbox):
    content = encoded(picture(subject=(0, 100, 100, 200)))
    step = Arrange(canvas=Size(400, 400), margin=every("20px"), padding=every("10%"), snap=(True, True))
    assert subject_box(laid(sandbox, step, content))[0] == 20


def test_between_two_sides_it_stands_as_elsewhere(sandbox):
    content = encoded(picture(subject=(0, 100, 400, 200)))
    step = Arrange(canvas=Size(400, 400), padding=every("10%"), snap=(True, True))
    assert near(subject_box(laid(sandbox, step, content)), (0, 150, 400, 250))


def test_it_snaps_in_one_direction_only_if_that_is_wanted(sandbox):
    content = encoded(picture(subject=(0, 200, 100, 300)))
    step = Arrange(canvas=Size(400, 400), padding=every("10%"), snap=(False, True), across=1)
    assert near(subject_box(laid(sandbox, step, content)), (40, 80, 360, 400))


def test_a_canvas_has_the_originals_size_though_pixian_shrinks(sandbox):
    content = encoded(picture((6000, 4400), (1000, 1000, 3000, 3000)), compress_level=1)
    image = laid(sandbox, Arrange(reference="original"), content)
    assert image.size == (6000, 4400)
    assert near(subject_box(image), (1000, 1000, 3000, 3000), 6)
    assert laid(sandbox, Arrange(canvas="subject"), content).size == pytest.approx((2000, 2000), abs=12)


def test_a_cap_of_the_plans_own_counts(sandbox):
    assert laid(sandbox, Arrange(), max_pixels=30_000).size == (200, 150)
    assert laid(sandbox, Arrange(scaling="keep"), max_pixels=30_000).size == (200, 150)


def test_without_a_subject_the_canvas_is_empty(sandbox):
    empty = encoded(picture(subject=None))
    for step, size in [(Arrange(canvas=Size(70, 50)), (70, 50)), (Arrange(canvas="subject"), (400, 300))]:
        image = laid(sandbox, step, empty)
        assert (image.size, subject_box(image)) == (size, None)


@pytest.mark.parametrize(
    ("step", "encoding", "says"),
    [
        (Arrange(canvas=Size(20_000, 20_000)), "png", "at most 89 megapixels, not 20000 x 20000"),
        (Arrange(canvas=Size(40_000, 0)), "png", "not 40000 x 30000"),
        (Arrange(canvas=Size(10_000, 0), max_pixels=25_000_000), "png", "at most 25 megapixels, not 10000 x 7500"),
        (Arrange(canvas="subject", margin=every("9999px")), "png", "at most 89 megapixels, not 19999 x 19999 or more"),
        (Arrange(canvas="subject", margin=every("9px"), max_pixels=300), "png", "not 19 x 19 or more"),
        (Arrange(canvas=Size(17_000, 100)), "webp", "webp has at most 16,383 pixels on a side"),
        (Arrange(canvas=Size(65_501, 100)), "jpg", "jpg has at most 65,500 pixels on a side"),
        (Arrange(canvas=Size(100, 32_769)), "avif", "avif has at most 32,768 pixels on a side"),
        (Arrange(margin=every("200px")), "png", "leave nothing of 400 pixels"),
        (Arrange(margin=every("50%")), "png", "leave nothing of 400 pixels"),
        (Arrange(padding=every("50%")), "png", "leave nothing of 400 pixels"),
        (Arrange(canvas="subject", margin=every("50%")), "png", "leave nothing of any canvas"),
        (Arrange(canvas="subject", padding=every("60%")), "png", "leave nothing of any canvas"),
    ],
    ids=str,
)
def test_a_canvas_that_cannot_be_costs_nothing(sandbox, step, encoding, says):
    with pytest.raises(Refused, match=says):
        laid(sandbox, step, encoding=encoding)
    assert not sandbox.requests


def test_a_canvas_around_the_subject_is_scaled_down_where_it_must(sandbox):
    """Nobody knows it before the call, and what was paid for is not thrown away."""
    step = Arrange(canvas="subject", padding=every("49.9%"))
    image = laid(sandbox, step)
    assert image.width * image.height <= MAX_CANVAS_PIXELS
    assert max(laid(sandbox, step, encoding="webp").size) <= 16_383


def test_a_canvas_that_would_be_too_large_may_be_scaled_down_or_without_padding(sandbox):
    """Nothing is refused that some subject could have."""
    scaled = Arrange(canvas="subject", margin=every("9999px"), at_most=(300, None))
    assert laid(sandbox, scaled).size == (300, 301)
    snapping = Arrange(canvas="subject", padding=every("9px"), max_pixels=300, snap=SNAP)
    assert laid(sandbox, snapping).size == (14, 20)


LENGTHS = st.builds(Length, st.floats(0, 120), st.sampled_from(("px", "%")))
MARGINS = st.builds(Margin, LENGTHS, LENGTHS, LENGTHS, LENGTHS)
SIDE = st.integers(1, 60)
SIZES = st.builds(Size, SIDE, SIDE)
ARRANGEMENTS = st.builds(
    Arrange,
    canvas=st.one_of(st.sampled_from(("original", "subject")), SIZES),
    at_most=st.tuples(st.none() | SIDE, st.none() | SIDE),
    max_pixels=st.none() | st.integers(1, 3600),
    reference=st.sampled_from(("subject", "original")),
    scaling=st.sampled_from(("fit", "fill", "keep")),
    margin=MARGINS,
    padding=MARGINS,
    across=st.floats(0, 1),
    down=st.floats(0, 1),
    snap=st.tuples(st.booleans(), st.booleans()),
)


@st.composite
def alphas(draw):
    """Draw a picture with no subject, a subject anywhere, or nothing else."""
    size = draw(SIZES)
    rgba = np.zeros((size.height, size.width, 4), np.uint8)
    left, right = sorted(draw(st.tuples(st.integers(0, size.width), st.integers(0, size.width))))
    top, bottom = sorted(draw(st.tuples(st.integers(0, size.height), st.integers(0, size.height))))
    rgba[top:bottom, left:right] = draw(st.sampled_from((255, 128, 1)))
    return np.full_like(rgba, 255) if draw(st.booleans()) else rgba


@settings(max_examples=400)
@given(alphas(), ARRANGEMENTS, st.integers(1, 3))
def test_any_arrangement_of_anything_is_exact_or_refused(rgba, step, enlarged):
    have = Size(rgba.shape[1], rgba.shape[0])
    scene = Scene(rgba, Size(have.width * enlarged, have.height * enlarged), edges_touched(rgba[..., 3]), dict, {})
    before = foreground_box(rgba[..., 3]) or Box(0, 0, *have)
    box = before if step.reference == "subject" else Box(0, 0, *have)
    touched = scene.touched.of(step)
    subject = Size(box.width * enlarged, box.height * enlarged)
    try:
        canvas = canvas_of(step, scene.own, subject, touched)
    except Refused:
        return
    if canvas.pixels > 4_000_000:
        return
    carry_out(step, scene)
    assert scene.size == canvas
    found = foreground_box(scene.alpha)
    if found is None or step.scaling == "keep" or step.canvas == "subject" or step.reference == "original":
        return
    target = target_of(step, canvas, touched)
    assert found.top >= target.top
    assert found.left >= target.left
    assert found.top + found.height <= target.top + target.height
    assert found.left + found.width <= target.left + target.width


@given(ARRANGEMENTS, SIZES, SIZES, st.builds(Sides, *[st.booleans()] * 4))
def test_a_target_lies_on_its_canvas(step, original, subject, touched):
    try:
        canvas = canvas_of(step, original, subject, touched)
    except Refused:
        return
    target = target_of(step, canvas, touched)
    assert not target.empty
    assert 0 <= target.top < target.top + target.height <= canvas.height
    assert 0 <= target.left < target.left + target.width <= canvas.width


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        ([Arrange(canvas=Size(500, 400))], {"crop_to_foreground": True, "target_size": Size(500, 400)}),
        ([Arrange(canvas=Size(500, 400), reference="original")], {"target_size": Size(500, 400)}),
        (
            [Arrange(canvas=Size(500, 400), margin=every("10%"), padding=every("20px"), down=1.0)],
            {
                "crop_to_foreground": True,
                "target_size": Size(500, 400),
                "margin": Margin.parse("60px 70px"),
                "vertical_alignment": "bottom",
            },
        ),
        (
            [CropToForeground(), Arrange(canvas=Size(50, 40)), FillColour(1, 2, 3)],
            {"crop_to_foreground": True, "target_size": Size(50, 40), "background_color": "#010203"},
        ),
    ],
)
def test_pixian_lays_out_what_it_documents(steps, asked):
    found = handed_over(steps, Output())
    assert found is not None
    assert {name: found[name] for name in asked} == asked


@pytest.mark.parametrize(
    "steps",
    [
        [Arrange()],
        [Arrange(canvas="subject")],
        [Arrange(canvas=Size(500, 0))],
        [Arrange(canvas=Size(5001, 5000))],
        [Arrange(canvas=Size(500, 400), across=0)],
        [Arrange(canvas=Size(500, 400), down=0.3)],
        [Arrange(canvas=Size(500, 400), scaling="fill")],
        [Arrange(canvas=Size(500, 400), scaling="keep")],
        [Arrange(canvas=Size(500, 400), snap=(True, False))],
        [Arrange(canvas=Size(500, 400), margin=every("50%"))],
        [FillColour(1, 2, 3), Arrange(canvas=Size(500, 400))],
        [FillColour(1, 2, 3), CropToForeground()],
    ],
    ids=str,
)
def test_anything_else_is_laid_out_here(steps):
    assert handed_over(steps, Output()) is None


@pytest.mark.parametrize("step", [Arrange(canvas=Size(500, 400)), Arrange(canvas=Size(300, 500), reference="original")])
@pytest.mark.parametrize("down", [0.0, 0.5, 1.0])
def test_here_or_there_the_subject_lies_in_the_same_place(sandbox, step, down):
    step = attrs.evolve(step, down=down, padding=every("8%"))
    draft = Draft({}, frozenset())
    draft.add(step)
    native = draft.finished(draft.native())
    there = run_sync(sandbox, attrs.evolve(native, source=plan_of(photo()).source))
    assert sandbox.requests[-1].parameters["result.target_size"] == f"{step.canvas.width} {step.canvas.height}"
    here = laid(sandbox, step)
    assert there.size == here.size
    assert near(subject_box(opened(there.content)), subject_box(here))


@pytest.mark.parametrize(
    ("canvas", "size"), [(Size(200, 0), (200, 150)), (Size(0, 600), (800, 600)), (Size(1, 0), (1, 1))]
)
def test_a_side_that_is_left_open_follows_the_originals_aspect(sandbox, canvas, size):
    assert laid(sandbox, Arrange(canvas=canvas, reference="original")).size == size
    assert handed_over([Arrange(canvas=canvas, reference="original")], Output("png")) is None
