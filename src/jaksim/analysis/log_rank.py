"""Stratified log-rank test with Peto's one-step log hazard ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import EVENT, LAST_EVENT, latest_first
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.kernel.jit import kernel

ESTIMAND = "log hazard ratio of the event, active against reference, Peto one-step"
SMALLEST_RISK = 1e-300


def log_rank(table: ArrayLike, time: ArrayLike, status: ArrayLike, *, level: float = 0.95) -> AnalysisResult:
    """Stratified log-rank test of a table (2, S, K) whose categories have a time and a status.

    Status 1 is the event; 0 is censored; 2, a competing event, counts as censored at its time (cause-specific).
    The estimate is U/V and z = U/sqrt(V), with U = observed - expected events of the active arm and V the
    hypergeometric variance under ties (Mantel 1966; Peto et al. 1977), both summed over strata.
    """
    tables = one_table(table)
    k = tables.shape[-1]
    order, role = latest_first(per_category(time, np.float64, k, "time"), per_category(status, np.int64, k, "status"))
    out = np.empty((1, 3))
    log_rank_kernel(tables, order, role, out)
    n = float(tables[..., order].sum())
    return summarise("log_rank", ESTIMAND, out[0], n, level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    tables = block(tables, out, len(endpoint.time))
    order, role = latest_first(np.asarray(endpoint.time), np.asarray(endpoint.status))
    log_rank_kernel(tables, order, role, out)


@kernel
def log_rank_kernel(tables: Any, order: Any, role: Any, out: Any) -> None:
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
                    share = risk_1 / risk
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


METHOD = Method(
    name="log_rank",
    kinds=("time_to_event",),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="hazard_ratio",
)
