"""Power and sample size of the proportional-odds (Wilcoxon) test (Whitehead 1993, Statistics in Medicine 12:2257)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from jaksim.errors import InputError

_NORMAL = NormalDist()


def ordinal_power(
    probabilities: Sequence[float],
    *,
    odds_ratio: float,
    patients: float,
    alpha: float = 0.05,
    active_share: float = 0.5,
) -> float:
    """Power of the two-sided test, without rejections in the wrong direction.

    `probabilities` (K,) of the categories are averages over the two arms and sum to 1. InputError otherwise.
    """
    informative = _informative(probabilities)
    active, reference = patients * active_share, patients * (1.0 - active_share)
    information = active * reference * patients / (3.0 * (patients + 1.0) ** 2) * informative
    return _NORMAL.cdf(abs(math.log(odds_ratio)) * math.sqrt(information) - _NORMAL.inv_cdf(1.0 - alpha / 2.0))


def ordinal_size(
    probabilities: Sequence[float],
    *,
    odds_ratio: float,
    power: float = 0.9,
    alpha: float = 0.05,
    active_share: float = 0.5,
) -> float:
    """Patients in both arms together, not rounded, for the power of the two-sided test."""
    informative = _informative(probabilities)
    if odds_ratio == 1.0:
        raise InputError("no number of patients finds an odds ratio of one", where="odds_ratio")
    quantiles = _NORMAL.inv_cdf(1.0 - alpha / 2.0) + _NORMAL.inv_cdf(power)
    shares = active_share * (1.0 - active_share)
    return 3.0 * quantiles**2 / (shares * math.log(odds_ratio) ** 2 * informative)


def _informative(probabilities: Sequence[float]) -> float:
    """One minus the sum of cubes: the loss of information through ties."""
    shares = np.asarray(probabilities, dtype=np.float64)
    if shares.ndim != 1 or (shares < 0.0).any() or abs(shares.sum() - 1.0) > 1e-6:
        raise InputError("these are not the probabilities of categories", where="probabilities", got=probabilities)
    return 1.0 - float((shares**3).sum())
