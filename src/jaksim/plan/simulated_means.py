"""Simulated trials of two means, as far as their tests need them: means and variances at each analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.formulas.mean_power import MOST_DF

TAG: Final = 0x6D65616E


@dataclass(frozen=True)
class SimulatedMeans:
    """Means without effect and squared deviations (2 arms, active first; replicates, K) with counts (2, K)."""

    means: Floats
    squares: Floats
    counts: Floats
    sds: tuple[float, float]

    def z(self, effect: float, nulls: Sequence[float], sign: float, method: str, parameters: int) -> Floats:
        """z (nulls, replicates, K) with the one-sided p-value of each test, above 0 for a benefit."""
        from scipy.special import ndtri, stdtr

        difference = self.means[0] - self.means[1] + effect
        variance, df = self._variance(method, parameters)
        statistics = sign * (difference - np.array(nulls)[:, None, None]) / np.sqrt(variance)
        if method == "z":
            return np.asarray(statistics)
        return np.asarray(-ndtri(stdtr(df, -statistics)))

    def _variance(self, method: str, parameters: int) -> tuple[Floats, Floats]:
        """Estimated variance of the difference, and its degrees of freedom."""
        counts = self.counts[:, None, :]
        if method == "z":
            known = sum(sd * sd / n for sd, n in zip(self.sds, self.counts, strict=True))
            return np.asarray(known), np.full(self.counts.shape[1], MOST_DF)
        if method == "t":
            # Covariates are taken as known, and cost what they take of the degrees of freedom.
            free = self.counts.sum(axis=0) - 2.0
            df = free - (parameters - 2)
            pooled = self.squares.sum(axis=0) / free
            return np.asarray(pooled * (1.0 / counts[0] + 1.0 / counts[1])), df
        parts = self.squares / (counts - 1.0) / counts
        total = parts.sum(axis=0)
        return total, total**2 / (parts**2 / (counts - 1.0)).sum(axis=0) - (parameters - 2)


def simulated_means(
    sds: tuple[float, float], counts: tuple[float, float], shares: Sequence[float], replicates: int, seed: int
) -> SimulatedMeans:
    """Trials of normal outcomes, each with its own stream, looked at once these shares of each arm are complete."""
    looks = np.array([[max(2, round(n * share)) for share in shares] for n in counts])
    means, squares = np.empty((2, 2, replicates, len(shares)))
    for replicate in range(replicates):
        rng = np.random.Generator(np.random.Philox(key=seed & (2**64 - 1), counter=[0, 0, replicate, TAG]))
        for arm, sd in enumerate(sds):
            sums = np.cumsum(values := sd * rng.standard_normal(looks[arm, -1]))[looks[arm] - 1]
            means[arm, replicate] = sums / looks[arm]
            squares[arm, replicate] = np.cumsum(values * values)[looks[arm] - 1] - sums * sums / looks[arm]
    return SimulatedMeans(means, squares, looks.astype(np.float64), sds)
