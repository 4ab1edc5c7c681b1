"""A fixture for tests of code that calls a provider with requests: it is answered from a baseline.

In ``conftest.py``::

    pytest_plugins = ["pixian_shim.baseline.pytest"]

in ``pytest.ini`` or its like::

    legacy_baseline = tests/baseline

and a test that asks for ``legacy_baseline`` reaches no network: what the baseline does not hold is an error in the
provider's shape that says so.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pixian_shim.baseline._replay import Replay
from pixian_shim.errors import ConfigurationError, MissingExtra
from pixian_shim.translation import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names the folder."""
    parser.addini("legacy_baseline", "folder of a baseline made by: pixian-shim baseline record", default="")


@pytest.fixture
def legacy_baseline(request: pytest.FixtureRequest) -> Iterator[Replay]:
    """Answer requests to the baseline's provider from it, for as long as the test lasts.

    Raises:
        ConfigurationError: no folder is set, or it holds no baseline.
        MissingExtra: ``responses`` is not installed.
    """
    try:
        import responses
    except ImportError as error:
        raise MissingExtra("testing", "the fixture legacy_baseline") from error
    folder = request.config.getini("legacy_baseline")
    if not folder:
        raise ConfigurationError("set legacy_baseline = FOLDER in pytest's configuration file")
    replay = Replay(request.config.rootpath / Path(folder))

    def answer(prepared: Any) -> tuple[int, dict[str, str], bytes]:
        body: Any = prepared.body or b""
        body = body.read() if hasattr(body, "read") else body
        body = body.encode() if isinstance(body, str) else body
        found = replay.serve(HttpRequest(prepared.method, prepared.url, dict(prepared.headers), body))
        return found.status, dict(found.headers), found.body

    with responses.RequestsMock(assert_all_requests_are_fired=False) as double:
        for host in sorted(replay.adapter.hosts):
            for method in ("GET", "POST"):
                double.add_callback(method, re.compile(rf"https?://{re.escape(host)}(:\d+)?/.*"), answer)
        yield replay
