"""Trials of a scenario with its uncertain parameters drawn: posterior draws, effects, interactions, a new setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from jaksim.model.disease import DiseaseModel
from jaksim.model.effect import TreatmentEffect
from jaksim.model.moves import Move, group_of
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Treatment
from jaksim.rng import Purpose, generator
from jaksim.scale import OrdinalScale
from jaksim.scenario.disease import DiseaseSection
from jaksim.scenario.scenario import Scenario
from jaksim.trial import Trial

FAVOURABLE_GROUPS: Final = ("improvement", "discharge")


def drawn_trials(scenario: Scenario, *, draws: int, seed: int, between_trial_sd: float) -> Iterator[Trial]:
    """`draws` trials that differ in their disease model.

    Calibrated parts take posterior draws of their parameter set: parts of the same set the same draw, parts of
    different sets independent ones. Effects written in the scenario and interactions are drawn from their standard
    errors and prior standard deviations. `between_trial_sd` (log scale) is how much a treatment's benefit differs
    from trial to trial: all its effects shift together, in favour of the patient or against.
    """
    for number in range(draws):
        stream = generator(seed, Purpose.POSTERIOR, replicate=number)
        yield replace(scenario.trial, disease=_drawn(scenario.disease, number, stream, between_trial_sd))


def _drawn(section: DiseaseSection, number: int, stream: np.random.Generator, between_trial_sd: float) -> DiseaseModel:
    parts: dict[str, tuple[NaturalHistory, dict[str, Treatment]]] = {}
    for name, found in sorted(section.parameter_sets.items()):
        index = number if number < len(found.draws) and not parts else int(stream.integers(len(found.draws)))
        parts[name] = found.draw(index)
    model = section.model
    history = parts[section.set_of[""]][0] if "" in section.set_of else model.natural_history
    treatments = {}
    for name, treatment in model.treatments.items():
        calibrated = name in section.set_of
        drawn = parts[section.set_of[name]][1][name] if calibrated else _from_errors(treatment, stream)
        shift = between_trial_sd * float(stream.standard_normal())
        treatments[name] = _shifted(drawn, shift, model.scale)
    interactions = tuple(
        replace(
            one,
            log_hazard_ratio=one.log_hazard_ratio + float(stream.standard_normal()) * (one.prior_sd or 0.0),
        )
        for one in model.interactions
    )
    return replace(model, natural_history=history, treatments=treatments, interactions=interactions)


def _from_errors(treatment: Treatment, stream: np.random.Generator) -> Treatment:
    effects = tuple(
        replace(
            effect,
            log_hazard_ratio=effect.log_hazard_ratio + float(stream.standard_normal()) * (effect.standard_error or 0.0),
        )
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
