"""What the catalogue says when its records are put together: the answers of one synthesis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.synthesis.between_trials import BetweenTrials, between_trials
from jaksim.evidence.synthesis.class_effect import ClassEffect, class_effect
from jaksim.evidence.synthesis.interaction import Interaction, interaction
from jaksim.evidence.synthesis.network import Network, network
from jaksim.evidence.synthesis.network_trial import NetworkTrial
from jaksim.evidence.synthesis.pooling import Pooled, pool
from jaksim.evidence.synthesis.regression import Regression, hierarchy
from jaksim.evidence.synthesis.selection import Selection
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence, estimates_of, gather

CONTROL = "control"


@dataclass(frozen=True, eq=False)
class ClassPooled:
    """Pairwise results of one class: by method, the Bayesian hierarchy, and how far its trials differ."""

    trials: tuple[TrialEvidence, ...]
    by_method: Mapping[str, Pooled]
    bayes: Regression
    spread: BetweenTrials


@dataclass(frozen=True, eq=False)
class Synthesis:
    """All answers of one selection of records; `not_considered` are catalogued studies the selection does not name.

    `spread` is how far the trials of all classes differ, each from the mean of its class.
    """

    selection: Selection
    trials: tuple[TrialEvidence, ...]
    classes: Mapping[str, ClassPooled]
    spread: BetweenTrials
    agents: Network
    class_effect: ClassEffect
    interaction: Interaction | None
    not_considered: tuple[str, ...]


METHODS: Mapping[str, Mapping[str, str]] = {
    "fixed effect": {"method": "fixed"},
    "DerSimonian-Laird": {"method": "dersimonian_laird"},
    "Paule-Mandel": {"method": "paule_mandel"},
    "REML": {"method": "reml"},
    "REML, Hartung-Knapp": {"method": "reml", "interval": "hartung_knapp"},
    "REML, Hartung-Knapp truncated": {"method": "reml", "interval": "hartung_knapp_truncated"},
}


def synthesise(selection: Selection | str) -> Synthesis:
    """Pairwise, network, class against agent and interaction, of a selection or the name of one."""
    chosen = load_selection(selection) if isinstance(selection, str) else selection
    trials = gather(chosen)
    named = {trial.study for trial in chosen.trials} | {entry.study for entry in chosen.excluded}
    for entry in chosen.excluded:
        load_study(entry.study)
    inside = [trial for trial in trials if trial.treatment_class == chosen.class_in_question]
    return Synthesis(
        selection=chosen,
        trials=trials,
        classes={name: _pooled(chosen, trials, name) for name in chosen.classes if _members(trials, name)},
        spread=spread_of(chosen, trials),
        agents=_agents([trial for trial in trials if chosen.compared(trial.treatment_class)]),
        class_effect=class_effect(
            estimates_of(inside),
            [trial.agent for trial in inside],
            study_prior=chosen.study_prior,
            agent_prior=chosen.agent_prior,
            mean_prior=chosen.effect_prior,
        ),
        interaction=None if chosen.interaction is None else interaction(chosen, chosen.interaction, trials),
        not_considered=tuple(name for name in study_ids() if name not in named),
    )


def _members(trials: tuple[TrialEvidence, ...], name: str) -> tuple[TrialEvidence, ...]:
    return tuple(trial for trial in trials if trial.treatment_class == name)


def spread_of(selection: Selection, trials: Sequence[TrialEvidence]) -> BetweenTrials:
    """How far these trials differ from the means of their classes."""
    return between_trials(
        estimates_of(trials),
        [trial.treatment_class for trial in trials],
        tau_prior=selection.study_prior,
        mean_prior=selection.effect_prior,
    )


def _pooled(selection: Selection, trials: tuple[TrialEvidence, ...], name: str) -> ClassPooled:
    members = _members(trials, name)
    estimates = estimates_of(members)
    methods = METHODS if len(members) > 1 else {"fixed effect": METHODS["fixed effect"]}
    return ClassPooled(
        trials=members,
        by_method={label: pool(estimates, **options) for label, options in methods.items()},  # type: ignore[arg-type]
        bayes=hierarchy(estimates, tau_prior=selection.study_prior, mean_prior=selection.effect_prior),
        spread=spread_of(selection, members),
    )


def _agents(trials: Sequence[TrialEvidence]) -> Network:
    """All agents against each other through the control that their trials share."""
    contrasts = [
        NetworkTrial(t.study, (CONTROL, t.agent), np.array([t.log_ratio]), np.array([[t.standard_error**2]]))
        for t in trials
    ]
    return network(contrasts, reference=CONTROL, method="reml")
