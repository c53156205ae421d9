"""A control variate: a function of a table of counts whose mean is known exactly.

The statistic L is the sum of one weight for each patient, by cell and category. The control is a sum of sines and
cosines of L, close to the probability of rejection given L. Given the sizes of the cells patients are independent, so
that the mean of exp(i w L) is the product over cells of (sum of p_ck exp(i w weight_ck)) to the power of the size: the
mean of the control is exact for any sizes, however they came about.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats

# Waves beyond have less than exp(-2.5**2 / 2) of their amplitude left by the smoothing.
_RADIUS: Final = 2.5


@dataclass(frozen=True)
class End:
    """One end of the values of L that accept: where half of the replicates reject, and over how much L they turn."""

    at: float
    width: float


@dataclass(frozen=True, eq=False)
class Control:
    """The control of one analysis: weights (C, K), waves (J,) at multiples of `frequency`, and the logarithm (J, C) of
    the characteristic function of one patient's weight in each cell, by length and angle."""

    weights: Floats
    frequency: float
    cosines: Floats
    sines: Floats
    log_length: Floats
    angle: Floats

    @classmethod
    def of(cls, weights: Floats, laws: Floats, begin: End, end: End, period: float) -> Control:
        """The control that is about 0 for L between `begin` and `end` and about 1 elsewhere on one period.

        laws (C, K) are those of the cells; the ends may be where one period meets the next.
        """
        frequency = 2.0 * math.pi / period
        most = _RADIUS / (frequency * min(begin.width, end.width))
        order = np.arange(1, math.ceil(most) + 1)
        smooth = [np.exp(-1j * order * frequency * one.at) * _smoothing(order, frequency, one) for one in (begin, end)]
        wave = (smooth[1] - smooth[0]) / (1j * math.pi * order)
        with np.errstate(divide="ignore"):
            turns = np.array([(laws * np.exp(1j * j * frequency * weights)).sum(axis=1) for j in order])
            length = np.maximum(np.log(np.abs(turns)), -1e6)
        return cls(
            np.ascontiguousarray(weights),
            frequency,
            np.ascontiguousarray(wave.real),
            np.ascontiguousarray(-wave.imag),
            length,
            np.angle(turns),
        )

    def step(self, values: Floats) -> Floats:
        """The control at values (B,) of the statistic; its mean over one period is 0."""
        turns = self.frequency * np.outer(values, np.arange(1, len(self.cosines) + 1))
        return np.asarray(np.cos(turns) @ self.cosines + np.sin(turns) @ self.sines)

    def differences(self, tables: Floats) -> Floats:
        """The control of each table (B, C, K) less its mean given the sizes of the cells, (B,)."""
        from jaksim.kernel.control import control_differences

        out = np.empty(len(tables))
        waves = (self.frequency, self.cosines, self.sines, self.log_length, self.angle)
        control_differences(np.ascontiguousarray(tables), self.weights, *waves, out)
        return out


def _smoothing(order: NDArray[np.int64], frequency: float, end: End) -> Floats:
    return np.asarray(np.exp(-0.5 * (order * frequency * end.width) ** 2))
