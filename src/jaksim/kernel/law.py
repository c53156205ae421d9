"""Tables of counts for a block of replicates, drawn from one finite law per cell."""

from __future__ import annotations

import numpy as np

from jaksim.kernel.alias import CHUNK, alias_counts
from jaksim.kernel.jit import inlined, kernel
from jaksim.kernel.philox import PLANES
from jaksim.kernel.split import BATCH, split_counts

SPLIT_COST = 16
_PURPOSE = np.uint64(24)


@inlined
def splits_pay(n, n_categories):
    """Whether a cell is drawn by splits: one split costs about as much as SPLIT_COST patients by alias table."""
    return n > SPLIT_COST * n_categories


@kernel
def group_by_target(n_categories, start, target, table_size, order, first):
    """List each cell's categories target by target, for every endpoint.

    order (E, sum of n_categories) int32 holds the categories of cell c from start[c] on, and first (E, C, most targets
    + 1) int64 where each target's categories begin. Summed that way, counts meet in a register instead of waiting for
    one place of memory, which is what an endpoint of two categories would make them do.
    """
    position = np.empty(np.max(table_size), np.int64)
    for e in range(table_size.shape[0]):
        for c in range(start.shape[0]):
            first[e, c] = 0
            for k in range(n_categories[c]):
                first[e, c, target[e, start[c] + k] + 1] += 1
            for t in range(table_size[e]):
                first[e, c, t + 1] += first[e, c, t]
                position[t] = start[c] + first[e, c, t]
            for k in range(n_categories[c]):
                t = target[e, start[c] + k]
                order[e, position[t]] = k
                position[t] += 1


@kernel
def spread_tally(tally, n_categories, order, first, c, start, row, table_start, table_size, out):
    """Write alias counts to each endpoint's row of `out` and leave tally zero."""
    for k in range(n_categories):
        tally[0, k] += tally[1, k] + tally[2, k] + tally[3, k]
    for e in range(table_size.shape[0]):
        offset = table_start[e] + row * table_size[e]
        for t in range(table_size[e]):
            total = np.int64(0)
            for i in range(start + first[e, c, t], start + first[e, c, t + 1]):
                total += tally[0, order[e, i]]
            out[offset + t] = np.float64(total)
    for w in range(PLANES):
        for k in range(n_categories):
            tally[w, k] = np.int32(0)


@kernel
def spread_splits(count, r, n_categories, order, first, c, start, row, table_start, table_size, out):
    """Write the leaves of replicate r's tree to each endpoint's row of `out`."""
    for e in range(table_size.shape[0]):
        offset = table_start[e] + row * table_size[e]
        for t in range(table_size[e]):
            total = 0.0
            for i in range(start + first[e, c, t], start + first[e, c, t + 1]):
                total += count[n_categories - 1 + order[e, i], r]
            out[offset + t] = total


@kernel
def draw_law_tables(
    sizes,
    n_categories,
    start,
    columns,
    column_start,
    column_bits,
    share,
    log_rest,
    mirrored,
    target,
    table_start,
    table_size,
    purposes,
    first_replicate,
    k0,
    k1,
    out,
):
    """Fill `out` with counts, endpoint-major; see `jaksim.simulate.law.draw_tables` for the meaning and layout.

    sizes (B, C) int64; n_categories, start (C,) int64: positive categories of a cell and where they start in share,
    log_rest (float64), mirrored (bool) and target (E, sum of n_categories) int64; columns uint64 with column_start
    and column_bits (C,) int64; table_start, table_size (E,) int64; purposes (2,) uint64 of the alias and of the
    split streams.
    """
    most = np.max(n_categories)
    planes = np.empty((PLANES, CHUNK), np.uint32)
    tally = np.zeros((PLANES, most), np.int32)
    count = np.empty((2 * most, BATCH), np.float64)
    replicates = np.empty(BATCH, np.uint64)
    rows = np.empty(BATCH, np.int64)
    drawn = np.empty(BATCH, np.float64)
    hard = np.empty(BATCH + 1, np.int64)
    order = np.empty(target.shape, np.int32)
    first_of = np.empty((table_size.shape[0], start.shape[0], np.max(table_size) + 1), np.int64)
    group_by_target(n_categories, start, target, table_size, order, first_of)
    n_cells = sizes.shape[1]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            k = n_categories[c]
            left = 0
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                n = sizes[b, c]
                row = b * n_cells + c
                if splits_pay(n, k):
                    replicates[left] = np.uint64(first_replicate + b)
                    rows[left] = row
                    count[0, left] = np.float64(n)
                    left += 1
                else:
                    cell = np.uint64(c) | purposes[0] << _PURPOSE
                    replicate = np.uint64(first_replicate + b)
                    column = np.uint64(column_start[c])
                    alias_counts(n, columns, column, column_bits[c], replicate, cell, k0, k1, planes, tally)
                    spread_tally(tally, k, order, first_of, c, start[c], row, table_start, table_size, out)
            if left > 0:
                cell = np.uint64(c) | purposes[1] << _PURPOSE
                split_counts(left, share, log_rest, mirrored, start[c], k, replicates, cell, k0, k1, drawn, hard, count)
                for r in range(left):
                    spread_splits(count, r, k, order, first_of, c, start[c], rows[r], table_start, table_size, out)
