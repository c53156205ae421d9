"""The patients of one replicate under the regimen of every arm, each time with the same random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.memory import check_patients
from jaksim.design.patients.patient_table import patient_columns
from jaksim.design.patients.principal import PrincipalStratum, principal_strata
from jaksim.design.patients.simulated import SimulatedPatients, simulate_patients
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import kind_of
from jaksim.trial import Trial


@dataclass(frozen=True)
class AverageEffect:
    """The mean over all patients of what an endpoint is under one regimen less what it is under that of the reference.

    `what` is averaged: the chance of the event, or the value. `variance_reduction` is how many times more patients
    would be needed for the same error if two groups were compared, NaN without any difference; `exact` is the
    expectation for these cells, None where a value may be unknown, and `z` the distance from it in standard errors.
    """

    endpoint: str
    what: str
    regimen: str
    reference: str
    difference: float
    mc_se: float
    variance_reduction: float
    exact: float | None
    z: float


@dataclass(frozen=True, eq=False)
class Worlds:
    """All patients of a replicate under the regimen of each arm, the reference first; those of an arm are in its own
    world what they are in the trial."""

    cells: tuple[Cells, ...]
    patients: tuple[SimulatedPatients, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms whose regimens these are."""
        return self.patients[0].arm_names

    def columns(self) -> dict[str, Any]:
        """The columns of the patients with `regimen`, the arm whose regimen is given, after the arm randomised to; one
        world after the other."""
        tables = [
            _after_arm(patient_columns(patient), np.full(len(patient), name, dtype=object))
            for name, patient in zip(self.arms, self.patients, strict=True)
        ]
        return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}

    def effects(self) -> tuple[AverageEffect, ...]:
        """The average effects of every endpoint and regimen."""
        return tuple(
            self._effect(number, endpoint, world)
            for number, endpoint in enumerate(self.patients[0].trial.endpoints)
            if endpoint.transitions is None
            for world in range(1, len(self.arms))
        )

    def principal_strata(self) -> tuple[PrincipalStratum, ...]:
        """Patients by what happens to them under either regimen, with the effects among them; nothing where treatment
        does not change."""
        return principal_strata(self.cells, self.patients)

    def _effect(self, number: int, endpoint: Endpoint, world: int) -> AverageEffect:
        what, values = _numbers(endpoint)
        reference, treated = (values[self.patients[regimen].categories[number]] for regimen in (0, world))
        known = np.isfinite(reference) & np.isfinite(treated)
        apart = treated[known] - reference[known]
        n, spread = len(apart), float(apart.var(ddof=1)) if len(apart) > 1 else math.nan
        error = math.sqrt(spread / n) if n > 1 else math.nan
        separate = float(treated[known].var(ddof=1) + reference[known].var(ddof=1)) if n > 1 else math.nan
        difference = float(apart.mean()) if n else math.nan
        exact = self._exact(number, values, world)
        return AverageEffect(
            endpoint.name,
            what,
            self.arms[world],
            self.arms[0],
            difference,
            error,
            separate / spread if spread > 0.0 else math.nan,
            exact,
            (difference - exact) / error if exact is not None and error > 0.0 else math.nan,
        )

    def _exact(self, number: int, values: Floats, world: int) -> float | None:
        given = self.patients[0]
        cell = given.arm * self.cells[0].n_strata + given.stratum
        share = np.bincount(cell, minlength=len(self.cells[0])) / len(given)
        laws = [share @ self.cells[regimen].marginal_laws[number] for regimen in (0, world)]
        if any((law[~np.isfinite(values)] > 0.0).any() for law in laws):
            return None
        return float((laws[1] - laws[0]) @ np.nan_to_num(values))


def simulate_worlds(trial: Trial, *, seed: int, replicate: int) -> Worlds:
    """Replicate number `replicate` of the path engine once for each arm, with all patients treated as those of it.

    Stratum, arm, type of patient and every random word are those of the trial.
    """
    check_patients(trial, trial.population.patients, times=len(trial.arms))
    arms = Cells(trial).arms
    trials = [trial.in_world_of(arm) for arm in arms]
    patients = tuple(simulate_patients(counterfactual, seed=seed, replicate=replicate) for counterfactual in trials)
    return Worlds(tuple(Cells(counterfactual) for counterfactual in trials), patients)


def _after_arm(columns: dict[str, Any], regimen: NDArray[Any]) -> dict[str, Any]:
    placed: dict[str, Any] = {}
    for name, column in columns.items():
        placed[name] = column
        if name == "arm":
            placed["regimen"] = regimen
    return placed


def _numbers(endpoint: Endpoint) -> tuple[str, Floats]:
    """What is averaged, and its value for each category."""
    kind = kind_of(endpoint)
    return kind.measure(endpoint), kind.scores(endpoint)
