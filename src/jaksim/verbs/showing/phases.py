"""The verb `show_phases`: how effects that act through phases of the disease depend on when patients come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import is_whole
from jaksim.design.engine.cells import Cells
from jaksim.design.expected.alike import moves_in_words
from jaksim.design.expected.endpoints import expected_endpoints
from jaksim.design.expected.occupation import mean_occupation, names_of_states
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.effect import TreatmentEffect
from jaksim.model.phase import Z95, Course, Phase
from jaksim.scenario.scenario import Scenario
from jaksim.scenario.treatments.acts_through import ActsThrough
from jaksim.scenario.treatments.courses import days_acted_on, moves_by_score, ratio_averaged, scaled
from jaksim.scenario.treatments.onset import OnsetDays
from jaksim.trial import Arm, Trial
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.show_phases import ShowPhasesOptions
from jaksim.verbs.provenance import command, provenance_of
from jaksim.verbs.showing.phases_result import (
    EffectByOnset,
    OnsetGroup,
    OutcomeByOnset,
    PhaseCurve,
    PublishedByOnset,
    ShownPhases,
)
from jaksim.verbs.showing.power_by_onset import powers_by_onset
from jaksim.verbs.showing.published_by_onset import LAST, PublishedRatio, published_by_onset

LAST_DAY: Final = 28
LATEST: Final = 60
ENROLLED, REFERENCE = "as enrolled", "reference"
_GROUPS: Final = ((0, 5), (6, 10), (11, LAST))
_DRAWS: Final = 256


@takes(ShowPhasesOptions)
def show_phases(scenario: AskedScenario, options: ShowPhasesOptions) -> ShownPhases:
    """How effects that act through phases depend on the days since onset at which patients come, by the exact law.

    Curves of the phases with their uncertainty, hazard ratios and outcomes of patients who come early or late, and
    published odds ratios of death by days since onset beside those of the scenario. Raises `InputError` for a scenario
    without such effects and for days since onset that nobody has.
    """
    asked = scenario_of(scenario, options.changes)
    through = _through(asked)
    for day in options.onset:
        if not is_whole(day) or not 0 <= day <= LATEST:
            raise InputError("is no day on which patients come", where="‹onset›", allowed=f"0 to {LATEST}", got=day)
    trial = asked.trial
    base = next((acts.reference for acts in through.values() if acts.reference is not None), None) or _own(trial)
    published = {name: tuple(_published(asked, name)) for name in through}
    limits = {(one.low, one.high) for some in published.values() for one in some} | set(_GROUPS)
    groups = tuple(_groups(trial, base, sorted(limits), sorted(set(options.onset))))
    words = [f"--onset {','.join(map(str, options.onset))}"] if options.onset else []
    coming = {group.name: trial if group.name == ENROLLED else _coming(trial, group) for group in groups}
    plain = replace(trial, disease=_without_courses(trial.disease))
    outcomes = tuple(_outcomes(trial, through, coming))
    found = ShownPhases(
        scenario=asked.path,
        title=trial.title,
        horizon=trial.horizon,
        phases=tuple(_curve(phase) for phase in {acts.phase.name: acts.phase for acts in through.values()}.values()),
        reference={
            name: "the patients of the scenario" if acts.reference is None else acts.reference.words
            for name, acts in through.items()
        },
        groups=groups,
        effects=tuple(one for name, acts in through.items() for one in _effects(trial, name, acts, groups)),
        outcomes=outcomes,
        powers=tuple(powers_by_onset(coming, plain)),
        published=tuple(_beside(trial, published, outcomes)),
        provenance=provenance_of(asked, command("show phases", asked, words)),
    )
    return about(found, asked)


def _through(scenario: Scenario) -> dict[str, ActsThrough]:
    """Treatments of some arm, but not of the background, that act through a phase; InputError without any."""
    model = scenario.trial.disease
    given = {name for arm in scenario.trial.arms for name in arm.regimen.treatments} - set(model.background)
    found = {name: acts for name, acts in scenario.disease.through.items() if name in given}
    if not found:
        raise InputError(
            "no treatment acts through a phase of the disease",
            where="scenario",
            allowed='phase = "viral" or "inflammation" in a table disease.treatments.NAME, with a reference_onset',
            got=scenario.path,
        )
    return found


def _own(trial: Trial) -> OnsetDays:
    """Whole days since onset of the patients of a trial."""
    shares: dict[int, float] = {}
    for weight, stratum in zip(trial.stratum_shares, trial.population.strata, strict=True):
        for part, patient in stratum.patients:
            if patient.days_since_onset is not None:
                day = round(patient.days_since_onset)
                shares[day] = shares.get(day, 0.0) + weight * part
    total = sum(shares.values())
    days = tuple(sorted(shares))
    return OnsetDays(days, tuple(shares[day] / total for day in days), ENROLLED)


def _groups(
    trial: Trial, base: OnsetDays, limits: Sequence[tuple[int, int]], days: Sequence[int]
) -> Iterator[OnsetGroup]:
    own = _own(trial)
    yield OnsetGroup(ENROLLED, own.days, own.weights, None)
    yield OnsetGroup(REFERENCE, base.days, base.weights, 1.0)
    for low, high in limits:
        part = base.between(low, high)
        if part is not None:
            share = sum(one for day, one in zip(base.days, base.weights, strict=True) if low <= day <= high)
            yield OnsetGroup(group_name(low, high), part.days, part.weights, share)
    for day in days:
        yield OnsetGroup(f"day {day}", (day,), (1.0,), None)


def group_name(low: int, high: int) -> str:
    """Days since onset in words, as publications group them."""
    return f"up to {high}" if low == 0 else f"over {low - 1}" if high == LAST else f"{low} to {high}"


def _curve(phase: Phase) -> PhaseCurve:
    days = np.arange(LAST_DAY + 1, dtype=np.float64)
    drawn = np.array([one.level(days) for one in _drawn(phase)])
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0).tolist()
    level = tuple(phase.level(days).tolist())
    return PhaseCurve(phase.name, level, tuple(low), tuple(high), phase.source, phase.assumption)


def _drawn(phase: Phase) -> list[Phase]:
    """Phases with their points drawn by evenly spread numbers, the same ones every time."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    if not phase.uncertain:
        return [phase]
    numbers = qmc.Halton(len(phase.uncertain), scramble=False).random(_DRAWS + 1)[1:]
    return [phase.drawn(row) for row in ndtri(numbers).tolist()]


def _effects(trial: Trial, name: str, acts: ActsThrough, groups: Sequence[OnsetGroup]) -> Iterator[EffectByOnset]:
    model, shares = trial.disease, _baseline_shares(trial)
    laws = [OnsetDays(group.days, group.weights, group.name) for group in groups]
    for effect in model.treatments[name].effects:
        moves = moves_by_score(model, effect, acts.followed)
        weights = {score: shares.get(score, 0.0) * float(made.sum()) for score, made in moves.items()}
        weights = {score: weight for score, weight in weights.items() if weight > 0.0}
        if not weights:
            continue
        acted_on = [{score: days_acted_on(effect, law, moves[score]) for score in weights} for law in laws]
        ratios = np.array([_ratios(effect, course, weights, acted_on) for course in _courses(effect, acts, moves)])
        low, high = np.quantile(ratios, (0.025, 0.975), axis=0)
        size = effect.log_hazard_ratio
        kept = np.log(ratios[0]) / size if size else np.full(len(groups), math.nan)
        yield EffectByOnset(
            treatment=name,
            phase=acts.phase.name,
            moves=_in_words(model, effect),
            calibrated=math.exp(effect.log_hazard_ratio),
            groups=tuple(group.name for group in groups),
            ratio=tuple(ratios[0].tolist()),
            low=tuple(low.tolist()),
            high=tuple(high.tolist()),
            kept=tuple(kept.tolist()),
        )


def _courses(effect: TreatmentEffect, acts: ActsThrough, moves: Mapping[int, Floats]) -> Iterator[Course]:
    """The course of an effect, and those with the phase drawn, in each of which the average is the calibrated one."""
    assert effect.course is not None
    yield effect.course
    if acts.reference is None:
        return
    acted_on = {score: days_acted_on(effect, acts.reference, made) for score, made in moves.items()}
    evenly = days_acted_on(effect, acts.reference, np.ones(acts.followed))
    for phase in _drawn(acts.phase):
        course = scaled(phase, effect.log_hazard_ratio, acted_on, evenly)
        if course is not None:
            yield course


def _ratios(
    effect: TreatmentEffect, course: Course, weights: Mapping[int, float], acted_on: Sequence[Mapping[int, Floats]]
) -> list[float]:
    """The average hazard ratio in each group, over the moves of the scenario's baseline scores."""
    total, size = sum(weights.values()), effect.log_hazard_ratio
    return [
        sum(weight * ratio_averaged(course, score, size, days[score]) for score, weight in weights.items()) / total
        for days in acted_on
    ]


def _baseline_shares(trial: Trial) -> dict[int, float]:
    shares: dict[int, float] = {}
    for weight, stratum in zip(trial.stratum_shares, trial.population.strata, strict=True):
        for part, patient in stratum.patients:
            shares[patient.baseline_score] = shares.get(patient.baseline_score, 0.0) + weight * part
    return shares


def _in_words(model: DiseaseModel, effect: TreatmentEffect) -> str:
    words = moves_in_words(model.natural_history, model.moves_of(effect))
    scores = effect.baseline_scores
    return words if scores is None else f"{words}, baseline score {', '.join(map(str, scores))}"


def _outcomes(
    trial: Trial, through: Mapping[str, ActsThrough], coming: Mapping[str, Trial]
) -> Iterator[OutcomeByOnset]:
    arms = _arms(trial, through)
    plain = _without_courses(trial.disease)
    for group, here in coming.items():
        expected = {one.endpoint: {arm.arm: arm for arm in one.arms} for one in expected_endpoints(Cells(here))}
        control = _deaths(here, here.reference)
        for arm in (trial.reference, *arms):
            deaths = _deaths(here, arm)
            constant = _deaths(here, arm, plain)
            yield OutcomeByOnset(
                group=group,
                arm=arm.name,
                endpoints={name: by_arm[arm.name].value for name, by_arm in expected.items()},
                texts={name: by_arm[arm.name].text for name, by_arm in expected.items()},
                deaths=deaths,
                odds_ratio=None if arm.reference else _odds(deaths) / _odds(control),
                constant=None if arm.reference else _odds(constant) / _odds(_deaths(here, here.reference, plain)),
            )


def _arms(trial: Trial, through: Mapping[str, ActsThrough]) -> list[Arm]:
    return [arm for arm in trial.arms if not arm.reference and set(arm.regimen.treatments) & set(through)]


def _coming(trial: Trial, group: OnsetGroup) -> Trial:
    """The trial with all of its patients coming on the days of a group."""
    strata = []
    for stratum in trial.population.strata:
        kinds: dict[str, tuple[float, PatientType]] = {}
        for part, patient in stratum.patients:
            for day, share in zip(group.days, group.weights, strict=True):
                one = _on_day(patient, float(day))
                kinds[repr(one)] = (kinds.get(repr(one), (0.0, one))[0] + part * share, one)
        strata.append(replace(stratum, patients=tuple(kinds.values())))
    return replace(trial, population=replace(trial.population, strata=tuple(strata)))


def _on_day(patient: PatientType, day: float) -> PatientType:
    covariates = dict(patient.covariates)
    if "days_since_onset" in covariates:
        covariates["days_since_onset"] = day
    return replace(patient, days_since_onset=day, covariates=covariates)


def _without_courses(model: DiseaseModel) -> DiseaseModel:
    """The disease with effects that do not go with a phase."""
    treatments = {
        name: replace(one, effects=tuple(replace(effect, course=None) for effect in one.effects))
        for name, one in model.treatments.items()
    }
    return replace(model, treatments=treatments)


def _deaths(trial: Trial, arm: Arm, disease: DiseaseModel | None = None) -> float:
    """The share of an arm that is in an absorbing, last score at the end of follow-up."""
    names = names_of_states(trial)
    dead = [names.index(str(score)) for score in trial.scale.absorbing]
    return float(mean_occupation(trial, arm, disease=disease)[-1, dead].sum())


def _odds(probability: float) -> float:
    return probability / (1.0 - probability) if probability < 1.0 else math.inf


def _published(scenario: Scenario, treatment: str) -> Iterator[PublishedRatio]:
    """Published odds ratios of the study behind a treatment, and of the trials of its class together."""
    section = scenario.disease
    name = section.set_of.get(treatment)
    study = section.parameter_sets[name].study if name else ""
    yield from published_by_onset(study, section.model.treatments[treatment].drug_class)


def _beside(
    trial: Trial, published: Mapping[str, Sequence[PublishedRatio]], outcomes: Sequence[OutcomeByOnset]
) -> Iterator[PublishedByOnset]:
    """Published odds ratios beside those of the arm that adds this treatment alone to the reference."""
    found = {(one.group, one.arm): one for one in outcomes}
    for treatment, some in published.items():
        added = [
            arm
            for arm in trial.arms
            if set(arm.regimen.treatments) - set(trial.reference.regimen.treatments) == {treatment}
        ]
        for arm in added[:1]:
            for one in some:
                outcome = found.get((group_name(one.low, one.high), arm.name))
                if outcome is None or not outcome.odds_ratio or not outcome.constant:
                    continue
                expected, constant = math.log(outcome.odds_ratio), math.log(outcome.constant)
                yield PublishedByOnset(
                    study=one.study,
                    record=one.record,
                    group=outcome.group,
                    arm=arm.name,
                    estimate=math.exp(one.log_ratio),
                    interval=(
                        math.exp(one.log_ratio - Z95 * one.standard_error),
                        math.exp(one.log_ratio + Z95 * one.standard_error),
                    ),
                    expected=outcome.odds_ratio,
                    z=(one.log_ratio - expected) / one.standard_error,
                    constant=outcome.constant,
                    z_constant=(one.log_ratio - constant) / one.standard_error,
                )
