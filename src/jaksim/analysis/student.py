"""Student's t in kernels: the normal value with the same tail, so that every decision is by z."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from jaksim.analysis.normal import upper_quantile
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel

SERIES: Final = 30.0
"""Degrees of freedom from which Hill's expansion is used."""
MOST_TERMS: Final = 500
SMALLEST: Final = 1e-280


@inner
def normal_value(t: Any, freedom: Any) -> Any:
    """The z whose normal tail is that of t with so many degrees of freedom, above 0; t itself for infinitely many.

    From 30 on by the expansion of Hill (1970, Communications of the ACM 13:617), below by the incomplete beta function.
    """
    if not 0.0 < freedom < math.inf or not abs(t) > 0.0:
        return t
    if freedom >= SERIES:
        return math.copysign(_expansion(t, freedom), t)
    tail = 0.5 * _incomplete_beta(freedom / (freedom + t * t), 0.5 * freedom)
    return math.copysign(upper_quantile(max(min(tail, 0.5), SMALLEST)), t)


@inner
def _expansion(t: Any, freedom: Any) -> Any:
    a = freedom - 0.5
    b = 48.0 * a * a
    y = a * math.log1p(t * t / freedom)
    far = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b)
    return ((far + y + 3.0) / b + 1.0) * math.sqrt(y)


@inner
def _incomplete_beta(x: Any, a: Any) -> Any:
    """The regularised incomplete beta function I_x(a, 1/2), by its continued fraction (Lentz)."""
    if x <= 0.0 or x >= 1.0:
        return x
    b = 0.5
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


@inner
def _fraction(x: Any, a: Any, b: Any) -> Any:
    c = 1.0
    d = 1.0 / (1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, MOST_TERMS):
        even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 / (1.0 + even * d)
        c = 1.0 + even / c
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 / (1.0 + odd * d)
        c = 1.0 + odd / c
        value *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return value


@kernel
def _fill(t: Any, freedom: Any, out: Any) -> None:
    for i in range(t.shape[0]):
        out[i] = normal_value(t[i], freedom[i])


def normal_values(t: Floats, freedom: Floats) -> Floats:
    """`normal_value` of every pair of values (B,)."""
    out = np.empty(len(t))
    _fill(np.ascontiguousarray(t, dtype=np.float64), np.ascontiguousarray(freedom, dtype=np.float64), out)
    return out
