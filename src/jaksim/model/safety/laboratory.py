"""A laboratory value that drifts, and when it first crosses a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import not_negative, number
from jaksim.errors import InputError

_NODES = 200
_TAIL = 12.0


@dataclass(frozen=True)
class LaboratoryValue:
    """The logarithm of a value: normal at randomisation, then a drift a day and a Brownian motion around it.

    `median` and `log_sd` are those of all patients at randomisation, of whom those beyond the `threshold` already are
    not enrolled. `drift` is the change of the logarithm a day, `log_sd_per_day` the standard deviation that one day
    adds to it. `below` tells that the value falls to the threshold rather than rises to it.
    """

    threshold: float
    median: float
    log_sd: float
    drift: float = 0.0
    log_sd_per_day: float = 0.0
    below: bool = True

    def __post_init__(self) -> None:
        for name in ("threshold", "median", "log_sd"):
            if not number(getattr(self, name), name) > 0.0:
                raise InputError("must be positive", where=name, got=getattr(self, name))
        not_negative(self.log_sd_per_day, "log_sd_per_day")
        if self.excluded > 1.0 - 1e-9:
            raise InputError("hardly anyone is on the good side of the threshold", where="threshold, median")

    @property
    def excluded(self) -> float:
        """Share of patients whose value is beyond the threshold at randomisation."""
        from scipy.special import ndtr

        return float(ndtr(-self._mean / self.log_sd))

    @property
    def _mean(self) -> float:
        """Mean distance of the logarithm from the threshold."""
        return math.log(self.median / self.threshold) * (1.0 if self.below else -1.0)

    def crossed(self, days: Floats) -> Floats:
        """Probability (J,) that the value has crossed the threshold by each day, of patients enrolled who live.

        First passage of a Brownian motion with drift, mixed over the truncated normal distance at randomisation.
        Source: Cox and Miller (1965), The Theory of Stochastic Processes, section 5.7.
        """
        from scipy.special import log_ndtr, ndtr

        days = np.asarray(days, dtype=np.float64)
        towards = -self.drift if self.below else self.drift
        sd = self.log_sd
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        low, high = max(0.0, self._mean - _TAIL * sd), self._mean + _TAIL * sd
        if self.log_sd_per_day == 0.0:
            reached = ndtr((np.maximum(towards * days, 0.0) - self._mean) / sd) - self.excluded
            found: Floats = reached / (1.0 - self.excluded)
            return found
        # Near the threshold the chance of crossing changes over distances as small as the motion of a day.
        spread = self.log_sd_per_day * math.sqrt(max(float(days.min(initial=1.0, where=days > 0.0)), 1e-6))
        edges = np.unique(np.clip([low, *(low + spread * 2.0 ** np.arange(-2, 12)), high], low, high))
        half, middle = 0.5 * np.diff(edges)[:, None], 0.5 * (edges[1:] + edges[:-1])[:, None]
        distance, weight = (half * nodes + middle).ravel(), (half * weights).ravel()
        weight *= np.exp(-0.5 * ((distance - self._mean) / sd) ** 2)
        weight /= weight.sum()
        time = np.maximum(days, 1e-300)[:, None]
        scale = self.log_sd_per_day * np.sqrt(time)
        first = ndtr((towards * time - distance) / scale)
        second = np.exp(
            2.0 * towards * distance / self.log_sd_per_day**2 + log_ndtr((-towards * time - distance) / scale)
        )
        return np.where(days > 0.0, (first + second) @ weight, 0.0)

    def intensities(self, horizon: int) -> Floats:
        """Intensity per day (H,) on each day at which as many cross the threshold as the value makes."""
        left = 1.0 - self.crossed(np.arange(horizon + 1, dtype=np.float64))
        found: Floats = np.maximum(np.log(left[:-1] / left[1:]), 0.0)
        return found
