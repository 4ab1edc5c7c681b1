"""Who answers a call: a pure function of a flag and a unit, the same in every process and on every day."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

import attrs

from pixian_shim.errors import ConfigurationError
from pixian_shim.rollout._buckets import BUCKETERS, BUCKETS

DEFAULT_SALT = "pixian-shim"


class Origin(StrEnum):
    """Who is asked."""

    LEGACY = "legacy"
    PIXIAN = "pixian"

    @property
    def other(self) -> Origin:
        """The one that is not asked."""
        return Origin.PIXIAN if self is Origin.LEGACY else Origin.LEGACY


class Stage(StrEnum):
    """How far a migration has come."""

    OFF = "off"
    """The provider answers every call; Pixian is asked nothing."""
    SHADOW = "shadow"
    """The provider answers; Pixian is asked a sample of the same, and nobody waits for it."""
    CANARY = "canary"
    """Pixian answers a percentage of units, the provider the others."""
    LIVE = "live"
    """Pixian answers; the provider can be asked a sample, and is there to fall back on."""
    COMPLETE = "complete"
    """Pixian answers; the provider is never asked, whatever happens."""


class Reason(StrEnum):
    """Why an origin was chosen; the words follow OpenFeature's where it has one."""

    STATIC = "static"
    """The stage alone decides."""
    SPLIT = "split"
    """The unit's bucket is within, or beyond, the percentage."""
    NO_UNIT = "no_unit"
    """There is nothing to tell the call's unit by, so that the provider answers it."""
    TARGETING = "targeting"
    """A flag tool, or a function of the user's, decided about this unit."""
    ERROR = "error"
    """The source of decisions failed, so that the provider answers."""


@attrs.frozen(kw_only=True)
class Decision:
    """Who answers one call, and why."""

    origin: Origin
    stage: Stage
    reason: Reason
    bucket: int | None = None
    """Of the unit, 0 to 9,999; ``None`` where no bucket was needed."""
    salt: str = ""
    flag_version: str = ""
    shadow: bool = False
    """Whether the other origin may be asked the same, after the answer and within its budget."""


class Source(Protocol):
    """Whatever can decide: a flag, a watched file, a flag tool's client."""

    def decide(self, unit: str | None) -> Decision:
        """Decide about a unit; ``None`` where a call has none. Must be quick, and must not raise."""
        ...


def _stage(value: str) -> Stage:
    try:
        return Stage(value.strip().lower())
    except (ValueError, AttributeError):
        raise ConfigurationError(f"unknown stage {value!r}: one of {', '.join(Stage)} is expected") from None


def _percent(_flag: object, _attribute: object, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:  # noqa: PLR2004
        raise ConfigurationError(f"percent must be a number from 0 to 100, not {value!r}")


def _text(_flag: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise ConfigurationError(f"{attribute.name} must be a text, not {value!r}")


def _switch(_flag: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{attribute.name} must be true or false, not {value!r}")


def _bucketer(_flag: object, _attribute: object, value: object) -> None:
    if value not in BUCKETERS:
        raise ConfigurationError(f"unknown bucketer {value!r}: one of {', '.join(BUCKETERS)} is expected")


@attrs.frozen(kw_only=True)
class Flag:
    """A migration's setting at one time.

    Raises:
        ConfigurationError: a value that cannot be.
    """

    stage: Stage = attrs.field(default=Stage.OFF, converter=_stage)
    percent: float = attrs.field(default=0.0, validator=_percent)
    """Of units that Pixian answers, in stage ``canary``; resolution is a hundredth of a percent."""
    salt: str = attrs.field(default=DEFAULT_SALT, validator=_text)
    """Keep it while widening: another salt chooses other units."""
    bucketer: str = attrs.field(default="pixian-shim", validator=_bucketer)
    version: str = attrs.field(default="", validator=_text)
    """For the observations: which setting decided."""
    shadow: bool = attrs.field(default=False, validator=_switch)
    """Whether in ``canary`` and ``live`` the other origin is asked a sample as well; in ``shadow`` it always is."""

    def decide(self, unit: str | None) -> Decision:
        """Decide about a unit.

        The same flag and unit give the same decision everywhere. A higher percentage keeps every unit that a lower one
        chose, and a lower one chooses no new ones.
        """
        if self.stage is not Stage.CANARY:
            pixian = self.stage in (Stage.LIVE, Stage.COMPLETE)
            return self._decision(pixian=pixian, reason=Reason.STATIC)
        if unit is None:
            return self._decision(pixian=False, reason=Reason.NO_UNIT)
        bucket = BUCKETERS[self.bucketer](self.salt, unit)
        return self._decision(pixian=bucket < self.threshold, reason=Reason.SPLIT, bucket=bucket)

    @property
    def threshold(self) -> int:
        """The first bucket that Pixian does not answer."""
        return round(self.percent * BUCKETS / 100)

    def _decision(self, *, pixian: bool, reason: Reason, bucket: int | None = None) -> Decision:
        stage = self.stage
        return Decision(
            origin=Origin.PIXIAN if pixian else Origin.LEGACY,
            stage=stage,
            reason=reason,
            bucket=bucket,
            salt=self.salt if bucket is not None else "",
            flag_version=self.version,
            shadow=stage is Stage.SHADOW or (self.shadow and stage in (Stage.CANARY, Stage.LIVE)),
        )
