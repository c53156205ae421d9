"""Stratified weighted log-rank test: Fleming-Harrington and the other common weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Iterated, Method, Tables, block
from jaksim.analysis.result import AnalysisResult, summarise
from jaksim.analysis.single_table import survival_table
from jaksim.analysis.survival.days import number_option
from jaksim.analysis.survival.iterated import SAME_WEIGHTS, iterated_log_ratio
from jaksim.analysis.survival.weighted_scores import (
    FLEMING_HARRINGTON,
    GEHAN,
    MODIFIED_PETO_PETO,
    PETO_PETO,
    TARONE_WARE,
    one_step,
    weighted_scores,
)

ESTIMAND = "log hazard ratio of the event, active against reference, one-step estimate from the weighted log-rank score"
WEIGHTS = {
    "fleming_harrington": FLEMING_HARRINGTON,
    "gehan": GEHAN,
    "tarone_ware": TARONE_WARE,
    "peto_peto": PETO_PETO,
    "modified_peto_peto": MODIFIED_PETO_PETO,
}


def weighted_log_rank(
    table: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    weight: str = "fleming_harrington",
    level: float = 0.95,
) -> AnalysisResult:
    """Weighted log-rank test of a table (2, S, K) whose categories have a time and a status.

    Status 1 is the event; 0 is censored; 2, a competing event, counts as censored at its time. The weight of a day is
    S(t-)^rho (1 - S(t-))^gamma (Fleming and Harrington 1991), S the Kaplan-Meier estimate of both arms within the
    stratum; rho = gamma = 0 is the log-rank test. Other weights: "gehan", "tarone_ware", "peto_peto",
    "modified_peto_peto" (as in SAS PROC LIFETEST). The estimate holds for a hazard ratio that does not change.
    """
    tables, endpoint = survival_table(table, time, status)
    out = np.empty((1, 3))
    METHOD.evaluate(tables, endpoint, METHOD.settings({"rho": rho, "gamma": gamma, "weight": weight}), out)
    return summarise(METHOD.name, ESTIMAND, out[0], endpoint.patients(tables), level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    tables = block(tables, out, len(endpoint.time))
    one_step(weighted_scores(tables, endpoint, [_weight(options)]), out)


def _iterated(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any]) -> NDArray[np.float64]:
    return iterated_log_ratio(tables, endpoint, _weight(options))


def _weight(options: Mapping[str, Any]) -> tuple[float, float, float]:
    rho, gamma = (number_option(options, name, 0.0, 0.0, 10.0) for name in ("rho", "gamma"))
    return WEIGHTS[options.get("weight", "fleming_harrington")], rho, gamma


METHOD = Method(
    name="weighted_log_rank",
    kinds=("time_to_event",),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="one_step_hazard_ratio",
    iterated=Iterated(SAME_WEIGHTS, _iterated),
    options={
        "rho": (0.0, "Fleming-Harrington weight of early differences: power of the Kaplan-Meier estimate"),
        "gamma": (0.0, "Fleming-Harrington weight of late differences: power of one minus the Kaplan-Meier estimate"),
        "weight": ("fleming_harrington", "weight of a day: " + ", ".join(WEIGHTS)),
    },
    choices={"weight": tuple(WEIGHTS)},
)
