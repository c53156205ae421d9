"""The hazard ratio of chosen moves at all times, as multistate models of daily scores give it.

It maximises Breslow's partial likelihood of the moves of every day: each move has its own baseline hazard over the days
since randomisation, all share the ratio, and at risk is who was in the score of origin the day before. Source:
Andersen, Borgan, Gill and Keiding (1993), section VII.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.endpoint.endpoint import Endpoint
from jaksim.model.moves import Move

_STEPS: Final = 50
_LARGEST_STEP: Final = 1.0
_TOLERANCE: Final = 1e-10


def transition_log_ratio(reference: Floats, active: Floats, endpoint: Endpoint, moves: Sequence[Move]) -> Floats:
    """Log hazard ratio (N,) from counts of daily transitions (N, K) in two arms; NaN where an arm has no such move."""
    transitions = endpoint.transitions
    assert transitions is not None
    origin = [endpoint.scale.index(move.origin) for move in moves]
    destination = [endpoint.scale.index(move.destination) for move in moves]
    days = [transitions.by_day(counts)[:, : transitions.last_day] for counts in (reference, active)]
    events_0, events_1 = (counts[:, :, origin, destination].reshape(len(counts), -1) for counts in days)
    risk_0, risk_1 = (counts.sum(axis=3)[:, :, origin].reshape(len(counts), -1) for counts in days)
    events, log_ratio = events_0 + events_1, np.zeros(len(reference))
    possible = (events_0.sum(axis=1) > 0) & (events_1.sum(axis=1) > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_STEPS):
            weighted = risk_1 * np.exp(log_ratio)[:, None]
            share = np.where(events > 0, weighted / (risk_0 + weighted), 0.0)
            score = events_1.sum(axis=1) - (events * share).sum(axis=1)
            step = score / (events * share * (1 - share)).sum(axis=1)
            step = np.where(possible, np.clip(step, -_LARGEST_STEP, _LARGEST_STEP), 0.0)
            log_ratio += step
            if np.abs(step).max(initial=0.0) < _TOLERANCE:
                break
    return np.where(possible, log_ratio, np.nan)


def drawn_transitions(
    daily: Floats, start: int, patients: NDArray[np.int64], stream: np.random.Generator
) -> NDArray[np.int32]:
    """Counts (N, H * S * S) of daily transitions of N trials with so many `patients` (N,) who start in one state.

    `daily` (H, S, S) are the transition probabilities of each day.
    """
    horizon, states = daily.shape[:2]
    occupied = np.zeros((len(patients), states), dtype=np.int64)
    occupied[:, start] = patients
    counts = np.zeros((len(patients), horizon, states, states), dtype=np.int32)
    for day in range(horizon):
        for state in np.flatnonzero(occupied.any(axis=0)):
            row = np.maximum(daily[day, state], 0.0)
            counts[:, day, state] = stream.multinomial(occupied[:, state], row / row.sum())
        occupied = counts[:, day].sum(axis=1, dtype=np.int64)
    return np.asarray(counts.reshape(len(patients), -1))
