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
from numpy.typing import NDArray
from scipy.stats import binom

from jaksim.analysis.binary.score_statistics import (
    odds_ratio_z,
    restricted_difference,
    restricted_odds_ratio,
    restricted_risk_ratio,
    risk_difference_z,
    risk_ratio_z,
)
from jaksim.errors import InputError

_NORMAL = NormalDist()
SCALES: Final = ("risk_difference", "risk_ratio", "odds_ratio")
# Beyond this many standard deviations a binomial count does not move the power in the twelfth digit.
_WIDTH: Final = 8.0

# Compiled, these can be called from kernels only; here each is called a few times.
_RESTRICTED: Final[dict[str, Callable[..., tuple[float, float]]]] = {
    "risk_difference": restricted_difference.py_func,  # type: ignore[attr-defined]
    "risk_ratio": restricted_risk_ratio.py_func,  # type: ignore[attr-defined]
    "odds_ratio": restricted_odds_ratio.py_func,  # type: ignore[attr-defined]
}

Statistic = Callable[[float, float, float, float], float]


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
    if scale not in SCALES:
        raise InputError("unknown scale of a comparison of proportions", allowed=SCALES, got=scale)
    without_effect = _RESTRICTED[scale](p_1, 1.0, p_0 * allocation, allocation, null)
    distance, variance = _distance(scale, p_1, p_0, null), _variance(scale, null, allocation)
    if distance == 0.0:
        raise InputError("no number of patients finds a comparison equal to the null", where="null", got=null)
    spread = _NORMAL.inv_cdf(1.0 - alpha) * math.sqrt(variance(*without_effect))
    spread += _NORMAL.inv_cdf(power) * math.sqrt(variance(p_1, p_0))
    active = (spread / distance) ** 2
    return active, active * allocation


def _distance(scale: str, p_1: float, p_0: float, null: float) -> float:
    if scale == "odds_ratio":
        return math.log(p_1 * (1.0 - p_0) / (p_0 * (1.0 - p_1))) - math.log(null)
    return p_1 - null * p_0 if scale == "risk_ratio" else p_1 - p_0 - null


def _variance(scale: str, null: float, allocation: float) -> Callable[[float, float], float]:
    """Variance of the distance with one patient in the active arm and `allocation` in the other."""
    if scale == "odds_ratio":
        return lambda p_1, p_0: 1.0 / (p_1 * (1.0 - p_1)) + 1.0 / (p_0 * (1.0 - p_0) * allocation)
    factor = null**2 if scale == "risk_ratio" else 1.0
    return lambda p_1, p_0: p_1 * (1.0 - p_1) + factor * p_0 * (1.0 - p_0) / allocation


def two_proportions_power(p_1: float, p_0: float, n_1: float, n_0: float, *, alpha: float) -> float:
    """Large-sample power of the two-sided chi-squared test without correction (Fleiss, Tytun and Ury 1980)."""
    pooled = (n_1 * p_1 + n_0 * p_0) / (n_1 + n_0)
    half = _NORMAL.inv_cdf(1.0 - alpha / 2.0) * math.sqrt(pooled * (1.0 - pooled) * (1.0 / n_1 + 1.0 / n_0))
    spread = math.sqrt(p_1 * (1.0 - p_1) / n_1 + p_0 * (1.0 - p_0) / n_0)
    distance = abs(p_1 - p_0)
    return _NORMAL.cdf((distance - half) / spread) + _NORMAL.cdf((-half - distance) / spread)


def score_statistic(scale: str, null: float, *, inflate: bool = False) -> Statistic:
    """The score statistic (x_1, n_1, x_0, n_0) -> z of a scale; `inflate` as Miettinen and Nurminen (1985)."""
    if scale not in SCALES:
        raise InputError("unknown scale of a comparison of proportions", allowed=SCALES, got=scale)
    kernel = {"risk_difference": risk_difference_z, "risk_ratio": risk_ratio_z, "odds_ratio": odds_ratio_z}[scale]
    return lambda x_1, n_1, x_0, n_0: float(kernel(x_1, n_1, x_0, n_0, null, inflate))


def log_odds_ratio_z(x_1: float, n_1: float, x_0: float, n_0: float, null: float) -> float:
    """Log odds ratio minus that of the null, over its standard error at the restricted proportions."""
    if min(x_1, n_1 - x_1, x_0, n_0 - x_0) <= 0.0:
        return math.nan
    p_1, p_0 = _RESTRICTED["odds_ratio"](x_1, n_1, x_0, n_0, null)
    variance = 1.0 / (n_1 * p_1 * (1.0 - p_1)) + 1.0 / (n_0 * p_0 * (1.0 - p_0))
    return (math.log(x_1 * (n_0 - x_0) / (x_0 * (n_1 - x_1))) - math.log(null)) / math.sqrt(variance)


def exact_power(p_1: float, p_0: float, n_1: int, n_0: int, statistic: Statistic, *, alpha: float) -> float:
    """Probability that the statistic passes the normal quantile of a one-sided test, summed over all counts."""
    critical = _NORMAL.inv_cdf(1.0 - alpha)
    (counts_1, shares_1), (counts_0, shares_0) = _likely(n_1, p_1), _likely(n_0, p_0)
    power = 0.0
    for x_1, share_1 in zip(counts_1, shares_1, strict=True):
        rejected = np.array([statistic(float(x_1), n_1, float(x_0), n_0) > critical for x_0 in counts_0])
        power += share_1 * float(shares_0[rejected].sum())
    return power


def _likely(n: int, p: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    reach = _WIDTH * math.sqrt(n * p * (1.0 - p)) + 1.0
    counts = np.arange(max(0, math.floor(n * p - reach)), min(n, math.ceil(n * p + reach)) + 1)
    return counts, binom.pmf(counts, n, p)
