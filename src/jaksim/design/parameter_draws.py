"""Numbers that parameters are drawn by, spread evenly, and the error of what is averaged over the draws."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.rng import Purpose, generator

SETS: Final = 16
ROUNDING: Final = 1e-12
"""Values that differ by less are equal."""
# Half the distance of the points that scrambling gives, so that none is 0.
_HALF: Final = 2.0**-31


class EvenNumbers:
    """Points (D,) between 0 and 1, one for each draw, in `SETS` independent sets of scrambled Sobol points.

    Draw d is a point of set d modulo `SETS`. Every point is uniform and the sets are independent, so that averages over
    draws are unbiased and the scatter of the sets tells their error. Owen, J Complex 1998;14:466; Matousek, J Complex
    1998;14:527.
    """

    def __init__(self, dimensions: int, seed: int) -> None:
        from scipy.stats import qmc

        streams = [generator(seed, Purpose.POSTERIOR, replicate=number) for number in range(SETS)]
        self._sets = [qmc.Sobol(dimensions, scramble=True, rng=stream) for stream in streams]
        self._next = 0

    def draw(self) -> Floats:
        """The point of the next draw."""
        point = self._sets[self._next % SETS].random(1)[0]
        self._next += 1
        return np.asarray(point + _HALF)


def draws_error(values: ArrayLike, numbers: ArrayLike) -> float:
    """Monte Carlo standard error of the mean of values (D,) of the draws with these numbers, from the means of sets."""
    found, sets = np.asarray(values, dtype=np.float64), np.asarray(numbers) % SETS
    if np.ptp(found) <= ROUNDING:
        return 0.0
    counts = np.bincount(sets, minlength=SETS)
    sums = np.bincount(sets, weights=found - found.mean(), minlength=SETS)
    n = np.count_nonzero(counts)
    return math.sqrt(float((sums**2).sum()) * n / (n - 1)) / len(found) if n > 1 else math.nan


def draws_gain(values: ArrayLike, numbers: ArrayLike) -> float:
    """How many times smaller the variance of the mean is than with independent draws; NaN without any scatter."""
    found, error = np.asarray(values, dtype=np.float64), draws_error(values, numbers)
    return float(found.var(ddof=1)) / len(found) / error**2 if error > 0.0 else math.nan
