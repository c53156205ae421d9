"""Score statistics of two proportions for any difference, ratio or odds ratio, over whole tables of counts at once.

Counts x_1 of n_1 are those of the active arm, x_0 of n_0 those of the reference arm. The analyses of trials have the
same statistics compiled (`jaksim.analysis.binary.score_statistics`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from jaksim.arrays import Floats

Counts: TypeAlias = Floats | float
Pair: TypeAlias = tuple[Floats, Floats]


def restricted_difference(x_1: Counts, n_1: float, x_0: Counts, n_0: float, difference: float) -> Pair:
    """Maximum likelihood proportions under p_1 - p_0 = difference, from a cubic (Farrington and Manning 1990)."""
    p_1, p_0 = np.asarray(x_1, float) / n_1, np.asarray(x_0, float) / n_0
    if difference == 0.0:
        pooled = (n_1 * p_1 + n_0 * p_0) / (n_1 + n_0)
        return pooled, pooled
    theta = n_0 / n_1
    a = 1.0 + theta
    b = -(1.0 + theta + p_1 + theta * p_0 + difference * (theta + 2.0))
    c = difference**2 + difference * (2.0 * p_1 + theta + 1.0) + p_1 + theta * p_0
    d = -p_1 * difference * (1.0 + difference)
    v = (b / (3.0 * a)) ** 3 - b * c / (6.0 * a * a) + d / (2.0 * a)
    u = np.copysign(np.sqrt(np.maximum((b / (3.0 * a)) ** 2 - c / (3.0 * a), 0.0)), np.where(v != 0.0, v, 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(u != 0.0, np.clip(v / u**3, -1.0, 1.0), 0.0)
    found = 2.0 * u * np.cos((math.pi + np.arccos(cosine)) / 3.0) - b / (3.0 * a)
    found = np.clip(found, max(0.0, difference), min(1.0, 1.0 + difference))
    return found, np.clip(found - difference, 0.0, 1.0)


def restricted_risk_ratio(x_1: Counts, n_1: float, x_0: Counts, n_0: float, ratio: float) -> Pair:
    """Maximum likelihood proportions under p_1 = ratio * p_0, from a quadratic."""
    events = np.asarray(x_1, float) + x_0
    a = (n_1 + n_0) * ratio
    b = n_1 * ratio + x_1 + n_0 + np.asarray(x_0, float) * ratio
    p_0 = 2.0 * events / (b + np.sqrt(np.maximum(b * b - 4.0 * a * events, 0.0)))
    return np.minimum(ratio * p_0, 1.0), np.minimum(p_0, 1.0)


def restricted_odds_ratio(x_1: Counts, n_1: float, x_0: Counts, n_0: float, ratio: float) -> Pair:
    """Maximum likelihood proportions under odds_1 = ratio * odds_0, from a quadratic."""
    events = np.asarray(x_1, float) + x_0
    a = n_0 * (ratio - 1.0)
    b = n_1 * ratio + n_0 - events * (ratio - 1.0)
    p_0 = 2.0 * events / (b + np.sqrt(np.maximum(b * b + 4.0 * a * events, 0.0)))
    return p_0 * ratio / (1.0 + p_0 * (ratio - 1.0)), p_0


RESTRICTED: Final[dict[str, Callable[..., Pair]]] = {
    "risk_difference": restricted_difference,
    "risk_ratio": restricted_risk_ratio,
    "odds_ratio": restricted_odds_ratio,
}


def score_z(scale: str, x_1: Counts, n_1: float, x_0: Counts, n_0: float, null: float) -> Floats:
    """The score statistic of a scale; infinite where its variance is 0 and the counts differ, 0 where they do not."""
    p_1, p_0 = RESTRICTED[scale](x_1, n_1, x_0, n_0, null)
    if scale == "odds_ratio":
        one, other = n_1 * p_1 * (1.0 - p_1), n_0 * p_0 * (1.0 - p_0)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.where((one > 0.0) & (other > 0.0), one * other / (one + other), 0.0)
        return standardised(x_1 - n_1 * p_1, variance)
    factor = null if scale == "risk_ratio" else 1.0
    shift = null if scale == "risk_difference" else 0.0
    variance = p_1 * (1.0 - p_1) / n_1 + factor**2 * p_0 * (1.0 - p_0) / n_0
    return standardised(np.asarray(x_1) / n_1 - factor * np.asarray(x_0) / n_0 - shift, variance)


def log_odds_ratio_z(x_1: Counts, n_1: float, x_0: Counts, n_0: float, null: float) -> Floats:
    """Log odds ratio minus that of the null, over its standard error at the restricted proportions; NaN for a zero."""
    p_1, p_0 = restricted_odds_ratio(x_1, n_1, x_0, n_0, null)
    x_1, x_0 = np.asarray(x_1, float), np.asarray(x_0, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1.0 / (n_1 * p_1 * (1.0 - p_1)) + 1.0 / (n_0 * p_0 * (1.0 - p_0))
        found = (np.log(x_1 * (n_0 - x_0)) - np.log(x_0 * (n_1 - x_1)) - math.log(null)) / np.sqrt(variance)
        least = np.minimum(np.minimum(x_1, n_1 - x_1), np.minimum(x_0, n_0 - x_0))
        z: Floats = np.where(least > 0.0, found, math.nan)
    return z


def standardised(distance: Counts, variance: Counts) -> Floats:
    """A distance over its standard error, with the sign of the distance infinite where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(
            np.asarray(variance) > 0.0,
            distance / np.sqrt(variance),
            np.where(np.asarray(distance) == 0.0, 0.0, np.copysign(math.inf, distance)),
        )
    return found
