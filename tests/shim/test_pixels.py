"""What is done here on pixels, from the legacy call to the finished picture: where is the subject, how large, on what."""

import tracemalloc
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import pytest
from PIL import Image

from pictures import BLUE, RED, WHITE, encoded, opened, photo, picture, subject_box
from pixian_shim import Shim
from pixian_shim.errors import ImageError, NoForeground, Refused, TooLarge, TranslationError
from pixian_shim.pixian import Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim._flow import RemoveBackground, Steps
from pixian_shim.translation import Call, Form, load

ADAPTER = load("removebg")
NEAR = 2


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture
def shim(sandbox):
    sandbox.reset()
    with sandbox.client() as client, Shim(client, policy="silent") as made:
        yield made


def call(shim, content=None, **parameters):
    source = (
        {}
        if "image_url" in parameters
        else {"image_file": Upload(photo() if content is None else content, "photo.png")}
    )
    form = Form.of(source | {"size": "full"} | {name: value for name, value in parameters.items() if value is not None})
    return shim.run(ADAPTER, Call("removebg", "removebg", form))


def near(found, wanted, tolerance=NEAR):
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def test_pass_through_keeps_pixians_bytes(shim):
    cutout = call(shim)
    assert (cutout.content_type, cutout.size, cutout.input_size) == ("image/png", (400, 300), (400, 300))
    assert near(subject_box(opened(cutout.content)), (100, 80, 200, 220))
    assert near(cutout.foreground, (80, 100, 100, 140))


def test_size_caps_the_result(shim):
    cutout = call(shim, encoded(picture((1000, 800), (300, 200, 600, 600))), size="preview")
    assert cutout.size.pixels <= 250_000
    assert abs(cutout.size.width / cutout.size.height - 1.25) < 0.01
    assert cutout.max_size == (1000, 800)


def test_only_the_region_may_hold_foreground(shim):
    both = picture((400, 300), (50, 100, 120, 200))
    both.paste(BLUE, (250, 100, 330, 200))
    result = opened(call(shim, encoded(both), roi="0% 0% 50% 100%").content)
    assert result.size == (400, 300)
    assert near(subject_box(result), (50, 100, 120, 200))


def test_region_is_put_back_where_it_was_at_a_smaller_size(shim):
    cutout = call(shim, encoded(picture((1000, 800), (300, 200, 600, 600))), roi="200px 100px 80% 100%", size="preview")
    share = cutout.size.width / 1000
    assert near(subject_box(opened(cutout.content)), [edge * share for edge in (300, 200, 600, 600)], 3)
    assert near(cutout.foreground, (200, 300, 300, 400), 6)


@pytest.mark.parametrize(
    ("roi", "code"), [("0px 0px 500px 100px", "roi_exceeds_bounds"), ("300px 0% 50% 100%", "roi_region_empty")]
)
def test_region_outside_the_picture_costs_nothing(shim, sandbox, roi, code):
    with pytest.raises(TranslationError) as caught:
        call(shim, roi=roi)
    assert caught.value.code == code
    assert not sandbox.requests


def test_crop_leaves_the_subject_alone(shim):
    assert near(call(shim, crop="true").size, (100, 140))


@pytest.mark.parametrize(
    ("margin", "size"),
    [
        ("10px", (120, 160)),
        ("10%", (120, 168)),
        ("10px 20px", (140, 160)),
        ("1px 2px 3px 4px", (106, 144)),
        ("500%", (200, 280)),
        ("0 90px", (200, 140)),
    ],
)
def test_crop_margin_is_capped_at_half_the_subject(shim, margin, size):
    assert near(call(shim, crop="true", crop_margin=margin).size, size, 3)


def test_crop_margin_is_capped_at_500_px(shim):
    large = encoded(picture((1500, 1400), (100, 100, 1400, 1300)))
    assert near(call(shim, large, crop="true", crop_margin="50%").size, (1300 + 1000, 1200 + 1000), 8)


@pytest.mark.parametrize(
    ("parameters", "box"),
    [
        ({"scale": "50%"}, (146, 75, 254, 225)),
        ({"scale": "100%"}, (93, 0, 307, 300)),
        ({"scale": "50%", "position": "0% 100%"}, (0, 150, 107, 300)),
        ({"position": "center"}, (150, 80, 250, 220)),
        ({"position": "0%"}, (0, 0, 100, 140)),
        ({"position": "100% 0%"}, (300, 0, 400, 140)),
    ],
)
def test_subject_is_placed_on_an_unchanged_canvas(shim, parameters, box):
    result = opened(call(shim, **parameters).content)
    assert result.size == (400, 300)
    assert near(subject_box(result), box, 3)


def test_scaled_subject_may_stay_where_it_is(shim):
    box = subject_box(opened(call(shim, scale="20%", position="original").content))
    assert near(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), (150, 150), 3)


def test_opaque_colour_is_left_to_pixian(shim):
    cutout = call(shim, bg_color="00ff00")
    image = opened(cutout.content)
    assert (cutout.content_type, image.mode) == ("image/jpeg", "RGB")
    assert near(image.getpixel((5, 5)), (0, 255, 0), 6)


def test_translucent_colour_stays_translucent(shim):
    cutout = call(shim, bg_color="0000ff80")
    assert cutout.content_type == "image/png"
    assert opened(cutout.content).getpixel((5, 5)) == (0, 0, 255, 128)
    assert opened(cutout.content).getpixel((150, 150))[3] == 255


def test_background_picture_covers_the_canvas(shim):
    halves = Image.new("RGB", (100, 100), (0, 255, 0))
    halves.paste((0, 0, 255), (50, 0, 100, 100))
    cutout = call(shim, bg_image_file=Upload(encoded(halves)), format="png")
    image = opened(cutout.content).convert("RGB")
    assert image.size == (400, 300)
    assert near(image.getpixel((10, 10)), (0, 255, 0), 6)
    assert near(image.getpixel((390, 290)), (0, 0, 255), 6)
    assert near(image.getpixel((150, 150)), RED, 6)


def test_opaque_background_makes_auto_write_jpeg(shim):
    assert call(shim, bg_image_file=Upload(photo())).content_type == "image/jpeg"


def test_unreadable_background_costs_nothing(shim, sandbox):
    with pytest.raises(ImageError, match="bg_image_file cannot be read: the data is not a picture") as caught:
        call(shim, bg_image_file=Upload(b"no picture"))
    assert caught.value.parameter == "bg_image_file"
    assert not sandbox.requests


def test_webp_comes_in_and_goes_out(shim):
    cutout = call(shim, photo("WEBP"), format="webp")
    image = opened(cutout.content)
    assert (cutout.content_type, image.format, image.mode) == ("image/webp", "WEBP", "RGBA")
    assert near(subject_box(image), (100, 80, 200, 220))


def test_webp_in_alone_still_gives_pixians_own_png(shim, sandbox):
    assert call(shim, photo("WEBP")).content_type == "image/png"
    assert len(sandbox.requests) == 1


def test_alpha_channel_is_grey(shim):
    image = opened(call(shim, channels="alpha").content)
    assert (image.mode, image.size, image.getpixel((150, 150)), image.getpixel((5, 5))) == ("L", (400, 300), 255, 0)


def test_jpg_has_white_behind_the_subject(shim):
    cutout = call(shim, format="jpg")
    assert cutout.content_type == "image/jpeg"
    assert near(opened(cutout.content).getpixel((5, 5)), WHITE, 3)


@pytest.mark.parametrize("form", ["auto", "png", "jpg", "webp"])
@pytest.mark.parametrize("behind", [{}, {"bg_color": "ff0000"}, {"bg_color": "ff000080"}, {"shadow_type": "drop"}])
def test_alpha_channel_is_that_of_the_subject_whatever_is_behind(shim, form, behind):
    image = opened(call(shim, channels="alpha", format=form, **behind).content).convert("L")
    assert near((image.getpixel((150, 150)), image.getpixel((5, 5))), (255, 0), 3)


def test_zip_keeps_the_background_beside_a_shadow(shim):
    ground = picture(background=(90, 160, 90))
    with ZipFile(BytesIO(call(shim, encoded(ground), format="zip", shadow_type="drop").content)) as archive:
        colour, alpha = opened(archive.read("color.jpg")), opened(archive.read("alpha.png"))
    assert near(colour.getpixel((5, 5)), (90, 160, 90), 8)
    assert 0 < alpha.getpixel((150, 222)) < 255, "the shadow"


def test_zip_holds_colours_and_alpha_apart(shim):
    ground = picture(background=(90, 160, 90))
    cutout = call(shim, encoded(ground), format="zip")
    assert cutout.content_type == "application/zip"
    with ZipFile(BytesIO(cutout.content)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_STORED}
        colour, alpha = opened(archive.read("color.jpg")), opened(archive.read("alpha.png"))
    assert (colour.mode, colour.size, alpha.mode, alpha.size) == ("RGB", (400, 300), "L", (400, 300))
    assert near(colour.getpixel((5, 5)), (90, 160, 90), 8), "the original background is kept"
    png = opened(call(shim, encoded(ground), format="png").content)
    assert np.array_equal(np.asarray(alpha), np.asarray(png)[..., 3]), "alpha is that of the PNG"


def test_shadow_lies_below_the_subject(shim):
    plain, shadowed = (opened(call(shim, **options).content) for options in ({}, {"shadow_type": "drop"}))
    difference = np.asarray(shadowed)[..., 3].astype(int) - np.asarray(plain)[..., 3]
    assert difference.max() > 40
    rows = np.nonzero(difference.max(axis=1) > 20)[0]
    assert rows.mean() > 150, "more of it below the middle of the subject than above"
    assert near(shadowed.getpixel((150, 150)), (*RED, 255), 6)


def test_shadow_is_as_strong_as_asked(shim):
    weak, strong = (
        np.asarray(opened(call(shim, shadow_type="drop", shadow_opacity=opacity).content))[..., 3].astype(int).sum()
        for opacity in ("20", "90")
    )
    assert strong > weak


def test_nothing_found_is_an_error_that_says_what_it_cost(shim):
    with pytest.raises(NoForeground) as caught:
        call(shim, encoded(picture(subject=None)))
    assert caught.value.credits_charged > 0
    assert caught.value.result.content.startswith(b"\x89PNG")


def test_nothing_found_within_the_region_likewise(shim):
    with pytest.raises(NoForeground):
        call(shim, roi="60% 0% 100% 100%")


@pytest.mark.parametrize("content", [b"", b"no picture at all", photo()[:40]])
def test_what_is_no_picture_costs_nothing(shim, sandbox, content):
    with pytest.raises(ImageError):
        call(shim, content, roi="0% 0% 50% 50%")
    assert not [entry for entry in sandbox.requests if entry.credits_charged]


def test_a_result_that_does_not_fit_its_format_costs_nothing(shim, sandbox):
    wide = encoded(picture((17_000, 40), (4000, 10, 9000, 30)), compress_level=1)
    with pytest.raises(Refused, match=r"webp has at most 16,383 pixels on a side; .*17000 x 40") as caught:
        call(shim, wide, format="webp")
    assert caught.value.parameter == "format"
    assert not sandbox.requests
    assert call(shim, wide, format="webp", crop="true").size.width < 16_383, "a crop may make it fit"


def test_what_an_encoder_does_not_take_keeps_what_was_paid_for(shim, monkeypatch):
    def save(*_args, **_options):
        raise OSError("broken data stream when writing image file")

    content = photo()
    monkeypatch.setattr(Image.Image, "save", save)
    with pytest.raises(ImageError, match="the WEBP cannot be written: broken data stream") as caught:
        call(shim, content, format="webp")
    assert caught.value.result.credits_charged > 0


@pytest.mark.parametrize("form", ["WEBP", "AVIF"])
@pytest.mark.parametrize("parameters", [{}, {"roi": "0% 0% 100% 90%"}], ids=["whole", "region"])
def test_what_is_rewritten_is_uploaded_no_larger_than_the_result(shim, sandbox, parameters, form):
    original = picture((1000, 800), (300, 200, 600, 600))
    cutout = call(shim, encoded(original, form), size="preview", **parameters)
    sent = sandbox.requests[-1].input_size
    assert sent.pixels <= 250_000
    assert cutout.input_size == (1000, 800)
    assert near(cutout.foreground, (200, 300, 300, 400), 8), "in the original's coordinates"


def test_an_upload_that_stays_too_large_keeps_its_transparency_or_fails_for_free(shim, sandbox, monkeypatch):
    monkeypatch.setattr("pixian_shim.shim._pixels.MAX_UPLOAD_BYTES", 1000)
    translucent = picture().convert("RGBA")
    translucent.putalpha(128)
    with pytest.raises(TooLarge, match="bytes"):
        call(shim, encoded(translucent, "WEBP"))
    assert not sandbox.requests
    call(shim, photo("WEBP"))
    assert sandbox.requests[-1].status == 200, "as JPEG"


def test_an_alpha_channel_that_is_opaque_is_no_transparency_to_keep(shim, sandbox, monkeypatch):
    monkeypatch.setattr("pixian_shim.shim._pixels.MAX_UPLOAD_BYTES", 1000)
    opaque = picture().convert("RGBA")
    half = opaque.copy()
    half.paste((0, 0, 0, 0), (0, 0, half.width, half.height // 2))
    call(shim, encoded(opaque), roi="0% 0% 100% 90%")
    call(shim, encoded(half), roi="0% 60% 100% 100%")
    assert [entry.status for entry in sandbox.requests] == [200, 200], "as JPEG"


def test_more_than_50_megapixels_are_refused_before_anything_is_decoded(shim, sandbox):
    header = bytearray(photo("BMP"))
    header[18:26] = (10_000).to_bytes(4, "little") + (5_001).to_bytes(4, "little")
    with pytest.raises(TooLarge):
        call(shim, bytes(header))
    assert not sandbox.requests


def test_more_than_32_megapixels_are_shrunk_before_the_upload(shim, sandbox):
    large = encoded(picture((7000, 4800), (2000, 1000, 4000, 3000)), compress_level=1)
    cutout = call(shim, large, size="hd")
    assert cutout.size.pixels <= 4_000_000
    assert cutout.input_size == (7000, 4800)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("roi", [None, "0% 0% 99% 100%"], ids=["whole", "region"])
def test_beyond_25_megapixels_the_matte_is_applied_to_the_originals_pixels(shim, roi):
    original = picture((6000, 4400), (1000, 1000, 3000, 3000), background=(240, 240, 240))
    original.paste(WHITE, mask=fine_lines((6000, 4400), (1900, 1900, 2100, 2100)))
    cutout = call(shim, encoded(original, compress_level=1), size="50MP", format="jpg", roi=roi)
    image = opened(cutout.content)
    assert (cutout.content_type, image.size) == ("image/jpeg", (6000, 4400))
    assert near(image.getpixel((1500, 1500)), RED, 6)
    assert near(image.getpixel((5000, 4000)), WHITE, 3)
    lines = np.asarray(image.convert("L"))[1950:2050, 1950:2050].astype(int)
    assert lines.std(axis=0).mean() > 60, "lines of one pixel are as sharp as they were"
    assert cutout.max_size == (6000, 4400)


def fine_lines(size, box):
    """Draw horizontal lines of one pixel within a box."""
    lines = np.zeros(size[::-1], np.uint8)
    left, top, right, bottom = box
    lines[top:bottom:2, left:right] = 255
    return Image.fromarray(lines)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(shim, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    upright = picture()
    stored = upright if turned is None else upright.transpose(Image.Transpose(turned))
    cutout = call(shim, encoded(stored, "JPEG", exif=exif.tobytes(), quality=95), roi="0% 0% 100% 90%")
    assert cutout.size == (400, 300)
    assert near(subject_box(opened(cutout.content)), (100, 80, 200, 220), 4)


@pytest.mark.parametrize("parameters", [{"roi": "0 0 10% 10%"}, {"format": "zip"}], ids=str)
def test_decoded_originals_are_not_kept_while_pixian_works(parameters):
    content = photo(size=(3000, 2000))
    steps = Steps(ADAPTER.plan(Call("removebg", "removebg", Form.of({"image_file": Upload(content)} | parameters))))
    tracemalloc.start()
    try:
        while not isinstance(steps.effect, RemoveBackground):
            steps.done(steps.effect.run())
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak > 3000 * 2000 > 5 * kept
