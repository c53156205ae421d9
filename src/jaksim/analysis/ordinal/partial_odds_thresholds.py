"""Thresholds of each arm as linear functions of parameters: how a treatment acts on the cut-points of a scale."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.ordinal.proportional_odds_cells import EMPTY
from jaksim.kernel.jit import inner

DRIFT = 1e-6
"""How much a log odds ratio may move with a stratum whose coefficient drifts off, and still be finite."""


@inner
def used_categories(collapsed: Any, used: Any) -> None:
    """Fill `used` with the categories that have patients; a cut-point lies behind each but the last.

    A cut behind a category without patients divides them as the one before it does and is left out.
    """
    empty = EMPTY * collapsed.sum()
    found = 0
    for j in range(collapsed.shape[2]):
        if collapsed[0, :, j].sum() + collapsed[1, :, j].sum() > empty:
            used[found] = j
            found += 1


@inner
def basis_in_use(basis: Any, used: Any, out: Any) -> Any:
    """Fill out (m, m) with the rows of `basis` (J - 1, q) at the cut-points in use; returns the number of columns.

    Columns that are zero there are left out; where as many are left as there are cut-points, or more, each of these
    has a log odds ratio of its own. The first column is one throughout, so that it alone is proportional odds.
    """
    m = out.shape[0]
    columns = 0
    for column in range(basis.shape[1]):
        present = False
        for j in range(m):
            present = present or basis[used[j], column] != 0.0
        if present and columns < m:
            for j in range(m):
                out[j, columns] = basis[used[j], column]
        columns += present
    if columns >= m:
        out[:] = np.eye(m)
        out[:, 0] = 1.0
    return min(columns, m)


@inner
def arm_totals(cells: Any, design: Any, totals: Any) -> None:
    """Fill totals (2, k): patients of each arm by category."""
    totals[:] = 0.0
    for c in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            totals[design[c, 0], j] += cells[c, j]


@inner
def shifted(totals: Any, basis: Any, thresholds: Any, start: Any) -> None:
    """Fill thresholds (2, m, m + q): alpha_j in the reference arm, alpha_j + basis_j . b in the active one.

    `basis` is (m, q); start (m + q,) is filled with pooled logits and no effect.
    """
    m, q = basis.shape
    thresholds[:] = 0.0
    start[:] = 0.0
    patients = totals.sum()
    reached = 0.0
    for j in range(m):
        reached += totals[0, j] + totals[1, j]
        start[j] = math.log(reached / (patients - reached))
        thresholds[:, j, j] = 1.0
        for i in range(q):
            thresholds[1, j, m + i] = basis[j, i]


@inner
def separate(totals: Any, thresholds: Any, known: Any, start: Any) -> Any:
    """Thresholds of their own for each arm, the same model as a log odds ratio of its own for every cut-point.

    A category that an arm lacks leaves the arm's thresholds on both sides equal, or one at the end of the scale
    infinite (not `known`), where a log odds ratio per cut-point would meet the bound of its range.
    """
    m = known.shape[1]
    thresholds[:] = 0.0
    p = 0
    for arm in range(2):
        patients = totals[arm].sum()
        empty = EMPTY * totals.sum()
        reached = 0.0
        for j in range(m):
            reached += totals[arm, j]
            known[arm, j] = reached > empty and patients - reached > empty
            if known[arm, j]:
                if totals[arm, j] > empty or j == 0:
                    start[p] = math.log(reached / (patients - reached))
                    p += 1
                thresholds[arm, j, p - 1] = 1.0
    return p


@inner
def contrasts(thresholds: Any, known: Any, theta: Any, factor: Any, solved: Any, delta: Any, covariance: Any) -> None:
    """Fill delta (m,), the log odds ratio at each cut-point, and its covariance (m, m), NaN where it is infinite.

    `factor` holds the Cholesky factor of the information in its lower triangle; `solved` (m, n) is scratch. Infinite is
    also a log odds ratio that moves with a stratum whose coefficient drifts off, as where strata and arms go together.
    """
    m, n = solved.shape
    p = thresholds.shape[2]
    for j in range(m):
        delta[j] = 0.0 if known[0, j] and known[1, j] else np.nan
        for i in range(n):
            weight = thresholds[1, j, i] - thresholds[0, j, i] if i < p else 0.0
            delta[j] += weight * theta[i]
            for k in range(i):
                weight -= factor[i, k] * solved[j, k]
            if factor[i, i] == math.inf and abs(weight) > DRIFT:
                # A stratum drifts off and takes the log odds ratio with it.
                delta[j] = np.nan
            solved[j, i] = weight / factor[i, i]
    for j in range(m):
        for k in range(m):
            covariance[j, k] = 0.0
            for i in range(n):
                covariance[j, k] += solved[j, i] * solved[k, i]
            if delta[j] != delta[j] or delta[k] != delta[k]:
                covariance[j, k] = np.nan
