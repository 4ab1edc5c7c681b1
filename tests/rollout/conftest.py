"""A provider on loopback, a sandbox as Pixian, and a rollout between them."""

import pytest

from pixian_shim.legacy import LegacyHost
from pixian_shim.pixian import Retry
from pixian_shim.rollout import Flag, Recorder, Rollout, observations
from pixian_shim.sandbox import Sandbox
from pixian_shim.shim import Shim
from pixian_shim.translation import load
from provider import Provider


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="package")
def upstream():
    with Sandbox(engine="fast") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(upstream):
    upstream.reset()
    return upstream


@pytest.fixture
def adapter():
    return load("removebg")


class Migration:
    """A rollout between the two, and what came of it."""

    def __init__(self, rollout, sandbox, folder):
        self.rollout, self.sandbox, self._folder = rollout, sandbox, folder

    @property
    def asked_pixian(self):
        return sum(entry.path.endswith("remove-background") for entry in self.sandbox.requests)

    @property
    def observed(self):
        if self.rollout.shadow is not None:
            assert self.rollout.shadow.drain(10)
        return list(observations(self._folder))

    @property
    def only(self):
        (observation,) = self.observed
        return observation


@pytest.fixture
def migrate(provider, sandbox, tmp_path):
    """Make rollouts, which end with the test."""
    made = []

    def make(stage="off", *, at=None, source=None, pictures=False, retry=None, legacy_timeout=5.0, **options):
        flag = {name: options.pop(name) for name in ("percent", "salt", "version") if name in options}
        flag |= {"shadow": options.pop("others")} if "others" in options else {}
        client = sandbox.client(retry=retry or Retry(rate_limit_waits=0))
        shim = Shim(client, policy="silent")
        legacy = LegacyHost({"removebg": provider.url} if at is None else at, timeout=legacy_timeout)
        folder = tmp_path / f"observations{len(made)}"
        recorder = Recorder(folder, pictures=pictures)
        rollout = Rollout(source or Flag(stage=stage, **flag), shim=shim, legacy=legacy, observe=recorder, **options)
        made.append((rollout, shim, legacy, client))
        return Migration(rollout, sandbox, folder)

    yield make
    for things in made:
        for thing in things:
            thing.close()
