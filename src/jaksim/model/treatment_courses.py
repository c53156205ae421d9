"""The courses of a patient's treatment beside the score: on the regimen of the arm, or after a stop of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.model.flagged import flagged
from jaksim.model.intercurrent import Risk, rates_of
from jaksim.model.regimen import Regimen
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class TreatmentCourses:
    """The states of patients whose treatment may stop by the risks `stops`.

    The states of the regimen of the arm come first, in the order of the scale. With `both` a patient who stopped also
    has the score of the course without the stop; the two courses share the past and are independent afterwards.
    """

    scale: OrdinalScale
    stops: tuple[Risk, ...] = ()
    both: bool = False

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.score)

    @property
    def score(self) -> Integers:
        """State of the scale (E,)."""
        return self._scores[0]

    @property
    def score_without_stop(self) -> Integers:
        """State of the scale (E,) in the course without a stop of the treatment; `score` unless `both`."""
        return self._scores[1]

    @property
    def stopped(self) -> Booleans:
        """Whether the treatment was stopped (E,)."""
        return np.arange(self.size) >= self.scale.n_states

    @property
    def days(self) -> set[float]:
        """Days since randomisation on which an intensity between courses changes."""
        return {day for risk in self.stops for day in (risk.start, risk.end) if np.isfinite(day)}

    def regimens(self, given: Regimen, background: Regimen) -> tuple[Regimen, ...]:
        """What a patient of an arm receives in each course, first the regimen of the arm."""
        return (given, background) if self.stops else (given,)

    def generators(self, arm: str, courses: list[Floats], breaks: Floats) -> Floats:
        """Generators (J, E, E) in the pieces from `breaks` (J,), from those (J, S, S) of each of the `regimens`."""
        if not self.stops:
            return courses[0]
        treated, untreated = courses
        leaving = rates_of(self.stops, self.scale, arm, breaks)
        if not self.both:
            return flagged(treated, untreated, leaving)
        n, same = self.scale.n_states, np.eye(self.scale.n_states)
        generators = np.zeros((len(breaks), n + n * n, n + n * n))
        generators[:, :n, :n] = treated - same * leaving[:, None, :]
        generators[:, np.arange(n), n + np.arange(n) * (n + 1)] = leaving  # both courses start from the same state
        for piece in range(len(breaks)):
            generators[piece, n:, n:] = np.kron(untreated[piece], same) + np.kron(same, treated[piece])
        return generators

    @cached_property
    def _scores(self) -> tuple[Integers, Integers]:
        n = self.scale.n_states
        scores = np.arange(n)
        if not self.stops:
            return scores, scores
        if not self.both:
            return np.tile(scores, 2), np.tile(scores, 2)
        return np.concatenate([scores, np.repeat(scores, n)]), np.concatenate([scores, np.tile(scores, n)])
