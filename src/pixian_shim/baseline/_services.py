"""Who else can be asked a provider's questions, so that the answers can be compared: Pixian, or a library here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import Upload, estimated_credits
from pixian_shim.translation import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_shim.shim import Shim
    from pixian_shim.translation import Adapter, Call, HttpRequest


@attrs.frozen
class Service:
    """Somebody who answers a provider's calls in the provider's own shape.

    Attributes:
        name: that a folder of its answers is known by.
        send: asks it.
        price: the most credits of its own that a call can cost.
        charged: what an answer cost; ``None`` where nobody knows.
    """

    name: str
    send: Callable[[Adapter, HttpRequest], HttpResponse]
    price: Callable[[Call], float]
    charged: Callable[[HttpResponse], float | None]


def through_shim(shim: Shim, name: str = "pixian") -> Service:
    """Ask Pixian what the provider would have been asked, translated as for a program that is migrated.

    Args:
        shim: carries the calls out.
        name: ``sandbox`` where that is what the shim asks.
    """
    return Service(name, shim.serve, _price, _charged)


def rembg() -> Service:
    """Ask the library rembg, on this machine; parameters are left aside.

    Raises:
        ConfigurationError: it is not installed, or has no model. It is no extra of this package: it brings models and
            a runtime of its own.
    """
    try:
        library = import_module("rembg")
        session = library.new_session()
    except ImportError as error:
        raise ConfigurationError(f'rembg cannot be imported here: pip install "rembg[cpu]" ({error})') from error
    except Exception as error:  # the model is fetched when a session is made, by whatever means rembg has
        raise ConfigurationError(f"rembg cannot start, perhaps its model cannot be fetched: {error}") from error

    def send(_adapter: Adapter, request: HttpRequest) -> HttpResponse:
        items = () if request.parsed is None else request.parsed.items
        upload = next(value for _, value in items if isinstance(value, Upload))
        return HttpResponse(200, {"Content-Type": "image/png"}, library.remove(upload.read(), session=session))

    return Service("rembg", send, lambda _call: 0.0, lambda _answer: 0.0)


def _price(call: Call) -> float:
    upload = next((value for _, value in call.form if isinstance(value, Upload)), None)
    size = upload.header.size if upload is not None and upload.header is not None else None
    return estimated_credits(None if size is None else size.pixels)


def _charged(answer: HttpResponse) -> float | None:
    if answer.error is not None:
        return float(getattr(answer.error, "credits_charged", 0.0))
    return float(getattr(answer.ending, "credits_charged", 0.0))
