"""Simulated patients: their endpoint tables for a block of replicates, or the daily states of one replicate."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.courses import BATCH, CATEGORY, begin, empty_courses, follow
from jaksim.kernel.jit import inlined, inner, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import PLANES, block, fill_blocks
from jaksim.kernel.walk import Memories, Processes, arriving, first_day_after, leaving

_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_REPLICATE = np.uint64(32)


@inner
def draw_starts(
    p: Processes, cell: int, first: int, n: int, replicate: Any, address: Any, k0: Any, k1: Any, planes: Any, node: Any
) -> None:
    """Starting nodes of patients first .. first + n - 1 of a cell into node[:n]; patient i has word i of the stream."""
    low = p.starts[cell]
    high = p.starts[cell + 1]
    skipped = first % PLANES
    if high - low > 1:
        n_blocks = (skipped + n + PLANES - 1) // PLANES
        fill_blocks(first // PLANES, n_blocks, _ZERO, replicate, address, k0, k1, planes)
    for i in range(n):
        chosen = low
        word = skipped + i
        for j in range(low, high - 1):
            chosen += np.uint64(planes[word % PLANES, word // PLANES]) >= p.type_threshold[j]
        node[i] = p.type_node[chosen]


@inner
def count(m: Memories, first: int, n: int, found: Any, tally: Any) -> None:
    """Count the categories of n patients of a batch into tally (2, all categories).

    The two parts take turns, so that an addition seldom waits for the one before it.
    """
    for a in range(found.shape[0]):
        for e in range(m.endpoint[a], m.endpoint[a + 1]):
            for i in range(first, first + n):
                tally[i & 1, m.category[m.category_start[e] + (np.uint64(found[a, i]) & CATEGORY)]] += 1


@inner
def move_tally(tally: Any, row: int, start: Any, size: Any, out: Any) -> None:
    """Add the counts of one cell to its row in every endpoint's table and leave tally zero."""
    first = 0
    for e in range(size.shape[0]):
        for k in range(size[e]):
            out[start[e] + row * size[e] + k] += tally[0, first + k] + tally[1, first + k]
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
    planes = np.empty((PLANES, BATCH // PLANES + 1), np.uint32)
    courses = empty_courses(m.start.shape[0])
    tally = np.zeros((2, n_categories), np.int64)
    out[:] = 0.0
    n_cells = sizes.shape[1]
    for c in range(n_cells):
        type_address = np.uint64(c) | purposes[1] << _PURPOSE
        courses.address[:] = np.uint64(c) | purposes[0] << _PURPOSE
        b, patient, left = 0, 0, sizes[:, c].sum()
        while left > 0:
            n = min(BATCH, left)
            left -= n
            row, seen, filled = b, patient, 0
            while filled < n:
                more = min(n - filled, sizes[b, c] - patient)
                replicate = np.uint64(first_replicate + b)
                nodes = courses.at[filled : filled + more]
                draw_starts(p, c, patient, more, replicate, type_address, k0, k1, planes, nodes)
                for i in range(more):
                    courses.stream[filled + i] = replicate << _REPLICATE | np.uint64(patient + i)
                filled += more
                patient += more
                if patient == sizes[b, c]:
                    b, patient = b + 1, 0
            begin(p, m, courses, n)
            follow(p, m, courses, n, k0, k1)
            counted = 0
            while counted < n:
                more = min(n - counted, sizes[row, c] - seen)
                count(m, counted, more, courses.found, tally)
                move_tally(tally, row * n_cells + c, table_start, table_size, out)
                counted += more
                row, seen = row + 1, 0


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
