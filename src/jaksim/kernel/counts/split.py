"""Counts of a large multinomial: binomial splits down a complete binary tree, at a cost free of the number of patients.

Node i has children 2i + 1 and 2i + 2; with K categories nodes 0 .. K - 2 split and nodes K - 1 .. 2K - 2 are the
categories. The draw at node i has the stream of "patient" i, so a table does not depend on which replicates are drawn
beside it: a batch of replicates walks the tree together, and the first trials of all their draws at a node are made in
vector instructions, as is the comparison with the density of those that are not accepted at once. What is rejected, and
what has a small mean, is drawn one by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.binomial import CLOSE, SMALL_MEAN, accepted, candidate, draw_binomial, inversion, margin
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.law import BATCH, Laws, Targets, splits_pay, spread
from jaksim.kernel.philox import block, unit

_DRAWN, _U, _V, _AT_ONCE, _HARD_K, _HARD_SIZE, _HARD_U, _HARD_V, _MARGIN, WORK_LENGTH = range(0, 10 * BATCH, BATCH)
_PURPOSE = np.uint64(24)
_ZERO, _ONE = np.uint64(0), np.uint64(1)


@inner
def split_node(
    count: Any,
    node: Any,
    n: Any,
    p: float,
    log_rest: float,
    replicates: Any,
    cell: Any,
    k0: Any,
    k1: Any,
    work: Any,
    hard: Any,
) -> None:
    """Draw work[:n], the share p of each of the sizes count[node, :n].

    work float64 (WORK_LENGTH,) is one array of rows because the compiler then sees that they do not overlap. hard int64
    (BATCH,) is scratch, too.
    """
    stream = np.uint64(node)
    for i in range(n):
        w0, w1, w2, w3 = block(_ZERO, stream, replicates[i], cell, k0, k1)
        u, v = unit(w0, w1) - 0.5, unit(w2, w3)
        k, at_once = candidate(count[node, i], p, u, v)
        work[_DRAWN + i] = k
        work[_AT_ONCE + i] = at_once
        work[_U + i] = u
        work[_V + i] = v
    n_hard, n_small = np.int64(0), np.int64(0)
    for i in range(n):
        size = count[node, i]
        small = size * p < SMALL_MEAN
        hard[n_hard] = i
        work[_HARD_K + n_hard] = work[_DRAWN + i]
        work[_HARD_SIZE + n_hard] = size
        work[_HARD_U + n_hard] = work[_U + i]
        work[_HARD_V + n_hard] = work[_V + i]
        n_hard += (work[_AT_ONCE + i] == 0.0) & (not small)
        n_small += small
    for h in range(n_hard):
        k, size, u, v = work[_HARD_K + h], work[_HARD_SIZE + h], work[_HARD_U + h], work[_HARD_V + h]
        work[_MARGIN + h] = margin(k, size, p, u, v)
    for h in range(n_hard):
        k, size, u, v = work[_HARD_K + h], work[_HARD_SIZE + h], work[_HARD_U + h], work[_HARD_V + h]
        under = work[_MARGIN + h] > 0.0
        if abs(work[_MARGIN + h]) <= CLOSE:
            under = accepted(k, size, p, u, v)
        if not under:
            replicate = replicates[hard[h]]
            work[_DRAWN + hard[h]] = draw_binomial(_ONE, size, p, log_rest, stream, replicate, cell, k0, k1)
    if n_small > 0:
        for i in range(n):
            size = count[node, i]
            if size * p < SMALL_MEAN:
                drawn = inversion(size, p, log_rest, work[_U + i] + 0.5)
                if drawn < 0.0:
                    drawn = draw_binomial(_ONE, size, p, log_rest, stream, replicates[i], cell, k0, k1)
                work[_DRAWN + i] = drawn


@kernel
def draw_by_splits(
    laws: Laws, targets: Targets, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """As `jaksim.kernel.law.draw_by_alias`, for the cells for whose sizes splits pay."""
    row_count = np.empty(laws.most, np.float64)
    count = np.empty((2 * laws.most, BATCH), np.float64)
    work = np.empty(WORK_LENGTH, np.float64)
    hard = np.empty(BATCH, np.int64)
    replicates = np.empty(BATCH, np.uint64)
    rows = np.empty(BATCH, np.int64)
    n_cells = sizes.shape[1]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            start = laws.start[c]
            k = laws.start[c + 1] - start
            cell = np.uint64(c) | purposes[1] << _PURPOSE
            n = np.int64(0)
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                if splits_pay(sizes[b, c], k):
                    replicates[n] = np.uint64(first_replicate + b)
                    rows[n] = b * n_cells + c
                    count[0, n] = sizes[b, c]
                    n += 1
            for node in range(k - 1 if n > 0 else 0):
                at, child = start + node, 2 * node + 1
                split_node(count, node, n, laws.share[at], laws.log_rest[at], replicates, cell, k0, k1, work, hard)
                for i in range(n):
                    x = count[node, i] - work[i] if laws.mirrored[at] else work[i]
                    count[child, i] = x
                    count[child + 1, i] = count[node, i] - x
            for r in range(n):
                for i in range(k):
                    row_count[i] = count[k - 1 + i, r]
                spread(row_count, k, targets, c, start, rows[r], out)


@kernel
def draw_by_single_splits(
    laws: Laws, targets: Targets, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """As `draw_by_splits`, with the same counts, one draw after the other: slower, but compiled in half the time."""
    row_count = np.empty(laws.most, np.float64)
    count = np.empty(2 * laws.most, np.float64)
    n_cells = sizes.shape[1]
    for b in range(sizes.shape[0]):
        replicate = np.uint64(first_replicate + b)
        for c in range(n_cells):
            start = laws.start[c]
            k = laws.start[c + 1] - start
            if splits_pay(sizes[b, c], k):
                cell = np.uint64(c) | purposes[1] << _PURPOSE
                count[0] = sizes[b, c]
                for node in range(k - 1):
                    at, n, stream = start + node, count[node], np.uint64(node)
                    x = draw_binomial(_ZERO, n, laws.share[at], laws.log_rest[at], stream, replicate, cell, k0, k1)
                    if laws.mirrored[at]:
                        x = n - x
                    count[2 * node + 1] = x
                    count[2 * node + 2] = n - x
                for i in range(k):
                    row_count[i] = count[k - 1 + i]
                spread(row_count, k, targets, c, start, b * n_cells + c, out)
