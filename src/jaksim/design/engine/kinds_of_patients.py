"""Patients by what analyses adjust for: the kinds that a trial has, and which groups of patients are of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.model.disease import PatientType
from jaksim.trial.adjustment import has_value, value_of

if TYPE_CHECKING:
    from jaksim.trial import Trial

MOST_KINDS: Final = 200
"""Kinds of patients by which an exact law may be told apart."""


@dataclass(frozen=True, eq=False)
class KindsOfPatients:
    """Covariates by name, their values (T, P) by kind of patient, and the kind (G,) of every group of patients."""

    names: tuple[str, ...]
    values: Floats
    of_group: Integers

    def __len__(self) -> int:
        return len(self.values)

    def columns(self, names: Sequence[str]) -> Floats:
        """Values (T, p) of some of the covariates."""
        return np.ascontiguousarray(self.values[:, [self.names.index(name) for name in names]])


def covariates_of(trial: Trial) -> tuple[str, ...]:
    """What the analyses of a trial adjust for, each once."""
    plans = [plan.adjustment for plan in trial.analyses if plan.adjustment is not None]
    return tuple(dict.fromkeys(name for adjustment in plans for name in adjustment.covariates))


def adjusted_endpoints(trial: Trial) -> tuple[str, ...]:
    """Endpoints of analyses that adjust, each once."""
    return tuple(dict.fromkeys(plan.endpoint for plan in trial.analyses if plan.adjustment is not None))


def needs_patients(trial: Trial) -> bool:
    """Whether an analysis adjusts for what every patient draws from the joint law of the population, and the kinds of
    patients in the strata do not have: a continuous characteristic, whose nodes are not its values."""
    law, names = trial.population.characteristics, covariates_of(trial)
    if law is None:
        return False
    asked = [item for item in law.items if item.name in names]
    patients = [one for stratum in trial.population.strata for _, one in stratum.patients]
    return any(
        not all(marginal.is_discrete for marginal in item.marginals)
        or not all(has_value(one, item.name) for one in patients)
        for item in asked
    )


def kinds_of_patients(trial: Trial, patients: Sequence[PatientType]) -> KindsOfPatients:
    """The kinds of the patients of all groups by the covariates of analyses; InputError for too many of them."""
    names = covariates_of(trial)
    each = np.array([[value_of(one, name) for name in names] for one in patients]).reshape(len(patients), -1)
    values, of_group = np.unique(each, axis=0, return_inverse=True)
    if not names:
        values, of_group = np.zeros((1, 0)), np.zeros(len(patients), dtype=np.int64)
    if len(values) > MOST_KINDS:
        raise InputError(
            f"there are {len(values):,} kinds of patients by what analyses adjust for",
            where="analysis, covariates",
            allowed=f"at most {MOST_KINDS} by the exact law",
        )
    return KindsOfPatients(names, values, of_group.ravel().astype(np.int64))
