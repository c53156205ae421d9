"""A scenario with the evidence of a date: pooled effects from the trials that were published by then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study, study_ids
from jaksim.model.disease import DiseaseModel
from jaksim.model.moves import kind_of
from jaksim.model.parameter_set import ParameterSet
from jaksim.pooling.file import Pooling, interactions_of
from jaksim.pooling.hierarchy import PooledPosterior, fit
from jaksim.pooling.summaries import TrialEffects, check_month, trials_behind
from jaksim.scenario.assumed import model_assumptions
from jaksim.scenario.disease import DiseaseSection
from jaksim.scenario.scenario import Scenario
from jaksim.scenario.treatments.solving import with_stated_effects

PREDICTED: Final = "the trial that is predicted"
ASKED: Final = "left out as asked"
"""Reasons for which a trial is no evidence, whenever it was published."""
_OF_EFFECT = "log_hazard_ratio."


@dataclass(frozen=True)
class EvidenceUsed:
    """Which trials the effects of each drug rest on, until when, and what was left out or has no date.

    `trials` are pairs of study and month by drug; `left_out` study, month and reason. `remarks` say what else there is
    in the scenario that the date does not hold for. `parameter_sets` names the set of each drug, `instead` what the
    effect of a drug without any trial rests on.
    """

    until: str | None
    trials: Mapping[str, tuple[tuple[str, str], ...]]
    left_out: tuple[tuple[str, str, str], ...]
    remarks: tuple[str, ...]
    parameter_sets: Mapping[str, str]
    instead: Mapping[str, str]


def with_evidence(
    scenario: Scenario, until: str | None, without: Sequence[str] = ()
) -> tuple[Scenario, EvidenceUsed | None]:
    """The scenario with pooled effects from trials published by the end of the month `until`, and what they are.

    The trial that a scenario is of is never among its evidence, nor are those of `without`. Nothing changes, and None
    is told, where no effect is pooled and neither is asked for. InputError for no month, for effects of a single trial
    that is later or left out, and for a study that is no trial of the pooled sets.
    """
    if until is not None:
        check_month(until, "‹evidence_until›")
    section = scenario.disease
    pooled = {name: found for name, found in section.parameter_sets.items() if found.pooling is not None}
    if not pooled and until is None and not without:
        return scenario, None
    own = _own_studies(scenario)
    _check_without(section, pooled, without)
    if until is not None:
        _check_single_trials(section, until, own)
    used: dict[str, tuple[tuple[str, str], ...]] = {}
    left_out: list[tuple[str, str, str]] = []
    changed = {}
    instead: dict[str, str] = {}
    given = set(scenario.trial.treatments_given)
    for name, found in pooled.items():
        assert found.pooling is not None
        reasons = {trial.study: _why_not(trial, until, own, given, without) for trial in found.pooling.trials}
        kept = [trial for trial in found.pooling.trials if not reasons[trial.study]]
        left_out += [
            (trial.study, trial.published, reasons[trial.study])
            for trial in found.pooling.trials
            if reasons[trial.study]
        ]
        if len(kept) < len(found.pooling.trials):
            changed[name] = refitted(found, {trial.study for trial in kept}, until)
        for drug in found.treatments:
            if section.set_of.get(drug) == name and drug in given:
                used[drug] = tuple((trial.study, trial.published) for trial in kept if trial.drug == drug)
                if not used[drug]:
                    instead[drug] = _instead(found.treatments[drug].drug_class, kept)
    sets = {drug: section.set_of[drug] for drug in used}
    told = EvidenceUsed(until, used, tuple(left_out), _remarks(section, until, instead, without), sets, instead)
    return (_with_sets(scenario, changed) if changed else scenario), told


def refitted(found: ParameterSet, studies: set[str], until: str | None = None) -> ParameterSet:
    """A pooled parameter set from some of its trials; the others keep their place and tell nothing."""
    assert found.pooling is not None
    posterior = posterior_of(found.pooling, studies, draws=len(found.draws))
    at = [posterior.names.index(name.removeprefix(_OF_EFFECT)) for name in found.template.names]
    parameters = tuple(
        replace(parameter, estimate=float(posterior.mean[position]), standard_error=float(posterior.sd[position]))
        for parameter, position in zip(found.parameters, at, strict=True)
    )
    effects = tuple(
        replace(effect, source=_words(found.pooling, studies, effect.treatment, until))
        for effect in found.template.effects
    )
    return replace(
        found,
        template=replace(found.template, effects=effects),
        parameters=parameters,
        covariance=posterior.covariance[np.ix_(at, at)],
        draws=posterior.draws[:, at],
        pooling=_pooling(found.pooling, posterior, studies),
    )


def posterior_of(pooling: Pooling, studies: set[str], *, draws: int, points: int = 2048) -> PooledPosterior:
    """The hierarchy over some of the trials of a file, with places for the drugs of all."""
    summaries = [trial if trial.study in studies else trial.silent() for trial in pooling.trials]
    return fit(summaries, pooling.priors, draws=draws, points=points)


def telling(pooling: Pooling) -> set[str]:
    """Studies of the trials that have not been silenced."""
    return {trial.study for trial in pooling.trials if trial.information.any()}


def _pooling(pooling: Pooling, posterior: PooledPosterior, studies: set[str]) -> Pooling:
    return replace(
        pooling,
        trials=tuple(trial if trial.study in studies else trial.silent() for trial in pooling.trials),
        tau_draws=posterior.tau_draws,
        interactions=interactions_of(posterior, tuple(pooling.interactions)),
    )


def _words(pooling: Pooling, studies: set[str], drug: str, until: str | None) -> str:
    kept = [trial for trial in pooling.trials if trial.study in studies]
    by = f" published by {until}" if until else ""
    return f"{trials_behind(drug, _class_of(pooling, drug), kept)}{by}"


def _class_of(pooling: Pooling, drug: str) -> str:
    return next((trial.treatment_class for trial in pooling.trials if trial.drug == drug), "")


def _instead(drug_class: str, kept: Sequence[TrialEffects]) -> str:
    """What the effect of a drug without any trial rests on."""
    if any(trial.treatment_class == drug_class for trial in kept):
        return "the other drugs of its class"
    return "its prior alone, for there is none of its class either"


def _own_studies(scenario: Scenario) -> set[str]:
    """Studies of the catalogue that the scenario is of, by registry number."""
    if not scenario.registry:
        return set()
    return {study for study in study_ids() if scenario.registry in load_study(study).registry}


def _why_not(trial: TrialEffects, until: str | None, own: set[str], given: set[str], without: Collection[str]) -> str:
    """Why a trial is no evidence here, if so; another comparison of the same registered trial is."""
    if trial.study in own and trial.drug in given:
        return PREDICTED
    if trial.study in without:
        return ASKED
    return "published later" if until is not None and trial.published > until else ""


def _published(study: str) -> str:
    return load_study(study).published if study in study_ids() else ""


def _check_without(section: DiseaseSection, pooled: Mapping[str, ParameterSet], without: Sequence[str]) -> None:
    """InputError for a study that no pooled set has, or whose effects are taken by themselves."""
    known = sorted({trial.study for found in pooled.values() if found.pooling for trial in found.pooling.trials})
    for study in without:
        for name, given in section.set_of.items():
            if name and section.parameter_sets[given].pooling is None and section.parameter_sets[given].study == study:
                raise InputError(
                    f"the effects of {name} are those of {study}",
                    where="‹without›",
                    allowed=f'disease.treatments.{name} = "pooled"',
                    got=study,
                )
        if study not in known:
            allowed = known or 'scenarios with pooled effects, disease.treatments.DRUG = "pooled"'
            raise InputError("no trial of the pooled effects", where="‹without›", allowed=allowed, got=study)


def _check_single_trials(section: DiseaseSection, until: str, own: set[str]) -> None:
    for name, given in section.set_of.items():
        found = section.parameter_sets[given]
        if not name or found.pooling is not None:
            continue
        published = _published(found.study)
        if found.study in own or published > until:
            mine = found.study in own
            why = "is the trial that is predicted" if mine else f"was published in {published}"
            instead = f'disease.treatments.{name} = "pooled"'
            raise InputError(
                f"the effects of {name} are those of {found.study}, which {why}",
                where="‹evidence_until›",
                allowed=instead if mine else f"{published} or later, or {instead}",
                got=until,
            )


def _remarks(
    section: DiseaseSection, until: str | None, instead: Mapping[str, str], without: Collection[str]
) -> tuple[str, ...]:
    found = []
    history = section.parameter_sets[section.set_of[""]].study if "" in section.set_of else ""
    if history and history in without:
        found.append(f"the natural history is still that of {history}, whose effects are left out")
    if until is not None:
        published = _published(history) if history else ""
        if published > until:
            found.append(f"the natural history is that of {history}, published in {published}, after {until}")
        elif not published:
            found.append("the natural history has no date of publication")
        written = [
            name
            for name, one in section.model.treatments.items()
            if any(not section.of_set(name, number) for number in range(len(one.effects)))
        ]
        found += [f"the effects of {name} are written in the scenario and have no date" for name in written]
    found += [f"no trial of {drug} is among the evidence: its effect rests on {what}" for drug, what in instead.items()]
    return tuple(found)


def _with_sets(scenario: Scenario, changed: Mapping[str, ParameterSet]) -> Scenario:
    """The scenario with other parameter sets, at whose estimates its disease model is."""
    section = scenario.disease
    sets = {**section.parameter_sets, **changed}
    model = section.model
    treatments, changes = dict(model.treatments), dict(section.changes)
    for name, given in section.set_of.items():
        if name and given in changed:
            refitted_one = replace(changed[given].treatments[name], source=treatments[name].source)
            treatments[name] = section.from_set(name, refitted_one)
            if name in changes:
                changes[name] = replace(changes[name], base=refitted_one)
    interactions = tuple(
        replace(one, **_interaction(changed[given], one.pair, kind_of(one.moves[0], model.scale)))
        if given in changed
        else one
        for one, given in zip(model.interactions, section.interaction_sets, strict=True)
    )
    new: DiseaseModel = replace(model, treatments=treatments, interactions=interactions)
    new_section = replace(section, model=new, parameter_sets=sets, changes=changes)
    if section.statements:
        new_section = with_stated_effects(new_section, scenario.trial)
    trial = replace(scenario.trial, disease=new_section.model)
    before = list(model_assumptions(section, scenario.trial))
    rest = [one for one in scenario.assumptions if one not in before]
    return replace(
        scenario,
        disease=new_section,
        trial=trial,
        assumptions=(*model_assumptions(new_section, trial), *rest),
    )


def _interaction(found: ParameterSet, pair: tuple[str, str], kind: str) -> dict[str, Any]:
    assert found.pooling is not None
    interaction, column = found.pooling.interaction_of(pair), found.pooling.kinds.index(kind)
    return {"log_hazard_ratio": float(interaction.estimate[column]), "prior_sd": float(interaction.sd[column])}
