"""Designs in calendar time: patients come one by one, the data are cut, and what is found decides how it goes on."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.budget import check_memory
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.conduct.design import Design, Foreseen
from jaksim.design.conduct.few_patients import few_patients
from jaksim.design.conduct.replicates import Followed, Replicates
from jaksim.design.conduct.truth import truth_of
from jaksim.design.engine.cohorts import CohortEngine, PathCohorts
from jaksim.design.engine.engine import BYTES_AT_ONCE
from jaksim.design.engine.memory import check_patients
from jaksim.design.engine.site_strata import site_strata
from jaksim.design.sums.characteristics import Truth
from jaksim.design.sums.conducted import Conducted
from jaksim.design.twin.planned_power import KnownSize, PlannedPower
from jaksim.errors import InputError
from jaksim.simulate.enrolment import Cohort

PATIENTS_AT_ONCE: Final = 800_000
_MOST_AT_ONCE: Final = 4_000_000
_COPIES: Final = 4 * 8
"""Bytes of a number of a table, with what an analysis makes of it."""
NOT_FULL: Final = "share of trials not full"


@dataclass(frozen=True, eq=False)
class CalendarDesign(Design):
    """A trial in calendar time on an engine that enrols patients.

    `decides` stand in the order of `Conducted`. What is known of the design without simulation is nothing unless a
    design says otherwise; an analytic power is that of rejecting one of these hypotheses, by its position.
    """

    engine: CohortEngine
    decides: tuple[Test, ...]

    @abstractmethod
    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials; the cohort holds all patients who could have been enrolled, of whom `enrolled` were."""

    def judged(self, cohort: Cohort, days: Integers, first: int = 0) -> Conducted:
        """How trials went whose patients are there, with their analyses on days (B, K) that all of them could have, of
        which those before number `first` stopped none."""
        raise InputError("an adaptation draws its own patients", where="adaptation", allowed="[monitoring], or none")

    @property
    def data_cuts(self) -> int:
        """Number of data cuts, of which those that only adapt the trial are no analyses."""
        trial = self.engine.cells.trial
        return self.looks if trial.adaptation is None else len(trial.adaptation.data_cuts(trial)) + 1

    @property
    def judging(self) -> frozenset[int]:
        """Positions of the endpoints that are judged while the trial runs."""
        return frozenset(test.table for test in self.decides)

    def stops(self, cohort: Cohort, days: Integers, look: int) -> Booleans:
        """Whether trials (B,) that have come to an analysis on a day of days (B, K) stop there."""
        return np.zeros(cohort.replicates, dtype=np.bool_)

    def analytic_power(self, hypothesis: int = 0) -> float:
        """Probability of rejecting a hypothesis."""
        return math.nan

    @property
    def doubt(self) -> str:
        """Why the analytic power is not to be relied on, nothing where it is."""
        return ""

    @property
    def smallest_share(self) -> float:
        """Part of the planned patients in the smallest data that a hypothesis is decided on; infinite where no law of z
        is taken for granted, since the level is found by simulation or none is claimed."""
        return 1.0

    def level_caution(self, test: Test) -> str:
        decided = test.plan.name in [deciding.plan.name for deciding in self.decides]
        return few_patients(self.engine.cells, test, self.smallest_share) if decided else ""

    def patients_for_power(self, target: float) -> KnownSize:
        """Fewest patients with which the trial, conducted in the same way, has an analytic power."""
        return KnownSize(None)

    @property
    def patients(self) -> int:
        """Number of patients planned."""
        return self.engine.cells.trial.population.patients

    @cached_property
    def cuts(self) -> tuple[DataCut, ...]:
        """The data cuts of each test that the design decides."""
        return tuple(DataCut(self.engine, test) for test in self.decides)

    def enrolled(self, first_replicate: int, n: int, room: int | None = None, *, at_once: bool = False) -> Cohort:
        """A block of trials with all planned patients, and room for so many in all; nobody is enrolled later where all
        are `at_once`."""
        most = self.patients if room is None else room
        cohort = self.engine.open_cohort(first_replicate, n, most, at_once=at_once)
        self.engine.enrol(cohort, self.patients)
        return cohort

    @property
    def engine_name(self) -> str:
        return self.engine.name

    def block(self, most: int) -> int:
        return max(1, min(most, block_length(self.patients), self._tables_at_once))

    @property
    def _tables_at_once(self) -> int:
        """Replicates whose tables take little memory, where sites are strata of an analysis."""
        trial, arms = self.engine.cells.trial, self.engine.shape[0]
        found = [(site_strata(trial, plan), plan.endpoint) for plan in trial.analyses]
        strata = [(one.number, trial.endpoint(name).n_categories) for one, name in found if one is not None]
        size = _COPIES * arms * max((number * width for number, width in strata), default=0)
        check_memory(size, "a table of arms, sites and outcomes", where="sites", instead="fewer sites, strata or days")
        return BYTES_AT_ONCE // max(size, 1)

    def replicates(self, tests: tuple[Test, ...], first: int, n: int) -> Replicates:
        return self.as_replicates(tests, *self.conduct(first, n))

    def as_replicates(self, tests: tuple[Test, ...], conducted: Conducted, cohort: Cohort) -> Replicates:
        """The results of all tests of the trial in trials that were conducted."""
        if self.engine.sites is not None:
            conducted = replace(conducted, extras={**conducted.extras, NOT_FULL: not_full(conducted, cohort)})
        positions = {test.plan.name: h for h, test in enumerate(self.decides)}
        randomised = conducted.enrolled.sum(axis=1)
        at_end = self._tables_at_end(tests, cohort, randomised)
        results: list[Floats] = []
        rejected: list[Booleans] = []
        favourable: list[Booleans] = []
        decided: dict[int, Booleans] = {}
        for i, test in enumerate(tests):
            h = positions.get(test.plan.name)
            found = self._result_at_end(test, at_end, cohort, randomised) if h is None else conducted.results[h]
            rejects, good = test.decisions(found)
            if h is not None:
                rejects = decided[i] = conducted.rejected[h]
                good = rejects & (test.benefit(found) > 0.0)
            results.append(found)
            rejected.append(rejects)
            favourable.append(good)
        return Replicates(
            results=results,
            rejected=rejected,
            favourable=favourable,
            patients=randomised,
            decided=decided,
            conducted=conducted,
        )

    def _tables_at_end(self, tests: tuple[Test, ...], cohort: Cohort, randomised: Integers) -> dict[int, Floats]:
        """Tables by endpoint of the analyses that the design does not decide: on all who were randomised, data
        complete; without those whose strata are at sites."""
        decided = {deciding.plan.name for deciding in self.decides}
        others = [test for test in tests if test.plan.name not in decided and self._cut_at_end(test).within is None]
        endpoints = sorted({test.table for test in others})
        if not endpoints:
            return {}
        return dict(zip(endpoints, self.engine.complete_tables(cohort, endpoints, last=randomised), strict=True))

    def _result_at_end(self, test: Test, tables: Mapping[int, Floats], cohort: Cohort, randomised: Integers) -> Floats:
        """Results (B, 3) of such an analysis."""
        cut = self._cut_at_end(test)
        return cut.results(cohort, last=randomised) if cut.within is not None else cut.test.results(tables[test.table])

    def _cut_at_end(self, test: Test) -> DataCut:
        name = test.plan.name
        if name not in self._cuts_at_end:
            self._cuts_at_end[name] = DataCut(self.engine, test)
        return self._cuts_at_end[name]

    @cached_property
    def _cuts_at_end(self) -> dict[str, DataCut]:
        """The data cuts of other analyses, by name, as they come up."""
        return {}

    def follow(self, replicate: int) -> Followed:
        engine = self.engine
        if not isinstance(engine, PathCohorts):
            raise TypeError(type(engine))
        conducted, cohort = self.conduct(replicate, 1)
        n = int(conducted.enrolled.sum())
        check_patients(engine.cells.trial, n)
        cell = cohort.arm[0, :n].astype(np.int64) * engine.cells.n_strata + cohort.stratum[0, :n]
        late = np.full(n, engine.lag, dtype=np.int64)
        found = Followed(cell, engine.states(cohort, 0, n), cohort.day[0, :n].astype(np.int64), conducted, late)
        if engine.sites is None:
            return found
        site, screened = cohort.site[0, :n].astype(np.int64), engine.sites.screened_days(cohort)[0, :n]
        return replace(found, late=late + engine.sites.lateness(cohort)[0, :n], site=site, screened_day=screened)

    def foreseen(self, test: Test, complete: PlannedPower) -> Foreseen:
        """Only what the design decides has a power that is known: the others see a random number of patients."""
        positions = {deciding.plan.name: h for h, deciding in enumerate(self.decides)}
        if test.plan.name not in positions:
            return Foreseen(math.nan, "", lambda target: KnownSize(None))
        power = self.analytic_power(positions[test.plan.name])
        caution = (self.doubt or complete.law[1]) if math.isfinite(power) else ""
        return Foreseen(power, caution, self.patients_for_power)

    def truth(self) -> Truth | None:
        return truth_of(self.engine.cells, self.decides)


def not_full(conducted: Conducted, cohort: Cohort) -> Floats:
    """Whether trials (B,) ended with all patients that the sites brought, fewer than were wanted."""
    everybody = conducted.enrolled.sum(axis=1) == cohort.n
    return np.asarray(everybody & (cohort.n < cohort.wanted), dtype=np.float64)


def block_length(patients: int) -> int:
    """Replicates in a block, so that it needs little memory."""
    fewest = int(np.clip(_MOST_AT_ONCE // max(patients, 1), 1, 8))
    return int(np.clip(PATIENTS_AT_ONCE // max(patients, 1), fewest, 512))
