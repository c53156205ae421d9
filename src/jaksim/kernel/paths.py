"""Simulated patients: their endpoint tables for a block of replicates, or the daily states of one replicate.

A patient's stream gives two words for each sojourn, so one Philox block for two: words 0 and 2 are the waiting
times, words 1 and 3 the destinations. A waiting time and a destination never share a word.
"""

from __future__ import annotations

import numpy as np

from jaksim.kernel.jit import kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import PLANES, block, fill_blocks
from jaksim.kernel.walk import arriving, first_day_after, leaving, remember

BATCH = 512
_PURPOSE = np.uint64(24)


@kernel
def draw_starts(p, cell, first, n, replicate, address, k0, k1, planes, node):
    """Starting nodes of patients first .. first + n - 1 of a cell into node[:n]; patient i has word i of the stream."""
    low = p.starts[cell]
    high = p.starts[cell + 1]
    if high - low > 1:
        fill_blocks(first // PLANES, (n + PLANES - 1) // PLANES, np.uint64(0), replicate, address, k0, k1, planes)
    for i in range(n):
        chosen = low
        for j in range(low, high - 1):
            chosen += np.uint64(planes[i % PLANES, i // PLANES]) >= p.type_threshold[j]
        node[i] = p.type_node[chosen]


@kernel
def draw_sojourns(number, first, n, slot, replicate, address, k0, k1, wait, choice):
    """Waiting times wait (2, :n) and words choice (2, :n) from Philox block `number` of patients first + slot[:n]."""
    for i in range(n):
        w0, w1, w2, w3 = block(number, np.uint64(first) + np.uint64(slot[i]), replicate, address, k0, k1)
        wait[0, i] = exponential(np.uint32(w0))
        choice[0, i] = np.uint32(w1)
        wait[1, i] = exponential(np.uint32(w2))
        choice[1, i] = np.uint32(w3)


@kernel
def sojourn(p, m, half, n, slot, node, piece, time, day, wait, choice, memory, end_node, end_day):
    """Take n patients through one sojourn each and move those still under way to the front; returns how many they are.

    memory (A, BATCH), end_node and end_day (BATCH,) are by slot: after the last sojourn they say which state holds from
    which day to the horizon.
    """
    left = 0
    for i in range(n):
        last, until = leaving(p, node[i], piece[i], time[i], wait[half, i])
        entered = first_day_after(until, m.horizon)
        who = slot[i]
        for a in range(memory.shape[0]):
            memory[a, who] = remember(m, a, memory[a, who], p.state[node[i]], day[i], entered - 1)
        following = arriving(p, node[i], last, choice[half, i])
        end_node[who] = following
        end_day[who] = entered
        slot[left] = who
        node[left] = following
        piece[left] = last
        time[left] = until
        day[left] = entered
        wait[1, left] = wait[1, i]
        choice[1, left] = choice[1, i]
        left += p.open[following] & np.int64(entered <= m.horizon)
    return left


@kernel
def finish(p, m, n, memory, end_node, end_day, row, table_start, table_size, out):
    """Let the last state of each patient hold to the horizon and count the categories into the cell's rows of `out`."""
    for a in range(memory.shape[0]):
        for i in range(n):
            final = remember(m, a, memory[a, i], p.state[end_node[i]], end_day[i], m.horizon)
            for e in range(m.endpoint[a], m.endpoint[a + 1]):
                out[table_start[e] + row * table_size[e] + m.category[m.category_start[e] + final]] += 1.0


@kernel
def draw_path_tables(p, m, sizes, purposes, first_replicate, k0, k1, table_start, table_size, out):
    """Fill `out` with counts, endpoint-major; see `jaksim.simulate.paths.path_tables` for the meaning and layout.

    p Processes, m Memories, sizes (B, C) int64, purposes (2,) uint64 of the paths and of the patient types.
    """
    planes = np.empty((PLANES, BATCH // PLANES), np.uint32)
    slot = np.empty(BATCH, np.int64)
    node = np.empty(BATCH, np.int64)
    piece = np.empty(BATCH, np.int64)
    day = np.empty(BATCH, np.int64)
    time = np.empty(BATCH, np.float64)
    wait = np.empty((2, BATCH), np.float64)
    choice = np.empty((2, BATCH), np.uint32)
    memory = np.empty((m.start.shape[0], BATCH), np.int64)
    end_node = np.empty(BATCH, np.int64)
    end_day = np.empty(BATCH, np.int64)
    n_cells = sizes.shape[1]
    out[:] = 0.0
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
                end_node[i] = node[i]
                end_day[i] = 1
            for a in range(memory.shape[0]):
                for i in range(n):
                    memory[a, i] = m.first[a, p.state[node[i]]]
            under_way = n
            number = np.uint64(0)
            while under_way > 0:
                draw_sojourns(number, first, under_way, slot, replicate, path_address, k0, k1, wait, choice)
                for half in range(2):
                    under_way = sojourn(
                        p, m, half, under_way, slot, node, piece, time, day, wait, choice, memory, end_node, end_day
                    )
                number += np.uint64(1)
            finish(p, m, n, memory, end_node, end_day, row, table_start, table_size, out)


@kernel
def draw_states(p, horizon, sizes, purposes, replicate, k0, k1, out):
    """Daily states of one replicate into out (n, horizon + 1) int8, cell after cell; sizes (C,) int64."""
    planes = np.empty((PLANES, 1), np.uint32)
    start = np.empty(PLANES, np.int64)
    patient = 0
    for c in range(sizes.shape[0]):
        address = np.uint64(c) | purposes[0] << _PURPOSE
        type_address = np.uint64(c) | purposes[1] << _PURPOSE
        for i in range(sizes[c]):
            if i % PLANES == 0:
                draw_starts(p, c, i, PLANES, replicate, type_address, k0, k1, planes, start)
            node, piece, time, day, turn = start[i % PLANES], 0, 0.0, 0, 0
            while day <= horizon:
                w0, w1, w2, w3 = block(np.uint64(turn // 2), np.uint64(i), replicate, address, k0, k1)
                wait, word = (w0, w1) if turn % 2 == 0 else (w2, w3)
                piece, time = leaving(p, node, piece, time, exponential(np.uint32(wait)))
                entered = first_day_after(time, horizon)
                for d in range(day, entered):
                    out[patient, d] = p.state[node]
                node = arriving(p, node, piece, word)
                day = max(day, entered)
                turn += 1
            patient += 1
