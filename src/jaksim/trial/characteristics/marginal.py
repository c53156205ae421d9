"""The law of one characteristic, as the function of a standard normal latent that it is."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import number
from jaksim.errors import InputError

STEPS, NORMAL, LOG_NORMAL, TABULATED = range(4)


class Marginal(ABC):
    """A function of a standard normal latent, and with it a law."""

    @abstractmethod
    def of_latent(self, z: Floats) -> Floats:
        """Values at latents, of the same shape."""

    @abstractmethod
    def kernel(self) -> tuple[int, Floats]:
        """Its code, one of those above, and its numbers as kernels read them."""

    @property
    def jumps(self) -> tuple[float, ...]:
        """Latents at which the value jumps; nothing for a continuous law."""
        return ()

    @property
    def is_discrete(self) -> bool:
        """Whether it takes a few values only."""
        return False

    def latent_of(self, value: float) -> float:
        """The latent of a value of a continuous law, infinite outside its range."""
        low, high = -40.0, 40.0
        at = self.of_latent(np.array([low, high]))
        if value <= at[0]:
            return -math.inf
        if value >= at[1]:
            return math.inf
        for _ in range(80):
            middle = 0.5 * (low + high)
            if float(self.of_latent(np.array([middle]))[0]) < value:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)


@dataclass(frozen=True)
class Steps(Marginal):
    """`values[i]` from latent `cuts[i - 1]` up to `cuts[i]`: a discrete law; values need not increase."""

    cuts: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.cuts) + 1:
            raise InputError(f"{len(self.cuts)} cuts need {len(self.cuts) + 1} values", got=len(self.values))
        if any(after <= before for before, after in itertools.pairwise(self.cuts)):
            raise InputError("must increase", where="cuts", got=list(self.cuts))

    @property
    def jumps(self) -> tuple[float, ...]:
        return self.cuts

    @property
    def is_discrete(self) -> bool:
        return True

    def of_latent(self, z: Floats) -> Floats:
        return np.array(self.values)[np.searchsorted(np.array(self.cuts), z, side="right")]

    def kernel(self) -> tuple[int, Floats]:
        return STEPS, np.array([len(self.values), *self.cuts, *self.values], dtype=np.float64)

    def latent_of(self, value: float) -> float:
        """The latent from which on values are at least this one, where they increase."""
        if any(after <= before for before, after in itertools.pairwise(self.values)):
            raise InputError("the values are in no order", got=value)
        reached = [cut for cut, above in zip((-math.inf, *self.cuts), self.values, strict=True) if above >= value]
        return reached[0] if reached else math.inf


@dataclass(frozen=True)
class Normal(Marginal):
    """mean + sd * latent."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _finite_with_spread(self.mean, self.sd)

    def of_latent(self, z: Floats) -> Floats:
        return self.mean + self.sd * z

    def kernel(self) -> tuple[int, Floats]:
        return NORMAL, np.array([self.mean, self.sd])

    def latent_of(self, value: float) -> float:
        return (value - self.mean) / self.sd


@dataclass(frozen=True)
class LogNormal(Marginal):
    """exp(log_mean + log_sd * latent)."""

    log_mean: float
    log_sd: float

    def __post_init__(self) -> None:
        _finite_with_spread(self.log_mean, self.log_sd)

    def of_latent(self, z: Floats) -> Floats:
        return np.exp(self.log_mean + self.log_sd * z)

    def kernel(self) -> tuple[int, Floats]:
        return LOG_NORMAL, np.array([self.log_mean, self.log_sd])

    def latent_of(self, value: float) -> float:
        return (math.log(value) - self.log_mean) / self.log_sd if value > 0.0 else -math.inf


@dataclass(frozen=True)
class Tabulated(Marginal):
    """Values and slopes at latents `first`, `first + step`, ..., and cubic Hermite polynomials between them; what lies
    beyond the ends has the value there."""

    first: float
    step: float
    values: tuple[float, ...]
    slopes: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(self.slopes) or len(self.values) < 2 or not self.step > 0.0:
            raise InputError("values, slopes and step of a table do not fit", got=len(self.values))

    def of_latent(self, z: Floats) -> Floats:
        values, slopes = np.array(self.values), np.array(self.slopes) * self.step
        along = np.clip((z - self.first) / self.step, 0.0, len(values) - 1.0)
        at = np.minimum(along.astype(np.int64), len(values) - 2)
        t = along - at
        found: Floats = values[at] + t * (
            slopes[at]
            + t
            * (
                3.0 * (values[at + 1] - values[at])
                - 2.0 * slopes[at]
                - slopes[at + 1]
                + t * (2.0 * (values[at] - values[at + 1]) + slopes[at] + slopes[at + 1])
            )
        )
        return found

    def kernel(self) -> tuple[int, Floats]:
        return TABULATED, np.array([len(self.values), self.first, self.step, *self.values, *self.slopes])


def _finite_with_spread(middle: float, spread: float) -> None:
    number(middle, "mean")
    if number(spread, "sd") <= 0.0:
        raise InputError("a standard deviation must be positive", where="sd", got=spread)
