"""Difference of Kaplan-Meier estimates at a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse_times
from jaksim.analysis.survival.incidence import CHOICES, OPTIONS, compare

ESTIMAND = "probability of the event by a day, active minus reference, from Kaplan-Meier"


def kaplan_meier_difference(
    table: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    day: float | None = None,
    strata: str = "weighted",
    scale: str = "plain",
    level: float = 0.95,
) -> AnalysisResult:
    """Difference of one minus Kaplan-Meier at `day` of a table (2, S, K) whose categories have a time and a status.

    Status 1 is the event; 0 is censored; 2, a competing event, counts as censored at its time, so that the
    probability is that without competing events. `strata` "weighted" averages the strata that have both arms by
    their patients; "pooled" ignores them. The standard error is Greenwood's, on the plain scale; `scale` is that of
    z, "plain", "log" or "log_log" (Klein et al. 2007, Statistics in Medicine 26:4505). Without `day` it is the last
    one on which all arms (and strata) are followed. NaN when a later day is asked for.
    """
    options = {"day": day, "strata": strata, "scale": scale}
    return analyse_times(METHOD, table, time, status, options, level)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    compare(tables, endpoint, options, out, competing=False)


METHOD = Method(
    name="kaplan_meier_difference",
    kinds=("time_to_event",),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    evaluate=evaluate,
    orientation="event",
    options=OPTIONS,
    choices=CHOICES,
)
