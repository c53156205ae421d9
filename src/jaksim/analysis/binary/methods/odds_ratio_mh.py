"""Stratified odds ratio with Mantel-Haenszel weights.

The variance is that of Robins, Breslow and Greenland (1986), right for few large and for many small strata. `test` is
"wald" on the log scale, or "cmh" for the signed root of the Cochran-Mantel-Haenszel chi-squared without continuity
correction. A ratio of zero or infinity has no Wald test, but the other; NaN where there is no ratio.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.binary.event_ratio import mantel_haenszel_method
from jaksim.analysis.binary.score_statistics import count_events, hypergeometric_variance
from jaksim.analysis.log_ratio import log_ratio
from jaksim.analysis.nuisance import RATE_OF_ODDS
from jaksim.kernel.jit import kernel

ESTIMAND = "log of the common odds ratio of the event, active over reference, Mantel-Haenszel weights"


@kernel
def odds_ratio_mh_kernel(tables: Any, events: Any, cmh: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    out[:] = np.nan
    for b in range(tables.shape[0]):
        active = reference = of_active = of_reference = mixed = excess = hypergeometric = 0.0
        for s in range(tables.shape[2]):
            count_events(tables[b], events, s, x, n)
            if n[0] > 0.0 and n[1] > 0.0:
                total = n[0] + n[1]
                m = x[0] + x[1]
                concordant = (x[1] + n[0] - x[0]) / total
                first = x[1] * (n[0] - x[0]) / total
                second = x[0] * (n[1] - x[1]) / total
                active += first
                reference += second
                of_active += concordant * first
                of_reference += (1.0 - concordant) * second
                mixed += concordant * second + (1.0 - concordant) * first
                excess += x[1] - m * n[1] / total
                hypergeometric += hypergeometric_variance(n, m)
        out[b, 0] = log_ratio(active, reference)
        if active > 0.0 and reference > 0.0:
            parts = of_active / active**2 + mixed / (active * reference) + of_reference / reference**2
            out[b, 1] = math.sqrt(parts / 2.0)
        if cmh:
            out[b, 2] = excess / math.sqrt(hypergeometric) if hypergeometric > 0.0 else np.nan
        elif out[b, 1] > 0.0:
            out[b, 2] = out[b, 0] / out[b, 1]


METHOD = mantel_haenszel_method(
    "odds_ratio_mh",
    odds_ratio_mh_kernel,
    estimand=ESTIMAND,
    of_one_stratum="log odds ratio of the event, active over reference",
    about=__doc__,
    words="stratified odds ratio",
    ratio_name="odds_ratio",
    nuisance={"binary": RATE_OF_ODDS},
    main=("binary",),
)
