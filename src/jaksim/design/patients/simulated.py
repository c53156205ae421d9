"""One replicate of a trial, patient by patient: daily scores and what every endpoint makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.design.conduct.replicates import Followed
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.memory import check_patients
from jaksim.design.prepared import Prepared
from jaksim.endpoint.endpoint import Endpoint
from jaksim.trial import Trial


@dataclass(frozen=True, eq=False)
class SimulatedPatients:
    """Patients of one replicate, in order of arm and stratum.

    `arm` and `stratum` (n,) are positions in `arm_names` and `stratum_names`; `states` and `scores` (n, H + 1) are
    those at the end of each day, column 0 the baseline; `categories` (E, n) are the categories of the endpoints. `seen`
    (n, H + 1) says which scores the trial knows: none from the day of withdrawal on, nor those of visits missed. The
    days of withdrawal and of a treatment stop (n,) are 0 for patients who were not seen to have any; so are those of a
    rescue and a switch in `changed`, by name, where these can happen.

    Patients of a trial conducted in calendar time come in order of entry instead, with `entry_day` (n,), from 0, and
    the days of follow-up (n,) that are in the data on the day of the analysis which ended the trial; those who came
    through sites have `site` (n,), from 0, and `screened_day` (n,) too, and where these share a stock or wards the
    numbers (n,) by name of what they were given, `supplied`. `brought` are numbers (n,) by name of the characteristics
    of patients who were each drawn with their own.
    """

    trial: Trial
    arm_names: tuple[str, ...]
    stratum_names: tuple[str, ...]
    arm: NDArray[np.int64]
    stratum: NDArray[np.int64]
    scores: NDArray[np.int64]
    categories: NDArray[np.int32]
    seen: NDArray[np.bool_]
    withdrawal_day: NDArray[np.int64]
    treatment_stop_day: NDArray[np.int64]
    states: NDArray[np.int8]
    changed: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    entry_day: NDArray[np.int64] | None = None
    days_known: NDArray[np.int64] | None = None
    site: NDArray[np.int64] | None = None
    screened_day: NDArray[np.int64] | None = None
    supplied: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    brought: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.arm)


def simulate_patients(trial: Trial, *, seed: int, replicate: int) -> SimulatedPatients:
    """All patients planned in replicate number `replicate` of the path engine, whatever would have been decided."""
    check_patients(trial, trial.population.patients)
    prepared = Prepared(trial.at_complete_data(), seed, "path")
    return patients_of(prepared.cells, prepared.design.follow(replicate), trial)


def patients_of(cells: Cells, followed: Followed, trial: Trial) -> SimulatedPatients:
    """Patients of the cells of a trial, as they were followed."""
    cell, states = followed.cell, followed.states
    known = trial.states
    scores = np.array(trial.scale.scores, dtype=np.int64)[known.score[states]]
    withdrawn = known.withdrawn[states]
    return SimulatedPatients(
        trial=trial,
        arm_names=tuple(arm.name for arm in cells.arms),
        stratum_names=tuple(stratum.name for stratum in trial.population.strata),
        arm=cell // cells.n_strata,
        stratum=cell % cells.n_strata,
        scores=scores,
        categories=np.stack([_categories(endpoint, states, scores) for endpoint in trial.endpoints]),
        seen=~(withdrawn | _missed(trial, states)),
        withdrawal_day=withdrawn.argmax(axis=1),
        treatment_stop_day=(known.stopped[states] & ~withdrawn).argmax(axis=1),
        states=states,
        changed={
            event: (known.happened(event)[states] & ~withdrawn).argmax(axis=1)
            for event in ("rescue", "switch")
            if getattr(known.events, event)
        },
        entry_day=followed.entry_day,
        site=followed.site,
        screened_day=followed.screened_day,
        supplied=followed.supplied,
        brought=followed.brought,
    )


def _categories(endpoint: Endpoint, states: NDArray[np.int8], scores: NDArray[np.int64]) -> NDArray[np.int32]:
    lifted = endpoint.automaton.n_states != endpoint.scale.n_states
    return endpoint.automaton.run(states) if lifted else endpoint.categories_of(scores)


def _missed(trial: Trial, states: NDArray[np.int8]) -> NDArray[np.bool_]:
    known = trial.states
    missed = np.zeros(states.shape, dtype=bool)
    for visit, number in zip(known.visits, known.visit_set, strict=True):
        state = states[:, visit.day]
        missed[:, visit.day] = visit.missed[number[state], known.score[state]]
    return missed
