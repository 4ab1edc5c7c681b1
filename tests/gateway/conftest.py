"""A sandbox as the gateway's upstream, and the gateway in two modes: over a socket, and without one."""

from functools import partial

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from pixian_shim.gateway import Config, Gateway, create_app
from pixian_shim.sandbox import Sandbox


@pytest.fixture(scope="package")
def upstream():
    with Sandbox(engine="fast", http=True) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(upstream, monkeypatch):
    upstream.reset()
    monkeypatch.setenv("PIXIAN_BASE_URL", upstream.url)
    monkeypatch.setenv("PIXIAN_API_ID", "sandbox")
    monkeypatch.setenv("PIXIAN_API_SECRET", "sandbox")
    return upstream


class OverHttp:
    """A gateway on a socket, and a client of it."""

    def __init__(self, config):
        self.gateway = Gateway(config)
        self.app = self.gateway.app

    def __enter__(self):
        self.gateway.start()
        self.url = self.gateway.url
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=20)
        return self

    def __exit__(self, *_):
        self.client.close()
        self.gateway.close()

    def request(self, method, path, **options):
        return self.client.request(method, path, **options)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)


class InProcess(OverHttp):
    """A gateway's application alone."""

    def __init__(self, config):
        self.app = create_app(config)

    def __enter__(self):
        self.url = "http://localhost"
        self.portal_manager = start_blocking_portal()
        self.portal = self.portal_manager.__enter__()
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url=self.url)
        return self

    def __exit__(self, *_):
        self.portal.call(self.client.aclose)
        self.portal.call(self.app.state.answers.shim.aclose)
        self.portal_manager.__exit__(None, None, None)

    def request(self, method, path, **options):
        return self.portal.call(partial(self.client.request, method, path, **options))


MODES = {"over http": OverHttp, "in process": InProcess}


@pytest.fixture(params=MODES.values(), ids=MODES.keys())
def mode(request, sandbox):
    """Make gateways of either kind, which end with the test."""
    running = []

    def make(**settings):
        running.append(request.param(Config(port=0, **settings)).__enter__())
        return running[-1]

    yield make
    for gateway in running:
        gateway.__exit__(None, None, None)


@pytest.fixture
def gateway(mode):
    return mode()


@pytest.fixture
def wired(sandbox):
    """Make gateways on a socket, which end with the test."""
    running = []

    def make(**settings):
        running.append(OverHttp(Config(port=0, **settings)).__enter__())
        return running[-1]

    yield make
    for gateway in running:
        gateway.__exit__(None, None, None)
