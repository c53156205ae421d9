"""The maximum of the proportional odds likelihood, or of a posterior, by Newton-Raphson."""

from __future__ import annotations

import math
from typing import Any

from jaksim.analysis.ordinal.proportional_odds_derivatives import derivatives
from jaksim.analysis.ordinal.proportional_odds_step import newton_step
from jaksim.kernel.jit import inner

MOST_STEPS = 60
MOST_HALVINGS = 40
DECREMENT = 1e-20
"""Squared length of the last Newton step in standard errors; convergence is quadratic, so the step after is nil."""
ROUNDING = 1e-31
"""What rounding leaves of that length, per cubed number of thresholds: gaps between many thresholds are narrow."""
NEARLY = 1e-10
"""Below it a length that no longer falls is what rounding leaves, as beside a category of few patients of millions."""

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
    tolerance = max(DECREMENT, ROUNDING * float(m) ** 3)
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
        if decrement < tolerance or before <= decrement < NEARLY:
            for j in range(m):
                alpha[j] += direction[j]
            for i in range(p):
                theta[i] += step[i]
            return True
        before = decrement
        length = 1.0
        for j in range(1, m):
            closing = direction[j - 1] - direction[j]
            if closing > 0.0:
                length = min(length, 0.9 * (alpha[j] - alpha[j - 1]) / closing)
        farthest = 0.0
        for j in range(m):
            farthest = max(farthest, abs(direction[j]))
        for i in range(p):
            farthest = max(farthest, abs(step[i]))
        if length * farthest > LONGEST_STEP:
            length = LONGEST_STEP / farthest
        move = length
        for _ in range(MOST_HALVINGS):
            for j in range(m):
                alpha[j] += move * direction[j]
            for i in range(p):
                theta[i] += move * step[i]
            derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, with_treatment)
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
