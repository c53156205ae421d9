"""The distribution of the number of patients randomised by each day, by generating functions and one Fourier transform.

Sites are independent, so that the generating function of the total is the product of theirs. The error of every
probability is below 10^-10.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from typing import Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.operations.exact.generating_function import points, power, read, transform
from jaksim.operations.exact.site_counts import SiteCounts
from jaksim.trial.operations.recruitment import Country, Recruitment
from jaksim.trial.operations.screening import Screening

_NOTHING: Final = 1e-12


class EnrolmentLaw:
    """The number of patients randomised by the end of each day, and the day on which a trial is full.

    Counts go on after the trial is full, unless `patients` are named. Sites screen until the end of the last day of the
    recruitment; who is waiting then is still randomised, up to `last_day`.
    """

    def __init__(self, recruitment: Recruitment, screening: Screening) -> None:
        self.recruitment, self.screening = recruitment, screening
        delays = np.trim_zeros(screening.days_to_randomisation, "b")
        self.groups = tuple(SiteCounts(recruitment, g, delays) for g in range(len(recruitment.groups)))
        self.last_day = recruitment.until + len(delays) - 1
        self._pmf = lru_cache(maxsize=4096)(self._find_pmf)

    @cached_property
    def _of_country(self) -> tuple[tuple[Country, tuple[SiteCounts, ...]], ...]:
        groups = iter(self.groups)
        return tuple((country, tuple(next(groups) for _ in country.groups)) for country in self.recruitment.countries)

    def pmf(self, day: int, most: int) -> Floats:
        """Probabilities (most + 1,) of 0, 1, ... patients by the end of a day; the rest to 1 are more patients."""
        if most < 0:
            raise InputError("a number of patients is negative", allowed="0 or more", got=most)
        day = min(day, self.last_day)
        if day < 0:
            return np.concatenate([[1.0], np.zeros(most)])
        return self._pmf(day, most).copy()

    def cdf(self, day: int, most: int) -> Floats:
        """Probabilities (most + 1,) of at most 0, 1, ... patients by the end of a day."""
        found: Floats = np.minimum(np.cumsum(self.pmf(day, most)), 1.0)
        return found

    def enrolled(self, day: int, patients: int) -> Floats:
        """Probabilities (patients + 1,) of 0, 1, ... patients in a trial that is full with so many."""
        found = self.pmf(day, patients - 1)
        return np.append(found, max(1.0 - found.sum(), 0.0))

    def full_by(self, day: int, patients: int) -> float:
        """Probability that so many patients have been randomised by the end of a day."""
        return float(self.enrolled(day, patients)[-1])

    def moments(self, day: int) -> tuple[float, float]:
        """Mean and standard deviation of the number by the end of a day, in a trial that is never full."""
        mean = variance = 0.0
        for country, groups in self._of_country:
            if country.cap is None:
                found = [(group.count, *group.moments(min(day, self.last_day))) for group in groups]
                mean += sum(count * one for count, one, _ in found)
                variance += sum(count * one for count, _, one in found)
            else:
                p = self._capped(groups, min(day, self.last_day), country.cap, 1.0)
                k = np.arange(len(p))
                mean += float(p @ k)
                variance += float(p @ k**2) - float(p @ k) ** 2
        return mean, math.sqrt(max(variance, 0.0))

    def quantiles(self, day: int, patients: int, levels: tuple[float, ...]) -> Integers:
        """Smallest numbers enrolled by the end of a day that are not exceeded with these probabilities."""
        return _quantiles(self.enrolled(day, patients), levels)

    def bands(self, patients: int, days: Integers, coverage: tuple[float, ...] = (0.5, 0.8, 0.95)) -> Integers:
        """Numbers enrolled (days, 2 * coverages + 1): lower ends of the bands from the widest, median, upper ends."""
        widest = sorted(coverage, reverse=True)
        levels = (*((1.0 - c) / 2.0 for c in widest), 0.5, *((1.0 + c) / 2.0 for c in reversed(widest)))
        return np.stack([self.quantiles(int(day), patients, levels) for day in days])

    def screened(self, day: int) -> float:
        """Patients expected to be screened by the end of a day, in a trial that is never full."""
        at = min(day, self.recruitment.until) + 1
        return sum(group.count * float(group.chances @ group.screened[:, at]) for group in self.groups)

    def full_by_with(self, day: int, patients: int, *, factor: float = 1.0, more: tuple[int, int] = (0, 0)) -> float:
        """As `full_by`, with all rates `factor` times what they are, and so many sites more of a group: `more` is the
        number of the group and that of the sites."""
        found = self._find_pmf(min(day, self.last_day), patients - 1, factor, more)
        return float(np.clip(1.0 - found.sum(), 0.0, 1.0))

    def _find_pmf(self, day: int, most: int, factor: float = 1.0, more: tuple[int, int] = (0, 0)) -> Floats:
        """The distribution up to `most`, computed to where nothing is left beyond."""
        counts = [group.count + (more[1] if g == more[0] else 0) for g, group in enumerate(self.groups)]
        mean, variance = np.array(counts) @ np.array([group.moments(day) for group in self.groups])
        top = int(factor * (mean + 8.0 * math.sqrt(max(variance, 0.0)))) + 30
        while True:
            top = min(top, most)
            found = self._coefficients(day, top, factor, more)
            if top == most or 1.0 - found.sum() < _NOTHING:
                return np.pad(found, (0, most - top))
            top *= 2

    def _coefficients(self, day: int, most: int, factor: float, more: tuple[int, int]) -> Floats:
        length = points(most)
        found = np.ones(length // 2 + 1, dtype=np.complex128)
        number = 0
        for country, groups in self._of_country:
            extra = [more[1] if number + i == more[0] else 0 for i in range(len(groups))]
            number += len(groups)
            if country.cap is not None and country.cap <= most:
                found *= transform(self._capped(groups, day, country.cap, factor, extra), length)
            else:
                for group, added in zip(groups, extra, strict=True):
                    found *= power(transform(group.pmf(day, most, factor), length), group.count + added)
        return read(found, length, most)

    @staticmethod
    def _capped(
        groups: tuple[SiteCounts, ...], day: int, cap: int, factor: float, extra: list[int] | None = None
    ) -> Floats:
        """Probabilities (cap + 1,) of the number in a country that takes no more."""
        length = points(cap - 1)
        found = np.ones(length // 2 + 1, dtype=np.complex128)
        for group, added in zip(groups, extra or [0] * len(groups), strict=True):
            found *= power(transform(group.pmf(day, cap - 1, factor), length), group.count + added)
        p = read(found, length, cap - 1)
        return np.append(p, max(1.0 - p.sum(), 0.0))


def _quantiles(p: Floats, levels: tuple[float, ...]) -> Integers:
    """Smallest values that are not exceeded with these probabilities; an error of 1e-10 moves none."""
    cdf = np.cumsum(p)
    return np.searchsorted(cdf, np.asarray(levels) - 1e-10).clip(0, len(p) - 1).astype(np.int64)
