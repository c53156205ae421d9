"""The result of one analysis of one data set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.counts import Tables
from jaksim.analysis.student import normal_values
from jaksim.errors import InputError
from jaksim.ratio import ratio_of

UNBOUNDED: Final = (-math.inf, math.inf)


@dataclass(frozen=True)
class AnalysisResult:
    """Estimate (log scale for ratios), standard error, confidence interval and two-sided test of one comparison.

    Numbers are NaN where the data do not allow them. `ratio` and `ratio_ci` are the back-transformed estimate and
    interval of a ratio, else None. `statistic` is a z value, or Student's t where it has degrees of freedom, `df`.
    `interval_df` are those of the t quantile of the interval, None where it has the normal quantile or is no distance
    in standard errors.
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
    interval_df: float | None = None
    df: float | None = None


def summarise(
    method: str,
    estimand: str,
    row: ArrayLike,
    n: float,
    *,
    level: float,
    log_ratio: bool = False,
    ci: tuple[float, float] | None = None,
    freedom: float = math.inf,
    bounds: tuple[float, float] = UNBOUNDED,
) -> AnalysisResult:
    """The AnalysisResult of a row (estimate, standard error, z).

    The interval is Wald's, with the quantile of Student's t for so many degrees of freedom, unless `ci` is given; it is
    cut at the `bounds` of the estimate. Where z is the normal value of the estimate in standard errors with these
    degrees of freedom, the statistic is that t.
    """
    estimate, se, z = (float(x) for x in np.asarray(row, dtype=np.float64))
    statistic, df, interval_df = z, None, None
    if freedom < math.inf and se > 0.0:
        t = estimate / se
        if math.isclose(float(normal_values(np.array([t]), np.array([freedom]))[0]), z, rel_tol=1e-12, abs_tol=1e-300):
            statistic, df = t, freedom
    if ci is None:
        half = t_quantile(level, freedom) * se
        ci = (estimate - half, estimate + half)
        interval_df = freedom if freedom < math.inf else None
    ci = within(ci, bounds)
    return AnalysisResult(
        method=method,
        estimand=estimand,
        estimate=estimate,
        se=se,
        ci=ci,
        statistic=statistic,
        p_value=math.erfc(abs(z) / math.sqrt(2.0)),
        n=n,
        ratio=ratio_of(estimate) if log_ratio else None,
        ratio_ci=(ratio_of(ci[0]), ratio_of(ci[1])) if log_ratio else None,
        interval_df=interval_df,
        df=df,
    )


def within(ci: tuple[float, float], bounds: tuple[float, float]) -> tuple[float, float]:
    """The interval without what lies beyond the bounds; NaN stays."""
    low, high = bounds
    cut = [limit if math.isnan(limit) else min(max(limit, low), high) for limit in ci]
    return cut[0], cut[1]


def t_quantile(level: float, freedom: float) -> float:
    """The quantile of Student's t for a two-sided interval, the normal one for infinitely many or no known degrees."""
    if not freedom < math.inf:
        return normal_quantile(level)
    from scipy.special import stdtrit

    normal_quantile(level)  # refuses a level out of range
    return float(stdtrit(freedom, 0.5 + 0.5 * level))


def normal_quantile(level: float) -> float:
    """The normal quantile of a two-sided confidence interval; InputError unless 0 < level < 1.

    A level so close to 1 that its quantile is infinite is refused as well.
    """
    upper = 0.5 + level / 2.0
    if not (level > 0.0 and upper < 1.0):
        raise InputError("confidence level out of range", where="level", allowed="a number between 0 and 1", got=level)
    return NormalDist().inv_cdf(upper)


def one_table(table: ArrayLike) -> Tables:
    """One table (2, S, K) of counts as a block (1, 2, S, K); a table (2, K) has one stratum. InputError if unusable."""
    counts = numbers(table, "table", "counts (2 arms, strata, categories), every row as long as the others")
    if counts.ndim == 2:
        counts = counts[:, np.newaxis, :]
    if counts.ndim != 3 or counts.shape[0] != 2:
        raise InputError(
            "table has the wrong shape", where="table", allowed="(2 arms, strata, categories)", got=counts.shape
        )
    wrong = ~(np.isfinite(counts) & (counts >= 0.0))
    if wrong.any():
        arm, stratum, category = (int(position) for position in np.argwhere(wrong)[0])
        raise InputError(
            "a count is negative, missing or infinite",
            where=f"table, arm {arm + 1}, stratum {stratum + 1}, category {category + 1}",
            allowed="finite counts of at least 0",
            got=float(counts[arm, stratum, category]),
        )
    return counts[np.newaxis]


def per_category(values: ArrayLike, dtype: type, n_categories: int, where: str) -> NDArray[Any]:
    """A fresh array with one value per category; InputError when its length differs from the table's."""
    array = numbers(values, where, f"{n_categories} numbers")
    if array.shape != (n_categories,):
        raise InputError(
            "one value per category is needed", where=where, allowed=f"{n_categories} values", got=array.shape
        )
    if np.issubdtype(dtype, np.integer):
        wrong = ~np.isfinite(array) | (array != np.floor(array)) | (np.abs(array) > 2.0**53)
        if wrong.any():
            category = int(np.flatnonzero(wrong)[0])
            raise InputError(
                "must be a whole number",
                where=f"{where}, category {category + 1}",
                allowed="whole numbers, -1 for a category left out",
                got=float(array[category]),
            )
    return array.astype(dtype)


def numbers(values: Any, where: str, allowed: str) -> NDArray[np.float64]:
    """A fresh array of the values; InputError for words, None and rows of different lengths."""
    try:
        found = np.array(values)
        if found.dtype.kind not in "biufO" or None in found.ravel().tolist():
            raise TypeError
        return np.array(found, dtype=np.float64, order="C")
    except (TypeError, ValueError, OverflowError):
        raise InputError("these are not numbers in an array", where=where, allowed=allowed, got=values) from None
