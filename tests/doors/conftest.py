"""A sandbox behind the doors."""

import pytest

import pixian_shim
from pixian_shim.pixian import Retry
from pixian_shim.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    sandbox.reset()
    with sandbox.client(retry=Retry(rate_limit_waits=0)) as client:
        yield client


@pytest.fixture
def intercepted(client):
    with pixian_shim.intercept("removebg", client=client, policy="silent"):
        yield
