"""Robust (sandwich) standard error of the stratified Cox log hazard ratio, from counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.survival.days import EVENT, lay_out
from jaksim.analysis.survival.efron import reciprocal_sums
from jaksim.kernel.jit import inner, kernel


@kernel
def robust_kernel(tables: Any, position: Any, status: Any, n_days: Any, efron: Any, out: Any) -> None:
    """Replace the standard error and z of fits out (B, 3) by those of Lin and Wei (1989, JASA 84:1074).

    The variance is the sum over patients of their squared score residuals over the squared information, which is taken
    from the standard error that is replaced.
    """
    counts = np.empty((2, 3, n_days))
    risk = np.empty((2, n_days + 1))
    for b in range(tables.shape[0]):
        if out[b, 1] > 0.0:
            spread = 0.0
            for s in range(tables.shape[2]):
                for arm in range(2):
                    lay_out(tables[b, arm, s : s + 1], position, status, counts[arm], risk[arm])
                spread += _spread(counts, risk, math.exp(out[b, 0]), efron)
            out[b, 1] = math.sqrt(spread) * out[b, 1] ** 2
            out[b, 2] = out[b, 0] / out[b, 1] if spread > 0.0 else np.nan


@inner
def _spread(counts: Any, risk: Any, ratio: Any, efron: Any) -> Any:
    """Sum of squared score residuals of the patients of one stratum."""
    spread = 0.0
    past_0 = past_1 = 0.0
    for t in range(counts.shape[2]):
        mean, own_0, own_1, all_0, all_1 = _one_day(counts, risk, t, ratio, efron)
        spread += counts[0, EVENT, t] * (-mean - past_0 - own_0) ** 2
        spread += counts[1, EVENT, t] * (1.0 - mean - ratio * (past_1 + own_1)) ** 2
        past_0 += all_0
        past_1 += all_1
        spread += (risk[0, t] - risk[0, t + 1] - counts[0, EVENT, t]) * past_0**2
        spread += (risk[1, t] - risk[1, t + 1] - counts[1, EVENT, t]) * (ratio * past_1) ** 2
    return spread


@inner
def _one_day(counts: Any, risk: Any, t: Any, ratio: Any, efron: Any) -> Any:
    """Share p of the active arm at an event, and the sum of (arm - p) dLambda for an event and for others at risk.

    Returned as p, event in the reference and active arm, others in the reference and active arm. Under Efron the l-th
    of d tied events has p_l = share + slope / (top - l), as in `cox`, and dLambda_l = d / (D (top - l)) with D the
    weight of the events; an event of that day itself counts 1 - l/d of it, and p is the mean of p_l.
    """
    events = counts[0, EVENT, t] + counts[1, EVENT, t]
    if events <= 0.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    active = risk[1, t] * ratio
    weight = risk[0, t] + active
    if not efron:
        p = active / weight
        hazard = events / weight
        return p, -p * hazard, (1.0 - p) * hazard, -p * hazard, (1.0 - p) * hazard
    event_active = counts[1, EVENT, t] * ratio
    event_weight = counts[0, EVENT, t] + event_active
    top = events * weight / event_weight
    share = event_active / event_weight
    slope = (active - share * weight) * events / event_weight
    first, second = reciprocal_sums(top, events)
    mean = share + slope * first / events
    hazard = events * first / event_weight
    moment = events * (share * first + slope * second) / event_weight
    rest = top - events
    own_hazard = (events - rest * first) / event_weight
    own_moment = (events * share + slope * first - rest * (share * first + slope * second)) / event_weight
    return mean, -own_moment, own_hazard - own_moment, -moment, hazard - moment
