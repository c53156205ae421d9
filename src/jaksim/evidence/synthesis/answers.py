"""What the catalogue says when its records are put together: the answers of one synthesis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.evidence.synthesis.class_effect import ClassEffect, class_effect
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.inference import Contrast, wald
from jaksim.evidence.synthesis.network import Network, network
from jaksim.evidence.synthesis.network_trial import NetworkTrial
from jaksim.evidence.synthesis.pooling import Pooled, pool
from jaksim.evidence.synthesis.regression import Regression, hierarchy, regress
from jaksim.evidence.synthesis.selection import InteractionPlan, Selection, WithinTrial
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence, gather, log_ratio

CONTROL = "control"


@dataclass(frozen=True, eq=False)
class ClassPooled:
    """Pairwise results of one class: by method, and the Bayesian hierarchy."""

    trials: tuple[TrialEvidence, ...]
    by_method: Mapping[str, Pooled]
    bayes: Regression


@dataclass(frozen=True, eq=False)
class Interaction:
    """How the log ratio of the effect changes per unit of the modifier.

    `by_class` fits the classes one by one. `within` are contrasts of subgroups inside trials, for comparison.
    `centre` is the share at which the class effects of `fit` stand.
    """

    plan: InteractionPlan
    fit: Regression
    centre: float
    used: tuple[TrialEvidence, ...]
    by_class: Mapping[str, Regression]
    within: tuple[tuple[WithinTrial, Contrast], ...]

    @property
    def estimate(self) -> float:
        """Posterior mean of the log ratio per unit."""
        return self.fit.coefficient("interaction").mean

    @property
    def standard_deviation(self) -> float:
        """Posterior standard deviation, which a scenario can take as the prior_sd of its interaction."""
        return self.fit.coefficient("interaction").standard_deviation


@dataclass(frozen=True, eq=False)
class Synthesis:
    """All answers of one selection of records; `not_considered` are catalogued studies the selection does not name."""

    selection: Selection
    trials: tuple[TrialEvidence, ...]
    classes: Mapping[str, ClassPooled]
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
        agents=_agents(trials),
        class_effect=class_effect(
            _estimates(inside),
            [trial.agent for trial in inside],
            study_prior=chosen.study_prior,
            agent_prior=chosen.agent_prior,
            mean_prior=chosen.effect_prior,
        ),
        interaction=None if chosen.interaction is None else _interaction(chosen, chosen.interaction, trials),
        not_considered=tuple(name for name in study_ids() if name not in named),
    )


def _members(trials: tuple[TrialEvidence, ...], name: str) -> tuple[TrialEvidence, ...]:
    return tuple(trial for trial in trials if trial.treatment_class == name)


def _estimates(trials: list[TrialEvidence] | tuple[TrialEvidence, ...]) -> Estimates:
    labels = tuple(trial.study for trial in trials)
    return Estimates(labels, [trial.log_ratio for trial in trials], [trial.standard_error for trial in trials])


def _pooled(selection: Selection, trials: tuple[TrialEvidence, ...], name: str) -> ClassPooled:
    members = _members(trials, name)
    estimates = _estimates(members)
    methods = METHODS if len(members) > 1 else {"fixed effect": METHODS["fixed effect"]}
    return ClassPooled(
        trials=members,
        by_method={label: pool(estimates, **options) for label, options in methods.items()},  # type: ignore[arg-type]
        bayes=hierarchy(estimates, tau_prior=selection.study_prior, mean_prior=selection.effect_prior),
    )


def _agents(trials: tuple[TrialEvidence, ...]) -> Network:
    """All agents against each other through the control that their trials share."""
    contrasts = [
        NetworkTrial(t.study, (CONTROL, t.agent), np.array([t.log_ratio]), np.array([[t.standard_error**2]]))
        for t in trials
    ]
    return network(contrasts, reference=CONTROL, method="reml")


def _interaction(selection: Selection, plan: InteractionPlan, trials: tuple[TrialEvidence, ...]) -> Interaction:
    used = tuple(t for t in trials if t.treatment_class in plan.classes and t.modifier is not None)
    if len({trial.modifier for trial in used}) < 2:
        raise InputError(
            "trials with different shares of the modifier are needed", where=f"{selection.id}, interaction"
        )
    study = load_study(plan.modifier_study)
    modifier = log_ratio(study, study[plan.modifier_record])
    estimates = _without_imbalance(used, *modifier)
    share = np.array([trial.modifier for trial in used], dtype=float)
    centre = float(share @ (1 / estimates.v) / (1 / estimates.v).sum())
    classes = tuple(name for name in plan.classes if _members(used, name))
    return Interaction(
        plan=plan,
        fit=_regression(selection, plan, estimates, used, share - centre, classes),
        centre=centre,
        used=used,
        by_class={name: _regression(selection, plan, estimates, used, share - centre, (name,)) for name in classes},
        within=tuple((within, _within(within)) for within in plan.within),
    )


def _without_imbalance(used: tuple[TrialEvidence, ...], effect: float, error: float) -> Estimates:
    """Log ratios less what a difference between arms in the modifier does by itself, its uncertainty added."""
    imbalance = np.array([trial.imbalance for trial in used], dtype=float)
    raw = _estimates(used)
    return Estimates(raw.labels, raw.y - imbalance * effect, np.sqrt(raw.v + (imbalance * error) ** 2))


def _regression(
    selection: Selection,
    plan: InteractionPlan,
    estimates: Estimates,
    used: tuple[TrialEvidence, ...],
    share: np.ndarray,
    classes: tuple[str, ...],
) -> Regression:
    """One level per class at the centre, one slope for all."""
    rows = [i for i, trial in enumerate(used) if trial.treatment_class in classes]
    levels = [[used[i].treatment_class == name for name in classes] for i in rows]
    design = np.column_stack([np.array(levels, dtype=float), share[rows]])
    return regress(
        estimates.only([used[i].study for i in rows]),
        design,
        (*classes, "interaction"),
        (*(selection.effect_prior for _ in classes), plan.prior),
        tau_prior=selection.study_prior,
    )


def _within(within: WithinTrial) -> Contrast:
    study = load_study(within.study)
    (present, first), (absent, second) = (log_ratio(study, study[name]) for name in (within.present, within.absent))
    return wald(present - absent, math.hypot(first, second))
