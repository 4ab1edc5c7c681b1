"""An observer sees how each call ended, from threads and from asyncio, and cannot break one."""

import asyncio
import logging

import pytest

from pictures import photo
from pixian_shim import AsyncShim, Shim
from pixian_shim.errors import InsufficientCredits, Refused, TranslationError
from pixian_shim.pixian import Account, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import Call, Cutout, Form, HttpRequest, load

ADAPTER = load("removebg")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(sandbox):
    sandbox.reset()


def run_sync(sandbox, method, *args, **options):
    with Shim(sandbox.client(), **options) as shim:
        return getattr(shim, method)(ADAPTER, *args)


def run_async(sandbox, method, *args, **options):
    async def run():
        async with AsyncShim(sandbox.async_client(), **options) as shim:
            return await getattr(shim, method)(ADAPTER, *args)

    return asyncio.run(run())


@pytest.fixture(params=[run_sync, run_async])
def drive(request, sandbox):
    return lambda *args, **options: request.param(sandbox, *args, **({"policy": "silent"} | options))


@pytest.fixture
def seen():
    return []


@pytest.fixture
def on_call(seen):
    return lambda *told: seen.append(told)


def call(**parameters):
    return Call(
        "removebg", "removebg", Form.of({"image_file": Upload(photo(), "photo.png")} | parameters), "legacy-key"
    )


def test_observer_is_told_call_result_and_seconds(drive, seen, on_call):
    asked = call()
    result = drive("run", asked, on_call=on_call)
    ((told, ending, seconds),) = seen
    assert told is asked
    assert ending is result
    assert isinstance(ending, Cutout)
    assert 0 < seconds < 60


def test_account_is_observed_too(drive, seen, on_call):
    drive("run", Call("removebg", "account"), on_call=on_call)
    assert isinstance(seen[0][1], Account)


def test_call_that_asks_nobody_ends_in_nothing(drive, seen, on_call):
    drive("run", Call("removebg", "improve", call().form), on_call=on_call)
    assert seen[0][1] is None


def test_error_of_pixian_is_told_and_still_raised(drive, seen, on_call, sandbox):
    sandbox.fault("no_credits")
    with pytest.raises(InsufficientCredits) as caught:
        drive("run", call(), on_call=on_call)
    assert seen[0][1] is caught.value


@pytest.mark.parametrize(
    ("parameters", "policy", "error"),
    [({"size": "huge"}, "silent", TranslationError), ({"type": "car"}, "strict", Refused)],
)
def test_call_that_is_never_sent_is_told(drive, seen, on_call, parameters, policy, error):
    with pytest.raises(error):
        drive("run", call(**parameters), on_call=on_call, policy=policy)
    assert isinstance(seen[0][1], error)


def test_calls_of_doors_are_observed_once(drive, seen, on_call):
    request = HttpRequest(
        "POST", "https://api.remove.bg/v1.0/removebg", {"X-Api-Key": "legacy-key"}, parsed=call(size="huge").form
    )
    assert drive("serve", request, on_call=on_call).status == 400
    assert len(seen) == 1


@pytest.mark.parametrize("parameters", [{}, {"size": "huge"}])
def test_failing_observer_changes_nothing_but_the_log(drive, caplog, parameters):
    def fail(*_told):
        raise ZeroDivisionError

    def ending(**options):
        try:
            return drive("run", call(**parameters), **options).content
        except TranslationError as error:
            return str(error)

    assert ending(on_call=fail) == ending()
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.name == "pixian_shim.shim._observer"
    assert record.exc_info[0] is ZeroDivisionError


def test_cancelled_call_is_not_told(seen, on_call, sandbox):
    sandbox.fault("latency", seconds=5)

    async def run():
        async with AsyncShim(sandbox.async_client(), policy="silent", on_call=on_call) as shim:
            await asyncio.wait_for(shim.run(ADAPTER, call()), 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    assert not seen
