"""Wilcoxon-Mann-Whitney test on an ordinal status, with the win probability as estimate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.analysis.win_probability import VARIANCES, win_probability
from jaksim.kernel.jit import kernel

ESTIMAND = "probability that a patient of the active arm does better than one of the reference arm, plus half the ties"
VARIANCE_OPTION = {
    "variance": ("brunner_munzel", "variance behind the standard error: brunner_munzel or unbiased (Bamber)")
}


def wilcoxon(
    table: ArrayLike, rank: ArrayLike, *, variance: str = "brunner_munzel", level: float = 0.95
) -> AnalysisResult:
    """Wilcoxon-Mann-Whitney test of a table (2, S, K), strata pooled.

    `rank` (K,) is 0 for the best status, -1 for a category left out. The estimate is the win probability, 0.5 under
    the null, above it when the active arm does better. Its standard error holds under any effect (see
    `win_probability`), while z uses the variance without effect, corrected for ties and without continuity
    correction, so that z is that of the usual test.
    """
    tables = one_table(table)
    unbiased = METHOD.settings({"variance": variance})["variance"] == "unbiased"
    groups, n_groups = rank_groups(per_category(rank, np.int64, tables.shape[-1], "rank"))
    out = np.empty((1, 3))
    wilcoxon_kernel(tables, groups, n_groups, unbiased, out)
    return summarise("wilcoxon", ESTIMAND, out[0], float(tables[..., groups >= 0].sum()), level=level)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    unbiased = options.get("variance") == "unbiased"
    wilcoxon_kernel(block(tables, out, len(groups)), groups, n_groups, unbiased, out)


@kernel
def wilcoxon_kernel(tables: Any, groups: Any, n_groups: Any, unbiased: Any, out: Any) -> None:
    counts = np.empty((2, n_groups))
    for b in range(tables.shape[0]):
        counts[:] = 0.0
        for arm in range(2):
            for s in range(tables.shape[2]):
                for k in range(groups.shape[0]):
                    if groups[k] >= 0:
                        counts[arm, groups[k]] += tables[b, arm, s, k]
        p, variance, null_variance = win_probability(counts[0], counts[1], unbiased)
        out[b, 0] = p
        out[b, 1] = math.sqrt(variance)
        out[b, 2] = (p - 0.5) / math.sqrt(null_variance) if null_variance > 0.0 else np.nan


METHOD = Method(
    name="wilcoxon",
    kinds=("ordinal", "day_count", "binary"),
    estimand=ESTIMAND,
    scale="probability",
    evaluate=evaluate,
    orientation="benefit",
    null=0.5,
    options=VARIANCE_OPTION,
    choices={"variance": VARIANCES},
)
