"""Value of information: what one more trial of a drug would do to the interval of a prediction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.expected_estimates import expected_estimates
from jaksim.design.prediction import Prediction
from jaksim.model.disease import DiseaseModel
from jaksim.pooling.hierarchy import PooledPosterior, gains_of_one_more
from jaksim.pooling.summaries import TrialEffects
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.pooled.indirect import compared_drugs
from jaksim.verbs.pooled.until import posterior_of

STEP: Final = 0.05
MOST_KINDS: Final = 3
"""Kinds of trials of a drug: like those of its own that tell most."""
_POINTS: Final = 512


@dataclass(frozen=True)
class OneMoreTrial:
    """Central 95 % of a primary estimate as predicted, and as it would be after one more trial of a drug.

    The trial is as large, treats as severe patients and as many on glucocorticoids as the one that it is `like`. The
    width now is that of the predicted interval, on the scale of the estimate; the one after has it shrunk as the
    standard deviation shrinks. `narrower_mc_se` is the Monte Carlo standard error of their difference.
    """

    analysis: str
    drug: str
    like: str
    width: float
    width_after: float
    narrower_mc_se: float


def value_of_information(
    scenario: Scenario, predictions: Sequence[Prediction], studies: Mapping[str, set[str]]
) -> tuple[OneMoreTrial, ...]:
    """For each primary analysis of two pooled drugs head to head; `studies` are the trials used, by parameter set."""
    found: list[OneMoreTrial] = []
    section = scenario.disease
    for position, one in enumerate(predictions):
        drugs = compared_drugs(scenario, one.active, one.reference)
        if (
            one.role != "primary"
            or drugs is None
            or any(section.set_of.get(drug) not in studies or drug in section.changes for drug in drugs)
        ):
            continue
        for drug in drugs:
            name = section.set_of[drug]
            pooling = section.parameter_sets[name].pooling
            assert pooling is not None
            posterior = posterior_of(pooling, studies[name], draws=2, points=_POINTS)
            both = [other for other in drugs if section.set_of[other] == name]
            gradient = _gradient(scenario, posterior, both, position)
            gains = []
            for trial in pooling.trials:
                if trial.drug == drug and trial.study in studies[name]:
                    another = replace(trial, study=f"one more like {trial.study}")
                    gains.append((gains_of_one_more(posterior, another, gradient), trial))
            gains.sort(key=lambda pair: -pair[0].mean())
            found += [_told(one, drug, trial, gain) for gain, trial in gains[:MOST_KINDS]]
    return tuple(found)


def _told(one: Prediction, drug: str, like: TrialEffects, gains: Floats) -> OneMoreTrial:
    low, high = one.intervals["95"]
    width = high - low
    total, gain = one.sd**2, float(gains.mean())
    left = math.sqrt(max(1.0 - gain / total, 0.0))
    # Over the points that stand for how much trials differ.
    error = float(gains.std(ddof=1)) / math.sqrt(len(gains))
    return OneMoreTrial(
        one.name, drug, like.study, width, width * left, width * error / (2.0 * total * max(left, 0.05))
    )


def _gradient(scenario: Scenario, posterior: PooledPosterior, drugs: Sequence[str], analysis: int) -> Floats:
    """Derivatives (size,) of the estimate of a very large trial in the vector of pooled effects."""
    model = scenario.disease.model
    shifted: list[DiseaseModel] = []
    at: list[int] = []
    for drug in drugs:
        treatment = model.treatments[drug]
        for number, effect in enumerate(treatment.effects):
            at.append(posterior.coordinates.of_drug(drug, effect.label))
            for step in (STEP, -STEP):
                effects = list(treatment.effects)
                effects[number] = replace(effect, log_hazard_ratio=effect.log_hazard_ratio + step)
                changed = replace(treatment, effects=tuple(effects))
                shifted.append(replace(model, treatments={**model.treatments, drug: changed}))
    estimates = expected_estimates(scenario.trial, shifted)[:, analysis].reshape(len(at), 2)
    gradient = np.zeros(posterior.coordinates.size)
    gradient[at] = np.nan_to_num((estimates[:, 0] - estimates[:, 1]) / (2.0 * STEP))
    return gradient
