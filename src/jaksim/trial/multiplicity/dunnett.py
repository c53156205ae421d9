"""The largest of several comparisons with one control (Dunnett, J Am Stat Assoc 1955;50:1096), large-sample."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.multiplicity.graph import members

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(160)
FARTHEST = 8.5


def largest_tail(z: ArrayLike, ratios: Sequence[float], *, sides: int = 1) -> Floats:
    """Probability that the largest of m comparisons with one control passes z, in size when two-sided.

    `ratios` (m,) are patients of each active arm per patient on control, so that comparisons i and j have correlation
    sqrt(r_i / (1 + r_i)) sqrt(r_j / (1 + r_j)). The control's part of them is integrated out. Any shape of z.
    """
    from scipy.special import log_ndtr, ndtr

    limit = np.asarray(z, dtype=np.float64)[..., None]
    at = FARTHEST * NODES
    density = FARTHEST * NODE_WEIGHTS * np.exp(-0.5 * at * at) / np.sqrt(2.0 * np.pi)
    log_inside = np.zeros(np.broadcast_shapes(limit.shape, at.shape))
    log_one: dict[float, Floats] = {}
    for ratio in set(ratios):
        own, shared = np.sqrt(1.0 / (1.0 + ratio)), np.sqrt(ratio / (1.0 + ratio))
        if sides == 1:
            log_one[ratio] = log_ndtr((limit + shared * at) / own)
        else:
            inside = ndtr((limit + shared * at) / own) - ndtr((-limit + shared * at) / own)
            log_one[ratio] = np.log(np.maximum(inside, 1e-300))
    for ratio in ratios:
        log_inside += log_one[ratio]
    return np.asarray(np.clip(-np.expm1(log_inside) @ density, 0.0, 1.0))


@cache
def critical_value(ratios: tuple[float, ...], alpha: float, sides: int = 1) -> float:
    """The value that the largest of the comparisons passes with probability alpha."""
    from scipy.optimize import brentq

    return float(brentq(lambda z: float(largest_tail(z, ratios, sides=sides)) - alpha, -3.0, 8.0, xtol=1e-12))


def dunnett_levels(ratios: Sequence[float], alpha: float, sides: int, *, step_down: bool) -> Floats:
    """Local levels (2**m, m) of every set of comparisons: of its largest or, in one step, of the largest of all."""
    from scipy.special import ndtr

    inside = members(len(ratios))
    levels = np.zeros(inside.shape)
    for chosen, row in enumerate(inside):
        kept = row if step_down else np.ones_like(row)
        if row.any():
            critical = critical_value(tuple(sorted(np.asarray(ratios)[kept].tolist())), alpha, sides)
            levels[chosen, row] = sides * ndtr(-critical)
    return levels
