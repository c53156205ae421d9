"""What may happen to the patients of a scenario beside their score, and what it assumes of that."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jaksim.endpoint.intercurrent_strategy import TREATMENT_EVENTS
from jaksim.errors import InputError
from jaksim.model.intercurrent import IntercurrentEvents, MissedVisit, Risk
from jaksim.model.patient_states import PatientStates
from jaksim.model.safety.events import SafetyEvent
from jaksim.scale import OrdinalScale
from jaksim.scenario.intercurrent.rules import RULES, read_rules
from jaksim.scenario.intercurrent.target import ShareTarget
from jaksim.scenario.intercurrent.words import concerned, line, window_words
from jaksim.scenario.section import elements, located, read_section
from jaksim.trial.arm import Arm
from jaksim.trial.assumption import Assumption

StudyDay = Callable[[int, str], int]


def read_states(
    top: Mapping[str, Any], scale: OrdinalScale, arms: Sequence[Arm], since_randomisation: StudyDay, horizon: int
) -> tuple[PatientStates, tuple[Assumption, ...], tuple[ShareTarget, ...]]:
    """The states of the patients of a scenario, a line for each intercurrent event that it assumes, and what is known
    of rules that are to be solved for.

    What every endpoint thinks away never happens; what only some do gives a patient two courses. `since_randomisation`
    turns a study day, with its place in the file, into days since randomisation.
    """
    withdrawal, lines = _withdrawal(top["withdrawal"])
    rules: dict[str, tuple[Any, ...]] = {}
    targets: list[ShareTarget] = []
    for event in RULES:
        rules[event], more, known = read_rules(event, top[event], arms, since_randomisation)
        targets += [replace(target, line=target.line + len(lines)) for target in known]
        lines += more
    visits, more = _visits(top["missed_visit"], since_randomisation)
    lines += more
    away = []
    for event in TREATMENT_EVENTS:
        hypothetical = [entry.get(event) == "hypothetical" for entry in top["endpoint"]]
        if rules[event] and all(hypothetical):
            rules[event] = ()
            targets = [target for target in targets if target.event != event]
            lines.append(Assumption(event.replace("_", " "), "thought away by every endpoint; it never happens"))
        elif rules[event] and any(hypothetical):
            away.append(event)
    _check_thought_away(top["endpoint"], away)
    if away and withdrawal:
        raise InputError(
            "'hypothetical' has to be the strategy of every endpoint, or of none, where patients also withdraw",
            where=f"endpoint, {away[0]}",
        )
    safety = _safety(top["safety"], scale, arms, horizon, since_randomisation) if top["safety"] else ()
    events = IntercurrentEvents(withdrawal=withdrawal, missed_visit=visits, safety=safety, **rules)
    names = tuple(arm.name for arm in arms)
    events.check(scale, names)
    return PatientStates(scale, names, events, tuple(away)), tuple(lines), tuple(targets)


def _safety(
    tables: Sequence[Mapping[str, Any]],
    scale: OrdinalScale,
    arms: Sequence[Arm],
    horizon: int,
    since_randomisation: StudyDay,
) -> tuple[SafetyEvent, ...]:
    """The safety events; scenarios without any start without the modules of these."""
    from jaksim.scenario.safety.reading import read_safety

    return read_safety(tables, scale, arms, horizon, since_randomisation)


def _check_thought_away(endpoints: Sequence[Mapping[str, Any]], away: Sequence[str]) -> None:
    """Refuse endpoints that think away some of the events only, since a patient has one course without events."""
    for position, entry in enumerate(endpoints):
        some = [event for event in away if entry.get(event) == "hypothetical"]
        if some and len(some) < len(away):
            other = next(event for event in away if event not in some)
            raise InputError(
                "a patient has one course without events: endpoints that think events away have to think away the same",
                where=f"endpoint.{entry.get('name', position)}.{other}",
                allowed=f"'hypothetical' for {' and '.join(away)}, or for none of them",
                got=entry.get(other, "treatment policy"),
            )


def _withdrawal(tables: Sequence[Mapping[str, Any]]) -> tuple[tuple[Risk, ...], list[Assumption]]:
    risks, lines = [], []
    for place, entry in elements(tables, "withdrawal"):
        values = read_section(entry, "withdrawal", place)
        end = math.inf if values["end"] is None else values["end"]
        with located(place):
            risk = Risk(*concerned(values), per_day=values["per_day"], start=values["start"], end=end)
        lines.append(line("withdrawal", f"{risk.per_day:g} per day{window_words(risk.start, risk.end)}", risk, values))
        risks.append(risk)
    return tuple(risks), lines


def _visits(
    tables: Sequence[Mapping[str, Any]], since_randomisation: StudyDay
) -> tuple[tuple[MissedVisit, ...], list[Assumption]]:
    visits, lines = [], []
    for place, entry in elements(tables, "missed_visit"):
        values = read_section(entry, "missed_visit", place)
        day = since_randomisation(values["day"], f"{place}.day")
        with located(place):
            visits.append(MissedVisit(*concerned(values), day=day, probability=values["probability"]))
        lines.append(line("missed visits", f"{100.0 * visits[-1].probability:g} % on day {day}", visits[-1], values))
    return tuple(visits), lines
