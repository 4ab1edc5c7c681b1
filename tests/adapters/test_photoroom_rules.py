"""What becomes of each PhotoRoom parameter: the rows of both tables, one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pictures import photo
from pixian_adapters.photoroom.adapter import ADAPTER
from pixian_adapters.photoroom.rules import EDIT, SEGMENT
from pixian_adapters.photoroom.rules_ai import ADJUSTMENTS, FEATURES
from pixian_shim import Shim
from pixian_shim.errors import Refused, ShimError, TranslationError
from pixian_shim.geometry import Length, Margin, Size
from pixian_shim.pixian import ImageUrl, Parameters, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import (
    Arrange,
    BlurOriginal,
    Call,
    CropToForeground,
    FillColour,
    FillImage,
    Form,
    Outline,
    Output,
    Plan,
    Task,
    Verdict,
)

PHOTO = Upload(b"photo", "photo.jpg")
SEGMENT_SHEET = "image_file image_file_b64 image_url format channels bg_color size crop despill".split()
EDIT_SHEET = """imageFile imageUrl removeBackground background.color background.imageUrl background.imageFile background.scaling
background.blur.mode background.blur.radius background.prompt background.negativePrompt background.seed background.expandPrompt
background.expandPrompt.mode background.guidance.imageUrl background.guidance.imageFile background.guidance.scale outputSize maxWidth
maxHeight padding paddingTop paddingRight paddingBottom paddingLeft margin marginTop marginRight marginBottom marginLeft
ignorePaddingAndSnapOnCroppedSides horizontalAlignment verticalAlignment scaling referenceBox export.format export.dpi
keepExistingAlphaChannel preserveMetadata colorSpace outline.color outline.width outline.blurRadius segmentation.mode
segmentation.prompt segmentation.negativePrompt shadow.mode shadow.opacityOverride lighting.mode textRemoval.mode expand.mode expand.seed
uncrop.mode uncrop.seed upscale.mode beautify.mode beautify.seed flatLay.mode ghostMannequin.mode ironing.mode virtualModel.mode
editWithAI.prompt editWithAI.additionalImages.a.imageFile describeAnyChange.prompt imageFromPrompt.prompt imageFromPrompt.seed
templateId layers""".split()


def plan(operation="segment", **parameters):
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    source = "image_file" if operation == "segment" else "imageFile"
    sources = {"image_file", "image_file_b64", "image_url"} if operation == "segment" else {"imageFile", "imageUrl"}
    form = named if set(named) & sources else {source: PHOTO} | named
    return ADAPTER.plan(Call("photoroom", operation, Form.of(form)))


def edit(**parameters):
    return plan("edit", **parameters)


def note(operation, name, **parameters):
    (found,) = [note for note in plan(operation, **parameters).notes if note.name == name]
    return found


def refusal(operation, **parameters):
    with pytest.raises(TranslationError) as caught:
        plan(operation, **parameters)
    return caught.value


@pytest.mark.parametrize(("table", "sheet"), [(SEGMENT, SEGMENT_SHEET), (EDIT, EDIT_SHEET)])
def test_every_parameter_of_the_documentation_has_its_row(table, sheet):
    assert not [name for name in sheet if table.find(name) is None]
    invented = {rule.name for rule in table if not rule.name.endswith(".*")} - {*sheet, "test"}
    assert not invented


def test_every_row_says_what_it_is_about():
    about_nothing_else = {"despill", "removeBackground", "export.dpi", "preserveMetadata", "colorSpace"}
    assert {rule.name for rule in [*SEGMENT, *EDIT] if rule.capability is None} == about_nothing_else


def test_both_tables_belong_to_the_adapter():
    assert ADAPTER.tables == {"segment": SEGMENT, "edit": EDIT}


class TestSegment:
    def test_bare_call_is_passed_on(self):
        bare = plan()
        assert bare.parameters == Parameters(output_format="png")
        assert not bare.local
        assert bare.source == PHOTO
        assert [(note.name, note.given) for note in bare.notes] == [
            ("image_file", True),
            ("size", False),
            ("format", False),
        ]

    @pytest.mark.parametrize(
        ("parameters", "asked"),
        [
            ({"size": "preview"}, {"max_pixels": 250_000}),
            ({"size": "medium"}, {"max_pixels": 1_500_000}),
            ({"size": "hd"}, {"max_pixels": 4_000_000}),
            ({"size": "FULL"}, {}),
            ({"size": "", "bg_color": "", "format": ""}, {}),
            ({"crop": "true"}, {"crop_to_foreground": True}),
            ({"crop": "True"}, {"crop_to_foreground": True}),
            ({"crop": "1"}, {"crop_to_foreground": True}),
            ({"crop": "false"}, {}),
            ({"despill": "true"}, {}),
            ({"bg_color": "#81d4fa"}, {"background_color": "#81D4FA"}),
            ({"bg_color": "81D4FA"}, {"background_color": "#81D4FA"}),
            ({"bg_color": "tomato"}, {"background_color": "#FF6347"}),
            ({"bg_color": "transparent"}, {}),
            ({"format": "image/png"}, {}),
            ({"format": "jpg"}, {"output_format": "jpeg", "background_color": "#FFFFFF", "jpeg_quality": 80}),
            ({"format": "jpeg"}, {"output_format": "jpeg", "background_color": "#FFFFFF", "jpeg_quality": 80}),
            (
                {"format": "image/jpeg", "bg_color": "red"},
                {"output_format": "jpeg", "background_color": "#FF0000", "jpeg_quality": 80},
            ),
            ({"test": "true"}, {"test": True}),
            ({"channels": "rgba"}, {}),
            ({"padding": "0.1", "shadow": "true", "quality": "80"}, {}),
        ],
    )
    def test_what_pixian_can_do_itself_is_left_to_it(self, parameters, asked):
        made = plan(**parameters)
        assert not made.local
        assert made.parameters == Parameters(**({"output_format": "png"} | asked))

    @pytest.mark.parametrize(
        ("parameters", "steps", "output"),
        [
            ({"format": "webp"}, [], Output("webp", quality=90)),
            ({"format": "webp", "crop": "true"}, [CropToForeground()], Output("webp", quality=90)),
            ({"channels": "alpha"}, [], Output("png", "alpha")),
            ({"channels": "alpha", "bg_color": "red"}, [], Output("png", "alpha")),
            ({"channels": "alpha", "format": "jpg"}, [], Output("jpg", "alpha", 80)),
            ({"bg_color": "ff000080"}, [FillColour(255, 0, 0, 128)], Output("png")),
        ],
    )
    def test_the_rest_is_done_here(self, parameters, steps, output):
        made = plan(**parameters)
        assert (list(made.steps), made.output) == (steps, output)
        assert made.parameters == Parameters(output_format="png")

    def test_a_large_picture_is_not_cut_to_pixians_size(self):
        large = Upload(photo(size=(6000, 5000), subject=None), "large.png")
        assert plan(image_file=large).max_pixels == 36_000_000
        assert plan(image_file=large).local
        assert not plan(image_file=Upload(photo(), "small.png")).local
        assert not plan(image_url="https://example.com/large.png").local

    @pytest.mark.parametrize(
        ("parameters", "content"),
        [
            ({"image_file": Upload(b"picture")}, b"picture"),
            ({"image_file_b64": "aGVsbG8="}, b"hello"),
            ({"image_file_b64": "data:image/png;base64,aGVsbG8="}, b"hello"),
            ({"image_file_b64": Upload(b"aGVsbG8=")}, b"hello"),
            ({"image_file": Upload(b"picture"), "image_file_b64": "aGVsbG8="}, b"picture"),
        ],
    )
    def test_picture(self, parameters, content):
        assert plan(**parameters).source.read() == content

    def test_address_is_fetched_by_pixian(self):
        assert plan(image_url="https://example.com/a.png").source == ImageUrl("https://example.com/a.png")

    def test_second_picture_is_left_aside_and_said_so(self):
        found = note("segment", "image_url", image_file=PHOTO, image_url="http://x/y.png")
        assert (found.verdict, "goes first" in found.says) == (Verdict.IGNORED, True)

    def test_file_that_came_as_text_is_a_file(self):
        assert plan(image_file=photo().decode("latin-1")).source.read() == photo()

    @pytest.mark.parametrize(
        ("parameters", "parameter"),
        [
            ({"format": "gif"}, "format"),
            ({"channels": "rgb"}, "channels"),
            ({"size": "4k"}, "size"),
            ({"crop": "maybe"}, "crop"),
            ({"despill": "maybe"}, "despill"),
            ({"bg_color": "nocolour"}, "bg_color"),
            ({"image_file": "photo.jpg"}, "image_file"),
            ({"image_file": "größe→.jpg"}, "image_file"),
            ({"image_file_b64": "***"}, "image_file_b64"),
            ({"image_url": "ftp://x/y"}, "image_url"),
            ({"image_url": "http://["}, "image_url"),
            ({"size": PHOTO}, "size"),
        ],
    )
    def test_bad_values_are_refused_by_name(self, parameters, parameter):
        assert refusal("segment", **parameters).parameter == parameter


class TestEdit:
    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            ({}, {"snap": (True, True)}),
            ({"outputSize": "800x600"}, {"canvas": Size(800, 600), "snap": (True, True)}),
            ({"outputSize": "800X600"}, {"canvas": Size(800, 600), "snap": (True, True)}),
            ({"outputSize": "originalImage"}, {"snap": (True, True)}),
            ({"outputSize": "croppedSubject"}, {"canvas": "subject", "snap": (True, True)}),
            (
                {"outputSize": "croppedSubject", "maxWidth": "500.0", "maxHeight": "70"},
                {"canvas": "subject", "at_most": (500, 70), "snap": (True, True)},
            ),
            ({"maxWidth": "500"}, {"snap": (True, True)}),
            ({"horizontalAlignment": "left"}, {"across": 0.0, "snap": (False, True)}),
            ({"horizontalAlignment": "center"}, {"snap": (False, True)}),
            ({"verticalAlignment": "bottom"}, {"down": 1.0, "snap": (True, False)}),
            ({"ignorePaddingAndSnapOnCroppedSides": "false"}, {}),
            ({"ignorePaddingAndSnapOnCroppedSides": "0"}, {}),
            ({"referenceBox": "originalImage"}, {"reference": "original"}),
            ({"scaling": "fill"}, {"scaling": "fill", "snap": (True, True)}),
            ({"padding": "0.1"}, {"padding": Margin.parse("10%"), "snap": (True, True)}),
            ({"padding": "10%"}, {"padding": Margin.parse("10%"), "snap": (True, True)}),
            ({"padding": "0.07"}, {"padding": Margin.parse("7%"), "snap": (True, True)}),
            ({"padding": "10 px"}, {"padding": Margin.parse("10px"), "snap": (True, True)}),
            (
                {"margin": "5%", "marginLeft": "10px", "marginTop": "0"},
                {"margin": Margin.parse(["0%", "5%", "5%", "10px"]), "snap": (True, True)},
            ),
        ],
    )
    def test_layout(self, parameters, expected):
        expected = {"max_pixels": 36_000_000, "margin": Margin.parse("0%"), "padding": Margin.parse("0%")} | expected
        assert edit(**parameters).steps == (Arrange(**expected),)

    def test_pixian_lays_out_a_canvas_of_given_size_without_snapping(self):
        made = edit(outputSize="800x600", padding="0.1", horizontalAlignment="center", verticalAlignment="bottom")
        assert not made.local
        assert made.parameters == Parameters(
            crop_to_foreground=True,
            target_size="800 600",
            margin="60px 80px",
            vertical_alignment="bottom",
            output_format="png",
        )

    @pytest.mark.parametrize(
        ("parameters", "further"),
        [
            ({"background.color": "FF0000"}, [FillColour(255, 0, 0)]),
            ({"background.color": "f00"}, [FillColour(255, 0, 0)]),
            ({"background.color": "#FF0000EE"}, [FillColour(255, 0, 0, 238)]),
            ({"background.color": "transparent"}, []),
            ({"background.imageFile": PHOTO}, [FillImage(PHOTO, "background.imageFile")]),
            (
                {"background.imageUrl": "http://x/y", "background.scaling": "fit"},
                [FillImage(ImageUrl("http://x/y"), "background.imageUrl", "fit")],
            ),
            (
                {"background.color": "red", "background.imageFile": PHOTO},
                [FillImage(PHOTO, "background.imageFile"), FillColour(255, 0, 0)],
            ),
            (
                {"outline.color": "red"},
                [Outline(width=Length(3.0, "%"), colour=(255, 0, 0, 255), blur=Length(0.0, "%"))],
            ),
            (
                {
                    "outline.color": "red",
                    "outline.width": "0.1",
                    "outline.blurRadius": "0.02",
                    "background.color": "fff",
                },
                [
                    Outline(width=Length(10.0, "%"), colour=(255, 0, 0, 255), blur=Length(2.0, "%")),
                    FillColour(255, 255, 255),
                ],
            ),
            ({"outline.width": "0.1"}, []),
            ({"export.format": "jpeg"}, [FillColour(255, 255, 255)]),
            ({"export.format": "jpg", "background.color": "red"}, [FillColour(255, 0, 0)]),
        ],
    )
    def test_what_is_behind_and_around_the_subject(self, parameters, further):
        assert list(edit(**parameters).steps)[1:] == further

    @pytest.mark.parametrize("removed", [{}, {"removeBackground": "false"}, {"removeBackground": "true"}])
    def test_blur_comes_before_the_layout_of_the_whole_picture(self, removed):
        named = removed | {"background.blur.mode": "bokeh", "background.blur.radius": "0.03"}
        blurred, laid_out = edit(**named).steps
        assert blurred == BlurOriginal(Length(3.0, "%"), "bokeh")
        assert (laid_out.reference, laid_out.snap) == ("original", (False, False))

    @pytest.mark.parametrize(
        ("value", "output"),
        [
            (None, Output("png")),
            ("png", Output("png")),
            ("jpeg", Output("jpg", quality=80)),
            ("JPG", Output("jpg", quality=80)),
            ("webp", Output("webp", quality=90)),
            ("image/avif", Output("avif", quality=90)),
        ],
    )
    def test_format_and_its_quality(self, value, output):
        assert edit(export__format=value).output == output

    def test_resolution(self):
        assert edit(export__dpi="300").output.dpi == 300

    @pytest.mark.parametrize(
        ("value", "becomes"), [(None, "merge"), ("never", "merge"), ("auto", "matte"), ("AUTO", "matte")]
    )
    def test_own_transparency(self, value, becomes):
        assert edit(keepExistingAlphaChannel=value).transparent_input == becomes

    @pytest.mark.parametrize("name", [name.replace(".*", ".mode") for name in FEATURES])
    def test_features_of_artificial_intelligence_are_refused_by_name(self, name):
        error = refusal("edit", **{name: PHOTO if name.endswith("File") else "ai.auto"})
        assert isinstance(error, Refused)
        assert error.parameter == name
        assert EDIT.find(name).verdict is Verdict.REFUSED

    @pytest.mark.parametrize(
        "name", ["shadow[mode]", "layers[a][text][content]", "editWithAI.additionalImages.x.imageFile"]
    )
    def test_features_are_refused_however_deep_their_name(self, name):
        assert refusal("edit", **{name: "x"}).parameter == name

    def test_a_feature_without_a_picture_is_refused_by_name_as_well(self):
        with pytest.raises(Refused) as caught:
            ADAPTER.plan(Call("photoroom", "edit", Form.of({"imageFromPrompt.prompt": "a red car"})))
        assert caught.value.parameter == "imageFromPrompt.prompt"

    @pytest.mark.parametrize("name", ADJUSTMENTS)
    def test_what_only_adjusts_a_feature_asks_for_nothing(self, name):
        assert note("edit", name, **{name: "1"}).verdict is Verdict.IGNORED

    def test_background_that_stays_is_refused_by_name(self):
        assert refusal("edit", removeBackground="false").parameter == "removeBackground"

    @pytest.mark.parametrize(
        "parameters",
        [
            {"outputSize": "big"},
            {"outputSize": "0x100"},
            {"outputSize": "100000x100000"},
            {"maxWidth": "0"},
            {"maxHeight": "nan"},
            {"padding": "0.5"},
            {"padding": "50%"},
            {"padding": "-1px"},
            {"padding": "ten"},
            {"padding": "nan"},
            {"paddingTop": "px"},
            {"margin": "%"},
            {"margin": "infpx"},
            {"horizontalAlignment": "top"},
            {"verticalAlignment": "middle"},
            {"scaling": "keep"},
            {"referenceBox": "box"},
            {"removeBackground": "maybe"},
            {"background.color": "nocolour"},
            {"background.scaling": "keep"},
            {"background.blur.mode": "box"},
            {"background.blur.radius": "0.06"},
            {"background.imageFile": "photo.jpg"},
            {"background.imageUrl": "photo.jpg"},
            {"outline.color": "nocolour"},
            {"outline.width": "0.2"},
            {"outline.blurRadius": "-0.1"},
            {"export.format": "gif"},
            {"export.dpi": "10"},
            {"keepExistingAlphaChannel": "always"},
            {"preserveMetadata": "all"},
            {"colorSpace": "cmyk"},
            {"imageFile": "photo.jpg"},
            {"imageUrl": "photo.jpg"},
        ],
    )
    def test_bad_values_are_refused_by_name(self, parameters):
        (name,) = parameters
        error = refusal("edit", **parameters)
        assert error.parameter == name
        assert str(error).startswith(f"{name} must be")

    @pytest.mark.parametrize(
        ("name", "parameters", "verdict", "words"),
        [
            ("maxWidth", {"maxWidth": "10"}, Verdict.IGNORED, "Counts only with outputSize"),
            ("padding", {"padding": "0.1", **dict.fromkeys(("paddingTop", "paddingRight", "paddingBottom", "paddingLeft"), "0")}, Verdict.EXACT, "counts instead"),
            ("referenceBox", {"referenceBox": "subjectBox", "background.blur.mode": "bokeh"}, Verdict.APPROXIMATED, "whole picture"),
            ("ignorePaddingAndSnapOnCroppedSides", {"ignorePaddingAndSnapOnCroppedSides": "true", "horizontalAlignment": "left", "verticalAlignment": "top"}, Verdict.EXACT, "both directions"),
            ("ignorePaddingAndSnapOnCroppedSides", {"ignorePaddingAndSnapOnCroppedSides": "true", "referenceBox": "originalImage"}, Verdict.EXACT, "whole picture"),
            ("background.imageUrl", {"background.imageFile": PHOTO, "background.imageUrl": "http://x/y"}, Verdict.IGNORED, "goes first"),
            ("background.scaling", {"background.scaling": "fit"}, Verdict.EXACT, "without a background picture"),
            ("background.blur.radius", {"background.blur.radius": "0.02"}, Verdict.EXACT, "without background.blur.mode"),
            ("outline.width", {"outline.width": "0.02"}, Verdict.EXACT, "without outline.color"),
            ("keepExistingAlphaChannel", {"keepExistingAlphaChannel": "never"}, Verdict.EXACT, "stays so"),
            ("keepExistingAlphaChannel", {"keepExistingAlphaChannel": "auto"}, Verdict.EMULATED, "Pixian is not asked"),
            ("colorSpace", {"colorSpace": "sRGB"}, Verdict.EXACT, "sRGB"),
            ("colorSpace", {"colorSpace": "original"}, Verdict.IGNORED, "sRGB"),
            ("preserveMetadata", {"preserveMetadata": "xmp"}, Verdict.IGNORED, "Nothing is carried over"),
            ("preserveMetadata", {"preserveMetadata": "never"}, Verdict.EXACT, "default"),
            ("background.colour", {"background.colour": "red"}, Verdict.IGNORED, "Did you mean background.color?"),
            ("output_type", {"output_type": "cutout"}, Verdict.IGNORED, "no parameter"),
            ("outputSize", {"outputSize": "800x600"}, Verdict.EMULATED, "placed here"),
            ("export.format", {"export.format": "webp"}, Verdict.EMULATED, "no webp"),
            ("imageUrl", {"imageFile": PHOTO, "imageUrl": "http://x/y"}, Verdict.IGNORED, "goes first"),
        ],
    )  # fmt: skip
    def test_note_says_what_happened(self, name, parameters, verdict, words):
        found = note("edit", name, **parameters)
        assert found.verdict is verdict
        assert words in found.says


@pytest.mark.parametrize("operation", ["account-v1", "account-v2"])
def test_accounts_are_tasks_of_their_own(operation):
    assert ADAPTER.plan(Call("photoroom", operation)) == Plan(task=Task.ACCOUNT)


@pytest.mark.parametrize("operation", ["segment", "edit"])
def test_missing_picture_is_refused(operation):
    with pytest.raises(TranslationError) as caught:
        ADAPTER.plan(Call("photoroom", operation))
    assert caught.value.code == "missing_image"


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"imageFile": Upload(b"x", "a.png")}, "templateId is required, and only PhotoRoom has templates"),
        ({"templateId": "x", "imageFile": Upload(b"x", "a.png")}, "cannot be done on Pixian"),
        ({}, "templateId is required"),
    ],
)
def test_a_template_is_refused_with_and_without_its_id(parameters, says):
    with pytest.raises(TranslationError, match=says):
        ADAPTER.plan(Call("photoroom", "render", Form.of(parameters)))


VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        "true false auto never png jpg webp avif preview full alpha fit fill left right top bottom center 0 0.1 49% 10px 300 1000x800 "
        "50x60 croppedSubject originalImage subjectBox gaussian bokeh FF0000 ff000080 red transparent http://x/y https://[ 72 1e-3 -1 "
        "ai.auto image/png".split()
    ),
    st.builds(Upload, st.binary(max_size=8)),
)
STRANGE = st.one_of(
    st.text(min_size=1, max_size=8), st.sampled_from(["shadow[mode]", "padding[a]", "outputsize", "a.b"])
)


def asked(operation, parameters, picture):
    source = "image_file" if operation == "segment" else "imageFile"
    others = {"image_file", "image_file_b64", "image_url", "imageFile", "imageUrl"}
    kept = {name: value for name, value in parameters.items() if name not in others}
    return Call("photoroom", operation, Form.of(kept | {source: picture}))


def refused_in_its_shape(call, error):
    answer = ADAPTER.refuse(call, error)
    assert answer.status == 400
    assert (b'"detail"' if call.operation == "segment" else b'"message"') in answer.body


CASES = st.one_of(
    st.tuples(
        st.just("segment"), st.dictionaries(st.one_of(st.sampled_from(SEGMENT_SHEET), STRANGE), VALUES, max_size=8)
    ),
    st.tuples(st.just("edit"), st.dictionaries(st.one_of(st.sampled_from(EDIT_SHEET), STRANGE), VALUES, max_size=8)),
)


@settings(max_examples=1500)
@given(CASES)
def test_translation_is_total_and_nothing_vanishes(case):
    call = asked(*case, PHOTO)
    try:
        made = ADAPTER.plan(call)
    except TranslationError as error:
        refused_in_its_shape(call, error)
        return
    given = [note.name for note in made.notes if note.given]
    assert sorted(given) == sorted(call.form.names)
    assert len({note.name for note in made.notes}) == len(made.notes)
    assert made.local == (made.output is not None)


@settings(max_examples=400)
@given(CASES)
def test_any_dictionary_of_documented_values_translates(case):
    operation, parameters = case
    call = Call("photoroom", operation, Form.of(parameters))
    try:
        ADAPTER.plan(call)
    except ShimError as error:
        assert isinstance(error, TranslationError)
        refused_in_its_shape(call, error)


GOOD = {
    "outputSize": st.sampled_from(["auto", "originalImage", "croppedSubject", "64x48", "30x90"]),
    "maxWidth": st.sampled_from(["1", "40", "9999"]),
    "maxHeight": st.sampled_from(["1", "40"]),
    **dict.fromkeys(
        ("padding", "paddingTop", "paddingLeft", "margin", "marginRight", "marginBottom"),
        st.sampled_from(["0", "0.1", "0.49", "49%", "10px", "500px"]),
    ),
    "horizontalAlignment": st.sampled_from(["left", "center", "right"]),
    "verticalAlignment": st.sampled_from(["top", "center", "bottom"]),
    "scaling": st.sampled_from(["fit", "fill"]),
    "referenceBox": st.sampled_from(["subjectBox", "originalImage"]),
    "ignorePaddingAndSnapOnCroppedSides": st.sampled_from(["true", "false"]),
    "background.color": st.sampled_from(["red", "ff000080", "transparent"]),
    "background.blur.mode": st.sampled_from(["gaussian", "bokeh"]),
    "outline.color": st.sampled_from(["00ff00", "0000ff40"]),
    "outline.width": st.sampled_from(["0", "0.1"]),
    "export.format": st.sampled_from(["png", "jpeg", "webp"]),
    "export.dpi": st.just("300"),
    "keepExistingAlphaChannel": st.sampled_from(["auto", "never"]),
}


@pytest.fixture(scope="module")
def shim():
    with Sandbox(engine="fast") as sandbox, sandbox.client() as client:
        yield Shim(client, policy="silent")


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({}, optional=GOOD),
    st.sampled_from([(12, 9, 24, 30), (0, 9, 24, 36), None, (0, 0, 48, 36)]),
)
def test_plans_are_accepted_by_the_sandbox_and_carried_out(shim, parameters, subject):
    original = Upload(photo(size=(48, 36), subject=subject), "photo.png")
    call = asked("edit", parameters, original)
    try:
        result = shim.run(ADAPTER, call)
    except TranslationError as error:  # paddings that leave nothing of the canvas
        assert error.code == "canvas"
        refused_in_its_shape(call, error)
        return
    if parameters.get("outputSize") in ("64x48", "30x90"):
        assert f"{result.size.width}x{result.size.height}" == parameters["outputSize"]


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "size": st.sampled_from(["preview", "medium", "hd", "full"]),
            "crop": st.sampled_from(["true", "false"]),
            "channels": st.sampled_from(["rgba", "alpha"]),
            "bg_color": st.sampled_from(["red", "ff000080"]),
            "format": st.sampled_from(["png", "jpg", "webp"]),
            "despill": st.just("true"),
        },
    )
)
def test_segment_plans_are_accepted_by_the_sandbox(shim, parameters):
    assert shim.run(
        ADAPTER, asked("segment", parameters, Upload(photo(size=(48, 36), subject=(12, 9, 24, 30)), "a.png"))
    )
