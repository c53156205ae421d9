"""Complete data cut at a date: what an analysis on that day sees of each patient."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner, kernel

PARTS = 4
_COUNT = np.uint32(1)


@inlined
def entered(day: Any, n: int, look: Any) -> int:
    """How many of the first n patients, in order of entry, entered by day `look`."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if day[middle] <= look:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def count_complete(base: Any, category: Any, n: int, final: Any, tally: Any) -> None:
    """Add n patients to tally, uint32 (PARTS * places,), at base + final[category].

    Neighbours go to different parts because an addition to the place of the addition before it would have to wait.
    """
    part = np.uint64(tally.shape[0] // PARTS)
    fours = np.uint64(n // PARTS)
    for i in range(fours):
        for j in range(np.uint64(PARTS)):
            k = np.uint64(PARTS) * i + j
            tally[part * j + base[k] + final[np.uint64(category[k])]] += _COUNT
    for last in range(fours * np.uint64(PARTS), np.uint64(n)):
        tally[base[last] + final[np.uint64(category[last])]] += _COUNT


@kernel
def cut_tables(
    day: Any,
    stratum: Any,
    arm: Any,
    category: Any,
    part: Any,
    known: Any,
    first: Any,
    last: Any,
    look: Any,
    lag: int,
    late: Any,
    out: Any,
) -> None:
    """Counts out (B, A, S, K) of patients first[b] .. last[b] - 1 who entered by day look[b].

    category (B, N) is the joint category of each patient, part (joint categories,) its history, and known (H + 1,
    histories) what a history is known as after so many days of follow-up, `lag` days later and, where late (B, N) has
    patients, so many more days.
    """
    delayed = late.shape[1] > 0
    horizon = known.shape[0] - 1
    _, n_arms, n_strata, width = out.shape
    places = n_arms * n_strata * width
    tally = np.zeros(PARTS * places, np.uint32)
    base = np.empty(day.shape[1], np.uint32)
    final = np.empty(part.shape[0], np.uint32)
    for j in range(part.shape[0]):
        final[j] = known[horizon, part[j]]
    for b in range(first.shape[0]):
        low = first[b]
        n = max(entered(day[b], last[b], look[b]) - low, 0)
        seen = look[b] - lag
        complete = 0 if delayed else max(entered(day[b], low + n, seen - horizon) - low, 0)
        # Rows from the first patient on, whose numbers are then known not to be counted from the end.
        days, arms, strata, categories = day[b, low:], arm[b, low:], stratum[b, low:], category[b, low:]
        for i in range(n):
            base[i] = (np.uint32(arms[i]) * np.uint32(n_strata) + np.uint32(strata[i])) * np.uint32(width)
        count_complete(base, categories, complete, final, tally)
        for i in range(complete, n):
            wait = np.int64(late[b, low + i]) if delayed else 0
            follow_up = np.uint64(min(max(seen - wait - days[i], 0), horizon))
            history = np.uint64(part[np.uint64(categories[i])])
            tally[np.uint64(base[i]) + np.uint64(known[follow_up, history])] += _COUNT
        counts = out[b].reshape(-1)
        for k in range(places):
            counts[k] = tally[k] + tally[places + k] + tally[2 * places + k] + tally[3 * places + k]
        tally[:] = 0


@inner
def nth_day(day: Any, stratum: Any, arm: Any, n: int, counts: Any, target: int) -> Any:
    """Day of entry of patient number `target` of the counted cells among the first n, -1 when there are fewer."""
    total = 0
    for i in range(n):
        total += counts[arm[i], stratum[i]]
        if total >= target:
            return np.int64(day[i])
    return -1


@kernel
def days_reached(
    day: Any,
    stratum: Any,
    arm: Any,
    category: Any,
    part: Any,
    after: Any,
    counts: Any,
    last: Any,
    target: Any,
    late: Any,
    out: Any,
) -> None:
    """First day out[b] on which target[b] of the patients before last[b] have counted, -1 when they never do.

    A patient counts after[history] days after the day of entry and late (B, N) days more, never when the first is
    negative; counts bool (A, S) says which cells are counted at all.
    """
    wait = after[0]
    delayed = late.shape[1] > 0
    in_order = not delayed and wait >= 0 and (after == wait).all()
    latest: Any = 0
    for b in range(last.shape[0]):
        if last[b] > 0:
            latest = max(latest, np.int64(day[b, last[b] - 1]))
    longest: Any = max(np.int64(after.max()), 0)
    if delayed:
        longest += np.int64(late.max())
    tally = np.zeros(latest + longest + 1, np.int64)
    for b in range(last.shape[0]):
        out[b] = 0 if target[b] <= 0 else -1
        if in_order and target[b] > 0:
            entry = nth_day(day[b], stratum[b], arm[b], last[b], counts, target[b])
            out[b] = entry + wait if entry >= 0 else -1
        elif target[b] > 0:
            end = 0
            for i in range(last[b]):
                days = after[np.uint64(part[np.uint64(category[b, i])])]
                if days >= 0 and counts[arm[b, i], stratum[b, i]]:
                    days += np.int64(late[b, i]) if delayed else 0
                    tally[day[b, i] + days] += 1
                    end = max(end, day[b, i] + days)
            total = 0
            for d in range(end + 1):
                total += tally[d]
                if total >= target[b] and out[b] < 0:
                    out[b] = d
                tally[d] = 0


@kernel
def entered_by(day: Any, last: Any, look: Any, out: Any) -> None:
    """Number out[b] of the patients before last[b] who entered by day look[b]."""
    for b in range(last.shape[0]):
        out[b] = entered(day[b], last[b], look[b])
