"""Combination tests: independent p-values of the stages of an adaptive trial, joined by weights fixed in advance.

Whatever is changed after a stage, the p-value of the next one, from the data that come after it, is uniform or larger
given the past where the null hypothesis holds. So the combined test keeps its level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.conditional import conditional_power
from jaksim.trial.monitoring.fisher import check_futility, critical_values, crossing

SMALLEST_P = 1e-300


class Combination(Protocol):
    """A one-sided test that joins the p-values of stages: a leaf of this module, or one of the user's."""

    @property
    def looks(self) -> int:
        """Number of stages."""
        ...

    def crossed(self, p: ArrayLike) -> NDArray[np.bool_]:
        """Whether the null hypothesis is rejected after each stage, taken by itself, given the p-values (..., k) of
        the stages so far; never where one of them is NaN."""
        ...

    def conditional_error(self, p: ArrayLike) -> Floats:
        """Probability (...) under the null of rejecting later, given the p-values (..., k) of the stages so far."""
        ...


def z_of(p: ArrayLike) -> Floats:
    """Normal values of one-sided p-values, finite but for p = 1."""
    from scipy.special import ndtri

    return np.asarray(-ndtri(np.maximum(p, SMALLEST_P)))


def p_of(z: ArrayLike) -> Floats:
    """One-sided p-values of normal values."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-np.asarray(z, dtype=np.float64)))


def combined_z(z: ArrayLike, weights: ArrayLike) -> Floats:
    """Inverse-normal statistics (..., k) after each stage from the normal values (..., k) of the stages.

    `weights` (K,), of which the first k count, are planned gains of information: stage j enters with sqrt(weight_j).
    Source: Lehmacher and Wassmer (1999), Biometrics 55, 1286-1290; Cui, Hung and Wang (1999), Biometrics 55, 853-857.
    """
    values = np.asarray(z, dtype=np.float64)
    gains = np.asarray(weights, dtype=np.float64)[: values.shape[-1]]
    return np.asarray(np.cumsum(np.sqrt(gains) * values, axis=-1) / np.sqrt(np.cumsum(gains)))


@dataclass(frozen=True)
class InverseNormal:
    """The inverse-normal combination with the upper bounds of a one-sided group-sequential plan.

    The weights are the planned gains of information, whatever information the stages really have.
    """

    boundaries: Boundaries

    def __post_init__(self) -> None:
        if self.boundaries.plan.sides != 1:
            raise InputError("p-values of stages are combined in one-sided tests", where="sides", allowed="1", got=2)

    @property
    def looks(self) -> int:
        return len(self.boundaries.information)

    @cached_property
    def weights(self) -> Floats:
        """Planned gains of information (K,)."""
        return np.diff(self.boundaries.information, prepend=0.0)

    def statistics(self, p: ArrayLike) -> Floats:
        """Combined z (..., k) after each stage."""
        return combined_z(z_of(p), self.weights)

    def crossed(self, p: ArrayLike) -> NDArray[np.bool_]:
        found = self.statistics(p)
        return np.asarray(found > self.boundaries.upper_z[: found.shape[-1]])

    def conditional_error(self, p: ArrayLike) -> Floats:
        """As of the protocol; futility counts where it binds."""
        statistics = self.statistics(p)
        look, last = statistics.shape[-1], statistics[..., -1]
        if look == self.looks - 1 and not (self.boundaries.plan.binding and self.boundaries.plan.futility):
            now, root = self.boundaries.information[look - 1], np.sqrt(self.weights[-1])
            return p_of((self.boundaries.upper_z[-1] - np.sqrt(now) * last) / root)
        binding = self.boundaries.plan.binding
        found = [
            conditional_power(self.boundaries, look, z, 0.0, with_futility=binding)[0] if np.isfinite(z) else np.nan
            for z in last.ravel()
        ]
        return np.reshape(found, last.shape)


@dataclass(frozen=True)
class Fisher:
    """Fisher's product of the p-values of the stages, rejecting at or below `critical` (K,).

    `futility_p` (K - 1,) are p-values of one stage above which the trial stops, and the level counts on it.
    """

    critical: tuple[float, ...]
    futility_p: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_futility(len(self.critical), self.futility_p)
        if any(after > before for before, after in zip(self.critical, self.critical[1:], strict=False)):
            raise InputError("critical values grow", where="critical", allowed="none above the one before")

    @classmethod
    def of(cls, looks: int, alpha: float, method: str = "equal", futility_p: Sequence[float] = ()) -> Fisher:
        """The test of a level, as `fisher.critical_values` describes it."""
        return cls(tuple(critical_values(looks, alpha, method, futility_p).tolist()), tuple(futility_p))

    @property
    def looks(self) -> int:
        return len(self.critical)

    @property
    def alpha_spent(self) -> Floats:
        """Cumulative probability (K,) of rejecting under the null."""
        return np.cumsum(crossing(self.critical, check_futility(self.looks, self.futility_p)))

    def crossed(self, p: ArrayLike) -> NDArray[np.bool_]:
        products = np.cumprod(np.asarray(p, dtype=np.float64), axis=-1)
        return np.asarray(products <= np.array(self.critical)[: products.shape[-1]])

    def conditional_error(self, p: ArrayLike) -> Floats:
        values = np.asarray(p, dtype=np.float64)
        look = values.shape[-1]
        futility = check_futility(self.looks, self.futility_p)
        later = np.array(self.critical[look:])
        found = np.empty(values.shape[:-1])
        for index in np.ndindex(found.shape):
            product = float(np.prod(values[index]))
            if np.isnan(product) or values[index][-1] > futility[look - 1]:
                found[index] = np.nan if np.isnan(product) else 0.0
            elif later[0] >= product:
                found[index] = 1.0
            else:
                found[index] = crossing(later / product, futility[look:]).sum()
        return found
