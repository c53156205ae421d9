"""Sojourns of patients with intensities of their own, as `jaksim.kernel.courses` takes others through theirs.

A move belongs to a group of moves, all intensities of which a patient has a factor of; group 0 has the factor 1. Where
no move is of another group every number is computed as for patients who are all alike.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.courses import BATCH, Courses, arrive, begin, change, change_on, draw_words, go_on
from jaksim.kernel.individual.exponent import exponent
from jaksim.kernel.jit import apart, inlined, inner
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.walk import Memories, Processes

NEVER = 1e300
_WORDS = 4294967296.0
_ZERO = np.uint64(0)
_ONE = np.uint64(1)


class Groups(NamedTuple):
    """Intensities by group of moves. A row is node * J + piece.

    coefficient (all groups, T) of each term in the logarithm of the factor: those of cell c are first[c] ..
    first[c + 1] - 1, and are numbered from 0 within it. start (row,) day of a piece; hazard and exit (G, row) as in
    `Processes.pieces`, later (G, (J - 1) * row) as `Processes.later`. Destination d of a row has rate (D * row) in
    group (D * row); where all of them are of one group the row is `alike`, and threshold (D * row) are its chances.
    """

    coefficient: Any
    first: Any
    start: Any
    hazard: Any
    exit: Any
    later: Any
    rate: Any
    group: Any
    alike: Any
    threshold: Any


class Factors(NamedTuple):
    """Factors (G, BATCH) of the groups for each patient of a batch, and room (BATCH,)."""

    factor: Any
    total: Any
    running: Any
    reach: Any


@inlined
def empty_factors(n_groups: int) -> Any:
    """Room for a batch."""
    return Factors(
        factor=np.ones((n_groups, BATCH), np.float64),
        total=np.empty(BATCH, np.float64),
        running=np.empty(BATCH, np.float64),
        reach=np.empty(BATCH, np.float64),
    )


@apart
def find_factors(g: Groups, factors: Factors, term: Any, cell: int, n: int) -> None:
    """The factors of n patients of a cell with these terms (T, BATCH)."""
    first = g.first[cell]
    for j in range(1, g.first[cell + 1] - first):
        for i in range(n):
            factors.running[i] = 0.0
        for t in range(term.shape[0]):
            weight = g.coefficient[first + j, t]
            if weight != 0.0:
                for i in range(n):
                    factors.running[i] += weight * term[t, i]
        for i in range(n):
            factors.factor[j, i] = exponent(factors.running[i])


@apart
def spend_through(g: Groups, c: Courses, f: Factors, j: Any, n: int) -> None:
    """Add the exit hazard of one group from day 0 until now."""
    for i in range(n):
        at = c.at[i]
        c.spent[i] += f.factor[j, c.place[i]] * (g.hazard[j, at] + (c.time[i] - g.start[at]) * g.exit[j, at])


@apart
def spend(g: Groups, c: Courses, f: Factors, n_groups: int, half: int, n: int) -> None:
    """Exit hazard accumulated from day 0 until each patient leaves her state, and the piece that it is counted from."""
    wait = 2 * half
    for i in range(n):
        c.spent[i] = 0.0
    for j in range(n_groups):
        spend_through(g, c, f, j, n)
    for i in range(n):
        c.spent[i] += exponential(c.words[wait, i])
        c.last[i] = c.at[i]


@apart
def add_later(g: Groups, c: Courses, f: Factors, j: Any, first: Any, n: int) -> None:
    """Add the hazard of one group until a later piece."""
    for i in range(n):
        f.reach[i] += f.factor[j, c.place[i]] * g.later[j, first + c.at[i]]


@apart
def pass_piece(g: Groups, c: Courses, f: Factors, n_groups: int, first: Any, n: int) -> Any:
    """Go on to the next of the later pieces, listed from `first` on, where a patient lasts until it; does anybody?"""
    for i in range(n):
        f.reach[i] = 0.0
    for j in range(n_groups):
        add_later(g, c, f, j, first, n)
    some = _ZERO
    for i in range(n):
        passed = np.uint64(c.spent[i] >= f.reach[i])
        c.last[i] += passed
        some |= passed
    return some


@apart
def add_exit(g: Groups, c: Courses, f: Factors, j: Any, n: int) -> None:
    """Add the exit hazard until the piece, and the exit intensity in it, of one group."""
    for i in range(n):
        f.reach[i] += f.factor[j, c.place[i]] * g.hazard[j, c.last[i]]
        f.total[i] += f.factor[j, c.place[i]] * g.exit[j, c.last[i]]


@apart
def leave(g: Groups, c: Courses, f: Factors, n_groups: int, horizon: Any, n: int) -> None:
    """The time at which each patient leaves her state, and the first day whose end is not before, or horizon + 1."""
    latest = np.float64(horizon) + 0.5
    for i in range(n):
        f.reach[i] = 0.0
        f.total[i] = 0.0
    for j in range(n_groups):
        add_exit(g, c, f, j, n)
    for i in range(n):
        pace = 1.0 / f.total[i] if f.total[i] > 0.0 else NEVER
        until = g.start[c.last[i]] + (c.spent[i] - f.reach[i]) * pace
        c.time[i] = max(c.time[i], until)
        c.day[i] = max(c.day[i], np.uint64(np.int64(np.ceil(min(c.time[i], latest)))))
        c.chosen[i] = c.last[i]
        f.running[i] = 0.0


@apart
def choose(g: Groups, c: Courses, f: Factors, half: int, first: Any, rows: Any, n: int) -> None:
    """Go on to the next destination, `rows` places further, where a patient's word is not below its chance and those
    before, listed from `first` on."""
    word = 2 * half + 1
    for i in range(n):
        at = first + c.last[i]
        f.running[i] += f.factor[g.group[at], c.place[i]] * g.rate[at]
        limit = g.threshold[at] if g.alike[c.last[i]] else f.running[i] / f.total[i] * _WORDS
        passed = np.uint64(np.float64(np.int64(c.words[word, i])) >= limit)
        c.chosen[i] += rows & (_ZERO - passed)


@inner
def sojourn(p: Processes, m: Memories, g: Groups, c: Courses, f: Factors, n_groups: int, n: int, half: int) -> None:
    """Take the n patients under way through one sojourn each."""
    rows = np.uint64(m.row.shape[0])
    spend(g, c, f, n_groups, half, n)
    for j in range(p.n_pieces - _ONE):
        if pass_piece(g, c, f, n_groups, j * rows, n) == _ZERO:
            break
    leave(g, c, f, n_groups, m.horizon, n)
    for d in range(p.n_destinations - _ONE):
        choose(g, c, f, half, d * rows, rows, n)
    for a in range(np.uint64(c.memory.shape[0])):
        if m.again[a]:
            change_on(m, c, a, n)
        else:
            change(c, a, n)
    arrive(p, c, n)


@inner
def follow(
    p: Processes, m: Memories, g: Groups, c: Courses, f: Factors, n_groups: int, n: int, k0: Any, k1: Any
) -> None:
    """Follow the n patients of a batch, whose starting nodes are in c.at, until everything is decided, into c.found."""
    begin(p, m, c, n)
    for i in range(n):
        c.place[i] = i
        c.open[i] = _ZERO
    turn = 0
    under_way = n
    while True:
        under_way = go_on(m, c, under_way, turn % 2 == 1)
        if under_way == 0:
            break
        if turn % 2 == 0:
            draw_words(c, np.uint64(turn // 2), under_way, k0, k1)
        sojourn(p, m, g, c, f, n_groups, under_way, turn % 2)
        turn += 1


@inner
def follow_days(
    p: Processes, m: Memories, g: Groups, c: Courses, f: Factors, n_groups: int, n: int, k0: Any, k1: Any, state: Any
) -> None:
    """Daily states (n, H + 1) of the n patients of a batch, whose starting nodes are in c.at."""
    begin(p, m, c, n)
    for i in range(n):
        c.place[i] = i
        state[i, 0] = p.state[c.at[i] // p.n_pieces]
    turn, going = 0, True
    while going:
        if turn % 2 == 0:
            draw_words(c, np.uint64(turn // 2), n, k0, k1)
        for i in range(n):
            # Those that hold from the day on; later states are written over them.
            for day in range(c.day[i], m.horizon + _ONE):
                state[i, day] = p.state[c.at[i] // p.n_pieces]
        sojourn(p, m, g, c, f, n_groups, n, turn % 2)
        turn += 1
        going = False
        for i in range(n):
            going |= c.day[i] <= m.horizon
