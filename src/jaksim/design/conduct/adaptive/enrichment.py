"""Conduct of trials that may go on in a subgroup."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jaksim.analysis import STANDARD_ERROR, Z
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.adaptive.arms import chosen_tests
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial.adaptive.enrichment import BOTH, CHOICES, FULL, STOP, SUBGROUP, Enrichment


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> EnrichmentDesign:
    """The design of a trial with this adaptation."""
    rules = cells.trial.adaptation
    assert isinstance(rules, Enrichment)
    decides = chosen_tests(tests, (rules.full, rules.subgroup))
    return EnrichmentDesign(make_cohorts(cells, seed, [], engine), decides, rules)


@dataclass(frozen=True, eq=False)
class EnrichmentDesign(CalendarDesign):
    """The full population and the subgroup, in this order."""

    rules: Enrichment

    @property
    def looks(self) -> int:
        """The choice and the end."""
        return 2

    @property
    def smallest_share(self) -> float:
        first = self.rules.first / self.rules.planned
        return min(first, 1.0 - first)

    @cached_property
    def populations(self) -> tuple[DataCut, ...]:
        """The data cuts of the full population, the subgroup and the patients outside it."""
        outside = tuple(one for one in range(self.engine.shape[1]) if one not in self.decides[1].strata)
        return (*self.cuts, DataCut(self.engine, replace(self.decides[1], strata=outside)))

    @cached_property
    def inside(self) -> Booleans:
        """Strata (S,) of the subgroup."""
        return np.isin(np.arange(self.engine.shape[1]), self.decides[1].strata)

    @cached_property
    def share(self) -> float:
        """Part of the patients who are in the subgroup."""
        return float(np.array(self.engine.cells.trial.stratum_shares)[self.inside].sum())

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        rules, first = self.rules, self.rules.first
        cohort = self.enrolled(first_replicate, n)
        day = self.populations[0].day_complete(cohort, first)
        early_tables = self._tables(cohort, last=first)
        before = self._results_of(early_tables)
        z = [self.decides[0].benefit(one) for one in before]
        choice = rules.choose(*z)
        p = [self._p_values(before, np.full(n, BOTH))]
        early = self._rejected(p)
        stopped = early.any(axis=1) | (choice == STOP)
        self._recruit_subgroup(cohort, day, (choice == SUBGROUP) & ~stopped)
        late_tables = self._tables(cohort, first=first)
        p.append(self._p_values(self._results_of(late_tables), choice))
        rejected = np.where(stopped[:, None], early, early | self._rejected(p))
        decided = np.where(stopped, day, self.populations[0].day_complete(cohort, cohort.n))
        last = np.where(stopped, enrolled_at_decision(cohort, decided), cohort.n)
        reason = np.where(rejected.any(axis=1), Reason.EFFICACY, np.where(stopped, Reason.FUTILITY, Reason.END))
        share = np.where(stopped, np.nan, 1.0)
        conducted = Conducted(
            rejected=np.ascontiguousarray(rejected.T),
            results=self._results(
                [a + b for a, b in zip(early_tables, late_tables, strict=True)], before, p, choice, stopped
            ),
            look=np.where(stopped, 0, 1).astype(np.int64),
            reason=reason.astype(np.int64),
            day=decided,
            enrolled=self.engine.sizes(cohort, last),
            information=np.stack([np.full(n, first / rules.planned), share], axis=1),
            cuts=np.stack([day, np.where(stopped, -1, decided)], axis=1),
            extras={f"choice: {word}": (choice == k).astype(np.float64) for k, word in enumerate(CHOICES)},
        )
        return conducted, cohort

    def _recruit_subgroup(self, cohort: Cohort, day: Integers, enriched: Booleans) -> None:
        """Replace the patients who enter after the interim analysis by ones of the subgroup, where it goes on alone."""
        entered = np.minimum(np.maximum(enrolled_at_decision(cohort, day), self.rules.first), cohort.n)
        there = np.where(enriched, entered, cohort.n)
        recruiting = np.where(enriched[:, None], self.inside, True)
        last = np.where(enriched, cohort.wanted, cohort.n)
        self.engine.enrol(cohort, last, first=there, recruiting=recruiting)

    def _p_values(self, results: list[Floats], choice: Integers) -> Floats:
        """p-values (B, I) of the intersections in one stage, of the populations that are tested in it."""
        full, part = (self.decides[0].benefit(result) for result in results[:2])
        z = np.stack([np.where(choice == SUBGROUP, np.nan, full), np.where(choice == FULL, np.nan, part)], axis=1)
        z[choice == STOP] = np.nan
        everyone, part_only, rest = (result[:, STANDARD_ERROR] for result in results)
        shared = correlation_of_parts(everyone, part_only, rest, self.share)
        correlation = np.broadcast_to(np.eye(2), (len(z), 2, 2)).copy()
        correlation[:, 0, 1] = correlation[:, 1, 0] = shared
        return self.rules.closed.p_values(z, correlation)

    def _rejected(self, p: list[Floats]) -> Booleans:
        """Hypotheses (B, 2) rejected after the last of these stages."""
        crossed = self.rules.combination.crossed(np.stack(p, axis=-1))[..., -1]
        return self.rules.closed.rejected(crossed)

    def _tables(self, cohort: Cohort, *, first: int = 0, last: int | None = None) -> list[Floats]:
        """Complete tables of each population, of patients first .. last - 1; those of one endpoint share them."""
        sources = [(cut.planned.table, cut.within) for cut in self.populations]
        cuts = dict(zip(sources, self.populations, strict=True))
        found = {source: cut.tables(cohort, first=first, last=last) for source, cut in cuts.items()}
        return [found[source] for source in sources]

    def _results_of(self, tables: list[Floats]) -> list[Floats]:
        return [cut.test.results(one) for cut, one in zip(self.populations, tables, strict=True)]

    def _results(
        self, tables: list[Floats], before: list[Floats], p: list[Floats], choice: Integers, stopped: Booleans
    ) -> Floats:
        """Estimate, its standard error and z (2, B, 3): of the tables of all patients where a population went on, else
        at the interim analysis; z is that of the combination test of the hypothesis by itself."""
        found = []
        own = self.rules.closed.members.sum(axis=1) == 1
        single = np.stack(p, axis=-1)[:, own][:, ::1]
        for number, dropped in enumerate((SUBGROUP, FULL)):
            goes_on = ~stopped & (choice != dropped)
            column = int(np.flatnonzero(self.rules.closed.members[own][:, number])[0])
            out = np.where(goes_on[:, None], self.populations[number].test.results(tables[number]), before[number])
            combined = self.rules.combination.statistics(single[:, column])[:, -1]
            sign = self.decides[number].favourable_sign
            out[:, Z] = np.where(goes_on, sign * combined, before[number][:, Z])
            found.append(out)
        return np.array(found)


def correlation_of_parts(full: Floats, part: Floats, rest: Floats, share: float) -> Floats:
    """Correlation (B,) of the estimate of everyone with that of a part, from the standard errors (B,) of everyone, of
    the part and of the rest.

    The estimate of everyone is a weighted mean of the two others. The standard errors allow two weights of the part,
    one if weights are inverse variances; that nearer to its `share` of the patients is taken. Where an estimate has no
    standard error the weight is that share.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        total = part**2 + rest**2
        best = rest**2 / total
        away = np.sqrt(np.maximum(best**2 - (rest**2 - full**2) / total, 0.0))
        weight = np.where(np.abs(best - away - share) < np.abs(best + away - share), best - away, best + away)
        found = weight * part / full
    return np.asarray(np.clip(np.where(np.isfinite(found), found, math.sqrt(share)), 0.0, 1.0))
