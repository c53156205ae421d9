"""Patients entering one after the other: when, in which stratum, to which arm, with which outcome.

One Philox block for each candidate patient, in this order: waiting time since the candidate before, stratum, arm,
outcome. So a patient's fate does not depend on the arms of the others, and a later part of a trial can be drawn again
under another allocation without touching what came before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.alias import category_of
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import PLANES, fill_patients

BATCH = 64
SIMPLE, BLOCKS, COIN, MINIMISATION = range(4)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_HALF = np.uint64(32)
_TO_UNIT = 2.0**-32


class Entry(NamedTuple):
    """How patients come and are randomised.

    start, before, rate float64 (P,): pieces of the accrual rate, the first days, the expected patients before them and
    the patients per day; even bool. stratum uint64 (S,): cumulative weights in units of 2**-32. scheme int64: SIMPLE,
    BLOCKS, COIN or MINIMISATION; coin float64: probability of an arm that the balance asks for. group int64 (S,): the
    list of blocks that a stratum uses; level int64 (S, F): its levels of the factors that are balanced, numbered
    through all factors, of which there are n_levels. quota int64 (S,): candidates of each stratum in every round of as
    many as they are in all, drawn without replacement; empty where strata are drawn by weight.
    """

    start: Any
    before: Any
    rate: Any
    even: bool
    stratum: Any
    scheme: int
    coin: float
    group: Any
    n_groups: int
    level: Any
    n_levels: int
    quota: Any


@inner
def from_block(word: Any, size: Any, remaining: Any, left: Any, group: int) -> int:
    """Arm of the next place of a group's permuted block, opened anew with size (A,) places when it is used up."""
    if left[group] == 0:
        for a in range(size.shape[0]):
            remaining[group, a] = size[a]
            left[group] += size[a]
    place = np.int64((np.uint64(word) * np.uint64(left[group])) >> _HALF)
    arm = 0
    while place >= remaining[group, arm]:
        place -= remaining[group, arm]
        arm += 1
    remaining[group, arm] -= 1
    left[group] -= 1
    return arm


@inner
def by_weight(u: float, weight: Any) -> int:
    """Arm drawn with probability in proportion to its weight."""
    total = 0.0
    for a in range(weight.shape[0]):
        total += weight[a]
    u *= total
    last = 0
    for a in range(weight.shape[0]):
        if weight[a] > 0.0:
            last = a
            if u < weight[a]:
                return a
            u -= weight[a]
    return last


@inner
def by_balance(u: float, coin: float, weight: Any, count: Any, level: Any, s: int, score: Any) -> int:
    """Arm by biased coin: those whose levels of the factors lag behind their weights share the probability `coin`.

    Pocock and Simon's rule with the sum of the marginal counts as imbalance; Efron's for one factor and two arms. When
    all arms are level the weights alone decide. score (A,) is scratch.
    """
    lowest, highest = np.inf, -np.inf
    for a in range(weight.shape[0]):
        score[a] = np.inf
        if weight[a] > 0.0:
            score[a] = 0.0
            for f in range(level.shape[1]):
                score[a] += count[level[s, f], a] / weight[a]
            lowest = min(lowest, score[a])
            highest = max(highest, score[a])
    if highest <= lowest:
        return by_weight(u, weight)
    behind = 0.0
    rest = 0.0
    for a in range(weight.shape[0]):
        if score[a] == lowest:
            behind += weight[a]
        else:
            rest += weight[a]
    last = 0
    for a in range(weight.shape[0]):
        if weight[a] > 0.0:
            share = coin * weight[a] / behind if score[a] == lowest else (1.0 - coin) * weight[a] / rest
            last = a
            if u < share:
                return a
            u -= share
    return last


@inner
def from_quota(word: Any, quota: Any, left: Any) -> int:
    """Stratum of the next candidate of a round, opened anew with quota (S,) places when left (S,) is used up."""
    total = left.sum()
    if total == 0:
        left[:] = quota
        total = quota.sum()
    place = np.int64((np.uint64(word) * np.uint64(total)) >> _HALF)
    s = 0
    while place >= left[s]:
        place -= left[s]
        s += 1
    left[s] -= 1
    return s


@inner
def by_share(word: Any, cumulative: Any) -> int:
    """Stratum drawn by cumulative weights in units of 2**-32."""
    s = 0
    while word >= cumulative[s]:
        s += 1
    return s


@inner
def replay(quota: Any, candidate: Any, replicate: Any, address: Any, k0: Any, k1: Any, planes: Any, left: Any) -> None:
    """Places left (S,) of a round after the candidates before this one."""
    left[:] = 0
    size = np.uint64(quota.sum())
    at = candidate - candidate % size
    while at < candidate:
        n = np.int64(min(np.uint64(BATCH), candidate - at))
        fill_patients(_ZERO, at, n, replicate, address, k0, k1, planes)
        for j in range(n):
            from_quota(planes[1, j], quota, left)
        at += np.uint64(n)


@kernel
def enrol(
    entry: Entry,
    first: Any,
    last: Any,
    weight: Any,
    size: Any,
    is_open: Any,
    address: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    exposure: Any,
    number: Any,
    day: Any,
    stratum: Any,
    arm: Any,
    word: Any,
) -> None:
    """Patients first[b] .. last[b] - 1 of each replicate b into row b of the arrays (B, N).

    weight float64 (B, A) and size int64 (B, A) are the allocation, by chance and in a block; is_open bool (B, S) the
    strata that recruit: a candidate of a closed one is turned away. exposure float64: expected patients until the
    arrival; number uint32: the candidate; day int32: the day of entry; stratum, arm int8; word uint32: decides the
    outcome. Blocks begin anew at first[b]; a balance counts the patients before.
    """
    n_arms = weight.shape[1]
    remaining = np.zeros((entry.n_groups, n_arms), np.int64)
    left = np.zeros(entry.n_groups, np.int64)
    count = np.zeros((entry.n_levels, n_arms), np.float64)
    score = np.empty(n_arms, np.float64)
    planes = np.empty((PLANES, BATCH), np.uint32)
    wait = np.empty(BATCH, np.float64)
    places = np.zeros(entry.quota.shape[0], np.int64)
    fixed = entry.quota.shape[0] > 0
    balanced = entry.scheme >= COIN
    for b in range(first.shape[0]):
        replicate = np.uint64(first_replicate + b)
        i = first[b]
        at = 0.0
        candidate = _ZERO
        if i > 0:
            at = exposure[b, i - 1]
            candidate = np.uint64(number[b, i - 1]) + _ONE
        left[:] = 0
        if balanced:
            count[:, :] = 0.0
            for j in range(i):
                for f in range(entry.level.shape[1]):
                    count[entry.level[stratum[b, j], f], arm[b, j]] += 1.0
        if fixed:
            replay(entry.quota, candidate, replicate, address, k0, k1, planes, places)
        piece = 0
        turn = BATCH
        while i < last[b]:
            if turn == BATCH:
                fill_patients(_ZERO, candidate, BATCH, replicate, address, k0, k1, planes)
                for j in range(BATCH):
                    wait[j] = exponential(planes[0, j])
                turn = 0
            at = candidate + 0.5 if entry.even else at + wait[turn]
            w1, w2, w3 = planes[1, turn], planes[2, turn], planes[3, turn]
            turn += 1
            candidate += _ONE
            s = from_quota(w1, entry.quota, places) if fixed else by_share(w1, entry.stratum)
            if not is_open[b, s]:
                continue
            if entry.scheme == BLOCKS:
                a = from_block(w2, size[b], remaining, left, entry.group[s])
            elif balanced:
                a = by_balance(w2 * _TO_UNIT, entry.coin, weight[b], count, entry.level, s, score)
                for f in range(entry.level.shape[1]):
                    count[entry.level[s, f], a] += 1.0
            else:
                a = by_weight(w2 * _TO_UNIT, weight[b])
            while piece + 1 < entry.before.shape[0] and entry.before[piece + 1] <= at:
                piece += 1
            exposure[b, i] = at
            number[b, i] = candidate - _ONE
            day[b, i] = np.int64(entry.start[piece] + (at - entry.before[piece]) / entry.rate[piece])
            stratum[b, i] = s
            arm[b, i] = a
            word[b, i] = w3
            i += 1


@kernel
def law_outcomes(
    columns: Any,
    column_start: Any,
    column_bits: Any,
    category: Any,
    start: Any,
    n_strata: int,
    first: Any,
    last: Any,
    stratum: Any,
    arm: Any,
    word: Any,
    out: Any,
) -> None:
    """Joint category of patients first[b] .. last[b] - 1 into out (B, N) int32, by the alias table of their cell."""
    for b in range(first.shape[0]):
        for i in range(first[b], last[b]):
            c = arm[b, i] * n_strata + stratum[b, i]
            shift = np.uint64(32 - column_bits[c])
            mask = (_ONE << shift) - _ONE
            drawn = category_of(word[b, i], columns, column_start[c], shift, mask)
            out[b, i] = category[start[c] + np.int64(drawn)]
