"""Simulated patients: their endpoint tables for a block of replicates, or the daily states of one replicate.

A patient's stream gives two words for each sojourn, so one Philox block for two: words 0 and 2 are the waiting times,
words 1 and 3 the destinations. A waiting time and a destination never share a word.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import PLANES, block, fill_blocks
from jaksim.kernel.walk import Memories, Processes, arriving, first_day_after, leaving, remember

BATCH = 512
_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)


@inner
def draw_starts(
    p: Processes, cell: int, first: int, n: int, replicate: Any, address: Any, k0: Any, k1: Any, planes: Any, node: Any
) -> None:
    """Starting nodes of patients first .. first + n - 1 of a cell into node[:n]; patient i has word i of the stream."""
    low = p.starts[cell]
    high = p.starts[cell + 1]
    if high - low > 1:
        fill_blocks(first // PLANES, (n + PLANES - 1) // PLANES, _ZERO, replicate, address, k0, k1, planes)
    for i in range(n):
        chosen = low
        for j in range(low, high - 1):
            chosen += np.uint64(planes[i % PLANES, i // PLANES]) >= p.type_threshold[j]
        node[i] = p.type_node[chosen]


@inner
def draw_sojourns(
    number: Any, first: int, n: int, slot: Any, replicate: Any, address: Any, k0: Any, k1: Any, wait: Any, choice: Any
) -> None:
    """Waiting times wait (2, :n) and words choice (2, :n) from Philox block `number` of patients first + slot[:n]."""
    for i in range(n):
        w0, w1, w2, w3 = block(number, np.uint64(first) + slot[i], replicate, address, k0, k1)
        wait[0, i] = exponential(np.uint32(w0))
        choice[0, i] = np.uint32(w1)
        wait[1, i] = exponential(np.uint32(w2))
        choice[1, i] = np.uint32(w3)


@inner
def sojourn(
    p: Processes,
    m: Memories,
    half: int,
    n: int,
    slot: Any,
    node: Any,
    piece: Any,
    time: Any,
    day: Any,
    memory: Any,
    wait: Any,
    choice: Any,
) -> Any:
    """Take the n patients in slot[:n] through one sojourn each; returns how many, now listed first, are under way.

    node, piece, time, day (BATCH,) and memory (A, BATCH) are by slot: the state that holds from `time` on, first read
    at the end of `day`, and what the automata remember of the days before.
    """
    left = _ZERO
    for i in range(np.uint64(n)):
        who = slot[i]
        origin = node[who]
        last, until = leaving(p, origin, piece[who], time[who], wait[half, i])
        entered = first_day_after(until, m.horizon)
        for a in range(memory.shape[0]):
            memory[a, who] = remember(m, a, memory[a, who], p.state[origin], day[who], entered)
        following = arriving(p, origin, last, choice[half, i])
        node[who] = following
        piece[who] = last
        time[who] = until
        day[who] = entered
        slot[left] = who
        wait[1, left] = wait[1, i]
        choice[1, left] = choice[1, i]
        left += p.open[following] & np.uint64(entered <= m.horizon)
    return np.int64(left)


@inner
def finish(p: Processes, m: Memories, n: int, node: Any, day: Any, memory: Any, tally: Any) -> None:
    """Let the last state of each patient hold to the horizon and count the categories into tally (2, all categories).

    The two parts take turns, so that an addition seldom waits for the one before it.
    """
    for a in range(memory.shape[0]):
        for i in range(n):
            final = remember(m, a, memory[a, i], p.state[node[i]], day[i], m.horizon + _ONE)
            for e in range(m.endpoint[a], m.endpoint[a + 1]):
                tally[i & 1, m.category[m.category_start[e] + final]] += 1


@inner
def move_tally(tally: Any, row: int, start: Any, size: Any, out: Any) -> None:
    """Write the counts of one cell to its row in every endpoint's table and leave tally zero."""
    first = 0
    for e in range(size.shape[0]):
        for k in range(size[e]):
            out[start[e] + row * size[e] + k] = tally[0, first + k] + tally[1, first + k]
        first += size[e]
    for part in range(2):
        for k in range(first):
            tally[part, k] = 0


@kernel
def draw_path_tables(
    p: Processes,
    m: Memories,
    sizes: Any,
    purposes: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    table_start: Any,
    table_size: Any,
    n_categories: int,
    out: Any,
) -> None:
    """Fill `out` with counts, endpoint-major; see `jaksim.simulate.paths.path_tables` for the meaning and layout.

    sizes (B, C) int64, purposes (2,) uint64 of the paths and of the patient types, table_start and table_size
    (E,) int64 with n_categories in all.
    """
    planes = np.empty((PLANES, BATCH // PLANES), np.uint32)
    slot = np.empty(BATCH, np.uint64)
    node = np.empty(BATCH, np.uint64)
    piece = np.empty(BATCH, np.uint64)
    day = np.empty(BATCH, np.uint64)
    time = np.empty(BATCH, np.float64)
    memory = np.empty((m.start.shape[0], BATCH), np.uint64)
    wait = np.empty((2, BATCH), np.float64)
    choice = np.empty((2, BATCH), np.uint32)
    tally = np.zeros((2, n_categories), np.int64)
    n_cells = sizes.shape[1]
    for row in range(sizes.shape[0] * n_cells):
        c = row % n_cells
        replicate = np.uint64(first_replicate + row // n_cells)
        path_address = np.uint64(c) | purposes[0] << _PURPOSE
        type_address = np.uint64(c) | purposes[1] << _PURPOSE
        size = sizes[row // n_cells, c]
        for first in range(0, size, BATCH):
            n = min(BATCH, size - first)
            draw_starts(p, c, first, n, replicate, type_address, k0, k1, planes, node)
            for i in range(n):
                slot[i] = i
                piece[i] = 0
                time[i] = 0.0
                day[i] = 1
                for a in range(memory.shape[0]):
                    memory[a, i] = m.first[np.uint64(a), p.state[node[i]]]
            under_way = n
            number = _ZERO
            while under_way > 0:
                draw_sojourns(number, first, under_way, slot, replicate, path_address, k0, k1, wait, choice)
                for half in range(2):
                    under_way = sojourn(p, m, half, under_way, slot, node, piece, time, day, memory, wait, choice)
                number += _ONE
            finish(p, m, n, node, day, memory, tally)
        move_tally(tally, row, table_start, table_size, out)


@inlined
def daily_states(
    p: Processes, horizon: Any, node: Any, who: Any, replicate: Any, address: Any, k0: Any, k1: Any, out: Any
) -> None:
    """Daily states of patient number `who` of a stream, who starts in `node`, into out (horizon + 1,) int8."""
    piece, time, day, turn = _ZERO, 0.0, _ZERO, _ZERO
    while day <= horizon:
        w0, w1, w2, w3 = block(turn >> _ONE, who, replicate, address, k0, k1)
        wait, word = (w0, w1) if turn & _ONE == _ZERO else (w2, w3)
        piece, time = leaving(p, node, piece, time, exponential(np.uint32(wait)))
        entered = first_day_after(time, horizon)
        for d in range(day, entered):
            out[d] = p.state[node]
        node = arriving(p, node, piece, word)
        day = max(day, entered)
        turn += _ONE


@kernel
def draw_states(
    p: Processes, horizon: Any, sizes: Any, purposes: Any, replicate: Any, k0: Any, k1: Any, out: Any
) -> None:
    """Daily states of one replicate into out (n, horizon + 1) int8, cell after cell; sizes (C,) int64."""
    planes = np.empty((PLANES, 1), np.uint32)
    start = np.empty(PLANES, np.uint64)
    patient = 0
    for c in range(sizes.shape[0]):
        address = np.uint64(c) | purposes[0] << _PURPOSE
        type_address = np.uint64(c) | purposes[1] << _PURPOSE
        for i in range(sizes[c]):
            if i % PLANES == 0:
                draw_starts(p, c, i, PLANES, replicate, type_address, k0, k1, planes, start)
            daily_states(p, horizon, start[i % PLANES], np.uint64(i), replicate, address, k0, k1, out[patient])
            patient += 1
