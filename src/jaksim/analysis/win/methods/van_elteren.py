"""Van Elteren's stratified Wilcoxon test.

Van Elteren (1960). Rank sums are weighted by 1/(n_h + 1), so the estimate averages the strata's win probabilities with
weights n_1h n_0h / (n_h + 1). z uses the variances without effect, corrected for ties, and with `distribution`
"permutation" skewness and kurtosis under randomisation too; the standard error those that hold under any effect. A
stratum with one arm only has no weight; one where an arm has a single patient lends its variance without effect to the
standard error.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.ordering import add_by_group
from jaksim.analysis.win.win_probability import rank_test, win_probability
from jaksim.kernel.jit import kernel

ESTIMAND = (
    "probability that a patient of the active arm does better than one of the reference arm of the same stratum, plus "
    "half the ties, averaged over strata"
)


@kernel
def van_elteren_kernel(tables: Any, groups: Any, n_groups: Any, unbiased: Any, out: Any) -> None:
    counts = np.empty((2, n_groups))
    for b in range(tables.shape[0]):
        total_weight = estimate = variance = null_variance = squares = 0.0
        for s in range(tables.shape[2]):
            counts[:] = 0.0
            add_by_group(tables[b, :, s], groups, counts)
            n_0 = counts[0].sum()
            n_1 = counts[1].sum()
            if n_0 > 0.0 and n_1 > 0.0:
                p, of_p, of_p_null, spread = win_probability(counts[0], counts[1], unbiased)
                weight = n_0 * n_1 / (n_0 + n_1 + 1.0)
                total_weight += weight
                estimate += weight * p
                variance += weight * weight * (of_p_null if math.isnan(of_p) else of_p)
                squares += weight**4 * (0.0 if math.isnan(spread) else spread)
                null_variance += weight * weight * of_p_null
        if total_weight > 0.0:
            estimate /= total_weight
            out[b, 0] = estimate
            out[b, 1] = math.sqrt(variance) / total_weight
            out[b, 3] = variance * variance / squares if squares > 0.0 else np.inf
            z_scale = total_weight / math.sqrt(null_variance) if null_variance > 0.0 else np.nan
            out[b, 2] = (estimate - 0.5) * z_scale
        else:
            out[b, :] = np.nan


METHOD = rank_test(
    "van_elteren",
    van_elteren_kernel,
    estimand=ESTIMAND,
    of_one_stratum=ESTIMAND.replace(" of the same stratum", "").removesuffix(", averaged over strata"),
    about=__doc__,
    words="van Elteren test",
    stratified=True,
    main=("ordinal", "day_count"),
)
