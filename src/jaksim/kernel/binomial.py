"""Exact binomial draws: inversion for a small mean, transformed rejection (BTRS) for a large one.

Trial t of a draw uses Philox block t of the draw's own stream: two words for each of its two uniforms. Sizes and counts
are float64 whole numbers, exact far beyond the largest cell.
Sources: BTRS is from Hormann (1993), "The generation of binomial random variates", J. Stat. Comput. Simul. 46; the
squeeze from Kachitvichyanukul and Schmeiser (1988), "Binomial random variate generation", Comm. ACM 31, step 5.2.
"""

from __future__ import annotations

import math

import numpy as np

from jaksim.kernel.jit import inlined, kernel
from jaksim.kernel.philox import block, unit

SMALL_MEAN = 10.0
REJECTED = -1.0
_STIRLING = np.array(
    [math.lgamma(k + 1) - ((k + 0.5) * math.log(k + 1) - (k + 1) + 0.5 * math.log(2 * math.pi)) for k in range(10)]
)


@inlined
def stirling_error(k):
    """log k! minus its Stirling approximation (k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2."""
    if k < 10.0:
        return _STIRLING[np.int64(k)]
    inverse = 1.0 / (k + 1.0)
    square = inverse * inverse
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - square / 1680) * square) * square) * inverse


@inlined
def inversion(n, p, log_q, u):
    """Binomial(n, p) for n p < 10 by sequential search from 0; REJECTED if rounding ran past n."""
    ratio = p / (1.0 - p)
    probability = math.exp(n * log_q)
    step = (n + 1.0) * ratio
    x = 0.0
    while u > probability:
        u -= probability
        x += 1.0
        if x > n:
            return REJECTED
        probability *= step / x - ratio
    return x


@inlined
def candidate(n, p, u, v):
    """BTRS steps 1 and 2 for u in (-1/2, 1/2): the candidate, and whether it is accepted at once."""
    b = 1.15 + 2.53 * math.sqrt(n * p * (1.0 - p))
    a = -0.0873 + 0.0248 * b + 0.01 * p
    us = 0.5 - abs(u)
    k = math.floor((2.0 * a / us + b) * u + n * p + 0.5)
    return k, (us >= 0.07) & (v <= 0.92 - 4.2 / b)


@inlined
def log_density_ratio(k, n, p, mode):
    """Log of the probability of k over that of the mode."""
    ratio = p / (1.0 - p)
    return (
        (mode + 0.5) * math.log((mode + 1.0) / (ratio * (n - mode + 1.0)))
        + (n + 1.0) * math.log((n - mode + 1.0) / (n - k + 1.0))
        + (k + 0.5) * math.log(ratio * (n - k + 1.0) / (k + 1.0))
        + stirling_error(mode)
        + stirling_error(n - mode)
        - stirling_error(k)
        - stirling_error(n - k)
    )


@inlined
def accepted(k, n, p, u, v):
    """BTRS step 3: whether the candidate k lies under the density, by squeeze where that decides."""
    variance = n * p * (1.0 - p)
    deviation = math.sqrt(variance)
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    us = 0.5 - abs(u)
    mode = math.floor((n + 1.0) * p)
    height = math.log(v * (2.83 + 5.1 / b) * deviation / (a / (us * us) + b))
    distance = abs(k - mode)
    if 20.0 < distance < 0.5 * variance - 1.0:
        slack = (distance / variance) * ((distance * (distance / 3.0 + 0.625) + 1.0 / 6.0) / variance + 0.5)
        normal = -0.5 * distance * distance / variance
        if height < normal - slack:
            return True
        if height > normal + slack:
            return False
    return height <= log_density_ratio(k, n, p, mode)


@kernel
def trial(n, p, log_q, w0, w1, w2, w3):
    """One trial of Binomial(n, p), 0 < p <= 1/2, from one Philox block; REJECTED if it must be tried again."""
    if n * p < SMALL_MEAN:
        return inversion(n, p, log_q, unit(w0, w1))
    u = unit(w0, w1) - 0.5
    v = unit(w2, w3)
    k, at_once = candidate(n, p, u, v)
    if at_once or (0.0 <= k <= n and accepted(k, n, p, u, v)):
        return k
    return REJECTED


@kernel
def binomial(n, p, log_q, stream, replicate, cell, k0, k1):
    """Binomial(n, p), 0 < p <= 1/2, log_q = log(1 - p), from a stream of its own."""
    x = REJECTED
    t = np.uint64(0)
    while x < 0.0:
        w0, w1, w2, w3 = block(t, stream, replicate, cell, k0, k1)
        x = trial(n, p, log_q, w0, w1, w2, w3)
        t += np.uint64(1)
    return x
