"""The history of each enrolled patient, walked through the disease process of the cell and read by every automaton."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.courses import BATCH, CATEGORY, Courses, begin, draw_types, empty_courses, follow
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.paths import daily_states
from jaksim.kernel.philox import block
from jaksim.kernel.walk import Memories, Processes

_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_TWO = np.uint64(2)
_THREE = np.uint64(3)
_REPLICATE = np.uint64(32)
_CELL = np.uint64((1 << 24) - 1)


@inner
def first_node(p: Processes, cell: int, number: Any, replicate: Any, address: Any, k0: Any, k1: Any) -> Any:
    """Starting node of a patient of a cell; patient i has word i of the stream, as in `jaksim.kernel.paths`."""
    chosen = p.starts[cell]
    if p.starts[cell + 1] - chosen > 1:
        words = block(number >> _TWO, _ZERO, replicate, address, k0, k1)
        word = words[np.int64(number & _THREE)]
        for j in range(p.starts[cell], p.starts[cell + 1] - 1):
            chosen += word >= p.type_threshold[j]
    return p.type_node[chosen]


@inner
def follow_from_start(p: Processes, m: Memories, courses: Courses, n: int, purposes: Any, k0: Any, k1: Any) -> None:
    """Follow the n patients of a batch, whose streams and addresses are known, from randomisation on."""
    n_cells = p.starts.shape[0] - 1
    if p.type_node.shape[0] > n_cells:
        draw_types(courses, n, (purposes[0] ^ purposes[1]) << _PURPOSE, k0, k1)
    for i in range(n):
        cell = np.int64(courses.address[i] & _CELL)
        chosen = p.starts[cell]
        for j in range(p.starts[cell], p.starts[cell + 1] - 1):
            chosen += courses.chosen[i] >= p.type_threshold[j]
        courses.at[i] = p.type_node[chosen]
    begin(p, m, courses, n)
    follow(p, m, courses, n, k0, k1)


@inner
def write_categories(
    m: Memories, courses: Courses, n: int, first_category: Any, row: Any, column: Any, out: Any
) -> None:
    """Category of each automaton of the n patients of a batch into out (A, B, N), counted from its first."""
    for a in range(out.shape[0]):
        start = m.category_start[m.endpoint[a]]
        for i in range(n):
            found = m.category[start + (np.uint64(courses.found[a, i]) & CATEGORY)]
            out[a, row[i], column[i]] = np.int64(found) - first_category[a]


@kernel
def path_outcomes(
    p: Processes,
    m: Memories,
    first_category: Any,
    n_strata: int,
    purposes: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    first: Any,
    last: Any,
    stratum: Any,
    arm: Any,
    number: Any,
    out: Any,
) -> None:
    """Category of each automaton of patients first[b] .. last[b] - 1 into out (A, B, N) int32.

    A patient has the stream of its cell, arm * n_strata + stratum, and of its number (B, N) among the candidates.
    first_category int64 (A,): number of an automaton's first category in `m`, which counts through all of them.
    """
    courses = empty_courses(m.start.shape[0])
    row = np.empty(BATCH, np.int64)
    column = np.empty(BATCH, np.int64)
    n = 0
    for b in range(first.shape[0]):
        replicate = np.uint64(first_replicate + b) << _REPLICATE
        for i in range(first[b], last[b]):
            c = np.uint64(arm[b, i]) * np.uint64(n_strata) + np.uint64(stratum[b, i])
            courses.stream[n] = replicate | np.uint64(number[b, i])
            courses.address[n] = c | purposes[0] << _PURPOSE
            row[n], column[n] = b, i
            n += 1
            if n == BATCH:
                follow_from_start(p, m, courses, n, purposes, k0, k1)
                write_categories(m, courses, n, first_category, row, column, out)
                n = 0
    follow_from_start(p, m, courses, n, purposes, k0, k1)
    write_categories(m, courses, n, first_category, row, column, out)


@kernel
def cohort_states(
    p: Processes,
    horizon: Any,
    n_strata: int,
    purposes: Any,
    replicate: Any,
    k0: Any,
    k1: Any,
    stratum: Any,
    arm: Any,
    number: Any,
    out: Any,
) -> None:
    """Daily states into out (n, horizon + 1) int8 of the n patients of one replicate whom `path_outcomes` reads."""
    for i in range(out.shape[0]):
        c = np.int64(arm[i]) * n_strata + stratum[i]
        who = np.uint64(number[i])
        node = first_node(p, c, who, replicate, np.uint64(c) | purposes[1] << _PURPOSE, k0, k1)
        daily_states(p, horizon, node, who, replicate, np.uint64(c) | purposes[0] << _PURPOSE, k0, k1, out[i])
