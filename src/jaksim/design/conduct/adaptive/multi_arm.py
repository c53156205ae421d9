"""Conducts trials of several arms against one control over several analyses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.analysis import STANDARD_ERROR, Z
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.adaptive.arms import chosen_tests, go_on, of_arms
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.expected_cut import ExpectedTrial
from jaksim.design.conduct.look_days import trigger_days
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.endpoint.kinds import kind_of
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial.adaptive.endings import Endings, ManyArms
from jaksim.trial.adaptive.multi_arm import MultiArm
from jaksim.trial.trigger import endpoints_of

SMALLEST_GAIN = 1e-9


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> MultiArmDesign:
    """The design of a trial with this adaptation."""
    plan = cells.trial.adaptation
    if not isinstance(plan, MultiArm):
        raise TypeError(type(plan))
    chosen = chosen_tests(tests, plan.analyses)
    watched = {chosen[0].plan.endpoint} | endpoints_of(plan.interims)
    return MultiArmDesign(make_cohorts(cells, seed, watched, engine), chosen, plan)


@dataclass(eq=False)
class _State:
    """How far the arms (K) of a block of trials (B) are."""

    rejected: Booleans
    kept: Booleans
    results: Floats
    z: Floats
    root_information: Floats
    plain_z: Floats

    @classmethod
    def start(cls, arms: int, size: int) -> _State:
        none, zero = np.zeros((arms, size), dtype=np.bool_), np.zeros((arms, size))
        return cls(none, ~none, np.full((arms, size, 3), np.nan), zero, zero.copy(), zero.copy())


@dataclass(frozen=True, eq=False)
class MultiArmDesign(CalendarDesign):
    """All active arms against the reference arm, dropped or rejected at common bounds."""

    plan: MultiArm

    @property
    def looks(self) -> int:
        return self.plan.looks

    @property
    def smallest_share(self) -> float:
        return self.plan.information[0]

    @cached_property
    def twin(self) -> Endings | None:
        """How trials end by numerical integration, at the expected information; None where what one arm is given
        depends on the others, and for a method without a large-sample twin."""
        plan = self.plan
        if plan.keep or plan.patients == "total" or plan.statistic != "cumulative":
            return None
        if any(not test.method.smooth for test in self.decides):
            return None
        courses = [self._course(test) for test in self.decides]
        means = np.array([course.means for course in courses])
        information = np.mean([course.information / course.information[-1] for course in courses], axis=0)
        if not (np.isfinite(means).all() and (np.diff(information, prepend=0.0) > SMALLEST_GAIN).all()):
            return None
        ratio = self.engine.cells.allocation[self.arms[0]] / self.engine.cells.allocation[0]
        rule = ManyArms(plan.upper_z, plan.lower_z, tuple(information.tolist()), ratio)
        return rule.endings(means, first_success=plan.stop == "first success")

    def _course(self, test: Test) -> Course:
        """What the analyses are expected to find of one arm."""
        cells, patients = self.engine.cells, self.patients
        if kind_of(test.endpoint).timed:
            counted = of_arms(self.engine, [0])
            trial = ExpectedTrial(self.engine, test, patients, self.planned, counted)
            return trial.course((*self.plan.interims, None))
        z = test.favourable_sign * large_sample(analysis_input(cells, test.plan, test.method), patients).mean_z
        information = np.array(self.plan.information)
        return Course(z * np.sqrt(information), information, np.ones(len(information)))

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of ending at each analysis by numerical integration; nothing without a twin."""
        twin = self.twin
        if twin is None:
            return ()
        last = self.looks - 1
        return tuple(
            {"efficacy": float(success), "end" if j == last else "futility": float(none)}
            for j, (success, none) in enumerate(zip(twin.efficacy, twin.futility, strict=True))
        )

    def analytic_power(self, hypothesis: int = 0) -> float:
        """Probability of rejecting the hypothesis of one arm."""
        return math.nan if self.twin is None else float(self.twin.rejected[hypothesis])

    @cached_property
    def planned(self) -> dict[str, float]:
        """What shares in triggers are shares of: patients of the trial, and those of the reference arm."""
        reference = self.patients * float(self.engine.cells.shares[0])
        return {"patients": float(self.patients), "complete": reference, "events": reference}

    @cached_property
    def arms(self) -> list[int]:
        """Position of the active arm of each test."""
        return [test.pairs[0][1] for test in self.decides]

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials; after every interim analysis those who would have come later are enrolled again."""
        plan, engine = self.plan, self.engine
        cohort = self.enrolled(first_replicate, n)
        state = _State.start(len(self.decides), n)
        day, look = np.zeros(n, dtype=np.int64), np.full(n, plan.looks - 1, dtype=np.int64)
        running, counted = np.arange(n), self.cuts[0].begun(cohort)
        cuts = np.full((n, plan.looks), -1, dtype=np.int64)
        recruiting = {}
        for j, trigger in enumerate((*plan.interims, None)):
            found = trigger_days(
                engine, cohort, trigger, self.decides[0].table, planned=self.planned, counts=of_arms(engine, [0])
            )
            day[running] = cuts[running, j] = np.maximum(day, found)[running]
            self._analyse(state, self.cuts[0].tables_of(running, cohort, day[running], counted), j, running)
            before = state.kept.copy()
            self._decide(state, j, running)
            ended = ~state.kept[:, running].any(axis=0)
            if plan.stop == "first success":
                ended |= state.rejected[:, running].any(axis=0)
            if j == plan.looks - 1:
                break
            look[running[ended]] = j
            state.kept[:, running[ended]] = False
            running = running[~ended]
            changed = running[(before != state.kept)[:, running].any(axis=0)]
            kept, open_before = self._open(state.kept), self._open(before)
            go_on(engine, cohort, day, changed, kept, open_before, total=plan.patients == "total")
            recruiting[f"arms after interim {j + 1}"] = state.kept.sum(axis=0).astype(np.float64)
        last = enrolled_at_decision(cohort, day)
        any_rejected = state.rejected.any(axis=0)
        early = np.where(look < plan.looks - 1, Reason.FUTILITY, Reason.END)
        information = np.tile(np.array(plan.information), (n, 1))
        information[np.arange(plan.looks) > look[:, None]] = np.nan
        conducted = Conducted(
            rejected=state.rejected,
            results=state.results,
            look=look,
            reason=np.where(any_rejected, Reason.EFFICACY, early),
            day=day,
            enrolled=engine.sizes(cohort, last),
            information=information,
            cuts=cuts,
            extras=recruiting,
        )
        return conducted, cohort

    def _analyse(self, state: _State, tables: Floats, look: int, running: Integers) -> None:
        """Bring results and z of the arms that are still compared up to date, from the tables of the running trials."""
        for k, cut in enumerate(self.cuts):
            compared = state.kept[k, running]
            active = running[compared]
            if not len(active):
                continue
            found = cut.test.results(tables if compared.all() else tables[compared])
            z = cut.test.benefit(found)
            if self.plan.statistic == "combination":
                z = self._combine(state, k, active, look, z, found[:, STANDARD_ERROR])
                found[:, Z] = cut.test.favourable_sign * z
            state.results[k, active] = found
            state.z[k, active] = z

    def _combine(self, state: _State, k: int, active: Integers, look: int, z: Floats, error: Floats) -> Floats:
        """Increments of the score since the last analysis, joined with the planned weights.

        Information is that of the standard errors. Where an infinite estimate has none at one of two analyses, the
        planned information takes its place at both.
        """
        planned = (0.0, *self.plan.information)
        tested = np.isfinite(z)
        root = np.where(error > 0.0, 1.0 / np.where(error > 0.0, error, 1.0), np.nan)
        old_root, old_z, previous = (one[k, active] for one in (state.root_information, state.plain_z, state.z))
        known = np.isfinite(root) & np.isfinite(old_root)
        after = np.where(known, root, np.sqrt(planned[look + 1]))
        before = np.where(known, old_root, np.sqrt(planned[look]))
        gain = after**2 - before**2
        enough = tested & (gain > SMALLEST_GAIN * after**2)
        change = np.where(tested, z, 0.0) * after - old_z * before
        new = np.where(enough, change / np.sqrt(np.where(enough, gain, 1.0)), 0.0)
        state.root_information[k, active] = np.where(tested, root, old_root)
        state.plain_z[k, active] = np.where(tested, z, old_z)
        carried = np.sqrt(planned[look]) * np.where(np.isfinite(previous), previous, 0.0)
        return np.asarray((carried + np.sqrt(planned[look + 1] - planned[look]) * new) / np.sqrt(planned[look + 1]))

    def _decide(self, state: _State, look: int, running: Integers) -> None:
        """Reject, drop, and keep the best."""
        plan = self.plan
        z, kept = state.z[:, running], state.kept[:, running]
        rejected = kept & (z > plan.upper_z[look])
        kept = kept & ~rejected
        if look < plan.looks - 1:
            kept &= z >= plan.lower_z[look]
            if plan.keep:
                order = np.argsort(np.argsort(-np.where(kept, z, -np.inf), axis=0, kind="stable"), axis=0)
                kept &= order < plan.keep[look]
        state.rejected[:, running] |= rejected
        state.kept[:, running] = kept

    def _open(self, kept: Booleans) -> Booleans:
        """Arms (B, A) that recruit, the reference among them, where the comparisons kept (K, B) go on."""
        arms = np.zeros((kept.shape[1], self.engine.shape[0]), dtype=np.bool_)
        arms[:, 0] = True
        arms[:, self.arms] = kept.T
        return arms
