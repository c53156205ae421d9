"""Stages of a block of trials: when the first is complete, and the statistic of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis import STANDARD_ERROR, Z
from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.history import history_of
from jaksim.simulate.enrolment import Cohort

COMPLETE = np.iinfo(np.int32).max


def days_of_follow_up(endpoint: Endpoint) -> int:
    """Days after which the outcome of every patient is known for good."""
    return endpoint.horizon if endpoint.cut is None else int(history_of(endpoint).complete_after.max())


def delay_entries(cohort: Cohort, first: ArrayLike, day: ArrayLike) -> None:
    """Shift the entries of patients first[b], first[b] + 1, ... so that none is before day[b]."""
    begin, earliest = (np.broadcast_to(np.asarray(one), (cohort.replicates,)) for one in (first, day))
    for b in np.flatnonzero(begin < cohort.n):
        late = int(earliest[b]) - int(cohort.day[b, begin[b]])
        if late > 0:
            cohort.day[b, begin[b] : cohort.n[b]] += late


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Statistics of parts of the patients, in order of entry, all of whose outcomes are complete."""

    engine: CohortEngine
    test: Test

    @cached_property
    def complete_test(self) -> Test:
        """The test on the categories of the tables."""
        return replace(self.test, endpoint=self.engine.watched[self.test.table].endpoint)

    @cached_property
    def follow_up(self) -> int:
        """Days from entry until an outcome is in the data."""
        return days_of_follow_up(self.test.endpoint) + self.engine.accrual.lag

    def day_complete(self, cohort: Cohort, patients: ArrayLike) -> Integers:
        """Day (B,) on which the outcomes of the first patients[b] are in the data."""
        last = np.broadcast_to(np.asarray(patients, dtype=np.int64), (cohort.replicates,)) - 1
        return cohort.day[np.arange(cohort.replicates), last].astype(np.int64) + self.follow_up

    def results(self, cohort: Cohort, *, first: ArrayLike = 0, last: ArrayLike | None = None) -> Floats:
        """Estimate, standard error and z (B, 3) of patients first[b] .. last[b] - 1."""
        tables = self.engine.tables(cohort, self.test.table, COMPLETE, first=first, last=last)
        return self.complete_test.results(tables)


def favourable(test: Test, results: Floats) -> Floats:
    """z (B,) that is positive where the active arm does better, -inf where there is none."""
    z = test.favourable_sign * results[:, Z]
    return np.where(np.isnan(z), -np.inf, z)


def gained_z(before: Floats, after: Floats) -> Floats:
    """z (B,) of what a score statistic gains between two analyses with results (B, 3), NaN without any gain.

    Source: independent increments of the score, Jennison and Turnbull (2000), section 11.5.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        information = [one[:, STANDARD_ERROR] ** -2.0 for one in (before, after)]
        scores = [one[:, Z] / one[:, STANDARD_ERROR] for one in (before, after)]
        gain = information[1] - information[0]
        return np.asarray(np.where(gain > 0.0, (scores[1] - scores[0]) / np.sqrt(gain), np.nan))
