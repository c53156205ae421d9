"""Stratified risk ratio of Miettinen and Nurminen.

`weights`, `interval` and `test` are those of `risk_difference_mn`, on the score active risk minus ratio times
reference risk (Miettinen and Nurminen 1985, Statistics in Medicine 4:213); `test` is of the ratio `margin`. Without an
event in one of the arms the log ratio is infinite; score test and interval are then still given.
"""

from __future__ import annotations

import math

from jaksim.analysis.binary.stratified_intervals import log_ratio_interval
from jaksim.analysis.binary.stratified_scores import TEST, TESTS, WEIGHTS, strata_counts, stratified_kernel
from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import RATE_OF_RATIO
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import normal_quantile
from jaksim.arrays import Floats
from jaksim.key import Key

ESTIMAND = "log of the common risk ratio of the event, active over reference, stratified score"
INTERVALS = ("miettinen_nurminen", "wald")


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a common log ratio of `value`."""
    cmh, test = options["weights"] == "cmh", TESTS.index(options["test"])
    stratified_kernel(tables, event_of(endpoint), math.exp(value), True, cmh, test, out)


def interval(table: Tables, endpoint: CategoryMeanings, options: Options, level: float) -> tuple[float, float] | None:
    """The interval that the options ask for."""
    if options["interval"] == "wald":
        return None
    x, n = strata_counts(table, event_of(endpoint))
    return log_ratio_interval(x, n, normal_quantile(level), cmh=options["weights"] == "cmh")


METHOD = Method(
    name="risk_ratio_mn",
    kinds=("binary", "time_to_event"),
    reads=("event",),
    estimand=ESTIMAND,
    of_one_stratum="log risk ratio of the event, active over reference, score",
    scale="log_ratio",
    orientation="event",
    fill=fill,
    fill_at_margin=fill_at_margin,
    words="stratified risk ratio (Miettinen-Nurminen)",
    ratio_name="risk_ratio",
    options=(
        WEIGHTS,
        Key(
            "interval",
            "text",
            "confidence interval: miettinen_nurminen or wald (log scale)",
            "miettinen_nurminen",
            INTERVALS,
        ),
        TEST,
    ),
    requirement=event_of,
    interval=interval,
    nuisance={"binary": RATE_OF_RATIO, "time_to_event": RATE_OF_RATIO},
    about=__doc__,
)
