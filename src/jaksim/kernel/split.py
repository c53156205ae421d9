"""Counts of a large multinomial: binomial splits down a complete binary tree, at a cost free of the number of patients.

Node i has children 2i + 1 and 2i + 2; with K categories nodes 0 .. K - 2 split and nodes K - 1 .. 2K - 2 are the
categories. The draw at node i has the stream of "patient" i, so a table does not depend on which replicates are
drawn beside it: a batch of replicates walks the tree together, and the first trial of every draw is done in vector
instructions.
"""

from __future__ import annotations

import numpy as np

from jaksim.kernel.binomial import SMALL_MEAN, binomial, candidate
from jaksim.kernel.jit import kernel
from jaksim.kernel.philox import block, unit

BATCH = 32


@kernel
def split_node(count, node, n, p, log_q, mirrored, replicates, cell, k0, k1, drawn, hard):
    """Split count[node, :n] into count[2 node + 1, :n] and count[2 node + 2, :n]; drawn and hard are scratch."""
    stream = np.uint64(node)
    for r in range(n):
        w0, w1, w2, w3 = block(np.uint64(0), stream, replicates[r], cell, k0, k1)
        size = count[node, r]
        x, at_once = candidate(size, p, unit(w0, w1) - 0.5, unit(w2, w3))
        drawn[r] = x if at_once & (size * p >= SMALL_MEAN) else -1.0
    left = 0
    for r in range(n):
        hard[left] = r
        left += drawn[r] < 0.0
    for i in range(left):
        r = hard[i]
        size = count[node, r]
        if size > 0.0 and p > 0.0:
            drawn[r] = binomial(size, p, log_q, stream, replicates[r], cell, k0, k1)
        else:
            drawn[r] = 0.0
    for r in range(n):
        x = count[node, r] - drawn[r] if mirrored else drawn[r]
        count[2 * node + 1, r] = x
        count[2 * node + 2, r] = count[node, r] - x


@kernel
def split_counts(n, share, log_rest, mirrored, start, n_categories, replicates, cell, k0, k1, drawn, hard, count):
    """Walk n replicates (at most BATCH) from sizes count[0, :n] to counts count[n_categories - 1 : 2 n_categories - 1].

    share (<= 1/2), log_rest = log(1 - share) and mirrored (the share is that of the right child) describe the split of
    node i at index start + i.
    """
    for node in range(n_categories - 1):
        i = start + node
        split_node(count, node, n, share[i], log_rest[i], mirrored[i], replicates, cell, k0, k1, drawn, hard)
