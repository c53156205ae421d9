"""Difference of the proportions with the event, strata pooled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.binary.risk_intervals import INTERVALS
from jaksim.analysis.binary.risk_intervals import interval as confidence_interval
from jaksim.analysis.binary.score_statistics import count_events, risk_difference_z
from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import AnalysisResult, normal_quantile, one_table, per_category, summarise
from jaksim.kernel.jit import kernel

ESTIMAND = "risk difference of the event, active minus reference"
TESTS = ("pooled", "unpooled", "score")


def risk_difference(
    table: ArrayLike,
    event: ArrayLike,
    *,
    interval: str = "newcombe",
    test: str = "pooled",
    margin: float = 0.0,
    level: float = 0.95,
) -> AnalysisResult:
    """Difference of proportions of a table (2, S, K), strata pooled.

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out.
    `interval`: "newcombe" (1998, method 10), "miettinen_nurminen" (1985) or "wald". `test`: z with the "pooled" or
    the "unpooled" variance, or "score", Miettinen and Nurminen's pooled variance times n/(n - 1). The standard error
    is unpooled. z is NaN when its variance is zero. `margin` is the difference that z is against: the variance is then
    that of the proportions fitted under it (Farrington and Manning 1990), for "score" times n/(n - 1).
    """
    tables = one_table(table)
    settings = METHOD.settings({"interval": interval, "test": test})
    events = per_category(event, np.int64, tables.shape[-1], "event")
    out = np.empty((1, 3))
    risk_difference_kernel(tables, events, TESTS.index(settings["test"]), float(margin), out)
    x_0, x_1 = tables[0][..., events == 1].sum(axis=(1, 2))
    n_0, n_1 = tables[0][..., events >= 0].sum(axis=(1, 2))
    ci = confidence_interval(
        settings["interval"], float(x_1), float(n_1), float(x_0), float(n_0), normal_quantile(level)
    )
    return summarise("risk_difference", ESTIMAND, out[0], float(n_0 + n_1), level=level, ci=ci, bounds=METHOD.bounds)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    events = event_of(endpoint)
    tables = block(tables, out, len(events))
    risk_difference_kernel(tables, events, TESTS.index(options.get("test", "pooled")), 0.0, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a difference of `value`."""
    events = event_of(endpoint)
    tables = block(tables, out, len(events))
    risk_difference_kernel(tables, events, TESTS.index(options.get("test", "pooled")), value, out)


@kernel
def risk_difference_kernel(tables: Any, events: Any, test: Any, margin: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    for b in range(tables.shape[0]):
        count_events(tables[b], events, -1, x, n)
        p_0 = x[0] / n[0]
        p_1 = x[1] / n[1]
        unpooled = p_0 * (1.0 - p_0) / n[0] + p_1 * (1.0 - p_1) / n[1]
        out[b, 0] = p_1 - p_0
        out[b, 1] = math.sqrt(unpooled)
        if margin != 0.0 and test != 1:
            out[b, 2] = risk_difference_z(x[1], n[1], x[0], n[0], margin, test == 2)
            continue
        p = (x[0] + x[1]) / (n[0] + n[1])
        variance = unpooled if test == 1 else p * (1.0 - p) * (1.0 / n[0] + 1.0 / n[1])
        if test == 2:
            variance *= (n[0] + n[1]) / (n[0] + n[1] - 1.0)
        out[b, 2] = (p_1 - p_0 - margin) / math.sqrt(variance) if variance > 0.0 else np.nan


METHOD = Method(
    name="risk_difference",
    kinds=("binary", "time_to_event"),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    evaluate=evaluate,
    orientation="event",
    requirement=event_of,
    evaluate_against=evaluate_against,
    options={
        "interval": ("newcombe", "confidence interval: newcombe, miettinen_nurminen or wald"),
        "test": (
            "pooled",
            "variance of z: pooled (at a margin that of Farrington-Manning), unpooled, or score (Miettinen-Nurminen)",
        ),
    },
    choices={"interval": INTERVALS, "test": TESTS},
)
