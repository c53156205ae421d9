"""How test statistics go together over replicates: integer sums, so that any order of adding gives the same bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FRACTION_BITS = 16
LARGEST_Z = 64.0


@dataclass(slots=True)
class Products:
    """Sums over replicates of the statistics of each pair of tests, where both are estimable.

    Arrays (T, T) of Python integers; row i, column j: replicates, sum of z_i, of its square, and of z_i times z_j, in
    units of 2**-16 per factor.
    """

    both: npt.NDArray[np.object_]
    sums: npt.NDArray[np.object_]
    squares: npt.NDArray[np.object_]
    products: npt.NDArray[np.object_]

    @classmethod
    def empty(cls, n_tests: int) -> Products:
        """The sums over no replicates."""
        return cls(*(np.zeros((n_tests, n_tests), dtype=object) for _ in range(4)))

    def add(self, other: Products) -> None:
        """Add the sums of other replicates."""
        self.both += other.both
        self.sums += other.sums
        self.squares += other.squares
        self.products += other.products

    def correlations(self) -> list[list[float]]:
        """Correlation of every pair of statistics, NaN where one does not vary."""
        n_tests = len(self.both)
        return [[self._correlation(i, j) for j in range(n_tests)] for i in range(n_tests)]

    def same(self, i: int, j: int) -> bool:
        """Whether two statistics are equal, within the units they are kept in, in all replicates that have one."""
        n = self.both[i, j]
        apart = self.squares[i, j] + self.squares[j, i] - 2 * self.products[i, j]
        return bool(0 < n == self.both[i, i] == self.both[j, j] and apart <= n)

    def _correlation(self, i: int, j: int) -> float:
        n = self.both[i, j]
        together = n * self.products[i, j] - self.sums[i, j] * self.sums[j, i]
        spread_i = n * self.squares[i, j] - self.sums[i, j] ** 2
        spread_j = n * self.squares[j, i] - self.sums[j, i] ** 2
        if spread_i <= 0 or spread_j <= 0:
            return math.nan
        # Three integers, each rounded once; a test with itself gives exactly one.
        return 1.0 if i == j else together / (math.sqrt(spread_i) * math.sqrt(spread_j))


def products(statistics: npt.NDArray[np.float64]) -> Products:
    """The sums of a block of statistics (T, B); values that are not finite are left out, those beyond 64 cut there.

    A block holds at most 2**18 replicates.
    """
    known = np.isfinite(statistics)
    scaled = np.where(known, np.clip(statistics, -LARGEST_Z, LARGEST_Z), 0.0)
    z = np.rint(np.ldexp(scaled, FRACTION_BITS)).astype(np.int64)
    mask = known.astype(np.int64)
    return Products(*(table.astype(object) for table in (mask @ mask.T, z @ mask.T, (z * z) @ mask.T, z @ z.T)))
