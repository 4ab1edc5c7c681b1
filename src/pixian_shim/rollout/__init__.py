"""Moves from a provider to Pixian step by step: a percentage of calls, in the shadow first, and back at any time."""

from pixian_shim.rollout._decision import Decision, Flag, Origin, Reason, Source, Stage
from pixian_shim.rollout._fallback import Breaker, Fallback
from pixian_shim.rollout._observations import Observation, Side
from pixian_shim.rollout._recorder import Recorder, observations
from pixian_shim.rollout._replies import Failure, Reply
from pixian_shim.rollout._rollout import Conduct, Rollout
from pixian_shim.rollout._settings import ENVIRONMENT, load_rollout
from pixian_shim.rollout._shadow import Shadow
from pixian_shim.rollout._sources import FromCallable, FromEnvironment, FromOpenFeature, WatchedFile
from pixian_shim.rollout._summary import Summary
from pixian_shim.rollout._units import unit

__all__ = [
    "ENVIRONMENT",
    "Breaker",
    "Conduct",
    "Decision",
    "Failure",
    "Fallback",
    "Flag",
    "FromCallable",
    "FromEnvironment",
    "FromOpenFeature",
    "Observation",
    "Origin",
    "Reason",
    "Recorder",
    "Reply",
    "Rollout",
    "Shadow",
    "Side",
    "Source",
    "Stage",
    "Summary",
    "WatchedFile",
    "load_rollout",
    "observations",
    "unit",
]
