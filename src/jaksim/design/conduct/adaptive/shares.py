"""Shares of the arms in the allocation from their probabilities of being the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.adaptive.response_adaptive import ResponseAdaptive


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

    Arms of equal weight get equal shares, and the order of the arms is kept. Between two factors of proportion at which
    an arm reaches a limit, the sum of the shares is linear in the factor.
    """
    limits = np.sort(np.concatenate([lowest / weight, highest / weight], axis=1), axis=1)
    sums = np.clip(limits[:, :, None] * weight[:, None], lowest, highest).sum(axis=2)
    rows, last = np.arange(len(weight)), limits.shape[1] - 1
    after = np.clip((sums < total).sum(axis=1), 1, last)
    below, above = limits[rows, after - 1], limits[rows, after]
    inside = 0.5 * (below + above)[:, None] * weight
    free = (inside > lowest) & (inside < highest)
    fixed = np.where(free, 0.0, np.clip(inside, lowest, highest)).sum(axis=1)
    proportional = np.where(free, weight, 0.0).sum(axis=1)
    some = proportional > 0.0
    factor = np.where(some, (total - fixed) / np.where(some, proportional, 1.0), above)
    share = np.clip(factor[:, None] * weight, lowest, highest)
    return np.asarray(share * (total / share.sum(axis=1, keepdims=True)))
