"""Partial proportional odds fits on blocks of tables, and one table in full with the tests of proportionality."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.ordinal.partial_odds_fit import climb, evaluate_at, newton_direction
from jaksim.analysis.ordinal.partial_odds_thresholds import (
    arm_totals,
    basis_in_use,
    contrasts,
    separate,
    shifted,
    used_categories,
)
from jaksim.analysis.ordinal.proportional_odds_cells import collapse, informative
from jaksim.analysis.ordinal.proportional_odds_fit import LARGEST_STANDARD_ERROR
from jaksim.kernel.jit import inner, kernel


@kernel
def partial_odds_kernel(tables: Any, groups: Any, n_groups: Any, basis: Any, cut: Any, out: Any) -> None:
    """Fill out (B, 3) from tables (B, 2, S, K).

    The log odds ratios of the cut-points, each behind one of the n_groups categories of the order but the last, are
    `basis` (n_groups - 1, q) times parameters. The estimate is that behind category `cut`, their mean with inverse
    variance weights if `cut` is negative.
    """
    out[:] = np.nan
    for b in range(tables.shape[0]):
        cells, design, n_strata, totals, used = _packed(tables[b], groups, n_groups)
        m = len(used) - 1
        if m >= 1 and n_strata >= 1:
            delta, covariance = np.empty(m), np.empty((m, m))
            here = np.zeros((m, m))
            q = basis_in_use(basis, used, here)
            _fit(cells, design, n_strata, totals, here[:, :q], delta, covariance[:m, :m])
            _summarise(delta, covariance, used, cut, out[b])


@kernel
def proportionality_kernel(
    table: Any, groups: Any, n_groups: Any, basis: Any, cuts: Any, delta: Any, covariance: Any, out: Any
) -> Any:
    """One table (2, S, K) in full; returns the number of cut-points that split the patients.

    Fills the first of cuts, delta (n_groups - 1,) and covariance for these, and out (5,): common log odds ratio and its
    standard error, likelihood ratio and score chi-squared of proportionality and their degrees of freedom. The score
    test has the observed information at the proportional odds fit.
    """
    out[:] = np.nan
    cells, design, n_strata, totals, used = _packed(table, groups, n_groups)
    m = len(used) - 1
    if m < 1 or n_strata < 1:
        return 0
    here, common, of_common = np.zeros((m, m)), np.empty(m), np.empty((m, m))
    q = basis_in_use(basis, used, here)
    cuts[:m] = used[:m]
    value, _ = _fit(cells, design, n_strata, totals, here[:, :q], delta[:m], covariance[:m, :m])
    proportional = np.ones((m, m))[:, :1]
    null, theta = _fit(cells, design, n_strata, totals, proportional, common, of_common[:m, :m])
    out[0], out[1], out[4] = common[0], math.sqrt(of_common[0, 0]), q - 1.0
    if m > 1:
        out[2] = 2.0 * (value - null)
        if null == null:
            out[3] = _score(cells, design, n_strata, totals, here[:, :q], theta)
    return m


@inner
def _packed(table: Any, groups: Any, n_groups: Any) -> Any:
    """Cells, their arm and stratum, the number of strata, totals by arm, and the categories in use."""
    n_strata = table.shape[1]
    collapsed = np.empty((2, n_strata, n_groups))
    cells = np.empty((2 * n_strata, n_groups))
    design = np.empty((2 * n_strata, 2), dtype=np.int64)
    used = np.empty(n_groups, dtype=np.int64)
    collapse(table, groups, collapsed)
    n_cells, n_used, k = informative(collapsed, cells, design, np.empty(n_groups))
    k = k if n_used > 0 else 0
    used_categories(collapsed, used)
    totals = np.empty((2, k))
    arm_totals(cells[:n_cells, :k], design[:n_cells], totals)
    return cells[:n_cells, :k], design[:n_cells], n_used, totals, used[:k]


@inner
def _fit(cells: Any, design: Any, n_strata: Any, totals: Any, basis: Any, delta: Any, covariance: Any) -> Any:
    """Fill delta (m,) and covariance (m, m) of the log odds ratios, NaN for what is infinite.

    Returns the log likelihood, NaN without a maximum, and the parameters.
    """
    m, q = basis.shape
    thresholds = np.empty((2, m, 2 * m))
    known = np.ones((2, m), dtype=np.bool_)
    theta = np.zeros(2 * m + n_strata - 1)
    delta[:] = np.nan
    covariance[:] = np.nan
    if q == m and m > 1:
        p = separate(totals, thresholds, known, theta)
    else:
        p = m + q
        shifted(totals, basis, thresholds[:, :, :p], theta[:p])
    n = p + n_strata - 1
    factor = np.empty((n, n))
    value = np.nan
    if totals[0].sum() > 0.0 and totals[1].sum() > 0.0:
        value = climb(cells, design, totals, thresholds[:, :, :p], known, theta[:n], factor)
    if value == value:
        contrasts(thresholds[:, :, :p], known, theta[:n], factor, np.empty((m, n)), delta, covariance)
        for j in range(m):
            if not math.sqrt(covariance[j, j]) < LARGEST_STANDARD_ERROR:
                delta[j] = np.nan
                covariance[j, :] = np.nan
                covariance[:, j] = np.nan
    return value, theta[:n]


@inner
def _score(cells: Any, design: Any, n_strata: Any, totals: Any, basis: Any, common: Any) -> Any:
    """Score chi-squared of the wider model at the parameters of proportional odds, which are its own with zeros."""
    m, q = basis.shape
    p = m + q
    thresholds = np.empty((2, m, p))
    theta = np.zeros(p + n_strata - 1)
    shifted(totals, basis, thresholds, theta[:p])
    theta[: m + 1] = common[: m + 1]
    theta[p:] = common[m + 1 :]
    n = len(theta)
    gradient, step, information = np.empty(n), np.empty(n), np.empty((n, n))
    known = np.ones((2, m), dtype=np.bool_)
    evaluate_at(cells, design, totals, thresholds, known, theta, gradient, information)
    return newton_direction(gradient, information, step, p)


@inner
def _summarise(delta: Any, covariance: Any, used: Any, cut: Any, out: Any) -> None:
    """Estimate, standard error and z behind category `cut`, or of the mean of all."""
    m = len(delta)
    total = estimate = variance = 0.0
    for j in range(m):
        if cut < 0:
            weight = 1.0 / covariance[j, j]
            total += weight
            estimate += weight * delta[j]
            for k in range(m):
                variance += weight * covariance[j, k] / covariance[k, k]
        elif used[j] <= cut < used[j + 1]:
            total = 1.0
            estimate = delta[j]
            variance = covariance[j, j]
    if total > 0.0 and variance > 0.0:
        out[0] = estimate / total
        out[1] = math.sqrt(variance) / total
        out[2] = out[0] / out[1]
