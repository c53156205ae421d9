"""The planned analyses with everything settled: tables in, results and decisions out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np

from jaksim.analysis import ESTIMATE, Method, Z, get_method
from jaksim.analysis.counts import CategoryMeanings
from jaksim.analysis.margin import targets
from jaksim.arrays import Booleans, Floats
from jaksim.design.analyses.adjusted import ByPatient, by_patient
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.individual import PatientRows
from jaksim.design.engine.kinds_of_patients import adjusted_endpoints
from jaksim.design.engine.site_strata import site_strata
from jaksim.design.sums.summary import decisions
from jaksim.endpoint.endpoint import Endpoint
from jaksim.trial import AnalysisPlan


@dataclass(frozen=True)
class Test:
    """One analysis with everything settled: where its table lies, what it computes, when it rejects.

    `pairs` of arms (reference, active) and `strata` are positions in the table (arm, stratum, category) of endpoint
    number `table`, whose strata may be at sites (`jaksim.design.engine.site_strata`). `targets` are the values of the
    estimate that z is against, as `analysis.margin.targets` gives them. An analysis that adjusts for covariates reads
    patients `by_patient`, from a table (arm, stratum, kind of patient and category).
    """

    plan: AnalysisPlan
    method: Method
    endpoint: Endpoint
    options: dict[str, Any]
    table: int
    pairs: tuple[tuple[int, int], ...]
    strata: tuple[int, ...]
    shape: tuple[int, int]
    critical: float
    favourable_sign: int
    targets: tuple[float, ...] = ()
    by_patient: ByPatient | None = None

    @property
    def computes(self) -> Hashable:
        """All that its results depend on beside the tables of a trial's endpoints: not the level of the test."""
        method = (self.method.name, id(self.method), repr(self.options), self.targets, self.favourable_sign)
        by_patient = None if self.by_patient is None else self.by_patient.computes
        return self.table, self.pairs, self.strata, self.shape, method, by_patient

    def results(self, tables: Floats) -> Floats:
        """Estimate, standard error and z (B, 3) from the tables (B, C, K) of the endpoint."""
        blocks = tables.reshape(len(tables), *self.shape, -1)
        if self.pairs != ((0, 1),) or self.shape[0] != 2:
            blocks = np.concatenate([blocks[:, list(pair)] for pair in self.pairs], axis=2)
        if self.strata != tuple(range(self.shape[1])):
            blocks = blocks[:, :, self._chosen()]
        return self.results_of(blocks)

    def results_of_patients(self, patients: PatientRows) -> Floats:
        """Estimate, standard error and z (B, 3) from the patients of simulated trials."""
        assert self.by_patient is not None
        compared = np.full((2, *self.shape), -1, dtype=np.int64)
        for number, pair in enumerate(self.pairs):
            for arm, position in enumerate(pair):
                compared[0, position, list(self.strata)] = arm
                compared[1, position, list(self.strata)] = number * len(self.strata) + np.arange(len(self.strata))
        rows = self.by_patient.rows_of(patients, compared)
        return self.by_patient.results(rows, self.endpoint, self.options, self.targets, self.favourable_sign)

    def results_of(self, blocks: Floats) -> Floats:
        """Estimate, standard error and z (B, 3) from the tables (B, 2, S, K) of the arms and strata compared.

        For equivalence z is, of the two against the margins, the one that speaks less for it, signed like a benefit.
        """
        if self.by_patient is not None:
            rows = self.by_patient.rows(np.ascontiguousarray(blocks))
            return self.by_patient.results(rows, self.endpoint, self.options, self.targets, self.favourable_sign)
        given = (np.ascontiguousarray(blocks), self.endpoint, self.options)
        if len(self.targets) < 2:
            return evaluate_at_margin(self.method, *given, self.targets)
        out, upper = (evaluate_at_margin(self.method, *given, (value,)) for value in self.targets)
        out[:, Z] = self.favourable_sign * np.minimum(out[:, Z], -upper[:, Z])
        return out

    def finite(self, found: Floats, tables: Floats) -> Floats:
        """Results (B, 3) that were found in tables (B, C, K), for what needs an estimate and its precision.

        Where the estimate is infinite, or there is a test without it, the two are those with one more patient in each
        arm and stratum, spread evenly over the categories that are known; z stays that of the data.
        """
        estimate = found[:, ESTIMATE]
        missing = ~np.isfinite(found[:, :Z]).all(axis=1) & (np.isinf(estimate) | np.isfinite(found[:, Z]))
        lost = np.flatnonzero(missing)
        if not len(lost) or self.by_patient is not None:
            return found
        endpoint, out = self.endpoint, found.copy()
        known = (endpoint.status >= 0) | (endpoint.rank >= 0) | np.isfinite(endpoint.value)
        more = np.where(known, 1.0 / known.sum(), 0.0)
        out[lost, :Z] = self.smooth.results(np.ascontiguousarray(tables[lost] + more))[:, :Z]
        return out

    @property
    def smooth(self) -> Test:
        """The same with the smooth test that an exact one follows, which takes counts that are not whole."""
        if self.method.follows is None:
            return self
        fill = self.method.follows(self.options).fill
        return replace(self, method=replace(self.method, fill=fill, fill_at_margin=None, follows=None))

    def decisions(self, results: Floats) -> tuple[Booleans, Booleans]:
        """Which replicates (B,) with results (B, 3) reject, and which of them in favour of the active arm."""
        return decisions(results, self.critical, self.plan.sides, self.favourable_sign)

    def benefit(self, results: Floats) -> Floats:
        """z (B,) of results (B, 3) that is positive where the active arm does better, -inf where there is none."""
        z = self.favourable_sign * results[:, Z]
        return np.where(np.isnan(z), -np.inf, z)

    def _chosen(self) -> list[int]:
        """Positions of the strata analysed where the strata of every pair stand one after the other."""
        return [pair * self.shape[1] + stratum for pair in range(len(self.pairs)) for stratum in self.strata]


def critical_value(alpha: float, sides: int) -> float:
    """The value that |z|, or z for a one-sided test, has to pass."""
    return NormalDist().inv_cdf(1.0 - alpha / sides)


def settle(cells: Cells) -> tuple[Test, ...]:
    """The tests of a trial, in the order of its analyses."""
    trial = cells.trial
    names = [endpoint.name for endpoint in trial.endpoints]
    tests = []
    for plan in trial.analyses:
        method, table = get_method(plan.method), names.index(plan.endpoint)
        endpoint, within = trial.endpoints[table], site_strata(trial, plan)
        if plan.adjustment is not None:
            table = len(names) + adjusted_endpoints(trial).index(plan.endpoint)
        tests.append(
            Test(
                plan=plan,
                method=method,
                endpoint=endpoint,
                options=method.settings(plan.options, sides=plan.sides),
                table=table,
                pairs=cells.pair_positions(plan),
                strata=trial.stratum_indices(plan) if within is None else within.positions,
                shape=(len(cells.arms), cells.n_strata if within is None else within.number),
                critical=critical_value(plan.alpha, plan.sides),
                favourable_sign=method.benefit_sign(endpoint),
                targets=targets(method, endpoint, plan.hypothesis, plan.margin),
                by_patient=by_patient(cells, plan),
            )
        )
    return tuple(tests)


def evaluate_at_margin(
    method: Method, tables: Floats, endpoint: CategoryMeanings, options: Mapping[str, Any], value: tuple[float, ...]
) -> Floats:
    """Estimate, standard error and z (B, 3) of tables (B, 2, S, K); z against the value, or the null without one."""
    out = np.empty((len(tables), 3))
    if value:
        method.test_at_margin(tables, endpoint, options, value[0], out)
    else:
        method.evaluate(tables, endpoint, options, out)
    return out
