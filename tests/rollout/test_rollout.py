"""Who answers, who is asked besides, and what is written down: engine and doors together."""

import base64
import json
import os
import socket
import threading
import time
import warnings
from datetime import UTC, datetime

import pytest
from askers import ASKERS, multipart

import pixian_shim
from pictures import opened, photo
from pixian_shim import errors
from pixian_shim.pixian import Retry
from pixian_shim.rollout import Fallback, Flag, Observation, Origin, Reason, Shadow, Stage, unit
from pixian_shim.rollout._rollout import Rollout
from pixian_shim.translation import HttpRequest, TranslationWarning
from provider import PICTURE

URL = "https://api.remove.bg/v1.0/removebg"
KEY = {"X-Api-Key": "legacy-key-of-mine"}
PHOTO = photo()
ENDED = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


def request(content=PHOTO, *, key="legacy-key-of-mine", **fields):
    kind, body = multipart(fields, content)
    return HttpRequest("POST", URL, {"X-Api-Key": key, "Content-Type": kind}, body)


def serve(migration, adapter, *args, **options):
    return migration.rollout.serve(adapter, request(*args, **options))


def shadow(**options):
    return Shadow(**({"credits_per_day": 100} | options))


# Stages


@pytest.mark.parametrize(
    ("stage", "percent", "answers"),
    [
        ("off", 0, "legacy"),
        ("shadow", 0, "legacy"),
        ("canary", 0, "legacy"),
        ("canary", 100, "pixian"),
        ("live", 0, "pixian"),
        ("complete", 0, "pixian"),
    ],
)
def test_a_stage_says_who_answers_and_nobody_else_is_asked(migrate, adapter, provider, stage, percent, answers):
    migration = migrate(stage, percent=percent)
    answer = serve(migration, adapter)
    assert (answer.body == PICTURE) == (answers == "legacy")
    assert (len(provider.seen), migration.asked_pixian) == ((1, 0) if answers == "legacy" else (0, 1))
    assert migration.only.answered_by == answers
    assert migration.only.decision.stage == stage


def test_a_canary_divides_pictures_and_keeps_to_it(migrate, adapter, provider):
    migration = migrate("canary", percent=50)
    photos = [photo(size=(60 + n, 60), subject=(10, 10, 50, 50)) for n in range(12)]
    first = [serve(migration, adapter, one).body == PICTURE for one in photos]
    again = [serve(migration, adapter, one).body == PICTURE for one in photos]
    assert first == again
    assert 0 < sum(first) < 12
    assert all(observation.decision.reason is Reason.SPLIT for observation in migration.observed)


def test_a_call_without_a_picture_is_the_providers_in_a_canary(migrate, adapter, provider):
    migration = migrate("canary", percent=100)
    assert serve(migration, adapter, None).body == PICTURE
    assert migration.only.decision.reason is Reason.NO_UNIT


def test_what_cannot_be_parsed_reaches_the_provider_as_it_is(migrate, adapter, provider):
    migration = migrate("off")
    odd = HttpRequest("POST", URL + "?x=1", {"Content-Type": "multipart/form-data; boundary=b"}, b"no form at all")
    migration.rollout.serve(adapter, odd)
    (seen,) = provider.seen
    assert (seen.path, seen.body) == ("/v1.0/removebg?x=1", b"no form at all")


def test_the_account_is_asked_for_where_a_key_is_at_home(migrate, adapter, provider):
    migration = migrate("live", unit="key")
    asked = HttpRequest("GET", "https://api.remove.bg/v1.0/account", KEY)
    assert json.loads(migration.rollout.serve(adapter, asked).body)["data"]["attributes"]["credits"]["total"] == 1000
    assert not provider.seen


# Units


@pytest.mark.parametrize(
    ("spec", "same", "other"),
    [
        ("header:X-Tenant", {"headers": {"X-Tenant": "a"}}, {"headers": {"X-Tenant": "b"}}),
        ("filename", {"filename": "a.png"}, {"filename": "b.png"}),
        ("parameter:type", {"type": "car"}, {"type": "person"}),
        ("key", {"key": "one-key-of-them"}, {"key": "another-key-of-them"}),
    ],
)
def test_a_unit_can_be_told_by(migrate, adapter, spec, same, other):
    def observed(content, headers=None, filename="a.png", key="legacy-key-of-mine", **fields):
        kind, body = multipart(fields, content)
        body = body.replace(b'filename="a.png"', f'filename="{filename}"'.encode())
        headers = {"X-Api-Key": key, "Content-Type": kind} | (headers or {})
        migration.rollout.serve(adapter, HttpRequest("POST", URL, headers, body))
        return migration.observed[-1].unit

    migration = migrate("canary", percent=50, unit=spec)
    one = observed(PHOTO, **same)
    assert one == observed(photo("JPEG"), **same) != observed(PHOTO, **other)


def test_what_a_program_says_goes_before_any_other_unit(migrate, adapter):
    migration = migrate("canary", percent=50)
    with unit("customer-17"):
        serve(migration, adapter)
        serve(migration, adapter, photo("JPEG"))
    first, second = migration.observed
    assert first.unit == second.unit
    assert first.decision.bucket == Flag(stage="canary").decide("customer-17").bucket
    assert "customer-17" not in first.line()


def test_a_picture_is_the_same_unit_as_a_file_and_as_base64(migrate, adapter):
    migration = migrate("canary", percent=50)
    serve(migration, adapter)
    serve(migration, adapter, None, image_file_b64=base64.b64encode(PHOTO).decode())
    first, second = migration.observed
    assert first.unit == second.unit


def test_an_unknown_unit_is_told_at_once():
    with pytest.raises(errors.ConfigurationError, match="header:NAME"):
        Rollout(Flag(), unit="colour")


# Nothing leaks, nothing is lost


def test_a_pixian_secret_is_never_sent_to_the_provider(migrate, adapter, provider):
    migration = migrate("off")
    answer = serve(migration, adapter, key="sandbox:sandbox")
    assert answer.status == 200
    assert not provider.seen
    assert (migration.only.answered_by, migration.only.because) == (Origin.PIXIAN, "pixian_key")


def test_a_legacy_key_goes_to_the_provider_and_nowhere_else(migrate, adapter, provider):
    migration = migrate("shadow", shadow=shadow(), pictures=True)
    serve(migration, adapter, bg_image_url="https://u:legacy-key-of-mine@example.test/x?token=abc")
    assert provider.seen[0].headers["x-api-key"] == "legacy-key-of-mine"
    assert "legacy-key-of-mine" not in migration.only.line()
    assert "token=abc" not in migration.only.line()


def test_credentials_of_pixian_in_another_header_stay_here(migrate, adapter, provider):
    asked = request()
    headers = dict(asked.headers) | {"Authorization": "Basic aWQ6c2VjcmV0"}
    migrate("off").rollout.serve(adapter, HttpRequest("POST", URL, headers, asked.body))
    assert "authorization" not in {name.lower() for name in provider.seen[0].headers}


def test_a_proxy_of_ones_own_is_the_provider_where_a_program_calls_that(migrate, ask_requests, provider):
    migration = migrate("off", at={})
    with pixian_shim.intercept("removebg", shim=migration.rollout, also=[provider.url.partition("//")[2]]):
        ask_requests.form(f"{provider.url}/v1.0/removebg", KEY, {}, PHOTO)
    assert provider.seen[0].path == "/v1.0/removebg"


def test_redirects_of_the_provider_are_not_followed(migrate, adapter, provider):
    provider.status, provider.headers = 302, {"Location": "https://elsewhere.test/"}
    assert serve(migrate("off"), adapter).status == 302
    assert len(provider.seen) == 1


def test_an_observation_that_contradicts_itself_is_not_written(migrate, adapter, caplog):
    migration = migrate("off")
    serve(migration, adapter)
    good = migration.only
    import attrs

    for bad in (
        attrs.evolve(good, legacy=None),
        attrs.evolve(good, answered_by=Origin.PIXIAN, pixian=good.legacy),
        attrs.evolve(good, shadow=Origin.LEGACY),
        attrs.evolve(good, shadow=Origin.PIXIAN),
        attrs.evolve(good, pixian=good.legacy),
        attrs.evolve(good, decision=attrs.evolve(good.decision, stage=Stage.COMPLETE)),
    ):
        assert bad.problems()
        migration.rollout.recorder.record(bad)
    assert len(migration.observed) == 1
    assert migration.rollout.recorder.lost["inconsistent"] == 6


def test_an_observation_survives_being_written(migrate, adapter):
    migration = migrate("shadow", shadow=shadow(), version="7")
    serve(migration, adapter, size="full")
    observation = migration.only
    assert Observation.read(observation.line()) == observation
    assert observation.decision.flag_version == "7"
    assert observation.parameters == {"size": "full", "image_file": f"<{len(PHOTO)} bytes>"}
    assert (observation.input_width, observation.input_height) == (400, 300)
    assert (observation.legacy.credits, observation.legacy.width) == (1.0, 400)
    assert observation.pixian.credits > 0


def test_pictures_are_kept_only_when_that_is_said(migrate, adapter, tmp_path):
    for pictures in (False, True):
        migration = migrate("off", pictures=pictures)
        serve(migration, adapter)
        kept = migration.only.legacy.picture
        assert (kept is not None) == pictures
    assert (migration.rollout.recorder.folder / kept).read_bytes() == PICTURE


def test_a_full_disk_loses_observations_and_no_calls(migrate, adapter, caplog, monkeypatch):
    migration = migrate("off")
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert serve(migration, adapter).status == 200
    assert serve(migration, adapter).status == 200
    monkeypatch.undo()
    assert migration.rollout.recorder.lost["disk"] == 2
    assert sum("No space left" in record.message for record in caplog.records) == 1


def test_files_of_observations_are_rotated(migrate, adapter, tmp_path):
    from pixian_shim.rollout import Recorder

    migration = migrate("off")
    recorder = Recorder(tmp_path / "rotated", max_bytes=3000, max_files=2)
    migration.rollout.recorder = recorder
    for _ in range(12):
        serve(migration, adapter)
    files = sorted((tmp_path / "rotated").glob("*.jsonl"))
    assert len(files) == 2
    assert all(file.stat().st_size <= 3000 for file in files)


# Shadow


def test_a_shadow_sees_the_same_call_and_the_caller_does_not_wait(migrate, adapter, provider, sandbox):
    sandbox.fault("latency", seconds=3.0)
    migration = migrate("shadow", shadow=shadow())
    started = time.perf_counter()
    assert serve(migration, adapter).body == PICTURE
    assert time.perf_counter() - started < 2.5
    observation = migration.only
    assert observation.shadow is Origin.PIXIAN
    assert observation.pixian.status == 200
    assert observation.pixian.seconds > 2.9


def test_a_live_stage_can_have_the_provider_as_its_shadow(migrate, adapter, provider):
    migration = migrate("live", others=True, shadow=shadow())
    assert serve(migration, adapter).body != PICTURE
    observation = migration.only
    assert observation.legacy.status == 200
    assert observation.answered_by is Origin.PIXIAN
    assert provider.seen[0].body.count(PHOTO) == 1


def test_a_shadow_spends_no_more_than_its_budget(migrate, adapter):
    migration = migrate("shadow", shadow=shadow(credits_per_day=1.05, workers=1))
    for n in range(6):
        serve(migration, adapter, photo(size=(200 + n, 200), subject=(50, 50, 150, 150)))
    drops = [observation.dropped for observation in migration.observed]
    spent = sum(observation.pixian.credits for observation in migration.observed if observation.pixian)
    assert "budget" in drops
    assert 0 < spent <= 1.05
    assert migration.rollout.shadow.budgets[Origin.PIXIAN].spent == pytest.approx(spent)


def test_fifty_workers_keep_to_the_budget(migrate, adapter, sandbox, tmp_path):
    fifty = shadow(credits_per_day=5, workers=50, waiting=500, ledger=tmp_path / "budget.db")
    most = []
    sandbox.fault("latency", times=200, seconds=1.0)
    migration = migrate("shadow", shadow=fifty)
    for n in range(30):
        serve(migration, adapter, photo(size=(200 + n, 200), subject=(50, 50, 150, 150)))
        most.append(fifty.budgets[Origin.PIXIAN].spent)
    observed = migration.observed
    spent = sum(observation.pixian.credits for observation in observed if observation.pixian)
    assert max(most) == 5
    assert spent == pytest.approx(fifty.budgets[Origin.PIXIAN].spent)
    assert sum(observation.dropped == "budget" for observation in observed) > 0


def test_a_new_day_has_a_new_budget_and_a_clock_set_back_has_not(migrate, adapter):
    now = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC)]
    migration = migrate("shadow", shadow=shadow(credits_per_day=1, workers=1, clock=lambda: now[0]))

    def dropped(minute, day):
        now[0] = datetime(2026, 11, day, 12, minute, tzinfo=UTC)
        serve(migration, adapter, photo(size=(200, 200 + minute), subject=(50, 50, 150, 150)))
        return migration.observed[-1].dropped

    assert [dropped(1, 23), dropped(2, 23), dropped(3, 24), dropped(4, 23)] == ["", "budget", "", "budget"]


def test_without_a_budget_there_is_no_shadow(migrate, adapter):
    migration = migrate("shadow")
    serve(migration, adapter)
    assert migration.only.dropped == "no_budget"
    assert migration.asked_pixian == 0
    with pytest.raises(TypeError):
        Shadow()


def test_an_origin_without_a_budget_of_its_own_is_never_the_shadow(migrate, adapter, provider):
    migration = migrate("live", others=True, shadow=shadow(credits_per_day={"pixian": 5}))
    serve(migration, adapter)
    assert migration.rollout.shadow.dropped["no_budget"] == 1
    assert not provider.seen


def test_sampling_takes_about_its_share_and_always_the_same_units(migrate, adapter):
    taken = []
    for _ in range(2):
        one = shadow(sampling=0.3)
        taken.append([one.wants(Origin.PIXIAN, f"unit {n}") for n in range(2000)])
    assert taken[0] == taken[1]
    assert 500 < sum(taken[0]) < 700


def test_a_full_queue_drops_and_counts(migrate, adapter, sandbox):
    sandbox.fault("latency", times=10, seconds=0.3)
    migration = migrate("shadow", shadow=shadow(workers=1, waiting=1))
    for _ in range(5):
        serve(migration, adapter)
    drops = [observation.dropped for observation in migration.observed]
    assert drops.count("queue_full") >= 2
    assert migration.rollout.shadow.dropped["queue_full"] == drops.count("queue_full")


def test_pictures_that_wait_are_bounded_in_memory(migrate, adapter):
    migration = migrate("shadow", shadow=shadow(waiting_bytes=100))
    serve(migration, adapter)
    assert migration.only.dropped == "queue_full"


def test_a_call_that_waited_too_long_is_dropped_unpaid(migrate, adapter, sandbox):
    sandbox.fault("latency", seconds=0.5)
    migration = migrate("shadow", shadow=shadow(workers=1, deadline=0.2))
    serve(migration, adapter)
    serve(migration, adapter, photo("JPEG"))
    assert sorted(observation.dropped for observation in migration.observed) == ["", "deadline"]
    assert migration.asked_pixian == 1


@pytest.mark.parametrize(
    ("fault", "failure", "credits"),
    [("server_error", "server_error", 0.0), ("lost", "lost", None), ("no_credits", "no_credits", 0.0)],
)
def test_a_shadow_that_fails_is_an_observation(migrate, adapter, sandbox, fault, failure, credits):
    sandbox.fault(fault, times=10)
    migration = migrate("shadow", shadow=shadow(), retry=Retry(rate_limit_waits=0))
    assert serve(migration, adapter).body == PICTURE
    assert (migration.only.pixian.failure, migration.only.pixian.credits) == (failure, credits)


def test_what_may_have_been_charged_stays_spent(migrate, adapter, sandbox):
    sandbox.fault("lost", times=10)
    migration = migrate("shadow", shadow=shadow())
    serve(migration, adapter)
    assert migration.only.pixian.credits is None
    assert migration.rollout.shadow.budgets[Origin.PIXIAN].spent == 1.0


def test_closing_lets_paid_calls_end_and_drops_the_rest(migrate, adapter, sandbox):
    sandbox.fault("latency", times=3, seconds=0.5)
    migration = migrate("shadow", shadow=shadow(workers=1))
    for _ in range(3):
        serve(migration, adapter)
    time.sleep(0.2)
    migration.rollout.shadow.close()
    assert [observation.dropped for observation in migration.observed].count("closing") == 2
    assert any(observation.pixian for observation in migration.observed)
    serve(migration, adapter)
    assert migration.observed[-1].dropped == "closing"


def test_a_shadow_does_not_warn_about_parameters(migrate, adapter, sandbox):
    from pixian_shim.translation import forget_warnings

    forget_warnings()
    migration = migrate("shadow", shadow=shadow())
    migration.rollout.shim._policy = pixian_shim.Policy.WARN
    serve(migration, adapter, type="car")
    assert migration.only.pixian.status == 200


def test_a_forked_process_has_a_shadow_of_its_own(migrate, adapter):
    migration = migrate("shadow", shadow=shadow())
    serve(migration, adapter)
    assert migration.rollout.shadow.drain(10)
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork: what this is about
        child = os.fork()
    if not child:
        migration.rollout.shadow.offer(job := Waiting())
        migration.rollout.shadow.drain(5)
        os.write(write, b"1" if job.asked else b"0")
        os._exit(0)
    os.close(write)
    assert os.read(read, 1) == b"1"
    os.close(read)
    os.waitpid(child, 0)


class Waiting:
    """A job that only says that it was asked."""

    origin, unit, size, asked = Origin.PIXIAN, None, 0, False

    def price(self):
        return 0.0

    def ask(self):
        from pixian_shim.rollout import Reply

        self.asked = True
        return Reply(origin=Origin.PIXIAN, seconds=0.0, credits=0.0)

    def done(self, *_):
        pass


# Fallback


@pytest.mark.parametrize(("stage", "fault"), [("live", "server_error"), ("live", "no_credits")])
def test_the_provider_answers_where_pixian_fails(migrate, adapter, sandbox, stage, fault):
    sandbox.fault(fault, times=10)
    migration = migrate(stage, fallback=Fallback(), retry=Retry(rate_limit_waits=0))
    assert serve(migration, adapter).body == PICTURE
    observation = migration.only
    assert (observation.answered_by, observation.because) == (Origin.LEGACY, fault)
    assert observation.pixian.failure == fault


@pytest.mark.parametrize("status", [500, 503, 429, 402, 410])
def test_pixian_answers_where_the_provider_fails(migrate, adapter, provider, status):
    provider.status, provider.headers, provider.body = status, {"Content-Type": "application/json"}, b"{}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TranslationWarning)
        migration = migrate("shadow", fallback=Fallback())
        assert opened(serve(migration, adapter).body).mode == "RGBA"
    assert migration.only.answered_by is Origin.PIXIAN


def test_a_callers_mistake_is_no_reason_to_fall_back(migrate, adapter, provider):
    provider.status, provider.body = 400, b'{"errors":[{"title":"No image given"}]}'
    migration = migrate("shadow", fallback=Fallback())
    assert serve(migration, adapter).status == 400
    assert migration.asked_pixian == 0


def test_what_may_have_been_charged_is_not_asked_again_unless_that_is_said(migrate, adapter, provider):
    provider.hang_up = True
    migration = migrate("shadow", fallback=Fallback())
    with pytest.raises(errors.ConnectionLost):
        serve(migration, adapter)
    assert migration.asked_pixian == 0
    assert migration.only.legacy.credits is None
    willing = migrate("shadow", fallback=Fallback(["lost"]))
    assert serve(willing, adapter).status == 200


@pytest.mark.parametrize(("stage", "origin"), [("off", "legacy"), ("complete", "pixian")])
def test_there_is_no_fallback_where_the_other_is_asked_nothing(migrate, adapter, provider, sandbox, stage, origin):
    provider.status = 500
    sandbox.fault("server_error", times=10)
    migration = migrate(stage, fallback=Fallback(), retry=Retry(rate_limit_waits=0))
    assert serve(migration, adapter).status == 500
    assert migration.only.answered_by == origin


def test_only_so_many_calls_a_minute_are_handed_over(migrate, adapter, provider):
    provider.status = 503
    now = [0.0]
    migration = migrate("shadow", fallback=Fallback(per_minute=2, breaker_failures=100, clock=lambda: now[0]))
    assert [serve(migration, adapter).status for _ in range(4)] == [200, 200, 503, 503]
    now[0] = 61.0
    assert serve(migration, adapter).status == 200


def test_a_breaker_stops_asking_and_tries_again(migrate, adapter, provider):
    provider.status = 500
    now = [0.0]
    fallback = Fallback(breaker_failures=3, breaker_seconds=10, clock=lambda: now[0])
    migration = migrate("shadow", fallback=fallback)
    for _ in range(6):
        assert serve(migration, adapter).status == 200
    assert len(provider.seen) == 3
    assert migration.observed[-1].because == "breaker_open"
    now[0], provider.status = 11.0, 200
    assert serve(migration, adapter).body == PICTURE
    assert serve(migration, adapter).body == PICTURE
    assert not fallback.breakers[Origin.LEGACY].open


def test_if_both_fail_the_caller_gets_the_first_failure(migrate, adapter, provider, sandbox):
    provider.status = 503
    sandbox.fault("server_error", times=10)
    migration = migrate("shadow", fallback=Fallback(), retry=Retry(rate_limit_waits=0))
    assert serve(migration, adapter).status == 503
    assert migration.only.answered_by is Origin.LEGACY
    assert migration.only.pixian.status == 500


# A provider that is gone


def test_a_host_without_an_address_is_said_plainly(migrate, adapter, monkeypatch):
    def nowhere(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    migration = migrate("off", at={"removebg": "https://api.remove.bg"})
    with pytest.warns(TranslationWarning, match="stage to 'complete'"), pytest.raises(errors.LegacyGone) as caught:
        serve(migration, adapter)
    assert "api.remove.bg has no address" in str(caught.value)
    assert (migration.only.legacy.failure, migration.only.legacy.credits) == ("gone", 0.0)


def test_a_name_server_in_trouble_is_no_sign_of_the_end(migrate, adapter, monkeypatch):
    def later(*_args, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", later)
    with pytest.raises(errors.ConnectFailed) as caught:
        serve(migrate("off", at={"removebg": "https://api.remove.bg"}), adapter)
    assert not isinstance(caught.value, errors.LegacyGone)


@pytest.mark.parametrize(
    ("status", "now", "gone"),
    [
        (410, datetime(2026, 11, 1, tzinfo=UTC), True),
        (403, datetime(2026, 11, 30, tzinfo=UTC), False),
        (403, ENDED, True),
        (404, datetime(2026, 12, 24, tzinfo=UTC), True),
        (402, ENDED, False),
    ],
)
def test_a_refusal_counts_as_gone_from_the_announced_day_on(migrate, adapter, provider, status, now, gone):
    provider.status, provider.body = status, b'{"errors":[{"title":"x"}]}'
    migration = migrate("off", clock=lambda: now)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            answer = serve(migration, adapter)
    assert (answer.status, answer.body) == (status, provider.body)
    assert (migration.observed[0].legacy.failure == "gone") == gone
    assert sum(issubclass(warning.category, TranslationWarning) for warning in caught) == int(gone)


def test_a_provider_that_hangs_ends_in_a_timeout(migrate, adapter, provider):
    provider.delay = 2.0
    with pytest.raises(errors.TimedOut):
        serve(migrate("off", legacy_timeout=0.2), adapter)


def test_a_source_that_fails_leaves_the_provider_in_charge(migrate, adapter, caplog):
    class Broken:
        def decide(self, _unit):
            raise RuntimeError("flag service down")

    migration = migrate(source=Broken())
    assert serve(migration, adapter).body == PICTURE
    assert migration.only.decision.reason is Reason.ERROR


# OpenTelemetry


def test_a_span_is_told_who_answered_and_the_shadow_has_its_own(migrate, adapter, monkeypatch):
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, traces = InMemorySpanExporter(), TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", traces.get_tracer)
    with traces.get_tracer("program").start_as_current_span("of the program"):
        serve(migrate("off"), adapter)
    migration = migrate("shadow", shadow=shadow())
    serve(migration, adapter)
    assert migration.observed
    program, alone = exporter.get_finished_spans()
    (event,) = program.events
    assert event.attributes["pixian_shim.answered_by"] == "legacy"
    assert event.attributes["pixian_shim.legacy.credits"] == 1.0
    assert alone.attributes["pixian_shim.pixian.seconds"] > 0


# Doors


@pytest.fixture
def ask_requests():
    return ASKERS["requests"]


@pytest.fixture(params=ASKERS.values(), ids=ASKERS.keys())
def ask(request):
    return request.param


@pytest.mark.parametrize("stage", ["off", "shadow", "live"])
def test_every_door_is_rolled_out(migrate, ask, provider, stage):
    migration = migrate(stage, shadow=shadow())
    with pixian_shim.intercept("removebg", shim=migration.rollout):
        answer = ask.form(URL, KEY, {"size": "auto"}, PHOTO)
    assert (answer.body == PICTURE) == (stage != "live")
    assert answer.headers["x-credits-charged"]
    assert migration.only.provider == "removebg"
    assert len(provider.seen) == (stage != "live")
    assert migration.asked_pixian == (stage != "off")


def test_every_door_sends_the_body_it_was_given(migrate, ask, provider):
    kind, body = multipart({"size": "auto", "odd": "\u00e4"}, PHOTO)
    migration = migrate("off")
    with pixian_shim.intercept("removebg", shim=migration.rollout):
        ask.streamed(URL, KEY | {"X-Mine": "1"}, kind, [body[:100], body[100:]])
    (seen,) = provider.seen
    assert seen.body == body
    assert {name.lower(): value for name, value in seen.headers.items()}["x-mine"] == "1"


def test_every_door_raises_its_own_error_for_a_provider_that_hangs_up(migrate, ask, provider):
    provider.hang_up = True
    migration = migrate("off")
    with pixian_shim.intercept("removebg", shim=migration.rollout), pytest.raises(ask.no_answer["lost"]):
        ask.form(URL, KEY, {}, PHOTO)


def test_errors_of_the_provider_reach_a_program_as_they_are(migrate, ask, provider):
    provider.status, provider.body = 402, b'{"errors":[{"title":"Insufficient credits","code":"insufficient_credits"}]}'
    migration = migrate("off")
    with pixian_shim.intercept("removebg", shim=migration.rollout):
        answer = ask.form(URL, KEY, {}, PHOTO)
    assert (answer.status, answer.body) == (402, provider.body)


def test_compressed_answers_are_unpacked_for_programs(migrate, ask, provider):
    import gzip

    provider.body = gzip.compress(PICTURE)
    provider.headers = provider.headers | {"Content-Encoding": "gzip"}
    migration = migrate("off")
    with pixian_shim.intercept("removebg", shim=migration.rollout):
        assert ask.form(URL, KEY, {}, PHOTO).body == PICTURE


def test_a_rollout_and_what_it_says_itself_do_not_go_together(migrate):
    migration = migrate("off")
    with pytest.raises(errors.ConfigurationError, match="said to the shim"):
        pixian_shim.install("removebg", shim=migration.rollout, policy="strict")


@pytest.mark.parametrize("stage", ["off", "live"])
def test_a_drop_in_is_rolled_out(migrate, provider, tmp_path, monkeypatch, stage):
    from pixian_adapters.removebg import RemoveBg

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(PHOTO)
    migration = migrate(stage)
    with pixian_shim.using(migration.rollout):
        RemoveBg("legacy-key-of-mine", "error.log").remove_background_from_img_file("a.png", size="auto")
    written = (tmp_path / "a.png_no_bg.png").read_bytes()
    assert (written == PICTURE) == (stage == "off")
    if stage == "off":
        (seen,) = provider.seen
        assert (seen.path, seen.headers["x-api-key"]) == ("/v1.0/removebg", "legacy-key-of-mine")
        assert PHOTO in seen.body


def test_a_provider_without_a_service_of_its_own_is_always_pixian(migrate):
    from pixian_shim.translation import load

    migration = migrate("off", at={})
    asked = HttpRequest("POST", "https://api.pixian.ai/v1.0/removebg", KEY | {"Content-Type": "a/b"}, b"")
    answer = migration.rollout.serve(load("pixian_v1"), asked)
    assert answer.status >= 400
    assert migration.only.because == "no_legacy"


def test_many_threads_at_once(migrate, adapter, provider):
    migration = migrate("canary", percent=50, others=True, shadow=shadow(waiting=200))
    failed = []

    def work(number):
        try:
            for n in range(5):
                picture = photo(size=(80 + number, 80 + n), subject=(10, 10, 50, 50))
                assert serve(migration, adapter, picture).status == 200
        except Exception as error:  # noqa: BLE001 (told in the test's own thread)
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    observed = migration.observed
    assert len(observed) == 40
    assert all(one.legacy and one.pixian for one in observed)
