"""Odds ratio of the event, strata pooled.

`interval`: "wald" (log scale), "miettinen_nurminen" (1985), or "cornfield" (1956), the same without its factor n/(n -
1). `test` is of the ratio `margin`: "wald" on the log scale, "pooled" with the variance of the proportions fitted
under the margin (Farrington and Manning 1990), or "score", that variance times n/(n - 1). Where all patients of an arm
have the event, or none has, the log odds ratio is infinite and has no Wald test; score tests and intervals are still
given. NaN where that is so of both arms alike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.binary.event_ratio import ratio_method
from jaksim.analysis.binary.score_statistics import count_events, odds_ratio_z
from jaksim.analysis.log_ratio import log_ratio
from jaksim.analysis.nuisance import RATE_OF_ODDS
from jaksim.kernel.jit import kernel

ESTIMAND = "log odds ratio of the event, active over reference"


@kernel
def odds_ratio_kernel(tables: Any, events: Any, test: Any, value: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    out[:] = np.nan
    for b in range(tables.shape[0]):
        count_events(tables[b], events, -1, x, n)
        if n[0] <= 0.0 or n[1] <= 0.0:
            continue
        if min(x[0], x[1], n[0] - x[0], n[1] - x[1]) > 0.0:
            out[b, 0] = math.log(x[1] / (n[1] - x[1]) / (x[0] / (n[0] - x[0])))
            out[b, 1] = math.sqrt(1.0 / x[1] + 1.0 / (n[1] - x[1]) + 1.0 / x[0] + 1.0 / (n[0] - x[0]))
        else:
            out[b, 0] = log_ratio(x[1] * (n[0] - x[0]), x[0] * (n[1] - x[1]))
        if test > 0:
            if 0.0 < x[0] + x[1] < n[0] + n[1]:
                out[b, 2] = odds_ratio_z(x[1], n[1], x[0], n[0], math.exp(value), test == 2)
        elif out[b, 1] > 0.0:
            out[b, 2] = (out[b, 0] - value) / out[b, 1]


METHOD = ratio_method(
    "odds_ratio",
    odds_ratio_kernel,
    odds_ratio_z,
    estimand=ESTIMAND,
    about=__doc__,
    without_factor="cornfield",
    nuisance={"binary": RATE_OF_ODDS},
)
