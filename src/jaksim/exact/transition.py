"""Transition probabilities of the disease process between days."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.budget import check_memory
from jaksim.checks import is_whole
from jaksim.errors import InputError
from jaksim.exact.exponential import exponentials
from jaksim.model.intensity import IntensityTable

# Of each entry: the matrices, and their exponentials with five powers where all of them differ.
_MATRIX_BYTES = 64


def transition_matrices(table: IntensityTable, horizon: int) -> NDArray[np.float64]:
    """Daily transition probabilities (H, S, S): entry d-1 leads from the end of day d-1 to the end of day d.

    Breaks of the table may fall inside a day. Rows sum to 1.
    """
    probabilities: NDArray[np.float64] = stacked_transition_matrices([table], horizon)[0]
    return probabilities


def stacked_transition_matrices(tables: Sequence[IntensityTable], horizon: int) -> NDArray[np.float64]:
    """Daily transition probabilities (N, H, S, S) of several tables on the same states.

    Equal generators over equal durations, in one table or in several, are exponentiated once and all of them together.
    """
    if not is_whole(horizon) or horizon < 0:
        raise InputError("must be a whole number of days, 0 or more", where="horizon", got=horizon)
    return interval_matrices(tables, np.arange(horizon + 1, dtype=np.float64))


def transition_probability(table: IntensityTable, start: float, end: float) -> NDArray[np.float64]:
    """Transition probabilities (S, S) from time `start` to time `end`, in days since randomisation."""
    if not (0 <= start <= end < math.inf):
        raise InputError("times must be finite, not negative and in order", where="start, end", got=(start, end))
    if start == end:
        return np.eye(table.n_states)
    probability: NDArray[np.float64] = interval_matrices([table], np.array([start, end], dtype=np.float64))[0, 0]
    return probability


def interval_matrices(tables: Sequence[IntensityTable], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transition probabilities (N, len(edges) - 1, S, S) of several tables on the same states between successive times
    `edges`, in days since randomisation."""
    if not tables:
        raise InputError("at least one intensity table is needed", where="tables")
    n_states = tables[0].n_states
    for table in tables:
        if table.n_states != n_states:
            raise InputError("all tables must have the same states", where="tables", got=(n_states, table.n_states))
    same: dict[tuple[bytes, bytes], int] = {}
    which = [same.setdefault((table.breaks.tobytes(), table.generators.tobytes()), len(same)) for table in tables]
    unique = [tables[which.index(number)] for number in range(len(same))]
    intervals = len(edges) - 1
    check_memory(
        _MATRIX_BYTES * (len(tables) + len(unique)) * intervals * n_states**2,
        f"{intervals:,} daily transition matrices of {n_states} states for each of {len(tables):,} groups of patients",
        instead="fewer days, strata, arms, states or kinds of patients",
    )
    probabilities = _unlike_interval_matrices(unique, edges)
    return probabilities if len(unique) == len(tables) else probabilities[which]


def _unlike_interval_matrices(tables: Sequence[IntensityTable], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    n_states = tables[0].n_states
    breaks = {table.breaks.tobytes(): table.breaks for table in tables}
    segments = {key: _segments(found, edges) for key, found in breaks.items()}
    distinct: dict[tuple[bytes, float], int] = {}
    generators: list[NDArray[np.float64]] = []
    first = np.empty((len(tables), len(edges) - 1), dtype=np.intp)
    later: list[tuple[int, int, int]] = []
    for number, table in enumerate(tables):
        keys = [generator.tobytes() for generator in table.generators]
        for interval, piece, duration in segments[table.breaks.tobytes()]:
            position = distinct.setdefault((keys[piece], duration), len(distinct))
            if position == len(generators):
                generators.append(table.generators[piece])
            if interval < 0:
                later.append((number, ~interval, position))
            else:
                first[number, interval] = position
    if not distinct:
        return np.empty((len(tables), 0, n_states, n_states))
    steps = exponentials(np.array(generators), np.array([duration for _, duration in distinct]))
    probabilities: NDArray[np.float64] = steps[first]
    for number, interval, position in later:
        probabilities[number, interval] = probabilities[number, interval] @ steps[position]
    return probabilities


def _segments(breaks: NDArray[np.float64], edges: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    """Stretches of constant intensity in order: (interval, piece, duration in days).

    The interval is its position among the edges, or the complement `~position` when it continues an interval.
    """
    inside = breaks[(breaks > edges[0]) & (breaks < edges[-1])]
    points = np.union1d(edges, inside)
    pieces = np.searchsorted(breaks, points[:-1], side="right") - 1
    intervals = np.searchsorted(edges, points[:-1], side="right") - 1
    continued = edges[intervals] != points[:-1]
    marked = np.where(continued, ~intervals, intervals)
    return list(zip(marked.tolist(), pieces.tolist(), np.diff(points).tolist(), strict=True))
