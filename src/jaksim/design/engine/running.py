"""The cohorts of a running trial: those randomised so far as in its log, those to come as the sites bring them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from jaksim.arrays import Integers
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import PathCohorts
from jaksim.design.engine.known_courses import KnownCourses
from jaksim.design.engine.sites import Sites
from jaksim.operations.running.log import RunningLog
from jaksim.operations.running.recruiter import RunningRecruiter
from jaksim.rng import Purpose
from jaksim.simulate.arguments import key_words
from jaksim.simulate.enrolment import Cohort, empty_cohort
from jaksim.trial import Trial

PATIENT_CELL = 0


class RunningSites(Sites):
    """The sites of a running trial."""

    def __init__(self, trial: Trial, recruiter: RunningRecruiter, seed: int) -> None:
        assert trial.operations is not None
        super().__init__(trial, trial.operations, seed)
        self.recruiter: RunningRecruiter = recruiter


class RunningCohorts(PathCohorts):
    """Cohorts whose first patients are those of a log: their days are as they were, their courses go on from where they
    are, and what the log does not have of them is drawn. Blocks of randomisation begin anew with the first to come."""

    def __init__(
        self,
        cells: Cells,
        seed: int,
        interim: Collection[str],
        log: RunningLog,
        recruiter: RunningRecruiter,
        courses: KnownCourses,
    ) -> None:
        super().__init__(cells, seed, interim)
        self.log, self.courses = log, courses
        self._plan_of_known = self._compiled(any_move=True)
        self.sites: RunningSites = RunningSites(cells.trial, recruiter, seed)

    def open_cohort(self, first_replicate: int, replicates: int, most: int, *, at_once: bool = False) -> Cohort:
        people = self.log.randomised
        room = max(most, people.n)
        line = self.sites.line(first_replicate, replicates, max(room - people.n, 1))
        found = empty_cohort(first_replicate, replicates, room, self.n_automata, line)
        found.decision[:] = self.sites.decisions(first_replicate, replicates)
        found.n[:] = people.n
        found.wanted[:] = people.n
        found.day[:, : people.n] = people.day
        found.site[:, : people.n] = people.site
        found.number[:, : people.n] = self.courses.known.number
        # The line has none of them: whoever comes next is the first of it.
        found.exposure[:, : people.n] = -1.0
        self._go_on(found)
        self.sites.note_delays(found, np.zeros(replicates, dtype=np.int64))
        return found

    def _go_on(self, cohort: Cohort) -> None:
        """Draw groups and courses of those randomised so far."""
        from jaksim.kernel.continued import continued_outcomes

        plan, (low, high) = self._plan_of_known, key_words(self.seed)
        categories: Integers = np.cumsum([0, *plan.n_categories[:-1]], dtype=np.int64)
        continued_outcomes(
            plan.processes, plan.memories, categories, self.courses.known, self.courses.groups,
            np.uint64(int(Purpose.PATH)), np.uint64(PATIENT_CELL | int(Purpose.FORECAST) << 24),
            cohort.first_replicate, low, high, cohort.arm, cohort.stratum, cohort.category,
        )  # fmt: skip
