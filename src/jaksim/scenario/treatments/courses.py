"""How effects go with the phase of their treatment, so that the average where they were found is the calibrated one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.exact.expected_moves import moves_per_day
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.effect import TreatmentEffect
from jaksim.model.phase import Course, Phase
from jaksim.model.regimen import Regimen
from jaksim.scenario.section import join
from jaksim.scenario.treatments.acts_through import ActsThrough
from jaksim.scenario.treatments.onset import OnsetDays

_MOST_STEPS: Final = 60
_SETTLED: Final = 1e-13
_STRONGEST: Final = 5.0
"""Times its calibrated log hazard ratio, an effect may have on a day for the sake of its average hazard ratio."""


def course_of(model: DiseaseModel, effect: TreatmentEffect, acts: ActsThrough, where: str) -> Course:
    """How an effect goes with the phase of its treatment.

    By baseline score, the hazard ratio averaged over the moves that the effect changes, as the natural history makes
    them in patients who come on the days since onset of the reference, is that of the effect. This is what proportional
    hazards estimate where both arms are at risk alike (Schoenfeld, Biometrika 1980;67:145). Where so much of it
    is over that some day would need more than five times the log hazard ratio for this, the average log hazard ratio
    is that of the effect.
    """
    if acts.reference is None:
        return Course(acts.phase.name, acts.phase.by_day())
    moves = moves_by_score(model, effect, acts.followed)
    acted_on = {score: days_acted_on(effect, acts.reference, made) for score, made in moves.items()}
    evenly = days_acted_on(effect, acts.reference, np.ones(acts.followed))
    found = scaled(acts.phase, effect.log_hazard_ratio, acted_on, evenly)
    if found is None:
        what = f"the phase {acts.phase.name!r} is over on the days since onset of the trial that the effects are from"
        raise InputError(what, where=join(where, "reference_onset"), allowed="days on which its level is above 0")
    return found


def scaled(phase: Phase, log_ratio: float, acted_on: Mapping[int, Floats], evenly: Floats) -> Course | None:
    """The course with which the hazard ratio, averaged over the moves on each day since onset, is that of the effect.

    By baseline score; other scores have the factor of days counted `evenly`. None where the phase is over on all days.
    """
    levels = phase.by_day()
    factors = {score: _factor(levels, log_ratio, days) for score, days in acted_on.items()}
    plain = _factor(levels, log_ratio, evenly)
    scales = tuple((score, factor) for score, factor in factors.items() if factor is not None)
    return None if plain is None else Course(phase.name, levels, scales, plain)


def _factor(levels: Sequence[float], log_ratio: float, acted_on: Floats) -> float | None:
    """By what levels are multiplied so that the hazard ratio is the stated one on average; None without any level.

    Newton's steps for log mean exp(x level) = log ratio, which is convex in x: they fall to the root from the right,
    where the stated log ratio is the average one.
    """
    average = level_averaged(levels, acted_on)
    if not average > 0.0:
        return None
    shares, level = acted_on / acted_on.sum(), _extended(levels, len(acted_on))
    if log_ratio == 0.0 or shares[level == 0.0].sum() >= math.exp(log_ratio):
        return 1.0 / average
    x = log_ratio / average
    for _ in range(_MOST_STEPS):
        weighted = shares * np.exp(x * level)
        mean = float(weighted.sum())
        step = (math.log(mean) - log_ratio) * mean / float(weighted @ level)
        x -= step
        if abs(step) <= _SETTLED * abs(x):
            break
    factor = x / log_ratio
    return factor if factor * float(level[shares > 0.0].max()) <= _STRONGEST else 1.0 / average


def days_acted_on(effect: TreatmentEffect, onset: OnsetDays, moves: Floats) -> Floats:
    """Moves on each day since onset, of patients who come on these days with the moves (days,) of each of follow-up.

    The days are those on which the window of the effect is open.
    """
    found = np.zeros(onset.days[-1] + len(moves))
    days = np.arange(len(moves))
    for first, share in zip(onset.days, onset.weights, strict=True):
        window = effect.window.since_randomisation(first)
        if window is not None:
            is_open = (days + 0.5 >= window[0]) & (days + 0.5 < window[1])
            found[first : first + len(moves)] += share * moves * is_open
    return found


def level_averaged(levels: Sequence[float], acted_on: Floats) -> float:
    """The average level over the moves on each day since onset; NaN without any."""
    total = float(acted_on.sum())
    return float(_extended(levels, len(acted_on)) @ acted_on) / total if total > 0.0 else math.nan


def ratio_averaged(course: Course, score: int, log_ratio: float, acted_on: Floats) -> float:
    """The average hazard ratio over the moves on each day since onset, of patients with a baseline score."""
    factor = dict(course.scales).get(score, course.other)
    ratios = np.exp(log_ratio * factor * _extended(course.levels, len(acted_on)))
    return float(ratios @ acted_on) / float(acted_on.sum())


def _extended(levels: Sequence[float], days: int) -> Floats:
    """Levels of so many days, the last one holding from its day on."""
    found: Floats = np.array(levels)[np.minimum(np.arange(days), len(levels) - 1)]
    return found


def moves_by_score(model: DiseaseModel, effect: TreatmentEffect, days: int) -> dict[int, Floats]:
    """Expected moves (days,) that an effect changes, untreated, by each score at randomisation that it concerns."""
    scale, history = model.scale, model.natural_history
    mask = history.selected(effect.moves, effect.current_scores)
    origins, destinations = history.positions
    chosen = np.zeros((scale.n_states, scale.n_states), dtype=bool)
    chosen[origins[mask], destinations[mask]] = True
    # The natural history is that of any patient: the score at randomisation is where it starts.
    untreated = DiseaseModel(history).intensities(Regimen(), PatientType(scale.scores[0]))
    made = moves_per_day(untreated, chosen, days)
    return {
        score: made[scale.index(score)]
        for score in scale.scores
        if score not in scale.absorbing and (effect.baseline_scores is None or score in effect.baseline_scores)
    }
