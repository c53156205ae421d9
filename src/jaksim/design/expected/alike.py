"""Patients and moves told of together, in words."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from jaksim.model.disease import PatientType
from jaksim.model.moves import Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.trial import Trial
from jaksim.trial.characteristics.characteristics import Characteristics


def patients_of(trial: Trial) -> tuple[PatientType, ...]:
    """The kinds of patients that enter, each once; where characteristics follow a joint law, those in the middle of
    the law of each."""
    law = trial.population.characteristics if trial.population.quadrature is not None else None
    found: dict[Hashable, PatientType] = {}
    for number, stratum in enumerate(trial.population.strata):
        for share, patient in stratum.patients:
            if share > 0.0:
                one = patient if law is None else _in_the_middle(patient, law, number, trial)
                found.setdefault(one.key, one)
    return tuple(found.values())


def _in_the_middle(patient: PatientType, law: Characteristics, stratum: int, trial: Trial) -> PatientType:
    """The patient with the middle of each law, of the characteristics that matter."""
    middle = law.typical(patient, stratum)
    kept = {name: value for name, value in middle.covariates.items() if name in patient.covariates}
    return PatientType(patient.baseline_score, kept, middle.days_since_onset)


def patients_in_words(patients: Sequence[PatientType], trial: Trial) -> str:
    """What tells some of the patients from the others; nothing for all of them, unless they are those in the middle of
    joint laws."""
    everyone, drawn = patients_of(trial), trial.population.quadrature is not None
    if len(patients) == len(everyone) and not drawn:
        return ""
    words = []
    scores = {patient.baseline_score for patient in patients}
    if scores != {patient.baseline_score for patient in everyone}:
        words.append(f"baseline score {', '.join(map(str, sorted(scores)))}")
    for name in dict.fromkeys(name for patient in everyone for name in patient.covariates):
        words += _values(name, [[one.covariates.get(name) for one in some] for some in (patients, everyone)], drawn)
    onsets = [[one.days_since_onset for one in some] for some in (patients, everyone)]
    words += _values("days since onset", onsets, drawn)
    return ", ".join(words) or "some patients"


def _values(name: str, given: Sequence[Sequence[float | None]], drawn: bool) -> list[str]:
    some, every = ({value for value in values if value is not None} for values in given)
    if not some or (some == every and not drawn):
        return []
    return [f"{name} {', '.join(f'{value:g}' for value in sorted(some))}"]


def moves_in_words(history: NaturalHistory, moves: Sequence[Move]) -> str:
    """The groups of moves, and of a group that is not meant as a whole the moves."""
    words = []
    for group in dict.fromkeys(history.groups[move] for move in moves):
        chosen = [move for move in moves if history.groups[move] == group]
        whole = len(chosen) == sum(1 for of in history.groups.values() if of == group)
        words.append(group if whole else f"{group} {', '.join(map(str, chosen))}")
    return ", ".join(words)
