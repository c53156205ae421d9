"""Confidence intervals for the difference of two independent proportions."""

from __future__ import annotations

import math

from jaksim.analysis.binary.score_statistics import risk_difference_z

INTERVALS = ("newcombe", "miettinen_nurminen", "wald")


def risk_interval(method: str, x_1: float, n_1: float, x_0: float, n_0: float, z: float) -> tuple[float, float]:
    """Confidence interval of x_1/n_1 - x_0/n_0 at the normal quantile z; NaN when an arm has no patients."""
    if n_1 <= 0 or n_0 <= 0:
        return math.nan, math.nan
    return {"newcombe": newcombe, "miettinen_nurminen": miettinen_nurminen, "wald": wald}[method](x_1, n_1, x_0, n_0, z)


def wald(x_1: float, n_1: float, x_0: float, n_0: float, z: float) -> tuple[float, float]:
    """The difference plus and minus z times its unpooled standard error."""
    p_1, p_0 = x_1 / n_1, x_0 / n_0
    half = z * math.sqrt(p_1 * (1 - p_1) / n_1 + p_0 * (1 - p_0) / n_0)
    return p_1 - p_0 - half, p_1 - p_0 + half


def newcombe(x_1: float, n_1: float, x_0: float, n_0: float, z: float) -> tuple[float, float]:
    """Hybrid score interval without continuity correction (Newcombe 1998, method 10)."""
    p_1, p_0 = x_1 / n_1, x_0 / n_0
    lower_1, upper_1 = wilson(x_1, n_1, z)
    lower_0, upper_0 = wilson(x_0, n_0, z)
    difference = p_1 - p_0
    return (
        difference - math.hypot(p_1 - lower_1, upper_0 - p_0),
        difference + math.hypot(upper_1 - p_1, p_0 - lower_0),
    )


def wilson(x: float, n: float, z: float) -> tuple[float, float]:
    """Score interval of one proportion (Wilson 1927)."""
    centre = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(x * (n - x) / n + z * z / 4)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def miettinen_nurminen(x_1: float, n_1: float, x_0: float, n_0: float, z: float) -> tuple[float, float]:
    """The differences that the score test does not reject (Miettinen and Nurminen 1985), to 1e-12."""

    def bound(inside: float, outside: float, target: float) -> float:
        for _ in range(200):
            middle = (inside + outside) / 2
            if abs(miettinen_nurminen_z(x_1, n_1, x_0, n_0, middle)) > target:
                outside = middle
            else:
                inside = middle
            if abs(inside - outside) < 1e-13:
                break
        return (inside + outside) / 2

    difference = x_1 / n_1 - x_0 / n_0
    return bound(difference, -1.0, z), bound(difference, 1.0, z)


def miettinen_nurminen_z(x_1: float, n_1: float, x_0: float, n_0: float, difference: float) -> float:
    """Score statistic of the hypothesis p_1 - p_0 = difference, variance inflated by n/(n - 1)."""
    return float(risk_difference_z(float(x_1), float(n_1), float(x_0), float(n_0), float(difference), True))
