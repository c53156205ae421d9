"""A test on the data of a calendar day: the one way in which a trial's data are cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.design.engine.site_strata import SiteStrata, site_strata
from jaksim.endpoint.history import history_of
from jaksim.simulate.enrolment import Cohort, Counted

COMPLETE: Final = np.iinfo(np.int32).max
"""A day by which every outcome is complete."""


@dataclass(frozen=True, eq=False)
class DataCut:
    """The data cuts of one planned analysis, on an engine that watches its endpoint.

    A cut takes patients first[b] to last[b] - 1 of replicate b, in order of entry, with what is known on day[b].
    """

    engine: CohortEngine
    planned: Test

    @cached_property
    def test(self) -> Test:
        """The analysis on the categories that a data cut knows."""
        return replace(self.planned, endpoint=self.engine.watched[self.planned.table].endpoint)

    @cached_property
    def cells(self) -> Booleans:
        """Cells (A, S) whose patients the analysis uses."""
        strata = self.planned.strata if self.within is None else self.within.used
        return self._used(self.engine.shape, strata)

    @cached_property
    def table_cells(self) -> Booleans:
        """The same in the tables, whose strata may be at sites."""
        return self._used(self.planned.shape, self.planned.strata)

    @cached_property
    def within(self) -> SiteStrata | None:
        """The strata of the tables where they are not those of the trial."""
        return site_strata(self.engine.cells.trial, self.planned.plan)

    def _used(self, shape: tuple[int, int], strata: tuple[int, ...]) -> Booleans:
        found = np.zeros(shape, dtype=np.bool_)
        found[np.ix_([arm for pair in self.planned.pairs for arm in pair], list(strata))] = True
        return found

    def tables(
        self, cohort: Cohort, day: ArrayLike = COMPLETE, *, first: ArrayLike = 0, last: ArrayLike | None = None
    ) -> Floats:
        """Counts (B, C, K) of the endpoint."""
        return self.engine.tables(cohort, self.planned.table, day, first=first, last=last, within=self.within)

    def begun(self, cohort: Cohort) -> Counted:
        """Nobody counted yet, for `tables_of`."""
        width = self.engine.watched[self.planned.table].endpoint.n_categories
        return Counted.none(cohort.replicates, self.planned.shape[0] * self.planned.shape[1] * width)

    def tables_of(self, replicates: Integers, cohort: Cohort, day: Integers, counted: Counted | None = None) -> Floats:
        """Counts (n, C, K) of all patients of some replicates on day (n,); those `counted` before are not again."""
        engine, endpoint = self.engine, self.planned.table
        return engine.tables(cohort, endpoint, day, within=self.within, rows=replicates, counted=counted)

    def results(
        self, cohort: Cohort, day: ArrayLike = COMPLETE, *, first: ArrayLike = 0, last: ArrayLike | None = None
    ) -> Floats:
        """Estimate, standard error and z (B, 3)."""
        return self.test.results(self.tables(cohort, day, first=first, last=last))

    @cached_property
    def follow_up(self) -> int:
        """Days from entry until the outcome of every patient is in the data for good."""
        endpoint = self.planned.endpoint
        days = endpoint.horizon if endpoint.cut is None else int(history_of(endpoint).complete_after.max())
        return days + self.engine.lag

    def day_complete(self, cohort: Cohort, patients: ArrayLike) -> Integers:
        """Day (B,) on which the outcomes of the first patients[b] are in the data."""
        some = np.broadcast_to(np.asarray(patients, dtype=np.int64), (cohort.replicates,))
        return self.engine.last_data(cohort, some) + self.follow_up


def all_of(replicates: Integers, cohort: Cohort) -> Integers:
    """Patients to look at (B,): all in these replicates, none in the others."""
    last = np.zeros(cohort.replicates, dtype=np.int64)
    last[replicates] = cohort.n[replicates]
    return last
