"""Rules that stop a trial for futility, other than spending."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.normal_law import quantile


@dataclass(frozen=True, slots=True)
class FutilityBounds:
    """Given bounds on the z scale, one for each interim analysis; -inf where there is none."""

    bounds: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.bounds or any(not bound < math.inf for bound in self.bounds):
            raise InputError("a futility bound is not a number below infinity", got=list(self.bounds))

    def __str__(self) -> str:
        return "futility at z = " + ", ".join(f"{bound:g}" for bound in dict.fromkeys(self.bounds))


@dataclass(frozen=True, slots=True)
class ConditionalPowerFutility:
    """Stop where the conditional power at the last analysis is below `level`.

    The rest of the trial follows the planned drift, or with `trend` the estimate so far.
    """

    level: float
    trend: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.level < 1.0:
            raise InputError("the conditional power is not a probability", allowed="0 < level < 1", got=self.level)

    def z(self, fraction: Floats, last: float, final: Floats, drift: float) -> Floats:
        """Bound at each fraction of the information up to `last`, with critical value `final` there."""
        left = last - fraction
        with np.errstate(invalid="ignore", divide="ignore"):
            needed = final * np.sqrt(last) + quantile(self.level) * np.sqrt(np.maximum(left, 0.0))
            if self.trend:
                return np.asarray(needed * np.sqrt(fraction) / last)
            return np.asarray((needed - drift * left) / np.sqrt(fraction))

    def __str__(self) -> str:
        how = "the estimate so far" if self.trend else "the planned effect"
        return f"futility at conditional power below {self.level:g} under {how}"


@dataclass(frozen=True, slots=True)
class PampallonaTsiatis:
    """A lower bound that meets the upper one at the last analysis: drift sqrt(t) - c t**(delta - 1/2).

    Source: Pampallona and Tsiatis (1994), Journal of Statistical Planning and Inference 42, 19-35.
    """

    delta: float

    def __post_init__(self) -> None:
        if not -2.0 <= self.delta <= 0.8:
            raise InputError("delta of the boundary is out of range", allowed="-2 to 0.8", got=self.delta)

    def z(self, fraction: Floats, last: float, final: Floats, drift: float) -> Floats:
        """Bound at each fraction of the information up to `last`, with critical value `final` there."""
        constant = drift * np.sqrt(last) - final
        return np.asarray(drift * np.sqrt(fraction) - constant * (fraction / last) ** (self.delta - 0.5))

    def __str__(self) -> str:
        return f"futility at a Pampallona-Tsiatis boundary, delta {self.delta:g}"


ByFinalBound = ConditionalPowerFutility | PampallonaTsiatis
"""Rules whose bounds follow from the last critical value and the planned drift."""
