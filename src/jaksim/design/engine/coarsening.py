"""Endpoints that follow from another one: death by a day from the ventilator-free days, say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats


@dataclass(frozen=True)
class Coarsening:
    """Endpoint number `fine` decides another one: `members[k]` are the fine categories that make up its category k."""

    fine: int
    members: tuple[NDArray[np.intp], ...]

    def apply(self, table: Floats) -> Floats:
        """Counts (n, C, K) of the coarser endpoint from those (n, C, fine K) of the finer one; exact."""
        columns = [table[..., fine].sum(axis=-1) for fine in self.members]
        return np.stack(columns, axis=-1)


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
                    members = tuple(np.flatnonzero(category == k) for k in range(sizes[coarse]))
                    found[coarse] = Coarsening(fine, members)
                    break
    return found
