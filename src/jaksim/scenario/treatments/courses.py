"""How effects go with the phase of their treatment, so that the average where they were found is the calibrated one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

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


def course_of(model: DiseaseModel, effect: TreatmentEffect, acts: ActsThrough, where: str) -> Course:
    """How an effect goes with the phase of its treatment.

    By baseline score, the log hazard ratio averaged over the moves that the effect changes, as the natural history
    makes them in patients who come on the days since onset of the reference, is that of the effect. This is the limit
    of the estimate of proportional hazards for small effects (Schoenfeld, Biometrika 1980;67:145).
    """
    if acts.reference is None:
        return Course(acts.phase.name, acts.phase.by_day())
    moves = moves_by_score(model, effect, acts.followed)
    acted_on = {score: days_acted_on(effect, acts.reference, made) for score, made in moves.items()}
    found = scaled(acts.phase, acted_on, days_acted_on(effect, acts.reference, np.ones(acts.followed)))
    if found is None:
        what = f"the phase {acts.phase.name!r} is over on the days since onset of the trial that the effects are from"
        raise InputError(what, where=join(where, "reference_onset"), allowed="days on which its level is above 0")
    return found


def scaled(phase: Phase, acted_on: Mapping[int, Floats], evenly: Floats) -> Course | None:
    """The course with an average of 1 over the moves on each day since onset, by baseline score.

    Other scores have that of days counted `evenly`; None where the phase is over on all of these.
    """
    levels = phase.by_day()
    plain = average(levels, evenly)
    if not plain > 0.0:
        return None
    averages = {score: average(levels, days) for score, days in acted_on.items()}
    scales = tuple((score, 1.0 / found) for score, found in averages.items() if found > 0.0)
    return Course(phase.name, levels, scales, 1.0 / plain)


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


def average(levels: Sequence[float], acted_on: Floats) -> float:
    """The average level over the moves on each day since onset; NaN without any."""
    total = float(acted_on.sum())
    extended = np.array(levels)[np.minimum(np.arange(len(acted_on)), len(levels) - 1)]
    return float(extended @ acted_on) / total if total > 0.0 else math.nan


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
