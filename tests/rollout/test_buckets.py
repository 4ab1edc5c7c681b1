"""Buckets and decisions: the same everywhere, even, independent, and never taking back what was given."""

import json
from bisect import bisect_left
from functools import cache
from importlib.resources import files
from statistics import correlation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixian_shim.errors import ConfigurationError
from pixian_shim.rollout import Flag, Origin, Reason, Stage
from pixian_shim.rollout import _decision as decisions
from pixian_shim.rollout._buckets import BUCKETERS, BUCKETS, murmur3

VECTORS = json.loads(files("pixian_shim.rollout").joinpath("conformance.json").read_text("utf-8"))["vectors"]
UNITS = st.text(max_size=40)
PERCENTS = st.floats(0, 100)
NAMES = sorted(BUCKETERS)


@pytest.mark.parametrize(
    ("name", "vector"),
    [(name, vector) for name in NAMES for vector in VECTORS[name]],
    ids=lambda value: str(value)[:40],
)
def test_every_bucketer_gives_the_recorded_buckets(name, vector):
    assert BUCKETERS[name](vector["salt"], vector["unit"]) == vector["bucket"]


def test_every_bucketer_has_vectors():
    assert set(VECTORS) == set(BUCKETERS)


def test_murmur3_gives_the_published_test_values():
    assert [murmur3(b"", 1), murmur3(b"test", 0), murmur3(b"Hello, world!", 0x9747B28C)] == [
        0x514E28B7,
        0xBA6BD213,
        0x24884CBA,
    ]


@given(UNITS, UNITS, st.sampled_from(NAMES))
def test_a_bucket_is_always_one_of_them(salt, unit, name):
    assert 0 <= BUCKETERS[name](salt, unit) < BUCKETS


def widening_keeps(unit, percents, bucketer="pixian-shim"):
    low, high = sorted(percents)
    narrow, wide = (Flag(stage="canary", percent=percent, bucketer=bucketer).decide(unit) for percent in (low, high))
    return narrow.origin is Origin.LEGACY or wide.origin is Origin.PIXIAN


@given(UNITS, st.tuples(PERCENTS, PERCENTS), st.sampled_from(NAMES))
def test_widening_never_evicts_a_unit(unit, percents, name):
    assert widening_keeps(unit, percents, name)


def test_a_bucketer_that_evicts_would_be_found(monkeypatch):
    monkeypatch.setattr(Flag, "threshold", property(lambda self: int(self.percent * 7919) % BUCKETS))
    units = [f"unit {number}" for number in range(200)]
    assert not all(widening_keeps(unit, (10, percent)) for unit in units for percent in (20, 50, 90))


@given(UNITS)
def test_nobody_is_in_at_0_percent_and_everybody_at_100(unit):
    assert Flag(stage="canary", percent=0).decide(unit).origin is Origin.LEGACY
    assert Flag(stage="canary", percent=100).decide(unit).origin is Origin.PIXIAN


@cache
def sequential(name, salt="pixian-shim", count=100_000):
    return [BUCKETERS[name](salt, f"customer-{number}") for number in range(count)]


@pytest.mark.parametrize("name", NAMES)
def test_sequential_units_are_spread_evenly(name):
    counts = [0] * 100
    for bucket in sequential(name):
        counts[bucket // 100] += 1
    expected = len(sequential(name)) / 100
    assert sum((count - expected) ** 2 / expected for count in counts) < 148  # chi-square, 99 degrees, p = 0.001


@pytest.mark.parametrize("name", NAMES)
def test_two_salts_choose_independently(name):
    one, other = sequential(name), sequential(name, "another")
    assert abs(correlation(one, other)) < 0.015


def test_a_million_units_move_over_and_back(monkeypatch):
    buckets = sorted(BUCKETERS["pixian-shim"]("pixian-shim", f"unit-{number}") for number in range(1_000_000))

    def chosen(flag):
        if flag.stage is not Stage.CANARY:
            return len(buckets) * (flag.decide("any").origin is Origin.PIXIAN)
        return bisect_left(buckets, flag.threshold)  # decide() compares with the same number

    steps = [("off", 0), ("shadow", 0), *(("canary", percent) for percent in (0.01, 1, 5, 25, 50, 99.99)), ("live", 0)]
    there = [chosen(Flag(stage=stage, percent=percent)) for stage, percent in [*steps, ("complete", 0)]]
    back = [chosen(Flag(stage=stage, percent=percent)) for stage, percent in reversed(steps)]
    assert there == sorted(there)
    assert back == sorted(back, reverse=True)
    assert there[:2] == [0, 0]
    assert there[-2:] == [1_000_000, 1_000_000]
    for percent, count in zip((0.01, 1, 5, 25, 50, 99.99), there[2:8], strict=True):
        assert abs(count / 1_000_000 - percent / 100) < 0.002


def test_the_threshold_is_what_decides():
    flag = Flag(stage="canary", percent=12.34)
    for number in range(2000):
        decision = flag.decide(f"unit-{number}")
        assert (decision.origin is Origin.PIXIAN) == (decision.bucket < flag.threshold == 1234)


def test_a_decision_says_why():
    decision = Flag(stage="canary", percent=5, salt="s", version="v").decide("unit")
    assert (decision.reason, decision.salt, decision.flag_version, decision.stage) == (Reason.SPLIT, "s", "v", "canary")
    assert Flag(stage="canary", percent=5).decide(None).reason is Reason.NO_UNIT
    assert Flag(stage="live").decide(None).reason is Reason.STATIC


@pytest.mark.parametrize(
    "wrong",
    [
        *({"stage": stage} for stage in ("on", 3)),
        *({"percent": percent} for percent in (101, -1, "5", True, float("nan"))),
        {"salt": 1},
        {"version": 2},
        {"shadow": 1},
        {"bucketer": "md5"},
    ],
    ids=str,
)
def test_a_flag_that_cannot_be_is_told(wrong):
    with pytest.raises(ConfigurationError):
        Flag(**wrong)


def test_a_default_salt_is_no_secret_of_ours():
    assert Flag().salt == decisions.DEFAULT_SALT
