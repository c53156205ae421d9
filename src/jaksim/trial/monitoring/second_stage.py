"""How large the second stage of a trial becomes, by the conditional power at its interim analysis.

Everything is in parts of the planned information: the first stage has `first` of it, the second as planned 1 - `first`.
Source: Mehta and Pocock (2011), Statistics in Medicine 30, 3267-3284.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.monitoring.combination import p_of

FARTHEST = 9.0
PANELS = 160
_NORMAL = NormalDist()


@dataclass(frozen=True)
class SecondStage:
    """Enlarges the second stage, up to `most` times as planned, where conditional power is `least` or more but below
    `target`, so as to reach the target.

    `critical` is the bound of the last analysis. Below conditional power `futility` the trial stops.
    """

    first: float
    critical: float
    target: float
    most: float
    least: float
    futility: float = 0.0

    def conditional_power(self, z: ArrayLike, ratio: ArrayLike = 1.0) -> Floats:
        """Conditional power (N,) of the weighted test under the estimate, with a second stage `ratio` times as
        planned."""
        now = np.asarray(z, dtype=np.float64)
        return p_of(self._distance(now) - now * np.sqrt((1.0 - self.first) / self.first * np.asarray(ratio)))

    def ratio(self, z: ArrayLike) -> Floats:
        """The second stage (N,) in parts of the planned one; 0 where the trial stops for futility."""
        now = np.asarray(z, dtype=np.float64)
        power = self.conditional_power(now)
        found = np.where(power < self.futility, 0.0, 1.0)
        promising = (power >= max(self.least, self.futility)) & (power < self.target) & (now > 0.0)
        needed = self._distance(now[promising]) + _NORMAL.inv_cdf(self.target)
        wanted = self.first / (1.0 - self.first) * (needed / now[promising]) ** 2
        found[promising] = np.clip(wanted, 1.0, self.most)
        return np.asarray(found)

    def weighted(self, first_z: ArrayLike, second_z: ArrayLike) -> Floats:
        """The inverse-normal statistic (N,) with the planned weights."""
        return np.asarray(
            math.sqrt(self.first) * np.asarray(first_z) + math.sqrt(1.0 - self.first) * np.asarray(second_z)
        )

    def equivalent_bound(self, z: ArrayLike, ratio: ArrayLike) -> Floats:
        """The bound (N,) of the unweighted statistic that makes it the same test as the weighted one.

        Where it is at or under `critical`, the unweighted test against `critical` spends no more than is left (Gao,
        Ware and Mehta 2008, Journal of Biopharmaceutical Statistics 18, 1184-1196).
        """
        now, size = np.asarray(z, dtype=np.float64), np.asarray(ratio, dtype=np.float64)
        root = math.sqrt(self.first)
        total = self.first + (1.0 - self.first) * size
        return np.asarray((np.sqrt(size) * (self.critical - now * root) + now * root) / np.sqrt(total))

    def rejection(self, drift: float, upper: float = math.inf, *, original: bool = False) -> tuple[float, float, float]:
        """Probability of passing `upper` at the interim analysis, of rejecting at the last one, and of stopping for
        futility, under a drift: the expected z with the planned information."""
        root = math.sqrt(self.first)
        top = min(upper, drift * root + FARTHEST)
        points, weights = _quadrature(drift * root - FARTHEST, top, self._kinks(top))
        density = weights * np.exp(-0.5 * (points - drift * root) ** 2) / math.sqrt(2.0 * math.pi)
        size = self.ratio(points)
        goes_on = size > 0.0
        ratio = np.where(goes_on, size, 1.0)
        critical = self._distance(points)
        if original:
            total = self.first + (1.0 - self.first) * ratio
            critical = (self.critical * np.sqrt(total) - root * points) / np.sqrt((1.0 - self.first) * ratio)
        later = p_of(critical - drift * np.sqrt((1.0 - self.first) * ratio))
        early = float(p_of(upper - drift * root)) if math.isfinite(upper) else 0.0
        return early, float(density[goes_on] @ later[goes_on]), float(density[~goes_on].sum())

    def z_with(self, power: float) -> float:
        """The interim z at which conditional power, with the planned second stage, has a value."""
        return math.sqrt(self.first) * (self.critical + math.sqrt(1.0 - self.first) * _NORMAL.inv_cdf(power))

    def _distance(self, now: Floats) -> Floats:
        """What z of the second stage has to pass in the weighted test."""
        return np.asarray((self.critical - math.sqrt(self.first) * now) / math.sqrt(1.0 - self.first))

    def _kinks(self, top: float) -> list[float]:
        powers = [power for power in (self.futility, self.least, self.target) if 0.0 < power < 1.0]
        return sorted(z for z in (self.z_with(power) for power in powers) if z < top)


def least_promising(first: float, critical: float, target: float, most: float) -> float:
    """The least conditional power from which a larger second stage keeps the level of the unweighted test.

    From there up to the target, `equivalent_bound` is nowhere above `critical`.
    """
    rule = SecondStage(first, critical, target, most, 0.0)

    def excess(z: Floats) -> Floats:
        return np.asarray(rule.equivalent_bound(z, rule.ratio(z)) - critical)

    low, high = 1e-3, rule.z_with(target)
    grid = np.linspace(low, high, 4001)[:-1]
    above = np.flatnonzero(excess(grid) > 1e-12)
    if not len(above):
        return float(rule.conditional_power(low))
    left = float(grid[above[-1]])
    right = left + float(grid[1] - grid[0])
    for _ in range(60):
        middle = 0.5 * (left + right)
        left, right = (middle, right) if excess(np.array([middle]))[0] > 1e-12 else (left, middle)
    return float(rule.conditional_power(right))


def _quadrature(low: float, high: float, kinks: list[float]) -> tuple[Floats, Floats]:
    """Points and weights of Gauss and Legendre between limits and kinks, many panels each."""
    base, mass = np.polynomial.legendre.leggauss(6)
    ends = [low, *(kink for kink in kinks if low < kink < high), high]
    edges = np.unique(np.concatenate([np.linspace(a, b, PANELS + 1) for a, b in pairwise(ends)]))
    half = 0.5 * np.diff(edges)[:, None]
    middle = 0.5 * (edges[1:] + edges[:-1])[:, None]
    return (middle + half * base).ravel(), (half * mass).ravel()
