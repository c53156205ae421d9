"""The patients randomised so far: arm, stratum and the scores that the log has of each day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from jaksim.arrays import Integers
from jaksim.errors import InputError
from jaksim.operations.running.log import UNKNOWN, RandomisedSoFar
from jaksim.operations.running.log_patients import Patient
from jaksim.operations.running.log_rows import Row, fault
from jaksim.trial import Trial

GAPS: Final = ("error", "model")
"""What a day without a score between two with one means: a fault, or a score to draw from the model."""


def randomised_so_far(
    patients: Mapping[str, Patient], places: Mapping[str, int], trial: Trial, on: int, gaps: str, where: str
) -> RandomisedSoFar:
    """Everybody randomised, in order of entry.

    Raises `InputError` for arms, strata and scores that the trial does not have, two scores of one day, scores after
    death or after follow-up, and days between two scores that have none unless `gaps` is "model".
    """
    everybody = sorted((p for p in patients.values() if p.all("randomised")), key=lambda p: p.day("randomised"))
    rows = [p.all("randomised")[0] for p in everybody]
    arms = [trial.reference.name, *(arm.name for arm in trial.arms if not arm.reference)]
    arm = _numbers([row.arm for row in rows], arms, rows, "arm", where)
    known = int((arm != UNKNOWN).sum())
    if 0 < known < len(arm):
        without = (row for row, one in zip(rows, arm, strict=True) if one == UNKNOWN)
        fault("patients without an arm beside others with one", without, where, "the arm of everybody, or of nobody")
    strata = [stratum.name for stratum in trial.population.strata]
    dead = [trial.scale.index(score) for score in trial.scale.absorbing]
    if not dead:
        fault("deaths on a scale without death", _died(everybody), where, "scores alone")
    score = np.full((len(rows), trial.horizon + 1), UNKNOWN, dtype=np.int64)
    _fill(score, everybody, trial, where)
    _check_after_death(score, everybody, dead, where)
    if gaps == "error":
        _check_gaps(score, everybody, where)
    alive = _alive(score, everybody, dead, on)
    return RandomisedSoFar(
        tuple(p.name for p in everybody),
        np.array([places[p.all("screened")[0].site] for p in everybody], dtype=np.int64),
        np.array([row.day for row in rows], dtype=np.int64),
        arm,
        _numbers([row.stratum for row in rows], strata, rows, "stratum", where),
        score,
        alive,
    )


def _died(patients: Sequence[Patient]) -> Iterator[Row]:
    for patient in patients:
        yield from patient.all("died")


def _numbers(words: Sequence[str], names: Sequence[str], rows: Sequence[Row], what: str, where: str) -> Integers:
    for word, row in zip(words, rows, strict=True):
        if word and word not in names:
            raise InputError(
                f"row {row.number} has {'an' if what == 'arm' else 'a'} {what} that the trial does not have",
                where=where, allowed=names, got=word,
            )  # fmt: skip
    return np.array([names.index(word) if word else UNKNOWN for word in words], dtype=np.int64)


def _fill(score: Integers, patients: Sequence[Patient], trial: Trial, where: str) -> None:
    """Write scores and deaths of each patient by day since randomisation."""
    off, late, twice = [], [], []
    dead = trial.scale.indices(trial.scale.absorbing)
    for i, patient in enumerate(patients):
        entry = patient.all("randomised")[0]
        for row in (*([entry] if entry.score else []), *patient.all("score")):
            state = _state(row, trial)
            day = row.day - entry.day
            if state is None:
                off.append(f"{row}: score {row.score}")
            elif day > trial.horizon:
                late.append(row)
            elif score[i, day] not in (UNKNOWN, state) or (score[i, day] == state and row is not entry and day > 0):
                twice.append(row)
            else:
                score[i, day] = state
        for row in patient.all("died"):
            if row.day - entry.day <= trial.horizon and dead:
                score[i, row.day - entry.day :] = np.where(
                    score[i, row.day - entry.day :] == UNKNOWN, dead[0], score[i, row.day - entry.day :]
                )
    scores = ", ".join(str(one) for one in trial.scale.scores)
    fault("scores that are not on the scale", off, where, scores)
    fault("scores after the follow-up", late, where, f"up to {trial.horizon} days after randomisation")
    fault("two scores of a patient on one day", twice, where, "one row for each patient and day")


def _state(row: Row, trial: Trial) -> int | None:
    try:
        number = float(row.score)
    except ValueError:
        return None
    return trial.scale.scores.index(int(number)) if number in trial.scale.scores else None


def _check_after_death(score: Integers, patients: Sequence[Patient], dead: Sequence[int], where: str) -> None:
    """Fill the days after a score of death; a fault where another one follows."""
    wrong = []
    is_dead = np.isin(score, dead)
    for i in np.flatnonzero(is_dead.any(axis=1)).tolist():
        first = int(is_dead[i].argmax())
        after = score[i, first:]
        if ((after != UNKNOWN) & ~np.isin(after, dead)).any():
            day = first + int(((after != UNKNOWN) & ~np.isin(after, dead)).argmax())
            wrong.append(f"patient {patients[i].name}: dead {first} days after randomisation, a score {day} days after")
        score[i, first:] = score[i, first]
    fault("scores after death", wrong, where, "none after the day of death")


def _check_gaps(score: Integers, patients: Sequence[Patient], where: str) -> None:
    """A fault for days without a score before one that has one, the day of randomisation left aside."""
    wrong = []
    for i, patient in enumerate(patients):
        last = max((row.day for event in ("score", "died") for row in patient.all(event)), default=-1)
        upto = min(last - patient.day("randomised"), score.shape[1] - 1)
        lacking = np.flatnonzero(score[i, 1 : upto + 1] == UNKNOWN) + 1
        if patient.all("score") and len(lacking):
            days = ", ".join(str(day + patient.day("randomised")) for day in lacking[:5])
            wrong.append(f"patient {patient.name}: no score on day {days}{' and others' if len(lacking) > 5 else ''}")
    fault("gaps in daily scores", wrong, where, "a score of each day up to the last, or ‹gaps=model›")


def _alive(score: Integers, patients: Sequence[Patient], dead: Sequence[int], on: int) -> Integers:
    """Days since randomisation up to which each patient is known to be alive.

    Where the log tells deaths, whoever has none is alive at its end.
    """
    told = any(patient.all("died") for patient in patients)
    found = np.zeros(len(patients), dtype=np.int64)
    for i, patient in enumerate(patients):
        died = np.flatnonzero(np.isin(score[i], dead))
        seen = np.flatnonzero(score[i] != UNKNOWN)
        if len(died):
            found[i] = max(int(died[0]) - 1, 0)
        elif told:
            found[i] = min(on - patient.day("randomised"), score.shape[1] - 1)
        else:
            found[i] = int(seen[-1]) if len(seen) else 0
    return found
