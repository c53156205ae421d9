"""Unbiased variance of the estimated win probability, ties counting half."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jaksim.errors import InputError


def mann_whitney_variance(active: ArrayLike, reference: ArrayLike) -> float:
    """Unbiased variance of the win probability from counts (K,) of the ordered categories of both arms.

    The order may run either way. Source: Brunner and Konietschke (2025), Statistical Papers 66:20, an unbiased
    rank-based estimator of the Mann-Whitney variance including the case of ties. InputError below two patients an arm.
    """
    counts = [np.asarray(arm, dtype=np.float64) for arm in (active, reference)]
    n_1, n_0 = (float(count.sum()) for count in counts)
    if counts[0].shape != counts[1].shape or counts[0].ndim != 1 or min(n_1, n_0) < 2:
        raise InputError("two arms with two patients each are needed", where="active, reference")
    below = [np.cumsum(count) - count / 2.0 for count in counts]
    # Placements: patients of the other arm that each category has behind it, its own category for half.
    spread = sum(_squares(counts[arm], below[1 - arm]) for arm in (0, 1))
    win = float(counts[0] @ below[1]) / (n_1 * n_0)
    tie = float(counts[0] @ counts[1]) / (n_1 * n_0)
    return (spread - n_1 * n_0 * (win * (1.0 - win) - tie / 4.0)) / (n_1 * (n_1 - 1.0) * n_0 * (n_0 - 1.0))


def _squares(counts: ArrayLike, values: ArrayLike) -> float:
    weights, points = np.asarray(counts), np.asarray(values)
    mean = weights @ points / weights.sum()
    return float(weights @ (points - mean) ** 2)
