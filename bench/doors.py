"""What an installed door costs traffic that is none of its business: the wrapper alone, for each library."""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
import urllib.request
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import httpx2
import requests
import urllib3
from figures import Figure
from yarl import URL

import pixian_shim

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESSES = [f"https://shop-{number}.example.com/pictures/{number}.jpg?size=large" for number in range(500)]
"""More than any cache of parsed addresses holds."""


class Request:
    """What aiohttp hands to a connector."""

    def __init__(self, address: str) -> None:
        self.url = URL(address)


def doors() -> dict[str, tuple[Any, str, list[tuple[Any, ...]]]]:
    """Give owner and name of each patched function, and arguments to call it with."""
    pools = [urllib3.HTTPSConnectionPool(address.partition("://")[2].partition("/")[0]) for address in ADDRESSES]
    return {
        "requests": (requests.Session, "get_adapter", [(None, address) for address in ADDRESSES]),
        "httpx": (httpx.HTTPTransport, "handle_request", [(None, httpx.Request("GET", a)) for a in ADDRESSES]),
        "httpx2": (httpx2.HTTPTransport, "handle_request", [(None, httpx2.Request("GET", a)) for a in ADDRESSES]),
        "httpx async": (
            httpx.AsyncHTTPTransport,
            "handle_async_request",
            [(None, httpx.Request("GET", a)) for a in ADDRESSES],
        ),
        "aiohttp": (aiohttp.BaseConnector, "connect", [(None, Request(a), [], None) for a in ADDRESSES]),
        "urllib3": (urllib3.HTTPConnectionPool, "urlopen", [(pool, "GET", "/pictures/1.jpg") for pool in pools]),
        "urllib.request": (
            urllib.request.AbstractHTTPHandler,
            "do_open",
            [(None, None, urllib.request.Request(a)) for a in ADDRESSES],
        ),
        "look-ups": (socket, "getaddrinfo", [(a.partition("://")[2].partition("/")[0], 443) for a in ADDRESSES]),
    }


def stub(*_args: object, **_options: object) -> None:
    """Do nothing, in the library's place."""


async def async_stub(*_args: object, **_options: object) -> None:
    """Likewise."""


def measure() -> list[Figure]:
    """Compare each patched function with the same one unpatched; both end in a stub."""
    with ExitStack() as stack:
        table = doors()
        plain: dict[str, Callable[..., Any]] = {}
        for library, (owner, name, _) in table.items():
            original = getattr(owner, name)
            waits = asyncio.iscoroutinefunction(original)
            plain[library] = async_stub if waits else stub
            setattr(owner, name, plain[library])
            stack.callback(setattr, owner, name, original)
        pixian_shim.install("removebg", policy="silent")
        stack.callback(pixian_shim.uninstall)
        added = {
            library: cost(getattr(owner, name), calls) - cost(plain[library], calls)
            for library, (owner, name, calls) in table.items()
        }
    worst = max(added, key=added.__getitem__)
    beside = ", ".join(f"{library} {seconds * 1e6:.1f}" for library, seconds in added.items())
    return [Figure(f"an installed door, per call elsewhere ({worst})", added[worst] * 1e6, "us", 5, False, beside)]


def cost(function: Callable[..., Any], calls: list[tuple[Any, ...]]) -> float:
    """Give the seconds per call, median of rounds."""
    run = partial(driven, function) if asyncio.iscoroutinefunction(function) else function
    rounds = []
    for _ in range(30):
        started = time.perf_counter()
        for arguments in calls:
            run(*arguments)
        rounds.append((time.perf_counter() - started) / len(calls))
    return statistics.median(rounds)


def driven(function: Callable[..., Any], *arguments: object) -> None:
    """Run a coroutine that waits for nothing."""
    with suppress(StopIteration):
        function(*arguments).send(None)


if __name__ == "__main__":
    print(*measure(), sep="\n")
