"""Endpoints that follow from another one: death by a day from the ventilator-free days, say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats


@dataclass(frozen=True, eq=False)
class Coarsening:
    """Endpoint number `fine` decides another one: `belongs` (fine K, K) is 1 where a fine category is part of its
    category, else 0."""

    fine: int
    belongs: Floats

    def apply(self, table: Floats) -> Floats:
        """Counts (n, C, K) of the coarser endpoint from those (n, C, fine K) of the finer one; exact."""
        rows = table.reshape(-1, table.shape[-1]) @ self.belongs
        return np.asarray(rows.reshape(*table.shape[:-1], -1))


def coarsenings(parts: NDArray[np.int32], sizes: tuple[int, ...]) -> dict[int, Coarsening]:
    """The endpoints that are functions of another one, by number, over the joint categories `parts` (E, K).

    Each follows from the endpoint with the most categories that decides it, and has fewer itself; that one is then
    decided by no other.
    """
    found: dict[int, Coarsening] = {}
    for coarse in range(len(parts)):
        for fine in sorted(range(len(parts)), key=lambda number: -sizes[number]):
            if sizes[fine] > sizes[coarse]:
                category = np.full(sizes[fine], -1, dtype=np.int64)
                category[parts[fine]] = parts[coarse]
                if (category[parts[fine]] == parts[coarse]).all():
                    belongs = category[:, None] == np.arange(sizes[coarse])
                    found[coarse] = Coarsening(fine, belongs.astype(np.float64))
                    break
    return found
