"""Counts as the proportional odds model reads them: cells that carry information, by arm and stratum."""

from __future__ import annotations

from typing import Any

from jaksim.kernel.jit import inner

EMPTY = 1e-10
"""A category with a smaller share of the patients is dropped: its threshold gap would drown in rounding."""


@inner
def collapse(table: Any, groups: Any, collapsed: Any) -> None:
    collapsed[:] = 0.0
    for arm in range(2):
        for s in range(table.shape[1]):
            for k in range(groups.shape[0]):
                if groups[k] >= 0:
                    collapsed[arm, s, groups[k]] += table[arm, s, k]


@inner
def informative(collapsed: Any, cells: Any, design: Any, totals: Any) -> Any:
    """Pack the cells and categories that carry information.

    Sets to zero every stratum with all its patients in the first or all in the last used category, until none is
    left. Then fills cells (row per arm and stratum with patients, column per used category), design (its arm and
    stratum number) and totals; returns the numbers of cells, strata and categories.
    """
    n_groups = totals.shape[0]
    dropped = True
    first = last = 0
    while dropped:
        dropped = False
        totals[:] = 0.0
        for arm in range(2):
            for s in range(collapsed.shape[1]):
                for j in range(n_groups):
                    totals[j] += collapsed[arm, s, j]
        empty = EMPTY * totals.sum()
        first = 0
        while first < n_groups - 1 and totals[first] <= empty:
            first += 1
        last = n_groups - 1
        while last > first and totals[last] <= empty:
            last -= 1
        for s in range(collapsed.shape[1]):
            size = collapsed[:, s].sum()
            at_first = collapsed[0, s, first] + collapsed[1, s, first]
            at_last = collapsed[0, s, last] + collapsed[1, s, last]
            if size > 0.0 and (at_first == size or at_last == size):
                collapsed[:, s] = 0.0
                dropped = True
    n_cells = n_used = 0
    for s in range(collapsed.shape[1]):
        before = n_cells
        for arm in range(2):
            if collapsed[arm, s].sum() > 0.0:
                n_categories = 0
                for j in range(first, last + 1):
                    if totals[j] > empty:
                        cells[n_cells, n_categories] = collapsed[arm, s, j]
                        n_categories += 1
                design[n_cells, 0] = arm
                design[n_cells, 1] = n_used
                n_cells += 1
        n_used += n_cells > before
    n_categories = 0
    for j in range(first, last + 1):
        if totals[j] > empty:
            totals[n_categories] = totals[j]
            n_categories += 1
    return n_cells, n_used, n_categories
