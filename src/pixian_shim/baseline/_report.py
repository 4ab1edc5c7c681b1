"""What a run that records did, or would do."""

from __future__ import annotations

import attrs


@attrs.define
class Report:
    """What a run did, or would do."""

    photos: int = 0
    calls: int = 0
    """Photos times sets of parameters."""
    recorded: int = 0
    """Before this run."""
    unknown: int = 0
    """Asked by an earlier run that was cut off: perhaps paid for, and not asked again unless that is wanted."""
    price: float = 0.0
    """The most credits that the rest can cost."""
    enough: float = 0.0
    """The budget that covers the rest as well as what earlier runs have spent; to whole hundredths."""
    made: int = 0
    """In this run, answers with an error among them."""
    refused: int = 0
    """Of these, answers with a status from 400 on."""
    failed: int = 0
    """Of these, failures of the service (408, 429, from 500 on) that cost nothing: the next run asks again."""
    credits: float = 0.0
    """Charged in this run, as far as the answers say."""
    doubtful: int = 0
    """Calls of this run without an answer, or where the service failed and did not say what it charged: perhaps paid
    for."""
    pictures: int = 0
    """Kept in this run beside answers that hold them inside, or link to them; of earlier answers as well."""
    missing: int = 0
    """Pictures that answers lead to and that are not there: the next run tries again, and pays nothing for it."""
    why_missing: str = ""
    """One of the reasons."""
    stopped: str = ""
    """Why the run ended early."""
    over: bool = False
    """Whether that is its budget: ``enough`` says what would not have ended it."""
    skipped: list[str] = attrs.field(factory=list)
    """Files that are no pictures."""

    @property
    def left(self) -> int:
        """How many calls have no answer yet; that the service failed is none."""
        return self.calls - self.recorded - self.made + self.failed

    @property
    def complete(self) -> bool:
        """Whether every call has its answer."""
        return self.left == 0
