"""What a scenario assumes, line by line with its sources, and which of it is taken as exactly known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from jaksim.scenario.disease import DiseaseSection
from jaksim.scenario.section import elements, read_section
from jaksim.scenario.treatments.change import TreatmentChange
from jaksim.trial import Trial
from jaksim.trial.accrual import Accrual
from jaksim.trial.assumption import (
    Assumption,
    covariate_assumption,
    interaction_assumption,
    treatment_assumptions,
)
from jaksim.trial.characteristics.characteristics import ONSET
from jaksim.trial.population import Stratum


def model_assumptions(disease: DiseaseSection, trial: Trial) -> Iterator[Assumption]:
    """Natural history, effects of the treatments that an arm gives, covariates and interactions."""
    model = disease.model
    yield disease.natural_history
    yield from _of_set(disease, "", disease.natural_history.about)
    for name in model.background:
        yield Assumption(name, "inside the natural history; no effect is added")
    for name in _added(trial):
        yield from _treatment(disease, name)
        if disease.set_of.get(name) != disease.set_of.get(""):
            yield from _of_set(disease, name, name)
    yield from _phases(disease, trial)
    for effect in model.covariate_effects:
        yield covariate_assumption(effect)
    active = {item for given in trial.regimens_given for item in model.active_interactions(given)}
    for interaction, note in zip(model.interactions, disease.interaction_notes, strict=True):
        line = interaction_assumption(interaction, note)
        yield line if interaction in active else _not_active(line)


def _treatment(disease: DiseaseSection, name: str) -> Iterator[Assumption]:
    """The effects of a treatment, with what is stated of them and what they are in a parameter set."""
    treatment, change = disease.model.treatments[name], disease.changes.get(name)
    lines = treatment_assumptions(treatment)
    if not treatment.effects:
        yield from lines
        return
    for number, (line, effect) in enumerate(zip(lines, treatment.effects, strict=True)):
        stated = disease.stated.get((name, number))
        if stated is not None:
            rest = line.statement.removeprefix(", ".join(map(str, effect.moves)))
            statement = f"{stated.moves_in_words}{rest}; solved from {stated.words}"
            line = replace(line, statement=statement, stated=stated.as_dict())
        if change is not None and number in change.effects and _differs(change, number):
            was = treatment_assumptions(change.base)[number]
            note = f"changed here; in the parameter set {_ratio_words(was)} on {was.statement}"
            line = replace(line, published=line.published and number in change.own, note=note)
        yield line


def _differs(change: TreatmentChange, number: int) -> bool:
    """Whether more is new about an effect than the phase it goes with, which is told of by itself."""
    return replace(change.effects[number], course=None) != change.base.effects[number]


def _phases(disease: DiseaseSection, trial: Trial) -> Iterator[Assumption]:
    """The phases that treatments act through, and where the average of an effect is the stated one."""
    through = {name: acts for name, acts in disease.through.items() if name in _added(trial)}
    for phase in {acts.phase.name: acts.phase for acts in through.values()}.values():
        points = ", ".join(
            f"{level:g} on day {day:g}{' ({:g} to {:g})'.format(*known) if known else ''}"
            for (day, level), known in zip(phase.points, phase.intervals, strict=True)
        )
        yield Assumption(
            f"phase {phase.name}",
            f"level by days since onset: {points}, straight between",
            phase.source,
            published=bool(phase.source) and not phase.assumption,
            note=phase.assumption,
        )
    for name, acts in through.items():
        if acts.reference is not None:
            words = f"the ratios are averages over {acts.followed} days of patients with {acts.reference.words}"
            yield Assumption(name, words, acts.reference.source, published=bool(acts.reference.source))


def _ratio_words(line: Assumption) -> str:
    return f"{line.ratio:.2f}" + ("" if line.interval is None else " ({:.2f}-{:.2f})".format(*line.interval))


def patient_assumptions(disease: DiseaseSection, trial: Trial, shares: Assumption) -> Iterator[Assumption]:
    """Shares of the strata, and of what kind their patients are as far as the names of the strata do not say it."""
    yield shares
    strata = trial.population.strata
    if any(stratum.mixed or stratum.name != f"score {stratum.patients[0][1].baseline_score}" for stratum in strata):
        yield _of_patients("baseline score", strata, lambda patient: patient.baseline_score, shares)
    law = trial.population.characteristics
    drawn = () if law is None else law.names
    given = dict.fromkeys(
        name
        for stratum in strata
        for _, patient in stratum.patients
        for name in patient.covariates
        if name not in drawn
    )
    used = {effect.covariate for effect in disease.model.covariate_effects}
    used |= {effect.covariate for name in _added(trial) for effect in disease.model.treatments[name].effects}
    for name in given:
        unused = "" if name in used else ", which no effect depends on"
        yield _of_patients(
            f"covariate {name}{unused}", strata, lambda patient, name=name: patient.covariates.get(name), shares
        )
    onset = (patient.days_since_onset is not None for stratum in strata for _, patient in stratum.patients)
    if ONSET not in drawn and any(onset):
        yield _of_patients("days since onset", strata, lambda patient: patient.days_since_onset, shares)


def quadrature_assumption(trial: Trial) -> Iterator[Assumption]:
    """How exactly kinds of patients stand for the joint law of what patients bring along."""
    found = trial.population.quadrature
    if found is not None:
        statement = (
            f"{found.nodes:,} kinds of patients stand for all; a finer rule changes no probability of an endpoint by "
            f"more than {found.error:.1g}"
        )
        yield Assumption("patients: quadrature", statement, "computed for this scenario")


def stated_assumptions(tables: Iterable[Mapping[str, Any]]) -> Iterator[Assumption]:
    """The `[[assumption]]` tables: what the author of the scenario says is assumed."""
    for place, entry in elements(list(tables), "assumption"):
        values = read_section(entry, "assumption", place)
        yield Assumption(values["name"], values["value"], published=False, note=values["why"])


def accrual_assumption(table: Mapping[str, Any], trial: Trial) -> Iterator[Assumption]:
    """How fast patients come, and where that comes from."""
    if trial.accrual is None:
        return
    values = read_section(table, "accrual", "accrual")
    yield Assumption(
        "accrual",
        _site_words(values["site"]) or _rate_words(trial.accrual),
        values["source"],
        published=bool(values["source"]) and not values["assumption"],
        note=values["assumption"],
    )


def exactly_known(disease: DiseaseSection, trial: Trial) -> tuple[str, ...]:
    """The parts of the model that have no uncertainty, so that no draw of the parameters changes them."""
    return tuple(name for name, exact in _parts(disease, trial).items() if exact)


def is_certain(disease: DiseaseSection, trial: Trial) -> bool:
    """Whether no part of the model has an uncertainty."""
    return all(_parts(disease, trial).values())


def _parts(disease: DiseaseSection, trial: Trial) -> dict[str, bool]:
    """The parts of the model that act in the trial, and whether each is exactly known."""
    model = disease.model
    found = {}
    for name in _added(trial):
        effects = model.treatments[name].effects
        exact = [
            _has_one_draw(disease, name) if disease.of_set(name, number) else not one.standard_error
            for number, one in enumerate(effects)
        ]
        if any(exact) and not all(exact):
            found[f"part of the effect of {name}"] = True
        if effects:
            found[f"effect of {name}"] = all(exact)
    active = {item for given in trial.regimens_given for item in model.active_interactions(given)}
    for one in model.interactions:
        if one in active:
            found[f"interaction of {' and '.join(one.pair)}"] = not one.prior_sd
    for name, acts in disease.through.items():
        if name in _added(trial):
            found[f"phase {acts.phase.name}"] = acts.reference is None or not acts.phase.uncertain
    for effect in model.covariate_effects:
        found[f"effect of the covariate {effect.covariate}"] = True
    found["natural history"] = "" not in disease.set_of or _has_one_draw(disease, "")
    return found


def _added(trial: Trial) -> list[str]:
    """Treatments that patients may receive and whose effects are not inside the natural history."""
    model, given = trial.disease, trial.treatments_given
    return [name for name in model.treatments if name in given and name not in model.background]


def _has_one_draw(disease: DiseaseSection, name: str) -> bool:
    draws = disease.parameter_sets[disease.set_of[name]].draws
    return bool((draws == draws[:1]).all())


def _of_patients(what: str, strata: Iterable[Stratum], value: Any, shares: Assumption) -> Assumption:
    """One property of the patients of each stratum, with the source of the strata."""
    texts = []
    for stratum in strata:
        kinds: dict[object, float] = {}
        for weight, patient in stratum.patients:
            kinds[value(patient)] = kinds.get(value(patient), 0.0) + weight
        texts.append(f"{stratum.name} {_mixture(kinds)}")
    return Assumption(
        "population", f"{what}: {', '.join(texts)}", shares.source, published=shares.published, note=shares.note
    )


def _site_words(sites: Iterable[Mapping[str, Any]]) -> str:
    """The sites that bring the patients, each with its rate; nothing without any."""
    words = []
    for place, site in elements(list(sites), "site"):
        values = read_section(site, "accrual.site", place)
        opens = f" from day {values['opens']:g} on" if values["opens"] else ""
        ramp = f", after {values['ramp']} days of climbing" if values["ramp"] else ""
        words.append(f"{values['name'] or place} {values['rate']:g}{opens}{ramp}")
    return f"patients per day by site: {'; '.join(words)}" if words else ""


def _rate_words(accrual: Accrual) -> str:
    rates, cuts = accrual.rate.values, accrual.rate.cuts
    until = [f"{rate:g} to day {cut:g}" for rate, cut in zip(rates, cuts, strict=False)]
    return f"patients per day: {', '.join([*until, f'{rates[-1]:g}'])}"


def _mixture(kinds: Mapping[Any, float]) -> str:
    words = {kind: "unknown" if kind is None else f"{kind:g}" for kind in kinds}
    if len(kinds) == 1:
        return next(iter(words.values()))
    return " and ".join(f"{words[kind]} ({100.0 * weight:.1f} %)" for kind, weight in kinds.items())


def _of_set(disease: DiseaseSection, name: str, about: str) -> list[Assumption]:
    """What the parameter set behind a treatment, or the natural history, assumes itself."""
    if name not in disease.set_of:
        return []
    return [
        Assumption(
            about=about,
            statement=f"{entry['name']}: {entry['value']}",
            source=entry.get("source", ""),
            published=False,
            note=entry.get("why", ""),
        )
        for entry in disease.parameter_sets[disease.set_of[name]].assumptions
    ]


def _not_active(line: Assumption) -> Assumption:
    statement = f"{line.statement}; no arm gives both; not used"
    return Assumption(line.about, statement, line.source, published=line.published, note=line.note)
