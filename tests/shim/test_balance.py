"""What is left of the account: asked now and then, reckoned in between, and never a reason to fail or to wait."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from pictures import encoded, photo
from pixian_shim import AsyncShim, Shim
from pixian_shim.errors import ImageError, InsufficientCredits, ShimError
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import _pixels
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


def test_a_result_that_needed_no_call_tells_what_is_known(run, sandbox):
    glass = encoded(Image.new("RGBA", (40, 30), (90, 120, 30, 128)))
    free = planned(plan_of(glass, transparent_input="return", tells_balance=True))
    first, _, last = run(free, PLAN, free)
    assert first.credits_left is None
    assert last.credits_left == pytest.approx(sandbox.credits)
    assert asked(sandbox) == ["GET", "POST"]


def test_what_fails_for_free_does_not_wait_for_the_account(run, sandbox):
    with pytest.raises(ImageError):
        run(planned(plan_of(b"no picture", tells_balance=True)))
    assert not asked(sandbox)


def test_a_paid_call_that_ends_in_an_error_is_taken_off_too(sandbox, monkeypatch):
    whole = _pixels.finish
    with sandbox.client() as client, Shim(client, policy="silent") as shim:
        shim.run(PLAN, CALL)
        with monkeypatch.context() as patch:
            patch.setattr(_pixels, "finish", lambda *_: (_ for _ in ()).throw(MemoryError("no room")))
            with pytest.raises(MemoryError):
                shim.run(PLAN, CALL)
        assert _pixels.finish is whole
        last = shim.run(PLAN, CALL)
    assert last.credits_left == pytest.approx(sandbox.credits)


def test_many_calls_at_once_ask_once(sandbox):
    with sandbox.client() as client, Shim(client, policy="silent") as shim, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shim.run(PLAN, CALL), range(16)))
        last = shim.run(PLAN, CALL)
    assert asked(sandbox).count("GET") == 1
    assert last.credits_left == pytest.approx(sandbox.credits, abs=0.5)


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
        assert balances.due(client)
        balances.learn(client, 5.0)
        now[0] += 59
        assert not balances.due(client)
        assert balances.spent(client, None) == 5.0
        now[0] += 2
        assert balances.due(client)

    def test_one_call_asks_at_a_time(self):
        balances, client = Balances(), self.Client()
        assert balances.due(client)
        assert not balances.due(client)
        balances.learn(client, None)
        assert not balances.due(client)

    def test_accounts_are_told_apart(self):
        balances, client = Balances(), self.Client()
        balances.learn(client, 5.0)
        assert balances.due(self.Client())
        assert balances.spent(self.Client(), None) is None

    class Client:
        """Stands for a client, of whom nothing but itself is looked at."""


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 3.0), (0.5, 0.5), (60.0, 3.0)])
def test_asking_never_takes_longer_than_three_seconds(timeout, seconds):
    assert patience(timeout) == seconds
