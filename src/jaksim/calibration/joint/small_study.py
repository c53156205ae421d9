"""A calibration study of a trial that is known by counts of a few events, such as deaths by level of support.

Its natural history is that of a calibrated study, with one free multiplier of deaths for each stratum that its figures
tell apart, one of improvement and one of deterioration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jaksim.calibration.study import CalibrationStudy, study_from
from jaksim.calibration.target_entry import known
from jaksim.checks import items, table, text
from jaksim.errors import InputError
from jaksim.evidence.figures import Proportion
from jaksim.evidence.records import Study
from jaksim.model.parameter_set import load_parameter_set

HORIZON: Final = 28
DEATH_PRIOR_SD: Final = 2.0
EVENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "death": {"kind": "event_by_day", "set": "dead", "day": HORIZON},
    "discharge": {"kind": "event_by_day", "set": "discharged", "day": HORIZON},
    "recovery": {"kind": "event_by_day", "set": "recovered", "day": HORIZON},
    "ventilation": {"kind": "event_by_day", "set": "ventilated", "day": HORIZON},
    "ventilation_or_death": {"kind": "event_by_day", "set": ["ventilated", "dead"], "day": HORIZON},
}
"""What a figure can count, by day 28."""
SMALL_KEYS: Final = ("base", "arms", "stratum", *EVENTS)


@dataclass(frozen=True)
class _Figure:
    """A count in both arms: the start of the ids of its records, which end with the arm, and its strata."""

    event: str
    record: str
    strata: tuple[str, ...]


def small_study(evidence: Study, drug: str, treatment_class: str, entry: Mapping[str, Any]) -> CalibrationStudy:
    """The study of a trial of one drug against control, from its entry in a selection.

    `arms` are the arm of the drug and the control; `stratum` gives the weights of scores of each stratum; every event
    has a table from the start of its records to the strata that they count.
    """
    for key in ("base", "arms", "stratum"):
        if key not in entry:
            raise InputError(f"the key '{key}' is missing", allowed=SMALL_KEYS)
    arms = tuple(text(arm, "arms") for arm in items(entry["arms"], "arms"))
    if len(arms) != 2:
        raise InputError("two arms, that of the drug first", where="arms", got=arms)
    strata = {
        name: dict(table(scores, f"stratum {name}")) for name, scores in table(entry["stratum"], "stratum").items()
    }
    figures = _figures(entry, strata)
    for figure in figures:
        for arm in arms:
            _check_figure(evidence, figure, arm)
    patients = {arm: {name: _patients(evidence, figures, name, arm) for name in strata} for arm in arms}
    document = {
        "evidence": evidence.id,
        "title": evidence.title,
        "natural_history_source": f"{evidence.title}, shape of {entry['base']}",
        "horizon": HORIZON,
        "arm": {
            arm: {"regimen": regimen, "patients": patients[arm]}
            for arm, regimen in zip(arms, ([drug], []), strict=True)
        },
        "stratum": {name: {"scores": scores} for name, scores in strata.items()},
        "endpoint": {event: dict(EVENTS[event]) for event in dict.fromkeys(figure.event for figure in figures)},
        "model": {"scale": evidence.scale, **_model(entry, strata, figures, drug, treatment_class)},
        "target": [
            {
                "record": f"{figure.record}.{arm}",
                "statistic": "proportion",
                "endpoint": figure.event,
                "arm": arm,
                "strata": list(figure.strata),
            }
            for figure in figures
            for arm in arms
        ],
    }
    return study_from(document, evidence.id)


def _figures(entry: Mapping[str, Any], strata: Mapping[str, Any]) -> list[_Figure]:
    found = []
    for event in EVENTS:
        for record, names in table(entry.get(event, {}), event).items():
            where = f"{event}, {record}"
            chosen = tuple(known(text(name, where), strata, "stratum", where) for name in items(names, where))
            found.append(_Figure(event, record, chosen))
    if not found:
        raise InputError("at least one figure is needed", where="trial", allowed=tuple(EVENTS))
    return found


def _check_figure(evidence: Study, figure: _Figure, arm: str) -> None:
    """InputError where a record counts another event than its key says, or by another day."""
    record = evidence[f"{figure.record}.{arm}"]
    where = f"{figure.event}, {figure.record}"
    other = record.event in EVENTS or figure.event in evidence.events
    if other and record.event not in (figure.event, f"new_{figure.event}"):
        what = f"the record counts another event ({evidence.events[record.event].definition})"
        raise InputError(what, where=where, allowed=f"records of {figure.event}", got=record.event)
    if record.day not in (None, HORIZON):
        raise InputError("the record counts to another day", where=where, allowed=f"day {HORIZON}", got=record.day)


def _patients(evidence: Study, figures: list[_Figure], stratum: str, arm: str) -> int:
    """Patients of a stratum and arm: those of a figure that counts this stratum alone."""
    for figure in figures:
        if figure.strata == (stratum,):
            counted = evidence[f"{figure.record}.{arm}"].figure
            if not isinstance(counted, Proportion) or not counted.n:
                raise InputError("a count out of n is needed", where=f"{figure.event}, {figure.record}", got=arm)
            return counted.n
    raise InputError("no figure counts the stratum by itself", where=f"stratum {stratum}")


def _model(
    entry: Mapping[str, Any], strata: Mapping[str, Any], figures: list[_Figure], drug: str, treatment_class: str
) -> dict[str, Any]:
    base = load_parameter_set(text(entry["base"], "base"))
    deaths = [move.move for move in base.template.moves if move.group == "death"]
    against = f"against {base.name}, fitted to"
    shift: dict[str, Any] = {}
    for name in dict.fromkeys(figure.strata for figure in figures if figure.event == "death"):
        scores = {score for stratum in name for score in strata[stratum]}
        moves = [str(move) for move in deaths if str(move.origin) in scores]
        taken = [move for entry in shift.values() for move in entry["moves"]]
        if left := [move for move in moves if move not in taken]:
            reason = f"death {against} deaths under control; wide, so that the base lends a small trial no control arm"
            shift[f"death_{'_'.join(name)}"] = {"moves": left, "prior_sd": DEATH_PRIOR_SD, "reason": reason}
    # Levels that no figure speaks of stay uncertain, so that they do not lend certainty to effects.
    shift["improvement"] = {"moves": ["improvement", "discharge"], "reason": f"improvement {against} discharges"}
    shift["deterioration"] = {"moves": ["deterioration"], "reason": f"deterioration {against} ventilation"}
    return {
        "base": entry["base"],
        "shift": shift,
        "treatment": {drug: {"class": treatment_class}},
        "effect": [{"treatment": drug, "name": "death", "moves": ["death"]}],
    }
