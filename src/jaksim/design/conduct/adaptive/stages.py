"""Stages of a block of trials: patients who wait for the second, and what its statistic gains."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis import STANDARD_ERROR, Z
from jaksim.arrays import Floats, Integers
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.simulate.enrolment import Cohort


def enrol_after(engine: CohortEngine, cohort: Cohort, planned: int, patients: Integers, day: Integers) -> None:
    """Enrol up to patients (B,), those beyond the planned ones not before what was found on day (B,) is decided upon.

    Those who come to sites until then, once the planned ones are there, are turned away; an accrual waits for them.
    """
    if engine.sites is not None:
        engine.enrol(cohort, patients, closed=day + cohort.decision)
        return
    engine.enrol(cohort, patients)
    delay_entries(cohort, np.minimum(planned, patients), day + 1)


def delay_entries(cohort: Cohort, first: ArrayLike, day: ArrayLike) -> None:
    """Shift the entries of patients first[b], first[b] + 1, ... so that none is before day[b]."""
    begin, earliest = (np.broadcast_to(np.asarray(one), (cohort.replicates,)) for one in (first, day))
    for b in np.flatnonzero(begin < cohort.n):
        late = int(earliest[b]) - int(cohort.day[b, begin[b]])
        if late > 0:
            cohort.day[b, begin[b] : cohort.n[b]] += late


def gained_z(before: Floats, after: Floats) -> Floats:
    """z (B,) of what a score statistic gains between two analyses with results (B, 3), NaN without any gain.

    Source: independent increments of the score, Jennison and Turnbull (2000), section 11.5.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        information = [results[:, STANDARD_ERROR] ** -2.0 for results in (before, after)]
        scores = [results[:, Z] / results[:, STANDARD_ERROR] for results in (before, after)]
        gain = information[1] - information[0]
        return np.asarray(np.where(gain > 0.0, (scores[1] - scores[0]) / np.sqrt(gain), np.nan))
