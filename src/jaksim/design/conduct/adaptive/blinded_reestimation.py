"""Conduct of trials whose size is set anew from pooled patients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.analysis import Z
from jaksim.analysis.nuisance import Nuisance
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.adaptive.arms import chosen_tests
from jaksim.design.conduct.adaptive.stages import enrol_after
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial.adaptive.blinded_reestimation import BlindedReestimation


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> BlindedReestimationDesign:
    """The design of a trial with this adaptation."""
    rules = cells.trial.adaptation
    assert isinstance(rules, BlindedReestimation)
    return BlindedReestimationDesign(
        make_cohorts(cells, seed, [], engine), chosen_tests(tests, (rules.analysis,)), rules
    )


@dataclass(frozen=True, eq=False)
class BlindedReestimationDesign(CalendarDesign):
    """One analysis at the end, of as many patients as the pooled ones asked for."""

    rules: BlindedReestimation

    @property
    def looks(self) -> int:
        """One: the arms are not compared before the end."""
        return 1

    @property
    def smallest_share(self) -> float:
        return min(self.rules.minimum / self.rules.planned, 1.0)

    @cached_property
    def nuisance(self) -> Nuisance:
        """What is estimated at the interim analysis."""
        return self.rules.nuisance(self.engine.cells.trial)

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        rules, test, (cut,) = self.rules, self.decides[0], self.cuts
        cohort = self.enrolled(first_replicate, n, rules.most)
        day = cut.day_complete(cohort, rules.first)
        early = cut.tables(cohort, last=rules.first)
        estimate = self.estimate(early)
        allocation = np.array(self.engine.cells.allocation, dtype=np.float64)
        shares = allocation / allocation.sum()
        wanted = rules.patients(self.nuisance, estimate, (float(shares[0]), float(shares[1])))
        patients = np.maximum(wanted, enrolled_at_decision(cohort, day))
        enrol_after(self.engine, cohort, rules.planned, patients, day)
        patients = np.minimum(patients, cohort.n)
        results = cut.test.results(early + cut.tables(cohort, first=rules.first, last=patients))
        z = test.favourable_sign * results[:, Z]
        with np.errstate(invalid="ignore"):
            better, worse = z > test.critical, (z < -test.critical) & (test.plan.sides == 2)
        last_day = cut.day_complete(cohort, patients)
        enlarged = (patients > rules.planned).astype(np.float64)
        conducted = Conducted(
            rejected=(better | worse)[None],
            results=results[None],
            look=np.zeros(n, dtype=np.int64),
            reason=np.where(better, Reason.EFFICACY, np.where(worse, Reason.HARM, Reason.END)).astype(np.int64),
            day=last_day,
            enrolled=self.engine.sizes(cohort, patients),
            information=(patients / rules.planned)[:, None],
            cuts=np.stack([day, last_day], axis=1),
            extras={self.nuisance.name: estimate, "share of trials enlarged": enlarged},
        )
        return conducted, cohort

    def estimate(self, tables: Floats) -> Floats:
        """The nuisance parameter (B,) of the tables (B, C, K) of the first patients, arms not told apart."""
        (cut,) = self.cuts
        return self.nuisance.of(tables[:, cut.cells.ravel()].sum(axis=1), cut.test.endpoint)
