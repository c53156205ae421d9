"""Kaplan-Meier and Aalen-Johansen curves of one arm, with standard errors and pointwise intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.result import normal_quantile, per_category
from jaksim.analysis.survival.days import CENSORED, by_day
from jaksim.analysis.survival.incidence import AALEN, GREENWOOD, incidence_curve_kernel
from jaksim.analysis.survival.tied_times import tied
from jaksim.arrays import Floats
from jaksim.errors import InputError

ROUNDING = 1e-12
"""A smaller probability without the event is what rounding leaves of none."""
INTERVALS = ("plain", "log", "log_log")


@dataclass(frozen=True, eq=False)
class StepFunction:
    """Distinct times (T,), patients `at_risk` just before each, and after it a probability, its standard error, limits.

    Limits are NaN where the scale of the interval does not define them, and where the standard error is.
    """

    time: Floats
    at_risk: Floats
    probability: Floats
    se: Floats
    low: Floats
    high: Floats


def kaplan_meier(
    counts: ArrayLike, time: ArrayLike, status: ArrayLike, *, interval: str = "log_log", level: float = 0.95
) -> StepFunction:
    """Probability of no event by each time from counts (K,) of categories with a time and a status.

    Status 1 is the event; 0, and 2 for a competing event, is censored. The standard error is Greenwood's, NaN once
    the probability is zero; `interval` is "plain", "log" or "log_log", as in survival::survfit.
    """
    times, at_risk, _, se, free = _curve(counts, time, status, competing=False, variance=GREENWOOD)
    se = np.where(free > 0.0, se, np.nan)
    return StepFunction(times, at_risk, free, se, *_limits(free, se, interval, level))


def cumulative_incidence(
    counts: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    variance: str = GREENWOOD,
    interval: str = "plain",
    level: float = 0.95,
) -> StepFunction:
    """Aalen-Johansen probability of the event (status 1) by each time, with competing events (status 2).

    `variance` is "greenwood" (survival::survfit) or "aalen" (cmprsk::cuminc); `interval` is "plain", or "log" or
    "log_log" of one minus the probability.
    """
    if variance not in (GREENWOOD, AALEN):
        raise InputError("unknown value", where="variance", allowed=(GREENWOOD, AALEN), got=variance)
    times, at_risk, incidence, se, _ = _curve(counts, time, status, competing=True, variance=variance)
    free = 1.0 - incidence
    low, high = _limits(np.where(free < ROUNDING, 0.0, free), se, interval, level)
    return StepFunction(times, at_risk, incidence, se, 1.0 - high, 1.0 - low)


def _curve(
    counts: ArrayLike, time: ArrayLike, status: ArrayLike, *, competing: bool, variance: str
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Times, numbers at risk, incidence of the event, its standard error, and the probability without any event.

    Fewer than no patients may be censored at a time, as long as none are at risk: patients who enter late.
    """
    one = np.array(counts, dtype=np.float64)
    if one.ndim != 1 or not np.isfinite(one).all():
        raise InputError("counts have the wrong shape or are missing", where="counts", allowed="(K,)", got=one.shape)
    k = len(one)
    given = tied(per_category(time, np.float64, k, "time")), per_category(status, np.int64, k, "status")
    days, position, states = by_day(*given, competing=competing)
    leaving = np.bincount(position[position >= 0], weights=one[position >= 0], minlength=len(days))
    at_risk = np.asarray(leaving[::-1].cumsum()[::-1])
    if (one[states != CENSORED] < 0.0).any() or (at_risk < 0.0).any():
        raise InputError("a number of events or at risk is negative", where="counts")
    out = np.empty((len(days), 3))
    incidence_curve_kernel(one[np.newaxis], position, states, variance == AALEN, out)
    return days, at_risk, out[:, 0], np.sqrt(np.maximum(out[:, 1], 0.0)), out[:, 2]


def _limits(free: Floats, se: Floats, interval: str, level: float) -> tuple[Floats, Floats]:
    half = normal_quantile(level) * se
    if interval not in INTERVALS:
        raise InputError("unknown value", where="interval", allowed=INTERVALS, got=interval)
    with np.errstate(divide="ignore", invalid="ignore"):
        if interval == "plain":
            low, high = free - half, free + half
        elif interval == "log":
            low, high = free * np.exp(-half / free), free * np.exp(half / free)
        else:
            width = half / (free * -np.log(free))
            low, high = free ** np.exp(width), free ** np.exp(-width)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
