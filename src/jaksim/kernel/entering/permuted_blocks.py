"""Arms of many patients from the permuted blocks of their strata.

`jaksim.kernel.entering.arms.from_block` gives the same arms one by one, each after the one before it. Here patients
wait in the queue of their list of blocks until a block is full, and the places of one block do not wait for those of
another.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inner

_HALF = np.uint64(32)
_NUMBER = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
FEW = 3
"""Lists of blocks for which it takes longer to look up the end of a queue than to look through all patients."""


class Queues(NamedTuple):
    """Patients who wait for a block to be full, n int64 (G,) of each list of blocks in rows (G, room) uint64: the word
    that draws her place in the upper half, her number in the lower. A row has room for one more than ever wait."""

    patient: Any
    n: Any


@inner
def room_for(at_once: int, size: Any) -> int:
    """Room that a queue needs when so many are added at once, for blocks with size (B, A) places of each arm."""
    longest = 0
    for b in range(size.shape[0]):
        longest = max(longest, size[b].sum())
    return at_once + longest + 1


@inner
def queue_up(queues: Queues, word: Any, stratum: Any, first: int, n: int, group: Any) -> None:
    """Add n patients, numbered from `first`, each to the queue of the group of her stratum."""
    n_groups = queues.n.shape[0]
    number = np.uint64(first)
    if n_groups == group.shape[0] and n_groups <= FEW:
        for s in range(n_groups):
            patients, end = queues.patient[group[s]], np.uint64(queues.n[group[s]])
            for j in range(n):
                patients[end] = np.uint64(word[j]) << _HALF | (number + np.uint64(j))
                end += np.uint64(stratum[j] == s)
            queues.n[group[s]] = np.int64(end)
    else:
        for j in range(n):
            g = np.uint64(group[np.uint64(stratum[j])])
            queues.patient[g, np.uint64(queues.n[g])] = np.uint64(word[j]) << _HALF | (number + np.uint64(j))
            queues.n[g] += 1


@inner
def deal(queues: Queues, size: Any, to_the_end: bool, up_to: Any, arm: Any) -> None:
    """Arms arm (N,) of those whose block, of size (A,) places of each arm, is full, or of all who wait.

    up_to (A,) is scratch.
    """
    places = size.sum()
    for g in range(queues.n.shape[0]):
        patients, n = queues.patient[g], queues.n[g]
        dealt = 0
        while dealt < n and (dealt + places <= n or to_the_end):
            end = min(dealt + places, n)
            if size.shape[0] == 2:
                deal_two(patients, dealt, end, size[0], places, arm)
            else:
                deal_many(patients, dealt, end, size, places, up_to, arm)
            dealt = end
        for j in range(n - dealt):
            patients[j] = patients[dealt + j]
        queues.n[g] = n - dealt


@inner
def deal_two(patient: Any, first: int, last: int, reference: int, places: int, arm: Any) -> None:
    """Arms of patients first .. last - 1 of a queue from a block of two arms with so many places in all."""
    left = np.uint64(places)
    for j in range(first, last):
        place = np.int64(((patient[j] >> _HALF) * left) >> _HALF)
        taken: Any = np.int64(place < reference)
        reference -= taken
        left -= _ONE
        arm[patient[j] & _NUMBER] = 1 - taken


@inner
def deal_many(patient: Any, first: int, last: int, size: Any, places: int, up_to: Any, arm: Any) -> None:
    """As `deal_two`, with size (A,) places of each arm; up_to (A,) are those left of the arms up to each."""
    before = 0
    for a in range(size.shape[0]):
        before += size[a]
        up_to[a] = before
    last_arm = size.shape[0] - 1
    left = np.uint64(places)
    for j in range(first, last):
        place = np.int64(((patient[j] >> _HALF) * left) >> _HALF)
        drawn: Any = last_arm
        for a in range(last_arm):
            taken: Any = np.int64(place < up_to[a])
            up_to[a] -= taken
            drawn -= taken
        left -= _ONE
        arm[patient[j] & _NUMBER] = drawn
