"""Doors among others: odd addresses, other patchers, threads, forks, and what a program does meanwhile."""

import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from textwrap import dedent

import anyio
import httpx
import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

import pixian_shim
from pictures import photo
from pixian_shim import errors
from pixian_shim.errors import NotIntercepted

URL = "https://api.remove.bg/v1.0/removebg"
ACCOUNT = "https://api.remove.bg/v1.0/account"
KEY = {"X-Api-Key": "legacy"}


def upload():
    return {"image_file": ("photo.png", photo())}


class TestAddresses:
    @pytest.mark.parametrize("tail", ["?hook=https://shop.example/done", "?a=//b", "#x://y"])
    def test_another_address_within_one_lets_nothing_slip_past(self, intercepted, sandbox, tail):
        fields = {"image_file": ("photo.png", photo())}
        reply = urllib3.PoolManager().request("POST", URL + tail, fields=fields, headers=KEY)
        assert reply.status == 200
        assert len(sandbox.requests) == 1

    @pytest.mark.parametrize("url", ["https://api.remove.bg./v1.0/account", "https://API.remove.bg.:443/v1.0/account"])
    @pytest.mark.parametrize(
        "ask", [requests.get, httpx.get, lambda url, headers: urllib3.request("GET", url, headers=headers)]
    )
    def test_a_dot_at_the_end_of_a_host_changes_nothing(self, intercepted, ask, url):
        reply = ask(url, headers=KEY)
        assert getattr(reply, "status", None) or reply.status_code == 200

    @pytest.mark.parametrize(
        ("also", "url"),
        [
            ("[::1]:8080/rb", "http://[::1]:8080/rb/v1.0/account"),
            ("[fd00::1]", "https://[fd00::1]/v1.0/account"),
            ("bücher.example", "https://bücher.example/v1.0/account"),
            ("bücher.example", "https://xn--bcher-kva.example/v1.0/account"),
            ("http://plain.example:443", "http://plain.example:443/v1.0/account"),
        ],
    )
    def test_further_addresses_of_every_kind_are_answered(self, client, also, url):
        with pixian_shim.intercept("removebg", client=client, also=also):
            assert requests.get(url, headers=KEY, timeout=5).status_code == 200
            assert httpx.get(url, headers=KEY).status_code == 200

    @pytest.mark.filterwarnings("ignore")  # it is told once, whoever comes first
    @pytest.mark.parametrize("look_up", [socket.gethostbyname, socket.gethostbyname_ex])
    def test_no_look_up_gives_the_hosts_address(self, intercepted, look_up):
        with pytest.raises(NotIntercepted):
            getattr(socket, look_up.__name__)("api.remove.bg")


class TestObservers:
    def test_what_an_observer_asks_is_answered_here_as_well(self, client):
        seen = []

        def ask(call, _ending, _seconds):
            if call.operation == "removebg":
                seen.append(requests.get(ACCOUNT, headers=KEY, timeout=5).status_code)

        with pixian_shim.intercept("removebg", client=client, policy="silent", on_call=ask):
            requests.post(URL, files=upload(), headers=KEY, timeout=5)
        assert seen == [200]


class TestTimeLimits:
    @pytest.mark.parametrize(
        "timeout", [urllib3.Timeout(total=30), urllib3.Timeout(connect=1, read=30), 30, (1, 30), None]
    )
    def test_of_every_kind_are_understood(self, intercepted, timeout):
        assert requests.get(ACCOUNT, headers=KEY, timeout=timeout).status_code == 200
        if not isinstance(timeout, tuple):
            assert urllib3.PoolManager().request("GET", ACCOUNT, headers=KEY, timeout=timeout).status == 200

    def test_of_a_total_are_kept(self, intercepted, sandbox):
        sandbox.fault("latency", seconds=2.0)
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.post(URL, files=upload(), headers=KEY, timeout=urllib3.Timeout(total=0.2))

    @pytest.mark.parametrize("limit", [0.2, urllib3.Timeout(read=0.2)])
    def test_of_a_pool_are_kept(self, intercepted, sandbox, limit):
        sandbox.fault("latency", seconds=2.0)
        with pytest.raises(urllib3.exceptions.ReadTimeoutError) as raised:
            urllib3.PoolManager(timeout=limit).request("POST", URL, fields=upload(), headers=KEY)
        assert pickle.loads(pickle.dumps(raised.value)).may_have_run

    @pytest.mark.parametrize("timeout", [0, -1])
    def test_that_cannot_be_are_refused_as_ever(self, intercepted, timeout):
        with pytest.raises(ValueError, match="timeout"):
            requests.get(ACCOUNT, headers=KEY, timeout=timeout)


class TestOtherPatchers:
    def test_an_adapter_that_a_program_has_mounted_comes_first(self, intercepted, sandbox):
        class Double(BaseAdapter):
            def send(self, request, **_options):
                reply = requests.Response()
                reply.status_code, reply.request, reply.url = 418, request, request.url
                return reply

            def close(self):
                pass

        with requests.Session() as session:
            session.mount("https://api.remove.bg", Double())
            assert session.post(URL, files=upload(), headers=KEY).status_code == 418
        assert not sandbox.requests

    def test_an_adapter_that_does_more_before_it_sends_is_asked(self, intercepted, sandbox):
        asked = []

        class Counting(HTTPAdapter):
            def send(self, request, **options):
                asked.append(request.url)
                return super().send(request, **options)

        with requests.Session() as session:
            session.mount("https://", Counting())
            assert session.post(URL, files=upload(), headers=KEY).status_code == 200
        assert (asked, len(sandbox.requests)) == ([URL], 1)

    def test_a_door_that_another_patcher_took_away_is_put_back(self, client, monkeypatch):
        before = httpx.HTTPTransport.handle_request
        with monkeypatch.context() as theirs:
            theirs.setattr(httpx.HTTPTransport, "handle_request", lambda *_: httpx.Response(418))
            pixian_shim.install("removebg", client=client)
        try:
            pixian_shim.install("removebg", client=client)
            assert httpx.get(ACCOUNT, headers=KEY).status_code == 200
        finally:
            pixian_shim.uninstall()
        assert httpx.HTTPTransport.handle_request is before


class TestThreadsAndProcesses:
    @pytest.mark.parametrize("library", ["requests", "aiohttp"])
    def test_installing_while_another_thread_imports(self, library):
        program = f"""
            import faulthandler, threading, time
            import pixian_shim
            faulthandler.dump_traceback_later(20, exit=True)
            importing = threading.Thread(target=lambda: __import__({library!r}))
            importing.start()
            time.sleep({{}})
            pixian_shim.install("removebg")
            importing.join()
            pixian_shim.uninstall()
        """
        for pause in (0.002, 0.02, 0.05, 0.1):
            done = subprocess.run(
                [sys.executable, "-c", dedent(program).format(pause)],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stderr[-2000:]

    def test_calls_of_many_tasks_take_a_bounded_number_of_threads(self, client, sandbox):
        sandbox.fault("latency", times=300, seconds=0.05)
        most = 0

        async def ask():
            async with httpx.AsyncClient() as http, anyio.create_task_group() as tasks:
                for _ in range(300):
                    tasks.start_soon(one, http)

        async def one(http):
            nonlocal most
            assert (await http.get(ACCOUNT, headers=KEY)).status_code == 200
            most = max(most, threading.active_count())

        with pixian_shim.intercept("removebg", client=client):
            anyio.run(ask)
        assert most < 150

    def test_without_a_further_thread_the_library_s_own_exception_is_raised(self, intercepted, monkeypatch):
        def none_left(_thread):
            raise RuntimeError("can't start new thread")

        async def ask():
            async with httpx.AsyncClient() as http:
                monkeypatch.setattr(threading.Thread, "start", none_left)
                await http.get(ACCOUNT, headers=KEY)

        with pytest.raises(httpx.ConnectError, match="no further threads") as raised:
            anyio.run(ask)
        assert isinstance(raised.value, errors.ConnectFailed)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
    def test_a_lock_held_elsewhere_does_not_stop_a_forked_process(self):
        program = """
            import os, threading
            from pixian_shim.doors import _claims, intercept
            held, free = threading.Event(), threading.Event()
            def hold():
                with _claims.lock:
                    held.set()
                    free.wait(20)
            thread = threading.Thread(target=hold)
            thread.start()
            held.wait()
            child = os.fork()
            if not child:
                with intercept("removebg"):
                    os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            free.set()
            thread.join()
        """
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", dedent(program)]
        subprocess.run(command, timeout=15, check=True)


class TestWhatIsLeft:
    def test_a_shim_made_for_a_block_is_closed_with_it(self, monkeypatch, sandbox):
        closed = []
        monkeypatch.setattr(pixian_shim.Shim, "close", lambda self: closed.append(id(self)))
        with pixian_shim.intercept("removebg", policy="silent"):
            assert not closed
        assert len(closed) == 1

    def test_not_before_its_last_call_has_ended(self, client, sandbox, monkeypatch):
        events = []
        monkeypatch.setattr(pixian_shim.Shim, "close", lambda _self: events.append("closed"))
        sandbox.fault("latency", seconds=0.5)

        def ask():
            events.append(requests.post(URL, files=upload(), headers=KEY, timeout=10).status_code)

        thread = threading.Thread(target=ask)
        with pixian_shim.intercept("removebg", client=client):
            thread.start()
            end = time.monotonic() + 10
            while not sandbox.requests and time.monotonic() < end:
                time.sleep(0.01)
        events.append("left")
        thread.join()
        assert events == ["left", "closed", 200]

    def test_another_install_closes_the_former_ones_shim(self, client, monkeypatch):
        closed = []
        monkeypatch.setattr(pixian_shim.Shim, "close", lambda self: closed.append(id(self)))
        pixian_shim.install("removebg", client=client)
        pixian_shim.install("removebg", client=client)
        assert len(closed) == 1
        pixian_shim.uninstall()
        assert len(closed) == 2
