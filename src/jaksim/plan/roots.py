"""Where a continuous function is zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MOST_STEPS: Final = 200


def root(function: Callable[[float], float], low: float, high: float, *, fine: float = 1e-13) -> float:
    """A zero between two points at which the function has different signs, to a relative error of `fine`.

    Brent's method (Brent 1973, Algorithms for Minimization without Derivatives, chapter 4). ValueError where the signs
    are alike.
    """
    a, b, f_a, f_b = low, high, function(low), function(high)
    if f_a * f_b > 0.0:
        raise ValueError("the function has the same sign at both ends")
    c, f_c = a, f_a
    step = before = b - a
    for _ in range(_MOST_STEPS):
        if f_b * f_c > 0.0:
            c, f_c = a, f_a
            step = before = b - a
        if abs(f_c) < abs(f_b):
            a, b, c = b, c, b
            f_a, f_b, f_c = f_b, f_c, f_b
        near, middle = 2.0 * fine * abs(b) + fine * 1e-3, 0.5 * (c - b)
        if abs(middle) <= near or f_b == 0.0:
            break
        step, before = _next(a, b, c, f_a, f_b, f_c, near, before)
        a, f_a = b, f_b
        b += step if abs(step) > near else (near if middle > 0.0 else -near)
        f_b = function(b)
    return b


def _next(
    a: float, b: float, c: float, f_a: float, f_b: float, f_c: float, near: float, before: float
) -> tuple[float, float]:
    """The next step, by interpolation where that is safe and halving where not, and the step that it follows."""
    middle = 0.5 * (c - b)
    if abs(before) < near or abs(f_a) <= abs(f_b):
        return middle, middle
    s = f_b / f_a
    if a == c:
        p, q = 2.0 * middle * s, 1.0 - s
    else:
        r, t = f_b / f_c, f_a / f_c
        p, q = s * (2.0 * middle * t * (t - r) - (b - a) * (r - 1.0)), (t - 1.0) * (r - 1.0) * (s - 1.0)
    q, p = (-q, p) if p > 0.0 else (q, -p)
    if 2.0 * p < min(3.0 * middle * q - abs(near * q), abs(before * q)):
        return p / q, b - a
    return middle, middle
