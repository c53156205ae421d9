"""Conducts platforms: arms that enter and leave while the control goes on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

import numpy as np

from jaksim.analysis import Z
from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.adaptive.arms import chosen_tests
from jaksim.design.conduct.adaptive.period_model import period_adjusted
from jaksim.design.conduct.adaptive.stretches import enrol_past, hardly_more_than
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.endpoint.kinds import kind_of
from jaksim.simulate.enrolment import Cohort, enrolled_by
from jaksim.trial.adaptive.platform import Platform

_TRIALS: Final = 32


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> PlatformDesign:
    """The design of a trial with this adaptation."""
    plan = cells.trial.adaptation
    if not isinstance(plan, Platform):
        raise TypeError(type(plan))
    chosen = chosen_tests(tests, plan.analyses)
    return PlatformDesign(make_cohorts(cells, seed, [chosen[0].plan.endpoint], engine), chosen, plan)


@dataclass(frozen=True, eq=False)
class PlatformDesign(CalendarDesign):
    """Each arm against the control, on the complete data of those who entered before the arm left."""

    plan: Platform

    @property
    def looks(self) -> int:
        """One: no arm is stopped by its data."""
        return 1

    @cached_property
    def smallest_share(self) -> float:
        """From a few trials: an arm has the patients of the days on which it was open."""
        found, expected = self.conduct(0, _TRIALS)[0].enrolled.mean(axis=0), self.engine.cells.expected_sizes
        each, planned = (one.reshape(self.engine.shape).sum(axis=1) for one in (found, expected))
        return float((each / planned).min())

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials, enrolling period after period."""
        engine = self.engine
        cohort = engine.open_cohort(first_replicate, n, self.patients)
        begin = self._enrol(cohort)
        arms, strata = engine.shape
        periods = [
            self.cuts[0].tables(cohort, first=first, last=last).reshape(n, arms, strata, -1)
            for first, last in zip(begin, (*begin[1:], cohort.n), strict=True)
        ]
        results = np.array([self._results(cut.test, np.stack(periods, axis=2)) for cut in self.cuts])
        critical, two_sided = self.decides[0].critical, self.decides[0].plan.sides == 2
        signs = np.array([test.favourable_sign for test in self.decides])
        with np.errstate(invalid="ignore"):
            z = signs[:, None] * results[:, :, Z]
            better, worse = z > critical, (z < -critical) & two_sided
        conducted = Conducted(
            rejected=better | worse,
            results=results,
            look=np.zeros(n, dtype=np.int64),
            reason=np.where(better.any(axis=0), Reason.EFFICACY, np.where(worse.any(axis=0), Reason.HARM, Reason.END)),
            day=engine.complete_day(cohort),
            enrolled=engine.sizes(cohort, cohort.n),
            information=np.ones((n, 1)),
        )
        return conducted, cohort

    def _enrol(self, cohort: Cohort) -> list[Integers]:
        """Enrol everybody, period after period; the first patient (B,) of each.

        A stratum that opens takes in those turned away since the last patient before that day, unless they came through
        sites.
        """
        cells, begin, replicates = self.engine.cells, [], cohort.replicates
        strata = [stratum.name for stratum in cells.trial.population.strata]
        stratum_shares = np.array(cells.trial.stratum_shares)
        parts = np.array(cells.allocation, dtype=np.float64)
        for day, change in zip(self.plan.changes, (*self.plan.changes[1:], math.inf), strict=True):
            arms = np.array([arm.reference or self.plan.is_open(arm.name, day) for arm in cells.arms])
            recruiting = np.array([self.plan.is_open(name, day) for name in strata])
            begin.append(enrolled_by(cohort, day - 1) if day else np.zeros(replicates, dtype=np.int64))
            enough: Floats | int = self.patients
            if change < math.inf:
                come = self.engine.accrual.expected(change) - self.engine.accrual.expected(day)
                enough = begin[-1] + 1 + hardly_more_than(come * stratum_shares[recruiting].sum())
            enrol_past(
                self.engine,
                cohort,
                partial(_day_before, change),
                enough,
                self.patients,
                first=begin[-1],
                weights=np.broadcast_to(parts * arms, (replicates, len(parts))),
                recruiting=np.broadcast_to(recruiting, (replicates, len(strata))),
                closed=day - 1,
            )
        return begin

    def _results(self, test: Test, tables: Floats) -> Floats:
        """Results (B, 3) of one arm from tables (B, A, P, S, K) of the periods."""
        size, arms, _, strata, categories = tables.shape
        name, days = test.plan.active, self.plan.changes
        _, left = self.plan.arms.get(name, (0.0, math.inf))
        used = [p for p, day in enumerate(days) if day < left]
        if self.plan.controls == "concurrent":
            used = [p for p in used if self.plan.is_open(name, days[p])]
        chosen = tables[:, :, used][:, :, :, list(test.strata)]
        if self.plan.controls == "adjusted":
            blocks, values = chosen.reshape(size, arms, -1, categories), _values(test)
            known = np.isfinite(values)
            return period_adjusted(np.ascontiguousarray(blocks[..., known]), values[known], test.pairs[0][1])
        if self.plan.controls == "pooled":
            pooled = tables[:, :, used].sum(axis=2)
            return test.results(np.ascontiguousarray(pooled).reshape(size, arms * strata, categories))
        by_period = np.ascontiguousarray(chosen).reshape(size, -1, categories)
        n_blocks = len(used) * len(test.strata)
        return replace(test, shape=(arms, n_blocks), strata=tuple(range(n_blocks))).results(by_period)


def _day_before(change: float, _: Cohort) -> float:
    return change - 1.0


def _values(test: Test) -> Floats:
    """What a category counts (K,): its event, or its number; NaN where it is not known."""
    return np.asarray(kind_of(test.endpoint).scores(test.endpoint), dtype=np.float64)
