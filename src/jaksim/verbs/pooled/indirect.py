"""Bucher's indirect comparison of two drugs, by each outcome of the synthesis that a planned endpoint has."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from jaksim.design.prediction import Prediction
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.inference import Contrast, indirect
from jaksim.evidence.synthesis.pooling import pool
from jaksim.evidence.synthesis.selection import Selection
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import gather
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.regimen import Regimen
from jaksim.scenario.scenario import Scenario

OUTCOMES: Final[Mapping[tuple[str, ...], str]] = {
    ("ventilated", "dead"): "ventilation-or-death",
    ("dead",): "mortality",
    ("recovered",): "discharge",
    ("discharged",): "discharge",
}
"""Outcome of the synthesis by the sets of scores whose event is counted."""
_EVENT: Final = re.compile(r"score in ([\w ]+?) \(score")


@dataclass(frozen=True)
class IndirectComparison:
    """Active against reference by way of their controls: log ratio, its interval, and the two sides.

    `outcome` and `definition` are those of the synthesis, which need not be those of the planned endpoint.
    `difference` is what the ratio and its interval come to as a risk difference, where the reference arm has the risk
    that the scenario expects. `active_effect` and `reference_effect` are the published log ratios of each drug against
    its controls; `active_expected` and `reference_expected` those that the disease model has at its estimates against
    the same arm without the drug, in the patients of the scenario, and None for endpoints that are not binary.
    """

    endpoint: str
    active: str
    reference: str
    outcome: str
    definition: str
    measure: str
    estimate: float
    interval: tuple[float, float]
    difference: tuple[float, float, float] | None
    active_effect: float
    reference_effect: float
    active_expected: float | None
    reference_expected: float | None
    active_trials: tuple[str, ...]
    reference_trials: tuple[str, ...]


def indirect_comparisons(
    scenario: Scenario, predictions: tuple[Prediction, ...], until: str | None, left_out: frozenset[str] = frozenset()
) -> tuple[IndirectComparison, ...]:
    """One for each planned endpoint that an outcome of the synthesis answers, where arms differ by one drug each."""
    found: dict[tuple[str, str, str], IndirectComparison] = {}
    for one in predictions:
        drugs = compared_drugs(scenario, one.active, one.reference)
        sets = _sets(scenario, one.endpoint)
        key = (one.endpoint, one.active, one.reference)
        if drugs is not None and sets in OUTCOMES and key not in found and not one.strata:
            made = _compared(one.endpoint, *drugs, load_selection(OUTCOMES[sets]), until, left_out)
            if made is not None:
                risk = reference_risk(scenario, one.endpoint, one.reference)
                found[key] = (
                    made
                    if risk is None
                    else replace(
                        made,
                        difference=_difference(made, risk),
                        active_expected=_expected(scenario, made, one.active, made.active),
                        reference_expected=_expected(scenario, made, one.reference, made.reference),
                    )
                )
    return tuple(found.values())


def compared_drugs(scenario: Scenario, active: str, reference: str) -> tuple[str, str] | None:
    """The drug that only the active and the one that only the reference arm gives, if it is one each."""
    given = {arm.name: arm.regimen.treatments for arm in scenario.trial.arms}
    if active not in given or reference not in given:
        return None
    first = [name for name in given[active] if name not in given[reference]]
    second = [name for name in given[reference] if name not in given[active]]
    return (first[0], second[0]) if len(first) == len(second) == 1 else None


def _sets(scenario: Scenario, endpoint: str) -> tuple[str, ...]:
    """Names of the sets of scores whose event an endpoint counts; nothing for other endpoints."""
    found = _EVENT.search(scenario.trial.endpoint(endpoint).event)
    return tuple(found[1].split(" or ")) if found else ()


def reference_risk(scenario: Scenario, endpoint: str, arm: str) -> float | None:
    """Probability of a binary endpoint in an arm at the estimates of the disease model; None for other endpoints."""
    return _risk(scenario, endpoint, scenario.trial.arm(arm).regimen)


def _expected(scenario: Scenario, made: IndirectComparison, arm: str, drug: str) -> float | None:
    """Log ratio of an arm against the same one without a drug."""
    regimen = scenario.trial.arm(arm).regimen
    without = Regimen(tuple(name for name in regimen.treatments if name != drug))
    risks = [_risk(scenario, made.endpoint, one) for one in (regimen, without)]
    known = all(risk is not None and 0.0 < risk < 1.0 for risk in risks)
    if made.measure not in ("risk_ratio", "odds_ratio") or not known:
        return None
    first, second = (risk for risk in risks if risk is not None)
    if made.measure == "risk_ratio":
        return math.log(first / second)
    return math.log(first / (1.0 - first)) - math.log(second / (1.0 - second))


def _risk(scenario: Scenario, endpoint: str, regimen: Regimen) -> float | None:
    definition, trial = scenario.trial.endpoint(endpoint), scenario.trial
    if definition.kind != "binary" or trial.states.size != trial.scale.n_states:
        return None
    strata = trial.population.strata
    total = sum(stratum.weight for stratum in strata)
    risk = 0.0
    for stratum in strata:
        for weight, patient in stratum.patients:
            table = trial.disease.intensities(regimen, patient)
            matrices = stacked_transition_matrices([table], trial.horizon)
            law = definition.law(matrices, trial.scale.index(patient.baseline_score))[0]
            risk += stratum.weight / total * weight * float(law[definition.status == 1].sum())
    return risk


def _compared(
    endpoint: str, active: str, reference: str, selection: Selection, until: str | None, left_out: frozenset[str]
) -> IndirectComparison | None:
    sides = [_side(selection, drug, until, left_out) for drug in (active, reference)]
    if any(side is None for side in sides):
        return None
    (first, of_first), (second, of_second) = (side for side in sides if side is not None)
    contrast = indirect(first, second)
    return IndirectComparison(
        endpoint=endpoint,
        active=active,
        reference=reference,
        outcome=selection.id,
        definition=selection.title,
        measure=selection.measure,
        estimate=contrast.estimate,
        interval=contrast.interval,
        difference=None,
        active_effect=first.estimate,
        reference_effect=second.estimate,
        active_expected=None,
        reference_expected=None,
        active_trials=of_first,
        reference_trials=of_second,
    )


def _difference(made: IndirectComparison, risk: float) -> tuple[float, float, float] | None:
    ratios = [math.exp(value) for value in (made.estimate, *made.interval)]
    if made.measure == "risk_ratio":
        return tuple(risk * (ratio - 1.0) for ratio in ratios)  # type: ignore[return-value]
    if made.measure == "odds_ratio":
        odds = risk / (1.0 - risk)
        return tuple(odds * ratio / (1.0 + odds * ratio) - risk for ratio in ratios)  # type: ignore[return-value]
    return None


def _side(
    selection: Selection, drug: str, until: str | None, left_out: frozenset[str]
) -> tuple[Contrast, tuple[str, ...]] | None:
    """A drug against control over its trials, random effects (REML)."""
    trials = [
        trial
        for trial in gather(selection)
        if trial.agent == drug and trial.study not in left_out and (until is None or _month(trial) <= until)
    ]
    if not trials:
        return None
    estimates = Estimates(
        tuple(trial.study for trial in trials),
        np.array([trial.log_ratio for trial in trials]),
        np.array([trial.standard_error for trial in trials]),
    )
    return pool(estimates, method="reml" if len(trials) > 1 else "fixed").mean, estimates.labels


def _month(trial: Any) -> str:
    from jaksim.evidence.catalogue import load_study

    return load_study(trial.study).published or "9999-12"
