"""From counts of transitions to the cells of the Markov proportional odds model: a row of covariates and of scores.

The columns of a row are the previous score (a factor), the day's basis, the stratum (a factor) and the treatment.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inner, kernel

EMPTY = 1e-10
"""A score with a smaller share of the patient-days is dropped: its threshold gap would drown in rounding."""
SILENT = -2


class Layout(NamedTuple):
    """Room for the cells of one table; the first n_cells rows, n_columns columns and n_scores scores are filled.

    scores (N, S) counts, covariates (N, p), cell int64 (N, 4): arm, stratum, day, origin. place int64 (S,): the
    column of each score among those used, -1 for one that is not. origin, stratum int64: the column of each in the
    covariates, -1 for a reference level, SILENT for a level left out because all its days end in the best or all in
    the worst score. totals (S,) of the used scores.
    """

    scores: Any
    covariates: Any
    cell: Any
    place: Any
    origin: Any
    stratum: Any
    totals: Any


@inner
def room_for(counts: Any, basis: Any) -> Layout:
    """Room for the cells of a table of counts (2, S, H, R, R)."""
    n_strata, n_states = counts.shape[1], counts.shape[4]
    n_rows = 2 * n_strata * len(basis) * n_states
    return Layout(
        np.empty((n_rows, n_states)),
        np.empty((n_rows, n_states + basis.shape[1] + n_strata)),
        np.empty((n_rows, 4), dtype=np.int64),
        np.empty(n_states, dtype=np.int64),
        np.empty(n_states, dtype=np.int64),
        np.empty(n_strata, dtype=np.int64),
        np.empty(n_states),
    )


@kernel
def layout_of(counts: Any, basis: Any, order: Any, absorbing: Any, stratified: Any) -> Any:
    """The fields of the layout of one table, cut to what is filled; arguments as for `lay_out`."""
    room = room_for(counts, basis)
    n, p, n_scores = lay_out(counts, basis, order, absorbing, stratified, room)
    scores, x, cell = room.scores[:n, :n_scores].copy(), room.covariates[:n, :p].copy(), room.cell[:n].copy()
    return scores, x, cell, room.place, room.origin, room.stratum, room.totals[:n_scores].copy()


@inner
def lay_out(counts: Any, basis: Any, order: Any, absorbing: Any, stratified: Any, room: Layout) -> Any:
    """Fill `room` from counts (2, S, H, R, R), basis (D, q) of the D <= H days used and `order` (R,) of the states.

    `order` lists the states from best to worst. Returns the numbers of cells, columns and scores.
    """
    n_strata = counts.shape[1]
    room.origin[:] = np.where(absorbing, SILENT, -1)
    room.stratum[:] = -1
    n_scores = _drop_silent(counts, len(basis), order, stratified, room)
    n_columns = 0
    n_columns = _number(room.origin, n_columns)
    first_day = n_columns
    n_columns += basis.shape[1]
    if stratified:
        n_columns = _number(room.stratum, n_columns)
    treatment = n_columns
    n_cells = 0
    for arm in range(2):
        for s in range(n_strata):
            for d in range(len(basis)):
                for r in range(len(order)):
                    if room.origin[r] == SILENT or room.stratum[s] == SILENT:
                        continue
                    total = 0.0
                    for j in range(len(order)):
                        if room.place[j] >= 0:
                            room.scores[n_cells, room.place[j]] = counts[arm, s, d, r, j]
                            total += counts[arm, s, d, r, j]
                    if total > 0.0:
                        x = room.covariates[n_cells]
                        x[: treatment + 1] = 0.0
                        if room.origin[r] >= 0:
                            x[room.origin[r]] = 1.0
                        x[first_day : first_day + basis.shape[1]] = basis[d]
                        if room.stratum[s] >= 0:
                            x[room.stratum[s]] = 1.0
                        x[treatment] = arm
                        cell = room.cell[n_cells]
                        cell[0], cell[1], cell[2], cell[3] = arm, s, d, r
                        n_cells += 1
    return n_cells, treatment + 1, n_scores


@inner
def _number(level: Any, column: int) -> int:
    """Give every level but the first that is used a column; returns the next free one."""
    seen = False
    for i in range(len(level)):
        if level[i] != SILENT:
            if seen:
                level[i] = column
                column += 1
            seen = True
    return column


@inner
def _drop_silent(counts: Any, n_days: int, order: Any, stratified: Any, room: Layout) -> int:
    """Leave out origins and strata that say nothing, until none is left; places and totals of the scores used."""
    n_states = len(order)
    ends = np.empty((max(n_states, counts.shape[1]), n_states))
    n_scores = 0
    dropped = True
    while dropped:
        dropped = False
        n_scores = _find_scores(_ends(counts, n_days, 0, room, ends), order, room)
        _ends(counts, n_days, 1, room, ends)
        dropped |= _drop(room.origin, ends, order, room, n_scores)
        if stratified:
            _ends(counts, n_days, 2, room, ends)
            dropped |= _drop(room.stratum, ends, order, room, n_scores)
    return n_scores


@inner
def _ends(counts: Any, n_days: int, by: int, room: Layout, ends: Any) -> Any:
    """Days that end in each score (level, R), in all (by = 0), by origin (1) or by stratum (2)."""
    ends[:] = 0.0
    n_states = counts.shape[3]
    for arm in range(2):
        for s in range(counts.shape[1]):
            if room.stratum[s] == SILENT:
                continue
            for d in range(n_days):
                for r in range(n_states):
                    if room.origin[r] != SILENT:
                        level = 0 if by == 0 else (r if by == 1 else s)
                        for j in range(n_states):
                            ends[level, j] += counts[arm, s, d, r, j]
    return ends[0]


@inner
def _find_scores(total: Any, order: Any, room: Layout) -> int:
    empty = EMPTY * total.sum()
    n_scores = 0
    for j in order:
        room.place[j] = -1
        if total[j] > empty:
            room.place[j] = n_scores
            room.totals[n_scores] = total[j]
            n_scores += 1
    return n_scores


@inner
def _drop(level: Any, ends: Any, order: Any, room: Layout, n_scores: int) -> bool:
    """Mark the levels without days, and those whose days all end in the best or all in the worst score."""
    dropped = False
    for i in range(len(level)):
        if level[i] == SILENT:
            continue
        size = best = worst = 0.0
        for j in order:
            if room.place[j] >= 0:
                size += ends[i, j]
                best += ends[i, j] if room.place[j] == 0 else 0.0
                worst += ends[i, j] if room.place[j] == n_scores - 1 else 0.0
        if size in (best, worst):
            level[i] = SILENT
            dropped |= size > 0.0
    return dropped
