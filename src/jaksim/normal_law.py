"""The standard normal law of numbers and arrays, without the time that importing its usual library takes."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats

_NORMAL: Final = NormalDist()
_ROOT_HALF: Final = math.sqrt(0.5)


def tail(x: float) -> float:
    """Probability of more than x, of full relative precision however small."""
    return 0.5 * math.erfc(x * _ROOT_HALF)


def tails(x: ArrayLike) -> Floats:
    """`tail` of each element."""
    scaled = np.asarray(x, dtype=np.float64) * _ROOT_HALF
    found = np.fromiter(map(math.erfc, scaled.ravel().tolist()), dtype=np.float64, count=scaled.size)
    return 0.5 * found.reshape(scaled.shape)


def quantile(probability: float) -> float:
    """The number with this probability below it; infinite at 0 and 1 (Wichura 1988, algorithm AS 241)."""
    if not 0.0 < probability < 1.0:
        return math.copysign(math.inf, probability - 0.5) if probability in (0.0, 1.0) else math.nan
    return _NORMAL.inv_cdf(probability)
