"""Each step of a plan on pixels, alone and in company, and what is found out before anything is paid."""

from itertools import pairwise

import attrs
import numpy as np
import pytest
from PIL import Image

from pictures import BLUE, RED, WHITE, encoded, opened, photo, picture, subject_box
from pixian_shim.errors import CannotWrite
from pixian_shim.geometry import Length, Size
from pixian_shim.images import harden
from pixian_shim.pixian import Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import (
    Arrange,
    BlurOriginal,
    CastShadow,
    CropToForeground,
    FillColour,
    FillImage,
    HardenMatte,
    KeepColours,
    Outline,
    PlaceSubject,
    Region,
)
from planned import every, plan_of, px, run_async, run_sync

GREEN = (0, 160, 0)
LINE = Outline(width=px(6), colour=(*BLUE, 255))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(sandbox):
    sandbox.reset()


def near(found, wanted, tolerance=3):
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


@pytest.fixture
def done(sandbox):
    """Carry out steps on the usual photo, or another one."""

    def carry_out(*steps, content=None, **traits):
        return opened(run_sync(sandbox, plan_of(photo() if content is None else content, *steps, **traits)).content)

    return carry_out


def test_an_outline_surrounds_the_subject(done):
    image = done(LINE)
    assert image.size == (400, 300)
    assert near(subject_box(image), (94, 74, 206, 226))
    assert near(image.getpixel((97, 150)), (*BLUE, 255), 8)
    assert near(image.getpixel((150, 150)), (*RED, 255), 8)


def test_an_outlines_per_cent_are_of_the_canvas(done):
    image = done(Outline(width=Length(5, "%"), colour=(*BLUE, 255)))
    assert near(subject_box(image), (80, 60, 220, 240))


def test_a_shadow_is_cast_to_where_it_is_asked(done):
    image = done(CastShadow(opacity=1, blur=px(0), offset=(40, 30), colour=GREEN))
    assert near(subject_box(image), (100, 80, 240, 250))
    assert near(image.getpixel((230, 240)), (*GREEN, 255))


def test_a_shadows_blur_is_a_share_of_the_subject(done):
    fixed = np.asarray(done(CastShadow(opacity=1, blur=px(7), offset=(40, 30))))
    assert np.array_equal(fixed, np.asarray(done(CastShadow(opacity=1, blur=Length(5, "%"), offset=(40, 30)))))


def test_a_hardened_matte_is_all_or_nothing(done):
    soft = np.asarray(done())[..., 3]
    hard = np.asarray(done(HardenMatte()))
    assert np.array_equal(hard[..., 3], harden(soft))
    assert set(np.unique(hard[..., 3])) == {0, 255}


def test_where_a_matte_grows_by_hardening_the_originals_colour_shows(done, monkeypatch):
    monkeypatch.setattr("pixian_shim.images.harden", lambda alpha: np.full_like(alpha, 255))
    assert near(done(HardenMatte()).getpixel((5, 5)), (*WHITE, 255))


def test_the_originals_colours_are_kept(done):
    original = np.asarray(picture())
    kept = np.asarray(done(KeepColours()))
    shown = kept[..., 3] > 0
    assert np.array_equal(kept[shown][:, :3], original[shown])


def test_a_blurred_original_lies_behind(done):
    ground = picture(background=(90, 160, 90))
    ground.paste((255, 255, 255), (0, 0, 40, 40))
    for kind in ("gaussian", "bokeh"):
        image = done(BlurOriginal(Length(5, "%"), kind), content=encoded(ground)).convert("RGB")
        assert near(image.getpixel((350, 250)), (90, 160, 90), 4)
        assert near(image.getpixel((150, 150)), RED, 4)
        assert 100 < image.getpixel((40, 10))[0] < 250, kind


@pytest.mark.parametrize(
    "move",
    [
        Arrange(canvas=Size(800, 600)),
        Arrange(canvas=Size(300, 500), scaling="fill", across=0.2),
        Arrange(canvas="subject", margin=every("40px")),
        CropToForeground(every("20px")),
        PlaceSubject(scale=0.9, position=(0.0, 1.0)),
    ],
    ids=lambda step: type(step).__name__,
)
@pytest.mark.parametrize("step", [KeepColours(), BlurOriginal(px(0.05))], ids=lambda step: type(step).__name__)
def test_the_original_follows_a_subject_that_has_been_moved(done, move, step):
    """The subject has a stripe of another colour, which must lie on itself."""
    striped = picture()
    striped.paste(BLUE, (100, 140, 200, 160))
    content = encoded(striped)
    plain, moved = (np.asarray(done(*steps, content=content)).astype(int) for steps in ((move,), (move, step)))
    solid = plain[..., 3] == 255
    assert solid.sum() > 2000
    assert np.abs(plain - moved)[solid].max(axis=-1).mean() < 6


def test_what_was_beside_the_photo_is_behind_nothing(done):
    image = done(Arrange(canvas=Size(400, 600), reference="original"), BlurOriginal(px(3)))
    assert image.getpixel((200, 50))[3] == 0
    assert image.getpixel((200, 300))[3] == 255


@pytest.mark.parametrize("scaling", ["fit", "fill"])
def test_a_background_covers_or_fits(done, scaling):
    wide = Upload(encoded(Image.new("RGB", (400, 100), GREEN)))
    image = done(FillImage(wide, "bg", scaling))
    assert image.getpixel((10, 150)) == (*GREEN, 255)
    assert image.getpixel((10, 20))[3] == (255 if scaling == "fill" else 0)
    assert image.getpixel((10, 120))[3] == 255


def test_a_background_is_blurred(done):
    halves = Image.new("RGB", (400, 300), (0, 0, 0))
    halves.paste(WHITE, (200, 0, 400, 300))
    sharp, soft = (done(FillImage(Upload(encoded(halves)), "bg", blur=px(sigma))) for sigma in (0, 10))
    assert [image.getpixel((210, 20))[0] for image in (sharp, soft)] == [255, pytest.approx(215, abs=15)]


def test_steps_are_done_in_their_order(done):
    """An outline of what lies on a canvas, and a canvas around what has an outline, are not the same."""
    inside = done(LINE, Arrange(canvas="subject"))
    outside = done(Arrange(canvas="subject"), LINE)
    assert near(inside.size, (112, 152))
    assert near(outside.size, (100, 140))


def test_a_whole_scene(done):
    image = done(
        HardenMatte(),
        Arrange(canvas=Size(600, 600), padding=every("20%")),
        LINE,
        CastShadow(opacity=0.5, blur=px(4), offset=(0, 20)),
        FillColour(*GREEN),
        encoding="jpg",
        dpi=300,
    )
    assert (image.format, image.size, image.info["dpi"]) == ("JPEG", (600, 600), (300, 300))
    for place, colour in {(300, 300): RED, (169, 300): BLUE, (20, 20): GREEN, (300, 495): (0, 95, 0)}.items():
        assert near(image.getpixel(place), colour, 30), place


def test_a_matte_tells_of_subject_and_line_only_where_asked(done):
    image = done(LINE, channels="alpha")
    assert (image.mode, image.getpixel((97, 150)), image.getpixel((80, 150))) == ("L", 255, 0)


def test_avif_and_a_resolution_are_written(done):
    image = done(encoding="avif", dpi=150)
    assert (image.format, image.size, image.getexif()[0x011A]) == ("AVIF", (400, 300), 150)


def test_a_format_that_cannot_be_written_costs_nothing(sandbox, done, monkeypatch):
    monkeypatch.setattr("pixian_shim.images._encode.features.check", lambda _name: False)
    with pytest.raises(CannotWrite):
        done(encoding="avif")
    assert not sandbox.requests


STEPS = (
    HardenMatte(),
    KeepColours(),
    LINE,
    CastShadow(opacity=0.5, blur=Length(3, "%"), offset=(5, 5)),
    BlurOriginal(Length(2, "%")),
    Arrange(canvas=Size(120, 120), snap=(True, True)),
    FillColour(1, 2, 3, 128),
)
SUBJECTS = {
    "one pixel": picture((1, 1), (0, 0, 1, 1)),
    "a line": picture((90, 2), (0, 0, 90, 1)),
    "nothing": picture((40, 30), None),
    "everything": picture((40, 30), (0, 0, 40, 30)),
    "at the corner": picture((60, 60), (0, 30, 30, 60)),
}


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("traits", [{}, {"region": Region(*(Length(share, "%") for share in (0, 0, 100, 90)))}])
def test_any_subject_will_do(sandbox, name, traits):
    content = encoded(SUBJECTS[name])
    traits = {} if name in ("one pixel", "a line") else traits
    for steps in (STEPS, STEPS[::-1], *pairwise(STEPS)):
        cutout = run_sync(sandbox, plan_of(content, *steps, **traits))
        assert cutout.size == (120, 120) or not any(isinstance(step, Arrange) for step in steps)


def test_asyncio_draws_the_same(sandbox):
    plan = plan_of(photo(), *STEPS)
    first, second = (run(sandbox, plan) for run in (run_sync, run_async))
    assert first.content == second.content
    assert attrs.asdict(first)["size"] == attrs.asdict(second)["size"] == (120, 120)
