"""Group-sequential trials: complete data generated, cut at each analysis, stopped at a boundary."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Z
from jaksim.design.analytic import analysis_input, large_sample
from jaksim.design.cohorts import CohortEngine
from jaksim.design.conducted import REASONS, Conducted
from jaksim.design.evaluation import Test
from jaksim.design.look_days import look_days
from jaksim.simulate.enrolment import Cohort, enrolled_by
from jaksim.trial.interim import Monitoring
from jaksim.trial.monitoring.bounds import bounds_at

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
SMALLEST_GAIN = 1e-6
EFFICACY, FUTILITY, HARM, END = range(len(REASONS))


@dataclass(frozen=True, eq=False)
class GroupSequential:
    """The monitored analysis of a trial with its boundaries, on an engine that draws the patients.

    `test` is the analysis at the end; the same method is applied to each data cut.
    """

    engine: CohortEngine
    monitoring: Monitoring
    test: Test

    @cached_property
    def cut_test(self) -> Test:
        """The test on the categories that a data cut knows."""
        return replace(self.test, endpoint=self.engine.watched[self.test.table].endpoint)

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """Cells (A, S) whose data the analysis uses."""
        counts = np.zeros(self.engine.shape, dtype=np.bool_)
        counts[np.ix_([arm for pair in self.test.pairs for arm in pair], list(self.test.strata))] = True
        return counts

    @cached_property
    def planned(self) -> dict[str, float]:
        """What shares in triggers are shares of."""
        patients = float(self.engine.cells.trial.population.patients)
        maximum = self.monitoring.maximum
        return {"patients": patients, "complete": patients, "events": patients if maximum is None else maximum}

    @property
    def decides(self) -> tuple[Test, ...]:
        """The monitored analysis."""
        return (self.test,)

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return self.monitoring.looks

    @cached_property
    def drift(self) -> float:
        """Expected z of the analysis when all data are complete, positive where the active arm does better; NaN where
        the method has no analytic twin."""
        cells = self.engine.cells
        given = analysis_input(cells, self.test.plan, self.test.method)
        return self.test.favourable_sign * large_sample(given, cells.trial.population.patients).mean_z

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of stopping at each analysis as planned, by numerical integration; nothing without a twin."""
        if not math.isfinite(self.drift):
            return ()
        boundaries = self.monitoring.boundaries
        crossing = boundaries.crossing([self.drift])
        upper, lower, inner = (one[0].tolist() for one in crossing)
        plan, harm = (
            boundaries.plan,
            boundaries.plan.sides == 2 or (boundaries.plan.futility is None and boundaries.plan.harm is not None),
        )
        looks = []
        for k in range(plan.looks):
            futile = inner[k] if harm else lower[k]
            looks.append({"efficacy": upper[k], "harm": lower[k] if harm else 0.0, "futility": futile})
        looks[-1]["futility"] = 0.0
        return tuple(looks)

    def analytic_power(self) -> float:
        """Probability of rejecting the null hypothesis as planned, by numerical integration."""
        both = ("efficacy", "harm") if self.monitoring.boundaries.plan.sides == 2 else ("efficacy",)
        stops = self.analytic()
        return sum(look[reason] for look in stops for reason in both) if stops else math.nan

    def days(self, cohort: Cohort) -> Integers:
        """Calendar days (B, K) of the analyses."""
        triggers = (*self.monitoring.interims, self.monitoring.last)
        return look_days(self.engine, cohort, triggers, self.test.table, planned=self.planned, counts=self.counted)

    def information(self, cohort: Cohort, days: Integers) -> Floats:
        """Information (B, K) at the analyses in parts of the planned maximum, increasing."""
        monitoring = self.monitoring
        if monitoring.information == "planned":
            return np.tile(monitoring.boundaries.information, (cohort.replicates, 1))
        maximum = monitoring.maximum or self._complete_at_end
        found = np.empty(days.shape)
        for look in range(days.shape[1]):
            found[:, look] = self.engine.number_with(
                cohort, self.test.table, monitoring.information, days[:, look], counts=self.counted
            )
        found /= maximum
        found[:, 0] = np.maximum(found[:, 0], SMALLEST_GAIN)
        for look in range(1, days.shape[1]):
            found[:, look] = np.maximum(found[:, look], found[:, look - 1] + SMALLEST_GAIN)
        return found

    @property
    def _complete_at_end(self) -> float:
        sizes = self.engine.cells.expected_sizes.reshape(self.engine.shape)
        return float(sizes[self.counted].sum())

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials; the cohort holds all patients that could have been enrolled, of whom `enrolled` were."""
        patients = self.engine.cells.trial.population.patients
        cohort = self.engine.open_cohort(first_replicate, n, patients)
        self.engine.enrol(cohort, patients)
        days = self.days(cohort)
        information = self.information(cohort, days)
        upper, lower = self._bounds(information)
        looks = days.shape[1]
        look = np.full(n, looks - 1, dtype=np.int64)
        reason = np.full(n, END, dtype=np.int64)
        results = np.full((n, 3), np.nan)
        running = np.arange(n)
        for k in range(looks):
            tables = self.engine.tables(cohort, self.test.table, days[:, k], last=_only(running, cohort))
            found = self.cut_test.results(np.ascontiguousarray(tables[running]))
            results[running] = found
            stopped = self._decide(self.test.favourable_sign * found[:, Z], upper[running, k], lower[running, k])
            if k == looks - 1:
                stopped[stopped == FUTILITY] = END
            ending = stopped >= 0
            reason[running[ending]] = stopped[ending]
            look[running[ending]] = k
            running = running[~ending]
            if not len(running):
                break
        rows = np.arange(n)
        ended = days[rows, look]
        for k in range(looks):
            information[look < k, k] = np.nan
        last = enrolled_by(cohort, ended)
        return (
            Conducted(
                rejected=self._rejected(results, reason)[None],
                results=results[None],
                look=look,
                reason=reason,
                day=ended,
                enrolled=self.engine.sizes(cohort, last),
                information=information,
            ),
            cohort,
        )

    def _bounds(self, information: Floats) -> tuple[Floats, Floats]:
        boundaries = self.monitoring.boundaries
        if self.monitoring.information == "planned":
            shape = information.shape
            return np.broadcast_to(boundaries.upper_z, shape), np.broadcast_to(boundaries.lower_z, shape)
        return bounds_at(boundaries, information, np.ones(len(information), dtype=np.bool_))

    def _decide(self, z: Floats, upper: Floats, lower: Floats) -> Integers:
        """Reason to stop (n,) by position in REASONS, -1 to go on; z is positive where the active arm does better."""
        plan = self.monitoring.boundaries.plan
        stopped = np.full(len(z), -1, dtype=np.int64)
        with np.errstate(invalid="ignore"):
            if plan.sides == 2:
                if plan.futility is not None:
                    stopped[np.abs(z) < lower] = FUTILITY
                stopped[z < -upper] = HARM
            else:
                stopped[z < lower] = HARM if plan.futility is None and plan.harm is not None else FUTILITY
            stopped[z > upper] = EFFICACY
        return stopped

    def _rejected(self, results: Floats, reason: Integers) -> NDArray[np.bool_]:
        harmful = (reason == HARM) & (self.monitoring.boundaries.plan.sides == 2)
        return np.asarray((reason == EFFICACY) | harmful)


def _only(running: Integers, cohort: Cohort) -> Integers:
    """Patients to look at in each replicate: none where the trial has ended."""
    last = np.zeros(cohort.replicates, dtype=np.int64)
    last[running] = cohort.n[running]
    return last
