"""Weights of the event times in a weighted log-rank test, to be looked at by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.survival.methods.weighted_log_rank import WEIGHTS
from jaksim.analysis.survival.tied_times import tied
from jaksim.analysis.survival.weighted_scores import MODEST_SURVIVAL, weight_of_day
from jaksim.arrays import Floats
from jaksim.errors import InputError

MODEST: Final = "modest"
FAMILIES: Final = (*WEIGHTS, MODEST)

# Compiled it can be called from kernels only.
_WEIGHT: Final[Callable[..., float]] = weight_of_day.py_func  # type: ignore[attr-defined]


@dataclass(frozen=True)
class LogRankWeights:
    """Times with an event (T,), patients of both arms at risk then (T,), and the weight of each time (T,)."""

    time: Floats
    at_risk: Floats
    weight: Floats


def log_rank_weights(
    time: ArrayLike,
    status: ArrayLike,
    *,
    weight: str = "fleming_harrington",
    rho: float = 0.0,
    gamma: float = 0.0,
    s_star: float = 0.5,
) -> LogRankWeights:
    """Weights that `weighted_log_rank`, or for "modest" `modestly_weighted_log_rank`, gives to the times of events.

    `time` and `status` (n,) are those of all patients of one stratum, both arms together; status 1 is the event, any
    other ends the follow-up. InputError for another weight or shape.
    """
    if weight not in FAMILIES:
        raise InputError("unknown weight", where="weight", allowed=FAMILIES, got=weight)
    times, events = tied(np.asarray(time, dtype=np.float64)), np.asarray(status) == 1
    if times.ndim != 1 or times.shape != events.shape:
        raise InputError("one status per time is needed", where="status", allowed=str(times.shape), got=events.shape)
    family = (MODEST_SURVIVAL, s_star, 0.0) if weight == MODEST else (WEIGHTS[weight], rho, gamma)
    days, count = np.unique(times[events], return_counts=True)
    at_risk = (times >= days[:, np.newaxis]).sum(axis=1).astype(np.float64)
    free = np.concatenate([[1.0], np.cumprod(1.0 - count / at_risk)[:-1]]) if len(days) else at_risk
    peto = np.cumprod(1.0 - count / (at_risk + 1.0))
    found = [_WEIGHT(family, s_star, *day) for day in zip(free, peto, at_risk, strict=True)]
    return LogRankWeights(days, at_risk, np.array(found, dtype=np.float64))
