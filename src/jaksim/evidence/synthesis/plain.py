"""The answers of a synthesis as plain values, for JSON and for printing."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from jaksim.evidence.synthesis.answers import ClassPooled, Synthesis, spread_of
from jaksim.evidence.synthesis.between_trials import BetweenTrials
from jaksim.evidence.synthesis.class_effect import ClassEffect
from jaksim.evidence.synthesis.inference import Contrast, wald
from jaksim.evidence.synthesis.interaction import Interaction
from jaksim.evidence.synthesis.network_checks import p_scores, rank_probabilities
from jaksim.evidence.synthesis.pooling import Pooled
from jaksim.evidence.synthesis.posterior import NormalMixture, TauPosterior
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence, gather
from jaksim.ratio import ratio_of

Plain = dict[str, Any]


def as_dict(synthesis: Synthesis) -> Plain:
    """Every answer, with the records behind it and the studies left out."""
    selection = synthesis.selection
    return {
        "outcome": selection.id,
        "title": selection.title,
        "measure": selection.measure,
        "better": selection.better,
        "note": selection.note,
        "priors": {
            "effect": str(selection.effect_prior),
            "between_studies": str(selection.study_prior),
            "between_agents": str(selection.agent_prior),
            "reasons": dict(selection.prior_reasons),
        },
        "trials": [_trial(trial) for trial in synthesis.trials],
        "excluded": [asdict(entry) for entry in selection.excluded],
        "not_considered": list(synthesis.not_considered),
        "classes": {name: _class(synthesis, name, pooled) for name, pooled in synthesis.classes.items()},
        "between_trials": spread(synthesis.spread),
        "class_against_agent": _class_effect(synthesis, synthesis.class_effect),
        "agents": _agents(synthesis),
        "interaction": None if synthesis.interaction is None else _interaction(synthesis, synthesis.interaction),
    }


def outline_of(name: str) -> Plain:
    """An outcome that ships: its question, its trials, and how far they differ, of each class and of all."""
    selection = load_selection(name)
    trials = gather(selection)
    present = [key for key in selection.classes if any(trial.treatment_class == key for trial in trials)]
    inside = {key: [trial for trial in trials if trial.treatment_class == key] for key in present}
    return {
        "outcome": selection.id,
        "title": selection.title,
        "measure": selection.measure,
        "trials": len(trials),
        "left_out": len(selection.excluded),
        "between_trials": spread(spread_of(selection, trials)),
        "classes": {
            key: {"label": selection.classes[key], "between_trials": spread(spread_of(selection, members))}
            for key, members in inside.items()
        },
    }


def effect(posterior: NormalMixture, better: str) -> Plain:
    """Mean and standard deviation on the log scale, the ratio with its interval, and the probability of benefit."""
    below = posterior.below(0.0)
    return {
        "estimate": posterior.mean,
        "sd": posterior.standard_deviation,
        "ratio": ratio_of(posterior.mean),
        "ratio_interval": [ratio_of(limit) for limit in posterior.interval()],
        "probability_of_benefit": below if better == "lower" else 1 - below,
    }


def contrast(value: Contrast) -> Plain:
    """A frequentist contrast of log ratios."""
    return {
        "estimate": value.estimate,
        "se": value.standard_error,
        "ratio": value.ratio,
        "ratio_interval": list(value.ratio_interval),
        "p_value": value.p_value,
    }


def spread(found: BetweenTrials) -> Plain:
    """The standard deviation between trials: its posterior beside the REML estimate with its Q-profile interval."""
    limits = found.tau2_interval
    return {
        "trials": found.trials,
        "df": found.df,
        "q": found.q,
        "tau": _deviation(found.posterior),
        "tau2": found.tau2,
        "tau2_interval": None if limits is None else list(limits),
    }


def _trial(trial: TrialEvidence) -> Plain:
    own = wald(trial.log_ratio, trial.standard_error)
    return asdict(trial) | {"ratio": own.ratio, "ratio_interval": list(own.ratio_interval)}


def _deviation(posterior: TauPosterior) -> Plain:
    return {
        "mean": posterior.mean,
        "median": posterior.quantile(0.5),
        "sd": posterior.standard_deviation,
        "interval": list(posterior.interval()),
    }


def _class(synthesis: Synthesis, name: str, pooled: ClassPooled) -> Plain:
    better = synthesis.selection.better
    posterior = pooled.bayes
    return {
        "label": synthesis.selection.classes[name],
        "definition": synthesis.selection.definitions[name],
        "trials": [trial.study for trial in pooled.trials],
        "pooled": {label: _pooled(value) for label, value in pooled.by_method.items()},
        "between_trials": spread(pooled.spread),
        "bayes": {
            "mean": effect(posterior.coefficient("mean"), better),
            "new_study": effect(posterior.linear([1.0], new_study=True), better),
            "between_studies": _deviation(posterior.tau),
            "studies": {label: effect(value, better) for label, value in posterior.studies.items()},
        },
    }


def _pooled(pooled: Pooled) -> Plain:
    prediction = pooled.prediction_interval
    return {
        **contrast(pooled.mean),
        "k": pooled.k,
        "tau": pooled.tau,
        "tau2": pooled.tau2,
        "tau2_interval": pooled.tau2_interval,
        "q": pooled.q,
        "q_df": pooled.q_df,
        "q_p_value": pooled.q_p_value,
        "i2": pooled.i2,
        "prediction_ratio_interval": None if prediction is None else [ratio_of(limit) for limit in prediction],
        "weights": list(pooled.weights),
    }


def _class_effect(synthesis: Synthesis, found: ClassEffect) -> Plain:
    better, differ_by = synthesis.selection.better, synthesis.selection.differ_by
    distance = math.log(differ_by)
    return {
        "class": synthesis.selection.class_in_question,
        "class_mean": effect(found.mean, better),
        "new_agent": effect(found.new_agent, better),
        "between_agents": _deviation(found.between_agents),
        "between_studies": _deviation(found.between_studies),
        "agents": {name: effect(value, better) for name, value in found.agents.items()},
        "differ_by": differ_by,
        "probability_that_pairs_differ": {
            f"{first} - {second}": value.beyond(distance) for (first, second), value in found.pairs.items()
        },
        "probability_that_any_pair_differs": found.any_pair_beyond(distance),
        "probability_that_new_agents_differ": found.new_pair.beyond(distance),
        "bayes_factor_one_effect": found.bayes_factor_common,
    }


def _agents(synthesis: Synthesis) -> Plain:
    net, better = synthesis.agents, synthesis.selection.better
    ranks = rank_probabilities(net, better=better)  # type: ignore[arg-type]
    return {
        "model": "network of trials that share a control, REML",
        "not_compared": [name for name in synthesis.classes if not synthesis.selection.compared(name)],
        "tau": math.sqrt(net.tau2),
        "league": {f"{first} / {second}": contrast(value) for (first, second), value in net.league().items()},
        "p_scores": p_scores(net, better=better),  # type: ignore[arg-type]
        "rank_probabilities": {name: values.tolist() for name, values in ranks.items()},
    }


def _interaction(synthesis: Synthesis, found: Interaction) -> Plain:
    better, plan = synthesis.selection.better, found.plan
    slopes = {name: fit.coefficient("interaction") for name, fit in found.by_class.items()}
    return {
        "name": plan.name,
        "unit": plan.unit,
        "prior": {"mean": plan.prior.mean, "sd": plan.prior.standard_deviation, "reason": plan.prior_reason},
        **effect(found.fit.coefficient("interaction"), better),
        "between_studies": _deviation(found.fit.tau),
        "by_class": {name: effect(slope, better) for name, slope in slopes.items()},
        "effect_without_modifier": _levels(found, 0.0, better),
        "effect_with_modifier": _levels(found, 1.0, better),
        "within_trials": [asdict(entry) | contrast(value) for entry, value in found.within],
        "within_pooled": {
            name or "all": contrast(value.mean)
            | {"trials": value.k, "tau": value.tau, "tau2_interval": value.tau2_interval}
            for name, value in found.within_pooled.items()
        },
        "combined": {name or "all": effect(value, better) for name, value in found.combined.items()},
        "studies": [trial.study for trial in found.used],
        "modifier_effect": None if plan.modifier is None else asdict(plan.modifier),
    }


def _levels(found: Interaction, share: float, better: str) -> Plain:
    """Effect of each class when this share of the patients is on the modifier."""
    names = found.fit.names[:-1]
    rows = {name: [float(name == other) for other in names] + [share - found.centre] for name in names}
    return {name: effect(found.fit.linear(row), better) for name, row in rows.items()}
