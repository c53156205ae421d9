"""A trial whose patients come through sites, analysed once when all data are complete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.design import Foreseen
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.simulate.enrolment import Cohort


@dataclass(frozen=True, eq=False)
class CompleteDesign(CalendarDesign):
    """One look at complete data: every planned analysis is made there."""

    @property
    def looks(self) -> int:
        """One, at complete data."""
        return 1

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        cohort = self.enrolled(first_replicate, n, at_once=True)
        return self.judged(cohort, self.engine.complete_day(cohort)[:, None]), cohort

    def judged(self, cohort: Cohort, days: Integers, first: int = 0) -> Conducted:
        n = cohort.replicates
        results = [cut.results(cohort) for cut in self.cuts]
        decided = [test.decisions(found)[0] for test, found in zip(self.decides, results, strict=True)]
        return Conducted(
            rejected=np.array(decided),
            results=np.array(results),
            look=np.zeros(n, dtype=np.int64),
            reason=np.full(n, Reason.END, dtype=np.int64),
            day=days[:, 0],
            enrolled=self.engine.sizes(cohort, cohort.n),
            information=np.ones((n, 1)),
        )

    def foreseen(self, test: Test, complete: PlannedPower) -> Foreseen:
        return Foreseen(complete.planned.power, complete.planned.doubt, complete.size)


def complete_design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> CompleteDesign:
    """The design of a trial with sites, without interim analyses and adaptation."""
    return CompleteDesign(make_cohorts(cells, seed, (), engine), tests)
