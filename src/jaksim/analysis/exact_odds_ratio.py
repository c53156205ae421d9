"""Conditional odds ratio of the event with Fisher's exact test, strata pooled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.integrated_likelihood import upper_quantile
from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import AnalysisResult, normal_quantile, one_table, per_category, summarise
from jaksim.analysis.score_statistics import count_events
from jaksim.kernel.jit import inner, kernel

ESTIMAND = "log conditional odds ratio of the event, active over reference"
TESTS = ("central", "minlike", "mid_p")
MOST_STEPS = 100
TIE = 1e-7
SMALLEST = 1e-280


def exact_odds_ratio(
    table: ArrayLike, event: ArrayLike, *, test: str = "central", level: float = 0.95
) -> AnalysisResult:
    """Conditional maximum likelihood odds ratio of a table (2, S, K), strata pooled, with exact interval and test.

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out. The interval is that of
    Cornfield (1956) on the noncentral hypergeometric distribution. `test` gives the two-sided p: "central", twice the
    smaller tail; "minlike", all tables no more likely than the one seen (Fisher); or "mid_p", twice the smaller tail
    with half of the table seen. The statistic is its normal quantile. The estimate is NaN where it is infinite.
    """
    tables = one_table(table)
    settings = METHOD.settings({"test": test})
    events = per_category(event, np.int64, tables.shape[-1], "event")
    out = np.empty((1, 3))
    exact_odds_ratio_kernel(tables, events, TESTS.index(settings["test"]), out)
    x_0, x_1 = (float(x) for x in tables[0][..., events == 1].sum(axis=(1, 2)))
    n_0, n_1 = (float(n) for n in tables[0][..., events >= 0].sum(axis=(1, 2)))
    tail = 0.5 * math.erfc(normal_quantile(level) / math.sqrt(2.0))
    ci = exact_interval(x_1, n_1, x_0, n_0, tail)
    return summarise("exact_odds_ratio", ESTIMAND, out[0], n_0 + n_1, level=level, log_ratio=True, ci=ci)


def exact_interval(x_1: float, n_1: float, x_0: float, n_0: float, tail: float) -> tuple[float, float]:
    """The log odds ratios at which neither tail of the conditional distribution is smaller than `tail`."""
    if n_1 <= 0.0 or n_0 <= 0.0:
        return math.nan, math.nan
    weights = np.empty(int(min(n_1, x_1 + x_0)) + 2)
    size, at = log_weights(x_1, n_1, x_0, n_0, weights)
    steps = np.arange(size) - at

    def bound(beyond: NDArray[np.bool_], sign: float) -> float:
        low, high = -50.0, 50.0
        for _ in range(100):
            middle = (low + high) / 2.0
            logs = weights[:size] + middle * steps
            law = np.exp(logs - logs.max())
            if sign * (law[beyond].sum() / law.sum() - tail) < 0.0:
                low = middle
            else:
                high = middle
        return (low + high) / 2.0

    lower = bound(steps >= 0, 1.0) if at > 0 else -math.inf
    upper = bound(steps <= 0, -1.0) if at < size - 1 else math.inf
    return lower, upper


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    events = event_of(endpoint)
    exact_odds_ratio_kernel(block(tables, out, len(events)), events, TESTS.index(options.get("test", "central")), out)


@kernel
def log_weights(x_1: Any, n_1: Any, x_0: Any, n_0: Any, out: Any) -> Any:
    """Log hypergeometric weights of the tables with the same margins; returns their number and which was seen.

    Counts that are not whole move in whole steps from the table seen, as far as no cell is negative.
    """
    m = x_1 + x_0
    below = math.floor(min(x_1, n_0 - x_0) + 1e-9)
    above = math.floor(min(n_1 - x_1, x_0) + 1e-9)
    for i in range(below + above + 1):
        u = x_1 + (i - below)
        out[i] = -(
            math.lgamma(max(u, 0.0) + 1.0)
            + math.lgamma(max(n_1 - u, 0.0) + 1.0)
            + math.lgamma(max(m - u, 0.0) + 1.0)
            + math.lgamma(max(n_0 - m + u, 0.0) + 1.0)
        )
    return below + above + 1, below


@kernel
def exact_odds_ratio_kernel(tables: Any, events: Any, test: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    out[:] = np.nan
    for b in range(tables.shape[0]):
        count_events(tables[b], events, -1, x, n)
        if n[0] <= 0.0 or n[1] <= 0.0:
            continue
        weights = np.empty(int(min(n[1], x[0] + x[1])) + 2)
        size, at = log_weights(x[1], n[1], x[0], n[0], weights)
        if size > 1:
            _conditional_fit(weights[:size], at, out[b])
            out[b, 2] = _z(weights[:size], at, test)


@inner
def _conditional_fit(weights: Any, at: Any, row: Any) -> None:
    """Log odds ratio at which the mean is the table seen, by Newton's method, and its standard error."""
    if at == 0 or at == weights.shape[0] - 1:
        return
    theta = 0.0
    for _ in range(MOST_STEPS):
        highest = -np.inf
        for i in range(weights.shape[0]):
            highest = max(highest, weights[i] + theta * (i - at))
        total = mean = square = 0.0
        for i in range(weights.shape[0]):
            share = math.exp(weights[i] + theta * (i - at) - highest)
            total += share
            mean += share * (i - at)
            square += share * (i - at) * (i - at)
        mean /= total
        variance = square / total - mean * mean
        step = min(max(-mean / variance, -1.0), 1.0)
        theta += step
        if abs(step) < 1e-12:
            row[0] = theta
            row[1] = 1.0 / math.sqrt(variance)
            return


@inner
def _z(weights: Any, at: Any, test: Any) -> Any:
    """Normal quantile of the two-sided p value, signed like the departure from no effect."""
    highest = weights.max()
    total = lower = upper = likely = 0.0
    seen = math.exp(weights[at] - highest)
    for i in range(weights.shape[0]):
        share = math.exp(weights[i] - highest)
        total += share
        if i < at:
            lower += share
        elif i > at:
            upper += share
        if share <= seen * (1.0 + TIE):
            likely += share
    sign = 1.0 if lower > upper else -1.0
    own = 0.5 * seen if test == 2 else seen
    tail = 0.5 * likely if test == 1 else min(lower, upper) + own
    tail = min(tail / total, 0.5)
    return sign * upper_quantile(max(tail, SMALLEST))


METHOD = Method(
    name="exact_odds_ratio",
    kinds=("binary", "time_to_event"),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="event",
    ratio_name="odds_ratio",
    requirement=event_of,
    options={"test": ("central", "two-sided p: central (twice the smaller tail), minlike (Fisher) or mid_p")},
    choices={"test": TESTS},
)
