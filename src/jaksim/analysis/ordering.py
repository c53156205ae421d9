"""How the categories of an endpoint are ordered in time, by rank, or split into event and no event."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import CategoryMeanings
from jaksim.arrays import Integers
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.kernel.jit import inner

LEAVES, EVENT, LAST_EVENT = 0, 1, 2


def latest_first(time: NDArray[np.float64], status: Integers) -> tuple[Integers, Integers]:
    """Categories from the latest time to the earliest, and what each does to the risk set when it is reached.

    Roles: LEAVES (censored, or a competing event, which counts as censored at its time: cause-specific), EVENT, and
    LAST_EVENT, the last event category of its time, where the risk set is complete. Censored categories come before
    the events of the same time, so they are still at risk. Categories without a time or status (-1) are left out.
    """
    known = np.flatnonzero(np.isfinite(time) & (status >= 0))
    is_event = status == 1
    order = known[np.lexsort((is_event[known], -time[known]))]
    role = np.where(is_event[order], EVENT, LEAVES)
    last = np.append(time[order][1:] != time[order][:-1], True)
    role[(role == EVENT) & last] = LAST_EVENT
    return order.astype(np.int64), role.astype(np.int64)


def rank_groups(rank: Integers) -> tuple[Integers, int]:
    """Ranks renumbered 0, 1, 2 ... without gaps, -1 for a category without rank; and the number of groups."""
    groups = np.full(rank.shape, -1, dtype=np.int64)
    distinct, numbered = np.unique(rank[rank >= 0], return_inverse=True)
    groups[rank >= 0] = numbered
    return groups, len(distinct)


def event_of(endpoint: CategoryMeanings) -> Integers:
    """1 for a category with the event, 0 without, -1 unknown; InputError when censoring comes before the horizon."""
    status = np.array(endpoint.status, dtype=np.int64)
    if kind_of(endpoint).timed:
        time = np.array(endpoint.time, dtype=np.float64)
        horizon = np.nanmax(time)
        if (time[status == 0] < horizon).any():
            raise InputError(
                f"endpoint '{endpoint.name}' has patients censored before its horizon, day {horizon:g}",
                allowed="a proportion needs every patient followed to the horizon",
            )
    return np.where(status < 0, -1, status == 1).astype(np.int64)


@inner
def add_by_group(table: Any, groups: Any, counts: Any) -> None:
    """Add the table (2, K) of one stratum to counts (2, G); groups (K,) is negative for a category left out."""
    for arm in range(2):
        for k in range(groups.shape[0]):
            if groups[k] >= 0:
                counts[arm, groups[k]] += table[arm, k]
