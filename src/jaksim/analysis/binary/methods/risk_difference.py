"""Difference of the proportions with the event, strata pooled.

`interval`: "newcombe" (1998, method 10), "miettinen_nurminen" (1985) or "wald". `test`: z with the "pooled" or the
"unpooled" variance, or "score", Miettinen and Nurminen's pooled variance times n/(n - 1). The standard error is
unpooled. z is NaN when its variance is zero. `margin` is the difference that z is against: the variance is then that
of the proportions fitted under it (Farrington and Manning 1990), for "score" times n/(n - 1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.binary.risk_intervals import INTERVALS, risk_interval
from jaksim.analysis.binary.score_statistics import count_events, risk_difference_z
from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method, always
from jaksim.analysis.nuisance import RATE_OF_DIFFERENCE
from jaksim.analysis.ordering import event_of
from jaksim.analysis.regression.of_patients import adjusted_by
from jaksim.analysis.result import normal_quantile
from jaksim.arrays import Floats
from jaksim.kernel.jit import kernel
from jaksim.key import Key

ESTIMAND = "risk difference of the event, active minus reference"
TESTS = ("pooled", "unpooled", "score")


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a difference of `value`."""
    risk_difference_kernel(tables, event_of(endpoint), TESTS.index(options["test"]), value, out)


def interval(table: Tables, endpoint: CategoryMeanings, options: Options, level: float) -> tuple[float, float]:
    """The interval that the options ask for."""
    events = event_of(endpoint)
    x_0, x_1 = table[..., events == 1].sum(axis=(1, 2))
    n_0, n_1 = table[..., events >= 0].sum(axis=(1, 2))
    return risk_interval(options["interval"], float(x_1), float(n_1), float(x_0), float(n_0), normal_quantile(level))


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
    reads=("event",),
    estimand=ESTIMAND,
    scale="difference",
    bounds=(-1.0, 1.0),
    orientation="event",
    fill=fill,
    fill_at_margin=fill_at_margin,
    options=(
        Key(
            "interval",
            "text",
            "confidence interval: newcombe, miettinen_nurminen or wald",
            "newcombe",
            INTERVALS,
        ),
        Key(
            "test",
            "text",
            "variance of z: pooled (at a margin that of Farrington-Manning), unpooled, or score (Miettinen-Nurminen)",
            "pooled",
            TESTS,
        ),
    ),
    requirement=event_of,
    interval=interval,
    adjusted=adjusted_by("risk_difference"),
    mean_model=True,
    nuisance={"binary": RATE_OF_DIFFERENCE, "time_to_event": RATE_OF_DIFFERENCE},
    without_strata=always,
    about=__doc__,
)
