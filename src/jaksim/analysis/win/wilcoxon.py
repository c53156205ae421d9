"""Wilcoxon-Mann-Whitney test on an ordinal status, with the win probability as estimate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.ordering import add_by_group
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import analyse_ranks
from jaksim.analysis.win.win_probability import rank_test, win_probability
from jaksim.kernel.jit import kernel

ESTIMAND = "probability that a patient of the active arm does better than one of the reference arm, plus half the ties"


def wilcoxon(
    table: ArrayLike,
    rank: ArrayLike,
    *,
    variance: str = "brunner_munzel",
    distribution: str = "normal",
    level: float = 0.95,
) -> AnalysisResult:
    """Wilcoxon-Mann-Whitney test of a table (2, S, K), strata pooled.

    `rank` (K,) is 0 for the best status, -1 for a category left out. The estimate is the win probability, 0.5 under
    the null, above it when the active arm does better. Its standard error holds under any effect (see
    `win_probability`), while z uses the variance without effect, corrected for ties and without continuity
    correction, so that z is that of the usual test; `distribution` "permutation" corrects it for skewness and kurtosis
    under randomisation.
    """
    return analyse_ranks(METHOD, table, rank, {"variance": variance, "distribution": distribution}, level)


@kernel
def wilcoxon_kernel(tables: Any, groups: Any, n_groups: Any, unbiased: Any, out: Any) -> None:
    counts = np.empty((2, n_groups))
    for b in range(tables.shape[0]):
        counts[:] = 0.0
        for s in range(tables.shape[2]):
            add_by_group(tables[b, :, s], groups, counts)
        p, variance, null_variance, spread = win_probability(counts[0], counts[1], unbiased)
        out[b, 0] = p
        out[b, 1] = math.sqrt(variance)
        out[b, 3] = variance * variance / spread if spread > 0.0 else np.inf
        out[b, 2] = (p - 0.5) / math.sqrt(null_variance) if null_variance > 0.0 else np.nan


METHOD = rank_test("wilcoxon", wilcoxon_kernel, ESTIMAND, stratified=False)
