"""The day on which the last patient of a trial is randomised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.operations.exact.enrolment import EnrolmentLaw

_NOTHING: Final = 1e-10


@dataclass(frozen=True, eq=False)
class DayFull:
    """Probabilities (D,) of being full on day `first`, the next, ...; what is missing to 1 is `never`."""

    first: int
    pmf: Floats

    @property
    def never(self) -> float:
        """Probability that the trial is not full when its recruitment ends."""
        return max(1.0 - float(self.pmf.sum()), 0.0)

    @property
    def days(self) -> Integers:
        """The days of `pmf`."""
        return self.first + np.arange(len(self.pmf), dtype=np.int64)

    @property
    def mean(self) -> float:
        """Expected day, given that the trial is full some day; NaN if it never is."""
        total = float(self.pmf.sum())
        return float(self.pmf @ self.days) / total if total > 0.0 else np.nan

    @property
    def sd(self) -> float:
        """Standard deviation of the day, given that the trial is full some day."""
        total = float(self.pmf.sum())
        return float(np.sqrt(self.pmf @ (self.days - self.mean) ** 2 / total)) if total > 0.0 else np.nan

    def by(self, day: int) -> float:
        """Probability of being full by the end of a day."""
        return float(self.pmf[: max(day - self.first + 1, 0)].sum())

    def quantile(self, level: float) -> float:
        """First day by whose end the trial is full with this probability; infinite if there is none."""
        if not 0.0 < level < 1.0:
            raise InputError("not a probability", allowed="between 0 and 1", got=level)
        reached = np.cumsum(self.pmf) >= level - 1e-10
        return float(self.first + np.argmax(reached)) if reached.any() else np.inf


def day_full(law: EnrolmentLaw, patients: int) -> DayFull:
    """Law of the day on which so many patients have been randomised.

    Days before and after which less than 1e-10 is left are passed over by bisection.
    """
    if patients < 1:
        raise InputError("a trial without patients", allowed="1 or more", got=patients)
    at_end = law.full_by(law.last_day, patients)
    first = _first_day(law, patients, min(_NOTHING, at_end / 2.0))
    if first > law.last_day or at_end <= 0.0:
        return DayFull(law.last_day, np.zeros(1))
    last = min(_first_day(law, patients, at_end - _NOTHING), law.last_day)
    by = np.array([law.full_by(day, patients) for day in range(first, last + 1)])
    by[-1] = at_end
    return DayFull(first, np.clip(np.diff(by, prepend=0.0), 0.0, None))


def full_with_chance(law: EnrolmentLaw, patients: int, chance: float) -> float:
    """First day by whose end a trial is full with a chance, infinite if there is none: a quantile of `day_full` from a
    few days only."""
    if not 0.0 < chance < 1.0:
        raise InputError("not a chance", allowed="between 0 and 1", got=chance)
    day = _first_day(law, patients, chance - 1e-10)
    return float(day) if day <= law.last_day else np.inf


def _first_day(law: EnrolmentLaw, patients: int, above: float) -> int:
    """First day by whose end a trial is full with a probability above this, one after the last if none is."""
    low, high = 0, law.last_day + 1
    while low < high:
        day = (low + high) // 2
        if law.full_by(day, patients) > above:
            high = day
        else:
            low = day + 1
    return low
