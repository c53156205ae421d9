"""Ratio of restricted mean times without the event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse_times
from jaksim.analysis.survival.restricted_mean import CHOICES, OPTIONS, restricted_means

ESTIMAND = "log ratio of restricted mean times without the event, active against reference"


def rmst_ratio(
    table: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    tau: float | None = None,
    strata: str = "weighted",
    variance: str = "greenwood",
    level: float = 0.95,
) -> AnalysisResult:
    """Log ratio of restricted mean survival times of a table (2, S, K) of times and statuses.

    The restricted mean is the area under Kaplan-Meier up to `tau`, in days; a longer time in the active arm gives a
    positive estimate, whether the event is good or bad. Status 1 is the event; 0 is censored; 2, a competing event,
    counts as censored at its time. `strata` "weighted" averages the strata that have both arms by their patients;
    "pooled" ignores them. `variance` is "greenwood" (Uno et al. 2014, as survRM2) or "unbiased", that times m / (m - 1)
    for m events until `tau`. Without `tau` it is the last day on which all arms (and strata) are followed; a later
    one gives NaN.
    """
    options = {"tau": tau, "strata": strata, "variance": variance}
    return analyse_times(METHOD, table, time, status, options, level)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    reference, reference_variance, active, active_variance, _ = restricted_means(tables, endpoint, options, out).T
    out[:, 0] = np.log(active / reference)
    out[:, 1] = np.sqrt(reference_variance / reference**2 + active_variance / active**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        out[:, 2] = np.where(out[:, 1] > 0.0, out[:, 0] / out[:, 1], np.nan)


METHOD = Method(
    name="rmst_ratio",
    kinds=("time_to_event",),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="no event",
    ratio_name="restricted_mean_ratio",
    options=OPTIONS,
    choices=CHOICES,
)
