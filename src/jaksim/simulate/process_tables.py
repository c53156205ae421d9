"""Disease processes and automata laid out for the path kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.errors import InputError
from jaksim.kernel.walk import DAY_BITS, DECIDED, MEMORY_BITS, PIECE_FIELDS, Memories, Processes
from jaksim.simulate.alias_table import WHOLE, quantise

NEVER = 1e300
NONE = np.zeros(0, dtype=np.uint32)


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
    onward = destination * np.uint64(n_pieces) + np.arange(n_pieces, dtype=np.uint64)[:, None]
    return Processes(
        n_pieces=np.uint64(n_pieces),
        n_destinations=np.uint64(n_destinations),
        pieces=pieces.ravel(),
        threshold=np.moveaxis(threshold, 2, 0).ravel(),
        destination=destination.ravel(),
        onward=np.moveaxis(onward, 2, 0).ravel(),
        later=np.moveaxis(later_hazards(pieces[:, :, 1]), 2, 0).ravel(),
        state=np.tile(np.arange(n_states, dtype=np.uint64), len(tables)),
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


def later_hazards(hazard: NDArray[np.float64]) -> NDArray[np.float64]:
    """`Processes.later` (node, J, J - 1) for hazards (node, J) accumulated until the start of each piece."""
    nodes, n_pieces = hazard.shape
    later = np.full((nodes, n_pieces, n_pieces - 1), np.inf)
    for j in range(n_pieces):
        later[:, j, : n_pieces - 1 - j] = hazard[:, j + 1 :]
    return later


def next_changes(step: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Day and memory of the next change (M, S, H + 2) of an automaton's step (H, M, S), as in
    `jaksim.kernel.walk.Memories.table`."""
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


def changes_again(change: NDArray[np.uint32]) -> bool:
    """Whether a memory, changed while a state lasts, may change again; change (M, S, H + 2) as of `next_changes`."""
    horizon = change.shape[2] - 2
    memory, state, day = np.nonzero(change >> MEMORY_BITS <= horizon)
    packed = change[memory, state, day]
    return bool(
        np.any(change[packed & (2**MEMORY_BITS - 1), state, (packed >> MEMORY_BITS) + 1] >> MEMORY_BITS <= horizon)
    )


def stays(step: NDArray[np.int32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The parts of `jaksim.kernel.walk.Memories.stay` (M, S, H + 2) and of its chains of an automaton's step (H, M, S).

    A chain has a place for each day, of which those before it begins are not used.
    """
    horizon, n_memory, n_states = step.shape
    stay = np.zeros((n_memory, n_states, horizon + 2), dtype=np.uint32)
    place = np.full((n_memory, n_states), -1, dtype=np.int64)
    memory = state = np.empty(0, dtype=np.int64)
    days = [memory, memory]
    for day in range(2, horizon + 2):
        after = step[day - 2]
        memory = after[memory, state]
        place[:] = -1
        place[memory, state] = np.arange(len(memory))
        was, where = np.nonzero(after != np.arange(n_memory)[:, None])
        entered = np.zeros((n_memory, n_states), dtype=bool)
        entered[after[was, where], where] = True
        new = np.nonzero(entered & (place < 0))
        place[new] = len(memory) + np.arange(len(new[0]))
        memory, state = np.concatenate([memory, new[0]]), np.concatenate([state, new[1]])
        stay[:, :, day] = np.maximum(place * (horizon + 2) + day, 0)
        days.append(memory)
    chains = np.zeros((len(memory), horizon + 2), dtype=np.uint32)
    for day, found in enumerate(days):
        chains[: len(found), day] = found
    return stay, chains


def decided(automaton: PathAutomaton, reached: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Category (M, S, H + 2) that all courses from the end of a day on end in, -2 where they end in several.

    reached bool (S, S) says which states a patient may be in, on any day, after being in which.
    """
    horizon, n_memory, n_states = automaton.step.shape
    found = np.empty((n_memory, n_states, horizon + 2), dtype=np.int32)
    found[:, :, horizon + 1] = automaton.final[:, None]
    states = np.arange(n_states)
    for day in range(horizon, 0, -1):
        then = found[automaton.step[day - 1], states, day + 1]
        for s in range(n_states):
            among = then[:, reached[s]]
            least = among.min(axis=1)
            found[:, s, day] = np.where(least == among.max(axis=1), least, -2)
    found[:, :, 0] = -2
    return found


def readings(automaton: PathAutomaton, reached: NDArray[np.bool_], change: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The part of `jaksim.kernel.walk.Memories.table` (M, S, H + 2) of an automaton with the next changes `change`."""
    category = decided(automaton, reached)
    fixed = np.uint32(DECIDED) | np.maximum(category, 0).astype(np.uint32)
    return np.where(category != -2, fixed, change)


def lay_out_automata(
    automata: Sequence[PathAutomaton], reached: NDArray[np.bool_], state: NDArray[np.uint64], n_pieces: int
) -> Memories:
    """The arrays of `jaksim.kernel.walk.Memories` for automata over the same horizon and states.

    reached bool (S, S) says which states a patient may come to from which; state (node,) and n_pieces are those of the
    processes.
    """
    horizon, _, n_states = automata[0].step.shape
    changes = [next_changes(automaton.step) for automaton in automata]
    tables = [readings(automaton, reached, change) for automaton, change in zip(automata, changes, strict=True)]
    again = np.array([changes_again(change) for change in changes])
    lasting, n_chained = [], 1
    for automaton, more in zip(automata, again, strict=True):
        stay, chains = stays(automaton.step) if more else (NONE, NONE)
        lasting.append((stay + np.uint32(n_chained), chains))
        n_chained += chains.size
    sizes = [size for a in automata for size in a.part_sizes]
    firsts = np.cumsum([0, *sizes[:-1]])
    parts = [part for a in automata for part in a.parts]
    categories = [part + first for part, first in zip(parts, firsts, strict=True)]
    return Memories(
        horizon=np.uint64(horizon),
        width=np.uint64(n_states * (horizon + 2)),
        table=np.concatenate([table.ravel() for table in tables]),
        again=again,
        stay=np.concatenate([np.zeros(1, dtype=np.uint32), *(stay.ravel() for stay, _ in lasting)]),
        stay_start=np.cumsum([1, *(stay.size for stay, _ in lasting[:-1])], dtype=np.uint64),
        chain=np.concatenate([np.zeros(1, dtype=np.uint32), *(chains.ravel() for _, chains in lasting)]),
        row=np.repeat(state * np.uint64(horizon + 2), n_pieces),
        start=np.cumsum([0, *(table.size for table in tables[:-1])], dtype=np.uint64),
        first=np.stack([a.start for a in automata]).astype(np.uint64),
        endpoint=np.cumsum([0, *(len(a.parts) for a in automata)], dtype=np.int64),
        category=np.concatenate(categories).astype(np.uint64),
        category_start=np.cumsum([0, *(len(c) for c in categories[:-1])], dtype=np.uint64),
    )
