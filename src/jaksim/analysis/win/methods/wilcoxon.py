"""Wilcoxon-Mann-Whitney test on an ordinal status, with the win probability as estimate.

The estimate is the win probability, 0.5 under the null, above it when the active arm does better. Its standard error
holds under any effect (see `win_probability`), while z uses the variance without effect, corrected for ties and
without continuity correction, so that z is that of the usual test; `distribution` "permutation" corrects it for
skewness and kurtosis under randomisation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.analysis.counts import Options
from jaksim.analysis.ordering import add_by_group
from jaksim.analysis.win.win_probability import rank_test, win_probability
from jaksim.errors import InputError
from jaksim.kernel.jit import kernel

if TYPE_CHECKING:
    from jaksim.analysis.patients import Patients
    from jaksim.analysis.result import AnalysisResult


ESTIMAND = "probability that a patient of the active arm does better than one of the reference arm, plus half the ties"


def adjusted(patients: Patients, options: Options, level: float, *, robust: bool) -> AnalysisResult:
    """The win probability adjusted without a model, strata pooled as without covariates."""
    from jaksim.analysis.win.mann_whitney_adjusted import mann_whitney_adjusted

    if options["variance"] != "brunner_munzel":
        raise InputError(
            "this variance is not available for an adjusted win probability",
            where="wilcoxon.variance",
            allowed="brunner_munzel",
            got=options["variance"],
        )
    rank = patients.endpoint.rank[patients.category]
    known = rank >= 0
    return mann_whitney_adjusted(patients.arm[known], -rank[known], patients.covariates[known], level=level)


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


METHOD = rank_test(
    "wilcoxon",
    wilcoxon_kernel,
    estimand=ESTIMAND,
    about=__doc__,
    words="Wilcoxon test",
    stratified=False,
    adjusted=adjusted,
)
