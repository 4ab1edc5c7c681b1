"""Addresses of results that a drop-in gives out: nothing on the network, and yet what they lead to can be fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from pixian_shim.doors import _claims
from pixian_shim.doors._claims import Interception, Place
from pixian_shim.doors._install import patch
from pixian_shim.shim import LINK_PATH

if TYPE_CHECKING:
    from pixian_shim.translation import Adapter


def fetchable(adapter: Adapter, url: str) -> str:
    """Give the address by which this process can fetch a result, until ``uninstall``.

    A result that is kept here and stands under the provider's own host gets a host's name that no network ever has (RFC
    6761, ``.invalid``), and every door answers it. So it works without ``install``, in nobody's way: in another
    process, or through a library that no door covers, it says at once that it leads nowhere, and nobody is asked.

    Args:
        adapter: of the provider.
        url: as the answer has it; any other address is given back as it is.
    """
    origin, path, name = url.partition(LINK_PATH)
    if not path or origin.partition("://")[2] not in adapter.hosts:
        return url
    host = f"{adapter.name.replace('_', '-')}.pixian-shim.invalid"
    here = f"https://{host}{path}{name}"
    with _claims.lock:
        if _claims.find(here) is None:
            named = attrs.evolve(adapter, name=f"results of {adapter.name}")
            _claims.claim([Interception(named, None, (Place(host),))], replace=True)
    patch()
    return here
