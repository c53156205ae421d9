"""Trials of a scenario with its uncertain parameters drawn: posterior draws, effects, interactions, a new setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.budget import Pace
from jaksim.design.parameter_draws import EvenNumbers
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel
from jaksim.model.effect import TreatmentEffect
from jaksim.model.moves import Move, group_of
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.parameter_set import ParameterSet
from jaksim.model.regimen import Treatment
from jaksim.scale import OrdinalScale
from jaksim.scenario.disease import DiseaseSection
from jaksim.scenario.scenario import Scenario
from jaksim.trial import Trial

MOST_DRAWS: Final = 10_000_000
# Draws within which kernels are compiled.
_WARM_UP: Final = 2
FAVOURABLE_GROUPS: Final = ("improvement", "discharge")


def spread_of(scenario: Scenario, asked: float | None) -> tuple[float, str]:
    """How much a treatment's benefit differs between trials, the scenario's unless asked for, and where it is from."""
    if asked is None:
        return scenario.between_trial_sd, scenario.between_trial_source
    return asked, "given by the user"


def drawn_trials(scenario: Scenario, *, draws: int, seed: int, between_trial_sd: float) -> Iterator[Trial]:
    """`draws` trials that differ in their disease model.

    Calibrated parts take posterior draws of their parameter set: parts of the same set the same draw, parts of
    different sets independent ones. Effects written in the scenario and interactions are drawn from their standard
    errors and prior standard deviations. `between_trial_sd` (log scale) is how much a treatment's benefit differs
    from trial to trial: all its effects shift together, in favour of the patient or against. The numbers that all this
    is drawn by are spread evenly over the draws.
    """
    if not 2 <= draws <= MOST_DRAWS:
        raise InputError(
            "the number of draws is out of range", where="‹draws›", allowed=f"2 to {MOST_DRAWS:,}", got=draws
        )
    pace = Pace(draws, f"{draws:,} parameter draws", warm_up=_WARM_UP, where="‹draws›", instead="fewer draws")
    section = scenario.disease
    ranked = {name: _by_benefit(found, section.model.scale) for name, found in section.parameter_sets.items()}
    numbers = EvenNumbers(_dimensions(section), seed)
    for _ in range(draws):
        chances = _Chances(numbers.draw())
        yield replace(scenario.trial, disease=_drawn(section, ranked, chances, between_trial_sd))
        pace.advance(1)


class _Chances:
    """The numbers of one draw, taken one after the other."""

    def __init__(self, point: NDArray[np.float64]) -> None:
        self._left = iter(point.tolist())

    def one_of(self, values: NDArray[np.int64]) -> int:
        return int(values[int(next(self._left) * len(values))])

    def normal(self) -> float:
        return NormalDist().inv_cdf(next(self._left))


def _dimensions(section: DiseaseSection) -> int:
    """How many numbers a draw takes."""
    model = section.model
    written = sum(len(treatment.effects) for name, treatment in model.treatments.items() if name not in section.set_of)
    return len(section.parameter_sets) + len(model.treatments) + written + len(model.interactions)


def _by_benefit(found: ParameterSet, scale: OrdinalScale) -> NDArray[np.int64]:
    """Posterior draws in order of the benefit of the treatments, so that even numbers spread over it evenly."""
    benefit = [
        sum(
            _direction(effect, scale) * effect.log_hazard_ratio
            for treatment in found.draw(number)[1].values()
            for effect in treatment.effects
        )
        for number in range(len(found.draws))
    ]
    return np.argsort(benefit, kind="stable").astype(np.int64)


def _drawn(
    section: DiseaseSection, ranked: dict[str, NDArray[np.int64]], chances: _Chances, between_trial_sd: float
) -> DiseaseModel:
    parts: dict[str, tuple[NaturalHistory, dict[str, Treatment]]] = {
        name: found.draw(chances.one_of(ranked[name])) for name, found in sorted(section.parameter_sets.items())
    }
    model = section.model
    history = parts[section.set_of[""]][0] if "" in section.set_of else model.natural_history
    treatments = {}
    for name, treatment in model.treatments.items():
        calibrated = name in section.set_of
        drawn = parts[section.set_of[name]][1][name] if calibrated else _from_errors(treatment, chances)
        treatments[name] = _shifted(drawn, between_trial_sd * chances.normal(), model.scale)
    interactions = tuple(
        replace(
            interaction,
            log_hazard_ratio=interaction.log_hazard_ratio + chances.normal() * (interaction.prior_sd or 0.0),
        )
        for interaction in model.interactions
    )
    return replace(model, natural_history=history, treatments=treatments, interactions=interactions)


def _from_errors(treatment: Treatment, chances: _Chances) -> Treatment:
    effects = tuple(
        replace(effect, log_hazard_ratio=effect.log_hazard_ratio + chances.normal() * (effect.standard_error or 0.0))
        for effect in treatment.effects
    )
    return replace(treatment, effects=effects)


def _shifted(treatment: Treatment, benefit: float, scale: OrdinalScale) -> Treatment:
    """The treatment with every effect moved by `benefit` (log scale) towards what is good for the patient.

    An effect per unit of a covariate stays: it says how patients differ, not how much the treatment does.
    """
    effects = tuple(
        replace(effect, log_hazard_ratio=effect.log_hazard_ratio + benefit * _direction(effect, scale))
        if not effect.covariate
        else effect
        for effect in treatment.effects
    )
    return replace(treatment, effects=effects)


def _direction(effect: TreatmentEffect, scale: OrdinalScale) -> float:
    groups = {group_of(move, scale) if isinstance(move, Move) else move for move in effect.moves}
    return 1.0 if groups <= set(FAVOURABLE_GROUPS) else -1.0
