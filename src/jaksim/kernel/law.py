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
def clear(row, table_start, table_size, out):
    """Zero one cell's row in every endpoint's table."""
    for e in range(table_size.shape[0]):
        offset = table_start[e] + row * table_size[e]
        for k in range(table_size[e]):
            out[offset + k] = 0.0


@kernel
def spread_tally(tally, n_categories, target, start, row, table_start, table_size, out):
    """Add alias counts to each endpoint's row of `out` and leave tally zero."""
    for e in range(table_size.shape[0]):
        offset = table_start[e] + row * table_size[e]
        for k in range(n_categories):
            out[offset + target[e, start + k]] += np.float64(tally[0, k] + tally[1, k] + tally[2, k] + tally[3, k])
    for w in range(PLANES):
        for k in range(n_categories):
            tally[w, k] = np.int32(0)


@kernel
def spread_splits(count, r, n_categories, target, start, row, table_start, table_size, out):
    """Add the leaves of replicate r's tree to each endpoint's row of `out`."""
    for e in range(table_size.shape[0]):
        offset = table_start[e] + row * table_size[e]
        for k in range(n_categories):
            out[offset + target[e, start + k]] += count[n_categories - 1 + k, r]


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
    n_cells = sizes.shape[1]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            k = n_categories[c]
            left = 0
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                n = sizes[b, c]
                row = b * n_cells + c
                clear(row, table_start, table_size, out)
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
                    spread_tally(tally, k, target, start[c], row, table_start, table_size, out)
            if left > 0:
                cell = np.uint64(c) | purposes[1] << _PURPOSE
                split_counts(left, share, log_rest, mirrored, start[c], k, replicates, cell, k0, k1, drawn, hard, count)
                for r in range(left):
                    spread_splits(count, r, k, target, start[c], rows[r], table_start, table_size, out)
