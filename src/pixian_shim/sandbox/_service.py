"""What one sandbox is: its settings, its account, its faults, its journal, and the work itself."""

from __future__ import annotations

import hmac
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs

from pixian_shim.pixian import MAX_BASE64_CHARACTERS, MAX_UPLOAD_BYTES
from pixian_shim.sandbox._credits import Ledger, per_megapixel
from pixian_shim.sandbox._engines import check_engine, find_engine
from pixian_shim.sandbox._faults import FaultQueue
from pixian_shim.sandbox._journal import Journal
from pixian_shim.sandbox._rejections import UNKNOWN_ID, WRONG_SECRET, Rejected

if TYPE_CHECKING:
    from pixian_shim.geometry import Size
    from pixian_shim.pixian import Parameters
    from pixian_shim.sandbox._credits import Formula
    from pixian_shim.sandbox._engines import Engine, Model
    from pixian_shim.sandbox._process import Finished

WORKERS = 2
"""Pictures that are worked on at once; others wait."""


@attrs.frozen(kw_only=True)
class Settings:
    """How a sandbox behaves.

    Attributes:
        engine: who finds the subject; see ``find_engine``.
        api_id: the accepted API Id.
        api_secret: the accepted API Secret.
        credits: at the start.
        formula: from pixels processed to credits.
        workers: pictures worked on at once.
        max_bytes: of one upload.
        max_base64: characters of ``image.base64``.
        open_control: whether the control plane answers to other machines, too.
    """

    engine: str | Model | Engine = "u2netp"
    api_id: str = "sandbox"
    api_secret: str = attrs.field(default="sandbox", repr=False)
    credits: float = 1000.0
    formula: Formula = per_megapixel
    workers: int = WORKERS
    max_bytes: int = MAX_UPLOAD_BYTES
    max_base64: int = MAX_BASE64_CHARACTERS
    open_control: bool = False


@attrs.frozen
class Worked:
    """A finished picture with its price."""

    finished: Finished
    orientation: int
    input_size: Size
    price: float


class Service:
    """Carry out requests that were read already; knows nothing of HTTP."""

    def __init__(self, settings: Settings) -> None:
        check_engine(settings.engine)  # told at the start, not with the first picture
        self.settings = settings
        self.ledger = Ledger(settings.credits, settings.formula)
        self.faults = FaultQueue()
        self.journal = Journal()
        self.workers = ThreadPoolExecutor(settings.workers, thread_name_prefix="sandbox")

    def check(self, api_id: str, api_secret: str) -> None:
        """Compare credentials in constant time.

        Raises:
            Rejected: another id, or another secret.
        """
        if not hmac.compare_digest(api_id.encode(), self.settings.api_id.encode()):
            raise Rejected(UNKNOWN_ID)
        if not hmac.compare_digest(api_secret.encode(), self.settings.api_secret.encode()):
            raise Rejected(WRONG_SECRET)

    def remove_background(self, content: bytes, parameters: Parameters) -> Worked:
        """Work on one picture; blocks. Charged only if it succeeds, and never for a test.

        Raises:
            Rejected: unreadable, too large, not paid for.
            InvalidParameter: parameters that do not fit together.
        """
        from pixian_shim.sandbox._process import open_picture, processed_size, remove_background

        picture = open_picture(content)
        price = self.ledger.price(processed_size(picture, parameters).pixels)
        charge = 0.0 if parameters.test else price
        if charge:
            self.ledger.charge(charge)
        try:
            finished = remove_background(picture, parameters, find_engine(self.settings.engine))
        except BaseException:
            self.ledger.refund(charge)
            raise
        return Worked(finished, picture.orientation, picture.size, price)

    def reset(self) -> None:
        """Go back to the start: credits, no faults, an empty journal."""
        self.ledger.reset()
        self.faults.clear()
        self.journal.clear()

    def close(self) -> None:
        """Stop the workers after what they are doing."""
        self.workers.shutdown(wait=True, cancel_futures=True)
