"""What is left of the account: asked now and then, reckoned in between, and never a reason to fail or to wait."""

import asyncio

import attrs
import pytest

from pictures import photo
from pixian_shim import AsyncShim, Shim
from pixian_shim.errors import InsufficientCredits, ShimError
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim._balance import Balances, patience
from pixian_shim.translation import Call
from planned import plan_of, planned

CALL = Call("planned", "cut")
PLAN = planned(plan_of(photo(), tells_balance=True))


@pytest.fixture
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


def in_threads(sandbox, *adapters, **options):
    """Run one call after the other with one shim."""
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client, Shim(client, policy="silent") as shim:
        return [shim.run(adapter, CALL, **options) for adapter in adapters]


def in_a_loop(sandbox, *adapters, **options):
    async def run():
        async with (
            sandbox.async_client(retry=Retry(rate_limit_waits=0)) as client,
            AsyncShim(client, policy="silent") as shim,
        ):
            return [await shim.run(adapter, CALL, **options) for adapter in adapters]

    return asyncio.run(run())


@pytest.fixture(params=[in_threads, in_a_loop])
def run(request, sandbox):
    return lambda *adapters, **options: request.param(sandbox, *adapters, **options)


def asked(sandbox):
    return [entry.method for entry in sandbox.requests]


def test_the_account_is_asked_once_and_every_call_is_taken_off(run, sandbox):
    sandbox.set_credits(20.5)
    others = planned(plan_of(photo()))
    cutouts = run(PLAN, others, PLAN)
    assert asked(sandbox) == ["GET", "POST", "POST", "POST"]
    spent = cutouts[0].credits_charged
    assert spent > 0
    assert [cutout.credits_left for cutout in cutouts] == [
        pytest.approx(20.5 - spent),
        None,
        pytest.approx(sandbox.credits),
    ]


def test_it_is_not_asked_where_the_answer_does_not_tell(run, sandbox):
    (cutout,) = run(planned(plan_of(photo())))
    assert (cutout.credits_left, asked(sandbox)) == (None, ["POST"])


@pytest.mark.parametrize(("fault", "times"), [("server_error", 2), ("rate_limit", 1)])
def test_an_account_that_does_not_answer_costs_no_result(run, sandbox, fault, times):
    sandbox.fault(fault, times=times)  # asking costs nothing, so that it is tried again after a 5xx
    cutouts = run(PLAN, PLAN)
    assert [cutout.credits_left for cutout in cutouts] == [None, None]
    assert asked(sandbox)[-2:] == ["POST", "POST"]


def test_a_slow_account_is_not_waited_for_longer_than_the_caller_would(run, sandbox):
    sandbox.fault("latency", seconds=30)
    assert run(PLAN, timeout=0.5)[0].credits_left is None


def test_an_empty_account_is_the_calls_own_error(run, sandbox):
    sandbox.set_credits(0)
    with pytest.raises(InsufficientCredits):
        run(PLAN)


def test_a_result_that_needed_no_call_tells_it_too(run, sandbox):
    transparent = attrs.evolve(PLAN.plan(CALL), transparent_input="return")
    (cutout,) = run(planned(transparent))
    assert cutout.credits_left == pytest.approx(sandbox.credits)


def test_a_client_that_fails_in_any_way_of_ours_is_no_balance():
    class Client:
        def account(self, **_):
            raise ShimError("no")

        def remove_background(self, *_, **__):
            raise InsufficientCredits("no", status=402, code=1, headers={})

    with pytest.raises(InsufficientCredits):
        Shim(Client()).run(PLAN, CALL)


class TestMemory:
    def test_what_was_learnt_lasts_a_minute(self):
        now = [100.0]
        balances, client = Balances(lambda: now[0]), self.Client()
        assert balances.find(client) is None
        balances.learn(client, 5.0)
        now[0] += 59
        assert balances.find(client).credits == 5.0
        now[0] += 2
        assert balances.find(client) is None

    def test_that_nothing_was_learnt_is_kept_as_well(self):
        balances, client = Balances(), self.Client()
        balances.learn(client, None)
        assert balances.find(client).credits is None

    def test_accounts_are_told_apart(self):
        balances, client = Balances(), self.Client()
        balances.learn(client, 5.0)
        assert balances.find(self.Client()) is None

    class Client:
        """Stands for a client, of whom nothing but itself is looked at."""


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 3.0), (0.5, 0.5), (60.0, 3.0)])
def test_asking_never_takes_longer_than_three_seconds(timeout, seconds):
    assert patience(timeout) == seconds
