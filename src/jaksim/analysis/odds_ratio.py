"""Odds ratio of the event, strata pooled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.ratio_intervals import INTERVALS, score_interval
from jaksim.analysis.result import AnalysisResult, normal_quantile, one_table, per_category, summarise
from jaksim.analysis.score_statistics import count_events, odds_ratio_z
from jaksim.kernel.jit import kernel

ESTIMAND = "log odds ratio of the event, active over reference"
TESTS = ("wald", "pooled", "score")


def odds_ratio(
    table: ArrayLike,
    event: ArrayLike,
    *,
    interval: str = "wald",
    test: str = "wald",
    margin: float = 1.0,
    level: float = 0.95,
) -> AnalysisResult:
    """Ratio of the odds of the event of a table (2, S, K), strata pooled.

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out. `interval`: "wald" (log
    scale), "miettinen_nurminen" (1985), or "cornfield" (1956), the same without its factor n/(n - 1). `test` is of the
    ratio `margin`: "wald" on the log scale, "pooled" with the variance of the proportions fitted under the margin
    (Farrington and Manning 1990), or "score", that variance times n/(n - 1). The estimate is NaN unless
    each arm has patients with and without the event; a score interval is then still given.
    """
    tables = one_table(table)
    settings = METHOD.settings({"interval": interval, "test": test})
    events = per_category(event, np.int64, tables.shape[-1], "event")
    out = np.empty((1, 3))
    odds_ratio_kernel(tables, events, TESTS.index(settings["test"]), math.log(margin), out)
    x_0, x_1 = tables[0][..., events == 1].sum(axis=(1, 2))
    n_0, n_1 = tables[0][..., events >= 0].sum(axis=(1, 2))
    ci = None
    if settings["interval"] != "wald":
        inflate = settings["interval"] == "miettinen_nurminen"
        counts = (float(x_1), float(n_1), float(x_0), float(n_0))
        ci = score_interval(odds_ratio_z, counts, normal_quantile(level), inflate)
    return summarise("odds_ratio", ESTIMAND, out[0], float(n_0 + n_1), level=level, log_ratio=True, ci=ci)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    evaluate_against(tables, endpoint, options, 0.0, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a log ratio of `value`."""
    events = event_of(endpoint)
    tables = block(tables, out, len(events))
    odds_ratio_kernel(tables, events, TESTS.index(options.get("test", "wald")), value, out)


@kernel
def odds_ratio_kernel(tables: Any, events: Any, test: Any, value: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    out[:] = np.nan
    for b in range(tables.shape[0]):
        count_events(tables[b], events, -1, x, n)
        if min(x[0], x[1], n[0] - x[0], n[1] - x[1]) > 0.0:
            out[b, 0] = math.log(x[1] / (n[1] - x[1]) / (x[0] / (n[0] - x[0])))
            out[b, 1] = math.sqrt(1.0 / x[1] + 1.0 / (n[1] - x[1]) + 1.0 / x[0] + 1.0 / (n[0] - x[0]))
            if test > 0:
                out[b, 2] = odds_ratio_z(x[1], n[1], x[0], n[0], math.exp(value), test == 2)
            elif out[b, 1] > 0.0:
                out[b, 2] = (out[b, 0] - value) / out[b, 1]


METHOD = Method(
    name="odds_ratio",
    kinds=("binary", "time_to_event"),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="odds_ratio",
    requirement=event_of,
    evaluate_against=evaluate_against,
    options={
        "interval": ("wald", "confidence interval: wald (log scale), miettinen_nurminen or cornfield"),
        "test": ("wald", "z: wald (log scale), pooled (Farrington-Manning), or score (Miettinen-Nurminen)"),
    },
    choices={"interval": INTERVALS["odds_ratio"], "test": TESTS},
)
