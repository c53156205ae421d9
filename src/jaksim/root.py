"""The root of a function between two limits, without the time that importing an optimiser takes."""

from __future__ import annotations

import math
from collections.abc import Callable

MOST_STEPS = 200


def root(
    function: Callable[[float], float], low: float, high: float, *, xtol: float = 1e-12, rtol: float = 1e-14
) -> float:
    """Where a continuous function is 0, given limits at which it has different signs; ValueError where it has not.

    Source: Brent (1973), Algorithms for Minimization without Derivatives, chapter 4. The steps are those of
    `scipy.optimize.brentq`.
    """
    before, now = low, high
    value_before, value_now = function(before), function(now)
    if value_before == 0.0:
        return before
    if value_now == 0.0:
        return now
    if not value_before * value_now < 0.0:
        raise ValueError("the function has the same sign at both limits")
    other, value_other, step_before, step = before, value_before, 0.0, 0.0
    for _ in range(MOST_STEPS):
        if value_before != 0.0 and value_now != 0.0 and (value_before < 0.0) != (value_now < 0.0):
            other, value_other = before, value_before
            step_before = step = now - before
        if abs(value_other) < abs(value_now):
            before, now, other = now, other, now
            value_before, value_now, value_other = value_now, value_other, value_now
        close = 0.5 * (xtol + rtol * abs(now))
        half = 0.5 * (other - now)
        if value_now == 0.0 or abs(half) < close:
            return now
        tried = math.inf
        if abs(step_before) > close and abs(value_now) < abs(value_before):
            tried = _interpolated((before, value_before), (now, value_now), (other, value_other))
        if 2.0 * abs(tried) < min(abs(step_before), 3.0 * abs(half) - close):
            step_before, step = step, tried
        else:
            step_before = step = half
        before, value_before = now, value_now
        now += step if abs(step) > close else math.copysign(close, half)
        value_now = function(now)
    return now


def _interpolated(before: tuple[float, float], now: tuple[float, float], other: tuple[float, float]) -> float:
    """The step from `now` by the secant of two points, or by the inverse parabola through three."""
    (x_0, y_0), (x_1, y_1), (x_2, y_2) = before, now, other
    if x_0 == x_2:
        return -y_1 * (x_1 - x_0) / (y_1 - y_0)
    slope_0, slope_2 = (y_0 - y_1) / (x_0 - x_1), (y_2 - y_1) / (x_2 - x_1)
    bottom = slope_2 * slope_0 * (y_2 - y_0)
    return -y_1 * (y_2 * slope_2 - y_0 * slope_0) / bottom if bottom != 0.0 else math.inf
