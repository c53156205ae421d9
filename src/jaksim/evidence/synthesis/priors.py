"""Priors of effects and of standard deviations between studies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError

NARROWEST, WIDEST = 1e-6, 1e6
"""Limits of scales and standard deviations, beyond which sums of squares lose their digits."""
_RANGE = f"{-WIDEST:g} to {WIDEST:g}"


@dataclass(frozen=True)
class HalfNormal:
    """|N(0, scale**2)|: density of a standard deviation between studies or agents."""

    scale: float

    def __post_init__(self) -> None:
        _positive(self.scale)

    def log_density(self, tau: Floats) -> Floats:
        return np.asarray(0.5 * np.log(2 / np.pi) - np.log(self.scale) - 0.5 * (tau / self.scale) ** 2)

    @property
    def median(self) -> float:
        return 0.6744897501960817 * self.scale

    def __str__(self) -> str:
        return f"half-normal with scale {self.scale:g}"


@dataclass(frozen=True)
class HalfCauchy:
    """|Cauchy(0, scale)|: density of a standard deviation with a heavy upper tail."""

    scale: float

    def __post_init__(self) -> None:
        _positive(self.scale)

    def log_density(self, tau: Floats) -> Floats:
        return np.asarray(np.log(2 / (np.pi * self.scale)) - np.log1p((tau / self.scale) ** 2))

    @property
    def median(self) -> float:
        return self.scale

    def __str__(self) -> str:
        return f"half-Cauchy with scale {self.scale:g}"


TauPrior = HalfNormal | HalfCauchy


@dataclass(frozen=True)
class NormalPrior:
    """N(mean, standard_deviation**2) of an effect or coefficient; an infinite standard deviation means flat."""

    mean: float = 0.0
    standard_deviation: float = np.inf

    def __post_init__(self) -> None:
        if not abs(self.mean) <= WIDEST:
            raise InputError("a prior mean is a finite number", where="mean", allowed=_RANGE, got=self.mean)
        spread = self.standard_deviation
        if not (NARROWEST <= spread <= WIDEST or spread == np.inf):
            where, allowed = "standard_deviation", f"{NARROWEST:g} to {WIDEST:g}, or infinite for a flat prior"
            raise InputError("a prior standard deviation is positive", where=where, allowed=allowed, got=spread)

    @property
    def precision(self) -> float:
        return self.standard_deviation**-2

    def __str__(self) -> str:
        if np.isinf(self.standard_deviation):
            return "flat"
        return f"normal with mean {self.mean:g} and standard deviation {self.standard_deviation:g}"


def _positive(scale: float) -> None:
    if not NARROWEST <= scale <= WIDEST:
        allowed = f"{NARROWEST:g} to {WIDEST:g}"
        raise InputError("the scale of a prior is positive and finite", where="scale", allowed=allowed, got=scale)
