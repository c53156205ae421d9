"""One Newton step of the proportional odds model, thresholds eliminated before strata and treatment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inner

SINGULAR = 1e-10


@inner
def cholesky_row(information: Any, gradient: Any, i: Any, total: Any, required: Any) -> Any:
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
def newton_step(scratch: Any, borders: Any, gradient: Any, information: Any, step: Any, with_treatment: Any) -> Any:
    """Solve for the Newton step, thresholds eliminated first; returns the Newton decrement, NaN if singular.

    On return the lower triangle of `information` holds the Cholesky factor of the coefficients' information after
    elimination, `gradient` the score standardised by it, `step` the coefficients' step and scratch[4] that of the
    thresholds.
    """
    m = scratch.shape[1]
    p = step.shape[0]
    weight, ratio, score, direction = scratch[0], scratch[1], scratch[2], scratch[4]
    # Sums are kept in local variables: through an array each addition would wait for the one before to be stored.
    pivot = weight[0]
    for j in range(1, m):
        off_diagonal = ratio[j]
        over = off_diagonal / pivot
        pivot = weight[j] - over * off_diagonal
        ratio[j] = over
        weight[j] = pivot
    decrement = 0.0
    required = p - 1 if with_treatment else p
    last = 0.0
    for j in range(m):
        inverse = 1.0 / weight[j]
        weight[j] = inverse
        last = score[j] - (ratio[j] * last if j > 0 else 0.0)
        direction[j] = last
        decrement += last * last * inverse
    for i in range(p):
        total = information[i, i]
        last = borders[i, 0]
        for j in range(1, m):
            last = borders[i, j] - ratio[j] * last
            borders[i, j] = last
        left = gradient[i]
        for j in range(m):
            left -= borders[i, j] * direction[j] * weight[j]
        gradient[i] = left
        for k in range(i + 1):
            left = information[i, k]
            for j in range(m):
                left -= borders[i, j] * borders[k, j] * weight[j]
            information[i, k] = left
        decrement += cholesky_row(information, gradient, i, total, i == required)
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
