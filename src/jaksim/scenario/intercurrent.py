"""Withdrawal, treatment stop and missed visits of a scenario, and what it assumes of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jaksim.errors import InputError
from jaksim.model.intercurrent import IntercurrentEvents, MissedVisit, Risk, Selection
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale
from jaksim.scenario.section import elements, located, read_section
from jaksim.trial.arm import Arm
from jaksim.trial.assumption import Assumption

_STOP = "treatment_stop"


def read_states(
    top: Mapping[str, Any], scale: OrdinalScale, arms: Sequence[Arm], since_randomisation: Callable[[int, str], int]
) -> tuple[PatientStates, tuple[Assumption, ...]]:
    """The states of the patients of a scenario, and a line for each intercurrent event that it assumes.

    Where every endpoint thinks the stop of the treatment away nobody stops it; where only some do, a patient has two
    courses. `since_randomisation` turns a study day, with its place in the file, into days since randomisation.
    """
    withdrawal, lines = _risks(top, "withdrawal")
    stop, more = _risks(top, _STOP)
    lines += more
    visits = []
    for place, entry in elements(top["missed_visit"], "missed_visit"):
        values = read_section(entry, "missed_visit", place)
        day = since_randomisation(values["day"], f"{place}.day")
        with located(place):
            visits.append(MissedVisit(*_concerned(values), day=day, probability=values["probability"]))
        lines.append(_line("missed visits", f"{100.0 * visits[-1].probability:g} % on day {day}", visits[-1], values))
    hypothetical = [entry.get(_STOP) == "hypothetical" for entry in top["endpoint"]]
    if stop and all(hypothetical):
        stop = ()
        lines.append(Assumption("treatment stop", "thought away by every endpoint; nobody stops"))
    both = bool(stop) and any(hypothetical)
    if both and withdrawal:
        raise InputError(
            "'hypothetical' has to be the strategy of every endpoint, or of none, where patients also withdraw",
            where=f"endpoint, {_STOP}",
        )
    events = IntercurrentEvents(withdrawal, stop, tuple(visits))
    names = tuple(arm.name for arm in arms)
    events.check(scale, names)
    return PatientStates(scale, names, events, both), tuple(lines)


def _risks(top: Mapping[str, Any], section: str) -> tuple[tuple[Risk, ...], list[Assumption]]:
    risks, lines = [], []
    for place, entry in elements(top[section], section):
        values = read_section(entry, section, place)
        end = math.inf if values["end"] is None else values["end"]
        with located(place):
            risk = Risk(*_concerned(values), per_day=values["per_day"], start=values["start"], end=end)
        window = f", days {risk.start:g}-{risk.end:g}" if end < math.inf else ""
        window = f", from day {risk.start:g}" if risk.start > 0.0 and not window else window
        lines.append(_line(section.replace("_", " "), f"{risk.per_day:g} per day{window}", risk, values))
        risks.append(risk)
    return tuple(risks), lines


def _concerned(values: Mapping[str, Any]) -> tuple[tuple[int, ...] | None, tuple[str, ...]]:
    scores = values["current_scores"]
    return None if scores is None else tuple(scores), tuple(values["arms"])


def _line(about: str, statement: str, one: Selection, values: Mapping[str, Any]) -> Assumption:
    scores = "" if one.current_scores is None else f", score {', '.join(map(str, one.current_scores))}"
    arms = f", {' and '.join(one.arms)}" if one.arms else ""
    return Assumption(
        about=about,
        statement=f"{statement}{scores}{arms}",
        source=values["source"],
        published=bool(values["source"]) and not values["assumption"],
        note=values["assumption"],
    )
