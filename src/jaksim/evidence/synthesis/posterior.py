"""Posteriors in closed form: mixtures of normals, and densities on a grid of a standard deviation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.inference import Interval, check_level

NEGLIGIBLE = 1e-14
"""Share of the weight below which a component is dropped."""


class NormalMixture:
    """A mixture of normal distributions: weights, means and standard deviations (m,) of its components."""

    def __init__(self, weights: Floats, means: Floats, standard_deviations: Floats) -> None:
        weights, means, deviations = np.broadcast_arrays(
            np.ravel(weights), np.ravel(means), np.ravel(standard_deviations)
        )
        kept = weights > NEGLIGIBLE * weights.sum()
        self.weights = weights[kept] / weights[kept].sum()
        self.means = means[kept]
        self.standard_deviations = deviations[kept]

    @property
    def mean(self) -> float:
        return float(self.weights @ self.means)

    @property
    def standard_deviation(self) -> float:
        return float(np.sqrt(self.weights @ (self.standard_deviations**2 + (self.means - self.mean) ** 2)))

    def given(self, estimate: float, standard_error: float) -> NormalMixture:
        """What is known of the value once an independent estimate of it, with this standard error, is there too."""
        own, other = self.standard_deviations**2, standard_error**2
        total = own + other
        likelihood = np.exp(-0.5 * (estimate - self.means) ** 2 / total) / np.sqrt(total)
        means = (self.means * other + estimate * own) / total
        return NormalMixture(self.weights * likelihood, means, np.sqrt(own * other / total))

    def below(self, value: float) -> float:
        """Probability of a value below this one."""
        from scipy.special import ndtr

        spread = self.standard_deviations
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(spread > 0, (value - self.means) / spread, np.where(value < self.means, -np.inf, np.inf))
        return float(self.weights @ ndtr(steps))

    def beyond(self, distance: float) -> float:
        """Probability of a value further than this from 0."""
        return self.below(-distance) + 1 - self.below(distance)

    def quantile(self, probability: float) -> float:
        """The value with this probability below it."""
        from scipy.optimize import brentq

        if not 0 < probability < 1:
            raise InputError("a probability lies between 0 and 1", where="probability", got=probability)
        reach = 40 * float(self.standard_deviations.max()) + 1e-300
        low, high = float(self.means.min()) - reach, float(self.means.max()) + reach
        return float(brentq(lambda value: self.below(value) - probability, low, high, xtol=1e-13, rtol=1e-13))

    def interval(self, level: float = 0.95) -> Interval:
        """Central credible interval."""
        check_level(level)
        return self.quantile(0.5 - level / 2), self.quantile(0.5 + level / 2)


@dataclass(frozen=True, eq=False)
class TauGrid:
    """Quadrature nodes for a standard deviation on [0, inf).

    tau = scale * u / (1 - u) with u in (0, 1), Gauss-Legendre on equal panels of u; `weights` integrate over tau.
    """

    scale: float
    n_panels: int = 24
    order: int = 12

    @cached_property
    def _u(self) -> tuple[Floats, Floats]:
        nodes, weights = np.polynomial.legendre.leggauss(self.order)
        width = 1 / self.n_panels
        starts = width * np.arange(self.n_panels)[:, None]
        return (starts + width * (nodes + 1) / 2).ravel(), np.tile(weights * width / 2, self.n_panels)

    @property
    def tau(self) -> Floats:
        return self.scale * self._u[0] / (1 - self._u[0])

    @property
    def weights(self) -> Floats:
        return self._u[1] * self.scale / (1 - self._u[0]) ** 2

    def distribution(self, mass: Floats) -> TauPosterior:
        """The posterior that has this (unnormalised) mass at each node: density times quadrature weight."""
        return TauPosterior(self, mass / mass.sum())


@dataclass(frozen=True, eq=False)
class TauPosterior:
    """Posterior of a between-unit standard deviation; `mass` sums to 1 over the nodes of `grid`."""

    grid: TauGrid
    mass: Floats

    @property
    def mean(self) -> float:
        return float(self.mass @ self.grid.tau)

    @property
    def standard_deviation(self) -> float:
        return float(np.sqrt(self.mass @ (self.grid.tau - self.mean) ** 2))

    @cached_property
    def _cumulative(self) -> Any:
        from scipy.interpolate import CubicSpline

        u, weights = self.grid._u
        return CubicSpline(u, self.mass / weights).antiderivative()

    def below(self, tau: float) -> float:
        """Probability that the standard deviation lies below this value."""
        if tau <= 0:
            return 0.0
        ends = self._cumulative(0.0), self._cumulative(1.0)
        value = self._cumulative(tau / (tau + self.grid.scale))
        return float(np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0))

    def quantile(self, probability: float) -> float:
        """The value with this probability below it."""
        from scipy.optimize import brentq

        if not 0 < probability < 1:
            raise InputError("a probability lies between 0 and 1", where="probability", got=probability)
        scale = self.grid.scale
        u = brentq(lambda u: self.below(scale * u / (1 - u)) - probability, 1e-12, 1 - 1e-12, xtol=1e-13)
        return float(scale * u / (1 - u))

    def interval(self, level: float = 0.95) -> Interval:
        """Central credible interval."""
        check_level(level)
        return self.quantile(0.5 - level / 2), self.quantile(0.5 + level / 2)
