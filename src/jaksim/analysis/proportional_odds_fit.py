"""The Newton-Raphson fit of the proportional odds model to tables of counts.

With F the logistic function and eta_j = alpha_j + delta of a cell (arm, stratum), P(category j) factorises into
F(eta_j) (1 - F(eta_{j-1})) (1 - exp(alpha_{j-1} - alpha_j)). So the log likelihood is a sum of binomial terms, one
per cell and threshold, and of a term in the gaps between thresholds that involves the category totals alone. Every
part is concave; thresholds interact with their neighbours only, so their block of the information is tridiagonal.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel

MOST_STEPS = 60
MOST_HALVINGS = 40
DECREMENT = 1e-20
"""Squared length of the last Newton step in standard errors; convergence is quadratic, so the step after is nil."""
ROUNDING = 1e-31
"""What rounding leaves of that length, per cubed number of thresholds: gaps between many thresholds are narrow."""
EMPTY = 1e-10
"""A category with a smaller share of the patients is dropped: its threshold gap would drown in rounding."""
LARGEST_STANDARD_ERROR = 1e3
SINGULAR = 1e-10
WALD, SCORE, LIKELIHOOD_RATIO = 0, 1, 2


@kernel
def proportional_odds_kernel(tables: Any, groups: Any, n_groups: Any, test: Any, out: Any) -> None:
    """Fill out (B, 3) from tables (B, 2, S, K); groups (K,) is the place of each category in the order, -1 for none.

    z is that of the Wald test, the score test (observed information at the fit without treatment) or the signed root
    of the likelihood ratio.
    """
    n_strata = tables.shape[2]
    collapsed = np.empty((2, n_strata, n_groups))
    cells = np.empty((2 * n_strata, n_groups))
    design = np.empty((2 * n_strata, 2), dtype=np.int64)
    totals = np.empty(n_groups)
    alpha = np.empty(n_groups)
    scratch = np.empty((5, n_groups))
    borders = np.empty((n_strata + 2, n_groups))
    small = np.empty((n_strata + 4, n_strata))
    null_alpha = np.empty(n_groups)
    null_theta = np.empty(n_strata)
    out[:] = np.nan
    if n_groups == 0:
        return
    for b in range(tables.shape[0]):
        collapse(tables[b], groups, collapsed)
        n_cells, n_used, n_categories = informative(collapsed, cells, design, totals)
        if n_categories >= 2 and n_used >= 1:
            _fit(
                cells[:n_cells, :n_categories],
                design[:n_cells],
                totals[:n_categories],
                alpha[: n_categories - 1],
                scratch[:, : n_categories - 1],
                borders[: n_used + 1, : n_categories - 1],
                small[: n_used + 4, :n_used],
                null_alpha[: n_categories - 1],
                null_theta[:n_used],
                test,
                out[b],
            )


@inner
def collapse(table: Any, groups: Any, collapsed: Any) -> None:
    collapsed[:] = 0.0
    for arm in range(2):
        for s in range(table.shape[1]):
            for k in range(groups.shape[0]):
                if groups[k] >= 0:
                    collapsed[arm, s, groups[k]] += table[arm, s, k]


@inner
def informative(collapsed: Any, cells: Any, design: Any, totals: Any) -> Any:
    """Pack the cells and categories that carry information.

    Sets to zero every stratum with all its patients in the first or all in the last used category, until none is
    left. Then fills cells (row per arm and stratum with patients, column per used category), design (its arm and
    stratum number) and totals; returns the numbers of cells, strata and categories.
    """
    n_groups = totals.shape[0]
    dropped = True
    first = last = 0
    while dropped:
        dropped = False
        totals[:] = 0.0
        for arm in range(2):
            for s in range(collapsed.shape[1]):
                for j in range(n_groups):
                    totals[j] += collapsed[arm, s, j]
        empty = EMPTY * totals.sum()
        first = 0
        while first < n_groups - 1 and totals[first] <= empty:
            first += 1
        last = n_groups - 1
        while last > first and totals[last] <= empty:
            last -= 1
        for s in range(collapsed.shape[1]):
            size = collapsed[:, s].sum()
            at_first = collapsed[0, s, first] + collapsed[1, s, first]
            at_last = collapsed[0, s, last] + collapsed[1, s, last]
            if size > 0.0 and (at_first == size or at_last == size):
                collapsed[:, s] = 0.0
                dropped = True
    n_cells = n_used = 0
    for s in range(collapsed.shape[1]):
        before = n_cells
        for arm in range(2):
            if collapsed[arm, s].sum() > 0.0:
                n_categories = 0
                for j in range(first, last + 1):
                    if totals[j] > empty:
                        cells[n_cells, n_categories] = collapsed[arm, s, j]
                        n_categories += 1
                design[n_cells, 0] = arm
                design[n_cells, 1] = n_used
                n_cells += 1
        n_used += n_cells > before
    n_categories = 0
    for j in range(first, last + 1):
        if totals[j] > empty:
            totals[n_categories] = totals[j]
            n_categories += 1
    return n_cells, n_used, n_categories


@inner
def _fit(
    cells: Any,
    design: Any,
    totals: Any,
    alpha: Any,
    scratch: Any,
    borders: Any,
    small: Any,
    null_alpha: Any,
    null_theta: Any,
    test: Any,
    out: Any,
) -> None:
    """Estimate, standard error and z into out (3,), as far as they exist."""
    p = small.shape[1]
    information, theta, gradient, step = small[:p], small[p], small[p + 1], small[p + 2]
    if test != WALD:
        if not maximise(cells, design, totals, alpha, scratch, borders, small, False, 0.0, 0.0, 0.0):
            return
        null_alpha[:] = alpha
        null_theta[:] = theta
    if test == SCORE:
        _derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, True)
        if _newton_step(scratch, borders, gradient, information, step, True) >= 0.0:
            out[2] = gradient[p - 1]
    if not maximise(cells, design, totals, alpha, scratch, borders, small, True, 0.0, 0.0, 0.0):
        return
    standard_error = 1.0 / information[p - 1, p - 1]
    if standard_error < LARGEST_STANDARD_ERROR:
        out[0] = theta[p - 1]
        out[1] = standard_error
        if test == WALD:
            out[2] = out[0] / out[1]
        elif test == LIKELIHOOD_RATIO:
            gain = log_likelihood_gain(cells, design, totals, alpha, theta, null_alpha, null_theta)
            out[2] = math.copysign(math.sqrt(2.0 * max(gain, 0.0)), out[0])
    else:
        out[2] = np.nan


@inner
def maximise(
    cells: Any,
    design: Any,
    totals: Any,
    alpha: Any,
    scratch: Any,
    borders: Any,
    small: Any,
    with_treatment: Any,
    start: Any,
    prior_mean: Any,
    prior_precision: Any,
) -> Any:
    """Newton-Raphson, each step shortened until it neither crosses two thresholds nor overshoots the maximum.

    Coefficients are the strata but the first (0 .. p-2) and the treatment (p-1), which starts, and stays unless
    `with_treatment`, at `start`, and has a normal prior of the given precision. The log likelihood is concave, so its
    slope along the step tells whether the maximum was overshot and no logarithm is needed. True when a maximum was
    found; `small` and `scratch` then hold what `_newton_step` left there.
    """
    m = alpha.shape[0]
    p = small.shape[1]
    theta, gradient, step = small[p], small[p + 1], small[p + 2]
    information = small[:p]
    score, direction = scratch[2], scratch[4]
    theta[:] = 0.0
    theta[p - 1] = start
    tolerance = max(DECREMENT, ROUNDING * float(m) ** 3)
    reached = 0.0
    patients = totals.sum()
    for j in range(m):
        reached += totals[j]
        alpha[j] = math.log(reached / (patients - reached))
    _derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, with_treatment)
    gradient[p - 1] -= prior_precision * (theta[p - 1] - prior_mean)
    information[p - 1, p - 1] += prior_precision
    for _ in range(MOST_STEPS):
        decrement = _newton_step(scratch, borders, gradient, information, step, with_treatment)
        if not decrement >= 0.0:
            return False
        if decrement < tolerance:
            for j in range(m):
                alpha[j] += direction[j]
            for i in range(p):
                theta[i] += step[i]
            return True
        length = 1.0
        for j in range(1, m):
            closing = direction[j - 1] - direction[j]
            if closing > 0.0:
                length = min(length, 0.9 * (alpha[j] - alpha[j - 1]) / closing)
        move = length
        for _ in range(MOST_HALVINGS):
            for j in range(m):
                alpha[j] += move * direction[j]
            for i in range(p):
                theta[i] += move * step[i]
            _derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, with_treatment)
            gradient[p - 1] -= prior_precision * (theta[p - 1] - prior_mean)
            information[p - 1, p - 1] += prior_precision
            slope = 0.0
            for j in range(m):
                slope += score[j] * direction[j]
            for i in range(p):
                slope += gradient[i] * step[i]
            if slope >= -0.5 * decrement:
                break
            length *= 0.5
            move = -length
    return False


@inner
def _derivatives(
    cells: Any,
    design: Any,
    totals: Any,
    alpha: Any,
    theta: Any,
    scratch: Any,
    borders: Any,
    gradient: Any,
    information: Any,
    with_treatment: Any,
) -> None:
    """Score and observed information: thresholds in scratch (diagonal, off-diagonal, score), the rest in its place."""
    m = alpha.shape[0]
    p = theta.shape[0]
    diagonal, off_diagonal, score, odds = scratch[0], scratch[1], scratch[2], scratch[3]
    diagonal[:] = 0.0
    score[:] = 0.0
    borders[:] = 0.0
    gradient[:] = 0.0
    information[:] = 0.0
    for j in range(m):
        odds[j] = math.exp(alpha[j])
    for j in range(1, m):
        gap = math.expm1(alpha[j] - alpha[j - 1])
        pull = totals[j] / gap
        weight = pull * (1.0 + 1.0 / gap)
        score[j] += pull
        score[j - 1] -= pull
        diagonal[j] += weight
        diagonal[j - 1] += weight
        off_diagonal[j] = -weight
    for c in range(cells.shape[0]):
        treated = with_treatment and design[c, 0] == 1
        stratum = design[c, 1] - 1
        delta = theta[p - 1] if design[c, 0] == 1 else 0.0
        if stratum >= 0:
            delta += theta[stratum]
        tilt = math.exp(delta)
        border = borders[stratum if stratum >= 0 else p]
        cell_score = 0.0
        cell_weight = 0.0
        for j in range(m):
            x = odds[j] * tilt
            above = 1.0 / (1.0 + x)
            trials = (cells[c, j] + cells[c, j + 1]) * above
            pull = cells[c, j] - trials * x
            weight = trials * above * x
            score[j] += pull
            diagonal[j] += weight
            border[j] += weight
            if treated:
                borders[p - 1, j] += weight
            cell_score += pull
            cell_weight += weight
        if treated:
            gradient[p - 1] += cell_score
            information[p - 1, p - 1] += cell_weight
        if stratum >= 0:
            gradient[stratum] += cell_score
            information[stratum, stratum] += cell_weight
            if treated:
                information[p - 1, stratum] += cell_weight


@inner
def _newton_step(scratch: Any, borders: Any, gradient: Any, information: Any, step: Any, with_treatment: Any) -> Any:
    """Solve for the Newton step, thresholds eliminated first; returns the Newton decrement, NaN if singular.

    On return the lower triangle of `information` holds the Cholesky factor of the coefficients' information after
    elimination, `gradient` the score standardised by it, `step` the coefficients' step and scratch[4] that of the
    thresholds.
    """
    m = scratch.shape[1]
    p = step.shape[0]
    weight, ratio, score, direction = scratch[0], scratch[1], scratch[2], scratch[4]
    for j in range(1, m):
        off_diagonal = ratio[j]
        ratio[j] = off_diagonal / weight[j - 1]
        weight[j] -= ratio[j] * off_diagonal
    decrement = 0.0
    required = p - 1 if with_treatment else p
    for j in range(m):
        weight[j] = 1.0 / weight[j]
        direction[j] = score[j] - (ratio[j] * direction[j - 1] if j > 0 else 0.0)
        decrement += direction[j] * direction[j] * weight[j]
    for i in range(p):
        total = information[i, i]
        for j in range(1, m):
            borders[i, j] -= ratio[j] * borders[i, j - 1]
        for j in range(m):
            gradient[i] -= borders[i, j] * direction[j] * weight[j]
        for k in range(i + 1):
            for j in range(m):
                information[i, k] -= borders[i, j] * borders[k, j] * weight[j]
        decrement += _cholesky_row(information, gradient, i, total, i == required)
    for i in range(p - 1, -1, -1):
        step[i] = gradient[i]
        for k in range(i + 1, p):
            step[i] -= information[k, i] * step[k]
        step[i] /= information[i, i]
        for j in range(m):
            direction[j] -= borders[i, j] * step[i]
    for j in range(m - 1, -1, -1):
        direction[j] = direction[j] * weight[j] - (ratio[j + 1] * direction[j + 1] if j < m - 1 else 0.0)
    return decrement


@inner
def _cholesky_row(information: Any, gradient: Any, i: Any, total: Any, required: Any) -> Any:
    """Row i of the Cholesky factor in place, with forward substitution of the gradient; its part of the decrement.

    What is left of the pivot shows whether the coefficient is identified beside the earlier ones. A stratum that is
    not, because its statuses and those of others are apart and its coefficient drifts off, stays where it is: an
    infinite pivot. For the treatment, which is required, the answer is NaN.
    """
    for k in range(i):
        for j in range(k):
            information[i, k] -= information[i, j] * information[k, j]
        information[i, k] /= information[k, k]
        information[i, i] -= information[i, k] * information[i, k]
        gradient[i] -= information[i, k] * gradient[k]
    identified = information[i, i] > SINGULAR * total
    if not identified and required:
        return np.nan
    information[i, i] = math.sqrt(information[i, i]) if identified else np.inf
    gradient[i] /= information[i, i]
    return gradient[i] * gradient[i]


@inner
def log_likelihood_gain(
    cells: Any, design: Any, totals: Any, alpha: Any, theta: Any, null_alpha: Any, null_theta: Any
) -> Any:
    """Log likelihood less that at other parameters, from differences of each term so that a small gain stays exact."""
    m = alpha.shape[0]
    p = theta.shape[0]
    gain = 0.0
    for j in range(1, m):
        null_gap = null_alpha[j] - null_alpha[j - 1]
        wider = (alpha[j] - null_alpha[j]) - (alpha[j - 1] - null_alpha[j - 1])
        gain += totals[j] * math.log1p(math.expm1(-wider) / -math.expm1(null_gap))
    for c in range(cells.shape[0]):
        stratum = design[c, 1] - 1
        delta = null_delta = 0.0
        if stratum >= 0:
            delta, null_delta = theta[stratum], null_theta[stratum]
        if design[c, 0] == 1:
            delta += theta[p - 1]
            null_delta += null_theta[p - 1]
        for j in range(m):
            change = (alpha[j] - null_alpha[j]) + (delta - null_delta)
            odds = math.exp(alpha[j] + delta)
            gain += cells[c, j] * math.log1p(math.expm1(change) / (1.0 + odds))
            gain += cells[c, j + 1] * math.log1p(odds * math.expm1(-change) / (1.0 + odds))
    return gain
