"""Phases of the disease in a scenario, and treatments whose effects act through one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel
from jaksim.model.known_phases import known_phases, phase_from
from jaksim.model.phase import Phase
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.scenario.treatments.acts_through import FOLLOWED, ActsThrough
from jaksim.scenario.treatments.courses import course_of
from jaksim.scenario.treatments.onset import read_onset
from jaksim.scenario.treatments.reading import Treatments


def read_phases(tables: Iterable[Mapping[str, Any]]) -> dict[str, Phase]:
    """The phases that come with jaksim, with those of the `[[disease.phase]]` tables in their place or beside them."""
    found = dict(known_phases())
    own: set[str] = set()
    for place, entry in elements(list(tables), "disease.phase"):
        values = read_section(entry, "disease.phase", place)
        with located(place):
            phase = _phase(values)
        if phase.name in own:
            raise InputError("two phases have one name", where=place, allowed="different names", got=phase.name)
        own.add(phase.name)
        found[phase.name] = phase
    return found


def _phase(values: Mapping[str, Any]) -> Phase:
    days, levels, intervals = values["days"], values["levels"], values["intervals"]
    if len(days) != len(levels):
        what, allowed = "days and levels are not equally many", "one level for each day"
        raise InputError(what, allowed=allowed, got=f"{len(days)} and {len(levels)}")
    if intervals and len(intervals) != len(days):
        raise InputError("not one interval for each day", where="intervals", allowed="[] where a day is known")
    for day, interval in zip(days, intervals, strict=False):
        if interval and (len(interval) != 2 or not interval[0] <= day <= interval[1]):
            raise InputError("not an interval around its day", where="intervals", allowed="[low, high]", got=interval)
    return phase_from(values)


def read_acting(tables: Mapping[str, Mapping[str, Any]], phases: Mapping[str, Phase]) -> dict[str, ActsThrough]:
    """The phase of each treatment that has one; InputError for an unknown one, or days since onset without a phase."""
    found = {}
    for name, table in tables.items():
        where = join("disease.treatments", name)
        if not {"phase", "reference_onset"} & set(table):
            continue
        values = read_section(table, "disease.treatments", where)
        if not values["phase"]:
            what = "days since onset of the trial that the effects are from, which nothing depends on"
            raise InputError(what, where=join(where, "reference_onset"), allowed="a phase beside them")
        if values["phase"] not in phases:
            place = join(where, "phase")
            raise InputError("unknown phase", where=place, allowed=tuple(phases), got=values["phase"])
        given, place = values["reference_onset"], join(where, "reference_onset")
        reference, followed = (None, FOLLOWED) if given is None else read_onset(given, place, FOLLOWED)
        found[name] = ActsThrough(phases[values["phase"]], reference, followed)
    return found


def through_phases(
    model: DiseaseModel,
    treatments: Treatments,
    tables: Mapping[str, Mapping[str, Any]],
    phases: Iterable[Mapping[str, Any]],
) -> tuple[DiseaseModel, dict[str, ActsThrough]]:
    """The model with the effects of treatments that act through a phase going with it, and these treatments.

    The treatments that were read, with the changes made to their parameter sets, are brought to the same.
    """
    acting = read_acting(tables, read_phases(phases))
    for name, acts in acting.items():
        where, treatment = join("disease.treatments", name), model.treatments[name]
        _check_reference(treatments, name, acts, where)
        courses = [course_of(model, effect, acts, where) for effect in treatment.effects]
        effects = [replace(effect, course=course) for effect, course in zip(treatment.effects, courses, strict=True)]
        treatments.by_name[name] = replace(treatment, effects=tuple(effects))
        if name in treatments.changes:
            changed = replace(treatments.changes[name], effects=dict(enumerate(effects)))
            treatments.changes[name] = changed
    return replace(model, treatments=treatments.by_name), acting


def _check_reference(treatments: Treatments, name: str, acts: ActsThrough, where: str) -> None:
    """Refuse effects of which it is not known on which days they hold, or known twice."""
    effects = range(len(treatments.by_name[name].effects))
    stated = [number for number in effects if (name, number) in treatments.statements]
    place = join(where, "reference_onset")
    if not effects:
        raise InputError("the treatment has no effect", where=join(where, "phase"), allowed="a treatment with effects")
    if acts.reference is None and len(stated) < len(effects):
        what = "the size of an effect holds for some days since onset, which are not given"
        raise InputError(what, where=place, allowed="median and quartiles, or days and shares, of the trial it is from")
    if acts.reference is not None and stated:
        what = "an effect stated on an endpoint holds for the days since onset of the scenario's own patients"
        raise InputError(what, where=place, allowed="nothing beside stated effects")
