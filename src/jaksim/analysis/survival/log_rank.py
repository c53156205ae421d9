"""Stratified log-rank test with Peto's one-step log hazard ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Iterated, Method, Tables, Z, block
from jaksim.analysis.ordering import EVENT, LAST_EVENT, latest_first
from jaksim.analysis.permutation import ALIKE, DISTRIBUTIONS, OPTION, PERMUTATION, add_stratum, fill_normal_values
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse_times
from jaksim.analysis.survival.iterated import COX, iterated_log_ratio
from jaksim.arrays import Integers
from jaksim.kernel.jit import kernel

ESTIMAND = "log hazard ratio of the event, active against reference, Peto's one-step estimate from the log-rank score"
SMALLEST_RISK = 1e-300


def log_rank(
    table: ArrayLike, time: ArrayLike, status: ArrayLike, *, distribution: str = "normal", level: float = 0.95
) -> AnalysisResult:
    """Stratified log-rank test of a table (2, S, K) whose categories have a time and a status.

    Status 1 is the event; 0 is censored; 2, a competing event, counts as censored at its time (cause-specific).
    The estimate is U/V and z = U/sqrt(V), with U = observed - expected events of the active arm and V the
    hypergeometric variance under ties (Mantel 1966; Peto et al. 1977), both summed over strata. With `distribution`
    "permutation" z is that of U under randomisation of the patients within strata (Peto and Peto 1972), corrected for
    skewness and kurtosis, which takes for granted that censoring is alike in both arms.
    """
    return analyse_times(METHOD, table, time, status, {"distribution": distribution}, level)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    tables = block(tables, out, len(endpoint.time))
    _fill(tables, *latest_first(np.asarray(endpoint.time), np.asarray(endpoint.status)), options, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the score test of a log hazard ratio of `value`."""
    evaluate(tables, endpoint, options, out)
    against = np.empty((len(tables), 3))
    order, role = latest_first(np.asarray(endpoint.time), np.asarray(endpoint.status))
    log_rank_kernel(block(tables, out, len(endpoint.time)), order, role, math.exp(value), against)
    out[:, Z] = against[:, Z]


def _fill(
    tables: Tables, order: Integers, role: Integers, options: Mapping[str, Any], out: NDArray[np.float64]
) -> None:
    log_rank_kernel(tables, order, role, 1.0, out)
    if options.get("distribution") == PERMUTATION:
        moments = np.zeros((len(tables), 4))
        moments_kernel(tables, order, role, moments)
        fill_normal_values(moments, out)


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
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="one_step_hazard_ratio",
    evaluate_against=evaluate_against,
    iterated=Iterated(COX, lambda tables, endpoint, _: iterated_log_ratio(tables, endpoint)),
    options={"distribution": OPTION},
    choices={"distribution": DISTRIBUTIONS},
)
