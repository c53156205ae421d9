"""One published figure as a calibration target, and how far a fitted value lies from it.

Every kind gives a residual whose square is minus twice its log likelihood ratio (so that least squares is maximum
likelihood) and a z that is that residual. Sources: signed root deviance, McCullagh and Nelder (1989), section 2.4.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from jaksim.ratio import ratio_of

Role = Literal["fit", "check"]


@dataclass(frozen=True)
class Fitted:
    """What one reported number became under the model: on the scale it was reported on."""

    id: str
    statistic: str
    reported: float
    interval: tuple[float, float] | None
    fitted: float
    z: float
    role: Role


@dataclass(frozen=True)
class Target(ABC):
    """A published figure; `predict` gives an array (..., numbers) that `residuals` compares with it."""

    id: str
    statistic: str
    role: Role
    weight: float

    @abstractmethod
    def residuals(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed root deviances (..., numbers), zero for a number that the model and the data agree is impossible."""

    @abstractmethod
    def deviations(self, predicted: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        """Simulated less predicted statistics (N, residuals), in the units that make `residuals` linear near zero."""

    @abstractmethod
    def observed(self, simulated: NDArray[np.float64]) -> Target:
        """The figure that a trial with these simulated statistics (numbers,) would have reported."""

    @abstractmethod
    def reported_numbers(self) -> list[tuple[str, float]]:
        """Id and value of every number of the figure."""

    @abstractmethod
    def on_reported_scale(self, simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        """Simulated statistics (N, numbers) as the publication would print them."""

    @abstractmethod
    def rows(self, predicted: NDArray[np.float64]) -> list[Fitted]:
        """Reported, fitted and z for every number of the figure."""


@dataclass(frozen=True)
class RatioTarget(Target):
    """A ratio with an interval; predicted is its logarithm and the likelihood is normal on the log scale."""

    ratio: float
    interval: tuple[float, float]
    log_standard_error: float

    def residuals(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        return (predicted - math.log(self.ratio)) / self.log_standard_error

    def deviations(self, predicted: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return (simulated - predicted) / self.log_standard_error

    def observed(self, simulated: NDArray[np.float64]) -> RatioTarget:
        return replace(self, ratio=ratio_of(simulated[0]))

    def reported_numbers(self) -> list[tuple[str, float]]:
        return [(self.id, self.ratio)]

    def on_reported_scale(self, simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(simulated)

    def rows(self, predicted: NDArray[np.float64]) -> list[Fitted]:
        z = float(self.residuals(predicted)[0])
        fitted = ratio_of(float(predicted[0]))
        return [Fitted(self.id, self.statistic, self.ratio, self.interval, fitted, z, self.role)]


@dataclass(frozen=True)
class NormalTarget(Target):
    """A difference or a mean with its standard error; the likelihood is normal on the scale of the figure."""

    estimate: float
    interval: tuple[float, float] | None
    standard_error: float

    def residuals(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        return (predicted - self.estimate) / self.standard_error

    def deviations(self, predicted: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return (simulated - predicted) / self.standard_error

    def observed(self, simulated: NDArray[np.float64]) -> NormalTarget:
        return replace(self, estimate=float(simulated[0]))

    def reported_numbers(self) -> list[tuple[str, float]]:
        return [(self.id, self.estimate)]

    def on_reported_scale(self, simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return simulated

    def rows(self, predicted: NDArray[np.float64]) -> list[Fitted]:
        z = float(self.residuals(predicted)[0])
        return [Fitted(self.id, self.statistic, self.estimate, self.interval, float(predicted[0]), z, self.role)]


@dataclass(frozen=True)
class CountTarget(Target):
    """Events out of patients; predicted is the probability and the likelihood is binomial."""

    events: float
    patients: float

    def residuals(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        return signed_root_deviance(np.array(self.events), np.array(self.patients), predicted)

    def deviations(self, predicted: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return (simulated - predicted) / np.sqrt(np.maximum(predicted * (1 - predicted), 1e-12) / self.patients)

    def observed(self, simulated: NDArray[np.float64]) -> CountTarget:
        return replace(self, events=float(simulated[0]) * self.patients)

    def reported_numbers(self) -> list[tuple[str, float]]:
        return [(self.id, self.events / self.patients)]

    def on_reported_scale(self, simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return simulated

    def rows(self, predicted: NDArray[np.float64]) -> list[Fitted]:
        z = float(self.residuals(predicted)[0])
        interval = wilson_interval(self.events, self.patients)
        observed = self.events / self.patients
        return [Fitted(self.id, self.statistic, observed, interval, float(predicted[0]), z, self.role)]


@dataclass(frozen=True)
class TableTarget(Target):
    """Counts of patients over scores; predicted is the probability of each score and the likelihood is multinomial."""

    scores: tuple[int, ...]
    counts: tuple[int, ...]

    def residuals(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = np.array(self.counts, dtype=float)
        expected = np.maximum(counts.sum() * predicted, 1e-9)
        log_ratio = counts * np.log(np.where(counts > 0, counts, 1.0) / expected) * (counts > 0)
        deviance = 2.0 * (log_ratio - (counts - expected))
        return np.asarray(np.sign(expected - counts) * np.sqrt(np.maximum(deviance, 0.0)))

    def deviations(self, predicted: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return (simulated - predicted) * np.sqrt(sum(self.counts) / np.maximum(predicted, 1e-9))

    def observed(self, simulated: NDArray[np.float64]) -> TableTarget:
        counts = np.rint(simulated * sum(self.counts)).astype(int)
        return replace(self, counts=tuple(int(count) for count in counts))

    def reported_numbers(self) -> list[tuple[str, float]]:
        patients = sum(self.counts)
        pairs = zip(self.scores, self.counts, strict=True)
        return [(f"{self.id}.{score}", count / patients) for score, count in pairs]

    def on_reported_scale(self, simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return simulated

    def rows(self, predicted: NDArray[np.float64]) -> list[Fitted]:
        patients = float(sum(self.counts))
        counts = np.array(self.counts, dtype=float)
        z = signed_root_deviance(counts, np.full(len(counts), patients), predicted)
        return [
            Fitted(
                f"{self.id}.{score}",
                self.statistic,
                count / patients,
                wilson_interval(count, patients),
                float(p),
                float(z_score),
                self.role,
            )
            for score, count, p, z_score in zip(self.scores, self.counts, predicted, z, strict=True)
            if count > 0 or p > 1e-9
        ]


@dataclass(frozen=True)
class MedianTarget(Target):
    """A median in whole days; predicted is (incidence at the reported median, its slope per day, interpolated median).

    A median m reported in whole days means that the cumulative incidence crosses one half in (m - 1, m], so the
    incidence half a day before m is compared with one half. Its variance is the binomial one, 1 / (4 n), and that of a
    rounding to whole days, slope squared / 12. Unlike the median itself, this stays informative where the incidence is
    flat or never reaches one half. z is positive when the fitted median is later than the reported one.
    """

    median: float
    interval: tuple[float, float] | None
    patients: float

    def standard_error(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard error of the incidence at the reported median."""
        return np.asarray(np.sqrt(0.25 / self.patients + slope**2 / 12.0))

    def residuals(self, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        incidence, slope = predicted[..., 0], predicted[..., 1]
        return ((0.5 - incidence) / self.standard_error(slope))[..., None]

    def deviations(self, predicted: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        incidence, slope = predicted[:2]
        earlier = simulated[:, 0] - incidence + slope * _rounding(simulated[:, 2])
        return np.asarray(-earlier / self.standard_error(slope))[:, None]

    def observed(self, simulated: NDArray[np.float64]) -> MedianTarget:
        return replace(self, median=float(self.on_reported_scale(simulated[None])[0, 0]))

    def reported_numbers(self) -> list[tuple[str, float]]:
        return [(self.id, self.median)]

    def on_reported_scale(self, simulated: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.ceil(simulated[:, 2:] - 1e-9)

    def rows(self, predicted: NDArray[np.float64]) -> list[Fitted]:
        z = float(self.residuals(predicted)[0])
        whole_day = float(np.ceil(predicted[2] - 1e-9))
        return [Fitted(self.id, self.statistic, self.median, self.interval, whole_day, z, self.role)]


def _rounding(median: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much later (days) an interpolated median is than the middle of the day it is reported as, 0 if infinite."""
    known = np.where(np.isfinite(median), median, 0.5)
    return np.asarray(known - np.ceil(known - 1e-9) + 0.5)


def signed_root_deviance(
    events: NDArray[np.float64], patients: NDArray[np.float64], probability: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed root of the binomial deviance; positive where the fitted probability is above the observed proportion."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    rest = patients - events
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(events > 0, events * np.log(events / (patients * p)), 0.0)
        second = np.where(rest > 0, rest * np.log(rest / (patients * (1 - p))), 0.0)
    return np.sign(patients * p - events) * np.sqrt(np.maximum(2.0 * (first + second), 0.0))


def wilson_interval(events: float, patients: float, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a proportion."""
    level_z = NormalDist().inv_cdf(0.5 + level / 2)
    p = events / patients
    scale = 1.0 + level_z**2 / patients
    centre = (p + level_z**2 / (2 * patients)) / scale
    half = level_z * math.sqrt(p * (1 - p) / patients + level_z**2 / (4 * patients**2)) / scale
    return (centre - half if events > 0 else 0.0), (centre + half if events < patients else 1.0)
