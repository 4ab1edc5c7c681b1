"""A world without settings of its own, and clocks that cost no time."""

from __future__ import annotations

import asyncio
import base64
import inspect

import pytest

from pixian_shim.pixian import AsyncPixian, Pixian

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
SECRET = "canary-7f3a9c51d2e8"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


class Front:
    """Both clients, driven the same way: ``with_client`` gives the client to a function and resolves what it returns."""

    def __init__(self, kind: str, clock: Clock) -> None:
        self.kind, self.clock = kind, clock

    def with_client(self, do, **settings):
        settings = {"api_id": "px-id", "api_secret": SECRET, "clock": self.clock, **settings}
        if self.kind == "sync":
            with Pixian(**{"sleep": self.clock.sleep, **settings}) as client:
                return do(client)
        return asyncio.run(self._async(do, {"sleep": self.clock.sleep_async, **settings}))

    async def _async(self, do, settings):
        async with AsyncPixian(**settings) as client:
            result = do(client)
            return await result if inspect.isawaitable(result) else result

    def remove_background(self, *args, client: dict, **kwargs):
        return self.with_client(lambda pixian: pixian.remove_background(*args, **kwargs), **client)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch, tmp_path):
    for name in ("API_ID", "API_SECRET", "BASE_URL", "TEST"):
        monkeypatch.delenv(f"PIXIAN_{name}", raising=False)
    (tmp_path / "work" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))


@pytest.fixture
def png():
    return PNG


@pytest.fixture
def secret():
    return SECRET


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["sync", "async"])
def front(request, clock):
    return Front(request.param, clock)
