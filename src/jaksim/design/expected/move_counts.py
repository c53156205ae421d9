"""How often patients of each arm make each move during follow-up, on average."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells, PatientGroup
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import interval_matrices
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

    The product of occupation and intensity is integrated by Simpson's rule, with the middle and the ends of each
    stretch of constant intensities within a day, of parts of it where patients move fast; that is right to more digits
    than are printed.
    """
    trial, history = cells.trial, cells.trial.disease.natural_history
    groups = [(place, group) for place, cell in enumerate(cells.law_groups) for group in cell]
    shares, n_strata = trial.stratum_shares, len(trial.stratum_shares)
    n_scores = trial.scale.n_states
    made, spent = np.zeros((2, len(cells.arms), n_scores, n_scores))
    for place, group in groups:
        weight = shares[place % n_strata] * group.share / sum(shares)
        arm = place // n_strata
        edges = _stretches(group.intensities, trial.horizon)
        times = _days_in(trial, group, edges)
        made[arm] += weight * _made(trial, group, edges, times)
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


def _stretches(table: IntensityTable, horizon: int) -> Floats:
    """Times from 0 to the horizon between which intensities are constant and nobody makes more than about one move."""
    edges = np.union1d(np.arange(horizon + 1), table.breaks[table.breaks < horizon])
    pieces = np.searchsorted(table.breaks, edges[:-1], side="right") - 1
    fastest = -np.diagonal(table.generators, axis1=1, axis2=2).min(axis=1)
    parts = [math.ceil(max(fastest[piece] * length, 1.0)) for piece, length in zip(pieces, np.diff(edges), strict=True)]
    inner = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(edges, edges[1:], parts, strict=False)]
    return np.append(np.concatenate(inner), edges[-1])


def _days_in(trial: Trial, group: PatientGroup, edges: Floats) -> Floats:
    """Expected time (len(edges) - 1, E) spent in each state between the edges."""
    times = np.sort(np.concatenate([edges, (edges[1:] + edges[:-1]) / 2.0]))
    occupation = state_occupation(interval_matrices([group.intensities], times)[0], group.start_index)
    spent: Floats = sum(
        weight * occupation[first : first + len(times) - 1 : 2] for first, weight in enumerate(_WEIGHTS)
    )
    return np.where(trial.states.withdrawn, 0.0, spent) * np.diff(edges)[:, None]


def _made(trial: Trial, group: PatientGroup, edges: Floats, times: Floats) -> Floats:
    """Expected number (S, S) of moves between scores."""
    table, of_score = group.intensities, _of_score(trial)
    pieces = np.searchsorted(table.breaks, edges[:-1], side="right") - 1
    made = np.zeros((trial.scale.n_states, trial.scale.n_states))
    for piece in np.unique(pieces):
        spent = times[pieces == piece].sum(axis=0)
        moves = np.where(np.eye(table.n_states, dtype=bool), 0.0, table.generators[piece]) * spent[:, None]
        made += of_score.T @ moves @ of_score
    np.fill_diagonal(made, 0.0)
    return made


def _of_score(trial: Trial) -> Floats:
    """Which state is which score (E, S)."""
    return np.asarray(trial.states.score[:, None] == np.arange(trial.scale.n_states), dtype=np.float64)
