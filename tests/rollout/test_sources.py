"""Sources of decisions: quick to follow a change, and never the reason why a call fails."""

import json
import os
import time

import pytest
from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.rollout import (
    Decision,
    Flag,
    FromCallable,
    FromEnvironment,
    FromOpenFeature,
    Origin,
    Reason,
    Stage,
    WatchedFile,
)


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "rollout.toml"
    file.write_text('stage = "canary"\npercent = 100\n')
    return file


def until(source, stage, seconds=1.0):
    """Ask until the stage is there; gives the seconds that took."""
    begin = time.monotonic()
    while source.decide("unit").stage != stage:
        assert time.monotonic() - begin < seconds, f"not {stage} within {seconds} s"
        time.sleep(0.01)
    return time.monotonic() - begin


def test_a_file_is_a_flag(file):
    file.write_text('stage = "live"\nversion = "7"\nshadow_others = true\n[shadow]\ncredits_per_day = 1\n')
    decision = WatchedFile(file).decide("unit")
    assert (decision.stage, decision.flag_version, decision.shadow) == (Stage.LIVE, "7", True)


def test_a_file_may_be_json(tmp_path):
    file = tmp_path / "rollout.json"
    file.write_text(json.dumps({"stage": "complete"}))
    assert WatchedFile(file).decide(None).origin is Origin.PIXIAN


def test_a_kill_switch_works_within_a_second(file):
    source = WatchedFile(file)
    assert source.decide("unit").origin is Origin.PIXIAN
    file.write_text('stage = "off"\n')
    until(source, "off")


def test_two_changes_in_one_instant_are_both_seen(file):
    source = WatchedFile(file)
    for stage in ("live", "off", "live", "off"):
        state = file.stat()
        file.write_text(f'stage = "{stage}" #{"" if stage == "live" else "-"}\n')
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
        until(source, stage)


def test_a_file_that_is_replaced_is_read(file, tmp_path):
    source = WatchedFile(file)
    other = tmp_path / "other"
    other.write_text('stage = "shadow"\n')
    other.replace(file)
    until(source, "shadow")


@pytest.mark.parametrize("broken", ["", "stage = ", 'stage = "on"', 'stage = "off"\npercent = "x"', "\0\xff"])
def test_while_a_file_is_broken_the_last_flag_counts(file, caplog, broken):
    source = WatchedFile(file)
    file.write_text(broken)
    time.sleep(0.3)
    for _ in range(3):
        assert source.decide("unit").origin is Origin.PIXIAN
    assert "still counts" in caplog.text
    file.write_text('stage = "off"\n')
    until(source, "off")


def test_a_file_that_is_gone_changes_nothing(file, caplog):
    source = WatchedFile(file)
    file.unlink()
    time.sleep(0.3)
    assert source.decide("unit").origin is Origin.PIXIAN
    assert source.decide("unit").origin is Origin.PIXIAN
    assert caplog.text.count("still counts") == 1
    file.write_text('stage = "off"\n')
    until(source, "off")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('stag = "off"', "says no stage"),
        ('stage = "off"\npercnt = 1', "did you mean 'percent'"),
        ("[", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_is_told_at_the_start(file, content, said):
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=said):
        WatchedFile(file)


def test_a_missing_file_is_told_at_the_start(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        WatchedFile(tmp_path / "none.toml")


def test_a_file_is_its_own_version(file):
    source = WatchedFile(file)
    before = source.decide("unit").flag_version
    file.write_text('stage = "off"\n')
    until(source, "off")
    assert source.decide("unit").flag_version != before


def test_the_environment_is_followed(caplog):
    environ = {"PIXIAN_SHIM_STAGE": "canary", "PIXIAN_SHIM_PERCENT": "100", "PIXIAN_SHIM_FLAG_VERSION": "3"}
    source = FromEnvironment(environ=environ)
    assert (source.decide("u").origin, source.decide("u").flag_version) == (Origin.PIXIAN, "3")
    environ["PIXIAN_SHIM_STAGE"] = "off"
    assert source.decide("u").origin is Origin.LEGACY
    environ["PIXIAN_SHIM_STAGE"] = "on"
    assert source.decide("u").stage is Stage.OFF
    assert "unknown stage 'on'" in caplog.text


@pytest.mark.parametrize("wrong", [{"PIXIAN_SHIM_STAGE": "on"}, {"PIXIAN_SHIM_PERCENT": "ten"}])
def test_an_environment_that_cannot_be_is_told_at_the_start(wrong):
    with pytest.raises(ConfigurationError):
        FromEnvironment(environ=wrong)


@pytest.mark.parametrize(
    ("said", "origin", "stage"),
    [
        (True, "pixian", "canary"),
        (False, "legacy", "canary"),
        ("pixian", "pixian", "canary"),
        (Origin.LEGACY, "legacy", "canary"),
        ("complete", "pixian", "complete"),
        (Flag(stage="shadow"), "legacy", "shadow"),
        (Decision(origin=Origin.PIXIAN, stage=Stage.LIVE, reason=Reason.STATIC), "pixian", "live"),
    ],
)
def test_a_function_may_say_it_in_many_ways(said, origin, stage):
    decision = FromCallable(lambda _unit: said).decide("unit")
    assert (decision.origin, decision.stage) == (origin, stage)


@pytest.mark.parametrize("wrong", [lambda _: 1 / 0, lambda _: "sometimes", lambda _: None, lambda: True])
def test_a_function_that_fails_lets_the_provider_answer(wrong, caplog):
    source = FromCallable(wrong)
    decisions = [source.decide("unit") for _ in range(3)]
    assert {(decision.origin, decision.reason) for decision in decisions} == {(Origin.LEGACY, Reason.ERROR)}
    assert len(caplog.records) == 1


@pytest.fixture
def tool():
    def by_key(flag, context):
        from openfeature.flag_evaluation import FlagResolutionDetails
        from openfeature.flag_evaluation import Reason as Why

        chosen = "on" if context.targeting_key == "chosen" else "off"
        return FlagResolutionDetails(value=flag.variants[chosen], variant=chosen, reason=Why.TARGETING_MATCH)

    flags = {
        "by-unit": InMemoryFlag("off", {"on": "pixian", "off": "legacy"}, context_evaluator=by_key),
        "stage": InMemoryFlag("now", {"now": "complete"}),
        "number": InMemoryFlag("now", {"now": 3}),
        "odd": InMemoryFlag("now", {"now": "maybe"}),
    }
    api.set_provider(InMemoryProvider(flags))
    yield api.get_client()
    api.clear_providers()


def test_a_flag_tool_decides_by_unit(tool):
    source = FromOpenFeature(tool, "by-unit")
    assert source.decide("chosen").origin is Origin.PIXIAN
    assert source.decide("other").origin is Origin.LEGACY
    assert (source.decide("chosen").reason, source.decide("chosen").flag_version) == (Reason.TARGETING, "on")


def test_a_flag_tool_may_name_a_stage(tool):
    decision = FromOpenFeature(tool, "stage").decide("unit")
    assert (decision.stage, decision.reason) == (Stage.COMPLETE, Reason.STATIC)


@pytest.mark.parametrize("flag", ["missing", "number", "odd"])
def test_a_flag_that_the_tool_does_not_have_lets_the_provider_answer(tool, flag):
    decision = FromOpenFeature(tool, flag).decide("unit")
    assert (decision.origin, decision.reason) == (Origin.LEGACY, Reason.ERROR)


def test_a_flag_tool_that_breaks_lets_the_provider_answer(caplog):
    class Broken:
        def get_string_details(self, *_):
            raise ConnectionError

    source = FromOpenFeature(Broken(), "x")
    assert [source.decide("u").reason for _ in range(2)] == [Reason.ERROR] * 2
    assert len(caplog.records) == 1


def test_without_openfeature_the_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "openfeature.evaluation_context", None)
    with pytest.raises(MissingExtra, match=r"pixian-shim\[flags\]"):
        FromOpenFeature(object(), "x")
