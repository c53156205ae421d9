"""Conditional odds ratio of the event with Fisher's exact test, of all patients or within strata.

Conditional maximum likelihood odds ratio. `strata` "pooled" ignores them; "conditional" takes the margins of each as
given, for one odds ratio common to all (Gart 1970, Biometrika 57:471). The interval is that of Cornfield (1956) on the
noncentral hypergeometric distribution, or on the sum of several. `test` gives the two-sided p: "central", twice the
smaller tail; "minlike", all tables no more likely than the one seen (Fisher); or "mid_p", twice the smaller tail with
half of the table seen. The statistic is its normal quantile. Where the margins allow no table beyond the one seen the
log odds ratio is infinite, and p stands; where they allow no other table there is no estimate and p is 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.binary.conditional_law import conditional_law
from jaksim.analysis.binary.methods.odds_ratio_mh import METHOD as MANTEL_HAENSZEL
from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Follows, Method
from jaksim.analysis.normal import upper_quantile
from jaksim.analysis.nuisance import RATE_OF_ODDS
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import normal_quantile
from jaksim.analysis.survival.days import POOLED
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

ESTIMAND = "log conditional odds ratio of the event, active over reference"
STRATA = (POOLED, "conditional")
TESTS = ("central", "minlike", "mid_p")
MOST_STEPS = 100
TIE = 1e-7
CONVERGED = 1e-18
"""Squared length of the last step in standard errors; convergence is quadratic."""
SMALLEST = 1e-280


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the exact test of a log odds ratio of `value`."""
    stratified = options["strata"] != POOLED
    exact_odds_ratio_kernel(tables, event_of(endpoint), TESTS.index(options["test"]), stratified, value, out)


def interval(table: Tables, endpoint: CategoryMeanings, options: Options, level: float) -> tuple[float, float]:
    """The exact interval."""
    weights, at, patients = conditional_law(table, event_of(endpoint), options["strata"] != POOLED)
    tail = 0.5 * math.erfc(normal_quantile(level) / math.sqrt(2.0))
    return exact_interval(weights, at, tail) if patients.all() else (math.nan, math.nan)


def exact_interval(weights: NDArray[np.float64], at: int, tail: float) -> tuple[float, float]:
    """The log odds ratios at which neither tail of the conditional law, seen `at`, is smaller than `tail`."""
    size = len(weights)
    steps = np.arange(size) - at

    def bound(beyond: NDArray[np.bool_], sign: float) -> float:
        low, high = -50.0, 50.0
        for _ in range(100):
            middle = (low + high) / 2.0
            logs = weights + middle * steps
            law = np.exp(logs - logs.max())
            if sign * (law[beyond].sum() / law.sum() - tail) < 0.0:
                low = middle
            else:
                high = middle
        return (low + high) / 2.0

    lower = bound(steps >= 0, 1.0) if at > 0 else -math.inf
    upper = bound(steps <= 0, -1.0) if at < size - 1 else math.inf
    return lower, upper


def follows(options: Options) -> Follows:
    """The test of Cochran, Mantel and Haenszel: the same events held against the same law, taken as normal."""
    pooled = options["strata"] == POOLED

    def fill_smooth(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        given = tables.sum(axis=2, keepdims=True) if pooled else tables
        MANTEL_HAENSZEL.evaluate(given, endpoint, {"test": "cmh"}, out)

    return Follows(fill_smooth, 0.0 if options["test"] == "mid_p" else 0.5)


@kernel
def exact_odds_ratio_kernel(tables: Any, events: Any, test: Any, stratified: Any, value: Any, out: Any) -> None:
    out[:] = np.nan
    for b in range(tables.shape[0]):
        weights, at, patients = conditional_law(tables[b], events, stratified)
        if patients.min() > 0.0:
            _conditional_fit(weights, at, out[b])
            out[b, 2] = _z(weights, at, test, value)


@inner
def _conditional_fit(weights: Any, at: Any, row: Any) -> None:
    """Log odds ratio at which the mean is the table seen, and its standard error.

    Newton's method kept inside the interval known to hold the root; it ends with a step that is short beside the
    standard error, whatever the size of the table.
    """
    last = weights.shape[0] - 1
    if at == 0 or at == last:
        if last > 0:
            row[0] = -np.inf if at == 0 else np.inf
        return
    theta = 0.0
    low = -np.inf
    high = np.inf
    for _ in range(MOST_STEPS):
        highest = -np.inf
        for i in range(weights.shape[0]):
            highest = max(highest, weights[i] + theta * (i - at))
        total = mean = square = 0.0
        for i in range(weights.shape[0]):
            share = math.exp(weights[i] + theta * (i - at) - highest)
            total += share
            mean += share * (i - at)
        mean /= total
        for i in range(weights.shape[0]):
            square += math.exp(weights[i] + theta * (i - at) - highest) * (i - at - mean) ** 2
        variance = square / total
        step = -mean / variance if variance > 0.0 else math.copysign(np.inf, -mean)
        if step * step * variance < CONVERGED:
            row[0] = theta + step
            row[1] = 1.0 / math.sqrt(variance)
            return
        if mean > 0.0:
            high = theta
        else:
            low = theta
        theta += min(max(step, -1.0), 1.0)
        if not low < theta < high:
            theta = 0.5 * (low + high)


@inner
def _z(weights: Any, at: Any, test: Any, value: Any) -> Any:
    """Normal quantile of the two-sided p value of a log odds ratio, signed like the departure from it.

    0 where the margins allow one table only, whose p value is 1.
    """
    highest = -np.inf
    for i in range(weights.shape[0]):
        highest = max(highest, weights[i] + value * (i - at))
    total = lower = upper = likely = 0.0
    seen = math.exp(weights[at] - highest)
    for i in range(weights.shape[0]):
        share = math.exp(weights[i] + value * (i - at) - highest)
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
    return sign * upper_quantile(max(tail, SMALLEST)) + 0.0  # no minus zero


METHOD = Method(
    name="exact_odds_ratio",
    kinds=("binary", "time_to_event"),
    reads=("event",),
    estimand=ESTIMAND,
    scale="log_ratio",
    orientation="event",
    fill=fill,
    fill_at_margin=fill_at_margin,
    words="Fisher's exact test",
    ratio_name="odds_ratio",
    options=(
        Key(
            "test",
            "text",
            "two-sided p: central (twice the smaller tail), minlike (Fisher) or mid_p",
            "central",
            TESTS,
        ),
        Key("strata", "text", "strata: pooled, or conditional (the margins of each are given)", POOLED, STRATA),
    ),
    requirement=event_of,
    follows=follows,
    one_sided={"test": {"minlike": "central"}},
    interval=interval,
    main=("binary",),
    nuisance={"binary": RATE_OF_ODDS},
    without_strata=lambda options: options["strata"] == POOLED,
    about=__doc__,
)
