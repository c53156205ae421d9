"""Counts of an endpoint laid out by day: what happened to the patients of an arm on each distinct time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.survival.tied_times import on_a_time
from jaksim.errors import InputError
from jaksim.kernel.jit import inner
from jaksim.key import Key

CENSORED, EVENT, COMPETING = 0, 1, 2
POOLED = "pooled"
STRATA = Key("strata", "text", "strata: weighted by their patients, or pooled", "weighted", ("weighted", POOLED))


def by_day(
    time: ArrayLike, status: ArrayLike, *, competing: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct times (T,) in ascending order; per category (K,) the number of its time, -1 if left out, and its status.

    Without `competing` a competing event counts as censored at its time.
    """
    times, states = np.asarray(time, dtype=np.float64), np.asarray(status, dtype=np.int64)
    known = np.isfinite(times) & (states >= 0)
    days, number = np.unique(times[known], return_inverse=True)
    position = np.full(times.shape, -1, dtype=np.int64)
    position[known] = number
    return days, position, np.where((states == COMPETING) & (not competing), CENSORED, states)


def chosen_day(options: Mapping[str, Any], name: str, times: NDArray[np.float64]) -> float:
    """The option's day, NaN for None (the last day on which all arms are followed); InputError if unusable.

    A day that differs from one of the `times` (T,) by rounding alone is that time.
    """
    day = options.get(name)
    if day is None:
        return math.nan
    if isinstance(day, bool) or not isinstance(day, (int, float)) or not 0.0 < day < math.inf:
        raise InputError("not a day", where=f"option {name}", allowed="a number of days above 0", got=day)
    return on_a_time(float(day), times)


@inner
def lay_out(table: Any, position: Any, status: Any, counts: Any, risk: Any) -> None:
    """Fill counts (3, T), patients censored, with the event and with a competing one per day, and risk (T + 1,).

    `table` (S, K) is one arm; its strata are pooled. Those of a day are at risk on it.
    """
    counts[:] = 0.0
    for s in range(table.shape[0]):
        for k in range(position.shape[0]):
            if position[k] >= 0:
                counts[np.uint64(status[k]), np.uint64(position[k])] += table[s, k]
    n_days = counts.shape[1]
    risk[n_days] = 0.0
    for t in range(n_days - 1, -1, -1):
        risk[t] = risk[t + 1] + counts[0, t] + counts[1, t] + counts[2, t]


@inner
def last_known_day(counts: Any, risk: Any, days: Any) -> Any:
    """The day up to which the curves of an arm are known: the last with a patient, infinite if all had events by it."""
    for t in range(days.shape[0] - 1, -1, -1):
        if risk[t] > 0.0:
            return days[t] if counts[0, t] > 0.0 else math.inf
    return 0.0


@inner
def common_day(tables: Any, pooled: Any, position: Any, status: Any, days: Any, counts: Any, risk: Any) -> Any:
    """The last day on which the curves of both arms (and of all strata, unless pooled) are known."""
    day = days[days.shape[0] - 1]
    n_parts = 1 if pooled else tables.shape[1]
    for part in range(n_parts):
        if pooled or (tables[0, part].sum() > 0.0 and tables[1, part].sum() > 0.0):
            for arm in range(2):
                strata = tables[arm] if pooled else tables[arm, part : part + 1]
                lay_out(strata, position, status, counts, risk)
                day = min(day, last_known_day(counts, risk, days))
    return day
