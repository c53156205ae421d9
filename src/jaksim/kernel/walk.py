"""Disease processes and automata as kernels read them; one sojourn of a patient: when a state is left, and for which.

Indices are uint64 throughout: an index that may be negative would cost a test at every look-up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inlined

DAY_BITS = 12
MEMORY_BITS = 19
DECIDED = 1 << 31
PIECE_FIELDS = 4
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_FIELDS = np.uint64(PIECE_FIELDS)


class Processes(NamedTuple):
    """Disease processes, flattened. A node is a state of one process; nodes are numbered through all processes.

    pieces float64 (node, J, 4): start day of the piece, exit hazard accumulated until then (infinite for a piece that
    does not exist), exit intensity per day, and its inverse. later float64 (J - 1, node, J): hazards accumulated until
    each piece that comes after. threshold uint64 (D - 1, node, J): cumulative chances of the destinations in units of
    2**-32; destination uint64 (node, J, D), and onward uint64 (D, node, J), the same with the piece, node * J + piece.
    state uint64 (node,). starts int64 (C + 1,): the components of cell c are starts[c] .. starts[c + 1] - 1, with
    cumulative weights type_threshold in units of 2**-32 and starting nodes type_node, uint64.
    """

    n_pieces: np.uint64
    n_destinations: np.uint64
    pieces: Any
    threshold: Any
    destination: Any
    onward: Any
    later: Any
    state: Any
    starts: Any
    type_threshold: Any
    type_node: Any


class Memories(NamedTuple):
    """Automata, flattened; those of one plan have the same horizon and states.

    table uint32, from start[a] on in the order (memory, state, day 0 .. horizon + 1), says what an automaton makes of a
    patient who is in the state from the end of that day on. Where every course that the disease allows from there ends
    in the same category, that is DECIDED | the category. Else it packs the first day on which staying in the state
    changes the memory (horizon + 1: never) << MEMORY_BITS | the memory it changes to, so that days without change cost
    nothing.

    again bool (A,): whether the memory can change more than once while the state lasts. Then stay uint32, from
    stay_start[a] on in the same order, has the place in `chain` (uint32) of a memory that it has just changed to, on
    the day after; those of the days to come, while the state lasts, follow there.

    width (uint64) is the number of entries of a memory, row uint64 (node * J + piece) the first of a state. start
    uint64 (A,); first uint64 (A, S) memory after the baseline state; endpoint int64 (A + 1,): the endpoints of
    automaton a are endpoint[a] .. endpoint[a + 1] - 1; category uint64, from category_start[e] (uint64) on, the
    category of endpoint e for each of its automaton, numbered through all endpoints.
    """

    horizon: np.uint64
    width: np.uint64
    table: Any
    again: Any
    stay: Any
    stay_start: Any
    chain: Any
    row: Any
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
    rows = np.uint64(p.onward.shape[0]) // p.n_destinations
    chosen = np.uint64(0)
    for d in range(p.n_destinations - _ONE):
        chosen += np.uint64(np.uint64(word) >= p.threshold[d * rows + at])
    return p.destination[at * p.n_destinations + chosen]


@inlined
def first_day_after(time: float, horizon: Any) -> Any:
    """First day whose end is not before `time`, at most horizon + 1."""
    return np.uint64(np.int64(np.ceil(min(time, np.float64(horizon) + 0.5))))
