"""The predictive distribution of one published number: a mixture over draws of the parameters.

Given the parameters a count is binomial with the published denominator, and a median in whole days is at most m if at
least half of the patients have had the event by the end of day m. A ratio, difference or mean is what trials simulated
at the published sizes give. A number that is equal to the published one with positive probability has an interval of
probability integral transforms, from the probability of less to that of no more (Czado, Gneiting and Held, 2009): a
uniform value inside it is uniform, and the part of it that lies inside a central interval is what that interval covers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from jaksim.arrays import Floats

LEVELS: Final = (0.5, 0.8, 0.95)
LEAST_PROBABILITY: Final = 1e-12


@dataclass(frozen=True)
class Placed:
    """Where a published number falls in its predictive distribution.

    `below` is the probability of less, `through` that of no more; `intervals` by level are on the scale of the number.
    """

    below: float
    through: float
    median: float
    intervals: dict[str, tuple[float, float]]

    def inside(self, level: float) -> float:
        """Share of the number's interval of transforms that lies in the central interval of this level, 0 to 1."""
        low, high = 0.5 - level / 2, 0.5 + level / 2
        if self.through <= self.below:
            return float(low <= self.through <= high)
        return max(0.0, min(self.through, high) - max(self.below, low)) / (self.through - self.below)

    def transform(self, uniform: float) -> float:
        """The randomised transform: uniform on (0, 1) if the prediction is right."""
        return self.below + uniform * (self.through - self.below)

    @property
    def tail(self) -> float:
        """Two-sided tail probability, half of the probability of the number itself counted."""
        middle = 0.5 * (self.below + self.through)
        return 2.0 * min(middle, 1.0 - middle)


def place_count(count: int, patients: int, probability: Floats) -> Placed:
    """A count out of patients whose probability is one of these (draws,); intervals are of the proportion."""
    return _on_grid(count, _binomial_mixture(patients, probability), lambda k: k / patients)


def count_score(count: int, patients: int, probability: Floats) -> float:
    """Log probability of the count."""
    return _log(float(np.mean(stats.binom.pmf(count, patients, np.clip(probability, 0.0, 1.0)))))


def place_median(day: int, patients: int, incidence: Floats) -> Placed:
    """A median in whole days, `incidence` (draws, days 0 to the horizon); the last value stands for "not reached"."""
    return _on_grid(day, _median_distribution(patients, incidence), float)


def median_score(day: int, patients: int, incidence: Floats) -> float:
    """Log probability of the median."""
    reached = _median_distribution(patients, incidence)
    return _log(float(reached[day] - (reached[day - 1] if day > 0 else 0.0)))


def place_simulated(value: float, simulated: Floats, scale: Callable[[float], float]) -> Placed:
    """A number among simulated ones (trials,); `scale` takes them to the printed one.

    A trial whose ratio is infinite or has no value would have printed none, and is left out.
    """
    known = np.sort(simulated[np.isfinite(simulated)])
    below = float(np.searchsorted(known, value, side="left")) / len(known)
    through = float(np.searchsorted(known, value, side="right")) / len(known)

    def quantile(p: float) -> float:
        return scale(float(np.quantile(known, p, method="inverted_cdf")))

    intervals = {f"{100 * level:g}": (quantile(0.5 - level / 2), quantile(0.5 + level / 2)) for level in LEVELS}
    return Placed(below, through, quantile(0.5), intervals)


def normal_score(value: float, expected: Floats, deviation: float) -> float:
    """Log density of a number around expected ones (draws,), with the deviation of its sampling error."""
    density = np.mean(stats.norm.pdf(value, expected[np.isfinite(expected)], deviation))
    return _log(float(density))


def sampling_deviation(simulated: Floats, expected: Floats) -> float:
    """Standard deviation of simulated numbers (draws, trials) about those expected (draws,), by the middle 68 %.

    Trials of few events have ratios without a value, which are left out, and extreme ones, to which moments give way.
    """
    error = (simulated - expected[:, None]).ravel()
    low, high = np.quantile(error[np.isfinite(error)], stats.norm.cdf([-1.0, 1.0]), method="inverted_cdf")
    return float(0.5 * (high - low))


def _binomial_mixture(patients: int, probability: Floats) -> Floats:
    """Probability (patients + 1,) of at most so many events."""
    counts = np.arange(patients + 1)
    rows = np.clip(probability, 0.0, 1.0)[:, None]
    return np.asarray(np.mean(stats.binom.cdf(counts, patients, rows), axis=0))


def _median_distribution(patients: int, incidence: Floats) -> Floats:
    """Probability (days + 1,) that the median is at most each day, last "or is not reached"."""
    needed = math.ceil(patients / 2)
    reached = np.mean(stats.binom.sf(needed - 1, patients, np.clip(incidence, 0.0, 1.0)), axis=0)
    return np.append(reached, 1.0)


def _on_grid(value: int, distribution: Floats, scale: Callable[[int], float]) -> Placed:
    below = float(distribution[value - 1]) if value > 0 else 0.0
    through = float(distribution[value])

    def quantile(p: float) -> float:
        return float(scale(int(np.searchsorted(distribution, p))))

    intervals = {f"{100 * level:g}": (quantile(0.5 - level / 2), quantile(0.5 + level / 2)) for level in LEVELS}
    return Placed(below, through, quantile(0.5), intervals)


def _log(probability: float) -> float:
    return math.log(max(probability, LEAST_PROBABILITY))
