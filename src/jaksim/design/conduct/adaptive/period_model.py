"""A difference between arms from a linear model with effects of arms and periods."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats


def period_adjusted(counts: Floats, values: Floats, active: int) -> Floats:
    """Estimate, standard error and z (B, 3) of arm `active` against arm 0.

    counts (B, A, Q, K) are patients by arm, block (a stratum in a period) and category, `values` (K,) what a category
    counts. Least squares with an effect of every arm and every block, and the sandwich variance (HC1; White,
    Econometrica 1980;48:817); patients on other arms tell how the periods differ (Lee and Wason, Trials 2020;21:1005).
    NaN where no patient of the arm was seen, or nothing links it to arm 0.
    """
    size, arms, blocks, _ = counts.shape
    n, total, squares = (counts @ power for power in (np.ones_like(values), values, values**2))
    design = _design(arms, blocks)
    flat, sums = n.reshape(size, -1), total.reshape(size, -1)
    information = np.einsum("bc,cp,cq->bpq", flat, design, design)
    inverse = np.linalg.pinv(information, hermitian=True)
    effects = np.einsum("bpq,cq,bc->bp", inverse, design, sums)
    fitted = effects @ design.T
    residual = squares.reshape(size, -1) - 2.0 * fitted * sums + fitted**2 * flat
    influence = np.einsum("bq,cq->bc", inverse[:, active - 1], design)
    patients, effects_known = flat.sum(axis=1), np.trace(information @ inverse, axis1=1, axis2=2)
    variance = (influence**2 * residual).sum(axis=1) * patients / np.maximum(patients - effects_known, 1.0)
    contrast = np.zeros(design.shape[1])
    contrast[active - 1] = 1.0
    reached = np.einsum("bpq,q->bp", information @ inverse, contrast)
    estimable = np.abs(reached - contrast).max(axis=1) < 1e-6
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(estimable, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        estimate = np.where(estimable, effects[:, active - 1], np.nan)
        return np.stack([estimate, error, estimate / error], axis=1)


def _design(arms: int, blocks: int) -> Floats:
    """Rows of the linear model (A * Q, A - 1 + Q): the arms but the first, then the blocks."""
    arm, block = np.repeat(np.arange(arms), blocks), np.tile(np.arange(blocks), arms)
    return np.hstack([np.eye(arms)[arm][:, 1:], np.eye(blocks)[block]])
