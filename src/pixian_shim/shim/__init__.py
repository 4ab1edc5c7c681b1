"""Runs a plan, sync and async, wherever the call came from."""

from pixian_shim.shim._default import Serves, default_shim, using
from pixian_shim.shim._fetch import Fetcher
from pixian_shim.shim._links import LINK_PATH, Links
from pixian_shim.shim._shim import AsyncShim, Shim

__all__ = ["LINK_PATH", "AsyncShim", "Fetcher", "Links", "Serves", "Shim", "default_shim", "using"]
