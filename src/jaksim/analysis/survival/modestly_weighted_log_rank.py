"""Stratified modestly weighted log-rank test for effects that begin late (Magirr and Burman 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Iterated, Method, Tables, block
from jaksim.analysis.result import AnalysisResult, summarise
from jaksim.analysis.single_table import survival_table
from jaksim.analysis.survival.days import chosen_day, number_option
from jaksim.analysis.survival.iterated import SAME_WEIGHTS, iterated_log_ratio
from jaksim.analysis.survival.weighted_log_rank import ESTIMAND
from jaksim.analysis.survival.weighted_scores import MODEST_DAY, MODEST_SURVIVAL, one_step, weighted_scores


def modestly_weighted_log_rank(
    table: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    t_star: float | None = None,
    s_star: float = 0.5,
    level: float = 0.95,
) -> AnalysisResult:
    """Modestly weighted log-rank test of a table (2, S, K) whose categories have a time and a status.

    Status 1 is the event; 0 is censored; 2, a competing event, counts as censored at its time. The weight of a day is
    1 / max(S(t-), S(t_star)), S the Kaplan-Meier estimate of both arms within the stratum: it grows until day
    `t_star`. Without `t_star` it is 1 / max(S(t-), s_star), growing until S has fallen to `s_star`.
    Source: Magirr and Burman (2019), Statistics in Medicine 38:3782.
    """
    tables, endpoint = survival_table(table, time, status)
    out = np.empty((1, 3))
    METHOD.evaluate(tables, endpoint, METHOD.settings({"t_star": t_star, "s_star": s_star}), out)
    return summarise(METHOD.name, ESTIMAND, out[0], endpoint.patients(tables), level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    tables = block(tables, out, len(endpoint.time))
    one_step(weighted_scores(tables, endpoint, [_weight(endpoint, options)]), out)


def _iterated(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any]) -> NDArray[np.float64]:
    return iterated_log_ratio(tables, endpoint, _weight(endpoint, options))


def _weight(endpoint: CategoryMeanings, options: Mapping[str, Any]) -> tuple[float, float]:
    day = chosen_day(options, "t_star", np.asarray(endpoint.time, dtype=np.float64))
    floor = number_option(options, "s_star", 0.5, 0.001, 1.0)
    return (MODEST_SURVIVAL, floor) if np.isnan(day) else (MODEST_DAY, day)


METHOD = Method(
    name="modestly_weighted_log_rank",
    kinds=("time_to_event",),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="one_step_hazard_ratio",
    iterated=Iterated(SAME_WEIGHTS, _iterated),
    options={
        "t_star": (None, "day until which the weights grow, days since randomisation"),
        "s_star": (0.5, "without t_star: the weights grow until Kaplan-Meier has fallen to this"),
    },
)
