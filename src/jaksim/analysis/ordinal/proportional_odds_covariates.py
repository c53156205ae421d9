"""Proportional odds regression of patients with covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.newton import (
    Fit,
    coefficients,
    covariate_matrix,
    group_numbers,
    standardised,
    without_separated,
)
from jaksim.analysis.ordinal.proportional_odds_patients import influence, intercepts, likelihood, maximise
from jaksim.arrays import Integers
from jaksim.errors import InputError


def proportional_odds_covariates(
    rank: ArrayLike,
    x: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    stratum: ArrayLike | None = None,
    robust: bool = False,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Fit:
    """Fit logit P(rank <= j) = intercept_j + x . beta to patients with ranks (n,), 0 the best, and covariates (n, p).

    A positive coefficient favours patients with a larger covariate. Strata enter as a factor; those whose patients all
    have the best or all the worst rank say nothing and are left out. Standard errors are from the observed information
    (McCullagh 1980); with `robust` the covariance is the sandwich (Huber 1967; White 1982), and `cluster` (n,) sums the
    score residuals of patients of one cluster first and implies it. Coefficients without a finite maximum (separation)
    are NaN. Raises InputError for constant or linearly dependent covariates.
    """
    ranks = np.array(rank)
    n = len(ranks)
    if ranks.ndim != 1:
        raise InputError("one rank per patient is needed", where="rank", got=ranks.shape)
    matrix, labels = covariate_matrix(x, n, names)
    strata = group_numbers(stratum, n, "stratum")
    robust = robust or cluster is not None
    clusters = None if cluster is None else group_numbers(cluster, n, "cluster")
    p = matrix.shape[1]
    keep = _informative(ranks, strata)
    nothing = Fit(
        coefficients(labels, np.full(p, np.nan), np.full(p, np.nan), level),
        np.full((p, p), np.nan),
        (math.nan, math.nan),
        int(keep.sum()),
        robust=robust,
    )
    groups = np.unique(ranks[keep], return_inverse=True)[1].astype(np.int64)
    if not len(groups) or groups.max() < 1:
        return nothing
    factor = group_numbers(strata[keep], int(keep.sum()), "stratum")
    dummies = (factor[:, np.newaxis] == np.arange(1, factor.max() + 1)).astype(np.float64)
    everything = np.concatenate([matrix[keep], dummies], axis=1)
    all_names = (*labels, *(f"stratum {j}" for j in range(1, dummies.shape[1] + 1)))
    scaled, spread = standardised(everything, all_names, np.zeros(len(everything), dtype=np.int64))
    start = intercepts(groups)
    found = maximise(scaled, groups, start)
    if found is None:
        return nothing
    alpha, beta, value, model = found
    covariance = model
    if robust:
        parts = influence(scaled, groups, alpha, beta, model)
        if clusters is not None:
            parts = np.stack([np.bincount(clusters[keep], weights=column) for column in parts.T], axis=1)
        covariance = parts.T @ parts
    beta, covariance = without_separated(beta, covariance, model)
    beta, covariance = (beta / spread)[:p], (covariance / np.outer(spread, spread))[:p, :p]
    null = likelihood(scaled[:, :0], groups, start, np.empty(0))
    rows = coefficients(labels, beta, np.sqrt(covariance.diagonal()), level)
    return Fit(rows, covariance, (null, value), int(keep.sum()), robust=robust)


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
