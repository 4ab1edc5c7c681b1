"""A gateway that moves by steps: some calls go on to the provider, byte for byte."""

import gzip
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway_calls import KEY, PATH, upload
from pictures import opened, photo
from pixian_shim.gateway import Config, Gateway
from pixian_shim.gateway._config import Key
from pixian_shim.legacy import LegacyHost
from pixian_shim.rollout import Fallback, Flag, Origin, Recorder, Rollout, Shadow, observations
from pixian_shim.shim import Shim
from provider import PICTURE, Provider


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def rolled(sandbox, provider, tmp_path):
    """Make gateways with a rollout, which end with the test."""
    import httpx

    ending = []

    def make(stage="off", *, config=None, **options):
        flag = Flag(stage=stage, percent=options.pop("percent", 0), shadow=options.pop("others", False))
        shim = Shim(policy="silent")
        legacy = LegacyHost({"removebg": provider.url}, timeout=5)
        recorder = Recorder(tmp_path / "seen")
        rollout = Rollout(flag, shim=shim, legacy=legacy, observe=recorder, **options)
        gateway = Gateway(Config(port=0, **(config or {})), rollout=rollout).start()
        client = httpx.Client(base_url=gateway.url, trust_env=False, timeout=20)
        client.rollout, client.app = rollout, gateway.app
        ending.extend([client, gateway, rollout, shim, legacy])
        return client

    yield make
    for thing in ending:
        thing.close()


def seen(client, folder):
    if client.rollout.shadow is not None:
        assert client.rollout.shadow.drain(10)
    return list(observations(folder / "seen"))


def test_the_provider_gets_what_the_gateway_got(rolled, provider):
    client = rolled("off")
    sent = client.build_request(
        "POST", f"{PATH}?size=full", headers=KEY | {"X-Own": "1"}, files=upload(), data={"a": "ä"}
    )
    answer = client.send(sent)
    (got,) = provider.seen
    assert got.body == sent.read()
    assert got.path == f"{PATH}?size=full"
    headers = {name.lower(): value for name, value in got.headers.items()}
    assert (headers["x-own"], headers["x-api-key"]) == ("1", "legacy")
    assert headers["host"] == provider.url.partition("//")[2]
    assert "transfer-encoding" not in headers
    assert (answer.content, answer.headers["x-type"]) == (PICTURE, "product")


def test_what_the_provider_answers_goes_on_untouched(rolled, provider):
    provider.body, provider.headers = (
        gzip.compress(b"{}"),
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )
    provider.status = 400
    client = rolled("off")
    with client.stream("POST", PATH, headers=KEY, files=upload()) as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.status_code, raw, answer.headers["content-encoding"]) == (400, provider.body, "gzip")


def test_an_upload_beyond_memory_is_passed_on_whole(rolled, provider):
    content = photo("BMP", size=(1200, 1000))
    client = rolled("off")
    client.post(PATH, headers=KEY, files={"image_file": ("a.bmp", content)})
    assert len(content) > 3_000_000
    assert content in provider.seen[0].body


def test_json_is_passed_on_as_it_is(rolled, provider):
    client = rolled("off")
    client.post(
        PATH, headers=KEY | {"Content-Type": "application/json"}, content=b'{ "image_url" : "http://x.test/a" }'
    )
    assert provider.seen[0].body == b'{ "image_url" : "http://x.test/a" }'


@pytest.mark.parametrize(("stage", "answers"), [("shadow", "legacy"), ("live", "pixian"), ("complete", "pixian")])
def test_stages(rolled, provider, sandbox, tmp_path, stage, answers):
    client = rolled(stage, shadow=Shadow(credits_per_day=10))
    answer = client.post(PATH, headers=KEY, files=upload())
    assert (answer.content == PICTURE) == (answers == "legacy")
    (observation,) = seen(client, tmp_path)
    assert observation.answered_by == answers
    assert (observation.pixian is not None) == (stage != "off")
    assert (observation.legacy is not None) == (answers == "legacy")


def test_a_live_gateway_can_ask_the_provider_in_the_shadow(rolled, provider, tmp_path):
    client = rolled("live", others=True, shadow=Shadow(credits_per_day=10))
    sent = client.build_request("POST", PATH, headers=KEY, files=upload())
    client.send(sent)
    (observation,) = seen(client, tmp_path)
    assert observation.legacy.status == 200
    assert provider.seen[0].body == sent.read()


def test_the_account_that_a_key_stands_for_pays_in_the_shadow_too(rolled, provider, sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXIAN_API_SECRET", "wrong")
    keys = (Key.of("mine", "legacy", "sandbox:sandbox"),)
    for stage in ("shadow", "live"):
        client = rolled(stage, config={"keys": keys}, shadow=Shadow(credits_per_day=10))
        assert client.post(PATH, headers=KEY, files=upload()).status_code == 200
        assert [one.pixian.status for one in seen(client, tmp_path)][-1] == 200
    assert all(got.headers["x-api-key"] == "legacy" for got in provider.seen)
    assert not any("sandbox" in str(got.headers) for got in provider.seen)


def test_the_provider_answers_where_pixian_fails(rolled, provider, sandbox):
    sandbox.set_credits(0)
    client = rolled("live", fallback=Fallback())
    assert client.post(PATH, headers=KEY, files=upload()).content == PICTURE


def test_a_provider_that_hangs_up_is_named(rolled, provider):
    provider.hang_up = True
    answer = rolled("off").post(PATH, headers=KEY, files=upload())
    assert answer.status_code == 502
    assert answer.json()["errors"][0]["title"] == "remove.bg could not be reached"


def test_log_and_metrics_tell_who_answered(rolled, provider, tmp_path, caplog):
    caplog.set_level("INFO", "pixian_shim.gateway.access")
    client = rolled("shadow", shadow=Shadow(credits_per_day=10))
    client.post(PATH, headers=KEY, files=upload())
    seen(client, tmp_path)
    line = json.loads(caplog.messages[-1])
    assert (line["stage"], line["answered_by"], line["legacy_credits"]) == ("shadow", "legacy", 1.0)
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }
    assert samples["pixian_shim_rollout_total", "legacy", "shadow"] == 1
    assert samples["pixian_shim_shadow_credits_today", Origin.PIXIAN.value] > 0


def test_a_key_that_the_gateway_does_not_know_reaches_nobody(rolled, provider):
    client = rolled("off", config={"keys": (Key.of("mine", "another"),)})
    assert client.post(PATH, headers=KEY, files=upload()).status_code == 403
    assert not provider.seen


def test_a_broken_form_reaches_nobody(rolled, provider):
    client = rolled("off")
    answer = client.post(PATH, headers=KEY | {"Content-Type": "multipart/form-data; boundary=b"}, content=b"--b\r\n")
    assert answer.status_code == 400
    assert not provider.seen


def test_an_edited_file_moves_a_running_gateway(wired, provider, tmp_path):
    import time

    file = tmp_path / "rollout.toml"
    text = f'stage = "off"\n[at]\nremovebg = "{provider.url}"\n[observations]\nfolder = "seen"\n'
    file.write_text(text)
    gateway = wired(rollout=file)
    assert gateway.post(PATH, headers=KEY, files=upload()).content == PICTURE
    file.write_text(text.replace("off", "live"))
    time.sleep(1.0)
    assert opened(gateway.post(PATH, headers=KEY, files=upload()).content).mode == "RGBA"
    assert [one.decision.stage for one in observations(tmp_path / "seen")] == ["off", "live"]
