"""Patients and moves told of together, in words."""

from __future__ import annotations

from collections.abc import Sequence

from jaksim.model.disease import PatientType
from jaksim.model.moves import Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.trial import Trial


def patients_of(trial: Trial) -> tuple[PatientType, ...]:
    """The kinds of patients that enter, each once."""
    entering = (patient for stratum in trial.population.strata for share, patient in stratum.patients if share > 0.0)
    return tuple({repr(patient): patient for patient in entering}.values())


def patients_in_words(patients: Sequence[PatientType], everyone: Sequence[PatientType]) -> str:
    """What tells some of the patients from the others; nothing for all of them."""
    if len(patients) == len(everyone):
        return ""
    words = []
    scores = {patient.baseline_score for patient in patients}
    if scores != {patient.baseline_score for patient in everyone}:
        words.append(f"baseline score {', '.join(map(str, sorted(scores)))}")
    for name in dict.fromkeys(name for patient in everyone for name in patient.covariates):
        words += _values(name, [[one.covariates.get(name) for one in some] for some in (patients, everyone)])
    onsets = [[one.days_since_onset for one in some] for some in (patients, everyone)]
    words += _values("days since onset", onsets)
    return ", ".join(words) or "some patients"


def _values(name: str, given: Sequence[Sequence[float | None]]) -> list[str]:
    some, every = ({value for value in values if value is not None} for values in given)
    return [] if some == every or not some else [f"{name} {', '.join(f'{value:g}' for value in sorted(some))}"]


def moves_in_words(history: NaturalHistory, moves: Sequence[Move]) -> str:
    """The groups of moves, and of a group that is not meant as a whole the moves."""
    words = []
    for group in dict.fromkeys(history.groups[move] for move in moves):
        chosen = [move for move in moves if history.groups[move] == group]
        whole = len(chosen) == sum(1 for of in history.groups.values() if of == group)
        words.append(group if whole else f"{group} {', '.join(map(str, chosen))}")
    return ", ".join(words)
