"""One sojourn of a patient: when the state is left, for which state, and what an automaton remembers of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inlined

DAY_BITS = 12
MEMORY_BITS = 20
_MEMORY = (1 << MEMORY_BITS) - 1


class Processes(NamedTuple):
    """Disease processes, flattened. A node is a state of one process; nodes are numbered through all processes.

    breaks, hazard (node, J) float64: start day of each piece and the exit hazard accumulated until then (infinite
    for pieces that do not exist); rate, pace (node, J) float64: exit intensity per day and its inverse; threshold
    (node, J, D - 1) uint64: cumulative chances of the destinations in units of 2**-32; destination (node, J, D)
    int64; state (node,) int64; open (node,) int64: 0 for states that are never left, else 1; starts (C + 1,) int64,
    type_threshold and type_node: the components of cell c at starts[c] .. starts[c + 1] - 1, their cumulative
    weights in units of 2**-32 (uint64) and starting nodes (int64).
    """

    n_pieces: int
    n_destinations: int
    breaks: Any
    hazard: Any
    rate: Any
    pace: Any
    threshold: Any
    destination: Any
    state: Any
    open: Any
    starts: Any
    type_threshold: Any
    type_node: Any


class Memories(NamedTuple):
    """Automata, flattened; those of one plan have the same horizon and states.

    change uint32, from start[a] on in the order (memory, state, day 0 .. horizon + 1), packs the first day from this
    one on which staying in the state changes the memory (horizon + 1: never) << 20 | the memory it changes to, so that
    days without change cost nothing. start (A,) int64; first (A, S) int64 memory after the baseline state; endpoint
    (A + 1,) int64: the endpoints of automaton a are endpoint[a] .. endpoint[a + 1] - 1; category int64, from
    category_start[e] on, the category of endpoint e for each final memory.
    """

    horizon: int
    n_states: int
    change: Any
    start: Any
    first: Any
    endpoint: Any
    category: Any
    category_start: Any


@inlined
def leaving(p, node, piece, time, wait):
    """Piece and day at which `node`, entered on day `time` in `piece`, is left when `wait` is the exit hazard it lasts.

    What is left of `wait` at the end of a piece is carried into the next, because the accumulated hazard is inverted.
    """
    at = node * p.n_pieces
    spent = p.hazard[at + piece] + (time - p.breaks[at + piece]) * p.rate[at + piece] + wait
    last = 0
    for j in range(1, p.n_pieces):
        last += spent >= p.hazard[at + j]
    return last, max(time, p.breaks[at + last] + (spent - p.hazard[at + last]) * p.pace[at + last])


@inlined
def arriving(p, node, piece, word):
    """Node entered when `node` is left in `piece`, chosen by one word."""
    at = node * p.n_pieces + piece
    chosen = 0
    for d in range(p.n_destinations - 1):
        chosen += np.uint64(word) >= p.threshold[at * (p.n_destinations - 1) + d]
    return p.destination[at * p.n_destinations + chosen]


@inlined
def first_day_after(time, horizon):
    """First day whose end is not before `time`, at most horizon + 1."""
    return np.int64(np.ceil(min(time, horizon + 0.5)))


@inlined
def remember(m, automaton, memory, state, day, last):
    """Memory of an automaton after days day .. last in one state."""
    at = m.start[automaton] + (memory * m.n_states + state) * (m.horizon + 2)
    packed = np.int64(m.change[at + day])
    while packed >> MEMORY_BITS <= last:
        memory = packed & _MEMORY
        day = (packed >> MEMORY_BITS) + 1
        at = m.start[automaton] + (memory * m.n_states + state) * (m.horizon + 2)
        packed = np.int64(m.change[at + day])
    return memory
