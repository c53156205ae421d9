"""Newton-Raphson for a cumulative logit model whose thresholds are linear in its parameters, arm by arm.

The likelihood factorises as in `proportional_odds_derivatives`, with the gaps between thresholds arm by arm, and is
concave. Parameters are those of the thresholds, then the strata but the first.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.ordinal.proportional_odds_maximum import MOST_STEPS
from jaksim.analysis.ordinal.proportional_odds_search import MOST_HALVINGS, settled, tolerance_for
from jaksim.analysis.ordinal.proportional_odds_step import cholesky_row
from jaksim.kernel.jit import inner

NEXT, DIAGONAL, SCORE = 0, 1, 2


@inner
def place(thresholds: Any, theta: Any, eta: Any) -> None:
    """Fill eta (2, m), the thresholds of each arm at theta (or how they move along it)."""
    eta[:] = 0.0
    for arm in range(2):
        for j in range(eta.shape[1]):
            for i in range(thresholds.shape[2]):
                eta[arm, j] += thresholds[arm, j, i] * theta[i]


@inner
def evaluate_at(
    cells: Any, design: Any, totals: Any, thresholds: Any, known: Any, theta: Any, gradient: Any, information: Any
) -> Any:
    """Log likelihood (but for a constant); fills gradient (n,) and the observed information (n, n)."""
    m, p, n = known.shape[1], thresholds.shape[2], theta.shape[0]
    eta = np.empty((2, m))
    place(thresholds, theta, eta)
    parts = np.zeros((2, 3, m))
    border = np.zeros((n - p + 1, 2, m))
    gradient[:] = 0.0
    information[:] = 0.0
    value = _gaps(totals, known, eta, parts)
    for c in range(cells.shape[0]):
        arm, stratum = design[c, 0], design[c, 1] - 1
        shift = theta[p + stratum] if stratum >= 0 else 0.0
        for j in range(m):
            trials = cells[c, j] + cells[c, j + 1]
            if known[arm, j] and trials > 0.0:
                x = math.exp(eta[arm, j] + shift)
                pull = cells[c, j] - trials * x / (1.0 + x)
                weight = trials * x / (1.0 + x) ** 2
                value += cells[c, j] * (eta[arm, j] + shift) - trials * math.log1p(x)
                parts[arm, SCORE, j] += pull
                parts[arm, DIAGONAL, j] += weight
                if stratum >= 0:
                    border[stratum, arm, j] += weight
                    gradient[p + stratum] += pull
                    information[p + stratum, p + stratum] += weight
    _gather(thresholds, parts, border, gradient, information)
    return value


@inner
def _gaps(totals: Any, known: Any, eta: Any, parts: Any) -> Any:
    """What the gaps between the thresholds of each arm add to the log likelihood and its derivatives."""
    value = 0.0
    for arm in range(2):
        for j in range(1, eta.shape[1]):
            if totals[arm, j] > 0.0 and known[arm, j - 1] and known[arm, j] and eta[arm, j] > eta[arm, j - 1]:
                gap = math.expm1(eta[arm, j] - eta[arm, j - 1])
                pull = totals[arm, j] / gap
                weight = pull * (1.0 + 1.0 / gap)
                value -= totals[arm, j] * math.log1p(1.0 / gap)
                parts[arm, SCORE, j] += pull
                parts[arm, SCORE, j - 1] -= pull
                parts[arm, DIAGONAL, j] += weight
                parts[arm, DIAGONAL, j - 1] += weight
                parts[arm, NEXT, j] = -weight
    return value


@inner
def _gather(thresholds: Any, parts: Any, border: Any, gradient: Any, information: Any) -> None:
    """From derivatives in the thresholds of each arm to those in the parameters."""
    m, p, n = thresholds.shape[1], thresholds.shape[2], gradient.shape[0]
    for arm in range(2):
        for j in range(m):
            for i in range(p):
                x = thresholds[arm, j, i]
                before = thresholds[arm, j - 1, i] if j > 0 else 0.0
                if x == 0.0 and before == 0.0:
                    continue
                gradient[i] += x * parts[arm, SCORE, j]
                for k in range(i + 1):
                    y = thresholds[arm, j, k]
                    information[i, k] += x * y * parts[arm, DIAGONAL, j]
                    if j > 0:
                        cross = x * thresholds[arm, j - 1, k] + before * y
                        information[i, k] += cross * parts[arm, NEXT, j]
                for s in range(n - p):
                    information[p + s, i] += x * border[s, arm, j]


@inner
def newton_direction(gradient: Any, information: Any, step: Any, required: Any) -> Any:
    """Solve for the Newton step; returns its squared length in standard errors.

    That is NaN if one of the first `required` parameters is not identified; later ones then stay where they are. On
    return the lower triangle of `information` is its Cholesky factor.
    """
    n = step.shape[0]
    decrement = 0.0
    for i in range(n):
        decrement += cholesky_row(information, gradient, i, information[i, i], i < required)
    for i in range(n - 1, -1, -1):
        step[i] = gradient[i]
        for k in range(i + 1, n):
            step[i] -= information[k, i] * step[k]
        step[i] /= information[i, i]
    return decrement


@inner
def climb(cells: Any, design: Any, totals: Any, thresholds: Any, known: Any, theta: Any, information: Any) -> Any:
    """Take theta (n,) to the maximum of the likelihood; returns its logarithm there, NaN if there is none.

    Steps are shortened until no two thresholds of an arm cross and the maximum is not overshot. On return the lower
    triangle of `information` is the Cholesky factor of the information.
    """
    m, n = known.shape[1], theta.shape[0]
    gradient, step = np.empty(n), np.empty(n)
    eta, moves = np.empty((2, m)), np.empty((2, m))
    tolerance = tolerance_for(m)
    value = evaluate_at(cells, design, totals, thresholds, known, theta, gradient, information)
    before = math.inf
    for _ in range(MOST_STEPS):
        decrement = newton_direction(gradient, information, step, thresholds.shape[2])
        if not decrement >= 0.0:
            return np.nan
        if settled(decrement, before, tolerance):
            theta += step
            return value
        before = decrement
        place(thresholds, theta, eta)
        place(thresholds, step, moves)
        length = 1.0
        for arm in range(2):
            for j in range(1, m):
                closing = moves[arm, j - 1] - moves[arm, j]
                if closing > 0.0 and known[arm, j - 1] and known[arm, j]:
                    length = min(length, 0.9 * (eta[arm, j] - eta[arm, j - 1]) / closing)
        move = length
        for _ in range(MOST_HALVINGS):
            theta += move * step
            value = evaluate_at(cells, design, totals, thresholds, known, theta, gradient, information)
            if (gradient * step).sum() >= -0.5 * decrement:
                break
            length *= 0.5
            move = -length
    return np.nan
