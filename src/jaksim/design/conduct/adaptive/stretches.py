"""Stretches of a trial under one allocation: patients are enrolled as far as the change after them, and no farther."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats, Integers
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.simulate.enrolment import Cohort


def enrol_past(
    engine: CohortEngine,
    cohort: Cohort,
    change: Callable[[Cohort], ArrayLike],
    enough: ArrayLike,
    patients: int,
    *,
    first: Integers,
    weights: ArrayLike | None = None,
    recruiting: ArrayLike | None = None,
    closed: ArrayLike = -1,
) -> None:
    """Enrol patients from first[b] on until one of them enters after day change(cohort)[b], or there are `patients`.

    They are those who come where all are enrolled at once. `enough` (B,) is a number that is hardly ever too small: the
    few replicates in which it is are enrolled to the end. So are all whose patients come through sites.
    """

    def enrol(last: ArrayLike, begin: ArrayLike) -> None:
        engine.enrol(cohort, last, first=begin, weights=weights, recruiting=recruiting, closed=closed)

    if engine.sites is not None:
        enrol(patients, first)
        return
    enrol(np.minimum(np.asarray(enough, dtype=np.int64), patients), first)
    short = (cohort.n < patients) & (last_entry(cohort) <= np.asarray(change(cohort)))
    if short.any():
        # Blocks begin anew with the first of them, so these replicates begin at the same patient again.
        enrol(np.where(short, patients, cohort.n), np.where(short, first, cohort.n))


def last_entry(cohort: Cohort) -> Integers:
    """Day (B,) on which the last patient entered, -1 without patients."""
    entry = cohort.day[np.arange(cohort.replicates), np.maximum(cohort.n - 1, 0)]
    return np.asarray(np.where(cohort.n > 0, entry.astype(np.int64), -1))


def hardly_more_than(expected: ArrayLike) -> Floats:
    """A number that a Poisson variable of this mean exceeds once in a thousand times: more patients than needed cost
    more than a few replicates that are enrolled to the end."""
    mean = np.asarray(expected, dtype=np.float64)
    return np.ceil(mean + 3.3 * np.sqrt(mean) + 3.0)
