"""Power of a largest of several weighted log-rank tests after an interim analysis, in large trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.nph_size import LogRankWeight, Pair, log_rank_law

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(80)
FARTHEST = 8.5


@dataclass(frozen=True)
class MaxComboPlan:
    """Expected z (m,) of all tests in their order, their correlation (m, m), the bound of each, and the power."""

    z: Floats
    correlation: Floats
    upper_z: Floats
    power: float


def max_combo_plan(
    strata: Sequence[Pair],
    times: Sequence[float],
    weights: Sequence[Sequence[LogRankWeight]],
    *,
    interim_alpha: Sequence[float],
    alpha: float,
) -> MaxComboPlan:
    """Bounds and power of one-sided tests: at each calendar time the largest z of its `weights` counts.

    Each interim analysis has one weight and spends its `interim_alpha`; the last analysis has the bound at which the
    level is `alpha`. Weights must not depend on the numbers at risk. InputError for other shapes or levels.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if len(weights) != len(times) or len(interim_alpha) != len(times) - 1:
        raise InputError("each analysis needs its weights, each interim analysis its level", where="weights")
    if any(one.gehan for each in weights for one in each) or any(len(each) != 1 for each in weights[:-1]):
        raise InputError("interim analyses have one weight, and none is Gehan's", where="weights")
    if not 0.0 < sum(interim_alpha) < alpha < 0.5:
        raise InputError("interim levels must sum to less than alpha", where="interim_alpha", got=list(interim_alpha))
    z, correlation = _joint_law(strata, times, weights)
    first = -ndtri(np.asarray(interim_alpha, dtype=np.float64)) if len(times) > 1 else np.empty(0)
    final = len(weights[-1])

    def bounds(last: float) -> Floats:
        return np.concatenate([first, np.full(final, last)])

    none = np.zeros_like(z)
    last = brentq(lambda one: 1.0 - normal_box(bounds(one), none, correlation) - alpha, 0.0, FARTHEST, xtol=1e-10)
    upper = bounds(float(last))
    return MaxComboPlan(z, correlation, upper, 1.0 - normal_box(upper, z, correlation))


def normal_box(upper: ArrayLike, mean: ArrayLike, correlation: ArrayLike) -> float:
    """Probability that correlated normal variables of variance 1 all stay below `upper` (m,), to about 1e-10.

    By nested quadrature, for up to four of them. `correlation` must be positive definite.
    """
    limits = np.asarray(upper, dtype=np.float64) - np.asarray(mean, dtype=np.float64)
    if len(limits) > 4:
        raise InputError("at most four variables", where="upper", got=len(limits))
    return float(_below(limits, np.linalg.cholesky(np.asarray(correlation, dtype=np.float64)), np.empty(0)))


def _below(limits: Floats, forms: Floats, fixed: Floats) -> float:
    """Probability given the first independent variables; the last level is exact."""
    from scipy.special import ndtr

    level = len(fixed)
    own = (limits[level] - float(forms[level, :level] @ fixed)) / forms[level, level]
    if level == len(limits) - 1:
        return float(ndtr(own))
    high = min(own, FARTHEST)
    if high <= -FARTHEST:
        return 0.0
    half = (high + FARTHEST) / 2.0
    at = half * NODES + (high - FARTHEST) / 2.0
    density = NODE_WEIGHTS * half * np.exp(-0.5 * at**2) / np.sqrt(2.0 * np.pi)
    if level == len(limits) - 2:
        rest = limits[level + 1] - float(forms[level + 1, :level] @ fixed) - forms[level + 1, level] * at
        return float(density @ ndtr(rest / forms[level + 1, level + 1]))
    return float(sum(one * _below(limits, forms, np.append(fixed, x)) for one, x in zip(density, at, strict=True)))


def _joint_law(
    strata: Sequence[Pair], times: Sequence[float], weights: Sequence[Sequence[LogRankWeight]]
) -> tuple[Floats, Floats]:
    """Expected z, positive for fewer events in the active arm, and correlations; scores have independent increments."""
    tests = [(analysis, one) for analysis, each in enumerate(weights) for one in each]
    every = [weight for _, weight in tests]
    laws = [log_rank_law(strata, time, every) for time in times]
    mean = np.array([-laws[analysis].mean[i] for i, (analysis, _) in enumerate(tests)])
    first = np.minimum.outer([analysis for analysis, _ in tests], [analysis for analysis, _ in tests])
    covariance = np.array([[laws[first[i, j]].covariance[i, j] for j in range(len(tests))] for i in range(len(tests))])
    spread = np.sqrt(covariance.diagonal())
    return mean / spread, covariance / np.outer(spread, spread)
