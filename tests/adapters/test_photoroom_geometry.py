"""Where the subject is, how large, and on what canvas: checked on pixels, through the whole way."""

import pytest

from pictures import BLUE, RED, encoded, opened, photo, picture, subject_box
from pixian_adapters.photoroom.adapter import ADAPTER
from pixian_shim import Shim
from pixian_shim.pixian import Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Call, Form

SUBJECT = (100, 80, 200, 220)
"""In a picture of 400 x 300: 100 wide, 140 high."""


@pytest.fixture(scope="module")
def shim():
    with Sandbox(engine="fast") as sandbox, sandbox.client() as client:
        shim = Shim(client, policy="silent")
        shim.sandbox = sandbox
        yield shim


def cut(shim, operation, original=None, **parameters):
    source = "image_file" if operation == "segment" else "imageFile"
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    form = Form.of({source: Upload(original or photo(), "photo.png")} | named)
    return opened(shim.run(ADAPTER, Call("photoroom", operation, form)).content)


@pytest.fixture
def segment(shim):
    return lambda original=None, **parameters: cut(shim, "segment", original, **parameters)


@pytest.fixture
def edit(shim):
    return lambda original=None, **parameters: cut(shim, "edit", original, **parameters)


def near(found, expected, tolerance=2):
    return found is not None and all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True))


class TestSegment:
    def test_subject_stays_where_it_is(self, segment):
        result = segment()
        assert result.size == (400, 300)
        assert near(subject_box(result), SUBJECT)

    def test_crop_leaves_the_subject_alone(self, segment):
        assert near(segment(crop="true").size, (100, 140))

    @pytest.mark.parametrize(("size", "pixels"), [("preview", 250_000), ("medium", 1_500_000), ("hd", 4_000_000)])
    def test_size_caps_the_megapixels(self, segment, size, pixels):
        large = photo("JPEG", size=(2500, 2000), subject=(500, 400, 1500, 1600))
        width, height = segment(large, size=size).size
        assert pixels * 0.98 <= width * height <= pixels
        assert width / height == pytest.approx(1.25, abs=0.01)

    def test_full_goes_beyond_pixians_25_megapixels(self, segment):
        huge = photo("JPEG", size=(5500, 5000), subject=(1000, 1000, 3000, 4000))
        result = segment(huge)
        assert result.size == (5500, 5000)
        assert near(subject_box(result), (1000, 1000, 3000, 4000), 12)

    def test_matte_is_white_where_the_subject_is(self, segment):
        matte = segment(channels="alpha")
        assert matte.mode == "L"
        assert (matte.getpixel((150, 150)), matte.getpixel((10, 10))) == (255, 0)

    @pytest.mark.parametrize(
        ("colour", "pixel"), [("#FF00FF", (255, 0, 255)), ("00ff00", (0, 255, 0)), ("red", (255, 0, 0))]
    )
    def test_colour_is_behind_the_subject(self, segment, colour, pixel):
        result = segment(bg_color=colour).convert("RGBA")
        assert result.getpixel((5, 5)) == (*pixel, 255)
        assert near(result.getpixel((150, 150))[:3], RED)

    def test_translucent_colour_stays_so(self, segment):
        assert segment(bg_color="ff000080").getpixel((5, 5)) == (255, 0, 0, 128)

    @pytest.mark.parametrize(
        ("name", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("image/png", "PNG")]
    )
    def test_format(self, segment, name, kind):
        assert segment(format=name).format == kind

    def test_jpg_without_a_colour_is_on_white(self, segment):
        assert near(segment(format="jpg").getpixel((5, 5)), (255, 255, 255), 3)


LAID_OUT = [
    # canvas, and the subject's box on it; the subject is 100 x 140
    ({}, (400, 300), (93, 0, 307, 300)),
    ({"outputSize": "auto"}, (400, 300), (93, 0, 307, 300)),
    ({"outputSize": "originalImage"}, (400, 300), (93, 0, 307, 300)),
    ({"outputSize": "1000x1000"}, (1000, 1000), (143, 0, 857, 1000)),
    ({"outputSize": "1000x1000", "padding": "0.1"}, (1000, 1000), (214, 100, 786, 900)),
    ({"outputSize": "1000x1000", "padding": "10%"}, (1000, 1000), (214, 100, 786, 900)),
    ({"outputSize": "1000x1000", "padding": "100px"}, (1000, 1000), (214, 100, 786, 900)),
    ({"outputSize": "1000x1000", "margin": "0.1"}, (1000, 1000), (214, 100, 786, 900)),
    # padding is of what the margins leave: 100 + 0.1 x 800 on each side
    ({"outputSize": "1000x1000", "margin": "0.1", "padding": "0.1"}, (1000, 1000), (271, 180, 729, 820)),
    ({"outputSize": "1000x1000", "padding": "0.1", "paddingTop": "0.4"}, (1000, 1000), (321, 400, 679, 900)),
    ({"outputSize": "1000x500", "marginLeft": "600px"}, (1000, 500), (621, 0, 979, 500)),
    ({"outputSize": "1000x1000", "horizontalAlignment": "left"}, (1000, 1000), (0, 0, 714, 1000)),
    ({"outputSize": "1000x1000", "horizontalAlignment": "right"}, (1000, 1000), (286, 0, 1000, 1000)),
    ({"outputSize": "500x1000", "verticalAlignment": "top"}, (500, 1000), (0, 0, 500, 700)),
    ({"outputSize": "500x1000", "verticalAlignment": "bottom"}, (500, 1000), (0, 300, 500, 1000)),
    ({"outputSize": "500x1000", "verticalAlignment": "bottom", "padding": "0.1"}, (500, 1000), (50, 340, 450, 900)),
    ({"outputSize": "500x1000", "verticalAlignment": "center", "horizontalAlignment": "center"}, (500, 1000), (0, 150, 500, 850)),
    ({"outputSize": "croppedSubject"}, (100, 140), (0, 0, 100, 140)),
    ({"outputSize": "croppedSubject", "maxHeight": "70"}, (50, 70), (0, 0, 50, 70)),
    ({"outputSize": "croppedSubject", "maxWidth": "1000"}, (100, 140), (0, 0, 100, 140)),
    ({"outputSize": "croppedSubject", "padding": "10px"}, (120, 160), (10, 10, 110, 150)),
    ({"outputSize": "croppedSubject", "padding": "0.25"}, (200, 280), (50, 70, 150, 210)),
    ({"outputSize": "originalImage", "maxWidth": "200"}, (200, 150), (46, 0, 154, 150)),
    ({"maxWidth": "200"}, (400, 300), (93, 0, 307, 300)),
    ({"referenceBox": "originalImage"}, (400, 300), SUBJECT),
    ({"referenceBox": "originalImage", "outputSize": "200x150"}, (200, 150), (50, 40, 100, 110)),
    ({"referenceBox": "originalImage", "outputSize": "400x400"}, (400, 400), (100, 130, 200, 270)),
    ({"referenceBox": "originalImage", "outputSize": "400x400", "verticalAlignment": "bottom"}, (400, 400), (100, 180, 200, 320)),
    ({"referenceBox": "originalImage", "padding": "0.25"}, (400, 300), (150, 115, 200, 185)),
    # the whole picture covers 300 x 300: 50 pixels are cut off left and right
    ({"referenceBox": "originalImage", "outputSize": "300x300", "scaling": "fill"}, (300, 300), (50, 80, 150, 220)),
]  # fmt: skip


class TestEdit:
    @pytest.mark.parametrize(("parameters", "canvas", "box"), LAID_OUT, ids=[str(case[0]) for case in LAID_OUT])
    def test_layout(self, edit, parameters, canvas, box):
        result = edit(**parameters)
        assert result.size == canvas
        assert near(subject_box(result.convert("RGBA")), box, 3)

    def test_a_cropped_subjects_canvas_is_scaled_down_to_36_megapixels_as_a_whole(self, edit):
        result = edit(outputSize="croppedSubject", padding="5000px")
        assert result.size == (5988, 6011)
        assert near(subject_box(result), (2964, 2964, 3024, 3047), 3)

    def test_fill_covers_the_target_and_cuts_off_the_rest(self, edit):
        result = edit(outputSize="400x200", scaling="fill", padding="50px")
        assert near(subject_box(result), (50, 50, 350, 150))

    def test_fill_of_a_whole_canvas_leaves_nothing_transparent(self, edit):
        result = edit(outputSize="400x200", scaling="fill")
        assert result.getextrema()[3][0] >= 250

    def test_pixian_lays_out_what_it_can(self, shim, edit):
        shim.sandbox.reset()
        edit(outputSize="500x1000", padding="0.1", horizontalAlignment="center", verticalAlignment="bottom")
        (asked,) = [entry for entry in shim.sandbox.requests if entry.method == "POST"]
        assert asked.parameters["result.target_size"] == "500 1000"

    @pytest.mark.parametrize(
        ("subject", "parameters", "box"),
        [
            # it touches the photo's bottom edge: no padding there
            ((150, 160, 250, 300), {"padding": "0.1"}, (221, 100, 864, 1000)),
            ((150, 160, 250, 300), {"padding": "0.1", "margin": "0.1"}, (243, 180, 757, 900)),
            ((150, 160, 250, 300), {"padding": "0.1", "ignorePaddingAndSnapOnCroppedSides": "false"}, (214, 100, 786, 900)),
            ((150, 160, 250, 300), {"padding": "0.1", "verticalAlignment": "center"}, (214, 100, 786, 900)),
            ((0, 80, 100, 220), {"padding": "0.1"}, (0, 100, 571, 900)),
            ((0, 80, 100, 220), {"padding": "0.1", "horizontalAlignment": "right"}, (329, 100, 900, 900)),
        ],
    )  # fmt: skip
    def test_sides_that_the_photo_cuts_off_snap_to_the_canvas(self, edit, subject, parameters, box):
        result = edit(photo(subject=subject), outputSize="1000x1000", **parameters)
        left, top, right, bottom = subject_box(result)
        assert near((top, bottom), (box[1], box[3]), 4)
        assert near((right - left,), (box[2] - box[0],), 80)
        if subject[0] == 0:
            assert near((left, right), (box[0], box[2]), 4)

    def test_nothing_found_is_an_empty_canvas(self, edit):
        result = edit(photo(subject=None), outputSize="100x100", padding="0.1")
        assert result.size == (100, 100)

    @pytest.mark.parametrize(
        ("colour", "pixel"),
        [
            ("FF0000", (255, 0, 0, 255)),
            ("fff", (255, 255, 255, 255)),
            ("0000ff80", (0, 0, 255, 128)),
            ("transparent", (0, 0, 0, 0)),
        ],
    )
    def test_background_colour(self, edit, colour, pixel):
        result = edit(**{"outputSize": "200x200", "background.color": colour}).convert("RGBA")
        assert result.getpixel((3, 100))[3] == pixel[3]
        if pixel[3]:
            assert result.getpixel((3, 100)) == pixel

    @pytest.mark.parametrize(
        ("scaling", "above", "beside"), [("fill", BLUE, BLUE), ("fit", None, BLUE), (None, BLUE, BLUE)]
    )
    def test_background_picture(self, edit, scaling, above, beside):
        blue = Upload(encoded(picture((200, 100), None, background=BLUE)), "blue.png")
        named = {"background.imageFile": blue, "background.scaling": scaling, "padding": "0.2"}
        result = edit(outputSize="200x200", **named).convert("RGBA")
        corner = result.getpixel((3, 3))
        assert near(corner[:3], above) if above else corner[3] == 0
        assert near(result.getpixel((3, 100))[:3], beside)
        assert near(result.getpixel((100, 100))[:3], RED)

    def test_colour_shows_beside_a_background_picture_that_fits(self, edit):
        blue = Upload(encoded(picture((200, 100), None, background=BLUE)), "blue.png")
        named = {"background.imageFile": blue, "background.scaling": "fit", "background.color": "00ff00"}
        result = edit(outputSize="200x200", padding="0.2", **named).convert("RGBA")
        assert result.getpixel((3, 3)) == (0, 255, 0, 255)

    @pytest.mark.parametrize("kind", ["gaussian", "bokeh"])
    @pytest.mark.parametrize("removed", [None, "false", "true"])
    def test_blurred_background_keeps_the_subject_sharp(self, edit, kind, removed):
        original = picture()
        original.paste(BLUE, (300, 0, 400, 300))
        named = {"background.blur.mode": kind, "background.blur.radius": "0.05", "removeBackground": removed}
        result = edit(encoded(original), **named).convert("RGB")
        assert result.size == (400, 300)
        assert near(result.getpixel((150, 150)), RED)
        red = result.getpixel((301, 20))[0]
        assert BLUE[0] + 20 < red < 235  # neither the one colour nor the other

    def test_outline_is_drawn_around_the_subject(self, edit):
        named = {"outline.color": "00FF00", "outline.width": "0.05"}
        result = edit(outputSize="400x400", padding="0.2", **named)
        left, top, right, bottom = 114, 80, 286, 320
        assert near(result.getpixel((left - 10, 200)), (0, 255, 0, 255))
        assert result.getpixel((left - 30, 200))[3] == 0
        assert near(result.getpixel((200, 200))[:3], RED)
        assert near(subject_box(result), (left - 20, top - 20, right + 20, bottom + 20), 3)

    @pytest.mark.parametrize(
        ("name", "kind"), [(None, "PNG"), ("png", "PNG"), ("jpeg", "JPEG"), ("jpg", "JPEG"), ("webp", "WEBP")]
    )
    def test_format(self, edit, name, kind):
        result = edit(outputSize="100x100", **{"export.format": name})
        assert result.format == kind
        if kind == "JPEG":
            assert near(result.getpixel((3, 3)), (255, 255, 255), 4)

    def test_avif(self, edit):
        from PIL import features

        if not features.check("avif"):
            pytest.skip("this Pillow writes no AVIF")
        assert edit(outputSize="100x100", **{"export.format": "avif"}).format == "AVIF"

    @pytest.mark.parametrize("kind", ["png", "jpeg"])
    def test_resolution_is_written_into_the_file(self, edit, kind):
        result = edit(outputSize="100x100", **{"export.dpi": "300", "export.format": kind})
        assert near(result.info["dpi"], (300, 300), 1)

    def test_own_transparency_is_the_cutout_and_nothing_is_charged(self, shim, edit):
        original = picture(background=BLUE).convert("RGBA")
        original.putalpha(0)
        original.paste((10, 200, 10, 255), (40, 40, 90, 110))  # not what Pixian would keep
        shim.sandbox.reset()
        result = edit(encoded(original), keepExistingAlphaChannel="auto", referenceBox="originalImage")
        assert near(subject_box(result), (40, 40, 90, 110))
        assert not shim.sandbox.requests

    def test_opaque_originals_are_cut_out_all_the_same(self, edit):
        assert near(subject_box(edit(keepExistingAlphaChannel="auto", referenceBox="originalImage")), SUBJECT)
