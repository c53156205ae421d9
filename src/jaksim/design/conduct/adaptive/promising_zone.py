"""Conduct of promising-zone trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Z
from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.adaptive.arms import chosen_tests
from jaksim.design.conduct.adaptive.stages import enrol_after, gained_z
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial.adaptive.promising_zone import PromisingZone


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> PromisingZoneDesign:
    """The design of a trial with this adaptation."""
    rules = cells.trial.adaptation
    assert isinstance(rules, PromisingZone)
    decides = chosen_tests(tests, (rules.analysis,))
    watched = [decides[0].plan.endpoint] if rules.stages == "increments" else []
    return PromisingZoneDesign(make_cohorts(cells, seed, watched, engine), decides, rules)


@dataclass(frozen=True, eq=False)
class PromisingZoneDesign(CalendarDesign):
    """One analysis, adapted once."""

    rules: PromisingZone

    @property
    def looks(self) -> int:
        """The interim analysis and the last one."""
        return 2

    @property
    def smallest_share(self) -> float:
        return min(self.rules.first, 1.0 - self.rules.first)

    @property
    def test(self) -> Test:
        """The analysis."""
        return self.decides[0]

    @property
    def cut(self) -> DataCut:
        """Its data cuts."""
        return self.cuts[0]

    @cached_property
    def drift(self) -> float:
        """Expected z with the planned patients, positive where the active arm does better."""
        given = analysis_input(self.engine.cells, self.test.plan, self.test.method)
        return self.test.favourable_sign * large_sample(given, self.rules.planned).mean_z

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of ending at each analysis, by integration over the interim result; nothing without a twin."""
        if not math.isfinite(self.drift):
            return ()
        early, late, futile = self._integrated
        return {"efficacy": early, "futility": futile}, {"efficacy": late, "end": 1.0 - early - futile - late}

    def analytic_power(self, hypothesis: int = 0) -> float:
        return sum(self._integrated[:2]) if math.isfinite(self.drift) else math.nan

    @cached_property
    def _integrated(self) -> tuple[float, float, float]:
        original = self.rules.statistic == "original"
        return self.rules.rule.rejection(self.drift, float(self.rules.boundaries.upper_z[0]), original=original)

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        rules = self.rules
        cohort = self.enrolled(first_replicate, n, rules.maximum)
        day, early = self._interim(cohort)
        before = self.cut.test.results(early)
        now = self.test.benefit(before)
        ratio = rules.rule.ratio(now)
        stopped = np.full(n, -1, dtype=np.int64)
        stopped[ratio == 0.0] = Reason.FUTILITY
        stopped[now > rules.boundaries.upper_z[0]] = Reason.EFFICACY
        wanted = rules.planned * (rules.first + (1.0 - rules.first) * ratio)
        added = (stopped < 0) & (ratio > 1.0)
        patients = np.where(added, np.minimum(np.ceil(wanted), rules.maximum), rules.planned).astype(np.int64)
        enrol_after(self.engine, cohort, rules.planned, patients, day)
        last_day, after, second = self._last(cohort, early, before)
        rejected, z = self._decide(now, self.test.benefit(second), self.test.benefit(after))
        ended = stopped >= 0
        results = np.where(ended[:, None], before, after)
        results[:, Z] = np.where(ended, before[:, Z], self.test.favourable_sign * z)
        rejected = np.where(ended, stopped == Reason.EFFICACY, rejected)
        decided = np.where(ended, day, last_day)
        final = np.where(ended, enrolled_at_decision(cohort, decided), cohort.n)
        share = patients / rules.planned
        conducted = Conducted(
            rejected=rejected[None],
            results=results[None],
            look=np.where(ended, 0, 1).astype(np.int64),
            reason=np.where(ended, stopped, np.where(rejected, Reason.EFFICACY, Reason.END)).astype(np.int64),
            day=decided,
            enrolled=self.engine.sizes(cohort, np.minimum(final, cohort.n)),
            information=np.stack([np.full(n, rules.first), np.where(ended, np.nan, share)], axis=1),
            cuts=np.stack([day, np.where(ended, -1, last_day)], axis=1),
            extras={"share of trials enlarged": added.astype(np.float64)},
        )
        return conducted, cohort

    def _interim(self, cohort: Cohort) -> tuple[Integers, Floats]:
        """Day (B,) and tables (B, C, K) of the interim analysis."""
        rules = self.rules
        if rules.stages == "cohorts":
            patients = max(1, round(rules.first * rules.planned))
            return self.cut.day_complete(cohort, patients), self.cut.tables(cohort, last=patients)
        assert rules.events is not None
        target = math.ceil(rules.first * rules.events - 1e-9)
        day = self.engine.day_with(cohort, self.test.table, "events", target, counts=self.cut.cells)
        day = np.where(day < 0, self.engine.complete_day(cohort), day)
        return day, self.cut.tables(cohort, day)

    def _last(self, cohort: Cohort, early: Floats, before: Floats) -> tuple[Integers, Floats, Floats]:
        """Day (B,), results (B, 3) of all patients and of the second stage, on complete data, after an interim analysis
        of tables (B, C, K) with results (B, 3)."""
        day = self.cut.day_complete(cohort, cohort.n)
        if self.rules.stages == "cohorts":
            late = self.cut.tables(cohort, first=max(1, round(self.rules.first * self.rules.planned)))
            return day, self.cut.test.results(early + late), self.cut.test.results(late)
        after = self.cut.results(cohort)
        second = after.copy()
        second[:, Z] = gained_z(before, after)
        return day, after, second

    def _decide(self, now: Floats, second: Floats, overall: Floats) -> tuple[NDArray[np.bool_], Floats]:
        """Whether the last analysis rejects, and its statistic (B,)."""
        rule = self.rules.rule
        z = overall if self.rules.statistic == "original" else rule.weighted(now, second)
        return z > rule.critical, z
