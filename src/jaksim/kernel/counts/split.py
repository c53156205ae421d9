"""Counts of a large multinomial: binomial splits down a complete binary tree, at a cost free of the number of patients.

Node i has children 2i + 1 and 2i + 2; with K categories nodes 0 .. K - 2 split and nodes K - 1 .. 2K - 2 are the
categories. The draw at node i has the stream of "patient" i, so a table does not depend on which replicates are drawn
beside it: a batch of replicates walks the tree together, and the trials of all their draws at a node are made in vector
instructions, round by round, until none is left.

The draws still to be made at a node are listed in two work arrays, each one array of rows of BATCH numbers because the
compiler then sees that the rows do not overlap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.binomial import FAR, REJECTED, SMALL_MEAN, accepted, accepted_far, candidate, inversion
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.law import BATCH, Laws, Targets, splits_pay, spread
from jaksim.kernel.philox import block, unit

SIZE, DRAWN, U, V, HARD_K, HARD_SIZE, HARD_U, HARD_V, VERDICT = range(0, 9 * BATCH, BATCH)
PLACE, REPLICATE, HARD = range(0, 3 * BATCH, BATCH)
WORK_LENGTH = 9 * BATCH + 1
LIST_LENGTH = 3 * BATCH + 1
_UNSURE, _REJECT, _ACCEPT = -1.0, 0.0, 1.0
_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)


@inner
def invert(work: Any, lists: Any, n: int, p: float, log_q: float, stream: Any, cell: Any, k0: Any, k1: Any) -> None:
    """Make the first n listed draws by inversion."""
    for i in range(n):
        w0, w1, _, _ = block(_ZERO, stream, lists[REPLICATE + i], cell, k0, k1)
        work[U + i] = unit(w0, w1)
    for i in range(n):
        work[DRAWN + i] = inversion(work[SIZE + i], p, log_q, work[U + i])
        t = _ONE
        while work[DRAWN + i] < 0.0:
            w0, w1, _, _ = block(t, stream, lists[REPLICATE + i], cell, k0, k1)
            work[DRAWN + i] = inversion(work[SIZE + i], p, log_q, unit(w0, w1))
            t += _ONE


@inner
def propose(work: Any, lists: Any, n: int, t: Any, p: float, stream: Any, cell: Any, k0: Any, k1: Any) -> int:
    """Trial t of the first n listed draws; lists those that need the density and returns how many they are."""
    for i in range(n):
        w0, w1, w2, w3 = block(t, stream, lists[REPLICATE + i], cell, k0, k1)
        u = unit(w0, w1) - 0.5
        v = unit(w2, w3)
        k, at_once = candidate(work[SIZE + i], p, u, v)
        work[DRAWN + i] = k
        work[U + i] = u
        work[V + i] = v
        work[VERDICT + i] = _ACCEPT if at_once else _UNSURE
    hard = 0
    for i in range(n):
        lists[HARD + hard] = i
        work[HARD_K + hard] = work[DRAWN + i]
        work[HARD_SIZE + hard] = work[SIZE + i]
        work[HARD_U + hard] = work[U + i]
        work[HARD_V + hard] = work[V + i]
        hard += work[VERDICT + i] == _UNSURE
    return hard


@inner
def decide(work: Any, lists: Any, n: int, p: float) -> None:
    """Accept or reject the n hard candidates by the density."""
    for i in range(n):
        k = work[HARD_K + i]
        size = work[HARD_SIZE + i]
        under = accepted_far(k, size, p, work[HARD_U + i], work[HARD_V + i])
        near = (k < FAR) | (k > size - FAR)
        work[VERDICT + i] = _UNSURE if near else (_ACCEPT if under else _REJECT)
    for i in range(n):
        verdict = work[VERDICT + i]
        if verdict == _UNSURE:
            verdict = np.float64(accepted(work[HARD_K + i], work[HARD_SIZE + i], p, work[HARD_U + i], work[HARD_V + i]))
        place = np.int64(lists[HARD + i])
        work[DRAWN + place] = work[HARD_K + i] if verdict == _ACCEPT else REJECTED


@inner
def list_draws(count: Any, node: int, n: int, p: float, small: bool, replicates: Any, work: Any, lists: Any) -> int:
    """List the draws at a node whose mean is, or is not, small; returns how many they are."""
    listed = 0
    for r in range(n):
        size = count[node, r]
        lists[PLACE + listed] = r
        lists[REPLICATE + listed] = replicates[r]
        work[SIZE + listed] = size
        listed += (size * p < SMALL_MEAN) == small
    return listed


@inner
def keep_draws(count: Any, child: int, n: int, work: Any, lists: Any) -> int:
    """Write the n listed draws to the child's counts; list those that were rejected and return how many they are."""
    listed = 0
    for i in range(n):
        place = lists[PLACE + i]
        drawn = work[DRAWN + i]
        count[child, place] = drawn
        lists[PLACE + listed] = place
        lists[REPLICATE + listed] = lists[REPLICATE + i]
        work[SIZE + listed] = work[SIZE + i]
        listed += drawn < 0.0
    return listed


@inner
def split_counts(
    n: int,
    share: Any,
    log_rest: Any,
    mirrored: Any,
    start: int,
    n_categories: int,
    replicates: Any,
    cell: Any,
    k0: Any,
    k1: Any,
    work: Any,
    lists: Any,
    count: Any,
) -> None:
    """Walk n replicates (at most BATCH) from sizes count[0, :n] to counts count[n_categories - 1 : 2 n_categories - 1].

    share (<= 1/2), log_rest = log(1 - share) and mirrored (the share is that of the right child) describe the split of
    node i at index start + i; work float64 (WORK_LENGTH,) and lists uint64 (LIST_LENGTH,) are scratch.
    """
    for node in range(n_categories - 1):
        p = share[start + node]
        stream = np.uint64(node)
        child = 2 * node + 1
        listed = list_draws(count, node, n, p, False, replicates, work, lists)
        if listed < n:
            small = list_draws(count, node, n, p, True, replicates, work, lists)
            invert(work, lists, small, p, log_rest[start + node], stream, cell, k0, k1)
            keep_draws(count, child, small, work, lists)
            list_draws(count, node, n, p, False, replicates, work, lists)
        t = _ZERO
        while listed > 0:
            decide(work, lists, propose(work, lists, listed, t, p, stream, cell, k0, k1), p)
            listed = keep_draws(count, child, listed, work, lists)
            t += _ONE
        for r in range(n):
            x = count[node, r] - count[child, r] if mirrored[start + node] else count[child, r]
            count[child, r] = x
            count[child + 1, r] = count[node, r] - x


@kernel
def draw_by_splits(
    laws: Laws, targets: Targets, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """As `jaksim.kernel.law.draw_by_alias`, for the cells for whose sizes splits pay."""
    row_count = np.empty(laws.most, np.float64)
    count = np.empty((2 * laws.most, BATCH), np.float64)
    work = np.empty(WORK_LENGTH, np.float64)
    lists = np.empty(LIST_LENGTH, np.uint64)
    replicates = np.empty(BATCH, np.uint64)
    rows = np.empty(BATCH, np.int64)
    n_cells = sizes.shape[1]
    for first in range(0, sizes.shape[0], BATCH):
        for c in range(n_cells):
            start = laws.start[c]
            k = laws.start[c + 1] - start
            split = 0
            for b in range(first, min(first + BATCH, sizes.shape[0])):
                n = sizes[b, c]
                if splits_pay(n, k):
                    replicates[split] = np.uint64(first_replicate + b)
                    rows[split] = b * n_cells + c
                    count[0, split] = n
                    split += 1
            if split > 0:
                split_counts(
                    split,
                    laws.share,
                    laws.log_rest,
                    laws.mirrored,
                    start,
                    k,
                    replicates,
                    np.uint64(c) | purposes[1] << _PURPOSE,
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
