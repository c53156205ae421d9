"""Tables of counts for a block of replicates, drawn from one finite law per cell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.alias import CHUNK, alias_counts, alias_places
from jaksim.kernel.jit import inlined, kernel, merged
from jaksim.kernel.philox import PLANES
from jaksim.kernel.split import BATCH, LIST_LENGTH, WORK_LENGTH, split_counts

SPLIT_COST = 32
PLACE_COST = 5
_PURPOSE = np.uint64(24)


class Laws(NamedTuple):
    """Laws of C cells, flattened over the cells' positive categories: those of cell c are start[c] .. start[c + 1] - 1.

    most: the largest number of positive categories of a cell. start int64 (C + 1,). columns uint64, see
    `jaksim.kernel.alias`: those of cell c begin at column_start[c] (uint64), 2 to the power column_bits[c] (int64) of
    them. share, log_rest float64 and mirrored bool, see `jaksim.kernel.split`.
    """

    most: int
    start: Any
    columns: Any
    column_start: Any
    column_bits: Any
    share: Any
    log_rest: Any
    mirrored: Any


class Targets(NamedTuple):
    """Where the joint categories of each cell are counted, for E endpoints.

    table_start, table_size int64 (E,): the endpoint's place in the output and its number of categories. single bool (E,
    C): no two categories of the cell meet in one of the endpoint's. target uint64 (E, positive categories). order int64
    (E, positive categories): the cell's categories, counted from 0, sorted by target, and first int64 (E, C, most
    targets + 1) where those of each target begin: added up that way, counts that meet do so in a register instead of
    waiting for one place of memory. place uint64 (E, positive categories): the target, counted through the categories
    of all endpoints, `places` in number.
    """

    table_start: Any
    table_size: Any
    single: Any
    target: Any
    order: Any
    first: Any
    place: Any
    places: int


@inlined
def splits_pay(n: int, n_categories: int) -> Any:
    """Whether a cell is drawn by splits: one split costs about as much as SPLIT_COST patients by alias table."""
    return n > SPLIT_COST * n_categories


@merged
def spreading_costs_more(n: int, n_targets: int) -> Any:
    """Whether most categories stay empty, so that spreading them costs more than placing n patients one by one."""
    return n * PLACE_COST < n_targets


@merged
def spread(count: Any, n_categories: int, t: Targets, cell: int, start: int, row: int, out: Any) -> None:
    """Write the counts of a cell's categories, count[:n_categories], to its row in each endpoint's table."""
    for e in range(t.table_size.shape[0]):
        offset = np.uint64(t.table_start[e] + row * t.table_size[e])
        if t.single[e, cell]:
            for k in range(np.uint64(t.table_size[e])):
                out[offset + k] = 0.0
            for k in range(n_categories):
                out[offset + t.target[e, start + k]] = count[k]
        else:
            for k in range(t.table_size[e]):
                total = 0.0
                for i in range(t.first[e, cell, k], t.first[e, cell, k + 1]):
                    total += count[t.order[e, start + i]]
                out[offset + np.uint64(k)] = total


@inlined
def counted(tally: Any, n: Any, i: Any) -> Any:
    """Patients at place i of a tally of n places, both uint64: the parts together."""
    return np.float64(tally[i] + tally[n + i] + tally[n + n + i] + tally[n + n + n + i])


@merged
def take_counts(tally: Any, n: int, out: Any) -> None:
    """Move the counts of a tally of n places to out[:n] and leave the tally zero."""
    places = np.uint64(n)
    for i in range(places):
        out[i] = counted(tally, places, i)
    for i in range(places * np.uint64(PLANES)):
        tally[i] = 0


@merged
def write_places(tally: Any, t: Targets, row: int, out: Any) -> None:
    """Move the counts of a cell's patients to its row in each endpoint's table and leave the tally zero."""
    places = np.uint64(t.places)
    first = np.uint64(0)
    for e in range(t.table_size.shape[0]):
        offset = np.uint64(t.table_start[e] + row * t.table_size[e])
        size = np.uint64(t.table_size[e])
        for k in range(size):
            out[offset + k] = counted(tally, places, first + k)
        first += size
    for i in range(places * np.uint64(PLANES)):
        tally[i] = 0


@kernel
def draw_law_tables(
    laws: Laws, targets: Targets, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """Fill `out` with counts, endpoint-major; see `jaksim.simulate.law.draw_tables` for the meaning and layout.

    sizes (B, C) int64; purposes (2,) uint64 of the alias and of the split streams.
    """
    words = np.empty(PLANES * CHUNK, np.uint32)
    tally = np.zeros(PLANES * max(laws.most, targets.places), np.uint32)
    row_count = np.empty(laws.most, np.float64)
    count = np.empty((2 * laws.most, BATCH), np.float64)
    work = np.empty(WORK_LENGTH, np.float64)
    lists = np.empty(LIST_LENGTH, np.uint64)
    replicates = np.empty(BATCH, np.uint64)
    rows = np.empty(BATCH, np.int64)
    columns, place, places = laws.columns, targets.place, targets.places
    n_cells = sizes.shape[1]
    n_endpoints = targets.table_size.shape[0]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            start = laws.start[c]
            k = laws.start[c + 1] - start
            low = np.uint64(start)
            split = 0
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                n = sizes[b, c]
                replicate = np.uint64(first_replicate + b)
                row = b * n_cells + c
                if splits_pay(n, k):
                    replicates[split] = replicate
                    rows[split] = row
                    count[0, split] = n
                    split += 1
                else:
                    address = np.uint64(c) | purposes[0] << _PURPOSE
                    column = laws.column_start[c]
                    bits = laws.column_bits[c]
                    if spreading_costs_more(n, k * n_endpoints):
                        alias_places(
                            n, columns, column, bits, replicate, address, k0, k1, place, low, places, words, tally
                        )
                        write_places(tally, targets, row, out)
                        continue
                    alias_counts(n, columns, column, bits, replicate, address, k0, k1, k, words, tally)
                    take_counts(tally, k, row_count)
                    spread(row_count, k, targets, c, start, row, out)
            if split > 0:
                address = np.uint64(c) | purposes[1] << _PURPOSE
                split_counts(
                    split,
                    laws.share,
                    laws.log_rest,
                    laws.mirrored,
                    start,
                    k,
                    replicates,
                    address,
                    k0,
                    k1,
                    work,
                    lists,
                    count,
                )
                for r in range(split):
                    for i in range(k):
                        row_count[i] = count[k - 1 + i, r]
                    spread(row_count, k, targets, c, start, rows[r], out)
