"""Power of t tests of two means: exact integrals over the law of the estimated standard deviation.

With nu degrees of freedom the estimate of a standard deviation, over its true value, is s with nu s^2 chi-squared.
Given s the comparison is normal, so the power is a normal probability averaged over s; this is the upper tail of
Student's noncentral t, and for two one-sided tests Owen's integral (Owen 1965, Biometrika 52:437).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.normal_law import quantile, tail, tails
from jaksim.root import root

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(16)
PANELS: Final = 48
# So many standard deviations of s hold all but 1e-17 of its law.
REACH: Final = 10.0
LEAST_DF: Final = 1.0
# With more degrees of freedom t and z differ by less than 1e-9.
MOST_DF: Final = 1e9


def t_power(noncentrality: float, df: float, alpha: float) -> float:
    """Probability that a noncentral t exceeds the one-sided critical value of level `alpha`."""
    critical = t_quantile(1.0 - alpha, df)
    if df >= MOST_DF:
        return tail(critical - noncentrality)
    s, mass = _estimated_sd(df, _upper(df))
    return float((mass * tails(critical * s - noncentrality)).sum())


def equivalence_power(low: float, high: float, df: float, alpha: float) -> float:
    """Probability that both one-sided t tests of level `alpha` reject.

    `low` and `high` are the distances of the effect from the lower and to the upper margin in true standard errors.
    """
    critical = t_quantile(1.0 - alpha, df)
    widest = 0.5 * (low + high) / critical
    if df >= MOST_DF:
        return max(0.0, tail(critical - high) - tail(low - critical)) if widest > 1.0 else 0.0
    s, mass = _estimated_sd(df, min(widest, _upper(df)))
    # Between the bounds: the estimate may be at most high - t s above the effect and low - t s below it.
    return float((mass * (tails(critical * s - high) - tails(low - critical * s))).sum())


@lru_cache(maxsize=4096)
def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t; InputError below one degree of freedom."""
    if not df >= LEAST_DF:
        raise InputError("too few patients for a t test", where="patients", allowed="two or more in each arm", got=df)
    start = quantile(probability)
    if df >= MOST_DF or probability == 0.5:
        return start
    if probability < 0.5:
        return -t_quantile(1.0 - probability, df)
    level = 1.0 - probability
    s, mass = _estimated_sd(df, _upper(df))
    high = start * 1.01 + 1.0
    while float((mass * tails(high * s)).sum()) > level:
        high *= 2.0
    return root(lambda t: math.log(float((mass * tails(t * s)).sum()) / level), 0.0, high, xtol=1e-13)


def _upper(df: float) -> float:
    return 1.0 + REACH / math.sqrt(2.0 * df)


def _estimated_sd(df: float, upper: float, panels: int = PANELS) -> tuple[Floats, Floats]:
    """Values of s below a limit, and their probabilities.

    The points are even in the cube root of s, for a density that has no derivative at 0 between one and two degrees of
    freedom.
    """
    lower = max(0.0, 1.0 - REACH / math.sqrt(2.0 * df))
    if not upper > lower:
        return np.zeros(1), np.zeros(1)
    edges = np.linspace(lower ** (1.0 / 3.0), upper ** (1.0 / 3.0), panels + 1)
    half = 0.5 * (edges[1:] - edges[:-1])[:, None]
    roots = (0.5 * (edges[1:] + edges[:-1])[:, None] + half * NODES).ravel()
    weights = (half * NODE_WEIGHTS).ravel()
    s = roots**3
    log_density = _log_constant(0.5 * df) + (df - 1.0) * np.log(s) - 0.5 * df * (s * s - 1.0)
    return s, weights * 3.0 * roots**2 * np.exp(log_density)


def _log_constant(x: float) -> float:
    """Logarithm of 2 x^x exp(-x) / Gamma(x), by Stirling's series where both parts are large and nearly the same."""
    if x < 40.0:
        return math.log(2.0) + x * (math.log(x) - 1.0) - math.lgamma(x)
    series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x**3) + 1.0 / (1260.0 * x**5)
    return math.log(2.0) + 0.5 * math.log(x / (2.0 * math.pi)) - series


def welch_df(sds: tuple[float, float], counts: tuple[float, float]) -> float:
    """Satterthwaite's degrees of freedom of a difference of means; 0 where an arm has one patient or less."""
    parts = [sd * sd / n for sd, n in zip(sds, counts, strict=True)]
    if min(counts) <= 1.0:
        return 0.0
    return sum(parts) ** 2 / sum(part * part / (n - 1.0) for part, n in zip(parts, counts, strict=True))


def welch_power(mean: float, sds: tuple[float, float], counts: tuple[float, float], alpha: float) -> float:
    """Power of Welch's one-sided t test, whose critical value follows the estimated variances of both arms.

    `mean` is the difference in true standard errors; arms have two patients or more.
    """
    parts = np.array([sd * sd / n for sd, n in zip(sds, counts, strict=True)])
    shares = parts / parts.sum()
    (s_1, mass_1), (s_0, mass_0) = (_estimated_sd(n - 1.0, _upper(n - 1.0), panels=8) for n in counts)
    first, second = shares[0] * s_1[:, None] ** 2, shares[1] * s_0[None, :] ** 2
    total = first + second
    df = total**2 / (first**2 / (counts[0] - 1.0) + second**2 / (counts[1] - 1.0))
    # The critical value is smooth in one over the degrees of freedom.
    inverse = np.linspace(1.0 / df.max(), 1.0 / df.min(), 65)
    critical = np.interp(1.0 / df, inverse, [t_quantile(1.0 - alpha, max(1.0, 1.0 / one)) for one in inverse])
    return float((mass_1[:, None] * mass_0[None, :] * tails(critical * np.sqrt(total) - mean)).sum())
