"""Services that answer a provider's questions in its place: their answers are recorded as the provider's would be."""

import sys
import types
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import pixian_shim
from pictures import opened, photo
from pixian_adapters.removebg import RemoveBg
from pixian_shim import Shim, using
from pixian_shim.baseline import Recording, Service, Store, rembg, through_shim, verify
from pixian_shim.errors import (
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    ImageError,
    NoForeground,
    NotAnImage,
    ShimError,
)
from pixian_shim.pixian import Retry, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Form, HttpRequest, HttpResponse, load


@pytest.fixture(scope="module")
def running():
    with Sandbox(engine="fast", formula=lambda pixels: round(pixels / 10_000, 3)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    return running


@pytest.fixture
def client(sandbox):
    with sandbox.client(test=False, retry=Retry(rate_limit_waits=0)) as client:
        yield client


@pytest.fixture
def shim(client):
    with Shim(client, policy="silent") as shim:
        yield shim


@pytest.fixture
def adapter():
    return load("removebg")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(photo(size=(60 + number, 60), subject=(10, 10, 50, 50)))
    return folder


@pytest.fixture
def record(adapter, photos, tmp_path):
    """Give a function that records what a service answers to the photos."""

    def run(service, *, credits=1000.0, jobs=1, sets=({"size": "full"},), **options):
        recording = Recording(adapter, [photos], tmp_path / "answers", sets=sets, service=service)
        return recording.run("", credits, jobs=jobs, **options)

    return run


def exchanges(tmp_path):
    return {one.name: one for one in Store(tmp_path / "answers").exchanges()}


def posts(sandbox):
    return [entry for entry in sandbox.requests if entry.method == "POST"]


# Pixian


def test_it_makes_the_calls_that_a_migrated_program_makes(record, sandbox, shim, photos, tmp_path):
    parameters = {"size": "full", "crop": "true", "bg_color": "ff0000", "channels": "rgba"}
    record(through_shim(shim), sets=(parameters,))
    asked = posts(sandbox)
    sandbox.reset()
    with using(shim):
        for path in sorted(photos.glob("*.png")):
            RemoveBg("key", str(tmp_path / "log")).remove_background_from_img_file(
                str(path), size="full", crop=True, bg_color="ff0000", channels="rgba"
            )
    migrated = posts(sandbox)
    assert [(one.parameters, one.source, one.input_size) for one in asked] == [
        (one.parameters, one.source, one.input_size) for one in migrated
    ]
    store = Store(tmp_path / "answers")
    for exchange in store.exchanges():
        assert store.body(exchange) == Path(f"{photos / exchange.name}_no_bg.png").read_bytes()


def test_answers_are_recorded_with_their_credits(record, sandbox, shim, tmp_path):
    report = record(through_shim(shim))
    assert (report.made, report.refused, report.complete) == (4, 0, True)
    charged = {one.input_size.width - 60: one.credits_charged for one in posts(sandbox)}
    assert len(set(charged.values())) == 4
    for name, exchange in exchanges(tmp_path).items():
        assert exchange.credits == charged[int(name[0])] > 0
        assert (exchange.status, exchange.suffix, exchange.question.parameters) == (200, ".png", {"size": "full"})
        assert exchange.seconds >= 0
    assert report.credits == pytest.approx(sum(charged.values()))
    assert verify(tmp_path / "answers").problems == []
    assert Store(tmp_path / "answers").provider == "pixian"


def test_an_interrupted_run_goes_on_without_asking_twice(record, sandbox, shim):
    assert record(through_shim(shim), limit=2).left == 2
    assert record(through_shim(shim)).made == 2
    assert record(through_shim(shim)).made == 0
    assert len(posts(sandbox)) == 4


def test_four_at_once_give_the_same(record, sandbox, shim, tmp_path):
    report = record(
        through_shim(shim), jobs=4, sets=({"size": "full"}, {"size": "preview"}, {"size": "full", "crop": "true"})
    )
    assert (report.made, report.complete, len(posts(sandbox))) == (12, True, 12)
    assert verify(tmp_path / "answers").problems == []


def test_a_budget_holds(record, sandbox, shim):
    """A photo that may cost a whole credit is not begun for less, whatever the ones before it really took."""
    report = record(through_shim(shim), credits=1.5)
    assert "budget of 1.5 credits" in report.stopped
    assert (report.made, len(posts(sandbox))) == (2, 2)


def test_answers_of_one_service_are_not_mixed_with_another_ones(record, shim):
    record(through_shim(shim), limit=1)
    with pytest.raises(ConfigurationError, match="is a baseline of pixian, not of sandbox"):
        record(through_shim(shim, "sandbox"))


def test_the_most_that_a_photo_can_cost_is_known_before(adapter, photos, tmp_path, shim):
    (photos / "4.png").write_bytes(photo(size=(3000, 2000)))
    recording = Recording(adapter, [photos], tmp_path / "answers", service=through_shim(shim))
    assert recording.report.price == pytest.approx(4 * 1.0 + 6.0)


def test_a_refusal_of_one_photo_is_one_answer(record, sandbox, shim, photos, tmp_path):
    (photos / "1.png").write_bytes(b"no picture at all")
    report = record(through_shim(shim))
    assert (report.made, report.refused, report.stopped) == (4, 1, "")
    refused = exchanges(tmp_path)["1.png"]
    assert (refused.status, refused.credits, refused.suffix) == (400, 0.0, ".json")
    assert b'"errors"' in Store(tmp_path / "answers").body(refused)
    assert record(through_shim(shim)).made == 0


def test_a_parameter_that_cannot_be_carried_over_is_a_refusal(record, sandbox, shim, tmp_path):
    report = record(through_shim(shim), sets=({"size": "full", "format": "bmp"},))
    assert (report.refused, len(posts(sandbox))) == (4, 0)


def test_a_fault_of_the_service_is_one_answer(record, sandbox, shim, tmp_path):
    sandbox.fault("server_error", 1)
    report = record(through_shim(shim))
    assert (report.made, report.refused, report.stopped) == (4, 1, "")


def test_an_answer_that_never_came_is_not_asked_for_again(record, sandbox, shim, tmp_path):
    sandbox.fault("lost", 1)
    report = record(through_shim(shim))
    assert (report.made, report.doubtful, report.left) == (3, 1, 1)
    again = record(through_shim(shim))
    assert (again.made, again.unknown) == (0, 1)
    assert record(through_shim(shim), again=True).made == 1


def test_without_credits_the_run_ends_and_can_go_on(record, sandbox, shim):
    sandbox.fault("no_credits", 1)
    report = record(through_shim(shim))
    assert (report.made, report.stopped.startswith("there are no credits left")) == (0, True)
    assert record(through_shim(shim)).complete


def test_wrong_credentials_end_the_run(record, sandbox):
    from pixian_shim.pixian import Credentials

    with sandbox.client(credentials=Credentials("someone", "else")) as client, Shim(client, policy="silent") as shim:
        assert "the key is not accepted" in record(through_shim(shim)).stopped


class Failing:
    """A shim that raises at some photos."""

    def __init__(self, shim, *errors):
        self.shim, self.errors = shim, list(errors)

    def serve(self, adapter, request):
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        return self.shim.serve(adapter, request)


@pytest.mark.parametrize(
    "error", [MemoryError("too large"), RuntimeError("a bug"), ZeroDivisionError(), RecursionError()]
)
def test_whatever_goes_wrong_with_one_photo_is_one_refused_answer(record, shim, tmp_path, error):
    report = record(through_shim(Failing(shim, None, error)))
    assert (report.made, report.refused, report.stopped) == (4, 1, "")
    (refused,) = [one for one in exchanges(tmp_path).values() if one.status >= 400]
    assert (refused.status, refused.credits) == (500, 0.0)
    assert type(error).__name__.encode() in Store(tmp_path / "answers").body(refused)


def test_what_was_paid_for_and_not_finished_is_recorded_as_paid(record, shim, tmp_path, client, photos):
    error = MemoryError()
    error.result = client.remove_background(photos / "0.png")
    assert error.result.credits_charged > 0
    report = record(through_shim(Failing(shim, error)))
    (refused,) = [one for one in exchanges(tmp_path).values() if one.status >= 400]
    assert refused.credits == error.result.credits_charged
    (kept,) = (tmp_path / "answers" / "unfinished").iterdir()
    assert kept.read_bytes() == error.result.content
    assert report.credits == pytest.approx(sum(one.credits for one in exchanges(tmp_path).values()))


@pytest.mark.parametrize(
    ("error", "charged"),
    [
        (ImageError("no picture"), 0.0),
        (NoForeground(0.25), 0.25),
        (NotAnImage("html", status=200, headers={"x-credits-charged": "1.5"}), 1.5),
        (NotAnImage("html", status=200), None),
        (NotAnImage("html", status=200, headers={"x-credits-charged": "nan"}), None),
    ],
)
def test_an_error_tells_what_it_cost(shim, error, charged):
    assert through_shim(shim).charged(HttpResponse(400, {}, b"", error=error)) == charged


def test_an_error_with_a_result_cost_what_the_result_did(shim, client, photos):
    error = ShimError("cannot be finished")
    error.result = client.remove_background(photos / "3.png")
    assert through_shim(shim).charged(HttpResponse(500, {}, b"", error=error)) == error.result.credits_charged > 0


def test_that_nobody_is_there_ends_the_run_and_costs_nothing(record, monkeypatch):
    monkeypatch.setattr("pixian_shim.baseline._record._CONNECT_TRIES", 1)
    report = record(through_shim(Failing(None, *[ConnectFailed("nobody is there")] * 4)))
    assert (report.made, report.stopped, report.doubtful) == (0, "nobody is there", 0)


def test_three_answers_lost_and_none_made_end_the_run(record):
    report = record(through_shim(Failing(None, *[ConnectionLost("lost")] * 4)))
    assert (report.made, report.doubtful, report.stopped) == (0, 3, "lost")


# rembg


@pytest.fixture
def library(monkeypatch):
    """Put a double of rembg in its place; it keeps what it is asked."""
    module = types.ModuleType("rembg")
    module.sessions, module.asked, module.used = [], [], set()

    def new_session():
        module.sessions.append(object())
        return module.sessions[-1]

    def remove(data, *, session):
        assert isinstance(data, bytes)
        module.used.add(session)
        module.asked.append(data)
        image = Image.open(BytesIO(data)).convert("RGBA")
        image.putalpha(128)
        out = BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    module.new_session, module.remove = new_session, remove
    monkeypatch.setitem(sys.modules, "rembg", module)
    return module


@pytest.mark.parametrize("jobs", [1, 4])
def test_rembg_gets_bytes_and_makes_one_session(record, library, photos, tmp_path, jobs):
    report = record(rembg(), jobs=jobs, credits=0)
    assert (report.made, report.credits, report.price, report.complete) == (4, 0.0, 0.0, True)
    assert library.used == set(library.sessions)
    assert len(library.sessions) == 1
    assert sorted(library.asked) == sorted(path.read_bytes() for path in photos.iterdir())
    store = Store(tmp_path / "answers")
    assert store.provider == "rembg"
    for exchange in store.exchanges():
        assert opened(store.body(exchange)).getchannel("A").getextrema() == (128, 128)
        assert (exchange.credits, exchange.suffix) == (0.0, ".png")


def test_rembg_is_not_asked_twice(record, library):
    record(rembg(), limit=3)
    assert record(rembg()).made == 1
    assert len(library.asked) == 4


def test_a_photo_that_rembg_cannot_read_is_one_refused_answer(record, library, photos, tmp_path):
    (photos / "2.png").write_bytes(b"no picture")
    report = record(rembg())
    assert (report.made, report.refused, report.stopped) == (4, 1, "")
    refused = exchanges(tmp_path)["2.png"]
    assert refused.status == 400
    assert b"rembg cannot read it: cannot identify image file" in Store(tmp_path / "answers").body(refused)


@pytest.mark.parametrize("error", [MemoryError("no room"), RuntimeError("onnx")])
def test_whatever_else_rembg_raises_is_one_refused_answer(record, library, tmp_path, error):
    remove = library.remove

    def failing(data, *, session):
        if len(library.asked) == 1:
            library.asked.append(b"")
            raise error
        return remove(data, session=session)

    library.remove = failing
    report = record(rembg())
    assert (report.made, report.refused, report.stopped) == (4, 1, "")
    (refused,) = [one for one in exchanges(tmp_path).values() if one.status >= 400]
    assert refused.status == 500
    assert f"rembg failed: {type(error).__name__}".encode() in Store(tmp_path / "answers").body(refused)


def test_a_picture_by_address_is_refused(library, adapter):
    request = HttpRequest(
        "POST", "https://api.remove.bg/v1.0/removebg", {}, parsed=Form.of([("image_url", "http://x/a")])
    )
    assert rembg().send(adapter, request).status == 400


def test_a_photo_that_is_gone_ends_the_run_as_for_every_provider(record, library, photos):
    service = rembg()

    def send(adapter, request):
        (photos / "3.png").unlink(missing_ok=True)
        return service.send(adapter, request)

    report = record(Service("rembg", send, service.price, service.charged))
    assert "3.png" in report.stopped


def test_without_rembg_the_way_to_get_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "rembg", None)
    with pytest.raises(ConfigurationError, match=r'pip install "rembg\[cpu\]"'):
        rembg()


def test_a_rembg_that_ends_the_program_does_not(monkeypatch, tmp_path):
    """Without a runtime for its models, importing it prints a hint and exits."""
    (tmp_path / "rembg.py").write_text("import sys\nsys.exit(1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "rembg", raising=False)
    with pytest.raises(ConfigurationError, match=r'pip install "rembg\[cpu\]"'):
        rembg()


def test_a_drop_in_in_its_place_is_not_taken_for_it(monkeypatch):
    """It would ask Pixian, and count as free."""
    monkeypatch.delitem(sys.modules, "rembg", raising=False)
    pixian_shim.alias("rembg")
    try:
        with pytest.raises(ConfigurationError, match=r"import rembg gives pixian_adapters\.rembg .* not free"):
            rembg()
    finally:
        pixian_shim.unalias()


def test_a_model_that_cannot_be_had_is_told(library):
    def new_session():
        raise ConnectionError("no network")

    library.new_session = new_session
    with pytest.raises(ConfigurationError, match="perhaps its model cannot be fetched: no network"):
        rembg()


def test_an_upload_is_sent_whole(library, adapter, photos):
    content = (photos / "0.png").read_bytes()
    form = Form.of([("size", "full"), ("image_file", Upload.of(photos / "0.png"))])
    answer = rembg().send(adapter, HttpRequest("POST", "https://api.remove.bg/v1.0/removebg", {}, parsed=form))
    assert (answer.status, library.asked) == (200, [content])
