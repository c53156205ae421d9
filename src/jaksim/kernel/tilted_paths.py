"""Paths of patients some of whose intensities are a factor of their own times those of the cell.

The words are those of `jaksim.kernel.paths`; hazards of moves with and without the factor are kept apart, and added up
for each sojourn.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inlined, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.path_outcomes import first_node
from jaksim.kernel.philox import block
from jaksim.kernel.walk import Processes, first_day_after

TILT_FIELDS = 5
_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_THREE = np.uint64(3)
_FOUR = np.uint64(4)
_FIELDS = np.uint64(TILT_FIELDS)
_WHOLE = 2.0**32


class Tilt(NamedTuple):
    """What `jaksim.kernel.walk.Processes` are made of, with the moves that have the factor apart.

    pieces float64 (node, J, 5): start day of the piece; hazard accumulated until then and intensity per day of the
    moves without the factor (the hazard infinite for a piece that does not exist), and of those with it. chances
    float64 (node, J, D - 1, 2): intensities of the destinations up to each, without and with the factor; infinite
    where there are fewer.
    """

    pieces: Any
    chances: Any


@inlined
def tilted_leaving(p: Processes, t: Tilt, node: Any, piece: Any, time: float, wait: float, factor: float) -> Any:
    """As `jaksim.kernel.walk.leaving`, infinite for a state that is not left any more."""
    first = node * p.n_pieces * _FIELDS
    at = first + piece * _FIELDS
    exits = t.pieces[at + _TWO] + factor * t.pieces[at + _FOUR]
    spent = t.pieces[at + _ONE] + factor * t.pieces[at + _THREE] + (time - t.pieces[at]) * exits + wait
    last = np.uint64(0)
    for j in range(_ONE, p.n_pieces):
        here = first + j * _FIELDS
        last += np.uint64(spent >= t.pieces[here + _ONE] + factor * t.pieces[here + _THREE])
    at = first + last * _FIELDS
    exits = t.pieces[at + _TWO] + factor * t.pieces[at + _FOUR]
    until = np.inf
    if exits > 0.0:
        hazard = t.pieces[at + _ONE] + factor * t.pieces[at + _THREE]
        until = max(time, t.pieces[at] + (spent - hazard) / exits)
    return last, until


@inlined
def tilted_arriving(p: Processes, t: Tilt, node: Any, piece: Any, word: Any, factor: float) -> Any:
    """As `jaksim.kernel.walk.arriving`."""
    at = node * p.n_pieces + piece
    exits = t.pieces[at * _FIELDS + _TWO] + factor * t.pieces[at * _FIELDS + _FOUR]
    up_to = np.float64(word) * exits
    first = at * (p.n_destinations - _ONE) * _TWO
    chosen = np.uint64(0)
    for d in range(p.n_destinations - _ONE):
        here = first + d * _TWO
        chosen += np.uint64(up_to >= _WHOLE * (t.chances[here] + factor * t.chances[here + _ONE]))
    return p.destination[at * p.n_destinations + chosen]


@kernel
def tilted_states(
    p: Processes,
    t: Tilt,
    horizon: Any,
    n_strata: int,
    purposes: Any,
    replicate: Any,
    key: Any,
    stratum: Any,
    arm: Any,
    number: Any,
    factor: Any,
    out: Any,
) -> None:
    """As `jaksim.kernel.path_outcomes.cohort_states`, for patients with a factor (n,) each; key (2,) uint64."""
    for i in range(out.shape[0]):
        c = np.int64(arm[i]) * n_strata + stratum[i]
        who, own = np.uint64(number[i]), factor[i]
        address = np.uint64(c) | purposes[0] << _PURPOSE
        node = first_node(p, c, who, replicate, np.uint64(c) | purposes[1] << _PURPOSE, key[0], key[1])
        piece, time, day, turn = _ZERO, 0.0, _ZERO, _ZERO
        while day <= horizon:
            w0, w1, w2, w3 = block(turn >> _ONE, who, replicate, address, key[0], key[1])
            wait, word = (w0, w1) if turn & _ONE == _ZERO else (w2, w3)
            piece, time = tilted_leaving(p, t, node, piece, time, exponential(np.uint32(wait)), own)
            entered = first_day_after(time, horizon)
            for d in range(day, entered):
                out[i, d] = p.state[node]
            if entered <= horizon:
                node = tilted_arriving(p, t, node, piece, np.uint32(word), own)
            day = max(day, entered)
            turn += _ONE
