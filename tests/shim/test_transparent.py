"""Originals that are not opaque: some need no call, and then none is made."""

import attrs
import numpy as np
import pytest
from PIL import Image

from pictures import RED, encoded, opened, photo, picture, subject_box
from pixian_shim.errors import NoForeground
from pixian_shim.geometry import Length, Size
from pixian_shim.pixian import ImageUrl, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim._flow import Fetch, RemoveBackground, Steps, Work
from pixian_shim.translation import (
    Arrange,
    CropToForeground,
    Draft,
    FillColour,
    FillImage,
    Output,
    Region,
    Verdict,
)
from planned import plan_of, run_async, run_sync

CUT = (100, 80, 200, 220)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(sandbox):
    sandbox.reset()


@pytest.fixture(params=[run_sync, run_async])
def run(request, sandbox):
    return lambda plan: request.param(sandbox, plan)


def cut_out(size=(400, 300), box=CUT, *, level=255):
    """Draw a red rectangle on green that is wholly transparent."""
    image = Image.new("RGBA", size, (0, 160, 0, 0))
    image.paste((*RED, level), box)
    return image


@pytest.mark.parametrize("handling", ["return", "matte"])
def test_no_call_is_made_and_nothing_is_charged(run, sandbox, handling):
    cutout = run(plan_of(encoded(cut_out()), transparent_input=handling))
    assert not sandbox.requests
    assert (cutout.credits_charged, cutout.attempts, cutout.possible_double_charge) == (0, 0, False)
    assert (cutout.size, cutout.input_size, cutout.foreground) == ((400, 300), (400, 300), (80, 100, 100, 140))
    (note,) = cutout.notes
    assert (note.name, note.verdict, note.given, note.noteworthy) == ("original", Verdict.EXACT, False, False)
    assert "Pixian was not asked, and nothing was charged" in note.says


def test_the_original_itself_is_the_result(run):
    content = encoded(cut_out())
    assert run(plan_of(content, transparent_input="return")).content == content
    steps = CropToForeground(), FillColour(1, 2, 3)
    assert run(plan_of(content, *steps, transparent_input="return")).content == content, "without any step"


@pytest.mark.parametrize(
    ("kind", "encoding", "content_type"),
    [
        ("PNG", "auto", "image/png"),
        ("PNG", "webp", "image/webp"),
        ("PNG", "jpg", "image/jpeg"),
        ("WEBP", "webp", "image/webp"),
        ("WEBP", "png", "image/png"),
        ("TIFF", "png", "image/png"),
    ],
)
def test_it_comes_in_the_format_that_was_asked_for(run, sandbox, kind, encoding, content_type):
    content = encoded(cut_out(), kind)
    cutout = run(plan_of(content, transparent_input="return", encoding=encoding))
    image = opened(cutout.content)
    assert (cutout.content_type, image.size) == (content_type, (400, 300))
    assert (cutout.content == content) == (f"image/{kind.lower()}" == content_type)
    if encoding == "jpg":
        assert min(image.getpixel((5, 5))) > 250, "flattened on white"
    assert not sandbox.requests


def test_its_own_alpha_is_the_matte(run, sandbox):
    cutout = run(plan_of(encoded(cut_out(level=200)), Arrange(canvas=Size(300, 300)), transparent_input="matte"))
    image = opened(cutout.content)
    assert image.size == (300, 300)
    assert image.getpixel((150, 150)) == (*RED, 200)
    assert subject_box(image) == (43, 0, 257, 300)
    assert not sandbox.requests


def test_a_region_counts_there_as_well(run):
    half = Region(Length(0, "px"), Length(0, "px"), Length(150, "px"), Length(100, "%"))
    cutout = run(plan_of(encoded(cut_out()), transparent_input="matte", region=half))
    assert subject_box(opened(cutout.content)) == (100, 80, 150, 220)


def test_backgrounds_are_put_behind_without_a_call(run, sandbox):
    behind = FillImage(Upload(photo(colour=(1, 2, 3), background=(9, 9, 200))), "bg")
    cutout = run(plan_of(encoded(cut_out()), behind, transparent_input="matte", encoding="auto"))
    assert cutout.content_type == "image/jpeg"
    assert not sandbox.requests


def test_nothing_visible_is_no_foreground_and_costs_nothing(run, sandbox):
    with pytest.raises(NoForeground) as caught:
        run(plan_of(encoded(cut_out(level=0)), transparent_input="matte", needs_foreground=True))
    assert caught.value.credits_charged == 0
    assert not sandbox.requests


@pytest.mark.parametrize("handling", ["return", "matte", "drop"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_an_opaque_original_is_sent_to_pixian(run, sandbox, handling, kind):
    cutout = run(plan_of(photo(kind), transparent_input=handling))
    assert len(sandbox.requests) == 1
    assert (cutout.attempts, cutout.notes) == (1, ())
    assert cutout.credits_charged > 0


def test_an_alpha_channel_without_transparency_is_opaque(run, sandbox):
    content = encoded(picture().convert("RGBA"))
    assert run(plan_of(content, transparent_input="return")).attempts == 1
    assert run(plan_of(content, transparent_input="drop")).attempts == 1


def test_one_faint_pixel_is_enough(run, sandbox):
    faint = picture().convert("RGBA")
    faint.putpixel((399, 299), (0, 0, 0, 254))
    run(plan_of(encoded(faint), transparent_input="return"))
    assert not sandbox.requests


class Uploads:
    """Watch what is sent, without sending it."""

    def __init__(self, plan):
        steps = Steps(plan)
        while not isinstance(steps.effect, RemoveBackground):
            assert isinstance(steps.effect, Work)
            steps.done(steps.effect.run())
        self.sent = opened(steps.effect.source.read())


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_dropped_alpha_leaves_the_colours_below_it(kind):
    exactly = {"exact": True, "lossless": True} if kind == "WEBP" else {}
    sent = Uploads(plan_of(encoded(cut_out(), kind, **exactly), transparent_input="drop")).sent
    assert sent.mode == "RGB"
    assert (sent.getpixel((5, 5)), sent.getpixel((150, 150))) == ((0, 160, 0), RED)


def test_dropped_alpha_does_not_come_back(run, sandbox):
    hidden = cut_out(level=90)
    image = opened(run(plan_of(encoded(hidden), transparent_input="drop")).content)
    assert image.getpixel((150, 150))[3] == 255
    assert len(sandbox.requests) == 1


def test_dropped_alpha_stays_away_where_the_matte_is_enlarged(run):
    large = cut_out((6000, 4400), (1000, 1000, 3000, 3000), level=90)
    cutout = run(plan_of(encoded(large, compress_level=1), transparent_input="drop", max_pixels=50_000_000))
    assert opened(cutout.content).getpixel((2000, 2000)) == (*RED, 255)


def test_without_a_word_transparency_is_left_to_pixian():
    content = encoded(cut_out())
    assert Uploads(plan_of(content)).sent.mode == "RGBA"


def draft(handling, *steps, output=None):
    made = Draft({}, frozenset(), transparent_input=handling, output=output or Output("png"))
    for step in steps:
        made.add(step)
    return made.finished(made.native())


@pytest.mark.parametrize("handling", ["return", "matte"])
def test_what_pixian_would_do_itself_is_done_here_then(run, sandbox, handling):
    plan = draft(handling, CropToForeground(), FillColour(0, 0, 200))
    assert not plan.local
    opaque = run(attrs.evolve(plan, source=Upload(photo())))
    assert sandbox.requests[-1].parameters["background.color"] == "#0000C8", "for an opaque original"
    alone = run(attrs.evolve(plan, source=Upload(encoded(cut_out()))))
    assert len(sandbox.requests) == 1
    if handling == "matte":
        assert (opaque.size, alone.size) == (Size(100, 140), Size(100, 140))
        assert opened(alone.content).getpixel((50, 70)) == (*RED, 255)
    else:
        assert alone.size == (400, 300)


@pytest.mark.parametrize("handling", ["merge", "drop"])
def test_only_what_may_need_no_call_carries_a_second_plan(handling):
    assert draft(handling, CropToForeground()).without_call is None


def test_a_rule_goes_before_what_the_adapter_says_for_all_calls():
    made = Draft({}, frozenset(), transparent_input="drop")
    assert made.finished(None, transparent_input="return").transparent_input == "drop"
    assert Draft({}, frozenset()).finished(None, transparent_input="return").transparent_input == "return"


def test_an_address_is_fetched_here_so_that_its_transparency_can_be_seen(sandbox):
    plan = attrs.evolve(draft("return"), source=ImageUrl("https://example.com/p.png"))
    steps = Steps(plan)
    assert isinstance(steps.effect, Fetch)
    steps.done(Upload(encoded(cut_out())))
    while steps.effect is not None:
        assert isinstance(steps.effect, Work)
        steps.done(steps.effect.run())
    assert steps.result.attempts == 0


def test_a_turned_original_comes_back_upright(run):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(cut_out(), exif=exif.tobytes())
    cutout = run(plan_of(content, transparent_input="return"))
    assert cutout.size == opened(cutout.content).size == (300, 400)
    assert np.asarray(opened(cutout.content))[..., 3].max() == 255
