"""Patients entering one after the other: when, in which stratum, to which arm.

One Philox block for each candidate patient, in this order: waiting time since the candidate before, stratum, arm,
outcome. So a patient's fate does not depend on the arms of the others, and a later part of a trial can be drawn again
under another allocation without touching what came before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.entering.arms import by_balance, words_by_weight
from jaksim.kernel.entering.permuted_blocks import Queues, deal, queue_up, room_for
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import PLANES, fill_patients
from jaksim.rng import SITE_BITS

BATCH = 512
SPARE = 16
SIMPLE, BLOCKS, COIN, MINIMISATION = range(4)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_HALF = np.uint64(32)
_SITE = np.uint64(SITE_BITS)
_LARGEST = np.uint64(0xFFFFFFFF)
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
def from_quota(word: Any, quota: Any, left: Any) -> int:
    """Stratum of the next candidate of a round, opened anew with quota (S,) places when left (S,) is used up."""
    total = left.sum()
    if total == 0:
        for s in range(quota.shape[0]):
            left[s] = quota[s]
        total = quota.sum()
    place = np.int64((np.uint64(word) * np.uint64(total)) >> _HALF)
    s = 0
    while place >= left[s]:
        place -= left[s]
        s += 1
    left[s] -= 1
    return s


@inner
def by_share(words: Any, cumulative: Any, out: Any) -> None:
    """Strata or arms by words (n,) and by cumulative weights in units of 2**-32, weight after weight in vectors."""
    for j in range(out.shape[0]):
        out[j] = 0
    for k in range(cumulative.shape[0] - 1):
        if cumulative[k] <= _LARGEST:
            bound = np.uint32(cumulative[k])
            for j in range(out.shape[0]):
                out[j] += np.int8(words[j] >= bound)


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


class Candidates(NamedTuple):
    """Room for BATCH candidates: their words uint32 (PLANES, BATCH), arrival float64, number uint32, stratum int8."""

    words: Any
    arrival: Any
    number: Any
    stratum: Any


@inner
def draw_candidates(
    entry: Entry,
    first: Any,
    n: int,
    at: float,
    replicate: Any,
    address: Any,
    k0: Any,
    k1: Any,
    places: Any,
    out: Candidates,
) -> Any:
    """The n candidates from number `first` on, after one who came `at`; returns when the last of them comes."""
    fill_patients(_ZERO, first, n, replicate, address, k0, k1, out.words)
    for j in range(n):
        out.number[j] = first + np.uint64(j)
    if entry.even:
        for j in range(n):
            out.arrival[j] = np.float64(out.number[j]) + 0.5
    else:
        for j in range(n):
            out.arrival[j] = exponential(out.words[0, j])
        for j in range(n):
            at += out.arrival[j]
            out.arrival[j] = at
    if entry.quota.shape[0] > 0:
        for j in range(n):
            out.stratum[j] = from_quota(out.words[1, j], entry.quota, places)
    else:
        by_share(out.words[1], entry.stratum, out.stratum[:n])
    return out.arrival[n - 1]


@inner
def turn_away(is_open: Any, n: int, found: Candidates) -> int:
    """Keep those of n candidates who come from open strata in front; returns how many they are."""
    if is_open.all():
        return n
    kept = 0
    for j in range(n):
        for w in range(2, PLANES):
            found.words[w, kept] = found.words[w, j]
        found.arrival[kept] = found.arrival[j]
        found.number[kept] = found.number[j]
        found.stratum[kept] = found.stratum[j]
        kept += is_open[found.stratum[j]]
    return kept


@inner
def days_of(entry: Entry, piece: int, arrival: Any, out: Any) -> int:
    """Days out (n,) of arrivals (n,), none before a piece of the accrual rate; returns the piece of the last."""
    n = out.shape[0]
    done = 0
    while done < n:
        while piece + 1 < entry.before.shape[0] and entry.before[piece + 1] <= arrival[done]:
            piece += 1
        end = n
        if piece + 1 < entry.before.shape[0] and entry.before[piece + 1] <= arrival[n - 1]:
            end = done + 1
            while arrival[end] < entry.before[piece + 1]:
                end += 1
        start, before, rate = entry.start[piece], entry.before[piece], entry.rate[piece]
        for j in range(done, end):
            out[j] = np.int32(start + (arrival[j] - before) / rate)
        done = end
    return piece


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
    outcome. Blocks begin anew at first[b]; a balance counts the patients before. Where nobody is enrolled later,
    exposure and number may be (B, 0).
    """
    waiting = Queues(np.empty((entry.n_groups, room_for(BATCH, size)), np.uint64), np.zeros(entry.n_groups, np.int64))
    up_to = np.empty(weight.shape[1], np.int64)
    count = np.zeros((entry.n_levels, weight.shape[1]), np.float64)
    score = np.empty(weight.shape[1], np.float64)
    places = np.zeros(entry.quota.shape[0], np.int64)
    found = Candidates(
        np.empty((PLANES, BATCH), np.uint32), np.empty(BATCH), np.empty(BATCH, np.uint32), np.empty(BATCH, np.int8)
    )
    beyond = np.empty(weight.shape[1], np.uint64)
    balanced = entry.scheme >= COIN
    carried = exposure.shape[1] > 0
    for b in range(first.shape[0]):
        replicate = np.uint64(first_replicate + b)
        i = first[b]
        if entry.scheme == SIMPLE and i < last[b]:
            words_by_weight(weight[b], beyond)
        at = 0.0
        candidate = _ZERO
        if i > 0:
            at = exposure[b, i - 1]
            candidate = np.uint64(number[b, i - 1]) + _ONE
        if balanced:
            count[:, :] = 0.0
            for j in range(i):
                for f in range(entry.level.shape[1]):
                    count[entry.level[stratum[b, j], f], arm[b, j]] += 1.0
        if entry.quota.shape[0] > 0:
            replay(entry.quota, candidate, replicate, address, k0, k1, found.words, places)
        piece = 0
        while i < last[b]:
            drawn = min(BATCH, last[b] - i)
            if not is_open[b].all():
                # Most of those that are drawn may be turned away.
                drawn = min(BATCH, 2 * drawn + SPARE)
            at = draw_candidates(entry, candidate, drawn, at, replicate, address, k0, k1, places, found)
            candidate += np.uint64(drawn)
            n = min(turn_away(is_open[b], drawn, found), last[b] - i)
            if entry.scheme == BLOCKS:
                queue_up(waiting, found.words[2], found.stratum, i, n, entry.group)
                deal(waiting, size[b], i + n == last[b], up_to, arm[b])
            elif balanced:
                for j in range(n):
                    s: Any = np.int64(found.stratum[j])
                    u = found.words[2, j] * _TO_UNIT
                    a = by_balance(u, entry.coin, weight[b], count, entry.level, s, score)
                    for f in range(entry.level.shape[1]):
                        count[entry.level[s, f], a] += 1.0
                    arm[b, i + j] = a
            else:
                by_share(found.words[2], beyond, arm[b, i : i + n])
            piece = days_of(entry, piece, found.arrival, day[b, i : i + n])
            # Loops, since assigning slices takes long to compile.
            if carried:
                for j in range(n):
                    exposure[b, i + j] = found.arrival[j]
                    number[b, i + j] = found.number[j]
            for j in range(n):
                stratum[b, i + j] = found.stratum[j]
                word[b, i + j] = found.words[3, j]
            i += n
