"""Permuted-block allocation of the patients of each stratum to the arms."""

from __future__ import annotations

import numpy as np

from jaksim.kernel.jit import kernel
from jaksim.kernel.philox import block

_PURPOSE = np.uint64(24)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_RANGE = np.uint64(1) << _HALF


@kernel
def cut_block(n, remaining, replicate, address, k0, k1):
    """Take n patients off the front of one randomly ordered block that holds remaining[a] places of arm a.

    Each place is a uniform whole number below the places left, by multiplication with rejection, so without bias.
    Source: Lemire (2019), "Fast random integer generation in an interval", ACM Trans. Model. Comput. Simul. 29.
    """
    places = np.sum(remaining)
    used = 0
    taken = 0
    words = np.zeros(4, np.uint64)
    while taken < n:
        if used % 4 == 0:
            words[0], words[1], words[2], words[3] = block(
                np.uint64(used // 4), np.uint64(0), replicate, address, k0, k1
            )
        left = np.uint64(places - taken)
        product = words[used % 4] * left
        used += 1
        if product & _LOW >= _RANGE % left:
            place = np.int64(product >> _HALF)
            arm = 0
            while place >= remaining[arm]:
                place -= remaining[arm]
                arm += 1
            remaining[arm] -= 1
            taken += 1


@kernel
def allocate(stratum_sizes, per_block, purpose, first_replicate, k0, k1, out):
    """Cell sizes out (B, A * S) int64, cell = arm * S + stratum, from stratum_sizes (B, S) and per_block (A,) int64."""
    n_strata = stratum_sizes.shape[1]
    block_size = np.sum(per_block)
    remaining = np.empty_like(per_block)
    for b in range(stratum_sizes.shape[0]):
        for s in range(n_strata):
            full, rest = divmod(stratum_sizes[b, s], block_size)
            remaining[:] = per_block
            cut_block(rest, remaining, np.uint64(first_replicate + b), np.uint64(s) | purpose << _PURPOSE, k0, k1)
            for a in range(per_block.shape[0]):
                out[b, a * n_strata + s] = (full + 1) * per_block[a] - remaining[a]
