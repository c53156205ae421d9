"""Patients whose course is known up to a day, in whole or in part, and drawn from then on.

What is known of a day is the set of states that the patient may be in. The states of the days up to the last of which
something is known are drawn backwards from the filtered probabilities, given the patient's group; from there her path
goes on in continuous time as that of any other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.courses import BATCH, Courses, empty_courses, follow
from jaksim.kernel.jit import inlined, inner, kernel
from jaksim.kernel.path_outcomes import write_categories
from jaksim.kernel.philox import block
from jaksim.kernel.walk import DECIDED, MEMORY_BITS, PIECE_FIELDS, Memories, Processes

_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_REPLICATE = np.uint64(32)
_FIELDS = np.uint64(PIECE_FIELDS)
_TO_UNIT = 2.0**-32


class Known(NamedTuple):
    """What is known of N patients: last int64 (N,), the last day of which something is known; possible bool
    (N, H + 1, S), the states that each may be in at the end of each day; settled bool (N,), whether there is one for
    each day up to the last; number uint32 (N,); chance uint64 (N, G): cumulative chances of her groups in units of
    2**-32."""

    last: Any
    possible: Any
    settled: Any
    number: Any
    chance: Any


class Groups(NamedTuple):
    """Groups of patients: cell, arm and stratum int64 (G,), and P float64 (G, H, S, S), their daily transition
    probabilities."""

    cell: Any
    arm: Any
    stratum: Any
    P: Any


@inlined
def piece_at(p: Processes, node: Any, time: float) -> Any:
    """The piece of a node's intensities that holds at a time."""
    first = node * p.n_pieces * _FIELDS
    found = _ZERO
    for j in range(_ONE, p.n_pieces):
        at = first + j * _FIELDS
        found += np.uint64(p.pieces[at] <= time and p.pieces[at + _ONE] < np.inf)
    return found


@inner
def filtered(P: Any, possible: Any, start: Any, last: Any, out: Any) -> None:
    """Probabilities out (last + 1, S) of the states at the end of each day, given what is known up to it."""
    n = out.shape[1]
    for s in range(n):
        out[0, s] = 1.0 if s == start and possible[0, s] else 0.0
    for d in range(1, last + 1):
        total = 0.0
        for s in range(n):
            value = 0.0
            if possible[d, s]:
                for r in range(n):
                    value += out[d - 1, r] * P[d - 1, r, s]
            out[d, s] = value
            total += value
        for s in range(n):
            out[d, s] /= total


@inlined
def drawn_state(weight: Any, uniform: float) -> int:
    """A state by its weight (S,)."""
    left = uniform * weight.sum()
    found = -1
    for s in range(weight.shape[0]):
        if weight[s] > 0.0:
            found = s
            left -= weight[s]
            if left < 0.0:
                break
    return found


@inner
def past_states(
    P: Any, known: Known, i: int, forward: Any, replicate: Any, address: Any, k0: Any, k1: Any, weight: Any, out: Any
) -> None:
    """States of a patient at the end of the days up to the last, into out: those that are known, else drawn backwards
    from the filtered probabilities."""
    last = known.last[i]
    n = weight.shape[0]
    words = block(_ONE, np.uint64(i), replicate, address, k0, k1)
    for back in range(last + 1):
        d = last - back
        if back % 4 == 0 and back > 0:
            words = block(np.uint64(1 + back // 4), np.uint64(i), replicate, address, k0, k1)
        for s in range(n):
            after = 1.0 if d == last else P[d, s, out[d + 1]]
            weight[s] = forward[d, s] * after
        out[d] = drawn_state(weight, words[back % 4] * _TO_UNIT)


@inner
def read_past(m: Memories, courses: Courses, n: int, past: Any, last: int) -> None:
    """What the automata remember of the states past[: last + 1] of patient n of a batch."""
    for a in range(courses.memory.shape[0]):
        memory, entry = m.first[np.uint64(a), np.uint64(past[0])], _ZERO
        for d in range(1, last + 1):
            at = m.start[a] + memory * m.width + np.uint64(past[d]) * (m.horizon + _TWO) + np.uint64(d)
            entry = np.uint64(m.table[at])
            if entry >= np.uint64(DECIDED):
                break
            if entry >> np.uint64(MEMORY_BITS) == np.uint64(d):
                memory = entry & np.uint64((1 << MEMORY_BITS) - 1)
        courses.memory[a, n] = np.uint32(memory)
        courses.entry[a, n] = np.uint32(entry if entry >= np.uint64(DECIDED) else _ZERO)


@kernel
def continued_outcomes(
    p: Processes,
    m: Memories,
    first_category: Any,
    known: Known,
    groups: Groups,
    path_address: Any,
    address: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    arm: Any,
    stratum: Any,
    out: Any,
) -> None:
    """Group, and so arm and stratum int8 (B, N), and category of each automaton out int32 (A, B, N) of each patient in
    each replicate.

    Patient i has the words of number i under `address` for her group and past, and those of her own number and cell
    under `path_address`, a purpose, for what is to come.
    """
    n_patients = known.last.shape[0]
    n_states = groups.P.shape[2]
    days = groups.P.shape[1] + 1
    forward = np.zeros((days, n_states))
    weight = np.empty(n_states)
    past = np.empty(days, np.int64)
    courses = empty_courses(m.start.shape[0])
    row = np.empty(BATCH, np.int64)
    column = np.empty(BATCH, np.int64)
    n = 0
    for i in range(n_patients):
        last = known.last[i]
        filtered_for = -1
        if known.settled[i]:
            for d in range(last + 1):
                past[d] = np.argmax(known.possible[i, d])
        for b in range(out.shape[1]):
            replicate = np.uint64(first_replicate + b)
            word = block(_ZERO, np.uint64(i), replicate, address, k0, k1)[0]
            g = 0
            for q in range(known.chance.shape[1] - 1):
                g += word >= known.chance[i, q]
            if not known.settled[i]:
                if g != filtered_for:
                    start = np.int64(p.state[p.type_node[g]])
                    filtered(groups.P[g], known.possible[i], start, last, forward)
                    filtered_for = g
                past_states(groups.P[g], known, i, forward, replicate, address, k0, k1, weight, past)
            read_past(m, courses, n, past, last)
            node, time = np.uint64(g * n_states + past[last]), np.float64(last)
            courses.stream[n] = replicate << _REPLICATE | np.uint64(known.number[i])
            courses.address[n] = np.uint64(groups.cell[g]) | path_address << _PURPOSE
            courses.at[n] = node * p.n_pieces + piece_at(p, node, time)
            courses.time[n], courses.day[n] = time, np.uint64(last + 1)
            row[n], column[n] = b, i
            n += 1
            arm[b, i] = groups.arm[g]
            stratum[b, i] = groups.stratum[g]
            if n == BATCH:
                follow(p, m, courses, n, k0, k1)
                write_categories(m, courses, n, first_category, row, column, out)
                n = 0
    follow(p, m, courses, n, k0, k1)
    write_categories(m, courses, n, first_category, row, column, out)
