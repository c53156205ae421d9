"""Where the patients of each arm are on each day, by the score that they entered with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells, PatientGroup
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.disease import DiseaseModel
from jaksim.model.intensity import IntensityTable
from jaksim.model.patient_states import PatientStates
from jaksim.model.regimen import Regimen
from jaksim.trial import Arm, Trial

WITHDRAWN: Final = "withdrawn"
"""The state, beside the scores, of patients who have left the study."""


@dataclass(frozen=True)
class Occupation:
    """The patients of an arm who entered with one score, or all of them where `baseline` is None.

    `share` is their part of the arm. `probability` (H+1 days, states) is that of each of the `states`, the scores and
    where patients withdraw "withdrawn", at the end of days 0 to H since randomisation.
    """

    arm: str
    baseline: int | None
    share: float
    states: tuple[str, ...]
    probability: tuple[tuple[float, ...], ...]

    @property
    def days(self) -> tuple[float, ...]:
        """Expected number of the days 1 to H that end in each state."""
        return tuple(np.array(self.probability)[1:].sum(axis=0).tolist())


def occupations(cells: Cells) -> tuple[Occupation, ...]:
    """The occupation in every arm, the reference first: of all its patients, and by baseline score where there are
    several."""
    trial = cells.trial
    seen = names_of_states(trial)
    of_groups = _of_groups(cells.transitions, [group.start_index for cell in cells.law_groups for group in cell])
    by_name = by_state(of_groups, trial.states)
    found, first = [], 0
    for arm in cells.arms:
        weights, baselines = [], []
        for share, groups in zip(trial.stratum_shares, _groups_of(cells, arm), strict=True):
            weights += [share * group.share for group in groups]
            baselines += [int(trial.states.score[group.start_index]) for group in groups]
        last = first + len(weights)
        found += _of_arm(arm, np.array(weights), np.array(baselines), by_name[first:last], seen, trial)
        first = last
    return tuple(found)


def mean_occupation(
    trial: Trial, arm: Arm, regimen: Regimen | None = None, disease: DiseaseModel | None = None
) -> Floats:
    """The occupation (H+1, states) of all patients of an arm, on another regimen or under another disease model."""
    given = Arm(arm.name, arm.regimen if regimen is None else regimen)
    weights, tables, starts = [], [], []
    for share, stratum in zip(trial.stratum_shares, trial.population.strata, strict=True):
        for part, patient in stratum.patients:
            table = trial.intensities(given, patient, disease=disease)
            for chance, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score)):
                for weight, one in over_sites_of(trial, table):
                    weights.append(share * part * chance * weight)
                    tables.append(one)
                    starts.append(start)
    of_groups = _of_groups(stacked_transition_matrices(tables, trial.horizon), starts)
    mean: Floats = np.tensordot(np.array(weights) / sum(weights), by_state(of_groups, trial.states), 1)
    return mean


def names_of_states(trial: Trial) -> tuple[str, ...]:
    """The scores, and where patients withdraw the state of those who did."""
    scores = tuple(str(score) for score in trial.scale.scores)
    return (*scores, WITHDRAWN) if trial.states.events.withdrawal else scores


def by_state(occupation: Floats, states: PatientStates) -> Floats:
    """Probabilities (..., E) of the states of a patient as those (..., S or S + 1) of scores and of a withdrawal."""
    n_scores = states.scale.n_states
    place = np.where(states.withdrawn, n_scores, states.score)
    n_states = n_scores + int(bool(states.events.withdrawal))
    summed: Floats = occupation @ (place[:, None] == np.arange(n_states)).astype(np.float64)
    return summed


def over_sites_of(trial: Trial, table: IntensityTable) -> Sequence[tuple[float, IntensityTable]]:
    """The intensities at sites of several kinds with their weights, those given where all sites are alike."""
    if trial.site_sd == 0.0:
        return [(1.0, table)]
    from jaksim.operations.site_effects import over_sites

    return over_sites(table, trial.states.better, trial.site_sd)


def _of_groups(transitions: Floats, starts: Sequence[int]) -> Floats:
    """Occupation (G, H+1, E) of groups of patients with daily matrices (G, H, E, E)."""
    return np.array([state_occupation(P, start) for P, start in zip(transitions, starts, strict=True)])


def _groups_of(cells: Cells, arm: Arm) -> list[tuple[PatientGroup, ...]]:
    return [groups for cell, groups in zip(cells.cells, cells.law_groups, strict=True) if cell.arm is arm]


def _of_arm(
    arm: Arm,
    weights: Floats,
    baselines: NDArray[np.int64],
    occupation: Floats,
    states: tuple[str, ...],
    trial: Trial,
) -> list[Occupation]:
    chosen: list[int | None] = [None]
    entered = np.unique(baselines[weights > 0.0]).tolist()
    if len(entered) > 1:
        chosen += entered
    found = []
    for baseline in chosen:
        weight = weights if baseline is None else weights * (baselines == baseline)
        mean = np.tensordot(weight / weight.sum(), occupation, 1)
        found.append(
            Occupation(
                arm.name,
                None if baseline is None else trial.scale.scores[baseline],
                float(weight.sum() / weights.sum()),
                states,
                tuple(tuple(row) for row in mean.tolist()),
            )
        )
    return found
