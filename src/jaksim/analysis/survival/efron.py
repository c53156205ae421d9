"""Sums of reciprocals over tied events, in time that does not grow with their number."""

from __future__ import annotations

import math
from typing import Any

from jaksim.kernel.jit import inlined, kernel

LOOP_UP_TO = 4.0
ASYMPTOTIC_FROM = 10.0
NEAR = 0.1
"""Largest argument of the series of the logarithm of a ratio near 1."""


@inlined
def reciprocal_sums(top: Any, ties: Any) -> Any:
    """Sum over l = 0 .. ties-1 of 1/(top - l) and of its square, for top >= ties > 0.

    A few whole ties are summed one by one. Otherwise the sums are psi(top + 1) - psi(top - ties + 1) and
    psi'(top - ties + 1) - psi'(top + 1), which also defines them for a number of ties that is not whole.
    """
    if ties <= LOOP_UP_TO and ties == math.floor(ties):
        first = 0.0
        second = 0.0
        for j in range(int(ties)):
            reciprocal = 1.0 / (top - j)
            first += reciprocal
            second += reciprocal * reciprocal
        return first, second
    return digamma_difference(top, ties)


@kernel
def digamma_difference(top: Any, ties: Any) -> Any:
    """psi(top + 1) - psi(top - ties + 1) and psi'(top - ties + 1) - psi'(top + 1), to nearly full relative precision.

    Recurrence lifts both arguments to the asymptotic range; there the series in 1/x of psi(x + 1/2) (Abramowitz and
    Stegun 6.3.18, shifted by a half so that it holds even powers only) is differenced term by term, so that nothing
    cancels when the ties are few among many.
    """
    upper = top + 0.5
    lower = top - ties + 0.5
    first = 0.0
    second = 0.0
    while lower < ASYMPTOTIC_FROM:
        reciprocal = 1.0 / (lower + 0.5)
        first += reciprocal
        second += reciprocal * reciprocal
        lower += 1.0
    while upper < ASYMPTOTIC_FROM:
        reciprocal = 1.0 / (upper + 0.5)
        first -= reciprocal
        second -= reciprocal * reciprocal
        upper += 1.0
    a = 1.0 / upper
    b = 1.0 / lower
    first += asymptotic_first(_log_ratio((upper - lower) / (upper + lower)), a, b)
    second += asymptotic_second(upper, lower, a, b)
    return first, second


@inlined
def asymptotic_first(log_ratio: Any, a: Any, b: Any) -> Any:
    """psi(u + 1/2) - psi(l + 1/2) where a = 1/u and b = 1/l, from log(u/l)."""
    return log_ratio + _psi_tail(a * a) - _psi_tail(b * b)


@inlined
def asymptotic_second(upper: Any, lower: Any, a: Any, b: Any) -> Any:
    """psi'(lower + 1/2) - psi'(upper + 1/2) where a = 1/upper and b = 1/lower."""
    return (upper - lower) * a * b + b * _trigamma_tail(b * b) - a * _trigamma_tail(a * a)


@inlined
def _log_ratio(q: Any) -> Any:
    """log((1 + q) / (1 - q)) = 2 artanh(q)."""
    if abs(q) > NEAR:
        return math.log((1.0 + q) / (1.0 - q))
    return log_ratio_near(q)


@inlined
def log_ratio_near(q: Any) -> Any:
    """The same by its series, for |q| of `NEAR` at most."""
    w = q * q
    return (
        2.0
        * q
        * (1.0 + w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11 + w * (1 / 13 + w * (1 / 15))))))))
    )


@inlined
def _psi_tail(w: Any) -> Any:
    """psi(x + 1/2) - log(x) as a polynomial in w = 1/x^2."""
    return w * (1 / 24 + w * (-7 / 960 + w * (31 / 8064 + w * (-127 / 30720 + w * (511 / 67584)))))


@inlined
def _trigamma_tail(w: Any) -> Any:
    """(psi'(x + 1/2) - 1/x) * x as a polynomial in w = 1/x^2."""
    return w * (-1 / 12 + w * (7 / 240 + w * (-31 / 1344 + w * (127 / 3840 + w * (-2555 / 33792)))))
