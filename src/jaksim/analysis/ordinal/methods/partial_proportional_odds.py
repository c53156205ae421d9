"""Partial proportional odds model: log odds ratios of treatment that differ between the cut-points of a scale.

Maximum likelihood fit of logit P(rank <= j) = intercept_j + log odds ratio_j * active + stratum. Equal ranks are one
category. Cut-point j divides the j best statuses from the others. `free` tells which log odds ratios are their own:
"all"; the numbers of some cut-points, the others sharing one; or "linear", where they change by the same from cut to
cut (Peterson and Harrell 1990). `cut` is the cut-point of the estimate, or "mean": all, weighted by inverse variances
that are taken as known. A positive one favours the active arm. Standard errors are from the observed information; the
tests of proportionality are likelihood ratio and score, this with the observed information at the proportional odds
fit. A log odds ratio is NaN where an arm has no patient on one side of the cut. `labels` name the categories.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.newton import Coefficient, coefficients
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.ordinal.partial_odds_kernel import partial_odds_kernel, proportionality_kernel
from jaksim.analysis.ordinal.partial_odds_options import cut_behind, odds_ratio_basis
from jaksim.analysis.result import AnalysisResult
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.key import Key

ESTIMAND = (
    "log odds ratio of a better status, active against reference, at one cut-point of the scale or the mean over all "
    "with inverse variance weights; partial proportional odds adjusted for stratum"
)
MOST_CATEGORIES = 100


@dataclass(frozen=True)
class Proportionality:
    """Tests of the same log odds ratio at every cut-point, with p values from chi-squared; NaN where there is none."""

    likelihood_ratio: float
    likelihood_ratio_p_value: float
    score: float
    score_p_value: float
    df: int


@dataclass(frozen=True)
class PartialOddsResult(AnalysisResult):
    """Also the log odds ratio at every cut-point, the common one of proportional odds, and tests of proportionality."""

    cut_points: tuple[Coefficient, ...] = ()
    common: Coefficient | None = None
    proportionality: Proportionality | None = None


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    basis, behind = odds_ratio_basis(options["free"], n_groups), cut_behind(options["cut"], n_groups)
    out[:] = np.nan
    if n_groups:
        partial_odds_kernel(tables, groups, n_groups, basis, behind, out)


def details(
    result: AnalysisResult, table: Tables, endpoint: CategoryMeanings, options: Options, level: float
) -> PartialOddsResult:
    """The result with the log odds ratio at every cut-point and the tests of proportionality."""
    groups, n_groups = rank_groups(np.asarray(endpoint.rank))
    basis = odds_ratio_basis(options["free"], n_groups)
    size = max(n_groups - 1, 1)
    cuts, delta, covariance = np.empty(size, dtype=np.int64), np.empty(size), np.empty((size, size))
    found = np.full(5, np.nan)
    m = proportionality_kernel(table, groups, n_groups, basis, cuts, delta, covariance, found) if n_groups else 0
    names = [_cut_name(int(j), groups, endpoint.labels) for j in cuts[:m]]
    return PartialOddsResult(
        **vars(result),
        cut_points=coefficients(names, delta[:m], np.sqrt(covariance.diagonal()[:m]), level),
        common=coefficients(["common"], found[:1], found[1:2], level)[0],
        proportionality=_proportionality(*found[2:].tolist()),
    )


def _cut_name(cut: int, groups: NDArray[np.int64], labels: Sequence[str]) -> str:
    if not labels:
        return f"cut {cut + 1}"
    return f"cut {cut + 1}: {labels[int(np.flatnonzero(groups == cut)[-1])]} or better"


def _proportionality(likelihood_ratio: float, score: float, df: float) -> Proportionality:
    from scipy.special import chdtrc

    if not df > 0.0:
        return Proportionality(np.nan, np.nan, np.nan, np.nan, 0)
    p = [float(chdtrc(df, x)) if x == x else np.nan for x in (likelihood_ratio, score)]
    return Proportionality(likelihood_ratio, p[0], score, p[1], int(df))


def _few(n_groups: int) -> None:
    if n_groups > MOST_CATEGORIES:
        raise InputError(
            f"{n_groups} distinct values have too many cut-points",
            where="method partial_proportional_odds",
            allowed=f"at most {MOST_CATEGORIES} values",
        )


METHOD = Method(
    name="partial_proportional_odds",
    kinds=("ordinal",),
    reads=("rank", "labels"),
    estimand=ESTIMAND,
    of_one_stratum=ESTIMAND.removesuffix(" adjusted for stratum"),
    scale="log_ratio",
    orientation="benefit",
    fill=fill,
    ratio_name="odds_ratio",
    options=(
        Key(
            "free",
            "text, whole number or list",
            "cut-points with a log odds ratio of their own: all, some numbers such as '2,3', or linear (it changes by "
            "the same from cut to cut)",
            "all",
        ),
        Key(
            "cut",
            "text, whole number or list",
            "cut-point of the estimate by its number, 1 behind the best status; or the mean of all",
            "mean",
        ),
    ),
    requirement=lambda endpoint: _few(rank_groups(np.asarray(endpoint.rank))[1]),
    free_cuts=True,
    details=details,
    factor_seconds=1.1e-6,
    about=__doc__,
)
