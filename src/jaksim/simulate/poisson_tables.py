"""The alias tables behind `jaksim.kernel.counts.poisson`, made for the sizes of cells that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jaksim.simulate.alias_table import WHOLE

if TYPE_CHECKING:
    from jaksim.kernel.counts.poisson import Poissons

REACH = 40.0
"""Counts so far out that fewer than exp(-REACH) lie beyond them, on either side, are not drawn."""
LEAST_BITS = 5


class PoissonTables:
    """Tables for the sizes that were asked for, kept for the next ones; they do not depend on what is kept."""

    def __init__(self) -> None:
        # One thing, so that a thread which finds it finds the levels and their tables.
        self._kept: tuple[list[range], Poissons] | None = None

    def serving(
        self, weights: Sequence[NDArray[np.uint64]], sizes: NDArray[np.int64], served: NDArray[np.bool_]
    ) -> Poissons:
        """For cells of positive weights (K,), in units of 2**-32, and such of the sizes (B, C) as are `served`."""
        levels = levels_of(sizes, served)
        kept = self._kept
        if kept is None or not all(map(covers, kept[0], levels)):
            wider = levels if kept is None else widened(levels, kept[0])
            self._kept = kept = wider, fill_tables(weights, wider)
        return kept[1]


def covers(kept: range, levels: range) -> bool:
    """Whether all the levels are among those kept."""
    return not levels or (levels[0] in kept and levels[-1] in kept)


def widened(levels: Sequence[range], kept: Sequence[range]) -> list[range]:
    """The levels with those kept and those between, unless that is more than twice of what there is."""
    both = [
        range(min(one.start, other.start), max(one.stop, other.stop)) if one and other else one or other
        for one, other in zip(levels, kept, strict=True)
    ]
    enough = 2 * max(sum(map(len, levels)), sum(map(len, kept)))
    return both if sum(map(len, both)) <= enough else list(levels)


def levels_of(sizes: NDArray[np.int64], served: NDArray[np.bool_]) -> list[range]:
    """Levels of each cell, from the smallest to the largest of its sizes (B, C) that are `served`."""
    from jaksim.kernel.counts.poisson import level

    level_of = level.py_func  # type: ignore[attr-defined]
    largest = np.where(served, sizes, -1).max(axis=0)
    smallest = np.where(served, sizes, np.iinfo(np.int64).max).min(axis=0)
    return [
        range(int(level_of(low)), int(level_of(high)) + 1) if high >= 0 else range(0)
        for low, high in zip(smallest.tolist(), largest.tolist(), strict=True)
    ]


def reach(mean: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest counts of Poissons of these means and powers of two of counts from there on, by Bernstein's bound."""
    low = np.floor(np.maximum(mean - np.sqrt(2.0 * REACH * mean), 0.0))
    high = mean + REACH / 3.0 + np.sqrt(REACH * (REACH / 9.0 + 2.0 * mean))
    bits = np.maximum(np.ceil(np.log2(high - low + 1.0)), LEAST_BITS)
    return low.astype(np.int64), bits.astype(np.int64)


def fill_tables(weights: Sequence[NDArray[np.uint64]], levels: Sequence[range]) -> Poissons:
    """Tables for each cell at its levels."""
    from jaksim.kernel.counts.poisson import Poissons, fill_poissons

    means = [
        0.25 * (level * level) * row / WHOLE for row, of_cell in zip(weights, levels, strict=True) for level in of_cell
    ]
    rows = np.cumsum([0, *(len(of_cell) for of_cell in levels[:-1])])
    entry = np.cumsum([0, *(len(mean) for mean in means[:-1])], dtype=np.int64)
    mean = np.concatenate(means)
    low, bits = reach(mean)
    ends = np.cumsum(1 << bits)
    place = ((ends - (1 << bits) << 6) + 64 - bits).astype(np.uint64)
    columns = np.empty(int(ends[-1]), dtype=np.uint64)
    fill_poissons(mean, low, place, columns)
    return Poissons(
        np.array([row - of_cell.start for row, of_cell in zip(rows, levels, strict=True)], dtype=np.int64),
        entry,
        np.add.reduceat(low, entry),
        low,
        place,
        columns,
    )
