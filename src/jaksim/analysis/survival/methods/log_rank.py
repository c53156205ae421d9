"""Stratified log-rank test with Peto's one-step log hazard ratio.

A competing event counts as censored at its time (cause-specific). The estimate is U/V and z = U/sqrt(V), with U =
observed - expected events of the active arm and V the hypergeometric variance under ties (Mantel 1966; Peto et al.
1977), both summed over strata. With `distribution` "permutation" z is that of U under randomisation of the patients
within strata (Peto and Peto 1972), corrected for skewness and kurtosis, which takes for granted that censoring is
alike in both arms.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables, Z
from jaksim.analysis.method import Iterated, Method, always
from jaksim.analysis.nuisance import EVENTS
from jaksim.analysis.ordering import EVENT, LAST_EVENT, latest_first
from jaksim.analysis.permutation import ALIKE, DISTRIBUTION, PERMUTATION, add_stratum, fill_normal_values
from jaksim.analysis.survival.iterated import COX, iterated_log_ratio
from jaksim.arrays import Floats
from jaksim.kernel.jit import kernel

ESTIMAND = "log hazard ratio of the event, active against reference, Peto's one-step estimate from the log-rank score"
SMALLEST_RISK = 1e-300


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    order, role = latest_first(np.asarray(endpoint.time), np.asarray(endpoint.status))
    log_rank_kernel(tables, order, role, 1.0, out)
    if options["distribution"] == PERMUTATION:
        moments = np.zeros((len(tables), 4))
        moments_kernel(tables, order, role, moments)
        fill_normal_values(moments, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the score test of a log hazard ratio of `value`."""
    fill(tables, endpoint, options, out)
    at_margin = np.empty((len(tables), 3))
    order, role = latest_first(np.asarray(endpoint.time), np.asarray(endpoint.status))
    log_rank_kernel(tables, order, role, math.exp(value), at_margin)
    out[:, Z] = at_margin[:, Z]


@kernel
def log_rank_kernel(tables: Any, order: Any, role: Any, ratio: Any, out: Any) -> None:
    """Fill out (B, 3) by the score and its information at a hazard `ratio`."""
    n_strata = tables.shape[2]
    for b in range(tables.shape[0]):
        u = 0.0
        v = 0.0
        for s in range(n_strata):
            risk_0 = risk_1 = events_0 = events_1 = 0.0
            for i in range(order.shape[0]):
                k = order[i]
                count_0 = tables[b, 0, s, k]
                count_1 = tables[b, 1, s, k]
                risk_0 += count_0
                risk_1 += count_1
                if role[i] >= EVENT:
                    events_0 += count_0
                    events_1 += count_1
                if role[i] == LAST_EVENT:
                    events = events_0 + events_1
                    risk = max(risk_0 + risk_1, SMALLEST_RISK)
                    share = risk_1 * ratio / max(risk_0 + risk_1 * ratio, SMALLEST_RISK)
                    u += events_1 - events * share
                    # 1 for a single event; expected tables may hold less than one event or patient
                    ties = (risk - events) / max(risk - 1.0, SMALLEST_RISK)
                    v += events * share * (1.0 - share) * (ties if events > 1.0 else 1.0)
                    events_0 = events_1 = 0.0
        if v > 0.0:
            out[b, 0] = u / v
            out[b, 1] = 1.0 / math.sqrt(v)
            out[b, 2] = u / math.sqrt(v)
        else:
            out[b, :] = np.nan


@kernel
def moments_kernel(tables: Any, order: Any, role: Any, moments: Any) -> None:
    """Add U and its cumulants under randomisation to moments (B, 4).

    The score of a patient is the event (0 or 1) less the Nelson-Aalen estimate of both arms at the end of follow-up.
    """
    n = order.shape[0]
    counts = np.empty((2, n))
    scores = np.empty(n)
    for b in range(tables.shape[0]):
        for s in range(tables.shape[2]):
            risk = events = 0.0
            for i in range(n):
                counts[0, i] = tables[b, 0, s, order[i]]
                counts[1, i] = tables[b, 1, s, order[i]]
                here = counts[0, i] + counts[1, i]
                risk += here
                scores[i] = 0.0
                if role[i] >= EVENT:
                    events += here
                if role[i] == LAST_EVENT:
                    scores[i] = events / max(risk, SMALLEST_RISK)
                    events = 0.0
            cumulative = 0.0
            for i in range(n - 1, -1, -1):
                cumulative += scores[i]
                scores[i] = (1.0 if role[i] >= EVENT else 0.0) - cumulative
            add_stratum(counts[0], counts[1], scores, ALIKE, moments[b])


METHOD = Method(
    name="log_rank",
    kinds=("time_to_event",),
    reads=("time", "status"),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="event",
    fill=fill,
    fill_at_margin=fill_at_margin,
    words="log-rank test",
    ratio_name="one_step_hazard_ratio",
    options=(DISTRIBUTION,),
    iterated=Iterated(COX, lambda tables, endpoint, _: iterated_log_ratio(tables, endpoint)),
    main=("time_to_event",),
    nuisance={"time_to_event": EVENTS},
    late_entry=("counts",),
    within_strata=always,
    about=__doc__,
)
