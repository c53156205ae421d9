"""Stratified risk difference of Miettinen and Nurminen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.binary.stratified_intervals import difference_interval, stratified_newcombe
from jaksim.analysis.binary.stratified_scores import WEIGHTS, count_strata, stratified_kernel
from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import AnalysisResult, normal_quantile, one_table, per_category, summarise

ESTIMAND = "common risk difference of the event, active minus reference, stratified score"
INTERVALS = ("miettinen_nurminen", "newcombe", "wald")
TESTS = ("score", "pooled", "wald")


def risk_difference_mn(
    table: ArrayLike,
    event: ArrayLike,
    *,
    weights: str = "miettinen_nurminen",
    interval: str = "miettinen_nurminen",
    test: str = "score",
    margin: float = 0.0,
    level: float = 0.95,
) -> AnalysisResult:
    """Risk difference common to the strata of a table (2, S, K), where the stratified score is zero.

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out. `weights` of the strata:
    "miettinen_nurminen" (1985, Statistics in Medicine 4:213), inverse to the variance at the average fitted risks, or
    "cmh", n_1 n_0 / n. `interval`: "miettinen_nurminen" inverts the score test, "newcombe" is the stratified hybrid
    score interval of Yan and Su (2010) with weights "cmh", "wald" has unpooled variances, as the standard error has.
    `test` of the difference `margin`: "score" has the variance fitted under it times n/(n - 1) in each stratum,
    "pooled" the same without that factor (Farrington and Manning 1990), "wald" is unpooled. At no difference "score"
    is the Cochran-Mantel-Haenszel test. Strata that lack an arm do not count; NaN without any that has both.
    """
    tables = one_table(table)
    settings = METHOD.settings({"weights": weights, "interval": interval, "test": test})
    events = per_category(event, np.int64, tables.shape[-1], "event")
    cmh = settings["weights"] == "cmh"
    out = np.empty((1, 3))
    stratified_kernel(tables, events, float(margin), False, cmh, TESTS.index(settings["test"]), out)
    x, n = np.empty((2, tables.shape[2])), np.empty((2, tables.shape[2]))
    count_strata(tables[0], events, x, n)
    ci, quantile = None, normal_quantile(level)
    if settings["interval"] == "newcombe":
        ci = stratified_newcombe(x, n, quantile)
    elif settings["interval"] == "miettinen_nurminen":
        ci = difference_interval(x, n, quantile, cmh=cmh)
    return summarise(METHOD.name, ESTIMAND, out[0], float(n.sum()), level=level, ci=ci, bounds=METHOD.bounds)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    evaluate_against(tables, endpoint, options, 0.0, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a common difference of `value`."""
    events = event_of(endpoint)
    cmh, test = options.get("weights") == "cmh", TESTS.index(options.get("test", "score"))
    stratified_kernel(block(tables, out, len(events)), events, value, False, cmh, test, out)


METHOD = Method(
    name="risk_difference_mn",
    kinds=("binary", "time_to_event"),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    evaluate=evaluate,
    orientation="event",
    requirement=event_of,
    evaluate_against=evaluate_against,
    options={
        "weights": ("miettinen_nurminen", "weights of the strata: miettinen_nurminen, or cmh (n_1 n_0 / n)"),
        "interval": ("miettinen_nurminen", "confidence interval: miettinen_nurminen, newcombe (Yan and Su) or wald"),
        "test": ("score", "z: score (Miettinen-Nurminen), pooled (Farrington-Manning) or wald"),
    },
    choices={"weights": WEIGHTS, "interval": INTERVALS, "test": TESTS},
)
