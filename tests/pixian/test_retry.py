"""The state machine, on a clock of its own: what is repeated, after how long, and when it gives up."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from pixian_shim import errors
from pixian_shim.pixian import Retry
from pixian_shim.pixian._request import Request
from pixian_shim.pixian._retry import Sleep, TaskStreak, ThreadStreak, attempts
from pixian_shim.pixian._transport import Answer

GOOD = Answer(Request("GET", "/"), 200, {}, b"")


def limited(after=None):
    headers = {} if after is None else {"retry-after": after}
    return errors.RateLimited("slow down", status=429, headers=headers)


def unavailable(after=None, code=-3):
    headers = {} if after is None else {"retry-after": after}
    return errors.ServerError("overloaded", status=503, code=code, headers=headers)


def unconnected():
    return errors.ConnectFailed("no")


def lost():
    return errors.ConnectionLost("gone")


class Rehearsal:
    """Run the machine against scripted replies; the last one is repeated."""

    def __init__(self, clock, streak=None):
        self.clock, self.streak = clock, streak or ThreadStreak()

    def run(self, *replies, retry=None, paid=True, seconds=0.0):
        replies = list(replies)
        machine = attempts(retry or Retry(), self.streak, self.clock, paid=paid)
        command = next(machine)
        while True:
            reply = None
            if isinstance(command, Sleep):
                self.clock.sleep(command.seconds)
            else:
                self.clock.now += seconds
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
            try:
                command = machine.send(reply)
            except StopIteration as end:
                return end.value


@pytest.fixture
def rehearsal(clock):
    return Rehearsal(clock)


def test_success_at_once_is_one_attempt(rehearsal, clock):
    outcome = rehearsal.run(GOOD)
    assert (outcome.answer, outcome.attempts, outcome.possible_double_charge) == (GOOD, 1, False)
    assert clock.sleeps == []


def test_the_nth_consecutive_429_waits_n_times_5_seconds(rehearsal, clock):
    assert rehearsal.run(limited(), limited(), limited(), limited(), GOOD).attempts == 5
    assert clock.sleeps == [5, 10, 15, 20]


def test_the_count_runs_on_over_calls_until_one_succeeds(rehearsal, clock):
    with pytest.raises(errors.RateLimited) as caught:
        rehearsal.run(limited(), retry=Retry(rate_limit_waits=1))
    assert caught.value.attempts == 2
    rehearsal.run(limited(), GOOD)
    rehearsal.run(limited(), GOOD)
    assert clock.sleeps == [5, 15, 5]


def test_other_failures_do_not_reset_the_count(rehearsal, clock):
    with pytest.raises(errors.BadRequest):
        rehearsal.run(limited(), errors.BadRequest("no", status=400))
    rehearsal.run(limited(), GOOD)
    assert clock.sleeps == [5, 10]


def test_each_thread_counts_for_itself(clock):
    rehearsal = Rehearsal(clock)
    rehearsal.streak.count = 3
    counts = []
    thread = threading.Thread(target=lambda: counts.append(rehearsal.streak.count))
    thread.start()
    thread.join()
    assert (counts, rehearsal.streak.count) == ([0], 3)


async def test_each_task_counts_for_itself_and_is_forgotten_with_it():
    streak = TaskStreak()

    async def count():
        before = streak.count
        streak.count += 2
        await asyncio.sleep(0)
        return before, streak.count

    streak.count = 1
    tasks = [asyncio.create_task(count()) for _ in range(3)]
    assert await asyncio.gather(*tasks) == [(0, 2)] * 3
    assert streak.count == 1
    streak.count = 0
    tasks.clear()
    await asyncio.sleep(0)  # the loop still holds what it ran last
    gc.collect()
    assert len(streak._counts) == 0


def test_outside_of_a_task_nothing_is_counted():
    streak = TaskStreak()
    loop = asyncio.new_event_loop()
    seen = []
    loop.call_soon(lambda: (setattr(streak, "count", 2), seen.append(streak.count), loop.stop()))
    loop.run_forever()
    loop.close()
    assert seen == [0]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("30", 30),
        ("3", 5),
        ("0", 5),
        ("99999999999999999999", 120),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 5),
        ("-1", 5),
        ("\u0663", 5),
    ],
)
def test_retry_after_counts_only_where_longer_and_up_to_two_minutes(rehearsal, clock, header, wait):
    rehearsal.run(limited(header), GOOD)
    assert clock.sleeps == [wait]


def test_503_is_repeated_only_where_all_workers_are_busy_and_with_retry_after(rehearsal, clock):
    outcome = rehearsal.run(unavailable("7"), GOOD)
    assert (outcome.attempts, outcome.possible_double_charge, clock.sleeps) == (2, False, [7])
    with pytest.raises(errors.ServerError):
        rehearsal.run(unavailable(), GOOD)
    for code in (-10, None):
        with pytest.raises(errors.ServerError):
            rehearsal.run(unavailable("7", code), GOOD)


def test_connecting_is_tried_again_after_a_fifth_and_two_fifths_of_a_second(rehearsal, clock):
    with pytest.raises(errors.ConnectFailed) as caught:
        rehearsal.run(unconnected())
    assert (clock.sleeps, caught.value.attempts, caught.value.possible_double_charge) == ([0.2, 0.4], 3, False)


@pytest.mark.parametrize(
    "failure",
    [
        lost(),
        errors.TimedOut("late"),
        errors.ServerError("oh", status=500),
        errors.IncompleteBody("half", status=200),
        errors.ResponseError("garbage", status=200),
        errors.BadRequest("no", status=400),
        errors.InsufficientCredits("no", status=402),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_what_may_have_been_charged_or_is_final_is_not_repeated_unasked(rehearsal, clock, failure):
    with pytest.raises(type(failure)) as caught:
        rehearsal.run(failure, GOOD)
    assert caught.value is failure
    assert (failure.attempts, failure.possible_double_charge, clock.sleeps) == (1, False, [])


def test_ambiguous_repeats_are_slowed_down_counted_and_marked(rehearsal, clock):
    outcome = rehearsal.run(*[lost() for _ in range(5)], GOOD, retry=Retry(ambiguous=5))
    assert (outcome.attempts, outcome.possible_double_charge) == (6, True)
    assert clock.sleeps == [1, 2, 4, 8, 8]


def test_the_last_of_several_ambiguous_failures_is_marked_too(rehearsal):
    with pytest.raises(errors.ConnectionLost) as caught:
        rehearsal.run(lost(), lost(), retry=Retry(ambiguous=1))
    assert (caught.value.attempts, caught.value.possible_double_charge) == (2, True)


def test_a_free_request_is_never_marked(rehearsal):
    assert not rehearsal.run(lost(), GOOD, retry=Retry(ambiguous=1), paid=False).possible_double_charge


@pytest.mark.parametrize("failure", [errors.ResponseError("garbage", status=200), errors.BadRequest("no", status=400)])
def test_what_will_not_get_better_is_never_repeated(rehearsal, failure):
    with pytest.raises(type(failure)):
        rehearsal.run(failure, GOOD, retry=Retry(ambiguous=9))


def test_the_deadline_is_never_overslept(rehearsal, clock):
    started = clock.now
    with pytest.raises(errors.DeadlineExceeded) as caught:
        rehearsal.run(limited(), retry=Retry(deadline=14.0))
    assert clock.sleeps == [5]
    assert clock.now - started < 14
    assert isinstance(caught.value.__cause__, errors.RateLimited)
    assert (caught.value.attempts, caught.value.may_have_run) == (2, False)
    assert "14 s" in str(caught.value)


def test_a_wait_that_would_end_just_at_the_deadline_is_too_long(rehearsal, clock):
    with pytest.raises(errors.DeadlineExceeded):
        rehearsal.run(limited(), GOOD, retry=Retry(deadline=5.0))
    assert clock.sleeps == []


def test_an_attempt_that_the_deadline_ended_says_so(rehearsal):
    with pytest.raises(errors.DeadlineExceeded) as caught:
        rehearsal.run(errors.TimedOut("late"), retry=Retry(deadline=3.0), seconds=3.0)
    assert caught.value.may_have_run


def test_without_a_deadline_patience_is_only_counted(rehearsal, clock):
    rehearsal.run(limited("120"), limited("120"), GOOD, retry=Retry(deadline=None), seconds=1000.0)
    assert clock.sleeps == [120, 120]


@pytest.mark.parametrize(
    "bad", [{"rate_limit_waits": -1}, {"ambiguous": 1.5}, {"deadline": 0}, {"wait_unit": -1}, {"connect_retries": "2"}]
)
def test_impossible_patience_is_refused(bad):
    with pytest.raises((ValueError, TypeError)):
        Retry(**bad)
