"""What drop-ins are made of: an exchange without HTTP, and a place for the result that is looked at first."""

import errno
import os

import httpx
import pytest
import requests

from drop_ins import fill_disk, nobody_there
from pictures import opened, photo
from pixian_shim import Shim, using
from pixian_shim.doors import check_destination, exchange, exchange_async, refusal, response_of, save_result
from pixian_shim.errors import ConnectFailed, ShimError, TimedOut
from pixian_shim.pixian import Upload
from pixian_shim.translation import load

ADAPTER = load("removebg")
URL = "https://api.remove.bg/v1.0/removebg"
KEY = {"headers": {"X-Api-Key": "any"}}
KINDS = [("requests", requests.exceptions.ConnectionError), ("httpx", httpx.ConnectError), (None, ConnectFailed)]


@pytest.fixture
def shim(client):
    with using(Shim(client, policy="silent")) as shim:
        yield shim


class TestExchange:
    def test_gives_the_providers_answer(self, shim):
        answer = exchange(
            ADAPTER, "POST", URL, {"image_file": Upload(photo()), "size": "auto", "bg_color": None}, **KEY
        )
        assert (answer.status, opened(answer.body).mode) == (200, "RGBA")

    async def test_gives_the_same_from_asyncio(self, shim):
        fields = [("image_file", Upload(photo())), ("channels", "alpha")]
        assert (await exchange_async(ADAPTER, "POST", URL, fields, **KEY)).body == exchange(
            ADAPTER, "POST", URL, fields, **KEY
        ).body

    def test_a_refusal_is_an_answer(self, shim, sandbox):
        answer = exchange(ADAPTER, "POST", URL, **KEY)
        assert (answer.status, isinstance(answer.error, ShimError)) == (400, True)
        assert not sandbox.requests

    @pytest.mark.parametrize(("spoke", "kind"), KINDS)
    def test_no_answer_is_told_as_the_package_would_have_been(self, spoke, kind):
        with nobody_there(), pytest.raises(kind) as caught:
            exchange(ADAPTER, "POST", URL, {"image_file": Upload(photo())}, spoke=spoke, **KEY)
        assert isinstance(caught.value, ConnectFailed)
        assert caught.value.__cause__ is not caught.value
        assert spoke is None or (str(caught.value.request.url), caught.value.request.method) == (URL, "POST")

    @pytest.mark.parametrize(("spoke", "kind"), KINDS)
    async def test_likewise_from_asyncio(self, spoke, kind):
        with nobody_there(), pytest.raises(kind):
            await exchange_async(ADAPTER, "POST", URL, {"image_file": Upload(photo())}, spoke=spoke, **KEY)

    def test_the_time_limit_is_passed_on(self):
        class Slow:
            def serve(self, *_, timeout):
                raise TimedOut(f"{timeout} s")

        with using(Slow()), pytest.raises(requests.exceptions.ReadTimeout, match=r"7\.5 s"):
            exchange(ADAPTER, "GET", URL, timeout=7.5, spoke="requests")


def test_a_refusal_shows_the_services_reason(shim):
    answer = exchange(ADAPTER, "POST", URL, {"image_file": Upload(b"no picture")}, **KEY)
    error = refusal(ShimError("no"), response_of(answer, URL))
    assert (error.response.status_code, error.__cause__) == (400, answer.error)
    assert str(answer.error) in error.__notes__[0]


class TestDestination:
    def test_what_writing_would_raise_is_raised_before(self, tmp_path, monkeypatch):
        (tmp_path / "folder").mkdir()
        (tmp_path / "astray").symlink_to(tmp_path / "no" / "x.png")
        for name, number in (("no/x.png", errno.ENOENT), ("folder", errno.EISDIR), ("astray", errno.ENOENT)):
            with pytest.raises(OSError, match=name) as caught:
                check_destination(tmp_path / name)
            assert caught.value.errno == number
        monkeypatch.setattr("os.access", lambda *_: False)
        with pytest.raises(PermissionError):
            check_destination(tmp_path / "x.png")

    def test_a_path_may_be_bytes(self, tmp_path):
        path = os.fsencode(tmp_path / "x.png")
        check_destination(path)
        save_result(b"picture", path)
        assert (tmp_path / "x.png").read_bytes() == b"picture"

    def test_what_was_paid_for_hangs_on_the_error(self, tmp_path, monkeypatch):
        fill_disk(monkeypatch)
        with pytest.raises(OSError, match="No space") as caught:
            save_result(b"picture", tmp_path / "x.png")
        assert caught.value.content == b"picture"
        assert "paid for" in caught.value.__notes__[0]
        assert not list(tmp_path.iterdir())
