"""Normal posteriors of an effect from the results of a test, and what they predict of the end of the trial."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis import STANDARD_ERROR, Z
from jaksim.arrays import Floats


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """A normal prior of the benefit on the scale of the estimate, positive for the active arm; flat if `sd` is
    infinite."""

    mean: float = 0.0
    sd: float = math.inf

    @property
    def precision(self) -> float:
        return 0.0 if math.isinf(self.sd) else 1.0 / self.sd**2


@dataclass(frozen=True, eq=False)
class Posterior:
    """Normal posterior of a benefit in each of B trials: `z`, its mean in standard deviations, the deviation `sd`, and
    `data`, the part of its precision that the data gave.

    The likelihood is that of the test's own z: an estimate of z standard errors. With a flat prior `z` is that of the
    test to the last bit. NaN where the test cannot be computed.
    """

    z: Floats
    sd: Floats
    data: Floats

    @classmethod
    def of(cls, results: Floats, sign: int, prior: NormalPrior) -> Posterior:
        """From results (B, 3); `sign` is that of an estimate that favours the active arm."""
        error = results[..., STANDARD_ERROR]
        if prior.precision == 0.0:
            return cls(sign * results[..., Z], error, np.ones_like(error))
        with np.errstate(invalid="ignore", over="ignore"):
            scale = np.sqrt(1.0 + error**2 * prior.precision)
            z = (sign * results[..., Z] + prior.mean * error * prior.precision) / scale
            return cls(z, error / scale, 1.0 / scale**2)

    def above(self, value: float = 0.0) -> Floats:
        """Probability (B,) of a benefit above `value`, NaN where unknown."""
        from scipy.special import ndtr

        return np.asarray(ndtr(self.z - value / self.sd if value else self.z))

    def inside(self, margin: float) -> Floats:
        """Probability (B,) of an effect within `margin` of none."""
        return np.asarray(self.above(-margin) - self.above(margin))

    def success(self, final_z: float, share: ArrayLike) -> Floats:
        """Predictive probability (B,) that the final posterior z exceeds `final_z`, where the data so far are `share`
        (B,) of the final information.

        What is to come, D, follows the effect, whose law is the posterior: with precisions P now and P + D at the end,
        the final z is normal about mean * sqrt(P + D) with variance D / P (Spiegelhalter, Freedman and Parmar, JRSS A
        1994;157:357).
        """
        from scipy.special import ndtr

        with np.errstate(divide="ignore", invalid="ignore"):
            gain = np.maximum(1.0 / np.asarray(share, dtype=np.float64) - 1.0, 1e-12) * self.data
            return np.asarray(ndtr((self.z * np.sqrt(1.0 + gain) - final_z) / np.sqrt(gain)))
