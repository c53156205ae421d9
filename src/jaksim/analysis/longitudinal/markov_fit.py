"""The Newton-Raphson fit of the first-order Markov proportional odds model to counts of daily transitions.

logit P(score of day d among the j best | score r of day d - 1) = alpha_j + gamma_r + basis(d) . delta + stratum
+ beta * active: a proportional odds model of patient-days whose likelihood factorises as in `proportional_odds_fit`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.longitudinal.markov_layout import lay_out, room_for
from jaksim.analysis.longitudinal.markov_variance import chain_variance
from jaksim.analysis.ordinal.proportional_odds_search import (
    MOST_HALVINGS,
    move_by,
    settled,
    slope_along,
    tolerance_for,
    uncrossed,
)
from jaksim.analysis.ordinal.proportional_odds_step import newton_step
from jaksim.kernel.jit import inner, kernel

MOST_STEPS = 80
LARGEST_STANDARD_ERROR = 1e3


@kernel
def markov_kernel(
    counts: Any, basis: Any, order: Any, absorbing: Any, stratified: Any, out: Any, parameters: Any
) -> None:
    """Fill out (B, 3) with estimate, model-based and robust standard error, from counts (B, 2, S, H, R, R).

    basis (D, q) of the D days used, order int64 (R,) the states from best to worst, absorbing bool (R,). parameters
    (B, R - 1 + R + q + S) takes thresholds and coefficients, as many as the layout of the table has, NaN after them.
    """
    if len(counts) == 0:
        return
    room = room_for(counts[0], basis)
    width, n_states = room.covariates.shape[1], room.place.shape[0]
    alpha = np.empty(n_states)
    scratch = np.empty((5, n_states))
    borders = np.empty((width, n_states))
    small = np.empty((width + 3, width))
    out[:] = np.nan
    parameters[:] = np.nan
    for b in range(counts.shape[0]):
        n, p, n_scores = lay_out(counts[b], basis, order, absorbing, stratified, room)
        m = n_scores - 1
        if m < 1 or n == 0:
            continue
        scores, x, totals = room.scores[:n, :n_scores], room.covariates[:n, :p], room.totals[:n_scores]
        a, edge, work, parts = alpha[:m], borders[:p, :m], scratch[:, :m], small[: p + 3, :p]
        if not maximise(scores, x, totals, a, work, edge, parts):
            continue
        error = solve_for_treatment(scores, x, totals, a, work, edge, parts)
        if not error < LARGEST_STANDARD_ERROR:
            continue
        out[b, 0] = parts[p, p - 1]
        out[b, 1] = error
        out[b, 2] = math.sqrt(chain_variance(counts[b], len(basis), room, n, a, parts[p], work[4], parts[p + 2]))
        parameters[b, :m] = a
        parameters[b, m : m + p] = parts[p]


@inner
def maximise(scores: Any, x: Any, totals: Any, alpha: Any, scratch: Any, borders: Any, small: Any) -> bool:
    """Newton-Raphson; a step is shortened until it neither crosses two thresholds nor overshoots the maximum.

    The rows of `small` after the information are coefficients, gradient and step. True when a maximum was found.
    """
    m, p = len(alpha), x.shape[1]
    information, theta, gradient, step = small[:p], small[p], small[p + 1], small[p + 2]
    score, direction = scratch[2], scratch[4]
    theta[:] = 0.0
    tolerance = tolerance_for(m)
    reached = 0.0
    for j in range(m):
        reached += totals[j]
        alpha[j] = math.log(reached / (totals.sum() - reached))
    derivatives(scores, x, totals, alpha, theta, scratch, borders, gradient, information)
    before = math.inf
    for _ in range(MOST_STEPS):
        decrement = newton_step(scratch, borders, gradient, information, step, True)
        if not decrement >= 0.0:
            return False
        last = settled(decrement, before, tolerance)
        before = decrement
        length = uncrossed(alpha, direction)
        move = length
        for _ in range(MOST_HALVINGS):
            move_by(move, alpha, direction, theta, step)
            if last:
                return True
            derivatives(scores, x, totals, alpha, theta, scratch, borders, gradient, information)
            if slope_along(score, direction, gradient, step, m) >= -0.5 * decrement:
                break
            length *= 0.5
            move = -length
    return False


@inner
def derivatives(
    scores: Any,
    x: Any,
    totals: Any,
    alpha: Any,
    theta: Any,
    scratch: Any,
    borders: Any,
    gradient: Any,
    information: Any,
) -> None:
    """Score and observed information: thresholds in scratch (diagonal, off-diagonal, score), the rest in its place."""
    m, p = len(alpha), x.shape[1]
    diagonal, off_diagonal, score, weights = scratch[0], scratch[1], scratch[2], scratch[3]
    diagonal[:] = 0.0
    score[:] = 0.0
    borders[:] = 0.0
    gradient[:] = 0.0
    information[:] = 0.0
    for j in range(1, m):
        gap = math.expm1(alpha[j] - alpha[j - 1])
        pull = totals[j] / gap
        weight = pull * (1.0 + 1.0 / gap)
        score[j] += pull
        score[j - 1] -= pull
        diagonal[j] += weight
        diagonal[j - 1] += weight
        off_diagonal[j] = -weight
    for c in range(len(x)):
        shift = 0.0
        for i in range(p):
            shift += x[c, i] * theta[i]
        cell_score = cell_weight = 0.0
        for j in range(m):
            above = 1.0 / (1.0 + math.exp(alpha[j] + shift))
            trials = scores[c, j] + scores[c, j + 1]
            pull = scores[c, j] - trials * (1.0 - above)
            weight = trials * above * (1.0 - above)
            score[j] += pull
            diagonal[j] += weight
            weights[j] = weight
            cell_score += pull
            cell_weight += weight
        for i in range(p):
            if x[c, i] != 0.0:
                gradient[i] += x[c, i] * cell_score
                for j in range(m):
                    borders[i, j] += x[c, i] * weights[j]
                for k in range(i + 1):
                    information[i, k] += x[c, i] * x[c, k] * cell_weight


@inner
def solve_for_treatment(scores: Any, x: Any, totals: Any, alpha: Any, scratch: Any, borders: Any, small: Any) -> float:
    """Standard error of the treatment; its row of the inverse information is left in scratch[4] and small[p + 2]."""
    p = x.shape[1]
    information, theta, gradient, step = small[:p], small[p], small[p + 1], small[p + 2]
    derivatives(scores, x, totals, alpha, theta, scratch, borders, gradient, information)
    gradient[:] = 0.0
    gradient[p - 1] = 1.0
    scratch[2] = 0.0
    if not newton_step(scratch, borders, gradient, information, step, True) >= 0.0:
        return np.nan
    return math.sqrt(step[p - 1])
