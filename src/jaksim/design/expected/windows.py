"""What it does that the effects of an arm act on some days only, or go with a phase of the disease: beside no effect,
and beside effects that last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.expected.alike import moves_in_words, patients_in_words, patients_of
from jaksim.design.expected.occupation import mean_occupation, names_of_states
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.effect import Window
from jaksim.model.moves import Move
from jaksim.model.regimen import Regimen
from jaksim.trial import Arm, Trial


@dataclass(frozen=True)
class RatioByDay:
    """The hazard ratio of `moves` against the natural history, from each day in `starts` on, in the patients of whom
    `patients` speaks, all where it is empty."""

    moves: str
    patients: str
    starts: tuple[float, ...]
    ratios: tuple[float, ...]


@dataclass(frozen=True)
class WindowEffect:
    """An arm whose effects act on some of the days of follow-up, or go with a phase.

    Probabilities (H+1 days, states) for all patients of the arm: `untreated` on the background alone, `as_planned`
    with the effects in their windows, `throughout` with the same effects from randomisation to the end.
    """

    arm: str
    windows: tuple[str, ...]
    ratios: tuple[RatioByDay, ...]
    states: tuple[str, ...]
    untreated: tuple[tuple[float, ...], ...]
    as_planned: tuple[tuple[float, ...], ...]
    throughout: tuple[tuple[float, ...], ...]


def window_effects(trial: Trial, arms: Sequence[Arm]) -> tuple[WindowEffect, ...]:
    """The arms whose effects begin after randomisation, end before the follow-up does, or go with a phase."""
    found = []
    for arm in arms:
        windows = _windows(trial, arm)
        if not windows:
            continue
        curves = (
            mean_occupation(trial, arm, Regimen(trial.disease.background)),
            mean_occupation(trial, arm),
            mean_occupation(trial, arm, disease=_throughout(trial.disease)),
        )
        untreated, as_planned, throughout = (_rows(curve) for curve in curves)
        found.append(
            WindowEffect(
                arm.name,
                windows,
                ratios_by_day(trial, arm),
                names_of_states(trial),
                untreated,
                as_planned,
                throughout,
            )
        )
    return tuple(found)


def ratios_by_day(trial: Trial, arm: Arm) -> tuple[RatioByDay, ...]:
    """What the regimen of an arm multiplies the intensities of the natural history by, day by day; moves on which it
    acts alike are told of together, patients likewise."""
    model, history = trial.disease, trial.disease.natural_history
    found: dict[tuple[tuple[float, ...], tuple[float, ...]], dict[Move, list[PatientType]]] = {}
    for patient in patients_of(trial):
        breaks, ratios = _ratios(model, arm, patient, trial.horizon)
        for move, origin, destination in zip(history.moves, *history.positions, strict=True):
            values = np.round(ratios[:, origin, destination], 12)
            if not np.isfinite(values).all() or (values == 1.0).all():
                continue
            kept = [0, *(n for n in range(1, len(values)) if values[n] != values[n - 1])]
            key = (tuple(breaks[kept].tolist()), tuple(values[kept].tolist()))
            found.setdefault(key, {}).setdefault(move, []).append(patient)
    told: list[RatioByDay] = []
    for (starts, ratio), moves in found.items():
        by_patients: dict[str, list[Move]] = {}
        for move, patients in moves.items():
            by_patients.setdefault(patients_in_words(patients, trial), []).append(move)
        told += [RatioByDay(moves_in_words(history, some), words, starts, ratio) for words, some in by_patients.items()]
    return tuple(told)


def _ratios(model: DiseaseModel, arm: Arm, patient: PatientType, horizon: int) -> tuple[Floats, Floats]:
    """Days at which pieces start, and in each the generators (pieces, S, S) of an arm over those of the background."""
    treated, natural = (model.intensities(one, patient) for one in (arm.regimen, Regimen(model.background)))
    breaks = np.union1d(treated.breaks, natural.breaks)
    breaks = breaks[breaks < horizon]
    above, below = (one.generators[np.searchsorted(one.breaks, breaks, side="right") - 1] for one in (treated, natural))
    with np.errstate(divide="ignore", invalid="ignore"):
        return breaks, above / below


def _windows(trial: Trial, arm: Arm) -> tuple[str, ...]:
    """The windows and phases in words, of effects that act on some of the days only or go with a phase."""
    model = trial.disease
    effects = [
        effect
        for name, treatment in model.treatments.items()
        if name in arm.regimen.treatments and name not in model.background
        for effect in treatment.effects
        if effect.log_hazard_ratio
    ]
    windows = [effect.window for effect in effects]
    windows += [one.window for one in model.active_interactions(arm.regimen) if one.log_hazard_ratio]
    limited = [one for one in windows if one.start > 0.0 or one.end < trial.horizon or one.clock != "randomisation"]
    phases = [f"in step with the phase {one.course.phase}" for one in effects if one.course is not None]
    return tuple(dict.fromkeys([*(_words(one) for one in limited), *phases]))


def _words(window: Window) -> str:
    clock = "" if window.clock == "randomisation" else " after onset"
    if window.end == math.inf:
        return f"from day {window.start:g}{clock} on"
    return f"days {window.start:g} to {window.end:g}{clock}"


def _throughout(model: DiseaseModel) -> DiseaseModel:
    """The same disease with every effect and interaction from randomisation on, for ever, and with its average size."""
    treatments = {
        name: replace(one, effects=tuple(replace(effect, window=Window(), course=None) for effect in one.effects))
        for name, one in model.treatments.items()
    }
    interactions = tuple(replace(one, window=Window()) for one in model.interactions)
    return replace(model, treatments=treatments, interactions=interactions)


def _rows(curve: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in curve.tolist())
