"""Mean and spread of a number over replicates, kept as integers so that no order of adding changes a bit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jaksim.design.sums.fixed_point import FIXED_POINT_BITS, fixed_point_sum, from_fixed_point


@dataclass(slots=True)
class Moments:
    """How many finite values there were, their sum and the sum of their squares, in fixed point."""

    n: int = 0
    total: int = 0
    squared: int = 0

    @classmethod
    def of(cls, values: ArrayLike) -> Moments:
        """Those of up to 2**11 values; values that are not finite are left out."""
        given = np.asarray(values, dtype=np.float64).ravel()
        given = given[np.isfinite(given)]
        return cls(len(given), fixed_point_sum(given), fixed_point_sum(given * given))

    def add(self, other: Moments) -> None:
        """Add those of other replicates."""
        self.n += other.n
        self.total += other.total
        self.squared += other.squared

    @property
    def mean(self) -> float:
        """NaN without values."""
        return from_fixed_point(self.total) / self.n if self.n else math.nan

    @property
    def sd(self) -> float:
        """NaN below two values."""
        if self.n < 2:
            return math.nan
        scatter = ((self.n * self.squared) << FIXED_POINT_BITS) - self.total**2
        return math.sqrt(max(scatter, 0) / (self.n * (self.n - 1))) * 2.0**-FIXED_POINT_BITS

    @property
    def standard_error(self) -> float:
        """Monte Carlo standard error of the mean."""
        return self.sd / math.sqrt(self.n) if self.n > 1 else math.nan
