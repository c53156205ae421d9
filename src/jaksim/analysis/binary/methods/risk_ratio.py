"""Risk ratio of the event, strata pooled.

`interval`: "wald" (log scale), "miettinen_nurminen" (1985), or "koopman" (1984), the same without its factor n/(n -
1). `test` is of the ratio `margin`: "wald" on the log scale, "pooled" with the variance of the proportions fitted
under the margin (Farrington and Manning 1990), or "score", that variance times n/(n - 1). Without an event in one arm
the log ratio is infinite and has no Wald test; score tests and intervals are still given. NaN without any event.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.binary.event_ratio import ratio_method
from jaksim.analysis.binary.score_statistics import count_events, risk_ratio_z
from jaksim.analysis.log_ratio import log_ratio
from jaksim.analysis.nuisance import RATE_OF_RATIO
from jaksim.kernel.jit import kernel

ESTIMAND = "log risk ratio of the event, active over reference"


@kernel
def risk_ratio_kernel(tables: Any, events: Any, test: Any, value: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    out[:] = np.nan
    for b in range(tables.shape[0]):
        count_events(tables[b], events, -1, x, n)
        if n[0] <= 0.0 or n[1] <= 0.0:
            continue
        out[b, 0] = log_ratio(x[1] / n[1], x[0] / n[0])
        if x[0] > 0.0 and x[1] > 0.0:
            out[b, 1] = math.sqrt(max(1.0 / x[1] - 1.0 / n[1] + 1.0 / x[0] - 1.0 / n[0], 0.0))
        if test > 0:
            if x[0] > 0.0 or x[1] > 0.0:
                out[b, 2] = risk_ratio_z(x[1], n[1], x[0], n[0], math.exp(value), test == 2)
        elif out[b, 1] > 0.0:
            out[b, 2] = (out[b, 0] - value) / out[b, 1]


METHOD = ratio_method(
    "risk_ratio",
    risk_ratio_kernel,
    risk_ratio_z,
    estimand=ESTIMAND,
    about=__doc__,
    without_factor="koopman",
    nuisance={"binary": RATE_OF_RATIO, "time_to_event": RATE_OF_RATIO},
)
