"""Where things are in Picsart's results, looked up on the pixels."""

import json

import numpy as np
import pytest

from pictures import BLUE, RED, WHITE, encoded, opened, photo, picture, subject_box
from pixian_adapters.picsart.adapter import ADAPTER
from pixian_shim import Shim
from pixian_shim.errors import FetchError, ImageError, Refused
from pixian_shim.pixian import Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Call, Form

SUBJECT = (100, 80, 200, 220)
"""Of the standard picture: 100 x 140, centre at 150, 150, in 400 x 300."""


@pytest.fixture(scope="module")
def shim():
    with Sandbox(engine="fast") as sandbox, sandbox.client() as client:
        yield Shim(client, policy="silent")


@pytest.fixture
def make(shim):
    def make(image=None, **parameters):
        form = Form.of({"image": Upload(image or photo())} | parameters)
        cutout = shim.run(ADAPTER, Call("picsart", "removebg", form))
        made = opened(cutout.content)
        assert made.size == tuple(cutout.size)
        return made

    return make


def near(found, wanted, by=2):
    assert found is not None
    assert np.abs(np.subtract(found, wanted)).max() <= by, f"{found} is not {wanted}"


def rgb(image, at):
    return image.convert("RGBA").getpixel(at)[:3]


def box_of(image, chosen):
    """Give the box of the pixels that a function of the RGBA array chooses."""
    rows, columns = np.nonzero(chosen(np.asarray(image.convert("RGBA")).astype(int)))
    return (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def reddish(pixels):
    return (pixels[..., 0] > 150) & (pixels[..., 1] < 90) & (pixels[..., 2] < 90) & (pixels[..., 3] > 200)


def test_bare_call_keeps_size_and_place(make):
    made = make()
    assert (made.mode, made.size) == ("RGBA", (400, 300))
    near(subject_box(made), SUBJECT)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (800, 600, (200, 160, 400, 440)),
        (200, 150, (50, 40, 100, 110)),
        (400, 400, (100, 130, 200, 270)),  # 50 px above and below
        (600, 300, (200, 80, 300, 220)),
    ],
)
def test_fit_lays_the_whole_photo_into_the_canvas(make, width, height, box):
    made = make(bg_width=width, bg_height=height)
    assert made.size == (width, height)
    near(subject_box(made), box)


@pytest.mark.parametrize("here", [{}, {"stroke_color": "red", "output_type": "cutout", "format": "WEBP"}])
def test_pixian_and_this_library_fit_alike(make, here):
    near(subject_box(make(bg_width=500, bg_height=500, **here)), (125, 162, 250, 338))


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (300, 300, (50, 80, 150, 220)),  # 400 x 300 covers it: 50 px are cut off left and right
        (400, 150, (100, 5, 200, 145)),  # 75 px above and below
        (800, 300, (200, 10, 400, 290)),
    ],
)
def test_fill_covers_the_canvas(make, width, height, box):
    made = make(bg_width=width, bg_height=height, scale="fill")
    assert made.size == (width, height)
    near(subject_box(made), box)


@pytest.mark.parametrize(
    ("given", "found"), [({"bg_width": 10_000}, "10000 x 7500"), ({"bg_height": 5_000}, "6667 x 5000")]
)
def test_a_side_that_follows_the_aspect_counts_towards_the_25_megapixels(make, given, found):
    with pytest.raises(Refused, match=f"a canvas has at most 25 megapixels, not {found}") as caught:
        make(**given)
    assert ADAPTER.refuse(None, caught.value).status == 400


@pytest.mark.parametrize(("given", "size"), [({"bg_width": 200}, (200, 150)), ({"bg_height": 600}, (800, 600))])
def test_a_single_side_keeps_the_aspect(make, given, size):
    made = make(**given)
    assert made.size == size
    near(subject_box(made), np.array(SUBJECT) * size[0] / 400)


def test_auto_center_moves_the_subject_at_its_size(make):
    made = make(auto_center="true")
    assert made.size == (400, 300)
    near(subject_box(made), (150, 80, 250, 220))


def test_auto_center_on_a_canvas(make):
    near(subject_box(make(auto_center="true", bg_width=300, bg_height=300, scale="fill")), (100, 80, 200, 220))


@pytest.mark.parametrize("width", [1, 6, 40])
def test_stroke_is_as_wide_as_asked(make, width):
    made = make(stroke_size=width)
    left, top, right, bottom = SUBJECT
    near(subject_box(made), (left - width, top - width, right + width, bottom + width))
    assert rgb(made, (left - (width + 1) // 2, 150)) == WHITE
    near(rgb(made, (150, 150)), RED)


def test_stroke_has_its_colour_and_opacity(make):
    made = make(stroke_size=10, stroke_color="#0000ff", stroke_opacity=50)
    near(made.getpixel((95, 150)), (0, 0, 255, 128), 3)


def test_stroke_is_of_the_canvas_not_of_the_photo(make):
    near(subject_box(make(stroke_size=10, bg_width=800, bg_height=600)), (190, 150, 410, 450))


@pytest.mark.parametrize(
    ("shadow", "offset"),
    [
        ({"shadow": "bottom-right"}, (10, 10)),
        ({"shadow": "bottom"}, (0, 10)),
        ({"shadow": "left"}, (-10, 0)),
        ({"shadow": "top-left"}, (-10, -10)),
        ({"shadow": "custom", "shadow_offset_x": 40, "shadow_offset_y": -30}, (40, -30)),
    ],
)
def test_shadow_lies_where_it_is_moved_to(make, shadow, offset):
    made = make(**shadow, shadow_blur=0, shadow_opacity=60)
    dark = box_of(made, lambda pixels: (pixels[..., :3].max(axis=2) < 20) & (pixels[..., 3] > 100))
    moved = np.add(SUBJECT, (*offset, *offset))
    hidden = np.array(SUBJECT)  # the subject covers what lies behind it
    for edge, (where, outside) in enumerate(
        zip(moved, (moved < hidden)[:2].tolist() + (moved > hidden)[2:].tolist(), strict=True)
    ):
        if outside:
            assert abs(dark[edge] - where) <= 2, (edge, dark, moved)
    near(rgb(made, (150, 150)), RED)


@pytest.mark.parametrize(("opacity", "alpha"), [(100, 255), (60, 153), (20, 51)])
def test_shadow_is_as_strong_as_asked(make, opacity, alpha):
    made = make(shadow="custom", shadow_offset_x=60, shadow_offset_y=0, shadow_blur=0, shadow_opacity=opacity)
    near(made.getpixel((240, 150)), (0, 0, 0, alpha), 3)


def test_shadow_is_softer_with_more_blur(make):
    def rise(blur):
        made = make(shadow="custom", shadow_offset_x=100, shadow_offset_y=0, shadow_blur=blur, shadow_opacity=100)
        row = np.asarray(made)[150, 210:400, 3].astype(int)
        return int(((row > 25) & (row < 230)).sum())

    assert rise(0) <= 3 < rise(10) < rise(40)


def test_shadow_falls_from_the_stroke_as_well(make):
    made = make(
        stroke_size=10, shadow="custom", shadow_offset_x=50, shadow_offset_y=0, shadow_blur=0, shadow_opacity=100
    )
    dark = box_of(made, lambda pixels: (pixels[..., :3].max(axis=2) < 20) & (pixels[..., 3] > 200))
    near(dark[1:], (70, 260, 230))  # round corners of the line let it show further left as well


def test_background_picture_covers_the_canvas_behind_the_photo(make):
    wide = picture((1000, 100), None, background=(0, 0, 0))
    wide.paste(BLUE, (450, 0, 550, 100))
    made = make(bg_image=Upload(encoded(wide)), bg_width=300, bg_height=300)
    assert made.size == (300, 300)
    near(rgb(made, (10, 10)), BLUE)  # its middle, three times as large, takes up all of the canvas
    near(rgb(made, (290, 290)), BLUE)
    near(box_of(made, reddish), (75, 97, 150, 203))


def test_background_picture_is_blurred_on_request(make):
    striped = picture((400, 300), (0, 0, 200, 300), colour=(0, 0, 0), background=WHITE)
    sharp, soft = (make(bg_image=Upload(encoded(striped)), bg_blur=blur) for blur in (0, 80))

    def greys(image):
        row = np.asarray(image.convert("L"))[20].astype(int)
        return int(((row > 25) & (row < 230)).sum())

    assert greys(sharp) <= 2
    assert greys(soft) > 20


def test_without_another_background_the_photos_own_is_blurred(make):
    striped = picture((400, 300), SUBJECT)
    striped.paste((60, 60, 60), (300, 0, 400, 300))
    made = make(encoded(striped), bg_blur=60)
    assert np.asarray(made.convert("RGBA"))[..., 3].min() == 255
    row = np.asarray(made.convert("L"))[20].astype(int)
    assert int(((row > 85) & (row < 230)).sum()) > 12
    near(rgb(made, (150, 150)), RED)


def test_blurred_own_background_moves_with_the_photo(make):
    striped = picture((400, 300), SUBJECT)
    striped.paste((60, 60, 60), (300, 0, 400, 300))
    made = make(encoded(striped), bg_blur=5, bg_width=800, bg_height=600)
    near(rgb(made, (750, 300)), (60, 60, 60))
    near(rgb(made, (500, 300)), WHITE)
    near(box_of(made, reddish), np.array(SUBJECT) * 2)


@pytest.mark.parametrize("here", [{}, {"stroke_size": 1}])
def test_background_colour_fills_the_canvas(make, here):
    made = make(bg_color="00f", bg_width=300, bg_height=300, **here)
    near(made.convert("RGB").getpixel((2, 2)), (0, 0, 255))
    near(made.convert("RGB").getpixel((297, 297)), (0, 0, 255))


def test_translucent_colour_stays_translucent(make):
    near(make(bg_color="#0000ff80").getpixel((2, 2)), (0, 0, 255, 128))


def test_jpg_is_white_where_nothing_is(make):
    made = make(format="JPG", auto_center="true")
    assert made.format == "JPEG"
    near(made.getpixel((2, 2)), WHITE)


def test_mask_is_white_where_the_subject_is(make):
    made = make(output_type="mask", bg_width=800, bg_height=600)
    assert (made.mode, made.size) == ("L", (800, 600))
    assert (made.getpixel((300, 300)), made.getpixel((10, 10))) == (255, 0)
    near(made.point(lambda value: 255 if value > 127 else 0).getbbox(), np.array(SUBJECT) * 2)


def test_webp_is_written_here(make):
    made = make(format="WEBP")
    assert made.format == "WEBP"
    near(subject_box(made), SUBJECT)


def test_nothing_found_is_a_result_that_is_empty(make):
    made = make(photo(subject=None), stroke_size=5, shadow="top", auto_center="true", bg_width=100, bg_height=100)
    assert made.size == (100, 100)
    assert made.getchannel("A").getbbox() is None


@pytest.mark.parametrize(("form", "options"), [("WEBP", {"lossless": True}), ("AVIF", {"quality": 95})])
def test_webp_and_avif_come_in(make, form, options):
    near(subject_box(make(encoded(picture(), form, **options))), SUBJECT)


def test_a_broken_background_is_named_and_was_not_fetched(make):
    with pytest.raises(ImageError) as caught:
        make(bg_image=Upload(b"no picture"))
    answer = ADAPTER.refuse(None, caught.value)
    assert answer.status == 400
    assert json.loads(answer.body)["detail"].startswith("bg_image cannot be read: the data is not a picture")


def test_an_address_that_leads_to_no_background_was_fetched(make, shim):
    link = shim.links.keep("https://api.picsart.io", b"no picture", "image/png")
    with pytest.raises(FetchError, match="the background cannot be read: the data is not a picture") as caught:
        make(bg_image_url=link)
    assert caught.value.parameter == "bg_image_url"


def test_heic_is_named_with_what_to_do(make):
    with pytest.raises(ImageError, match="is HEIC, which cannot be read here: convert it to JPEG first") as caught:
        make(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert ADAPTER.refuse(None, caught.value).status == 400
