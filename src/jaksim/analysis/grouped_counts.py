"""Counts by category become counts by group of categories."""

from __future__ import annotations

from typing import Any

from jaksim.kernel.jit import inner


@inner
def add_by_group(table: Any, groups: Any, counts: Any) -> None:
    """Add the table (2, K) of one stratum to counts (2, G); groups (K,) is negative for a category left out."""
    for arm in range(2):
        for k in range(groups.shape[0]):
            if groups[k] >= 0:
                counts[arm, groups[k]] += table[arm, k]
