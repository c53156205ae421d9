"""Shares of the arms in the allocation from their probabilities of being the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.adaptive.response_adaptive import ResponseAdaptive

HALVINGS = 60


def shares_of(best: Floats, rules: ResponseAdaptive, reference: int, fraction: ArrayLike) -> Floats:
    """Shares (B, A) by the rules from the probabilities (B, A) of being the best.

    `reference` is the position of the reference arm, fraction (B,) the patients enrolled over those planned.
    """
    power = 0.5 * np.asarray(fraction, dtype=np.float64)[:, None] if rules.power is None else rules.power
    weight = np.clip(best, 1e-12, None) ** power
    active = np.arange(best.shape[1]) != reference
    if rules.control == "largest":
        weight[:, reference] = weight[:, active].max(axis=1)
    if rules.control_share is None:
        return within_caps(weight, 1.0, rules.lowest, rules.highest)
    found = np.empty_like(weight)
    found[:, reference] = rules.control_share
    found[:, active] = within_caps(weight[:, active], 1.0 - rules.control_share, rules.lowest, rules.highest)
    return found


def within_caps(weight: Floats, total: float, lowest: float, highest: float) -> Floats:
    """Shares (B, A) in proportion to positive weights (B, A), cut to [lowest, highest], that add up to `total`.

    The factor of proportion is found by halving the interval of its logarithm, so arms of equal weight get equal
    shares, and the order of the arms is kept.
    """
    low = np.log(max(lowest, 1e-9) / weight.max(axis=1))
    high = np.log(highest / weight.min(axis=1))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        small = np.clip(np.exp(middle)[:, None] * weight, lowest, highest).sum(axis=1) < total
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    share = np.clip(np.exp(high)[:, None] * weight, lowest, highest)
    return np.asarray(share * (total / share.sum(axis=1, keepdims=True)))
