"""The binary tree of conditional binomials behind `jaksim.kernel.counts.split`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SplitShares:
    """Per node the smaller child's share of the node's weight, the log of the rest, and whether it is the right child.

    Each array has one entry per category, to line up with the categories; the last entry is unused.
    """

    share: NDArray[np.float64]
    log_rest: NDArray[np.float64]
    mirrored: NDArray[np.bool_]


def split_shares(weights: NDArray[np.uint64]) -> SplitShares:
    """Shares of the complete binary tree whose leaves K - 1 .. 2K - 2 carry the positive integer weights (K,)."""
    n = len(weights)
    mass = [0] * (n - 1) + [int(w) for w in weights]
    for node in range(n - 2, -1, -1):
        mass[node] = mass[2 * node + 1] + mass[2 * node + 2]
    left = np.array([mass[2 * node + 1] / mass[node] for node in range(n - 1)] + [0.0])
    right = np.array([mass[2 * node + 2] / mass[node] for node in range(n - 1)] + [0.0])
    share = np.minimum(left, right)
    return SplitShares(share=share, log_rest=np.log1p(-share), mirrored=right < left)
