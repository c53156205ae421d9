"""Group-sequential trials: complete data generated, cut at each analysis, stopped at a boundary."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Z
from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.after_stopping import AfterStopping
from jaksim.design.conduct.expected_cut import ExpectedTrial
from jaksim.design.conduct.look_days import look_days
from jaksim.design.conduct.stopping import END, FUTILITY, Course, Stopping
from jaksim.design.engine.cohorts import CohortEngine
from jaksim.design.sums.characteristics import NORMAL_975
from jaksim.design.sums.conducted import Conducted
from jaksim.design.twin.analytic import AnalysisInput, LargeSample, analysis_input, large_sample
from jaksim.design.twin.doubt import doubt
from jaksim.design.twin.planned_power import Known, KnownSize, searched_size
from jaksim.simulate.enrolment import Cohort, enrolled_by
from jaksim.trial.interim import Monitoring
from jaksim.trial.trigger import grown

SMALLEST_GAIN = 1e-6
FARTHEST = 40.0
FARTHEST_SIZE = 200
LATE = np.iinfo(np.int32).max


@dataclass(frozen=True, eq=False)
class GroupSequential:
    """The monitored analysis of a trial with its boundaries, on an engine that draws the patients.

    `test` is the analysis at the end; the same method is applied to each data cut, unless `others` are tested there or
    judge futility. The estimate is that of `test` in any case, its z that of the analysis that decides about efficacy.
    """

    engine: CohortEngine
    monitoring: Monitoring
    test: Test
    others: Mapping[str, Test] = field(default_factory=dict)

    @cached_property
    def cut_test(self) -> Test:
        """The test on the categories that a data cut knows."""
        return self._at_cut(self.test.plan.name)

    def _at_cut(self, name: str) -> Test:
        test = self.others.get(name, self.test)
        return replace(test, endpoint=self.engine.watched[test.table].endpoint)

    @cached_property
    def stopping(self) -> Stopping:
        """The stopping rule."""
        return Stopping(self.monitoring.boundaries)

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
    def complete(self) -> tuple[AnalysisInput, LargeSample]:
        """What the analysis sees when all data are complete, with its large-sample law."""
        cells = self.engine.cells
        given = analysis_input(cells, self.test.plan, self.test.method)
        return given, large_sample(given, cells.trial.population.patients)

    @property
    def drift(self) -> float:
        """Expected z of the analysis when all data are complete, positive where the active arm does better; NaN where
        the method has no analytic twin."""
        return self.test.favourable_sign * self.complete[1].mean_z

    @cached_property
    def expected(self) -> ExpectedTrial:
        patients = self.engine.cells.trial.population.patients
        return ExpectedTrial(self.engine, self.test, patients, self.planned, self.counted)

    @cached_property
    def at_looks(self) -> tuple[tuple[AnalysisInput, LargeSample], ...]:
        """What the analyses see where that is less than complete data, with their large-sample laws; nothing where
        information tells it."""
        if self._told_by_information or self.monitoring.others:
            return ()
        return self.expected.twins((*self.monitoring.interims, self.monitoring.last))

    @property
    def _told_by_information(self) -> bool:
        return self.monitoring.last is None and self.test.endpoint.kind != "time_to_event"

    def course(self, ratio: float = 1.0) -> float | Course:
        """What the analyses of a trial of so many times the patients are expected to find; NaN without a twin.

        Where all outcomes are complete at the last analysis that follows from the drift. Times to an event, whose
        hazards need not be proportional, and trials that end earlier are expected to find what their data cuts show.
        """
        monitoring = self.monitoring
        if monitoring.others:
            return math.nan
        if self._told_by_information:
            return self._course_of_drift(ratio)
        triggers = [None if one is None else grown(one, ratio) for one in (*monitoring.interims, monitoring.last)]
        bias = np.array([twin.bias for _, twin in self.at_looks]) / math.sqrt(ratio)
        sds = np.array([twin.sd_z for _, twin in self.at_looks])
        found = self.expected.resized(ratio).course(triggers, bias=bias, sds=sds)
        informative = (np.diff(found.information, prepend=0.0) > 0.0).all() and np.isfinite(found.means).all()
        return found if informative and (sds > 0.0).all() else math.nan

    def _course_of_drift(self, ratio: float) -> float | Course:
        twin = self.complete[1]
        if self._has_inner_bounds or not math.isfinite(twin.mean_z):
            return self.drift * math.sqrt(ratio)
        information = self.monitoring.boundaries.information
        means = np.array([twin.scaled(ratio * one).mean_z for one in information.tolist()])
        return Course(self.test.favourable_sign * means, information, np.full(len(means), twin.sd_z))

    @property
    def doubt(self) -> str:
        """Why the probabilities by integration are not to be relied on, nothing where they are."""
        return self._doubt(1.0)

    def _doubt(self, ratio: float) -> str:
        """The same in a trial of so many times the patients."""
        patients = ratio * self.engine.cells.trial.population.patients
        seen = self.at_looks or (self.complete,)
        return next((found for given, twin in seen if (found := doubt(given, patients, twin.scaled(ratio)))), "")

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of stopping at each analysis as planned, by numerical integration; nothing without a twin."""
        course = self.course()
        return self.stopping.probabilities(course) if self._has_twin(course) else ()

    def analytic_power(self, hypothesis: int = 0) -> float:
        """Probability of rejecting the null hypothesis as planned, by numerical integration."""
        course = self.course()
        return self.stopping.rejection(course) if self._has_twin(course) else math.nan

    def _has_twin(self, course: float | Course) -> bool:
        if isinstance(course, Course):
            return not self._has_inner_bounds
        return math.isfinite(course)

    @property
    def _has_inner_bounds(self) -> bool:
        return self.stopping.two_sided and self.stopping.boundaries.plan.futility is not None

    def patients_for_power(self, target: float) -> KnownSize:
        """Patients with which the trial, monitored in the same way, rejects with a probability."""
        if self.monitoring.others or self.stopping.rejection(FARTHEST) < target:
            return KnownSize(None)
        patients, multiple = self.engine.cells.trial.population.patients, sum(self.engine.cells.allocation)

        def power(n: int) -> Known:
            course = self.course(n / patients)
            return Known(self.stopping.rejection(course) if self._has_twin(course) else math.nan)

        if not power(FARTHEST_SIZE * patients).power >= target:
            return KnownSize(None)
        found = searched_size(power, target, multiple, patients)
        reason = "" if found is None else self._doubt(found / patients)
        return KnownSize(None, reason) if reason else KnownSize(found)

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
        planned = self.monitoring.information == "planned"
        bounds = self.stopping.planned(n) if planned else self.stopping.at(information)
        looks = days.shape[1]
        look = np.full(n, looks - 1, dtype=np.int64)
        reason = np.full(n, END, dtype=np.int64)
        results = np.full((n, 3), np.nan)
        events = np.full(n, np.nan)
        running = np.arange(n)
        for k in range(looks):
            tables = self.engine.tables(cohort, self.test.table, days[:, k], last=_only(running, cohort))[running]
            found = self.cut_test.results(tables)
            events[running] = self._events(tables)
            found[:, Z] = self._deciding_z(found, tables, k)
            z = self.test.favourable_sign * found[:, Z]
            results[running] = found
            stopped = self.stopping.decide(z, bounds.at(running, k), last=k == looks - 1)
            stopped[(stopped < 0) & self._futile(cohort, running, days[:, k], k)] = FUTILITY
            ending = stopped >= 0
            reason[running[ending]] = stopped[ending]
            look[running[ending]] = k
            running = running[~ending]
            if not len(running):
                break
        ended = days[np.arange(n), look]
        information[np.arange(looks) > look[:, None]] = np.nan
        last = enrolled_by(cohort, ended)
        extras = {} if np.isnan(events).all() else {"events in the data": events}
        estimates = self._allowing_for_boundaries(look, results)
        if self.monitoring.pipeline:
            overrun = self._with_pipeline(cohort, last)
            half = NORMAL_975 * overrun[:, 1]
            limits = [overrun[:, 0], overrun[:, 0] - half, overrun[:, 0] + half]
            estimates["with the pipeline"] = np.stack(limits, axis=1)[None]
            seen = self.engine.number_with(cohort, self.test.table, "complete", ended)
            extras["patients in the pipeline"] = (last - seen).astype(np.float64)
        conducted = Conducted(
            rejected=np.isin(reason, self.stopping.rejecting)[None],
            results=results[None],
            look=look,
            reason=reason,
            day=ended,
            enrolled=self.engine.sizes(cohort, last),
            information=information,
            extras=extras,
            estimates=estimates,
        )
        return conducted, cohort

    def _deciding_z(self, found: Floats, tables: Floats, look: int) -> Floats:
        """z (n,) of the analysis that is tested for efficacy, signed like that of the monitored one."""
        name = self.monitoring.tested[look]
        if name == self.test.plan.name:
            return found[:, Z]
        test = self._at_cut(name)
        return self.test.favourable_sign * test.favourable_sign * test.results(tables)[:, Z]

    def _futile(self, cohort: Cohort, running: Integers, days: Integers, look: int) -> NDArray[np.bool_]:
        """Whether another analysis ends trials (n,) for futility at an analysis, judged on the data of the same day."""
        judge = self.monitoring.futility[look] if look < len(self.monitoring.interims) else None
        if judge is None:
            return np.zeros(len(running), dtype=np.bool_)
        test = self._at_cut(judge.analysis)
        tables = self.engine.tables(cohort, test.table, days, last=_only(running, cohort))[running]
        with np.errstate(invalid="ignore"):
            return np.asarray(test.favourable_sign * test.results(tables)[:, Z] < judge.z)

    @cached_property
    def _after(self) -> AfterStopping:
        return AfterStopping(self.monitoring.boundaries)

    def _allowing_for_boundaries(self, look: Integers, results: Floats) -> dict[str, Floats]:
        """Estimates that allow for the boundaries, where these are as planned and against one value."""
        if not self.monitoring.boundaries.plan.joint:
            return {}
        if self.monitoring.information != "planned" or len(self.test.targets) > 1:
            return {}
        target = self.test.targets[0] if self.test.targets else self.test.method.null
        sign, after = self.test.favourable_sign, self._after
        z = sign * results[:, Z]
        found = {"median-unbiased": after.stagewise(look, z), "repeated interval": after.repeated(look, z)}
        return {name: after.on_scale(drift, look, results, target, sign)[None] for name, drift in found.items()}

    def _with_pipeline(self, cohort: Cohort, last: Integers) -> Floats:
        """Results (n, 3) of all patients who had entered, once their follow-up is complete."""
        return self.cut_test.results(self.engine.tables(cohort, self.test.table, LATE, last=last))

    def _events(self, tables: Floats) -> Floats:
        """Events (n,) in tables (n, C, K) in the cells that the analysis uses, NaN for an endpoint without events."""
        endpoint = self.cut_test.endpoint
        if endpoint.kind not in ("time_to_event", "binary") or endpoint.transitions is not None:
            return np.full(len(tables), np.nan)
        chosen = tables[:, self.counted.ravel()]
        return np.asarray(chosen[..., endpoint.status == 1].sum(axis=(1, 2)))


def _only(running: Integers, cohort: Cohort) -> Integers:
    """Patients to look at in each replicate: none where the trial has ended."""
    last = np.zeros(cohort.replicates, dtype=np.int64)
    last[running] = cohort.n[running]
    return last
