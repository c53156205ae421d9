"""Conducts trials that choose one of several arms half-way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Z
from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test, critical_value
from jaksim.design.conduct.adaptive.arms import chosen_tests, go_on
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.data_cut import DataCut, all_of
from jaksim.design.conduct.look_days import trigger_days
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial.adaptive.dose_selection import DoseSelection
from jaksim.trial.monitoring.combination import z_of
from jaksim.trial.multiplicity.dunnett import largest_tail
from jaksim.trial.multiplicity.graph import members
from jaksim.trial.trigger import endpoints_of


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> DoseSelectionDesign:
    """The design of a trial with this adaptation."""
    plan = cells.trial.adaptation
    if not isinstance(plan, DoseSelection):
        raise TypeError(type(plan))
    late, early = chosen_tests(tests, plan.analyses), chosen_tests(tests, plan.select_by)
    watched = {test.plan.endpoint for test in (*late, *early)} | endpoints_of([plan.interim])
    return DoseSelectionDesign(make_cohorts(cells, seed, watched, engine), late, plan, early)


@dataclass(frozen=True, eq=False)
class DoseSelectionDesign(CalendarDesign):
    """One choice among the active arms by the `early` tests, and a closed combination test of the arm chosen."""

    plan: DoseSelection
    early: tuple[Test, ...]

    @cached_property
    def early_cuts(self) -> tuple[DataCut, ...]:
        """The data cuts of the early tests."""
        return tuple(DataCut(self.engine, test) for test in self.early)

    @property
    def looks(self) -> int:
        """The choice and the end."""
        return 2

    @property
    def smallest_share(self) -> float:
        return min(self.plan.weight, 1.0 - self.plan.weight)

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials; after the choice those who would have come later are enrolled again."""
        engine, arms = self.engine, [test.pairs[0][1] for test in self.decides]
        cohort = self.enrolled(first_replicate, n)
        planned = dict.fromkeys(("patients", "complete", "events"), float(self.patients))
        choice = trigger_days(engine, cohort, self.plan.interim, self.early[0].table, planned=planned)
        before = enrolled_at_decision(cohort, choice)
        z = _benefits(self.early_cuts, self.early_cuts[0].tables(cohort, choice, last=before))
        best = np.argmax(z, axis=0)
        bound = -np.inf if self.plan.futility_z is None else self.plan.futility_z
        going = np.flatnonzero(z.max(axis=0) > bound) if self.plan.futility_z is not None else np.arange(n)
        kept = np.zeros((n, engine.shape[0]), dtype=np.bool_)
        kept[:, 0] = True
        kept[np.arange(n), np.array(arms)[best]] = True
        go_on(engine, cohort, choice, going, kept, np.ones_like(kept), total=True)
        results, rejected = self._final(cohort, before, best, going)
        ended = np.isin(np.arange(n), going, invert=True)
        day = np.where(ended, choice, engine.complete_day(cohort))
        end = np.where(rejected.any(axis=0), Reason.EFFICACY, Reason.END)
        information = np.tile([self.plan.weight, 1.0], (n, 1))
        information[ended, 1] = np.nan
        conducted = Conducted(
            rejected=rejected,
            results=results,
            look=np.where(ended, 0, 1),
            reason=np.where(ended, Reason.FUTILITY, end),
            day=day,
            enrolled=engine.sizes(cohort, np.where(ended, before, cohort.n)),
            information=information,
            cuts=np.stack([choice, np.where(ended, -1, day)], axis=1),
            extras={
                f"chosen: {test.plan.active}": ((best == k) & ~ended).astype(np.float64)
                for k, test in enumerate(self.decides)
            },
        )
        return conducted, cohort

    def _final(
        self, cohort: Cohort, before: Integers, best: Integers, going: Integers
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """Results (K, B, 3) and decisions (K, B) about the arms chosen; z is that of the closed combination test."""
        arms, n, last = len(self.decides), cohort.replicates, all_of(going, cohort)
        results, rejected = np.full((arms, n, 3), np.nan), np.zeros((arms, n), dtype=np.bool_)
        if not len(going):
            return results, rejected
        stages = [
            self.cuts[0].tables(cohort, first=first, last=to)[going]
            for first, to in ((0, np.minimum(before, last)), (before, last))
        ]
        first, second = (_benefits(self.cuts, np.ascontiguousarray(stage)) for stage in stages)
        chosen = best[going]
        rows = np.arange(len(going))
        z = self.combined(first, second[chosen, rows], chosen)
        both = np.ascontiguousarray(stages[0] + stages[1])
        for k, cut in enumerate(self.cuts):
            mine = np.flatnonzero(chosen == k)
            if len(mine):
                found = cut.test.results(np.ascontiguousarray(both[mine]))
                found[:, Z] = cut.test.favourable_sign * z[mine]
                results[k, going[mine]] = found
                rejected[k, going[mine]] = z[mine] > critical_value(self.plan.alpha, 1)
        return results, rejected

    def combined(self, first: Floats, second: Floats, chosen: Integers) -> Floats:
        """The smallest combined z (B,) of all intersections that hold the arm chosen.

        `first` (K, B) are the statistics before the choice and `second` (B,) those of the arm chosen after it. In the
        second stage the arm chosen speaks for every intersection that it belongs to.
        """
        allocation = self.engine.cells.allocation
        ratios = np.array([allocation[test.pairs[0][1]] / allocation[0] for test in self.decides])
        weight = self.plan.weight
        smallest = np.full(len(second), np.inf)
        for inside in members(len(self.decides))[1:]:
            rows = np.flatnonzero(inside[chosen])
            p = largest_tail(first[inside][:, rows].max(axis=0), ratios[inside].tolist())
            z = np.sqrt(weight) * z_of(p) + np.sqrt(1.0 - weight) * second[rows]
            smallest[rows] = np.minimum(smallest[rows], np.where(np.isnan(z), -np.inf, z))
        return smallest


def _benefits(cuts: Sequence[DataCut], tables: Floats) -> Floats:
    """Statistics (K, B) of tests, positive where the active arm does better, -inf where there is none."""
    return np.array([cut.test.benefit(cut.test.results(tables)) for cut in cuts])
