"""How many sites are open, and how many have no patient, by a day."""

from __future__ import annotations

import numpy as np
from numpy.polynomial.polynomial import polypow

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.operations.exact.enrolment import EnrolmentLaw


def sites_open(law: EnrolmentLaw, day: int) -> Floats:
    """Probabilities (J + 1,) of 0, 1, ... sites that have opened by the end of a day, closed ones among them."""
    return _number(law, [float(group.chances[group.opening_days <= day].sum()) for group in law.groups])


def sites_without_patient(law: EnrolmentLaw, day: int) -> Floats:
    """Probabilities (J + 1,) of 0, 1, ... sites, open or not, that have randomised nobody by the end of a day.

    In a trial that is never full. InputError where a country has a cap, since its sites are then not independent.
    """
    if any(country.cap is not None for country in law.recruitment.countries):
        raise InputError("sites under the cap of a country depend on each other", allowed="simulation, or no such cap")
    return _number(law, [group.without_patient(day) for group in law.groups])


def _number(law: EnrolmentLaw, chances: list[float]) -> Floats:
    """Law of the number of sites of which something holds, with a probability for each group."""
    found = np.ones(1)
    for group, chance in zip(law.groups, chances, strict=True):
        one = min(max(chance, 0.0), 1.0)
        found = np.convolve(found, polypow([1.0 - one, one], group.count))
    return found
