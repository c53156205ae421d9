"""The maximum of the proportional odds likelihood, or of a posterior, by Newton-Raphson."""

from __future__ import annotations

import math
from typing import Any

from jaksim.analysis.ordinal.proportional_odds_derivatives import derivatives
from jaksim.analysis.ordinal.proportional_odds_search import (
    MOST_HALVINGS,
    move_by,
    settled,
    slope_along,
    tolerance_for,
    uncrossed,
)
from jaksim.analysis.ordinal.proportional_odds_step import newton_step
from jaksim.kernel.jit import inner

MOST_STEPS = 60
LONGEST_STEP = 10.0
"""Logits that a step moves at most: one from where a cell says nearly nothing would end where none says anything."""


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
    """Newton-Raphson, each step shortened until it is not too long, crosses no thresholds and overshoots no maximum.

    Coefficients are the strata but the first (0 .. p-2) and the treatment (p-1), which starts, and stays unless
    `with_treatment`, at `start`, and has a normal prior of the given precision. The log likelihood is concave, so its
    slope along the step tells whether the maximum was overshot and no logarithm is needed. True when a maximum was
    found; `small` and `scratch` then hold what `newton_step` left there.
    """
    m = alpha.shape[0]
    p = small.shape[1]
    theta, gradient, step = small[p], small[p + 1], small[p + 2]
    information = small[:p]
    score, direction = scratch[2], scratch[4]
    theta[:] = 0.0
    theta[p - 1] = start
    tolerance = tolerance_for(m)
    reached = 0.0
    patients = totals.sum()
    for j in range(m):
        reached += totals[j]
        alpha[j] = math.log(reached / (patients - reached))
    derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, with_treatment)
    gradient[p - 1] -= prior_precision * (theta[p - 1] - prior_mean)
    information[p - 1, p - 1] += prior_precision
    before = math.inf
    for _ in range(MOST_STEPS):
        decrement = newton_step(scratch, borders, gradient, information, step, with_treatment)
        if not decrement >= 0.0:
            return False
        if settled(decrement, before, tolerance):
            move_by(1.0, alpha, direction, theta, step)
            return True
        before = decrement
        length = uncrossed(alpha, direction)
        farthest = 0.0
        for j in range(m):
            farthest = max(farthest, abs(direction[j]))
        for i in range(p):
            farthest = max(farthest, abs(step[i]))
        if length * farthest > LONGEST_STEP:
            length = LONGEST_STEP / farthest
        move = length
        for _ in range(MOST_HALVINGS):
            move_by(move, alpha, direction, theta, step)
            derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, with_treatment)
            gradient[p - 1] -= prior_precision * (theta[p - 1] - prior_mean)
            information[p - 1, p - 1] += prior_precision
            if slope_along(score, direction, gradient, step, m) >= -0.5 * decrement:
                break
            length *= 0.5
            move = -length
    return False
