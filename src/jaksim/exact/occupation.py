"""Where patients are and when they first get somewhere, without Monte Carlo error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.exact.transition import transition_matrices
from jaksim.model.intensity import IntensityTable

OBSERVED = ("daily", "continuous")


def state_occupation(P: NDArray[np.float64], start_index: int) -> NDArray[np.float64]:
    """Probability of each state (H+1, S) at the end of days 0..H, from daily transition probabilities P (H, S, S)."""
    horizon, n_states = P.shape[:2]
    _check_states((start_index,), n_states, "start_index")
    occupation = np.zeros((horizon + 1, n_states))
    occupation[0, start_index] = 1.0
    for day in range(horizon):
        np.matmul(occupation[day], P[day], out=occupation[day + 1])
    return occupation


def expected_days(P: NDArray[np.float64], start_index: int) -> NDArray[np.float64]:
    """Expected number of days 1..H that end in each state (S,)."""
    days: NDArray[np.float64] = state_occupation(P, start_index)[1:].sum(axis=0)
    return days


def first_passage(
    table: IntensityTable, start_index: int, targets: Iterable[int], horizon: int, observed: str = "daily"
) -> NDArray[np.float64]:
    """Probability (H+1,) of having been in one of the target states by days 0..H.

    `observed` "daily" sees a patient at the end of each day only, "continuous" sees every visit however short.
    """
    probability: NDArray[np.float64] = cumulative_incidence(table, start_index, [targets], horizon, observed)[0]
    return probability


def cumulative_incidence(
    table: IntensityTable,
    start_index: int,
    causes: Sequence[Iterable[int]],
    horizon: int,
    observed: str = "daily",
) -> NDArray[np.float64]:
    """Probability (C, H+1) that, by days 0..H, a cause has happened and was the first of all causes to happen.

    A cause is a set of target states, entered for the first time; causes must not share a state. For `observed` see
    `first_passage`. InputError for unknown states, shared states and an unknown way of observing.
    """
    if observed not in OBSERVED:
        raise InputError("unknown way of observing", where="observed", allowed=OBSERVED, got=observed)
    groups = [sorted(set(cause)) for cause in causes]
    targets = [state for group in groups for state in group]
    _check_states(targets, table.n_states, "targets")
    if len(set(targets)) < len(targets):
        raise InputError("the causes share a state", where="causes", got=groups)
    stopped = table
    if observed == "continuous":
        generators = table.generators.copy()
        generators[:, targets] = 0.0
        stopped = IntensityTable(table.breaks, generators)
    P = transition_matrices(stopped, horizon)
    P[:, targets] = np.eye(table.n_states)[targets]
    occupation = state_occupation(P, start_index)
    return np.array([occupation[:, group].sum(axis=1) for group in groups]).reshape(len(groups), horizon + 1)


def _check_states(states: Iterable[int], n_states: int, where: str) -> None:
    for state in states:
        if not 0 <= state < n_states:
            raise InputError("unknown state", where=where, allowed=f"0 to {n_states - 1}", got=state)
