"""Who else can be asked a provider's questions, so that the answers can be compared: Pixian, or a library here."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from pixian_shim.errors import ConfigurationError, ImageError, ResponseError, ShimError
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

    What goes wrong with one photo is a refusal in the provider's shape, with what it cost all the same.

    Args:
        shim: carries the calls out.
        name: ``sandbox`` where that is what the shim asks.
    """

    def send(adapter: Adapter, request: HttpRequest) -> HttpResponse:
        try:
            return shim.serve(adapter, request)
        except ShimError:  # no answer at all
            raise
        except Exception as error:  # noqa: BLE001 (a lack of memory for one photo is not the end of all)
            refused = ShimError(f"{type(error).__name__}: {error}")
            refused.result = getattr(error, "result", None)  # type: ignore[attr-defined]
            return attrs.evolve(adapter.refuse(None, refused), error=refused)

    return Service(name, send, price_at_pixian, _charged)


def rembg() -> Service:
    """Ask the library rembg, on this machine; parameters are left aside.

    A photo that it cannot do is a refusal in the provider's shape.

    Raises:
        ConfigurationError: it is not installed, or has no model, or a drop-in stands in its place in this process. It
            is no extra of this package: it brings models and a runtime of its own.
    """
    try:
        library = _itself("rembg")
        session = library.new_session()
    except (ImportError, SystemExit) as error:  # it ends the program where it finds no runtime for its models
        raise ConfigurationError(f'rembg cannot be imported here: pip install "rembg[cpu]" ({error})') from error
    except ConfigurationError:
        raise
    except Exception as error:  # the model is fetched when a session is made, by whatever means rembg has
        raise ConfigurationError(f"rembg cannot start, perhaps its model cannot be fetched: {error}") from error

    def send(adapter: Adapter, request: HttpRequest) -> HttpResponse:
        items = () if request.parsed is None else request.parsed.items
        upload = next((value for _, value in items if isinstance(value, Upload)), None)
        if upload is None:
            return adapter.refuse(None, ImageError("rembg takes a picture itself, not its address"))
        content = upload.read()
        try:
            return HttpResponse(200, {"Content-Type": "image/png"}, library.remove(content, session=session))
        except (OSError, ValueError) as error:  # Pillow's words for what is no picture
            return adapter.refuse(None, ImageError(f"rembg cannot read it: {error}"))
        except Exception as error:  # noqa: BLE001 (as above)
            return adapter.refuse(None, ShimError(f"rembg failed: {type(error).__name__}: {error}"))

    return Service("rembg", send, lambda _call: 0.0, lambda _answer: 0.0)


def _itself(name: str) -> Any:
    """Import a library, and no drop-in that stands in its place.

    Raises:
        ConfigurationError: one does.
    """
    library = import_module(name)
    if library.__name__ != name:
        raise ConfigurationError(
            f"import {name} gives {library.__name__} in this process, which asks Pixian and is not free: ask the "
            f"library itself in a process without alias({name!r})"
        )
    return library


def price_at_pixian(call: Call) -> float:
    """Give the most credits that Pixian can charge for a call, as far as its picture tells."""
    upload = next((value for _, value in call.form if isinstance(value, Upload)), None)
    size = upload.header.size if upload is not None and upload.header is not None else None
    return estimated_credits(None if size is None else size.pixels)


def _charged(answer: HttpResponse) -> float | None:
    """Tell what an answer cost; ``None`` where Pixian has answered and what it said of credits is lost."""
    error = answer.error
    told = answer.ending if error is None else getattr(error, "result", None) or error
    charged = getattr(told, "credits_charged", None)
    if charged is None and isinstance(error, ResponseError):
        charged = error.headers.get("x-credits-charged")
        if charged is None or not re.fullmatch(r"\d{1,9}(\.\d+)?", charged):
            return None
    return float(charged or 0.0)
