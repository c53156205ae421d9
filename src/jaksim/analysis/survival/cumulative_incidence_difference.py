"""Difference of Aalen-Johansen cumulative incidences at a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse_times
from jaksim.analysis.survival.incidence import AALEN, CHOICES, GREENWOOD, OPTIONS, compare

ESTIMAND = "probability of the event by a day with competing events, active minus reference, Aalen-Johansen"


def cumulative_incidence_difference(
    table: ArrayLike,
    time: ArrayLike,
    status: ArrayLike,
    *,
    day: float | None = None,
    strata: str = "weighted",
    variance: str = "greenwood",
    scale: str = "plain",
    level: float = 0.95,
) -> AnalysisResult:
    """Difference of cumulative incidences at `day` of a table (2, S, K) whose categories have a time and a status.

    Status 1 is the event, 2 a competing event, after which the event cannot come any more, 0 is censored. `strata`
    "weighted" averages the strata that have both arms by their patients; "pooled" ignores them. `variance` is
    "greenwood", that of the multinomial events of each day (equal to the infinitesimal jackknife of survival::survfit)
    or "aalen" (1978, as cmprsk::cuminc). `scale` is that of z: plain, log or log_log of one minus the incidence.
    Without `day` it is the last one on which all arms (and strata) are followed. NaN when a later day is asked for.
    """
    options = {"day": day, "strata": strata, "scale": scale, "variance": variance}
    return analyse_times(METHOD, table, time, status, options, level)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    compare(tables, endpoint, options, out, competing=True)


METHOD = Method(
    name="cumulative_incidence_difference",
    kinds=("time_to_event",),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    evaluate=evaluate,
    orientation="event",
    options={**OPTIONS, "variance": (GREENWOOD, "variance of an incidence: greenwood, or aalen as in cmprsk")},
    choices={**CHOICES, "variance": (GREENWOOD, AALEN)},
)
