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
from jaksim.pooling.hierarchy import PooledPosterior, with_one_more
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

    The trial is as large, treats as severe patients and as many on glucocorticoids as the one that it is `like`. Both
    widths are of a normal distribution with the variance of the prediction, on the scale of the estimate.
    """

    analysis: str
    drug: str
    like: str
    width: float
    width_after: float


def value_of_information(
    scenario: Scenario, predictions: Sequence[Prediction], studies: Mapping[str, set[str]]
) -> tuple[OneMoreTrial, ...]:
    """For each primary analysis of two pooled drugs head to head; `studies` are the trials used, by parameter set."""
    found: list[OneMoreTrial] = []
    section = scenario.disease
    for position, one in enumerate(predictions):
        drugs = compared_drugs(scenario, one.active, one.reference)
        if one.role != "primary" or drugs is None or any(section.set_of.get(drug) not in studies for drug in drugs):
            continue
        for drug in drugs:
            name = section.set_of[drug]
            pooling = section.parameter_sets[name].pooling
            assert pooling is not None
            posterior = posterior_of(pooling, studies[name], draws=2, points=_POINTS)
            both = [other for other in drugs if section.set_of[other] == name]
            gradient = _gradient(scenario, posterior, both, position)
            now = float(gradient @ posterior.covariance @ gradient)
            total = one.sd**2
            gains = []
            for trial in pooling.trials:
                if trial.drug == drug and trial.study in studies[name]:
                    after = with_one_more(posterior, replace(trial, study=f"one more like {trial.study}"))
                    gains.append((now - float(gradient @ after @ gradient), trial))
            gains.sort(key=lambda pair: -pair[0])
            found += [_told(one, drug, trial, total, gain) for gain, trial in gains[:MOST_KINDS]]
    return tuple(found)


def _told(one: Prediction, drug: str, like: TrialEffects, total: float, gain: float) -> OneMoreTrial:
    width = 2.0 * 1.959963984540054
    after = math.sqrt(max(total - gain, 0.0))
    return OneMoreTrial(one.name, drug, like.study, width * math.sqrt(total), width * after)


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
