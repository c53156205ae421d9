"""How the effect of a class changes with another treatment: across trials, and inside those that report subgroups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.inference import Contrast, wald
from jaksim.evidence.synthesis.pooling import Pooled, pool
from jaksim.evidence.synthesis.posterior import NormalMixture
from jaksim.evidence.synthesis.regression import Regression, regress
from jaksim.evidence.synthesis.selection import InteractionPlan, Selection, WithinTrial
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence, estimates_of, log_ratio, log_ratio_of_counts


@dataclass(frozen=True, eq=False)
class Interaction:
    """How the log ratio of the effect changes per unit of the modifier.

    `fit` compares trials of all classes, `by_class` those of each. `within` are contrasts of subgroups inside trials;
    `within_pooled` pools them, of all classes under "" and of each under its name, and `combined` is what trials
    compared and their subgroups say together. `centre` is the share at which the class effects of `fit` stand.
    """

    plan: InteractionPlan
    fit: Regression
    centre: float
    used: tuple[TrialEvidence, ...]
    by_class: Mapping[str, Regression]
    within: tuple[tuple[WithinTrial, Contrast], ...]
    within_pooled: Mapping[str, Pooled]
    combined: Mapping[str, NormalMixture]

    @property
    def estimate(self) -> float:
        """Posterior mean of the log ratio per unit, from trials compared."""
        return self.fit.coefficient("interaction").mean

    @property
    def standard_deviation(self) -> float:
        """Posterior standard deviation, which a scenario can take as the prior_sd of its interaction."""
        return self.fit.coefficient("interaction").standard_deviation


def interaction(selection: Selection, plan: InteractionPlan, trials: Sequence[TrialEvidence]) -> Interaction:
    """Levels of the classes and one slope on the share of patients with the modifier; subgroups inside trials beside.

    InputError where the trials do not differ in the share, or arms differ in it and the plan says no `modifier`.
    """
    used = tuple(t for t in trials if t.treatment_class in plan.classes and t.modifier is not None)
    where = f"{selection.id}, interaction"
    if len({trial.modifier for trial in used}) < 2:
        raise InputError("trials with different shares of the modifier are needed", where=where)
    estimates = _without_imbalance(used, plan, where)
    share = np.array([trial.modifier for trial in used], dtype=float)
    centre = float(share @ (1 / estimates.v) / (1 / estimates.v).sum())
    classes = tuple(name for name in plan.classes if any(trial.treatment_class == name for trial in used))
    fit = _regression(selection, plan, estimates, used, share - centre, classes)
    by_class = {
        name: _regression(selection, plan, estimates, used, share - centre, (name,))
        for name in classes
        if len({trial.modifier for trial in used if trial.treatment_class == name}) > 1
    }
    within = tuple((entry, _within(entry, selection.measure)) for entry in plan.within)
    pooled = _pooled_within(within, classes)
    across = {"": fit, **by_class}
    return Interaction(
        plan=plan,
        fit=fit,
        centre=centre,
        used=used,
        by_class=by_class,
        within=within,
        within_pooled=pooled,
        combined={
            name: found.coefficient("interaction").given(pooled[name].mean.estimate, pooled[name].mean.standard_error)
            for name, found in across.items()
            if name in pooled
        },
    )


def _without_imbalance(used: tuple[TrialEvidence, ...], plan: InteractionPlan, where: str) -> Estimates:
    """Log ratios less what a difference between arms in the modifier does by itself, its uncertainty added."""
    imbalance = np.array([trial.imbalance for trial in used], dtype=float)
    raw = estimates_of(used)
    if plan.modifier is None:
        if imbalance.any():
            study = used[int(np.argmax(imbalance != 0.0))].study
            raise InputError("arms differ in the modifier: `modifier_effect` is needed", where=where, got=study)
        return raw
    study_of_modifier = load_study(plan.modifier.study)
    effect, error = log_ratio(study_of_modifier, study_of_modifier[plan.modifier.record])
    return Estimates(raw.labels, raw.y - imbalance * effect, np.sqrt(raw.v + (imbalance * error) ** 2))


def _regression(
    selection: Selection,
    plan: InteractionPlan,
    estimates: Estimates,
    used: tuple[TrialEvidence, ...],
    share: Floats,
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


def _within(within: WithinTrial, measure: str) -> Contrast:
    (present, first), (absent, second) = (_subgroup(within.study, names, measure) for names in _sides(within))
    return wald(present - absent, math.hypot(first, second))


def _sides(within: WithinTrial) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return within.present, within.absent


def _subgroup(study_id: str, names: tuple[str, ...], measure: str) -> tuple[float, float]:
    study = load_study(study_id)
    if len(names) == 1:
        return log_ratio(study, study[names[0]])
    return log_ratio_of_counts(study, [(study[name],) for name in names], measure)


def _pooled_within(within: tuple[tuple[WithinTrial, Contrast], ...], classes: tuple[str, ...]) -> dict[str, Pooled]:
    """Random effects (REML) over the trials, by class and over all; nothing where no trial reports subgroups."""
    found = {}
    for name in ("", *classes):
        inside = [(entry, value) for entry, value in within if name in ("", entry.treatment_class)]
        if inside:
            labels, effects, errors = zip(*((e.study, v.estimate, v.standard_error) for e, v in inside), strict=True)
            found[name] = pool(Estimates(labels, effects, errors), method="reml")
    return found
