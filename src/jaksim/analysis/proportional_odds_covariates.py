"""Proportional odds regression of patients with covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, solveh_banded
from scipy.special import expit, log_expit

from jaksim.analysis.newton import (
    DECREMENT,
    LOST,
    MOST_HALVINGS,
    MOST_STEPS,
    NEARLY_THERE,
    Fit,
    coefficients,
    covariate_matrix,
    group_numbers,
    standardised,
    without_separated,
)
from jaksim.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def proportional_odds_covariates(
    rank: ArrayLike,
    x: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    stratum: ArrayLike | None = None,
    level: float = 0.95,
) -> Fit:
    """Fit logit P(rank <= j) = intercept_j + x . beta to patients with ranks (n,), 0 the best, and covariates (n, p).

    A positive coefficient favours patients with a larger covariate. Strata enter as a factor; those whose patients all
    have the best or all the worst rank say nothing and are left out. Standard errors are from the observed information
    (McCullagh 1980). Coefficients without a finite maximum (separation) are NaN. Raises InputError for constant or
    linearly dependent covariates.
    """
    ranks = np.array(rank)
    n = len(ranks)
    if ranks.ndim != 1:
        raise InputError("one rank per patient is needed", where="rank", got=ranks.shape)
    matrix, labels = covariate_matrix(x, n, names)
    strata = group_numbers(stratum, n, "stratum")
    p = matrix.shape[1]
    keep = _informative(ranks, strata)
    nothing = Fit(
        coefficients(labels, np.full(p, np.nan), np.full(p, np.nan), level),
        np.full((p, p), np.nan),
        (math.nan, math.nan),
        int(keep.sum()),
    )
    groups = np.unique(ranks[keep], return_inverse=True)[1].astype(np.int64)
    if not len(groups) or groups.max() < 1:
        return nothing
    factor = group_numbers(strata[keep], int(keep.sum()), "stratum")
    dummies = (factor[:, np.newaxis] == np.arange(1, factor.max() + 1)).astype(np.float64)
    everything = np.concatenate([matrix[keep], dummies], axis=1)
    all_names = (*labels, *(f"stratum {j}" for j in range(1, dummies.shape[1] + 1)))
    scaled, spread = standardised(everything, all_names, np.zeros(len(everything), dtype=np.int64))
    start = _intercepts(groups)
    found = _maximise(scaled, groups, start)
    if found is None:
        return nothing
    beta, value, model = found
    beta, covariance = without_separated(beta, model, model)
    beta, covariance = (beta / spread)[:p], (covariance / np.outer(spread, spread))[:p, :p]
    null = _likelihood(scaled[:, :0], groups, start, np.empty(0))
    return Fit(
        coefficients(labels, beta, np.sqrt(covariance.diagonal()), level), covariance, (null, value), int(keep.sum())
    )


def _informative(rank: NDArray[Any], strata: Integers) -> NDArray[np.bool_]:
    """Patients of the strata that are left once those at one end of the scale alone have gone."""
    keep = np.ones(len(rank), dtype=bool)
    while keep.any():
        low, high = rank[keep].min(), rank[keep].max()
        sizes = np.bincount(strata[keep], minlength=strata.max() + 1)
        at_low = np.bincount(strata[keep & (rank == low)], minlength=len(sizes))
        at_high = np.bincount(strata[keep & (rank == high)], minlength=len(sizes))
        silent = (sizes > 0) & ((at_low == sizes) | (at_high == sizes))
        if not silent.any():
            break
        keep &= ~silent[strata]
    return keep


def _intercepts(groups: Integers) -> Floats:
    share = np.cumsum(np.bincount(groups))[:-1] / len(groups)
    return np.asarray(np.log(share) - np.log1p(-share))


def _maximise(x: Floats, groups: Integers, alpha: Floats) -> tuple[Floats, float, Floats] | None:
    """Newton's method on thresholds and coefficients; the thresholds' block of the information is tridiagonal."""
    beta = np.zeros(x.shape[1])
    value = _likelihood(x, groups, alpha, beta)
    for _ in range(MOST_STEPS):
        step = _newton_step(x, groups, alpha, beta)
        if step is None:
            return None
        d_alpha, d_beta, decrement, covariance = step
        if decrement < DECREMENT * max(1.0, len(alpha)) or math.sqrt(covariance.diagonal().max()) > LOST:
            return beta, value, covariance
        for _ in range(MOST_HALVINGS):
            found = _likelihood(x, groups, alpha + d_alpha, beta + d_beta)
            if math.isfinite(found) and (found >= value or decrement < NEARLY_THERE):
                break
            d_alpha, d_beta = d_alpha / 2.0, d_beta / 2.0
        alpha, beta, value = alpha + d_alpha, beta + d_beta, found
    return None


def _ends(x: Floats, groups: Integers, alpha: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Linear predictors at the upper and lower threshold of each patient's category, infinite at the ends."""
    edges = np.concatenate([[-np.inf], alpha, [np.inf]])
    shift = x @ beta
    return edges[groups + 1] + shift, edges[groups] + shift


def _likelihood(x: Floats, groups: Integers, alpha: Floats, beta: Floats) -> float:
    gaps = np.diff(alpha)
    if (gaps <= 0.0).any():
        return -math.inf
    upper, lower = _ends(x, groups, alpha, beta)
    inner = np.bincount(groups, minlength=len(alpha) + 1)[1:-1]
    return float(log_expit(upper).sum() + log_expit(-lower).sum() + inner @ np.log(-np.expm1(-gaps)))


def _newton_step(
    x: Floats, groups: Integers, alpha: Floats, beta: Floats
) -> tuple[Floats, Floats, float, Floats] | None:
    """Step of thresholds and coefficients, its squared length in standard errors, covariance of the coefficients.

    As in `proportional_odds_derivatives` a category has probability F(upper) (1 - F(lower)) (1 - exp(lower - upper)),
    where the last factor depends on the thresholds alone.
    """
    m = len(alpha)
    upper, lower = _ends(x, groups, alpha, beta)
    f_upper, f_lower = expit(upper), expit(lower)
    slope_upper, slope_lower = 1.0 - f_upper, -f_lower
    bend_upper, bend_lower = f_upper * slope_upper, f_lower * (1.0 - f_lower)

    def per_threshold(at_upper: Floats, at_lower: Floats) -> Floats:
        of_upper = np.bincount(groups, weights=at_upper, minlength=m + 1)[:m]
        return np.asarray(of_upper + np.bincount(groups, weights=at_lower, minlength=m + 1)[1:])

    g_alpha = per_threshold(slope_upper, slope_lower)
    diagonal = per_threshold(bend_upper, bend_lower)
    inner = np.bincount(groups, minlength=m + 1)[1:-1]
    gaps = np.diff(alpha)
    pull = inner / np.expm1(gaps)
    curve = inner / (4.0 * np.sinh(gaps / 2.0) ** 2)
    g_alpha[1:] += pull
    g_alpha[:-1] -= pull
    diagonal[1:] += curve
    diagonal[:-1] += curve
    banded = np.zeros((2, m))
    banded[1] = diagonal
    banded[0, 1:] = -curve
    border = np.stack([per_threshold(bend_upper * column, bend_lower * column) for column in x.T], axis=1)
    g_beta = x.T @ (slope_upper + slope_lower)
    corner = (x * (bend_upper + bend_lower)[:, np.newaxis]).T @ x
    try:
        solved = solveh_banded(banded, np.column_stack([border, g_alpha]))
        covariance = np.linalg.inv(corner - border.T @ solved[:, :-1])
    except (LinAlgError, np.linalg.LinAlgError, ValueError):
        return None
    if not (covariance.diagonal() > 0.0).all():
        return None
    d_beta = covariance @ (g_beta - border.T @ solved[:, -1])
    d_alpha = solved[:, -1] - solved[:, :-1] @ d_beta
    return d_alpha, d_beta, float(g_alpha @ d_alpha + g_beta @ d_beta), covariance
