"""What it takes until a trial is full by a date with a stated chance."""

from __future__ import annotations

import math

from jaksim.errors import InputError
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.trial.operations.limits import MOST_SITES

_MOST_FACTOR = 1e4


def sites_to_add(law: EnrolmentLaw, patients: int, day: int, chance: float, group: int = 0) -> int | None:
    """Fewest sites, alike in law to those of a group, to add so that the trial is full by the end of a day with a
    chance; None where no number of sites is enough."""
    _check(chance)
    low, high = 0, 1
    if law.full_by(day, patients) >= chance:
        return 0
    room = MOST_SITES - law.recruitment.n_sites
    while law.full_by_with(day, patients, more=(group, high)) < chance:
        if high >= room:
            return None
        low, high = high, min(2 * high, room)
    while high - low > 1:
        middle = (low + high) // 2
        if law.full_by_with(day, patients, more=(group, middle)) >= chance:
            high = middle
        else:
            low = middle
    return high


def rate_factor(law: EnrolmentLaw, patients: int, day: int, chance: float) -> float | None:
    """Smallest factor, to 4 digits, by which all rates are to be multiplied so that the trial is full by the end of a
    day with a chance, below 1 where they may be slower; None where none is enough."""
    _check(chance)
    low, high = 1.0, 1.0
    while law.full_by_with(day, patients, factor=high) < chance:
        if high >= _MOST_FACTOR:
            return None
        low, high = high, 2.0 * high
    while law.full_by_with(day, patients, factor=low) >= chance:
        if low <= 1.0 / _MOST_FACTOR:
            return low
        low, high = low / 2.0, low
    while high > low * (1.0 + 1e-5):
        middle = math.sqrt(low * high)
        if law.full_by_with(day, patients, factor=middle) >= chance:
            high = middle
        else:
            low = middle
    return high


def _check(chance: float) -> None:
    if not 0.0 < chance < 1.0:
        raise InputError("not a chance", allowed="between 0 and 1", got=chance)
