"""The chance of rejecting later, given z at an analysis: under the expected course, the trend and the posterior."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.conduct.course import Course
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.conditional import conditional_power, predictive_power


@dataclass(frozen=True, slots=True)
class ToCome:
    """Chances of passing an efficacy bound at a later analysis, futility not counted on; of the benefit's side alone.

    `expected` goes on as the scenario expects, `planned` with the drift for which the boundaries have their power,
    `trend` as the estimate so far says; `predictive` averages over what the data leave open of the effect, with a flat
    prior. NaN for what is not known.
    """

    expected: float
    planned: float
    trend: float
    predictive: float


NOTHING: Final = ToCome(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True, eq=False)
class ExpectedScore:
    """The expected score, z times the root of information, over information in parts of the planned maximum.

    It grows with a drift in proportion, on a course, as of hazards that are not proportional, in a line from one of
    the planned analyses at `times` (K,) to the next.
    """

    course: float | Course
    times: Floats

    @property
    def known(self) -> bool:
        """Whether a law of z is known."""
        return isinstance(self.course, Course) or math.isfinite(self.course)

    def at(self, information: float) -> float:
        """The expected score at this information."""
        if not isinstance(self.course, Course):
            return self.course * information
        scores = self.course.means * np.sqrt(self.times)
        slope = (scores[-1] - (scores[-2] if len(scores) > 1 else 0.0)) / (
            self.times[-1] - (self.times[-2] if len(scores) > 1 else 0.0)
        )
        beyond = max(information - float(self.times[-1]), 0.0)
        inside = np.interp(information, np.concatenate(([0.0], self.times)), np.concatenate(([0.0], scores)))
        return float(inside + slope * beyond)

    def drift_between(self, now: float, last: float) -> float:
        """Expected growth of the score for each unit of information from one to another."""
        return (self.at(last) - self.at(now)) / (last - now)


def to_come(found: Boundaries, look: int, z: float, expected: ExpectedScore) -> ToCome:
    """What is to come after analysis `look` (from 1) with `z`; all NaN at the last one and for several tests."""
    if look >= len(found.information) or not found.plan.joint or not math.isfinite(z):
        return NOTHING
    now, last = float(found.information[look - 1]), float(found.information[-1])
    drift = expected.drift_between(now, last) if expected.known else 0.0
    powers = conditional_power(found, look, z, [drift, found.drift, z / math.sqrt(now)], with_futility=False).tolist()
    return ToCome(
        expected=powers[0] if expected.known else math.nan,
        planned=powers[1],
        trend=powers[2],
        predictive=predictive_power(found, look, z, with_futility=False),
    )


@dataclass(frozen=True, slots=True)
class Posterior:
    """Conditional power averaged over parameter draws weighed by the data, with the error of that average, and how many
    draws of equal weight they stand for."""

    power: float
    mc_se: float
    effective_draws: float
    draws: int


def under_posterior(found: Boundaries, look: int, z: float, draws: Sequence[ExpectedScore]) -> Posterior | None:
    """The average over draws of the expected score; each is weighed by the normal likelihood of `z` under it.

    None where fewer than two draws have one. Source: Spiegelhalter, Freedman and Blackburn (1986).
    """
    usable = [one for one in draws if one.known]
    if len(usable) < 2:
        return None
    now, last = float(found.information[look - 1]), float(found.information[-1])
    means = np.array([one.at(now) for one in usable]) / math.sqrt(now)
    drifts = np.array([one.drift_between(now, last) for one in usable])
    power = conditional_power(found, look, z, drifts, with_futility=False)
    return _weighed(power, -0.5 * (z - means) ** 2, len(draws))


def _weighed(power: Floats, log_weight: Floats, draws: int) -> Posterior:
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean = float(weight @ power)
    error = math.sqrt(float(weight**2 @ (power - mean) ** 2))
    return Posterior(mean, error, 1.0 / float(weight @ weight), draws)
