"""Exact binomial draws: inversion for a small mean, transformed rejection (BTRS) for a large one.

Trial t of a draw uses Philox block t of the draw's own stream: two words for each of its two uniforms. Sizes and counts
are float64 whole numbers, exact far beyond the largest cell.
Source: Hormann (1993), "The generation of binomial random variates", J. Stat. Comput. Simul. 46, algorithm BTRS.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, kernel
from jaksim.kernel.logarithm import logarithm

SMALL_MEAN = 10.0
FAR = 10.0
MOST = 150
REJECTED = -1.0
_INVERSE = 1.0 / np.maximum(np.arange(MOST + 1), 1)
_SHORT = np.array(
    [math.lgamma(k + 1) - ((k + 0.5) * math.log(k + 1) - (k + 1) + 0.5 * math.log(2 * math.pi)) for k in range(10)]
)


@inlined
def inversion(n: float, p: float, log_q: float, u: float) -> Any:
    """Binomial(n, p) for n p < 10, log_q = log(1 - p), by search from 0.

    REJECTED if rounding ran past n or MOST, which the draw itself passes with a chance below 1e-100.
    """
    ratio = p / (1.0 - p)
    probability = math.exp(n * log_q)
    step = (n + 1.0) * ratio
    x = 0
    while u > probability:
        u -= probability
        x += 1
        if x > n or x > MOST:
            return REJECTED
        probability *= step * _INVERSE[x] - ratio
    return np.float64(x)


@inlined
def hat(n: float, p: float) -> Any:
    """Constants a, b of the BTRS transformation for Binomial(n, p), n p >= 10, p <= 1/2, and its standard deviation."""
    deviation = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * deviation
    return -0.0873 + 0.0248 * b + 0.01 * p, b, deviation


@inlined
def candidate(n: float, p: float, u: float, v: float) -> Any:
    """BTRS steps 1 and 2 for u in (-1/2, 1/2): the candidate, and whether it is accepted at once."""
    a, b, _ = hat(n, p)
    us = 0.5 - abs(u)
    k = math.floor((2.0 * a / us + b) * u + n * p + 0.5)
    return k, (us >= 0.07) & (v <= 0.92 - 4.2 / b)


@inlined
def series(k: float) -> float:
    """Asymptotic series of `stirling_error`, right to 3e-11 for k >= 10."""
    inverse = 1.0 / (k + 1.0)
    square = inverse * inverse
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - square / 1680) * square) * square) * inverse


@inlined
def stirling_error(k: float) -> Any:
    """log k! minus (k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2."""
    return _SHORT[np.int64(k)] if k < FAR else series(k)


@inlined
def log_density_ratio(k: float, n: float, p: float, mode: float, errors: float) -> Any:
    """Log of the probability of k over that of the mode; errors adds the Stirling errors of both factorials' factors.

    errors = error(mode) + error(n - mode) - error(k) - error(n - k), where error is `stirling_error`.
    """
    odds = p / (1.0 - p)
    return (
        (mode + 0.5) * logarithm((mode + 1.0) / (odds * (n - mode + 1.0)))
        + (n + 1.0) * logarithm((n - mode + 1.0) / (n - k + 1.0))
        + (k + 0.5) * logarithm(odds * (n - k + 1.0) / (k + 1.0))
        + errors
    )


@inlined
def height(n: float, p: float, u: float, v: float) -> Any:
    """BTRS step 3: log of the height at which (u, v) must lie under the density ratio."""
    a, b, deviation = hat(n, p)
    us = 0.5 - abs(u)
    return logarithm(v * (2.83 + 5.1 / b) * deviation / (a / (us * us) + b))


@inlined
def accepted_far(k: float, n: float, p: float, u: float, v: float) -> Any:
    """BTRS step 3 for 10 <= k <= n - 10: whether the candidate k lies under the density."""
    mode = math.floor((n + 1.0) * p)
    errors = series(mode) + series(n - mode) - series(k) - series(n - k)
    return height(n, p, u, v) <= log_density_ratio(k, n, p, mode, errors)


@kernel
def accepted(k: float, n: float, p: float, u: float, v: float) -> Any:
    """BTRS step 3 for any k: whether the candidate lies under the density."""
    if k < 0.0 or k > n:
        return False
    mode = math.floor((n + 1.0) * p)
    errors = stirling_error(mode) + stirling_error(n - mode) - stirling_error(k) - stirling_error(n - k)
    return height(n, p, u, v) <= log_density_ratio(k, n, p, mode, errors)
