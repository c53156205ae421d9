"""One arm of a trial with several arms, on every path of the control that is followed."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats


class ArmPath:
    """The sum of an arm, a Brownian motion with a drift, between bounds that differ by path (N,) of the control.

    `at` and `mass` (N, M) describe those still going on, `stopped` (N,) is the probability of having been dropped.
    """

    def __init__(self, drift: float, nodes: int) -> None:
        self.drift = drift
        self.grid, self.grid_weight = np.polynomial.legendre.leggauss(nodes)
        self.at, self.mass, self.stopped = np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1)
        self.step = 0.0

    def extend(self, times: int, step: float) -> None:
        """Every path goes on in so many ways, over a gain of information of step squared."""
        self.at, self.mass = np.repeat(self.at, times, axis=0), np.repeat(self.mass, times, axis=0)
        self.stopped = np.repeat(self.stopped, times)
        self.step = step

    def below(self, limits: Floats) -> Floats:
        """Probability (N, P) of having been dropped or being below the limits (N, P) now."""
        from scipy.special import ndtr

        reached = ndtr(self._distance(limits))
        return np.asarray(self.stopped[:, None] + np.einsum("npm,nm->np", reached, self.mass))

    def density(self, points: Floats) -> Floats:
        """Density (N, P) now."""
        bell = np.exp(-0.5 * self._distance(points) ** 2) / (self.step * np.sqrt(2.0 * np.pi))
        return np.asarray(np.einsum("npm,nm->np", bell, self.mass))

    def points(self, low: Floats, high: Floats, reach: float) -> tuple[Floats, Floats]:
        """Points and weights (N, M) for integrals between low and high (N,), no farther than `reach` from the drift."""
        middle = self.drift * (reach / 8.0) ** 2
        first, last = np.clip(low, middle - reach, middle + reach), np.clip(high, middle - reach, middle + reach)
        half = 0.5 * np.maximum(last - first, 0.0)[:, None]
        return 0.5 * (first + last)[:, None] + half * self.grid, half * self.grid_weight

    def go_on(self, low: Floats, high: Floats, reach: float) -> None:
        """Those between low and high (N,) go on, those below are dropped."""
        stopped = self.below(low[:, None])[:, 0]
        at, lengths = self.points(low, high, reach)
        self.mass = self.density(at) * lengths
        self.at, self.stopped = at, stopped

    def _distance(self, points: Floats) -> Floats:
        centre = self.at + self.drift * self.step**2
        return np.asarray((points[:, :, None] - centre[:, None, :]) / self.step)
