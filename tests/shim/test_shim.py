"""Running calls, from threads and from asyncio: the same tests for both."""

import asyncio
import json
import os
import sys
import threading

import pytest

from pictures import encoded, opened, photo, picture
from pixian_shim import AsyncShim, Shim, TranslationWarning, using
from pixian_shim.errors import (
    AuthenticationFailed,
    ConfigurationError,
    ConnectionLost,
    InsufficientCredits,
    MissingExtra,
    Refused,
    ShimError,
)
from pixian_shim.pixian import Account, Retry, Upload
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import Fetcher, default_shim
from pixian_shim.translation import Call, Form, HttpRequest, forget_warnings, load

ADAPTER = load("removebg")
URL = "https://api.remove.bg/v1.0/removebg"
KEY = {"X-Api-Key": "legacy-key"}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(sandbox):
    sandbox.reset()
    forget_warnings()


class Sync:
    """Drive a ``Shim``."""

    def __init__(self, sandbox, **options):
        self.shim = Shim(sandbox.client(retry=Retry(rate_limit_waits=0)), **options)

    def __getattr__(self, name):
        return getattr(self.shim, name)


class Async:
    """Drive an ``AsyncShim`` from plain code."""

    def __init__(self, sandbox, **options):
        self.make = lambda: AsyncShim(sandbox.async_client(retry=Retry(rate_limit_waits=0)), **options)

    def __getattr__(self, name):
        async def run(*args):
            async with self.make() as shim:
                return await getattr(shim, name)(*args)

        return lambda *args: asyncio.run(run(*args))


@pytest.fixture(params=[Sync, Async])
def drive(request, sandbox):
    return lambda **options: request.param(sandbox, **({"policy": "silent"} | options))


def call(key="legacy-key", **parameters):
    form = {"image_file": Upload(photo(), "photo.png")} | parameters
    return Call("removebg", "removebg", Form.of(form), key)


def request(**parameters):
    form = {"image_file": Upload(photo(), "photo.png")} | parameters
    return HttpRequest("POST", URL, KEY, parsed=Form.of(form))


def test_call_comes_back_as_a_cutout(drive):
    assert opened(drive().run(ADAPTER, call()).content).mode == "RGBA"


def test_pixel_work_is_done_in_both_worlds(drive):
    assert opened(drive().run(ADAPTER, call(channels="alpha")).content).mode == "L"


def test_account_is_asked(drive, sandbox):
    assert isinstance(drive().run(ADAPTER, Call("removebg", "account")), Account)
    assert sandbox.requests[-1].path == "/api/v2/account"


def test_improve_asks_nobody(drive, sandbox):
    assert drive().run(ADAPTER, Call("removebg", "improve", call().form)) is None
    assert not sandbox.requests


def test_address_is_passed_on_unless_pixels_are_needed(drive, sandbox):
    from socket_server import SocketServer

    def serve(connection):
        connection.read_request()
        connection.answer(200, photo(), {"Content-Type": "image/png"})

    with SocketServer(serve) as server:
        running = drive(fetcher=Fetcher(allow_private=True))
        by_address = Call("removebg", "removebg", Form.of({"image_url": server.url + "/p.png"}), "k")
        running.run(ADAPTER, by_address)
        assert sandbox.requests[-1].source == "image.url"
        running.run(ADAPTER, Call("removebg", "removebg", Form.of({"image_url": server.url, "format": "zip"}), "k"))
        assert sandbox.requests[-1].source == "image"


def test_address_that_fails_is_told_in_the_legacy_shape(drive):
    answer = drive().serve(
        ADAPTER, HttpRequest("POST", URL, KEY, parsed=Form.of({"image_url": "http://127.0.0.1:9/x", "format": "zip"}))
    )
    assert answer.status == 400
    assert json.loads(answer.body)["errors"][0]["code"] == "failed_image_download"


@pytest.mark.parametrize(
    ("provider", "url", "parameter"),
    [
        ("removebg", URL, "image_url"),
        ("photoroom", "https://image-api.photoroom.com/v2/edit", "imageUrl"),
        ("picsart", "https://api.picsart.io/tools/1.0/removebg", "image_url"),
    ],
)
def test_address_that_fails_is_told_by_the_providers_own_parameter(drive, provider, url, parameter):
    fields = Form.of({parameter: "http://127.0.0.1:9/x", "format": "webp"})
    answer = drive().serve(load(provider), HttpRequest("POST", url, KEY | {"X-Picsart-Api-Key": "k"}, parsed=fields))
    assert (answer.status, answer.error.parameter) == (400, parameter)


def test_background_address_is_fetched_before_anything_is_paid(drive, sandbox):
    answer = drive().serve(ADAPTER, request(bg_image_url="http://127.0.0.1:9/x"))
    assert json.loads(answer.body)["errors"][0]["code"] == "failed_bg_download"
    assert not sandbox.requests


def test_warning_is_given_once(drive):
    running = drive(policy="warn")
    with pytest.warns(TranslationWarning, match="type=car") as seen:
        running.run(ADAPTER, call(type="car"))
        running.run(ADAPTER, call(type="car"))
    assert len(seen) == 1


def test_strict_policy_refuses_before_anything_is_sent(drive, sandbox):
    with pytest.raises(Refused):
        drive(policy="strict").run(ADAPTER, call(type="car"))
    assert not sandbox.requests


def test_policy_comes_from_the_environment(drive, monkeypatch):
    monkeypatch.setenv("PIXIAN_SHIM_POLICY", "strict")
    with pytest.raises(Refused):
        drive(policy=None).run(ADAPTER, call(type="car"))
    monkeypatch.setenv("PIXIAN_SHIM_POLICY", "whatever")
    with pytest.raises(ConfigurationError, match="whatever"):
        drive(policy=None).run(ADAPTER, call())


def test_notes_come_back_with_the_result(drive):
    assert {note.name for note in drive().run(ADAPTER, call(type="car")).notes} == {"image_file", "type", "size"}


def test_serve_answers_and_refuses_in_the_legacy_shape(drive, sandbox):
    running = drive()
    assert running.serve(ADAPTER, request()).status == 200
    assert running.serve(ADAPTER, request(size="huge")).status == 400
    assert running.serve(ADAPTER, HttpRequest("POST", URL, {}, parsed=Form())).status == 403
    sandbox.fault("no_credits")
    assert running.serve(ADAPTER, request()).status == 402
    sandbox.fault("rate_limit")
    answer = running.serve(ADAPTER, request())
    assert (answer.status, answer.headers["Retry-After"]) == (429, "5")


def test_malformed_body_is_refused_in_the_legacy_shape(drive):
    answer = drive().serve(ADAPTER, HttpRequest("POST", URL, KEY | {"Content-Type": "application/json"}, b"{"))
    assert (answer.status, json.loads(answer.body)["errors"][0]["code"]) == (400, "malformed_body")


def test_missing_answer_is_left_to_the_door(drive, sandbox):
    sandbox.fault("reset")
    with pytest.raises(ConnectionLost):
        drive().serve(ADAPTER, request())


def test_pixians_own_credentials_in_the_key_slot_are_used(drive):
    running = drive()
    assert running.run(ADAPTER, call("sandbox:sandbox")).credits_charged > 0
    with pytest.raises(AuthenticationFailed):
        running.run(ADAPTER, call("sandbox:wrong"))


@pytest.mark.parametrize("failure", [ShimError("the disk is full"), MemoryError("the disk is full")], ids=type)
def test_failure_after_paying_keeps_what_was_paid_for(drive, monkeypatch, failure):
    def fail(*_args, **_options):
        raise failure

    monkeypatch.setattr("pixian_shim.images.zip_cutout", fail)
    with pytest.raises(type(failure), match="disk is full") as caught:
        drive().run(ADAPTER, call(format="zip"))
    assert opened(caught.value.result.content).mode == "RGBA"


def test_failure_to_write_the_answer_keeps_what_was_paid_for(drive, monkeypatch):
    def fail(*_args):
        raise MemoryError

    monkeypatch.setattr("pixian_adapters.removebg.wire.b64encode", fail)
    request = HttpRequest(
        "POST", URL, KEY | {"Accept": "application/json"}, parsed=Form.of({"image_file": Upload(photo())})
    )
    with pytest.raises(MemoryError) as caught:
        drive().serve(ADAPTER, request)
    assert opened(caught.value.result.content).mode == "RGBA"


def test_missing_extra_is_told_before_anything_is_paid(drive, monkeypatch, sandbox):
    legacy = call(crop="true", crop_margin="10%")
    monkeypatch.delattr("pixian_shim.images.decode", raising=False)
    monkeypatch.delitem(sys.modules, "pixian_shim.images._decode", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r'pip install "pixian-shim\[images\]"'):
        drive().run(ADAPTER, legacy)
    assert not sandbox.requests


def test_threads_share_one_shim(sandbox):
    shim, sizes = Shim(sandbox.client(), policy="silent"), []
    contents = [encoded(picture((100 + 10 * n, 100), (30, 30, 60, 60))) for n in range(8)]

    def run(content):
        sizes.append(shim.run(ADAPTER, call(image_file=Upload(content))).size.width)

    threads = [threading.Thread(target=run, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sizes) == [100 + 10 * n for n in range(8)]


def test_one_client_is_kept_for_each_key(sandbox):
    with Shim(sandbox.client(), policy="silent") as shim:
        clients = shim._clients
        assert clients.of("legacy") is clients.of(None)
        assert clients.of("a:b") is clients.of("a:b") is not clients.of("c:d")


def test_forked_process_makes_its_own_client(monkeypatch):
    monkeypatch.setenv("PIXIAN_API_ID", "id")
    monkeypatch.setenv("PIXIAN_API_SECRET", "secret")
    with Shim() as shim:
        mine = shim._clients.of(None)
        monkeypatch.setattr(os, "getpid", lambda: 1)
        theirs = shim._clients.of(None)
        assert theirs is not mine
        theirs.close()
        mine.close()


def test_missing_credentials_are_told_in_the_legacy_shape(monkeypatch, tmp_path):
    for name in ("PIXIAN_API_ID", "PIXIAN_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with Shim(policy="silent") as shim:
        answer = shim.serve(ADAPTER, request())
    (item,) = json.loads(answer.body)["errors"]
    assert (answer.status, item["code"]) == (403, "auth_failed")
    assert "PIXIAN_API_ID" in item["detail"]


def test_doors_use_the_shim_that_was_named_last(sandbox):
    first, second = (Shim(sandbox.client()) for _ in range(2))
    with using(first):
        with using(second):
            assert default_shim() is second
        assert default_shim() is first
    assert default_shim() is default_shim() is not first


def test_out_of_credits_is_an_error_of_its_own(drive, sandbox):
    sandbox.fault("no_credits")
    with pytest.raises(InsufficientCredits):
        drive().run(ADAPTER, call())


def test_clients_for_many_keys_share_connections_and_are_forgotten(monkeypatch):
    monkeypatch.setenv("PIXIAN_BASE_URL", "http://127.0.0.1:9")
    with Shim() as shim:
        made = [shim._clients.of(f"id{number}:secret") for number in range(250)]
        assert len({id(client._connections.client) for client in made}) == 1
        assert len(shim._clients._made) == 100
        assert made[-1] is shim._clients.of("id249:secret")
