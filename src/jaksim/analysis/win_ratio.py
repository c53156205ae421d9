"""Win ratio of an ordered status, by strata or pooled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.analysis.win_statistics import CHOICES, OPTIONS, TESTS, WEIGHTINGS, WIN_RATIO, win_statistics_kernel

ESTIMAND = "log win ratio: pairs of patients in which the active arm does better over pairs in which it does worse"


def win_ratio(
    table: ArrayLike,
    rank: ArrayLike,
    *,
    weighting: str = "mantel_haenszel",
    test: str = "wald",
    level: float = 0.95,
) -> AnalysisResult:
    """Win ratio of a table (2, S, K): pairs won over pairs lost by the active arm, without ties (Pocock 2012).

    `rank` (K,) is 0 for the best status, -1 for a category left out; equal ranks tie. Patients are compared within
    strata, whose shares of wins and losses are averaged with the weights of `weighting`: "mantel_haenszel"
    (n_1h n_0h / n_h; for the win ratio that of Dong et al. 2018), "size" (n_h) or "equal"; "pooled" compares all
    patients of one arm with all of the other. The standard error is that of U-statistics under any effect. `test` is
    "wald", or "permutation": wins minus losses over their standard deviation without effect (Finkelstein and
    Schoenfeld 1999), the Wilcoxon test in one stratum. A stratum with one arm only has no weight.
    """
    tables = one_table(table)
    settings = METHOD.settings({"weighting": weighting, "test": test})
    groups, n_groups = rank_groups(per_category(rank, np.int64, tables.shape[-1], "rank"))
    out = np.empty((1, 3))
    _fill(tables, groups, n_groups, settings, out)
    n = float(tables[..., groups >= 0].sum())
    return summarise("win_ratio", ESTIMAND, out[0], n, level=level, log_ratio=True)


def evaluate(tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    _fill(block(tables, out, len(groups)), groups, n_groups, METHOD.settings(options), out)


def _fill(
    tables: Tables, groups: NDArray[np.int64], n_groups: int, settings: Mapping[str, Any], out: NDArray[np.float64]
) -> None:
    weighting, permutation = WEIGHTINGS.index(settings["weighting"]), TESTS.index(settings["test"]) == 1
    win_statistics_kernel(tables, groups, n_groups, WIN_RATIO, weighting, permutation, out)


METHOD = Method(
    name="win_ratio",
    kinds=("ordinal", "day_count", "binary"),
    estimand=ESTIMAND,
    scale="log_ratio",
    evaluate=evaluate,
    orientation="benefit",
    ratio_name="win_ratio",
    options=OPTIONS,
    choices=CHOICES,
)
