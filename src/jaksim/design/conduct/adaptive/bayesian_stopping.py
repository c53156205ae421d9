"""Trials that stop on posterior and predictive probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.margin import EQUIVALENCE, targets
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.conduct.adaptive.arms import tests_by_arm
from jaksim.design.conduct.adaptive.best_arm import BestArm
from jaksim.design.conduct.adaptive.calibration import calibrated_threshold, kept_or_calibrated
from jaksim.design.conduct.adaptive.paths import Decisions, Paths
from jaksim.design.conduct.adaptive.posterior import NormalPrior, Posterior
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.conduct.data_cut import DataCut
from jaksim.design.conduct.look_days import trigger_days
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.cohorts import make_cohorts
from jaksim.design.sums.conducted import Conducted, Reason
from jaksim.simulate.enrolment import Cohort, enrolled_at_decision
from jaksim.trial import Trial
from jaksim.trial.adaptive.bayesian_stopping import BayesianStopping
from jaksim.trial.trigger import endpoints_of


@dataclass(frozen=True, eq=False)
class BayesianTrial(CalendarDesign):
    """One analysis per active arm; `critical` (K,) is the posterior z that ends the trial for efficacy at each look."""

    rules: BayesianStopping
    critical: tuple[float, ...]

    @property
    def looks(self) -> int:
        return self.rules.looks

    @property
    def smallest_share(self) -> float:
        """A threshold of a posterior is calibrated, or claims no level."""
        return math.inf

    @cached_property
    def prior(self) -> NormalPrior:
        """The prior of each effect."""
        return NormalPrior(self.rules.prior_mean, self.rules.prior_sd)

    @cached_property
    def best_arm(self) -> BestArm:
        """The posterior by which arms are dropped."""
        return BestArm([cut.test for cut in self.cuts], self.rules.prior_sd, prior_mean=self.rules.prior_mean)

    @cached_property
    def margin(self) -> float:
        """Margin of equivalence on the scale of the estimates."""
        test = self.decides[0]
        return targets(test.method, test.endpoint, EQUIVALENCE, self.rules.margin)[1] - test.method.null

    def paths(self, first_replicate: int, n: int) -> tuple[Paths, Cohort]:
        """Conduct n trials to the end whatever they find; arms are dropped as the rules have it."""
        engine, table, patients = self.engine, self.decides[0].table, self.patients
        cohort = self.enrolled(first_replicate, n, at_once=self.rules.drop_below is None)
        active = np.ones((n, engine.shape[0]), dtype=np.bool_)
        arms = [test.pairs[0][1] for test in self.decides]
        planned = {"patients": float(patients), "complete": float(patients), "events": float(patients)}
        looks: list[tuple[Floats, Floats, Booleans, Integers, Integers, Integers]] = []
        day = np.zeros(n, dtype=np.int64)
        for trigger in (*self.rules.interims, None):
            day = np.maximum(day, trigger_days(engine, cohort, trigger, table, planned=planned))
            tables = engine.tables(cohort, table, day)
            results, finite = _results(self.cuts, tables)
            complete = self._complete(cohort, tables, day)
            entered = enrolled_at_decision(cohort, day)
            looks.append((results, finite, active[:, arms].T.copy(), day, entered, complete))
            if self.rules.drop_below is not None and trigger is not None:
                self._drop(cohort, active, tables, entered)
        stacked = [np.stack(column) for column in zip(*looks, strict=True)]
        days, enrolled, complete = (one.T for one in stacked[3:])
        asked = self.rules.predicted_success is not None
        closed, finite_closed = self._closed(cohort, enrolled) if asked else (None, ())
        sign = self.decides[0].favourable_sign
        return (
            Paths(
                results=stacked[0],
                posteriors=tuple(Posterior.of(one, sign, self.prior) for one in stacked[1]),
                closed=closed,
                closed_posteriors=tuple(Posterior.of(one, sign, self.prior) for one in finite_closed),
                active=stacked[2],
                day=days,
                entered=enrolled,
                share=complete / patients,
                share_enrolled=complete / np.maximum(enrolled, 1),
            ),
            cohort,
        )

    @cached_property
    def _outcomes(self) -> Booleans | None:
        """Which categories of a data cut (K,) are complete outcomes; None where one may be or not."""
        watched = self.engine.watched[self.decides[0].table]
        complete = np.arange(len(watched.known))[:, None] >= watched.complete_after
        counts = [
            np.bincount(watched.known[one], minlength=watched.endpoint.n_categories) for one in (complete, ~complete)
        ]
        return None if (counts[0] * counts[1]).any() else np.asarray(counts[0] > 0)

    def _complete(self, cohort: Cohort, tables: Floats, day: Integers) -> Integers:
        """Complete outcomes (B,) in the tables (B, C, K) of a day."""
        if self._outcomes is None:
            return self.engine.number_with(cohort, self.decides[0].table, "complete", day)
        return np.asarray(tables[..., self._outcomes].sum(axis=(1, 2)), dtype=np.int64)

    def _drop(self, cohort: Cohort, active: Booleans, tables: Floats, entered: Integers) -> None:
        """Drop arms by their probability of being the best, and enrol the patients to come in the others."""
        patients = cohort.most
        best = self.best_arm.probabilities(tables)
        reference = self.best_arm.arms[0]
        keeps = best >= (self.rules.drop_below or 0.0)
        keeps[:, reference] = True
        left = active & keeps
        changed = (left != active).any(axis=1)
        active[:] = left
        if changed.any():
            weights = np.where(left, np.array(self.engine.cells.allocation), 0)
            self.engine.enrol(cohort, patients, first=np.where(changed, entered, cohort.n), weights=weights)

    def _closed(self, cohort: Cohort, entered: Integers) -> tuple[Floats, Floats]:
        """Results (K, H, B, 3) on the complete outcomes of those enrolled by each look, as they are and finite."""
        tables = [self.cuts[0].tables(cohort, last=entered[:, k]) for k in range(entered.shape[1])]
        found, finite = zip(*(_results(self.cuts, table) for table in tables), strict=True)
        return np.array(found), np.array(finite)

    def decide(self, paths: Paths, critical: tuple[float, ...]) -> Decisions:
        """When each trial would have ended, and why, with these posterior z for efficacy."""
        rules, n, hypotheses = self.rules, paths.replicates, len(self.decides)
        look = np.full(n, self.looks - 1, dtype=np.int64)
        reason = np.full(n, Reason.END, dtype=np.int64)
        rejected = np.zeros((hypotheses, n), dtype=np.bool_)
        closed, equivalent, running = (
            np.zeros(n, dtype=np.bool_),
            np.zeros(n, dtype=np.bool_),
            np.ones(n, dtype=np.bool_),
        )
        for k, posterior in enumerate(paths.posteriors):
            active = paths.active[k]
            with np.errstate(invalid="ignore"):
                better = active & (posterior.z > critical[k])
                stop = running & better.any(axis=0)
                rejected |= better & stop
                reason[stop], look[stop] = Reason.EFFICACY, k
                running &= ~stop
                if k == self.looks - 1:
                    break
                futile, same = self._hopeless(posterior, paths.share[:, k], critical[-1], active)
                stop = running & (futile | same)
                reason[stop], look[stop] = Reason.FUTILITY, k
                equivalent |= stop & same
                running &= ~stop
                if rules.predicted_success is not None:
                    hope = posterior.success(critical[-1], paths.share_enrolled[:, k]) > rules.predicted_success
                    stop = running & (active & hope).any(axis=0)
                    better = active & (paths.closed_posteriors[k].z > critical[-1]) & stop
                    rejected |= better
                    reason[stop], look[stop] = np.where(better.any(axis=0)[stop], Reason.EFFICACY, Reason.END), k
                    closed |= stop
                    running &= ~stop
        return Decisions(look, reason, rejected, closed, equivalent)

    def _hopeless(
        self, posterior: Posterior, share: Floats, final: float, active: Booleans
    ) -> tuple[Booleans, Booleans]:
        """Whether every arm left is futile, or equivalent to the reference (B,)."""
        rules = self.rules
        futile = np.zeros(active.shape, dtype=np.bool_)
        if rules.futility is not None:
            futile |= posterior.above() < rules.futility
        if rules.predicted_futility is not None:
            futile |= posterior.success(final, share) < rules.predicted_futility
        same = np.zeros(active.shape, dtype=np.bool_)
        if rules.equivalence is not None:
            same |= posterior.inside(self.margin) > rules.equivalence
        hopeless = np.asarray((futile | ~active).all(axis=0))
        return hopeless, np.asarray((same | ~active).all(axis=0) & active.any(axis=0))

    def as_planned(self, trial: Trial) -> Trial:
        """The trial with the critical value that its design was calibrated to, which does not change with the truth."""
        return replace(trial, adaptation=self.rules)

    def conduct(self, first_replicate: int, n: int) -> tuple[Conducted, Cohort]:
        paths, cohort = self.paths(first_replicate, n)
        found = self.decide(paths, self.critical)
        rows = np.arange(n)
        last_active = np.minimum(_last_true(paths.active), found.look)
        results = np.stack([paths.results[last_active[h], h, rows] for h in range(len(self.decides))])
        entered = paths.entered[rows, found.look]
        day = paths.day[rows, found.look]
        if paths.closed is not None and found.closed.any():
            at_end = np.stack([paths.closed[found.look, h, rows] for h in range(len(self.decides))])
            taken = found.closed & (last_active == found.look)
            results = np.where(taken[..., None], at_end, results)
            day = np.where(found.closed, self._last_day(cohort, entered), day)
        information = paths.share.copy()
        information[np.arange(self.looks) > found.look[:, None]] = np.nan
        extras: dict[str, NDArray[Any]] = {}
        if self.rules.calibrate:
            extras["calibrated threshold"] = np.full(n, NormalDist().cdf(self.critical[-1]))
        if self.rules.predicted_success is not None:
            extras["accrual ended early"] = found.closed
        if self.rules.equivalence is not None:
            extras["equivalence found"] = found.equivalent
        if self.rules.drop_below is not None:
            extras["arms dropped"] = (~paths.active[found.look, :, rows]).sum(axis=1)
        return (
            Conducted(
                rejected=found.rejected,
                results=results,
                look=found.look,
                reason=found.reason,
                day=day,
                enrolled=self.engine.sizes(cohort, entered),
                information=information,
                cuts=np.where(np.isnan(information), -1, paths.day),
                extras={name: values.astype(np.float64) for name, values in extras.items()},
            ),
            cohort,
        )

    def _last_day(self, cohort: Cohort, entered: Integers) -> Integers:
        """Day (B,) on which the outcomes of the first patients are complete."""
        after = self.engine.cells.trial.horizon + self.engine.lag
        return np.asarray(self.engine.last_data(cohort, entered) + after, dtype=np.int64)


def _results(cuts: Sequence[DataCut], tables: Floats) -> tuple[Floats, Floats]:
    """Results (H, B, 3) of the tests, as they are and as a posterior takes them."""
    found = [cut.test.results(tables) for cut in cuts]
    return np.stack(found), np.stack([cut.test.finite(table, tables) for cut, table in zip(cuts, found, strict=True)])


def _last_true(active: Booleans) -> Integers:
    """Last look (H, B) at which an arm was active."""
    return np.asarray(len(active) - 1 - np.argmax(active[::-1], axis=0), dtype=np.int64)


def design(cells: Cells, tests: tuple[Test, ...], seed: int, engine: str) -> BayesianTrial:
    """The design of a trial with Bayesian stopping, its threshold calibrated if it asks for that."""
    trial = cells.trial
    rules = trial.adaptation
    assert isinstance(rules, BayesianStopping)
    found = _made(cells, tests, rules, seed, engine)
    if not rules.calibrate:
        return found
    level = found.decides[0].plan.alpha / found.decides[0].plan.sides
    value, kept = kept_or_calibrated(rules, seed, lambda: _calibrated(cells, rules, seed, level))
    return replace(found, rules=replace(rules, calibrated=kept), critical=(value,) * rules.looks)


def _calibrated(cells: Cells, rules: BayesianStopping, seed: int, level: float) -> float:
    """The common threshold of z, found on trials without any effect."""
    trial = cells.trial
    without = Cells(trial.under_null())
    null = _made(without, settle(without), rules, seed, "auto")

    def rejects(paths: Paths, z: float) -> Booleans:
        return np.asarray(null.decide(paths, (z,) * rules.looks).rejected.any(axis=0))

    return calibrated_threshold(lambda first, n: null.paths(first, n)[0], rejects, rules.calibration, level)


def _made(cells: Cells, tests: tuple[Test, ...], rules: BayesianStopping, seed: int, engine: str) -> BayesianTrial:
    decides = tests_by_arm(cells, tests, rules.analyses)
    watched = {decides[0].plan.endpoint} | endpoints_of(rules.interims)
    return BayesianTrial(make_cohorts(cells, seed, watched, engine), decides, rules, rules.critical)
