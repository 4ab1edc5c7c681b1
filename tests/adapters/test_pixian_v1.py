"""Version 1 of Pixian's own API: other names, the same pictures, and no business of ours on the rest of its host."""

import base64
import json

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from pictures import encoded, photo, picture
from pixian_adapters.pixian_v1.adapter import ADAPTER
from pixian_shim import Shim, errors, intercept
from pixian_shim.pixian import V1_NAMES, Account, Credentials, Margin, Parameters, Retry, Size, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Call, Form, HttpRequest, Verdict, forget_warnings

URL = "https://api.pixian.ai/api/v1/remove-background"
V2_URL = "https://api.pixian.ai/api/v2/remove-background"


def basic(key="sandbox:sandbox"):
    return {"Authorization": "Basic " + base64.b64encode(key.encode()).decode()}


def call(**parameters):
    named = {name.replace("__", "."): value for name, value in parameters.items()}
    return Call("pixian_v1", "remove-background", Form.of({"image": Upload(photo(), "photo.png")} | named), "a:b")


def planned(**parameters):
    return ADAPTER.plan(call(**parameters))


def refused(error):
    answer = ADAPTER.refuse(None, error)
    return answer.status, json.loads(answer.body)["error"]


@pytest.fixture(scope="module")
def running():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    forget_warnings()
    return running


@pytest.fixture
def pixian(sandbox):
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client:
        yield client


@pytest.fixture
def direct(sandbox):
    """Ask the sandbox's own version 1: how a program was answered before."""

    def ask(data, files=None):
        with sandbox.http_client() as http:
            return http.post("/api/v1/remove-background", data=data, files=files)

    return ask


@pytest.fixture
def shimmed(pixian):
    """Ask version 1 through requests, and be answered by version 2."""

    def ask(data, files=None, auth=("sandbox", "sandbox"), url=URL):
        with intercept("pixian_v1", client=pixian, policy="silent"):
            return requests.post(url, data=data, files=files, auth=auth)

    return ask


@pytest.mark.parametrize("host", ["api.pixian.ai", "pixian.ai"])
@pytest.mark.parametrize("end", ["", "/", "?test=true"])
def test_both_hosts_are_served_below_v1(host, end):
    assert ADAPTER.serves(f"https://{host}/api/v1/remove-background{end}")
    assert ADAPTER.read(HttpRequest("post", f"https://{host}/api/v1/remove-background{end}", basic())).form is not None


@pytest.mark.parametrize(
    "url",
    [
        V2_URL,
        "https://api.pixian.ai/api/v2/account",
        "https://api.pixian.ai/v1.0/removebg",
        "https://api.pixian.ai/api/v10/remove-background",
        "https://pixian.ai/",
        "https://pixian.ai/api",
        "https://api.pixian.ai.evil.example/api/v1/remove-background",
        "https://[broken/api/v1/remove-background",
    ],
)
def test_nothing_else_on_the_host_is_served(url):
    assert not ADAPTER.serves(url)


@pytest.mark.parametrize(
    ("method", "url", "headers", "status", "code"),
    [
        ("GET", URL, basic(), 405, 405),
        ("POST", "https://api.pixian.ai/api/v1/account", basic(), 404, 404),
        ("POST", URL, {}, 401, 1001),
        ("POST", URL, {"Authorization": "Bearer token"}, 401, 1001),
        ("POST", URL, {"Authorization": "Basic !!!"}, 401, 1001),
        ("POST", URL, basic("no-colon"), 401, 1001),
        ("POST", URL, basic(":"), 401, 1001),
        ("POST", URL, basic() | {"Content-Type": "multipart/form-data"}, 400, 1019),
    ],
)
def test_unusable_requests_are_refused_in_pixians_words(method, url, headers, status, code):
    with pytest.raises(errors.TranslationError) as caught:
        ADAPTER.read(HttpRequest(method, url, headers, b"x"))
    found, error = refused(caught.value)
    assert (found, error["status"], error["code"]) == (status, status, code)
    assert error["message"]


def test_credentials_of_the_request_are_the_key_and_hidden():
    read = ADAPTER.read(HttpRequest("POST", URL, basic("px1234:canary-secret")))
    assert Credentials.parse_key(read.key) == Credentials("px1234", "canary-secret")
    assert "canary" not in repr(read)


CASES = {
    "test": ("true", {"test": True}),
    "maxPixels": ("5000", {"max_pixels": 5000}),
    "background.color": ("#00FF7f", {"background_color": "#00FF7f"}),
    "result.cropToForeground": ("True", {"crop_to_foreground": True}),
    "result.margin": ("10px 5%", {"margin": Margin.parse("10px 5%")}),
    "result.targetSize": ("300 200", {"target_size": Size(300, 200)}),
    "result.verticalAlignment": ("bottom", {"vertical_alignment": "bottom"}),
    "output.format": ("jpeg", {"output_format": "jpeg"}),
    "output.jpegQuality": ("40", {"jpeg_quality": 40}),
}


def test_every_v1_name_has_a_case():
    assert set(CASES) == set(V1_NAMES)


@pytest.mark.parametrize("name", CASES)
def test_v1_name_and_v2_name_ask_for_the_same(name):
    value, expected = CASES[name]
    v1, v2 = planned(**{name: value}), planned(**{V1_NAMES[name]: value})
    assert v1.parameters == v2.parameters == Parameters(**expected)
    assert (v1.steps, v1.output, v1.local, v1.untouched) == ((), None, False, True)
    note = next(note for note in v1.notes if note.name == name)
    assert note.verdict is (Verdict.EXACT if name == V1_NAMES[name] else Verdict.CONVERTED)


def test_nothing_given_asks_for_the_defaults():
    assert planned().parameters == Parameters()


def test_delta_is_understood_in_both_spellings():
    for spelling in ("deltaPng", "delta_png"):
        assert planned(output__format=spelling).parameters.output_format == "delta_png"


def test_v2_name_goes_first_and_the_note_of_the_other_says_so():
    plan = planned(maxPixels="500", max_pixels="900")
    assert plan.parameters.max_pixels == 900
    notes = {note.name: note for note in plan.notes}
    assert (notes["maxPixels"].verdict, notes["max_pixels"].verdict) == (Verdict.IGNORED, Verdict.EXACT)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"maxPixels": "99"}, "maxPixels='99'"),
        ({"max_pixels": "99"}, "max_pixels='99'"),
        ({"output.jpegQuality": "0"}, "output.jpegQuality='0'"),
        ({"result.targetSize": "1"}, "result.targetSize='1'"),
        ({"background.color": "red"}, "background.color='red'"),
        ({"test": Upload(b"x", "x.png")}, "test='x.png': text"),
    ],
)
def test_bad_value_is_named_as_the_caller_wrote_it(parameters, named):
    with pytest.raises(errors.TranslationError) as caught:
        planned(**parameters)
    status, error = refused(caught.value)
    assert (status, error["code"]) == (400, 1019)
    assert named in error["message"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, 1005),
        ({"image": "photo.png"}, 1016),
        ({"image.base64": "no base64!"}, 1006),
        ({"image.url": "photo.png"}, 1024),
        ({"image.url": "http://[x"}, 1024),
    ],
)
def test_unusable_picture_has_its_own_code(parameters, code):
    with pytest.raises(errors.TranslationError) as caught:
        ADAPTER.plan(Call("pixian_v1", "remove-background", Form.of(parameters)))
    assert refused(caught.value)[1]["code"] == code


def test_first_of_several_pictures_counts():
    plan = planned(image__url="https://example.com/a.png")
    assert isinstance(plan.source, Upload)
    assert {note.name: note.verdict for note in plan.notes}["image.url"] is Verdict.IGNORED


NAMES = st.one_of(st.sampled_from([*V1_NAMES, *V1_NAMES.values(), "image", "image.url", "size"]), st.text(max_size=8))
VALUES = st.one_of(st.text(max_size=12), st.sampled_from(["true", "#ffffff", "500", "1 1", "5%", "auto"]))


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_form_ends_in_a_plan_with_every_note_or_in_a_refusal(parameters):
    form = Form.of({"image": Upload(b"x")} | parameters)
    try:
        plan = ADAPTER.plan(Call("pixian_v1", "remove-background", form))
    except errors.TranslationError as error:
        assert refused(error)[1].keys() == {"status", "code", "message"}
    else:
        assert sorted(note.name for note in plan.notes) == sorted(form.names)


FORMS = [
    {},
    {"maxPixels": "5000"},
    {"background.color": "#336699"},
    {"background.color": "#336699", "output.format": "png"},
    {"output.format": "jpeg", "output.jpegQuality": "30"},
    {"result.cropToForeground": "true", "result.margin": "10px 5%"},
    {"result.targetSize": "300 200", "result.verticalAlignment": "top", "result.margin": "7px"},
    {"output.format": "delta_png"},
    {"output.format": "deltaPng"},
    {"test": "true"},
    {"result.crop_to_foreground": "true"},
    {"unknown": "x"},
]
PASSED = ("content-type", "x-credits-charged", "x-credits-calculated", "x-input-orientation", "x-input-size")
PASSED += ("x-result-size", "x-input-foreground", "x-result-foreground")


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_answer_is_byte_for_byte_that_of_version_1(form, direct, shimmed):
    files = {"image": ("photo.png", photo())}
    old, new = direct(form, files), shimmed(form, files)
    assert (new.status_code, new.content) == (old.status_code, old.content)
    assert {name: new.headers.get(name) for name in PASSED} == {name: old.headers.get(name) for name in PASSED}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_picture_of_any_format_is_sent_as_it_came(kind, direct, shimmed, sandbox):
    image = picture()
    exif = image.getexif()
    exif[0x0112] = 6
    files = {"image": ("photo", encoded(image, kind, **({"exif": exif} if kind in ("JPEG", "WEBP") else {})))}
    old, new = direct({}, files), shimmed({}, files)
    assert new.content == old.content
    assert new.headers["X-Input-Orientation"] == old.headers["X-Input-Orientation"]
    assert sandbox.requests[-1].path == "/api/v2/remove-background"


def test_base64_and_query_parameters_are_read(direct, shimmed):
    text = base64.b64encode(photo()).decode()
    old = direct({"image.base64": text, "test": "true"})
    new = shimmed({"image.base64": text}, url=f"{URL}?test=true")
    assert new.content == old.content
    assert new.headers["X-Credits-Charged"] == "0.000000"
    assert float(new.headers["X-Credits-Calculated"]) > 0


def test_picture_without_foreground_is_no_error(shimmed):
    answer = shimmed({}, {"image": ("plain.png", photo(subject=None))})
    assert (answer.status_code, answer.headers["X-Input-Foreground"]) == (200, "0 0 0 0")


BROKEN = [
    ({}, None),
    ({"image": "photo.png"}, None),
    ({"image.base64": "no base64!"}, None),
    ({"image.url": "nonsense"}, None),
    ({}, b"no picture"),
    ({}, b""),
    ({"maxPixels": "7"}, photo()),
    ({"output.format": "webp"}, photo()),
]


@pytest.mark.parametrize(("form", "content"), BROKEN, ids=str)
def test_error_has_the_status_and_code_of_version_1(form, content, direct, shimmed):
    files = None if content is None else {"image": ("photo.png", content)}
    old, new = direct(form, files), shimmed(form, files)
    assert new.status_code == old.status_code
    assert list(new.json()["error"]) == list(old.json()["error"])
    assert new.json()["error"]["code"] == old.json()["error"]["code"]
    assert new.headers["Content-Type"] == old.headers["Content-Type"]


def test_picture_that_is_too_large_is_413(shimmed):
    answer = shimmed({}, {"image": ("big.png", encoded(picture((8000, 4001)), compress_level=1))})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, 1013)


FAULTS = ["rate_limit", "no_credits", "overloaded", "server_error", "not_json"]


@pytest.mark.parametrize("kind", FAULTS)
def test_error_of_the_service_passes_as_it_came(kind, direct, shimmed, sandbox):
    files = {"image": ("photo.png", photo())}
    sandbox.fault(kind)
    old = direct({}, files)
    sandbox.fault(kind)
    new = shimmed({}, files)
    assert (new.status_code, new.content) == (old.status_code, old.content)
    assert new.headers["Content-Type"] == old.headers["Content-Type"]


def test_page_with_status_200_is_502(shimmed, sandbox):
    sandbox.fault("html", status=200)
    answer = shimmed({}, {"image": ("photo.png", photo())})
    assert (answer.status_code, answer.json()["error"]["status"]) == (502, 502)


def test_lost_connection_is_one_of_requests(shimmed, sandbox):
    sandbox.fault("reset")
    with pytest.raises(requests.exceptions.ConnectionError):
        shimmed({}, {"image": ("photo.png", photo())})


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.TooLarge(9, 1, "bytes"), 413, 1012),
        (errors.ImageError("x"), 400, 1006),
        (errors.FetchError("x"), 400, 1022),
        (errors.FetchError("x", invalid=True), 400, 1024),
        (errors.InvalidParameter("image.url", "x", "y"), 400, 1024),
        (errors.Refused("strict"), 400, 1019),
        (errors.ConfigurationError("x"), 500, -1),
        (errors.TimedOut("x"), 504, -10),
        (errors.ConnectFailed("x"), 502, -1),
        (errors.ServerError("words", status=500, code=-3), 500, -3),
        (errors.ServerError("words", status=500), 500, -1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_a_shape(error, status, code):
    found, told = refused(error)
    assert (found, told["status"], told["code"]) == (status, status, code)


def test_account_is_no_answer_of_version_1():
    account = Account(credit_pack="none", state="active", use_before=None, credits=1.0)
    with pytest.raises(errors.ConfigurationError):
        ADAPTER.answer(call(), account)


def test_credentials_of_the_request_are_used_not_those_configured(sandbox):
    files = {"image": ("photo.png", photo())}
    with sandbox.client(credentials=Credentials("other", "secret")) as wrong, intercept("pixian_v1", client=wrong):
        assert requests.post(URL, files=files, auth=("sandbox", "sandbox")).status_code == 200


@pytest.mark.parametrize("auth", [("other", "sandbox"), ("sandbox", "other-canary"), ("", ""), None])
def test_wrong_credentials_are_401_whatever_is_configured(auth, shimmed):
    answer = shimmed({}, {"image": ("photo.png", photo())}, auth=auth)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, 401)
    assert "canary" not in answer.text


def test_version_2_passes_untouched_while_version_1_is_intercepted(pixian, sandbox):
    with intercept("pixian_v1", client=pixian), responses.RequestsMock() as network:
        network.post(V2_URL, body=b"from the network")
        assert requests.post(V2_URL, auth=("id", "secret")).content == b"from the network"
    assert not sandbox.requests


def test_shim_serves_it_without_any_door(pixian):
    form = Form.of({"image": Upload(photo()), "result.cropToForeground": "true"})
    answer = Shim(pixian).serve(ADAPTER, HttpRequest("POST", URL, basic(), parsed=form))
    assert (answer.status, answer.headers["X-Result-Size"]) == (200, "100 140")
