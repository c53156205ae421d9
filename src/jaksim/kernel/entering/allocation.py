"""Permuted-block allocation of the patients of each stratum to the arms."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.philox import block

_ZERO = np.uint64(0)
_PURPOSE = np.uint64(24)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_RANGE = np.uint64(1) << _HALF


@inner
def cut_block(n: int, places: int, remaining: Any, replicate: Any, address: Any, k0: Any, k1: Any) -> None:
    """Take n patients off the front of a randomly ordered block with remaining[a] places of arm a, `places` in all.

    Each place is a uniform whole number below the places left, by multiplication with rejection, so without bias.
    Source: Lemire (2019), "Fast random integer generation in an interval", ACM Trans. Model. Comput. Simul. 29.
    """
    used = 0
    taken = 0
    words = (_ZERO, _ZERO, _ZERO, _ZERO)
    while taken < n:
        if used % 4 == 0:
            words = block(np.uint64(used // 4), _ZERO, replicate, address, k0, k1)
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
def allocate(
    stratum_sizes: Any, per_block: Any, block_size: int, purpose: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """Cell sizes out (B, A * S) int64, cell = arm * S + stratum, from stratum_sizes (B, S) and per_block (A,) int64."""
    n_strata = stratum_sizes.shape[1]
    remaining = np.empty(per_block.shape[0], np.int64)
    for b in range(stratum_sizes.shape[0]):
        for s in range(n_strata):
            full, rest = divmod(stratum_sizes[b, s], block_size)
            for a in range(per_block.shape[0]):
                remaining[a] = per_block[a]
            address = np.uint64(s) | purpose << _PURPOSE
            cut_block(rest, block_size, remaining, np.uint64(first_replicate + b), address, k0, k1)
            for a in range(per_block.shape[0]):
                out[b, a * n_strata + s] = (full + 1) * per_block[a] - remaining[a]
