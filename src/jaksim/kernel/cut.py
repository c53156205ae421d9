"""Complete data cut at a date: what an analysis on that day sees of each patient."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import kernel


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
    out: Any,
) -> None:
    """Counts out (B, A, S, K) of patients first[b] .. last[b] - 1 who entered by day look[b].

    category (B, N) is the joint category of each patient, part (joint categories,) its history, and known (H + 1,
    histories) what a history is known as after so many days of follow-up.
    """
    horizon = known.shape[0] - 1
    out[:] = 0.0
    for b in range(first.shape[0]):
        seen = look[b] - lag
        for i in range(first[b], last[b]):
            if day[b, i] > look[b]:
                break
            follow_up = min(max(seen - day[b, i], 0), horizon)
            out[b, arm[b, i], stratum[b, i], known[follow_up, part[category[b, i]]]] += 1.0


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
    out: Any,
) -> None:
    """First day out[b] on which target[b] of the patients before last[b] have counted, -1 when they never do.

    A patient counts after[history] days after the day of entry, never when that is negative; counts bool (A, S) says
    which cells are counted at all.
    """
    latest: Any = 0
    for b in range(last.shape[0]):
        if last[b] > 0:
            latest = max(latest, np.int64(day[b, last[b] - 1]))
    longest: Any = max(np.int64(after.max()), 0)
    tally = np.zeros(latest + longest + 1, np.int64)
    for b in range(last.shape[0]):
        out[b] = -1
        end = 0
        for i in range(last[b]):
            wait = after[part[category[b, i]]]
            if wait >= 0 and counts[arm[b, i], stratum[b, i]]:
                tally[day[b, i] + wait] += 1
                end = max(end, day[b, i] + wait)
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
        low, high = 0, last[b]
        while low < high:
            middle = (low + high) // 2
            if day[b, middle] <= look[b]:
                low = middle + 1
            else:
                high = middle
        out[b] = low
