"""Conduct of trials whose size is set anew from pooled patients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.analysis import Z
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.adaptive.stages import COMPLETE, Cohorts, delay_entries
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import CohortEngine, make_cohorts
from jaksim.design.sums.conducted import REASONS, Conducted
from jaksim.simulate.enrolment import Cohort, enrolled_by
from jaksim.trial.adaptive.blinded_reestimation import BlindedReestimation
from jaksim.trial.adaptive.nuisance import Nuisance

EFFICACY, FUTILITY, HARM, END = range(len(REASONS))


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> BlindedReestimationDesign:
    """The design of a trial with this adaptation."""
    trial = cells.trial
    assert isinstance(trial.adaptation, BlindedReestimation)
    assert trial.accrual is not None
    test = next(one for one in tests if one.plan.name == trial.adaptation.analysis)
    cohorts = make_cohorts(cells, trial.accrual, trial.randomisation, seed, [], engine)
    return BlindedReestimationDesign(cohorts, trial.adaptation, test)


@dataclass(frozen=True, eq=False)
class BlindedReestimationDesign:
    """One analysis at the end, of as many patients as the pooled ones asked for."""

    engine: CohortEngine
    rules: BlindedReestimation
    test: Test
    looks: int = 1

    @property
    def decides(self) -> tuple[Test, ...]:
        return (self.test,)

    @cached_property
    def cohorts(self) -> Cohorts:
        """Statistics of patients with complete outcomes."""
        return Cohorts(self.engine, self.test)

    @cached_property
    def nuisance(self) -> Nuisance:
        """What is estimated at the interim analysis."""
        return self.rules.nuisance(self.engine.cells.trial)

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        return ()

    def analytic_power(self, hypothesis: int = 0) -> float:
        return math.nan

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        """Conduct n trials."""
        rules, test = self.rules, self.test
        cohort = self.engine.open_cohort(first_replicate, n, rules.most)
        self.engine.enrol(cohort, rules.planned)
        day = self.cohorts.day_complete(cohort, rules.first)
        estimate = self.estimate(cohort)
        allocation = np.array(self.engine.cells.allocation, dtype=np.float64)
        shares = allocation / allocation.sum()
        wanted = rules.patients(self.nuisance, estimate, (float(shares[0]), float(shares[1])))
        patients = np.maximum(wanted, enrolled_by(cohort, day))
        self.engine.enrol(cohort, patients)
        delay_entries(cohort, np.minimum(rules.planned, patients), day + 1)
        results = self.cohorts.results(cohort, last=patients)
        z = test.favourable_sign * results[:, Z]
        with np.errstate(invalid="ignore"):
            better, worse = z > test.critical, (z < -test.critical) & (test.plan.sides == 2)
        enlarged = (patients > rules.planned).astype(np.float64)
        conducted = Conducted(
            rejected=(better | worse)[None],
            results=results[None],
            look=np.zeros(n, dtype=np.int64),
            reason=np.where(better, EFFICACY, np.where(worse, HARM, END)).astype(np.int64),
            day=self.cohorts.day_complete(cohort, patients),
            enrolled=self.engine.sizes(cohort, patients),
            information=(patients / rules.planned)[:, None],
            extras={self.nuisance.name: estimate, "share of trials enlarged": enlarged},
        )
        return conducted, cohort

    def estimate(self, cohort: Cohort) -> Floats:
        """The nuisance parameter (B,) of the first patients, arms not told apart."""
        tables = self.engine.tables(cohort, self.test.table, COMPLETE, last=self.rules.first)
        counted = np.zeros(self.engine.shape, dtype=np.bool_)
        counted[:, list(self.test.strata)] = True
        endpoint = self.cohorts.complete_test.endpoint
        return self.nuisance.of(tables[:, counted.ravel()].sum(axis=1), endpoint)
