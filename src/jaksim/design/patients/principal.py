"""Principal strata: patients by what would happen to their treatment, or to them, under either of two regimens.

Frangakis and Rubin, Biometrics 2002;58:21. Data tell the share to whom an event happens under each regimen, and so
bounds for each stratum (Frechet); which patients they are follows here from the same random numbers under both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.design.engine.cells import Cells
from jaksim.design.expected.occupation import over_sites_of
from jaksim.design.patients.simulated import SimulatedPatients
from jaksim.endpoint.kinds import kind_of
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import transition_matrices
from jaksim.model.disease import PatientType
from jaksim.trial import Trial

DEATH: Final = "death"


@dataclass(frozen=True)
class StratumEffect:
    """The mean `difference` of an endpoint between two regimens in a principal stratum, with its standard error."""

    endpoint: str
    what: str
    difference: float
    mc_se: float


@dataclass(frozen=True)
class PrincipalStratum:
    """Patients to whom an `event` happens under both regimens ("both"), under one, or under neither.

    `stratum` is "both", "neither" or the name of the arm under whose regimen alone it happens. `share` of the patients
    has the standard error `mc_se`; `lowest` and `highest` are what the exact shares under each regimen allow, in
    patients who are alike at randomisation.
    """

    event: str
    regimen: str
    reference: str
    stratum: str
    share: float
    mc_se: float
    lowest: float
    highest: float
    effects: tuple[StratumEffect, ...]


@dataclass(frozen=True, eq=False)
class _Worlds:
    """The cells of each world, and its patients."""

    cells: Sequence[Cells]
    patients: Sequence[SimulatedPatients]

    @property
    def arms(self) -> tuple[str, ...]:
        return self.patients[0].arm_names


def principal_strata(cells: Sequence[Cells], patients: Sequence[SimulatedPatients]) -> tuple[PrincipalStratum, ...]:
    """The strata of every event, for each regimen beside that of the reference arm, from worlds with the same patients.

    Nothing where treatment does not change.
    """
    worlds = _Worlds(cells, patients)
    trial = worlds.cells[0].trial
    events = [event for event in ("rescue", "switch", "treatment_stop") if getattr(trial.states.events, event)]
    found: list[PrincipalStratum] = []
    if not events:
        return ()
    events.append(DEATH)
    risks = [_risks(cells, events) for cells in worlds.cells]
    for number, event in enumerate(events):
        happens = [_happens(worlds, world, event) for world in range(len(worlds.arms))]
        for world in range(1, len(worlds.arms)):
            of_types = (risks[0][number], risks[world][number])
            found += _of_pair(worlds, world, event, (happens[0], happens[world]), of_types)
    return tuple(found)


def _of_pair(
    worlds: _Worlds, world: int, event: str, happens: tuple[Booleans, Booleans], risks: tuple[Floats, Floats]
) -> list[PrincipalStratum]:
    under, over = happens
    reference, regimen, trial = worlds.arms[0], worlds.arms[world], worlds.cells[0].trial
    weights = _weights(trial)
    found = []
    for name, there, here in (
        ("neither", False, False),
        (reference, True, False),
        (regimen, False, True),
        ("both", True, True),
    ):
        members = (under == there) & (over == here)
        one, other = (risk if wanted else 1.0 - risk for risk, wanted in zip(risks, (there, here), strict=True))
        n, share = len(members), float(members.mean())
        found.append(
            PrincipalStratum(
                event,
                regimen,
                reference,
                name,
                share,
                math.sqrt(share * (1.0 - share) / n),
                float(weights @ np.maximum(one + other - 1.0, 0.0)),
                float(weights @ np.minimum(one, other)),
                _effects(worlds, world, members),
            )
        )
    return found


def _effects(worlds: _Worlds, world: int, members: Booleans) -> tuple[StratumEffect, ...]:
    found = []
    for number, endpoint in enumerate(worlds.patients[0].trial.endpoints):
        if endpoint.transitions is not None:
            continue
        kind = kind_of(endpoint)
        values = kind.scores(endpoint)
        apart = np.subtract(*(values[worlds.patients[one].categories[number][members]] for one in (world, 0)))
        apart = apart[np.isfinite(apart)]
        mean = float(apart.mean()) if len(apart) else math.nan
        error = float(apart.std(ddof=1)) / math.sqrt(len(apart)) if len(apart) > 1 else math.nan
        found.append(StratumEffect(endpoint.name, kind.measure(endpoint), mean, error))
    return tuple(found)


def _happens(worlds: _Worlds, world: int, event: str) -> Booleans:
    """Whether the event happens to each patient (n,) in a world by the last day, seen or not."""
    return np.asarray(_flag(worlds.cells[world].trial, event)[worlds.patients[world].states[:, -1]])


def _flag(trial: Trial, event: str) -> Booleans:
    """States (E,) of a patient to whom the event has happened."""
    if event == DEATH:
        return np.isin(trial.states.score, trial.scale.indices(trial.scale.absorbing))
    return trial.states.happened(event)


def _risks(cells: Cells, events: Sequence[str]) -> Floats:
    """Exact probability (events, types) of each event by the last day in patients of each type of each stratum."""
    trial, arm = cells.trial, cells.arms[0]
    last = [
        sum(
            share * weight * state_occupation(transition_matrices(one, trial.horizon), start)[-1]
            for share, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score))
            for weight, one in over_sites_of(trial, trial.intensities(arm, patient))
        )
        for patient in _types(trial)
    ]
    return np.array([np.array(last) @ _flag(trial, event) for event in events])


def _types(trial: Trial) -> list[PatientType]:
    return [patient for stratum in trial.population.strata for weight, patient in stratum.patients if weight > 0.0]


def _weights(trial: Trial) -> Floats:
    """Share (types,) of each type of patients."""
    shares = zip(trial.stratum_shares, trial.population.strata, strict=True)
    found = np.array([share * weight for share, one in shares for weight, _ in one.patients if weight > 0.0])
    return np.asarray(found / found.sum())
