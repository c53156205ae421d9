"""Confidence intervals for a risk ratio or an odds ratio by inverting the score test."""

from __future__ import annotations

import math
from collections.abc import Callable

WIDEST = 50.0
"""Limits beyond exp(50) count as infinite."""

Statistic = Callable[[float, float, float, float, float, bool], float]


def score_interval(
    statistic: Statistic, counts: tuple[float, float, float, float], z: float, inflate: bool
) -> tuple[float, float]:
    """The log ratios that the score test does not reject; `counts` are (x_1, n_1, x_0, n_0).

    Infinite on a side where no ratio is rejected, NaN when an arm has no patients.
    """
    x_1, n_1, x_0, n_0 = counts
    if n_1 <= 0.0 or n_0 <= 0.0:
        return math.nan, math.nan

    def bound(target: float) -> float:
        low, high = -WIDEST, WIDEST
        for _ in range(200):
            middle = (low + high) / 2.0
            if statistic(x_1, n_1, x_0, n_0, math.exp(middle), inflate) > target:
                low = middle
            else:
                high = middle
            if high - low < 1e-13:
                break
        middle = (low + high) / 2.0
        return middle if abs(middle) < WIDEST - 1.0 else math.copysign(math.inf, middle)

    return bound(z), bound(-z)
