"""Score, observed information and log likelihood of the proportional odds model on tables of counts.

With F the logistic function and eta_j = alpha_j + delta of a cell (arm, stratum), P(category j) factorises into
F(eta_j) (1 - F(eta_{j-1})) (1 - exp(alpha_{j-1} - alpha_j)). So the log likelihood is a sum of binomial terms, one
per cell and threshold, and of a term in the gaps between thresholds that involves the category totals alone. Every
part is concave; thresholds interact with their neighbours only, so their block of the information is tridiagonal.
"""

from __future__ import annotations

import math
from typing import Any

from jaksim.kernel.jit import inner


@inner
def derivatives(
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
