"""Exact binomial draws: inversion for a small mean, transformed rejection (BTRS) for a large one.

Trial t of a draw uses Philox block t of the draw's own stream: two words for each of its two uniforms. Sizes and counts
are float64 whole numbers, exact far beyond the largest cell.
Source: Hormann (1993), "The generation of binomial random variates", J. Stat. Comput. Simul. 46, algorithm BTRS.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner
from jaksim.kernel.logarithm import logarithm
from jaksim.kernel.philox import block, unit

SMALL_MEAN = 10.0
FAR = 10.0
CLOSE = 2e-5
MOST = 150
REJECTED = -1.0
_ONE = np.uint64(1)
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
    k = np.float64(math.floor((2.0 * a / us + b) * u + n * p + 0.5))
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


@inner
def accepted(k: float, n: float, p: float, u: float, v: float) -> Any:
    """BTRS step 3 for any k: whether the candidate lies under the density."""
    if k < 0.0 or k > n:
        return False
    mode = math.floor((n + 1.0) * p)
    errors = stirling_error(mode) + stirling_error(n - mode) - stirling_error(k) - stirling_error(n - k)
    return height(n, p, u, v) <= log_density_ratio(k, n, p, mode, errors)


@inlined
def near_ratio(k: float, n: float, p: float) -> Any:
    """`log_density_ratio` to CLOSE for n p >= 10 and FAR <= k <= n - FAR, at a third of its cost.

    With a = mode + 1, b = n - mode + 1 and d = k - mode the logarithms are those of numbers near 1, the first of them
    so near that a series does, and the Stirling errors are 1 / 12 a, 1 / 12 b and so on.
    """
    a = np.float64(math.floor((n + 1.0) * p)) + 1.0
    b = n + 2.0 - a
    d = k + 1.0 - a
    over_a, over_b = 1.0 / a, 1.0 / b
    e = (p * b / (1.0 - p) - a) * over_a
    first = e * (1.0 - e * (1.0 / 2 - e * (1.0 / 3 - e * (1.0 / 4 - e * (1.0 / 5 - e / 6)))))
    second = (a + d - 0.5) * logarithm((a + d) * over_a)
    third = (b - d - 0.5) * logarithm((b - d) * over_b)
    return d * first - second - third + (over_a + over_b - 1.0 / (a + d) - 1.0 / (b - d)) * (1.0 / 12)


@inlined
def margin(k: float, n: float, p: float, u: float, v: float) -> Any:
    """By how much a candidate lies under the density, n p >= 10, to CLOSE; 0 where k is too near to 0 or n for that."""
    return near_ratio(k, n, p) - height(n, p, u, v) if (k >= FAR) & (k <= n - FAR) else 0.0


@inner
def draw_binomial(
    t: Any, n: float, p: float, log_q: float, stream: Any, replicate: Any, cell: Any, k0: Any, k1: Any
) -> float:
    """One draw from Binomial(n, p), p <= 1/2, log_q = log(1 - p), by trials from number t (uint64) on."""
    drawn = REJECTED
    while drawn < 0.0:
        w0, w1, w2, w3 = block(t, stream, replicate, cell, k0, k1)
        if n * p < SMALL_MEAN:
            drawn = inversion(n, p, log_q, unit(w0, w1))
        else:
            u, v = unit(w0, w1) - 0.5, unit(w2, w3)
            k, at_once = candidate(n, p, u, v)
            if at_once or accepted(k, n, p, u, v):
                drawn = k
        t += _ONE
    return drawn
