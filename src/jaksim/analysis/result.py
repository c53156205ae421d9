"""The result of one analysis of one data set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import Tables
from jaksim.errors import InputError


@dataclass(frozen=True)
class AnalysisResult:
    """Estimate (log scale for ratios), standard error, confidence interval and two-sided test of one comparison.

    Numbers are NaN where the data do not allow them. `ratio` and `ratio_ci` are the back-transformed estimate and
    interval of a ratio, else None. `statistic` is a z value.
    """

    method: str
    estimand: str
    estimate: float
    se: float
    ci: tuple[float, float]
    statistic: float
    p_value: float
    n: float
    ratio: float | None = None
    ratio_ci: tuple[float, float] | None = None


def summarise(
    method: str,
    estimand: str,
    row: ArrayLike,
    n: float,
    *,
    level: float,
    log_ratio: bool = False,
    ci: tuple[float, float] | None = None,
) -> AnalysisResult:
    """The AnalysisResult of a row (estimate, standard error, z); Wald interval unless `ci` is given."""
    estimate, se, z = (float(x) for x in np.asarray(row, dtype=np.float64))
    if ci is None:
        half = normal_quantile(level) * se
        ci = (estimate - half, estimate + half)
    return AnalysisResult(
        method=method,
        estimand=estimand,
        estimate=estimate,
        se=se,
        ci=ci,
        statistic=z,
        p_value=math.erfc(abs(z) / math.sqrt(2.0)),
        n=n,
        ratio=math.exp(estimate) if log_ratio else None,
        ratio_ci=(math.exp(ci[0]), math.exp(ci[1])) if log_ratio else None,
    )


def normal_quantile(level: float) -> float:
    """The normal quantile of a two-sided confidence interval; InputError unless 0 < level < 1."""
    if not 0.0 < level < 1.0:
        raise InputError("confidence level out of range", where="level", allowed="a number between 0 and 1", got=level)
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def one_table(table: ArrayLike) -> Tables:
    """One table (2, S, K) of counts as a block (1, 2, S, K); a table (2, K) has one stratum. InputError if unusable."""
    counts = np.array(table, dtype=np.float64, order="C")
    if counts.ndim == 2:
        counts = counts[:, np.newaxis, :]
    if counts.ndim != 3 or counts.shape[0] != 2:
        raise InputError("table has the wrong shape", allowed="(2 arms, strata, categories)", got=counts.shape)
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise InputError("table holds a negative or missing count", allowed="finite counts of at least 0")
    return counts[np.newaxis]


def per_category(values: ArrayLike, dtype: type, n_categories: int, where: str) -> NDArray[Any]:
    """A fresh array with one value per category; InputError when its length differs from the table's."""
    array: NDArray[Any] = np.array(values, dtype=dtype)
    if array.shape != (n_categories,):
        raise InputError(
            "one value per category is needed", where=where, allowed=f"{n_categories} values", got=array.shape
        )
    return array
