"""What the analyses of a trial will find on average under each of several disease models, without simulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from jaksim.analysis.counts import ESTIMATE
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import settle
from jaksim.design.engine.cells import Cells, PatientGroup
from jaksim.design.twin.analytic import analysis_input, compared
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.disease import DiseaseModel
from jaksim.model.intensity import IntensityTable
from jaksim.trial import Arm, Trial

_AT_ONCE: Final = 128
_KINDS_AT_ONCE: Final = 4096  # of patients, whose transition probabilities are held
"""Arms whose laws are computed together."""


def expected_estimates(trial: Trial, models: Sequence[DiseaseModel], patients: int | None = None) -> Floats:
    """Estimates (models, analyses) at the expected table of complete data: those of a very large trial, on the scale of
    each method; NaN where there is none.

    Disease models have the moves of that of the trial. An arm is worked out once for all models in which its
    treatments, the natural history and the interactions are the same objects. `patients` are those of the trial when
    left out; how many there are matters little, where methods handle ties.
    """
    cells = Cells(trial)
    laws = _Laws(cells)
    which = np.array([[laws.position(model, arm) for arm in cells.arms] for model in models])
    by_endpoint = laws.by_endpoint({plan.endpoint for plan in trial.analyses})
    found = np.empty((len(models), len(trial.analyses)))
    for column, test in enumerate(settle(cells)):
        inputs = analysis_input(cells, test.plan, test.method)
        of_models = by_endpoint[test.plan.endpoint][which].reshape(len(models), len(cells), -1)
        tables = np.stack([compared(cells, test.plan, law) for law in of_models])
        tables *= inputs.cell_sizes(patients or trial.population.patients)[:, :, None]
        found[:, column] = inputs.evaluate(tables)[:, ESTIMATE]
    return found


class _Laws:
    """The laws of endpoints in arms under several disease models."""

    def __init__(self, cells: Cells) -> None:
        self._cells, self._trial = cells, cells.trial
        self._positions: dict[tuple[int, ...], int] = {}
        self._arms: list[tuple[DiseaseModel, Arm]] = []

    def position(self, model: DiseaseModel, arm: Arm) -> int:
        """Where the laws of an arm under a model will stand."""
        given = dict.fromkeys(name for regimen in self._trial.regimens_of(arm) for name in regimen.treatments)
        parts = (model.natural_history, model.interactions, *(model.treatments[name] for name in given))
        key = (self._cells.arm_position(arm.name), *map(id, parts))
        if key not in self._positions:
            self._positions[key] = len(self._arms)
            self._arms.append((model, arm))
        return self._positions[key]

    def by_endpoint(self, names: set[str]) -> dict[str, Floats]:
        """Laws (arms, strata, K) of the endpoints with these names."""
        endpoints = [endpoint for endpoint in self._trial.endpoints if endpoint.name in names]
        found = {one.name: np.zeros((len(self._arms), self._cells.n_strata, one.n_categories)) for one in endpoints}
        kinds = sum(len(stratum.patients) for stratum in self._trial.population.strata)
        at_once = max(1, min(_AT_ONCE, _KINDS_AT_ONCE // kinds))
        for first in range(0, len(self._arms), at_once):
            chosen = self._arms[first : first + at_once]
            groups = [(n, *one) for n, (model, arm) in enumerate(chosen) for one in self._groups(model, arm)]
            matrices = stacked_transition_matrices([group.intensities for *_, group in groups], self._trial.horizon)
            starts = np.array([group.start_index for *_, group in groups])
            for endpoint in endpoints:
                of_arms = found[endpoint.name][first : first + at_once]
                for start in np.unique(starts):
                    (places,) = np.nonzero(starts == start)
                    for place, law in zip(places, endpoint.law(matrices[places], int(start)), strict=True):
                        number, stratum, group = groups[place]
                        of_arms[number, stratum] += group.share * law
        return found

    def _groups(self, model: DiseaseModel, arm: Arm) -> Iterator[tuple[int, PatientGroup]]:
        """The groups of patients of an arm, with the position of their stratum."""
        trial = self._trial
        for number, stratum in enumerate(trial.population.strata):
            trial.prepare(arm, [patient for _, patient in stratum.patients], disease=model)
            for share, patient in stratum.patients:
                table = trial.intensities(arm, patient, disease=model)
                for part, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score)):
                    for weight, one in self._over_sites(table):
                        yield number, PatientGroup(share * part * weight, one, start, patient)

    def _over_sites(self, table: IntensityTable) -> list[tuple[float, IntensityTable]]:
        if self._trial.site_sd == 0.0:
            return [(1.0, table)]
        from jaksim.operations.site_effects import over_sites

        return over_sites(table, self._trial.states.better, self._trial.site_sd)
