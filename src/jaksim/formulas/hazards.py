"""Hazards by time since entry: step functions, Weibull, and Weibull times a ratio that changes over time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, overload

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.piecewise import PiecewiseConstant

NEAR_ZERO = tuple(10.0**-power for power in range(6, 0, -1))


class Hazard(Protocol):
    """A hazard by time since entry, smooth between its `cuts`."""

    @property
    def cuts(self) -> tuple[float, ...]: ...

    @overload
    def __call__(self, t: float) -> float: ...
    @overload
    def __call__(self, t: ArrayLike) -> Floats: ...


@dataclass(frozen=True)
class WeibullHazard:
    """Survival exp(-(rate t)**shape); the hazard rises with time for a shape above 1."""

    rate: float
    shape: float

    @property
    def cuts(self) -> tuple[float, ...]:
        """Corners for a quadrature, denser towards 0 where the hazard has a branch point there."""
        return () if float(self.shape).is_integer() else tuple(one / self.rate for one in NEAR_ZERO)

    @overload
    def __call__(self, t: float) -> float: ...
    @overload
    def __call__(self, t: ArrayLike) -> Floats: ...
    def __call__(self, t: ArrayLike) -> float | Floats:
        times = np.asarray(t, dtype=np.float64)
        found: Floats = self.shape * self.rate**self.shape * times ** (self.shape - 1.0)
        return float(found) if times.ndim == 0 else found

    def cumulative(self, t: Floats) -> Floats:
        """Integral from 0 to times t >= 0."""
        found: Floats = (self.rate * np.asarray(t)) ** self.shape
        return found


@dataclass(frozen=True)
class ChangedHazard:
    """A Weibull hazard times a ratio that is a step function of time."""

    base: WeibullHazard
    ratio: PiecewiseConstant

    @property
    def cuts(self) -> tuple[float, ...]:
        """Corners of both."""
        return tuple(sorted({*self.base.cuts, *self.ratio.cuts}))

    @overload
    def __call__(self, t: float) -> float: ...
    @overload
    def __call__(self, t: ArrayLike) -> Floats: ...
    def __call__(self, t: ArrayLike) -> float | Floats:
        found: Floats = np.asarray(self.base(t)) * np.asarray(self.ratio(t))
        return float(found) if np.ndim(t) == 0 else found

    def cumulative(self, t: Floats) -> Floats:
        """Integral from 0 to times t >= 0."""
        edges = (0.0, *self.ratio.cuts, np.inf)
        total: Floats = np.zeros_like(t)
        for start, end, ratio in zip(edges[:-1], edges[1:], self.ratio.values, strict=True):
            reached = self.base.cumulative(np.clip(t, start, end))
            total = total + ratio * (reached - self.base.cumulative(np.full_like(t, start)))
        return total


def cumulative(rate: Hazard, t: Floats) -> Floats:
    """Integral of a rate from 0 to times t >= 0."""
    if isinstance(rate, WeibullHazard | ChangedHazard):
        return rate.cumulative(t)
    assert isinstance(rate, PiecewiseConstant)
    total: Floats = np.zeros_like(t)
    edges = (0.0, *rate.cuts, np.inf)
    for value, (start, end) in zip(rate.values, pairwise(edges), strict=True):
        if value != 0.0:
            total = total + value * (np.clip(t, start, end) - start)
    return total


def times_ratio(hazard: Hazard, ratio: float, *, delay: float = 0.0) -> Hazard:
    """The hazard times a ratio from `delay` on."""
    change = PiecewiseConstant((delay,), (1.0, ratio)) if delay > 0.0 else PiecewiseConstant.constant(ratio)
    if isinstance(hazard, PiecewiseConstant):
        return hazard * change
    if isinstance(hazard, WeibullHazard) and not change.cuts:
        return WeibullHazard(hazard.rate * ratio ** (1.0 / hazard.shape), hazard.shape)
    base = hazard if isinstance(hazard, WeibullHazard) else hazard.base  # type: ignore[attr-defined]
    before = PiecewiseConstant.constant(1.0) if isinstance(hazard, WeibullHazard) else hazard.ratio  # type: ignore[attr-defined]
    return ChangedHazard(base, before * change)
