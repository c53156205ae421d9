"""How many sites are open, and how many have no patient, by a day."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.polynomial.polynomial import polypow

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.operations.exact.enrolment import EnrolmentLaw

_ALIKE: Final = 1e-8


def sites_open(law: EnrolmentLaw, day: int) -> Floats:
    """Probabilities (J + 1,) of 0, 1, ... sites that have opened by the end of a day, closed ones among them."""
    return _number(law, [float(group.chances[group.opening_days <= day].sum()) for group in law.groups])


def sites_without_patient(law: EnrolmentLaw, day: int) -> Floats:
    """Probabilities (J + 1,) of 0, 1, ... sites, open or not, that have randomised nobody by the end of a day.

    In a trial that is never full. InputError where a country has a cap, since its sites are then not independent.
    """
    _check_caps(law)
    return _number(law, [group.without_patient(day) for group in law.groups])


def without_patient_at_end(law: EnrolmentLaw, patients: int) -> tuple[float, float]:
    """Expected number of sites of which nobody is among the first patients, or ever, and a bound of its error.

    A site has nobody if the others have so many before its first: the days of both are compared, and on the same day
    either may be first, which the error is from.
    """
    _check_caps(law)
    mean = error = 0.0
    for number, group in enumerate(law.groups):
        nobody = np.array([1.0, *(group.without_patient(day) for day in range(law.last_day + 1))])
        first = -np.diff(nobody)
        full = _full_without(law, patients, number)
        before = np.concatenate([[0.0], full[:-1]])
        mean += group.count * (float(nobody[-1]) + float(first @ (before + full)) / 2.0)
        error += group.count * float(first @ (full - before)) / 2.0
    return mean, error


def _full_without(law: EnrolmentLaw, patients: int, group: int) -> Floats:
    """Probability (T,) that all sites but one of a group have randomised so many patients by the end of each day."""
    found = np.zeros(law.last_day + 1)

    def between(low: int, high: int) -> None:
        # The probability never falls: days between two alike are like them.
        if high - low < 2:
            return
        if found[high] - found[low] < _ALIKE:
            found[low + 1 : high] = found[low]
            return
        middle = (low + high) // 2
        found[middle] = law.full_by_with(middle, patients, more=(group, -1))
        between(low, middle)
        between(middle, high)

    for day in (0, law.last_day):
        found[day] = law.full_by_with(day, patients, more=(group, -1))
    between(0, law.last_day)
    return found


def _check_caps(law: EnrolmentLaw) -> None:
    if any(country.cap is not None for country in law.recruitment.countries):
        raise InputError("sites under the cap of a country depend on each other", allowed="simulation, or no such cap")


def _number(law: EnrolmentLaw, chances: list[float]) -> Floats:
    """Law of the number of sites of which something holds, with a probability for each group."""
    found = np.ones(1)
    for group, chance in zip(law.groups, chances, strict=True):
        one = min(max(chance, 0.0), 1.0)
        found = np.convolve(found, polypow([1.0 - one, one], group.count))
    return found
