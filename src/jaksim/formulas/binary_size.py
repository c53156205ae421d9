"""Sample size and power of score tests of two proportions, for a difference, a ratio or an odds ratio of any size.

Arm 1 is the active one. Sizes are for a one-sided test of level `alpha` that the comparison exceeds `null`: a
difference of risks, or a ratio (not its logarithm).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.errors import InputError
from jaksim.formulas.restricted_risks import RESTRICTED, score_z

_NORMAL = NormalDist()
SCALES: Final = ("risk_difference", "risk_ratio", "odds_ratio")
# Beyond this many standard deviations a binomial count does not move the power in the twelfth digit.
_WIDTH: Final = 8.0

Statistic = Callable[[Floats | float, float, Floats | float, float], Floats]
"""z of counts (x_1, n_1, x_0, n_0), also of arrays of x that broadcast."""


def score_test_size(
    p_1: float,
    p_0: float,
    *,
    scale: str,
    null: float,
    power: float,
    alpha: float,
    allocation: float = 1.0,
) -> tuple[float, float]:
    """Patients (active, reference), not rounded; `allocation` is reference over active.

    The variance without the effect is that of the restricted maximum likelihood proportions at the expected counts
    (Farrington and Manning 1990, Statistics in Medicine 9:1447; for the odds ratio on the log scale).
    """
    _check_scale(scale)
    without_effect = RESTRICTED[scale](p_1, 1.0, p_0 * allocation, allocation, null)
    off = distance(scale, p_1, p_0, null)
    if off == 0.0:
        raise InputError("no number of patients finds a comparison equal to the null", where="null", got=null)
    spread = _NORMAL.inv_cdf(1.0 - alpha) * math.sqrt(variance_of(scale, null, *without_effect, 1.0, allocation))
    spread += _NORMAL.inv_cdf(power) * math.sqrt(variance_of(scale, null, p_1, p_0, 1.0, allocation))
    active = (spread / off) ** 2
    return active, active * allocation


def distance(scale: str, p_1: float, p_0: float, null: float) -> float:
    """How far the comparison is above the null: of risks, or of log odds."""
    if scale == "odds_ratio":
        return math.log(p_1 * (1.0 - p_0) / (p_0 * (1.0 - p_1))) - math.log(null)
    return p_1 - null * p_0 if scale == "risk_ratio" else p_1 - p_0 - null


def variance_of(scale: str, null: float, p_1: Floats | float, p_0: Floats | float, n_1: float, n_0: float) -> float:
    """Variance of the estimated distance from the null when these are the risks."""
    if scale == "odds_ratio":
        return float(1.0 / (n_1 * p_1 * (1.0 - p_1)) + 1.0 / (n_0 * p_0 * (1.0 - p_0)))
    factor = null**2 if scale == "risk_ratio" else 1.0
    return float(p_1 * (1.0 - p_1) / n_1 + factor * p_0 * (1.0 - p_0) / n_0)


def two_proportions_power(p_1: float, p_0: float, n_1: float, n_0: float, *, alpha: float) -> float:
    """Large-sample power of the two-sided chi-squared test without correction (Fleiss, Tytun and Ury 1980)."""
    pooled = (n_1 * p_1 + n_0 * p_0) / (n_1 + n_0)
    half = _NORMAL.inv_cdf(1.0 - alpha / 2.0) * math.sqrt(pooled * (1.0 - pooled) * (1.0 / n_1 + 1.0 / n_0))
    spread = math.sqrt(p_1 * (1.0 - p_1) / n_1 + p_0 * (1.0 - p_0) / n_0)
    off = abs(p_1 - p_0)
    return _NORMAL.cdf((off - half) / spread) + _NORMAL.cdf((-half - off) / spread)


def score_statistic(scale: str, null: float, *, inflate: bool = False) -> Statistic:
    """The score statistic (x_1, n_1, x_0, n_0) -> z of a scale; `inflate` as Miettinen and Nurminen (1985)."""
    _check_scale(scale)

    def z(x_1: Floats | float, n_1: float, x_0: Floats | float, n_0: float) -> Floats:
        n = n_1 + n_0
        return score_z(scale, x_1, n_1, x_0, n_0, null) * (math.sqrt((n - 1.0) / n) if inflate else 1.0)

    return z


def exact_power(p_1: float, p_0: float, n_1: int, n_0: int, statistic: Statistic, *, alpha: float) -> float:
    """Probability that the statistic passes the normal quantile of a one-sided test, summed over all counts."""
    critical = _NORMAL.inv_cdf(1.0 - alpha)
    return exact_probability(p_1, p_0, n_1, n_0, lambda x_1, x_0: statistic(x_1, n_1, x_0, n_0) > critical)


def exact_probability(
    p_1: float, p_0: float, n_1: int, n_0: int, passes: Callable[[Floats, Floats], Booleans]
) -> float:
    """Probability of the counts (a, 1) and (1, b) that pass, summed over all counts of both arms."""
    (counts_1, shares_1), (counts_0, shares_0) = _likely(n_1, p_1), _likely(n_0, p_0)
    return float(shares_1 @ (passes(counts_1[:, None], counts_0[None, :]) @ shares_0))


def fisher_passes(x_1: Floats, n_1: int, x_0: Floats, n_0: int, *, alpha: float, more: bool) -> Booleans:
    """Whether counts (a, 1) and (1, b) reject by Fisher's exact test of one side of level `alpha`.

    `more` events in the active arm are what is to be shown, or fewer.
    """
    all_1, all_0 = np.arange(n_1 + 1.0), np.arange(n_0 + 1.0)
    ways = _log_ways(n_1)[:, None] + _log_ways(n_0)[None, :]
    logs = ways - _log_ways(n_1 + n_0)[(all_1[:, None] + all_0[None, :]).astype(int)]
    shares = np.exp(logs)
    tails = np.empty_like(shares)
    for events in range(n_1 + n_0 + 1):
        rows = np.arange(max(0, events - n_0), min(n_1, events) + 1)
        rows = rows[::-1] if more else rows
        tails[rows, events - rows] = np.cumsum(shares[rows, events - rows])
    found: Booleans = tails[x_1.astype(int), x_0.astype(int)] <= alpha
    return found


def _log_ways(n: int) -> Floats:
    return np.array([math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)])


def likely_cells(p_1: float, p_0: float, n_1: int, n_0: int) -> int:
    """How many pairs of counts `exact_probability` goes through."""
    return math.prod(last - first + 1 for first, last in (_range(n_1, p_1), _range(n_0, p_0)))


def _likely(n: int, p: float) -> tuple[Floats, Floats]:
    first, last = _range(n, p)
    counts = np.arange(first, last + 1, dtype=np.float64)
    if p in (0.0, 1.0):
        return counts, (counts == n * p).astype(np.float64)
    logs = np.array([math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in counts])
    return counts, np.exp(logs + counts * math.log(p) + (n - counts) * math.log1p(-p))


def _range(n: int, p: float) -> tuple[int, int]:
    reach = _WIDTH * math.sqrt(n * p * (1.0 - p)) + 8.0
    return max(0, math.floor(n * p - reach)), min(n, math.ceil(n * p + reach))


def _check_scale(scale: str) -> None:
    if scale not in SCALES:
        raise InputError("unknown scale of a comparison of proportions", allowed=SCALES, got=scale)
