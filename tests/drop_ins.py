"""What every drop-in is asked in its tests: where a secret shows, what a full disk costs, and who is told of nobody there."""

import logging
import socket
import traceback
import warnings
from contextlib import contextmanager

from pixian_shim import Shim, using
from pixian_shim.pixian import Pixian, Retry

LEGACY_KEY = "canary-legacy-5f2d9b41"
SECRET = "canary-secret-77ab03ce"
"""Of a sandbox whose drop-in is watched by ``assert_no_secret_is_seen``."""

DAYS = ("none", "wrong secret", "no_credits", "rate_limit", "not_json", "bad picture")
"""What may be wrong then; a bad picture is the caller's part."""


def assert_no_secret_is_seen(ask, day, *, sandbox, folder, caplog, raises=Exception):
    """Look for both secrets in everything that a call leaves behind, and for the legacy key in what goes to Pixian.

    Args:
        ask: makes the call, with ``LEGACY_KEY``.
        day: one of ``DAYS``.
        sandbox: with ``SECRET``.
        folder: where the call may have written.
        caplog: pytest's.
        raises: the package's own class; on a fine day nothing is raised.
    """
    caplog.set_level(logging.DEBUG)
    sent, seen = [], []
    http = sandbox.http_client(event_hooks={"request": [sent.append]})
    secret = f"wrong-{SECRET}" if day == "wrong secret" else SECRET
    if day in ("no_credits", "rate_limit", "not_json"):
        sandbox.fault(day, times=9)
    with (
        http,
        warnings.catch_warnings(record=True) as warned,
        sandbox.client(http_client=http, api_secret=secret, retry=Retry(rate_limit_waits=0)) as client,
        using(Shim(client)),
    ):
        try:
            seen.append(repr(ask()))
        except raises as error:
            assert day != "none"
            seen += [repr(error), str(error), "".join(traceback.format_exception(error)), *map(repr, carried(error))]
        seen.append(repr(client))
    seen += [caplog.text, repr(caplog.records), repr([str(warning.message) for warning in warned])]
    seen.append(repr(sandbox.requests))
    seen += [path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()]
    for canary in (LEGACY_KEY, SECRET):
        assert not [text for text in seen if canary in text]
    for request in sent:
        assert LEGACY_KEY not in f"{request.url} {request.headers.raw} {request.read()!r}"


def carried(error):
    """Give the values that an exception and those behind it carry."""
    while error is not None:
        yield from vars(error).values()
        response = getattr(error, "response", None)
        if response is not None:
            yield from (response.headers, response.text, response.request.headers, response.request.body)
        error = error.__cause__ or error.__context__


@contextmanager
def nobody_there():
    """Let Pixian be where nobody answers."""
    with socket.socket() as silent:  # bound, so that nobody else takes the port, and not listening
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Pixian("id", "secret", base_url=url, retry=Retry(connect_retries=0)) as client, using(Shim(client)):
            yield


def fill_disk(monkeypatch):
    """Let no file be written to its end."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pixian_shim.pixian._file.os.fsync", full)
