"""Curves of one arm over time: probability of the event, survival, patients at risk."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.survival.tied_times import TOLERANCE, tied
from jaksim.arrays import Floats


@dataclass(frozen=True, eq=False)
class Curve:
    """Distinct times (T,), patients at risk just before each, and the cumulative incidence of the event after it.

    The incidence is that of Aalen and Johansen, 1 - Kaplan-Meier where nothing competes. `survival` is Kaplan-Meier
    with competing events censored, `low` and `high` its 95 % interval on the log-log scale with Greenwood's variance.
    """

    time: Floats
    at_risk: Floats
    incidence: Floats
    survival: Floats
    low: Floats
    high: Floats

    @property
    def median(self) -> float | None:
        """First time at which half of the patients have had the event, None if never.

        Where the curve stays at a half it is the middle between that time and the next at which it rises, as
        survival::survfit and SAS PROC LIFETEST have it; a curve that stays there to its end has the first time.
        """
        reached = np.flatnonzero(self.incidence >= 0.5 - TOLERANCE)
        if not len(reached):
            return None
        first = int(reached[0])
        beyond = np.flatnonzero(self.incidence > self.incidence[first])
        flat = abs(self.incidence[first] - 0.5) < TOLERANCE and len(beyond) > 0
        return float(self.time[first] + self.time[beyond[0]]) / 2.0 if flat else float(self.time[first])


def curve(counts: Floats, time: Floats, status: NDArray[np.int64]) -> Curve:
    """The curve of counts (K,) of categories with a time and a status (0 censored, 1 event, 2 competing)."""
    known = np.isfinite(time) & (status >= 0)
    times, place = np.unique(tied(time[known]), return_inverse=True)

    def at(*chosen: int) -> Floats:
        use = np.isin(status[known], chosen)
        return np.asarray(np.bincount(place[use], weights=counts[known][use], minlength=len(times)), dtype=np.float64)

    events, competing, leaving = at(1), at(2), at(0, 1, 2)
    at_risk = leaving[::-1].cumsum()[::-1]
    share = np.divide(1.0, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0)
    free = np.cumprod(1.0 - (events + competing) * share)
    incidence = np.cumsum(np.concatenate([[1.0], free[:-1]]) * events * share)
    survival = np.cumprod(1.0 - events * share)
    rest = at_risk * (at_risk - events)
    greenwood = np.cumsum(np.divide(events, rest, out=np.zeros_like(rest), where=rest > 0))
    inside = (survival > 0.0) & (survival < 1.0)
    log = np.log(survival, out=np.full_like(survival, math.nan), where=inside)
    width = 1.959964 * np.sqrt(greenwood) / np.abs(log)
    low = np.where(inside, survival ** np.exp(width), survival)
    high = np.where(inside, survival ** np.exp(-width), survival)
    return Curve(times, at_risk, incidence, survival, low, high)
