"""Tables of counts for a block of replicates, drawn from one finite law per cell.

A cell of few patients for its categories is drawn patient by patient, here; a larger one as counts, by the kernels of
`jaksim.kernel.counts`, each compiled when a cell needs it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.alias import CHUNK, alias_counts, alias_places
from jaksim.kernel.jit import inlined, kernel, merged
from jaksim.kernel.philox import PLANES

BATCH = 128
SPLIT_COST = 32
POISSON_COST = 16
ROOT_COST = 16
FEWEST, MOST = 8, 1 << 19
PLACE_COST = 5
_PURPOSE = np.uint64(24)


class Laws(NamedTuple):
    """Laws of C cells, flattened over the cells' positive categories: those of cell c are start[c] .. start[c + 1] - 1.

    most: the largest number of positive categories of a cell. start int64 (C + 1,). columns uint64, see
    `jaksim.kernel.alias`: those of cell c begin at column_start[c] (uint64), 2 to the power column_bits[c] (int64) of
    them. share, log_rest float64 and mirrored bool, see `jaksim.kernel.counts.split`.
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
def poissons_pay(n: Any, n_categories: Any) -> Any:
    """Whether a cell is drawn by Poissons, see `jaksim.kernel.counts.poisson`.

    Their cost is that of the categories and of some root n patients, which splits save.
    """
    many = n > POISSON_COST * n_categories
    return many & (n_categories >= FEWEST) & (n <= ROOT_COST * n_categories * n_categories) & (n <= MOST)


@inlined
def splits_pay(n: Any, n_categories: Any) -> Any:
    """Whether a cell is drawn by splits, see `jaksim.kernel.counts.split`; one costs as much as SPLIT_COST patients."""
    few = (n_categories < FEWEST) | (n > ROOT_COST * n_categories * n_categories) | (n > MOST)
    return (n > SPLIT_COST * n_categories) & few


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
def draw_by_alias(
    laws: Laws, targets: Targets, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """Fill `out` with the counts, endpoint-major, of the cells whose patients are drawn one by one.

    See `jaksim.simulate.law.draw_tables` for the meaning and layout. sizes (B, C) int64; purposes (2,) uint64 of the
    streams of single patients and of those of counts.
    """
    words = np.empty(PLANES * CHUNK, np.uint32)
    tally = np.zeros(PLANES * max(laws.most, targets.places), np.uint32)
    row_count = np.empty(laws.most, np.float64)
    columns, place, places = laws.columns, targets.place, targets.places
    n_cells = sizes.shape[1]
    n_endpoints = targets.table_size.shape[0]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            start = laws.start[c]
            k = laws.start[c + 1] - start
            low = np.uint64(start)
            address = np.uint64(c) | purposes[0] << _PURPOSE
            column = laws.column_start[c]
            bits = laws.column_bits[c]
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                n = sizes[b, c]
                if poissons_pay(n, k) | splits_pay(n, k):
                    continue
                replicate = np.uint64(first_replicate + b)
                row = b * n_cells + c
                if spreading_costs_more(n, k * n_endpoints):
                    alias_places(n, columns, column, bits, replicate, address, k0, k1, place, low, places, words, tally)
                    write_places(tally, targets, row, out)
                else:
                    alias_counts(n, columns, column, bits, replicate, address, k0, k1, k, words, tally)
                    take_counts(tally, k, row_count)
                    spread(row_count, k, targets, c, start, row, out)
