"""The signs of two correlated normal variables, and which of them is the larger, to the last digits."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from jaksim.kernel.jit import inner

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(12)
NARROWEST: Final = 1e-9
"""Angle between two boundaries that are taken for one."""


@inner
def upper_tail(x: Any) -> Any:
    """P(X > x) of a standard normal variable."""
    return 0.5 * math.erfc(x / math.sqrt(2.0))


@inner
def both_positive(first: Any, second: Any, covariance: Any, root: Any) -> Any:
    """P(X > 0, Y > 0) of normal variables with standardised means `first` and `second`.

    `covariance` is theirs and `root` the root of the determinant of their covariance matrix, so that the arc tangent of
    the one over the other is the arc sine r of the correlation: P(X > 0) P(Y > 0) and the integral of
    exp(-(h^2 + k^2 - 2 h k sin t) / (2 cos^2 t)) / (2 pi) over t from 0 to r (Drezner and Wesolowsky, J Stat Comput
    Simul 1990;35:101), in panels that halve the way to a right angle, where the integrand has its singularity.
    """
    end = math.atan2(covariance, root)
    sign = math.copysign(1.0, end)
    squares, product = first * first + second * second, 2.0 * sign * first * second
    total = 0.0
    at = 0.0
    while at < abs(end):
        left = 0.5 * math.pi - at
        half = 0.5 * min(abs(end) - at, 0.5 * left)
        if left < NARROWEST:
            break
        for i in range(POINTS.shape[0]):
            sine = math.sin(at + half * (1.0 + POINTS[i]))
            total += half * WEIGHTS[i] * math.exp(-0.5 * (squares - product * sine) / (1.0 - sine * sine))
        at += 2.0 * half
    return upper_tail(-first) * upper_tail(-second) + sign * total / (2.0 * math.pi)


@inner
def best_of_two(mean: Any, variance: Any, covariance: Any, root: Any, out: Any) -> None:
    """Fill out (3,) with the probabilities that zero, the first or the second of two normal variables is the largest.

    mean and variance (2,); `root` is the root of the determinant of their covariance matrix.
    """
    difference = variance[0] + variance[1] - 2.0 * covariance
    if difference <= 0.0:  # one variable twice, apart by a constant; equal ones share
        larger = 0 if mean[0] >= mean[1] else 1
        positive = upper_tail(-mean[larger] / math.sqrt(variance[larger]))
        share = 0.5 if mean[0] == mean[1] else 1.0
        out[0] = 1.0 - positive
        out[1 + larger] = share * positive
        out[2 - larger] = (1.0 - share) * positive
        return
    first, second = mean[0] / math.sqrt(variance[0]), mean[1] / math.sqrt(variance[1])
    apart = (mean[0] - mean[1]) / math.sqrt(difference)
    # Where a probability is next to nothing, rounding may leave less than that.
    out[0] = max(both_positive(-first, -second, covariance, root), 0.0)
    out[1] = max(both_positive(first, apart, variance[0] - covariance, root), 0.0)
    out[2] = max(both_positive(second, -apart, variance[1] - covariance, root), 0.0)
