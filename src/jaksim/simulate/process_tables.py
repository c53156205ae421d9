"""Disease processes and automata laid out for the path kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.errors import InputError
from jaksim.kernel.walk import DAY_BITS, MEMORY_BITS, PIECE_FIELDS, Memories, Processes
from jaksim.simulate.alias_table import WHOLE, quantise

NEVER = 1e300


class Intensities(Protocol):
    """Piecewise-constant generators: breaks (J,) start days of the pieces, generators (J, S, S) per day."""

    @property
    def breaks(self) -> NDArray[np.float64]: ...

    @property
    def generators(self) -> NDArray[np.float64]: ...


class PathAutomaton(Protocol):
    """Integer tables start (S,), step (H, M, S), final (M,) and, for a product, parts (E, K) with part_sizes (E,)."""

    @property
    def start(self) -> NDArray[np.int32]: ...

    @property
    def step(self) -> NDArray[np.int32]: ...

    @property
    def final(self) -> NDArray[np.int32]: ...

    @property
    def absorbing(self) -> tuple[int, ...]: ...

    @property
    def parts(self) -> NDArray[np.int32]: ...

    @property
    def part_sizes(self) -> tuple[int, ...]: ...


def destinations_of(rates: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """States entered at intensities rates (S,), and cumulative chances of all but the last in units of 2**-32."""
    states = np.flatnonzero(rates > 0)
    if len(states) == 0:
        return [], []
    cumulative = np.cumsum(quantise(rates[states] / rates[states].sum()))
    return states.tolist(), cumulative[:-1].tolist()


def lay_out_processes(
    tables: Sequence[Intensities],
    start_indices: ArrayLike,
    starts: NDArray[np.int64],
    weights: Sequence[NDArray[np.uint64]],
) -> Processes:
    """The arrays of `jaksim.kernel.walk.Processes` for one table and starting state per component.

    Components starts[c] .. starts[c + 1] - 1 belong to cell c and have integer weights (one array per cell, in
    units of 2**-32).
    """
    n_states = tables[0].generators.shape[1]
    n_pieces = max(len(t.breaks) for t in tables)
    nodes = len(tables) * n_states
    off_diagonal = ~np.eye(n_states, dtype=bool)
    moves = [np.where(off_diagonal, t.generators, 0.0) for t in tables]
    chosen = {
        (q * n_states + s, j): destinations_of(rates[j, s])
        for q, rates in enumerate(moves)
        for j in range(len(rates))
        for s in range(n_states)
    }
    n_destinations = max(1, max(len(states) for states, _ in chosen.values()))
    pieces = np.zeros((nodes, n_pieces, PIECE_FIELDS))
    pieces[:, :, 1] = np.inf
    for q, table in enumerate(tables):
        pieces[q * n_states : (q + 1) * n_states, : len(table.breaks)] = pieces_of(table.breaks, moves[q].sum(axis=2).T)
    threshold = np.full((nodes, n_pieces, n_destinations - 1), WHOLE, dtype=np.uint64)
    destination = np.empty((nodes, n_pieces, n_destinations), dtype=np.uint64)
    destination[:] = np.arange(nodes, dtype=np.uint64)[:, None, None]
    for (node, j), (states, cumulative) in chosen.items():
        threshold[node, j, : len(cumulative)] = cumulative
        destination[node, j, : len(states)] = [node // n_states * n_states + s for s in states]
    return Processes(
        n_pieces=np.uint64(n_pieces),
        n_destinations=np.uint64(n_destinations),
        pieces=pieces.ravel(),
        threshold=threshold.ravel(),
        destination=destination.ravel(),
        state=np.tile(np.arange(n_states, dtype=np.uint64), len(tables)),
        open=(pieces[:, :, 2] > 0).any(axis=1).astype(np.uint64),
        starts=starts,
        type_threshold=np.concatenate([np.cumsum(w, dtype=np.uint64) for w in weights]),
        type_node=(np.arange(len(tables)) * n_states + np.asarray(start_indices)).astype(np.uint64),
    )


def pieces_of(breaks: NDArray[np.float64], exits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fields (S, J, 4) of `Processes.pieces` for start days breaks (J,) and exit intensities exits (S, J)."""
    spent = np.cumsum(exits[:, :-1] * np.diff(breaks), axis=1)
    hazard = np.concatenate([np.zeros((len(exits), 1)), spent], axis=1)
    pace = np.divide(1.0, exits, out=np.full_like(exits, NEVER), where=exits > 0)
    return np.stack([np.broadcast_to(breaks, exits.shape), hazard, exits, pace], axis=2)


def next_changes(step: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Packed next changes (M, S, H + 2) of an automaton's step (H, M, S); see `jaksim.kernel.walk.Memories`."""
    horizon, n_memory, n_states = step.shape
    if horizon + 1 >= 1 << DAY_BITS or n_memory > 1 << MEMORY_BITS:
        raise InputError(
            "an endpoint is too large to simulate",
            allowed=f"a horizon below {(1 << DAY_BITS) - 1} days and at most {1 << MEMORY_BITS} memories",
            got=f"{horizon} days, {n_memory} memories",
        )
    change = np.empty((n_memory, n_states, horizon + 2), dtype=np.uint32)
    memory = np.arange(n_memory, dtype=np.uint32)[:, None]
    change[:, :, horizon + 1] = np.uint32((horizon + 1) << MEMORY_BITS) | memory
    for day in range(horizon, 0, -1):
        after = step[day - 1].astype(np.uint32)
        changed = np.uint32(day << MEMORY_BITS) | after
        change[:, :, day] = np.where(after != memory, changed, change[:, :, day + 1])
    change[:, :, 0] = change[:, :, 1]
    return change


def lay_out_automata(automata: Sequence[PathAutomaton]) -> Memories:
    """The arrays of `jaksim.kernel.walk.Memories` for automata over the same horizon and states."""
    horizon, _, n_states = automata[0].step.shape
    changes = [next_changes(a.step).ravel() for a in automata]
    sizes = [size for a in automata for size in a.part_sizes]
    firsts = np.cumsum([0, *sizes[:-1]])
    parts = [np.where(a.final >= 0, part[a.final], 0) for a in automata for part in a.parts]
    categories = [part + first for part, first in zip(parts, firsts, strict=True)]
    return Memories(
        horizon=np.uint64(horizon),
        n_states=np.uint64(n_states),
        change=np.concatenate(changes),
        start=np.cumsum([0, *(len(c) for c in changes[:-1])], dtype=np.uint64),
        first=np.stack([a.start for a in automata]).astype(np.uint64),
        endpoint=np.cumsum([0, *(len(a.parts) for a in automata)], dtype=np.int64),
        category=np.concatenate(categories).astype(np.uint64),
        category_start=np.cumsum([0, *(len(c) for c in categories[:-1])], dtype=np.uint64),
    )
