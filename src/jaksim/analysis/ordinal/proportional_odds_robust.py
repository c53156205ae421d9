"""Robust (sandwich) variance of the log odds ratio of the proportional odds model, from counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inner


@inner
def sandwich_variance(cells: Any, design: Any, alpha: Any, theta: Any, scratch: Any, borders: Any, factor: Any) -> Any:
    """Sum over patients of the squared score times the inverse information (Huber 1967; White 1982).

    `scratch`, `borders` and `factor` hold what `newton_step` left there at the maximum.
    """
    m, p = alpha.shape[0], theta.shape[0]
    weight, ratio, thresholds = scratch[0], scratch[1], scratch[4]
    column = np.zeros(p)
    column[p - 1] = 1.0 / factor[p - 1, p - 1]
    thresholds[:] = 0.0
    for i in range(p - 1, -1, -1):
        for k in range(i + 1, p):
            column[i] -= factor[k, i] * column[k]
        column[i] /= factor[i, i]
        for j in range(m):
            thresholds[j] -= borders[i, j] * column[i]
    for j in range(m - 1, -1, -1):
        thresholds[j] = thresholds[j] * weight[j] - (ratio[j + 1] * thresholds[j + 1] if j < m - 1 else 0.0)
    spread = 0.0
    for c in range(cells.shape[0]):
        arm, stratum = design[c, 0], design[c, 1] - 1
        delta = (theta[p - 1] if arm == 1 else 0.0) + (theta[stratum] if stratum >= 0 else 0.0)
        own = (column[p - 1] if arm == 1 else 0.0) + (column[stratum] if stratum >= 0 else 0.0)
        for j in range(m + 1):
            influence = 0.0
            gap = 1.0 / math.expm1(alpha[j] - alpha[j - 1]) if 0 < j < m else 0.0
            if j < m:
                above = 1.0 / (1.0 + math.exp(alpha[j] + delta))
                influence += above * (thresholds[j] + own) + gap * thresholds[j]
            if j > 0:
                below = 1.0 / (1.0 + math.exp(-alpha[j - 1] - delta))
                influence -= below * (thresholds[j - 1] + own) + gap * thresholds[j - 1]
            spread += cells[c, j] * influence * influence
    return spread
