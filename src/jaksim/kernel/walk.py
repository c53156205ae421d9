"""One sojourn of a patient: when the state is left, for which state, and what an automaton remembers of it.

Indices are uint64 throughout: an index that may be negative would cost a test at every look-up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inlined

DAY_BITS = 12
MEMORY_BITS = 20
PIECE_FIELDS = 4
_SHIFT = np.uint64(MEMORY_BITS)
_MEMORY = np.uint64((1 << MEMORY_BITS) - 1)
_NONE = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_FIELDS = np.uint64(PIECE_FIELDS)


class Processes(NamedTuple):
    """Disease processes, flattened. A node is a state of one process; nodes are numbered through all processes.

    pieces float64 (node, J, 4): start day of the piece, exit hazard accumulated until then (infinite for a piece that
    does not exist), exit intensity per day, and its inverse. threshold uint64 (node, J, D - 1): cumulative chances of
    the destinations in units of 2**-32; destination uint64 (node, J, D). state uint64 (node,); open uint64 (node,): 0
    for states that are never left, else 1. starts int64 (C + 1,): the components of cell c are starts[c] ..
    starts[c + 1] - 1, with cumulative weights type_threshold in units of 2**-32 and starting nodes type_node, uint64.
    """

    n_pieces: np.uint64
    n_destinations: np.uint64
    pieces: Any
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
    days without change cost nothing. start uint64 (A,); first uint64 (A, S) memory after the baseline state; endpoint
    int64 (A + 1,): the endpoints of automaton a are endpoint[a] .. endpoint[a + 1] - 1; category uint64, from
    category_start[e] (uint64) on, the category of endpoint e for each final memory, numbered through all endpoints.
    """

    horizon: np.uint64
    n_states: np.uint64
    change: Any
    start: Any
    first: Any
    endpoint: Any
    category: Any
    category_start: Any


@inlined
def leaving(p: Processes, node: Any, piece: Any, time: float, wait: float) -> Any:
    """Piece and day at which `node`, entered on day `time` in `piece`, is left when `wait` is the exit hazard it lasts.

    What is left of `wait` at the end of a piece is carried into the next, because the accumulated hazard is inverted.
    """
    first = node * p.n_pieces * _FIELDS
    at = first + piece * _FIELDS
    spent = p.pieces[at + _ONE] + (time - p.pieces[at]) * p.pieces[at + _TWO] + wait
    last = np.uint64(0)
    for j in range(_ONE, p.n_pieces):
        last += np.uint64(spent >= p.pieces[first + j * _FIELDS + _ONE])
    at = first + last * _FIELDS
    return last, max(time, p.pieces[at] + (spent - p.pieces[at + _ONE]) * p.pieces[at + _TWO + _ONE])


@inlined
def arriving(p: Processes, node: Any, piece: Any, word: Any) -> Any:
    """Node entered when `node` is left in `piece`, chosen by one word."""
    at = node * p.n_pieces + piece
    first = at * (p.n_destinations - _ONE)
    chosen = np.uint64(0)
    for d in range(p.n_destinations - _ONE):
        chosen += np.uint64(np.uint64(word) >= p.threshold[first + d])
    return p.destination[at * p.n_destinations + chosen]


@inlined
def first_day_after(time: float, horizon: Any) -> Any:
    """First day whose end is not before `time`, at most horizon + 1."""
    return np.uint64(np.int64(np.ceil(min(time, np.float64(horizon) + 0.5))))


@inlined
def remember(m: Memories, automaton: int, memory: Any, state: Any, day: Any, end: Any) -> Any:
    """Memory of an automaton after days day .. end - 1 in one state."""
    n_days = m.horizon + _TWO
    at = m.start[automaton] + state * n_days
    width = m.n_states * n_days
    packed = np.uint64(m.change[at + memory * width + day])
    changed = np.uint64(packed >> _SHIFT < end)
    memory ^= (memory ^ packed & _MEMORY) & (_NONE - changed)
    day = end ^ ((end ^ ((packed >> _SHIFT) + _ONE)) & (_NONE - changed))
    packed = np.uint64(m.change[at + memory * width + day])
    while packed >> _SHIFT < end:
        memory = packed & _MEMORY
        packed = np.uint64(m.change[at + memory * width + (packed >> _SHIFT) + _ONE])
    return memory
