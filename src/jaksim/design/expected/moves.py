"""The moves that patients make and with what intensity, in every arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.expected.alike import patients_in_words, patients_of
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.regimen import Regimen
from jaksim.trial import Arm, Trial


@dataclass(frozen=True)
class MoveIntensity:
    """A move in one piece of time: its intensity per day without treatments beyond the background, and in each arm.

    `patients` says whom it concerns, nothing where all move alike; the piece is from day `start` to day `end` since
    randomisation.
    """

    patients: str
    move: str
    origin: int
    destination: int
    group: str
    start: float
    end: float
    natural_history: float
    arms: tuple[float, ...]


def move_intensities(trial: Trial, arms: Sequence[Arm]) -> tuple[MoveIntensity, ...]:
    """Every move over the days of follow-up, pieces of equal intensity in all arms as one; patients who move alike in
    all arms are told of together."""
    model = trial.disease
    found: list[MoveIntensity] = []
    for patients, tables, breaks in _kinds(trial, arms):
        words = patients_in_words(patients, trial)
        ends = [*breaks[1:].tolist(), float(trial.horizon)]
        for move, origin, destination in zip(
            model.natural_history.moves, *model.natural_history.positions, strict=True
        ):
            values = tables[:, :, origin, destination]
            first = 0
            for piece in range(len(breaks)):
                if piece + 1 < len(breaks) and np.array_equal(values[:, piece + 1], values[:, first]):
                    continue
                before, *by_arm = values[:, first].tolist()
                found.append(
                    MoveIntensity(
                        words,
                        str(move),
                        move.origin,
                        move.destination,
                        model.natural_history.groups[move],
                        float(breaks[first]),
                        ends[piece],
                        before,
                        tuple(by_arm),
                    )
                )
                first = piece + 1
    return tuple(found)


def _kinds(trial: Trial, arms: Sequence[Arm]) -> list[tuple[list[PatientType], Floats, Floats]]:
    """Patients who move alike, with their generators (1 + arms, pieces, S, S) and the days at which pieces start."""
    found: list[tuple[list[PatientType], Floats, Floats]] = []
    for patient in patients_of(trial):
        tables, breaks = _generators(trial.disease, patient, arms, trial.horizon)
        for together, known, days in found:
            if np.array_equal(days, breaks) and np.array_equal(known, tables):
                together.append(patient)
                break
        else:
            found.append(([patient], tables, breaks))
    return found


def _generators(model: DiseaseModel, patient: PatientType, arms: Sequence[Arm], horizon: int) -> tuple[Floats, Floats]:
    regimens = [Regimen(model.background), *(arm.regimen for arm in arms)]
    tables = [model.intensities(regimen, patient) for regimen in regimens]
    breaks = np.unique(np.concatenate([table.breaks for table in tables]))
    breaks = breaks[breaks < horizon]
    at = [table.generators[np.searchsorted(table.breaks, breaks, side="right") - 1] for table in tables]
    return np.array(at), breaks
