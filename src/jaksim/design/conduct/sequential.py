"""Group-sequential trials: complete data generated, cut at each analysis, stopped at a boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Z
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.after_stopping import AfterStopping
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.conduct.look_days import look_days, trigger_days
from jaksim.design.conduct.sequential_twin import SequentialTwin
from jaksim.design.conduct.stopping import Bounds, Stopping
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.characteristics import NORMAL_975
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.design.twin.planned_power import KnownSize
from jaksim.endpoint.kinds import kind_of
from jaksim.simulate.enrolment import Cohort, Counted, enrolled_by
from jaksim.trial.interim import Monitoring
from jaksim.trial.trigger import endpoints_of

SMALLEST_GAIN = 1e-6


@dataclass(frozen=True, eq=False)
class GroupSequential(CalendarDesign):
    """The monitored analysis of a trial with its boundaries.

    `test`, the only one that the design decides, is the analysis at the end; the same method is applied to each data
    cut, unless `others` are tested there or judge futility. The estimate is that of `test` in any case, its z that of
    the analysis that decides about efficacy.
    """

    monitoring: Monitoring
    others: Mapping[str, Test] = field(default_factory=dict)

    @property
    def test(self) -> Test:
        """The monitored analysis."""
        return self.decides[0]

    @property
    def cut(self) -> DataCut:
        """Its data cuts."""
        return self.cuts[0]

    @cached_property
    def _other_cuts(self) -> dict[str, DataCut]:
        return {name: DataCut(self.engine, test) for name, test in self.others.items()}

    @cached_property
    def stopping(self) -> Stopping:
        """The stopping rule."""
        return Stopping(self.monitoring.boundaries)

    @cached_property
    def planned(self) -> dict[str, float]:
        """What shares in triggers are shares of."""
        patients = float(self.patients)
        maximum = self.monitoring.maximum
        return {"patients": patients, "complete": patients, "events": patients if maximum is None else maximum}

    @property
    def looks(self) -> int:
        return self.monitoring.looks

    @property
    def smallest_share(self) -> float:
        return float(self.monitoring.boundaries.information[0])

    @cached_property
    def twin(self) -> SequentialTwin:
        """What is known of the design without simulation."""
        return SequentialTwin(self.cut, self.monitoring, self.planned)

    def course(self) -> float | Course:
        return self.twin.course()

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of stopping at each analysis as planned, by numerical integration; nothing without a twin."""
        return self.twin.probabilities()

    def analytic_power(self, hypothesis: int = 0) -> float:
        """Probability of rejecting the null hypothesis as planned, by numerical integration."""
        return self.twin.power()

    @property
    def doubt(self) -> str:
        return self.twin.doubt

    def patients_for_power(self, target: float) -> KnownSize:
        """Fewest patients with which the trial, monitored in the same way, rejects with a probability."""
        return self.twin.size(target)

    def days(self, cohort: Cohort) -> Integers:
        """Calendar days (B, K) of the analyses.

        Where the board pauses the trial, who comes between a data cut and its decision is turned away, and the cohort
        is one of those who come later instead.
        """
        engine, triggers, given = self.engine, self.monitoring.triggers, (self.planned, self.cut.cells)
        if engine.sites is None or not engine.sites.operations.board.pause:
            return look_days(engine, cohort, triggers, self.test.table, planned=given[0], counts=given[1])
        days: list[Integers] = []
        for k, trigger in enumerate(triggers):
            day = trigger_days(engine, cohort, trigger, self.test.table, planned=given[0], counts=given[1])
            days.append(np.maximum(day, days[-1]) if days else day)
            if k < len(triggers) - 1:
                engine.pause(cohort, days[-1], self.patients)
        return np.stack(days, axis=1)

    def information(self, cohort: Cohort, days: Integers) -> Floats:
        """Information (B, K) at the analyses in parts of the planned maximum, increasing."""
        monitoring = self.monitoring
        if monitoring.information == "planned":
            return np.tile(monitoring.boundaries.information, (cohort.replicates, 1))
        maximum = monitoring.maximum or self._complete_at_end
        found = np.empty(days.shape)
        for look in range(days.shape[1]):
            found[:, look] = self.engine.number_with(
                cohort, self.test.table, monitoring.information, days[:, look], counts=self.cut.cells
            )
        found /= maximum
        found[:, 0] = np.maximum(found[:, 0], SMALLEST_GAIN)
        for look in range(1, days.shape[1]):
            found[:, look] = np.maximum(found[:, look], found[:, look - 1] + SMALLEST_GAIN)
        return found

    @property
    def _complete_at_end(self) -> float:
        sizes = self.engine.cells.expected_sizes.reshape(self.engine.shape)
        return float(sizes[self.cut.cells].sum())

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        cohort = self.enrolled(first_replicate, n, at_once=True)
        return self.judged(cohort, self.days(cohort)), cohort

    def judged(self, cohort: Cohort, days: Integers, first: int = 0) -> Conducted:
        n, looks = cohort.replicates, days.shape[1]
        information = self.information(cohort, days)
        bounds = self._bounds(information)
        look = np.full(n, looks - 1, dtype=np.int64)
        reason = np.full(n, Reason.END, dtype=np.int64)
        harmed = np.zeros(n, dtype=np.bool_)
        results = np.full((n, 3), np.nan)
        at_looks = np.full((n, looks, 3), np.nan)
        events = np.full(n, np.nan)
        running, counted = np.arange(n), self.cut.begun(cohort)
        for k in range(first, looks):
            results[running], events[running], stopped = self._look(
                cohort, running, days[running, k], bounds, k, counted
            )
            harmed[running] = self._harmful(cohort, running, days[running, k], k)
            stopped[harmed[running]] = Reason.HARM
            at_looks[running, k] = results[running]
            ending = stopped >= 0
            reason[running[ending]] = stopped[ending]
            look[running[ending]] = k
            running = running[~ending]
            if not len(running):
                break
        ended = days[np.arange(n), look]
        information[np.arange(looks) > look[:, None]] = np.nan
        # The last analysis ends the trial on its own day, whatever is still to be decided then.
        closed = np.minimum(ended + np.where(look < looks - 1, cohort.decision, 0), days[:, -1])
        last = enrolled_by(cohort, closed)
        extras = {} if np.isnan(events).all() else {"events in the data": events}
        estimates = self._allowing_for_boundaries(look, results)
        if self.monitoring.pipeline:
            overrun = self.cut.results(cohort, last=last)
            half = NORMAL_975 * overrun[:, 1]
            limits = [overrun[:, 0], overrun[:, 0] - half, overrun[:, 0] + half]
            estimates["with the pipeline"] = np.stack(limits, axis=1)[None]
            seen = self.engine.number_with(cohort, self.test.table, "complete", ended)
            extras["patients in the pipeline"] = (last - seen).astype(np.float64)
        return Conducted(
            rejected=(np.isin(reason, self.stopping.rejecting) & ~harmed)[None],
            results=results[None],
            look=look,
            reason=reason,
            day=ended,
            enrolled=self.engine.sizes(cohort, last),
            information=information,
            closed=closed,
            final=days[:, -1],
            cuts=np.where(np.arange(looks) > look[:, None], -1, days),
            at_looks=at_looks[None],
            extras=extras,
            estimates=estimates,
        )

    @property
    def judging(self) -> frozenset[int]:
        return frozenset(test.table for test in (self.test, *self.others.values()))

    def stops(self, cohort: Cohort, days: Integers, look: int) -> Booleans:
        everyone = np.arange(cohort.replicates)
        bounds = self._bounds(self.information(cohort, days))
        stopped = self._look(cohort, everyone, days[:, look], bounds, look, None)[2] >= 0
        return np.asarray(stopped | self._harmful(cohort, everyone, days[:, look], look))

    def _bounds(self, information: Floats) -> Bounds:
        planned = self.monitoring.information == "planned"
        return self.stopping.planned(len(information)) if planned else self.stopping.at(information)

    def _look(
        self, cohort: Cohort, running: Integers, day: Integers, bounds: Bounds, look: int, counted: Counted | None
    ) -> tuple[Floats, Floats, Integers]:
        """Of the replicates that go on: results (n, 3), events in the data, and reason to stop at an analysis on day
        (n,), -1 for none."""
        tables = self.cut.tables_of(running, cohort, day, counted)
        found = self.cut.test.results(tables)
        found[:, Z] = self._deciding_z(found, tables, look)
        z = self.test.favourable_sign * found[:, Z]
        stopped = self.stopping.decide(z, bounds.at(running, look), last=look == self.looks - 1)
        stopped[(stopped < 0) & self._futile(cohort, running, day, look)] = Reason.FUTILITY
        return found, self._events(tables), stopped

    def _deciding_z(self, found: Floats, tables: Floats, look: int) -> Floats:
        """z (n,) of the analysis that is tested for efficacy, signed like that of the monitored one."""
        name = self.monitoring.tested[look]
        if name == self.test.plan.name:
            return found[:, Z]
        test = self._other_cuts[name].test
        return self.test.favourable_sign * test.favourable_sign * test.results(tables)[:, Z]

    def _futile(self, cohort: Cohort, running: Integers, days: Integers, look: int) -> NDArray[np.bool_]:
        """Whether another analysis ends trials (n,) for futility at an analysis, judged on the data of the same days
        (n,)."""
        judge = self.monitoring.futility[look] if look < len(self.monitoring.interims) else None
        if judge is None:
            return np.zeros(len(running), dtype=np.bool_)
        cut = self._other_cuts.get(judge.analysis, self.cut)
        tables = cut.tables_of(running, cohort, days)
        with np.errstate(invalid="ignore"):
            return np.asarray(cut.test.favourable_sign * cut.test.results(tables)[:, Z] < judge.z)

    def _harmful(self, cohort: Cohort, running: Integers, days: Integers, look: int) -> Booleans:
        """Whether another analysis ends trials (n,) for harm at an analysis, on the data of the same days (n,)."""
        judge = self.monitoring.harm
        if judge is None or look >= len(self.monitoring.interims):
            return np.zeros(len(running), dtype=np.bool_)
        cut = self._other_cuts[judge.analysis]
        with np.errstate(invalid="ignore"):
            z = cut.test.favourable_sign * cut.test.results(cut.tables_of(running, cohort, days))[:, Z]
            return np.asarray(z < judge.z[look])

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

    def _events(self, tables: Floats) -> Floats:
        """Events (n,) in tables (n, C, K) in the cells that the analysis uses, NaN for an endpoint without events."""
        endpoint = self.cut.test.endpoint
        if not kind_of(endpoint).has_event or endpoint.transitions is not None:
            return np.full(len(tables), np.nan)
        chosen = tables[:, self.cut.table_cells.ravel()]
        return np.asarray(chosen[..., endpoint.status == 1].sum(axis=(1, 2)))


def group_sequential(
    cells: Cells, tests: tuple[Test, ...], monitoring: Monitoring, seed: int, engine: str
) -> GroupSequential:
    """The design of a trial with interim analyses of one of its tests."""
    by_name = {one.plan.name: one for one in tests}
    test, others = by_name[monitoring.analysis], {name: by_name[name] for name in monitoring.others}
    watched = {tested.plan.endpoint for tested in (test, *others.values())} | endpoints_of(monitoring.triggers)
    return GroupSequential(make_cohorts(cells, seed, watched, engine), (test,), monitoring, others)
