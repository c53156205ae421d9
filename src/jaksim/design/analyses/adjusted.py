"""Planned analyses that adjust for covariates, on tables that tell the kinds of patients apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Z
from jaksim.analysis.regression.models import MODELS
from jaksim.analysis.regression.regression import Regression
from jaksim.analysis.regression.rows import Rows, rows_of_tables
from jaksim.arrays import Floats, Integers
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.individual import PatientRows
from jaksim.design.engine.kinds_of_patients import needs_patients
from jaksim.trial import AnalysisPlan
from jaksim.trial.adjustment import Adjustment


@dataclass(frozen=True, eq=False)
class ByPatient:
    """How an analysis reads patients one by one: its model, what it adjusts for, the values (T, p) of that by kind of
    patient, where there are kinds, and the number of its endpoint."""

    model: Regression
    adjustment: Adjustment
    kinds: Floats
    number: int

    @property
    def computes(self) -> Hashable:
        """All that its results depend on beside the tables."""
        return self.adjustment, self.kinds.tobytes()

    def rows(self, blocks: Floats) -> Rows:
        """The patients of tables (B, 2, S, T * K)."""
        return rows_of_tables(blocks.reshape(*blocks.shape[:3], len(self.kinds), -1), self.kinds)

    def rows_of(self, patients: PatientRows, compared: Integers) -> Rows:
        """The patients of simulated trials who are compared: `compared` (2, A, S) gives the arm of the analysis, 1 if
        active, and the stratum, -1 for those who are left out."""
        arm, stratum = compared[:, patients.arm, patients.stratum]
        keep = arm >= 0
        chosen = [patients.names.index(name) for name in self.adjustment.covariates]
        n_before = np.concatenate([[0], np.cumsum(keep)])
        weight = np.ones(len(keep)) if patients.weight is None else patients.weight
        return Rows(
            n_before[patients.starts].astype(np.int64),
            arm[keep].astype(np.float64),
            stratum[keep],
            patients.category[self.number][keep].astype(np.int64),
            np.ascontiguousarray(patients.covariates[:, chosen][keep]),
            weight[keep],
        )

    def results(
        self, rows: Rows, endpoint: CategoryMeanings, options: Mapping[str, Any], targets: tuple[float, ...], sign: int
    ) -> Floats:
        """Estimate, standard error and z (B, 3), as `jaksim.design.analyses.evaluation.Test.results_of` has them."""
        how, strata = self.model.how(options, self.adjustment.robust), self.adjustment.strata
        out, *upper = (self.model.fit(rows, endpoint, how, value, strata=strata)[0] for value in targets or (0.0,))
        for other in upper:
            out[:, Z] = sign * np.minimum(out[:, Z], -other[:, Z])
        return out


def by_patient(cells: Cells, plan: AnalysisPlan) -> ByPatient | None:
    """How a planned analysis reads patients one by one, None for one that does not."""
    adjustment = plan.adjustment
    if adjustment is None:
        return None
    names = [endpoint.name for endpoint in cells.trial.endpoints]
    drawn = needs_patients(cells.trial)
    kinds = np.zeros((0, len(adjustment.covariates))) if drawn else cells.kinds.columns(adjustment.covariates)
    return ByPatient(MODELS[plan.method], adjustment, kinds, names.index(plan.endpoint))
