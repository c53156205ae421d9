"""How the intensities of a patient depend on what she brings along: groups of moves with a factor each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from jaksim.arrays import Floats
from jaksim.model.covariate_shape import LINEAR, Shape
from jaksim.model.disease import DiseaseModel, IntensityTable, PatientType
from jaksim.model.effect import CovariateEffect, TreatmentEffect
from jaksim.simulate.individual.group_tables import GroupedProcess
from jaksim.trial import Arm, Trial

Term = tuple[str, Shape]
"""A covariate and the shape of an effect of it."""
_DIGITS: Final = 13
_Effect = TypeVar("_Effect", CovariateEffect, TreatmentEffect)


def terms_of(model: DiseaseModel, names: Sequence[str]) -> tuple[Term, ...]:
    """The covariates among `names` that effects of a model depend on, each with its shape."""
    own = [(one.covariate, one.shape) for one in model.covariate_effects]
    of_treatments = [(one.covariate, one.shape) for given in model.treatments.values() for one in given.effects]
    return tuple(dict.fromkeys(term for term in (*own, *of_treatments) if term[0] in names))


@dataclass(frozen=True)
class Grouping:
    """Coefficients (G, T) of the terms for each group of moves, by their numbers; group 0 has none."""

    rows: dict[tuple[float, ...], int]

    @property
    def coefficients(self) -> Floats:
        """The coefficients (G, T)."""
        return np.array(list(self.rows), dtype=np.float64).reshape(len(self.rows), -1)


def empty_grouping(n_terms: int) -> Grouping:
    """Group 0 alone."""
    return Grouping({(0.0,) * n_terms: 0})


class Terms:
    """The terms of a trial, of which intensities are found one at a time: those of a model in which a term has the
    value 1 and all others 0."""

    def __init__(self, trial: Trial, names: Sequence[str]) -> None:
        self.trial = trial
        self.terms = terms_of(trial.disease, names)
        self._names = tuple(f"‹term {number}›" for number in range(len(self.terms)))
        self._named: Mapping[Term, str] = dict(zip(self.terms, self._names, strict=True))
        model = trial.disease
        treatments = {
            name: replace(given, effects=tuple(self._renamed(one) for one in given.effects))
            for name, given in model.treatments.items()
        }
        effects = tuple(self._renamed(one) for one in model.covariate_effects)
        self.model = replace(model, treatments=treatments, covariate_effects=effects)

    def process(self, arm: Arm, patient: PatientType, grouping: Grouping) -> GroupedProcess:
        """The process of a patient of an arm by groups of moves; new ones get the next numbers of `grouping`."""
        states, model = self.trial.states, self.model
        regimens = [arm.regimen]
        if states.events:
            regimens = list(states.regimens(arm.name, arm.regimen, model.background))
        tables, groups = [], []
        for regimen in regimens:
            base = model.intensities(regimen, self._with(patient, -1))
            found = np.zeros((*base.generators.shape, len(self.terms)))
            for number in range(len(self.terms)):
                other = model.intensities(regimen, self._with(patient, number))
                found[..., number] = _log_ratio(other, base)
            tables.append(base)
            groups.append(_numbered(found, grouping))
        by_group = []
        for number in range(len(grouping.rows)):
            masked = [_only(table, of == number) for table, of in zip(tables, groups, strict=True)]
            by_group.append(states.intensities(arm.name, masked) if states.events else masked[0])
        generators = np.array([table.generators for table in by_group])
        if states.events and len(by_group) > 1:
            nothing = states.intensities(arm.name, [_only(table, np.zeros_like(table.generators)) for table in tables])
            generators[1:] = np.maximum(generators[1:] - nothing.generators, 0.0)
        return GroupedProcess(by_group[0].breaks, generators)

    def _renamed(self, effect: _Effect) -> _Effect:
        name = self._named.get((effect.covariate, effect.shape))
        return effect if name is None else replace(effect, covariate=name, shape=LINEAR)

    def _with(self, patient: PatientType, number: int) -> PatientType:
        values = {name: float(number == at) for at, name in enumerate(self._names)}
        return replace(patient, covariates={**patient.covariates, **values})


def _log_ratio(one: IntensityTable, other: IntensityTable) -> Floats:
    """The logarithm of the ratio of intensities (J, S, S), 0 where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(one.generators / other.generators)
    moves = ~np.eye(one.n_states, dtype=bool) & (other.generators > 0.0)
    # Rounded, so that what was written as 0.3 is that again.
    return np.where(moves, np.round(found, _DIGITS) + 0.0, 0.0)


def _numbered(coefficients: Floats, grouping: Grouping) -> Floats:
    """The group (J, S, S) of each move with these coefficients (J, S, S, T)."""
    shape = coefficients.shape[:-1]
    numbers = [
        grouping.rows.setdefault(tuple(row), len(grouping.rows))
        for row in coefficients.reshape(int(np.prod(shape)), -1).tolist()
    ]
    return np.array(numbers, dtype=np.float64).reshape(shape)


def _only(table: IntensityTable, kept: Floats) -> IntensityTable:
    """The same with those moves only that are kept (J, S, S)."""
    generators = np.where(kept, table.generators, 0.0)
    states = np.arange(table.n_states)
    generators[:, states, states] = 0.0
    generators[:, states, states] = -generators.sum(axis=2)
    return IntensityTable(table.breaks, generators)
