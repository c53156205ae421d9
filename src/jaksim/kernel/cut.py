"""Complete data cut at a date: what an analysis on that day sees of each patient."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner, kernel

PARTS = 4
_THREE = np.uint64(PARTS - 1)
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
def cells_of(arm: Any, stratum: Any, n: int, n_strata: int, out: Any) -> None:
    """Cells out uint32 (>= n,) of n patients: arm * n_strata + stratum."""
    for i in range(n):
        out[i] = np.uint32(arm[i]) * np.uint32(n_strata) + np.uint32(stratum[i])


@inner
def count_complete(cell: Any, width: int, category: Any, first: int, last: int, final: Any, tally: Any) -> None:
    """Add patients first .. last - 1 to tally, uint32 (PARTS * places,), at cell * width + final[category].

    Neighbours go to different parts because an addition to the place of the addition before it would have to wait.
    """
    part = np.uint64(tally.shape[0] // PARTS)
    wide = np.uint32(width)
    cells, categories = cell[first:], category[first:]
    n = max(last - first, 0)
    fours = np.uint64(n // PARTS)
    for i in range(fours):
        for j in range(np.uint64(PARTS)):
            k = np.uint64(PARTS) * i + j
            tally[part * j + cells[k] * wide + final[np.uint64(categories[k])]] += _COUNT
    for rest in range(fours * np.uint64(PARTS), np.uint64(n)):
        tally[cells[rest] * wide + final[np.uint64(categories[rest])]] += _COUNT


@inner
def add_parts(tally: Any, out: Any) -> None:
    """Add the sum of the parts of a tally to out (places,), and begin the tally anew."""
    places = out.shape[0]
    for k in range(places):
        out[k] += tally[k] + tally[places + k] + tally[2 * places + k] + tally[3 * places + k]
    tally[:] = 0


@kernel
def cut_tables(
    day: Any,
    stratum: Any,
    arm: Any,
    category: Any,
    part: Any,
    known: Any,
    row: Any,
    first: Any,
    last: Any,
    look: Any,
    lag: int,
    late: Any,
    counted: Any,
    before: Any,
    out: Any,
) -> None:
    """Counts out (R, A, S, K) of patients first[r] .. last[r] - 1 of row[r] who entered by day look[r].

    category (B, N) is the joint category of each patient, part (joint categories,) its history, and known (H + 1,
    histories) what a history is known as after so many days of follow-up, `lag` days later and, where late (B, N) has
    patients, so many more days. before (B, A * S * K) are the counts of the first counted int64 (B,) patients of each
    row, complete on an earlier day, and become those of all who are complete on this; (B, 0) keeps none.
    """
    delayed = late.shape[1] > 0
    horizon = known.shape[0] - 1
    _, n_arms, n_strata, width = out.shape
    places = n_arms * n_strata * width
    kept = before.shape[1] > 0
    tally = np.zeros(PARTS * places, np.uint32)
    cell = np.empty(day.shape[1], np.uint32)
    days_late = np.empty(day.shape[1], np.int64)
    final = np.empty(part.shape[0], np.uint32)
    for j in range(part.shape[0]):
        final[j] = known[horizon, part[j]]
    for r in range(row.shape[0]):
        b = row[r]
        low = first[r]
        seen = look[r] - lag
        n = max(entered(day[b], last[r], look[r]) - low, 0)
        complete = 0 if delayed else max(entered(day[b], low + n, seen - horizon) - low, 0)
        if kept and complete < counted[b]:
            counted[b] = 0
            before[b, :] = 0.0
        begun = counted[b] if kept else 0
        # Rows from the first patient to be counted on, whose numbers are then known not to be counted from the end.
        low, n, complete = low + begun, n - begun, complete - begun
        days, categories = day[b, low:], category[b, low:]
        counts = out[r].reshape(-1)
        cells_of(arm[b, low:], stratum[b, low:], n, n_strata, cell)
        count_complete(cell, width, categories, 0, complete, final, tally)
        if kept:
            add_parts(tally, before[b])
            counted[b] = begun + complete
        if delayed:
            for i in range(n):
                days_late[i] = days[i] + late[b, low + i]
        else:
            for i in range(complete, n):
                days_late[i] = days[i]
        for i in range(np.uint64(complete), np.uint64(max(complete, n))):
            follow_up = np.uint64(min(max(seen - days_late[i], 0), horizon))
            history = np.uint64(part[np.uint64(categories[i])])
            place = np.uint64(cell[i]) * np.uint64(width) + np.uint64(known[follow_up, history])
            tally[np.uint64(places) * (i & _THREE) + place] += _COUNT
        counts[:] = 0.0
        if kept:
            counts[:] = before[b]
        add_parts(tally, counts)


@inner
def nth_day(day: Any, stratum: Any, arm: Any, n: int, counts: Any, target: int) -> Any:
    """Day of entry of patient number `target` of the counted cells among the first n, -1 when there are fewer."""
    if counts.all():
        return np.int64(day[target - 1]) if target <= n else np.int64(-1)
    total = 0
    for i in range(n):
        total += counts[arm[i], stratum[i]]
        if total >= target:
            return np.int64(day[i])
    return np.int64(-1)


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
    # Behind the days is a place for those who never count.
    never = np.uint64(latest + longest + 1)
    tally = np.zeros(0 if in_order else latest + longest + 2, np.uint32)
    waits = np.empty(part.shape[0], np.int64)
    for j in range(part.shape[0]):
        waits[j] = after[part[j]]
    for b in range(last.shape[0]):
        out[b] = 0 if target[b] <= 0 else -1
        if in_order and target[b] > 0:
            entry = nth_day(day[b], stratum[b], arm[b], last[b], counts, target[b])
            out[b] = entry + wait if entry >= 0 else -1
        elif target[b] > 0:
            for i in range(np.uint64(max(last[b], 0))):
                days: Any = waits[np.uint64(category[b, i])]
                # Selected by arithmetic, since a branch would often be mispredicted.
                used = (days >= 0) & counts[np.uint64(arm[b, i]), np.uint64(stratum[b, i])]
                days += np.int64(day[b, i]) + (np.int64(late[b, i]) if delayed else 0)
                tally[np.uint64(days) if used else never] += _COUNT
            total: Any = 0
            for d in range(never):
                total += np.int64(tally[d])
                if total >= target[b]:
                    out[b] = np.int64(d)
                    break
            tally[:] = 0


@kernel
def entered_by(day: Any, last: Any, look: Any, out: Any) -> None:
    """Number out[b] of the patients before last[b] who entered by day look[b]."""
    for b in range(last.shape[0]):
        out[b] = entered(day[b], last[b], look[b])


@kernel
def complete_tables(
    stratum: Any,
    arm: Any,
    category: Any,
    automaton: Any,
    final: Any,
    width: Any,
    n_strata: int,
    row: Any,
    first: Any,
    last: Any,
    cells: int,
    out: Any,
) -> None:
    """Counts of the complete outcomes of several endpoints, of patients first[r] .. last[r] - 1 of row[r].

    category (automata, B, N); endpoint e reads automaton[e], whose categories are those in final[e] uint32, of which
    there are width[e]. out float64 (R * cells * sum of widths,): the tables (R, cells, width[e]) one endpoint after the
    other.
    """
    places = cells * width
    tally = np.zeros(PARTS * places.max(), np.uint32)
    base = np.empty(stratum.shape[1], np.uint32)
    for r in range(row.shape[0]):
        b, low = row[r], first[r]
        n = max(last[r] - low, 0)
        cells_of(arm[b, low:], stratum[b, low:], n, n_strata, base)
        start = 0
        for e in range(width.shape[0]):
            part = tally[: PARTS * places[e]]
            count_complete(base, width[e], category[automaton[e], b, low:], 0, n, final[e], part)
            counts = out[start + r * places[e] : start + (r + 1) * places[e]]
            counts[:] = 0.0
            add_parts(part, counts)
            start += row.shape[0] * places[e]


@kernel
def cell_sizes(stratum: Any, arm: Any, n_strata: int, last: Any, out: Any) -> None:
    """Patients out (B, C) by cell among the first last[b]."""
    base = np.empty(stratum.shape[1], np.uint32)
    tally = np.zeros(PARTS * out.shape[1], np.uint32)
    cells = np.uint64(out.shape[1])
    for b in range(last.shape[0]):
        n = last[b]
        cells_of(arm[b], stratum[b], n, n_strata, base)
        for i in range(np.uint64(n)):
            tally[cells * (i & _THREE) + base[i]] += _COUNT
        out[b] = 0
        add_parts(tally, out[b])
