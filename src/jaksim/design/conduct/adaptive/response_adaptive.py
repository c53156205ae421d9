"""Trials with response-adaptive randomisation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import Z
from jaksim.arrays import Floats, Integers
from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.analyses.multiple import p_values, reject_by_levels
from jaksim.design.conduct.adaptive.arms import tests_by_arm
from jaksim.design.conduct.adaptive.best_arm import BestArm
from jaksim.design.conduct.adaptive.calibration import calibrated_value, kept_or_calibrated
from jaksim.design.conduct.adaptive.shares import shares_of
from jaksim.design.conduct.adaptive.stretches import enrol_past, hardly_more_than
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial import Trial
from jaksim.trial.adaptive.response_adaptive import ResponseAdaptive
from jaksim.trial.multiplicity.graph import equal_weights


@dataclass(frozen=True, eq=False)
class ResponseAdaptiveTrial(CalendarDesign):
    """One analysis per active arm; `critical` is the value that z has to pass where it was calibrated, None for Holm's
    procedure."""

    rules: ResponseAdaptive
    critical: float | None = None

    @property
    def looks(self) -> int:
        """One: the trial is analysed at its end, the looks before only change the allocation."""
        return 1

    @property
    def smallest_share(self) -> float:
        """That of an arm that has the lowest share throughout, where the level is not calibrated."""
        return math.inf if self.critical is not None else self.rules.lowest * self.engine.shape[0] or 1.0

    @cached_property
    def changes(self) -> int:
        """Number of times that the allocation is set anew."""
        return self.rules.looks(self.engine.cells.trial)

    @cached_property
    def posterior(self) -> BestArm:
        """The posterior that the allocation follows."""
        return BestArm([cut.test for cut in self.cuts], self.rules.prior_sd, self.rules.prior_events)

    @cached_property
    def period_tests(self) -> tuple[Test, ...]:
        """The tests stratified by period of constant allocation."""
        arms, strata = self.engine.shape
        periods = self.changes + 1
        chosen = tuple(p * strata + s for p in range(periods) for s in self.decides[0].strata)
        return tuple(replace(cut.test, shape=(arms, periods * strata), strata=chosen) for cut in self.cuts)

    def enrol(self, first_replicate: int, n: int) -> tuple[Cohort, Integers, Floats]:
        """Enrol n trials: their patients, the first patient (B, K + 1) under each new allocation with the number of all
        behind, and the last allocation (B, A)."""
        engine, patients = self.engine, self.patients
        cohort = engine.open_cohort(first_replicate, n, patients)
        shares = np.broadcast_to(np.array(engine.cells.allocation) / sum(engine.cells.allocation), (n, engine.shape[0]))
        weights: Floats | None = None
        reference, begin = self.posterior.arms[0], np.zeros(n, dtype=np.int64)
        starts: list[Integers] = []
        for k in range(self.changes):
            day = partial(self._day, k)
            enrol_past(engine, cohort, day, self._enough(k, begin), patients, first=begin, weights=weights)
            days = self._day(k, cohort)
            begin = enrolled_at_decision(cohort, days)
            starts.append(begin)
            best = self.posterior.probabilities(self.cuts[0].tables(cohort, days))
            weights = shares = shares_of(best, self.rules, reference, begin / patients)
        engine.enrol(cohort, patients, first=begin, weights=weights)
        begins = np.stack([*starts, cohort.n], axis=1)
        return cohort, begins, shares

    def as_planned(self, trial: Trial) -> Trial:
        """The trial with the critical value that its design was calibrated to, which does not change with the truth."""
        return replace(trial, adaptation=self.rules)

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        cohort, begins, shares = self.enrol(first_replicate, n)
        # A new allocation leaves the patients who were there, and so the days, as they were.
        days = np.stack([self._day(k, cohort) for k in range(self.changes)], axis=1)
        last_day = self.engine.complete_day(cohort)
        cuts = np.where(days < last_day[:, None], days, -1)
        results = self._results(cohort, begins)
        rejected = self._rejected(results)
        extras = {f"last share, {arm.name}": shares[:, a].copy() for a, arm in enumerate(self.engine.cells.arms)}
        if self.critical is not None:
            extras["calibrated critical value"] = np.full(n, self.critical)
        return (
            Conducted(
                rejected=rejected,
                results=results,
                look=np.zeros(n, dtype=np.int64),
                reason=np.where(rejected.any(axis=0), Reason.EFFICACY, Reason.END),
                day=last_day,
                enrolled=self.engine.sizes(cohort, cohort.n),
                information=np.ones((n, 1)),
                cuts=np.concatenate([cuts, last_day[:, None]], axis=1),
                extras=extras,
            ),
            cohort,
        )

    def _rejected(self, results: Floats) -> NDArray[np.bool_]:
        """What is rejected (H, B) by results (H, B, 3)."""
        sign = self.decides[0].favourable_sign
        if self.critical is None:
            p = np.stack([p_values(result, 1, sign) for result in results])
            return reject_by_levels(p, self.level * equal_weights(len(p)))
        with np.errstate(invalid="ignore"):
            return np.asarray(sign * results[..., Z] > self.critical)

    @property
    def level(self) -> float:
        """Familywise one-sided level."""
        plan = self.decides[0].plan
        return plan.alpha / plan.sides

    def largest_z(self, first_replicate: int, n: int) -> Floats:
        """The largest z (n,) of the analyses of n trials, positive for a benefit."""
        cohort, begins, _ = self.enrol(first_replicate, n)
        z = self.decides[0].favourable_sign * self._results(cohort, begins)[..., Z]
        return np.asarray(np.where(np.isnan(z), -np.inf, z).max(axis=0))

    def _day(self, look: int, cohort: Cohort) -> Integers:
        """Day (B,) of a look, the last of all where too few patients come for it."""
        step, by_patients = self.rules.every * look, self.rules.unit == "patients"
        patient = self._patient(look)
        days = cohort.day[:, patient].astype(np.int64) + (0 if by_patients else step)
        return np.where(patient < cohort.n, days, self.engine.complete_day(cohort))

    def _patient(self, look: int) -> int:
        """The patient, from 0, on whose day of entry a look waits."""
        return self.rules.burn_in - 1 + (self.rules.every * look if self.rules.unit == "patients" else 0)

    def _enough(self, look: int, begin: Integers) -> Floats:
        """Patients (B,) of whom one hardly ever enters by the day of a look, where those before `begin` did by the
        last."""
        most = max(self.engine.accrual.rate.values)
        if look == 0 or self.rules.unit == "patients":
            return self._patient(look) + hardly_more_than(most) + np.zeros(len(begin))
        return begin + hardly_more_than(most * self.rules.every)

    def _results(self, cohort: Cohort, begins: Integers) -> Floats:
        """Results (H, B, 3) of the final analyses."""
        if not self.rules.by_period:
            tables = self.cuts[0].tables(cohort)
            return np.stack([cut.test.results(tables) for cut in self.cuts])
        arms, strata = self.engine.shape
        edges = np.concatenate([np.zeros((len(begins), 1), dtype=np.int64), begins], axis=1)
        periods = [
            self.cuts[0].tables(cohort, first=edges[:, k], last=edges[:, k + 1]) for k in range(edges.shape[1] - 1)
        ]
        by_period = np.stack([period.reshape(len(period), arms, strata, -1) for period in periods], axis=2)
        tables = np.ascontiguousarray(by_period.reshape(len(begins), arms * len(periods) * strata, -1))
        return np.stack([test.results(tables) for test in self.period_tests])


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> ResponseAdaptiveTrial:
    """The design of a trial with response-adaptive randomisation, its critical value calibrated if it asks for that."""
    trial = cells.trial
    rules = trial.adaptation
    assert isinstance(rules, ResponseAdaptive)
    decides = tests_by_arm(cells, tests, rules.analyses)
    cohorts = make_cohorts(cells, seed, [decides[0].plan.endpoint], engine)
    found = ResponseAdaptiveTrial(cohorts, decides, rules)
    if rules.critical_value == "holm":
        return found
    value, kept = kept_or_calibrated(rules, seed, lambda: _calibrated(cells, rules, seed))
    return replace(found, rules=replace(rules, calibrated=kept), critical=value)


def _calibrated(cells: Cells, rules: ResponseAdaptive, seed: int) -> float:
    """The critical value of the largest z, found on trials without any effect."""
    without = Cells(cells.trial.under_null())
    decides = tests_by_arm(without, settle(without), rules.analyses)
    null = ResponseAdaptiveTrial(make_cohorts(without, seed, [decides[0].plan.endpoint]), decides, rules)
    return calibrated_value(null.largest_z, rules.calibration, null.level)
