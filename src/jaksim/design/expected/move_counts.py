"""How often patients of each arm make each move during follow-up, on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells, PatientGroup
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.trial import Trial

_WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6.0


@dataclass(frozen=True)
class MoveCount:
    """How often a patient of an arm is expected to make a move while in the study; `per_day` spent in its score."""

    arm: str
    move: str
    origin: int
    destination: int
    group: str
    per_patient: float
    per_day: float


def move_counts(cells: Cells) -> tuple[MoveCount, ...]:
    """Every move in every arm, over all patients of the arm.

    The product of occupation and intensity is integrated by Simpson's rule, with the middle and the ends of each day,
    which is right to more digits than are printed.
    """
    trial, history = cells.trial, cells.trial.disease.natural_history
    groups = [(place, group) for place, cell in enumerate(cells.law_groups) for group in cell]
    halves = [_in_halves(group.intensities) for _, group in groups]
    transitions = stacked_transition_matrices(halves, 2 * trial.horizon)
    shares, n_strata = trial.stratum_shares, len(trial.stratum_shares)
    n_scores = trial.scale.n_states
    made, spent = np.zeros((2, len(cells.arms), n_scores, n_scores))
    for (place, group), daily in zip(groups, transitions, strict=True):
        weight = shares[place % n_strata] * group.share / sum(shares)
        arm = place // n_strata
        times = _days_in(trial, group, daily)
        made[arm] += weight * _made(trial, group, times)
        spent[arm] += weight * (times.sum(axis=0) @ _of_score(trial))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(spent > 0.0, made / spent, 0.0)
    return tuple(
        MoveCount(
            arm.name,
            str(move),
            move.origin,
            move.destination,
            history.groups[move],
            float(made[place, origin, destination]),
            float(rates[place, origin, destination]),
        )
        for place, arm in enumerate(cells.arms)
        for move, origin, destination in zip(history.moves, *history.positions, strict=True)
    )


def _in_halves(table: IntensityTable) -> IntensityTable:
    """The same process with half a day as the unit of time."""
    return IntensityTable(2.0 * table.breaks, table.generators / 2.0)


def _days_in(trial: Trial, group: PatientGroup, halves: Floats) -> Floats:
    """Expected time (H, E) spent in each state on each day, from matrices over half days."""
    occupation = state_occupation(halves, group.start_index)
    spent: Floats = sum(
        weight * occupation[first : first + 2 * trial.horizon : 2] for first, weight in enumerate(_WEIGHTS)
    )
    return np.where(trial.states.withdrawn, 0.0, spent)


def _made(trial: Trial, group: PatientGroup, times: Floats) -> Floats:
    """Expected number (S, S) of moves between scores."""
    table, of_score = group.intensities, _of_score(trial)
    days = np.arange(trial.horizon)
    pieces: Sequence[int] = (np.searchsorted(table.breaks, days, side="right") - 1).tolist()
    made = np.zeros((trial.scale.n_states, trial.scale.n_states))
    for piece in sorted(set(pieces)):
        spent = times[np.array(pieces) == piece].sum(axis=0)
        moves = np.where(np.eye(table.n_states, dtype=bool), 0.0, table.generators[piece]) * spent[:, None]
        made += of_score.T @ moves @ of_score
    np.fill_diagonal(made, 0.0)
    return made


def _of_score(trial: Trial) -> Floats:
    """Which state is which score (E, S)."""
    return np.asarray(trial.states.score[:, None] == np.arange(trial.scale.n_states), dtype=np.float64)
