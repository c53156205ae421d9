"""Gray's stratified test of the cumulative incidence of an event with competing events.

A day weighs (1 - F(t-))^rho, F the incidence of both arms. z is the signed root of the chi-squared of Gray (1988,
Annals of Statistics 16:1141), with the variance for ties of his program. The estimate is score over information of the
subdistribution hazards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.analysis.counts import ESTIMATE, CategoryMeanings, Options, Tables
from jaksim.analysis.method import Iterated, Method, always
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.survival.days import by_day, lay_out
from jaksim.analysis.survival.methods.fine_gray import METHOD as FINE_GRAY
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

ESTIMAND = (
    "log subdistribution hazard ratio of the event, active against reference, one-step estimate from Gray's score"
)


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    days, position, status = by_day(endpoint.time, endpoint.status, competing=True)
    gray_kernel(tables, position, status, days.shape[0], float(options["rho"]), out)


def _iterated(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
    out = np.empty((len(tables), 3))
    FINE_GRAY.evaluate(tables, endpoint, {}, out)
    return out[:, ESTIMATE]


@kernel
def gray_kernel(tables: Any, position: Any, status: Any, n_days: Any, rho: Any, out: Any) -> None:
    counts = np.empty((2, 3, n_days))
    risk = np.empty((2, n_days + 1))
    work = np.empty((6, n_days))
    for b in range(tables.shape[0]):
        score = slope = variance = 0.0
        for s in range(tables.shape[2]):
            for arm in range(2):
                lay_out(tables[b, arm, s : s + 1], position, status, counts[arm], risk[arm])
            if risk[0, 0] > 0.0 and risk[1, 0] > 0.0:
                u, i = _score(counts, risk, rho, work)
                score += u
                slope += i
                variance += _variance(counts, risk, work)
        if variance > 0.0 and slope > 0.0:
            out[b, 0] = score / slope
            out[b, 1] = np.sqrt(variance) / slope
            out[b, 2] = score / np.sqrt(variance)
        else:
            out[b, :] = np.nan


@inner
def _score(counts: Any, risk: Any, rho: Any, work: Any) -> Any:
    """Score of the active arm and its slope; fills work with what the variance needs of each day.

    With h_j = Y_j / S_j(t-) and R_j = h_j (1 - F_j(t-)), D events expect D R_1 / (R_0 + R_1) in the active arm, and
    the incidence of both arms grows by D / (h_0 + h_1). Rows of work: S_0(t-), S_1(t-), F(t), D / (h_0 + h_1), the
    weight a = h_0 h_1 / (h_0 + h_1) with its power of 1 - F(t-), and the sum c(t) of a dF / (1 - F(t-)).
    """
    free = np.ones(2)
    incidence = np.zeros(2)
    pooled = score = slope = c = 0.0
    for t in range(counts.shape[2]):
        work[0, t] = free[0]
        work[1, t] = free[1]
        h_0 = risk[0, t] / free[0] if risk[0, t] > 0.0 else 0.0
        h_1 = risk[1, t] / free[1] if risk[1, t] > 0.0 else 0.0
        h = h_0 + h_1
        r_0 = h_0 * (1.0 - incidence[0])
        r_1 = h_1 * (1.0 - incidence[1])
        events = counts[0, 1, t] + counts[1, 1, t]
        growth = events / h if h > 0.0 else 0.0
        rest = max(0.0, 1.0 - pooled)
        power = rest**rho
        weight = power * h_0 * h_1 / h if h > 0.0 else 0.0
        if events > 0.0:
            score += power * (counts[1, 1, t] - events * r_1 / (r_0 + r_1))
            slope += power * events * r_0 * r_1 / (r_0 + r_1) ** 2
            c += weight * growth / rest if rest > 0.0 else 0.0
        pooled += growth
        work[2, t] = pooled
        work[3, t] = growth
        work[4, t] = weight
        work[5, t] = c
        for arm in range(2):
            if risk[arm, t] > 0.0:
                incidence[arm] += free[arm] * counts[arm, 1, t] / risk[arm, t]
                gone = counts[arm, 1, t] + counts[arm, 2, t]
                free[arm] *= max(0.0, risk[arm, t] - gone) / risk[arm, t]
    return score, slope


@inner
def _variance(counts: Any, risk: Any, work: Any) -> Any:
    """Sum over arms, days and causes of the variance of the events times the squared slope of the score in them."""
    n_days = counts.shape[2]
    variance = 0.0
    for arm in range(2):
        for t in range(n_days):
            n = risk[arm, t]
            if n > 0.0:
                before = work[arm, t]
                after = before * max(0.0, n - counts[arm, 1, t] - counts[arm, 2, t]) / n
                later = (1.0 - work[2, t]) / after if after > 0.0 else 0.0
                to_come = work[5, n_days - 1] - work[5, t]
                growth = work[3, t]
                if growth > 0.0:
                    ties = 1.0
                    events = counts[0, 1, t] + counts[1, 1, t]
                    if events > 1.0 and events / growth * before > 1.0:
                        ties -= (events - 1.0) / (events / growth * before - 1.0)
                    slope = work[4, t] + (1.0 - later) * to_come
                    variance += ties * before * growth / n * slope * slope
                rivals = counts[arm, 2, t]
                if rivals > 0.0:
                    ties = (n - rivals) / (n - 1.0) if rivals > 1.0 else 1.0
                    variance += ties * (before / n * later * to_come) ** 2 * rivals
    return variance


METHOD = Method(
    name="gray",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="event",
    fill=fill,
    words="Gray's test",
    ratio_name="one_step_subdistribution_hazard_ratio",
    options=(Key("rho", "number", "power of one minus the incidence in the weight of a day", 0.0, low=0.0, high=10.0),),
    nuisance={"time_to_event": EVENTS},
    within_strata=always,
    competing=True,
    iterated=Iterated("Fine-Gray model", _iterated),
    about=__doc__,
)
