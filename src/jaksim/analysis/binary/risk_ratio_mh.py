"""Stratified risk ratio with Mantel-Haenszel weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.binary.event_ratio import mantel_haenszel_method
from jaksim.analysis.binary.score_statistics import count_events
from jaksim.analysis.log_ratio import log_ratio
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse_events
from jaksim.kernel.jit import kernel

ESTIMAND = "log of the common risk ratio of the event, active over reference, Mantel-Haenszel weights"


def risk_ratio_mh(table: ArrayLike, event: ArrayLike, *, test: str = "wald", level: float = 0.95) -> AnalysisResult:
    """Mantel-Haenszel risk ratio of a table (2, S, K).

    `event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out. The variance is that of
    Greenland and Robins (1985), right for few large and for many small strata. `test` is "wald" on the
    log scale, or "cmh" for the signed root of the Cochran-Mantel-Haenszel chi-squared without continuity correction.
    A ratio of zero or infinity has no Wald test, but the other; NaN where there is no ratio.
    """
    return analyse_events(METHOD, table, event, {"test": test}, level)


@kernel
def risk_ratio_mh_kernel(tables: Any, events: Any, cmh: Any, out: Any) -> None:
    x = np.empty(2)
    n = np.empty(2)
    out[:] = np.nan
    for b in range(tables.shape[0]):
        active = reference = spread = excess = hypergeometric = 0.0
        for s in range(tables.shape[2]):
            count_events(tables[b], events, s, x, n)
            if n[0] > 0.0 and n[1] > 0.0:
                total = n[0] + n[1]
                m = x[0] + x[1]
                active += x[1] * n[0] / total
                reference += x[0] * n[1] / total
                spread += (n[0] * n[1] * m - x[0] * x[1] * total) / (total * total)
                excess += x[1] - m * n[1] / total
                if total > 1.0:
                    hypergeometric += n[0] * n[1] * m * (total - m) / (total * total * (total - 1.0))
        out[b, 0] = log_ratio(active, reference)
        if active > 0.0 and reference > 0.0:
            out[b, 1] = math.sqrt(max(spread / (active * reference), 0.0))
        if cmh:
            out[b, 2] = excess / math.sqrt(hypergeometric) if hypergeometric > 0.0 else np.nan
        elif out[b, 1] > 0.0:
            out[b, 2] = out[b, 0] / out[b, 1]


METHOD = mantel_haenszel_method("risk_ratio_mh", risk_ratio_mh_kernel, ESTIMAND, "risk_ratio")
