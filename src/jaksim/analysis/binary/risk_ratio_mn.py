"""Stratified risk ratio of Miettinen and Nurminen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.binary.stratified_intervals import log_ratio_interval
from jaksim.analysis.binary.stratified_scores import WEIGHTS, count_strata, stratified_kernel
from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import AnalysisResult, normal_quantile, one_table, per_category, summarise
from jaksim.errors import InputError

ESTIMAND = "log of the common risk ratio of the event, active over reference, stratified score"
INTERVALS = ("miettinen_nurminen", "wald")
TESTS = ("score", "pooled", "wald")


def risk_ratio_mn(
    table: ArrayLike,
    event: ArrayLike,
    *,
    weights: str = "miettinen_nurminen",
    interval: str = "miettinen_nurminen",
    test: str = "score",
    margin: float = 1.0,
    level: float = 0.95,
) -> AnalysisResult:
    """Risk ratio common to the strata of a table (2, S, K), where the stratified score is zero.

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out. `weights`, `interval` and `test`
    are those of `risk_difference_mn`, on the score active risk minus ratio times reference risk (Miettinen and
    Nurminen 1985, Statistics in Medicine 4:213); `test` is of the ratio `margin`. Without an event in one of the arms
    the log ratio is infinite; score test and interval are then still given. InputError unless the margin is above 0.
    """
    if not 0.0 < margin < math.inf:
        raise InputError("a ratio must be above 0", where="margin", got=margin)
    tables = one_table(table)
    settings = METHOD.settings({"weights": weights, "interval": interval, "test": test})
    events = per_category(event, np.int64, tables.shape[-1], "event")
    cmh = settings["weights"] == "cmh"
    out = np.empty((1, 3))
    stratified_kernel(tables, events, float(margin), True, cmh, TESTS.index(settings["test"]), out)
    x, n = np.empty((2, tables.shape[2])), np.empty((2, tables.shape[2]))
    count_strata(tables[0], events, x, n)
    scored = settings["interval"] == "miettinen_nurminen"
    ci = log_ratio_interval(x, n, normal_quantile(level), cmh=cmh) if scored else None
    return summarise(METHOD.name, ESTIMAND, out[0], float(n.sum()), level=level, log_ratio=True, ci=ci)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    evaluate_against(tables, endpoint, options, 0.0, out)


def evaluate_against(
    tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a common log ratio of `value`."""
    events = event_of(endpoint)
    cmh, test = options.get("weights") == "cmh", TESTS.index(options.get("test", "score"))
    stratified_kernel(block(tables, out, len(events)), events, math.exp(value), True, cmh, test, out)


METHOD = Method(
    name="risk_ratio_mn",
    kinds=("binary", "time_to_event"),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="risk_ratio",
    requirement=event_of,
    evaluate_against=evaluate_against,
    options={
        "weights": ("miettinen_nurminen", "weights of the strata: miettinen_nurminen, or cmh (n_1 n_0 / n)"),
        "interval": ("miettinen_nurminen", "confidence interval: miettinen_nurminen or wald (log scale)"),
        "test": ("score", "z: score (Miettinen-Nurminen), pooled (Farrington-Manning) or wald"),
    },
    choices={"weights": WEIGHTS, "interval": INTERVALS, "test": TESTS},
)
