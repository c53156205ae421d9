"""Patients with characteristics of their own: their tables for a block of replicates, or a row for each of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.courses import BATCH, CATEGORY, Courses, empty_courses
from jaksim.kernel.individual.people import Found, People, draw_people, empty_found
from jaksim.kernel.individual.sojourns import (
    Factors,
    Groups,
    empty_factors,
    find_factors,
    follow,
    follow_days,
)
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.paths import count, draw_starts, move_tally
from jaksim.kernel.philox import PLANES
from jaksim.kernel.walk import Memories, Processes

_PURPOSE = np.uint64(24)
_REPLICATE = np.uint64(32)


class Plan(NamedTuple):
    """All that patients are drawn from.

    purposes (4,) uint64 of paths, kinds of patients, characteristics and those of sites; n_strata, since cell is
    arm * n_strata + stratum. A patient whose characteristic number `onset` is v starts onset_node[v] nodes further than
    her kind of patient does; -1 where nothing counts from it.
    """

    processes: Processes
    memories: Memories
    groups: Groups
    people: People
    purposes: Any
    n_strata: int
    onset: int
    onset_node: Any


@inner
def fill_batch(
    plan: Plan, sizes: Any, c: int, at: Any, n: int, first_replicate: int, k0: Any, k1: Any, courses: Courses,
    planes: Any,
) -> None:  # fmt: skip
    """Streams and starting nodes of the next n patients of a cell, from replicate at[0] and patient at[1] on."""
    address = np.uint64(c) | plan.purposes[1] << _PURPOSE
    b, patient, filled = at[0], at[1], 0
    while filled < n:
        more = min(n - filled, sizes[b, c] - patient)
        replicate = np.uint64(first_replicate + b)
        nodes = courses.at[filled : filled + more]
        draw_starts(plan.processes, c, patient, more, replicate, address, k0, k1, planes, nodes)
        for i in range(more):
            courses.stream[filled + i] = replicate << _REPLICATE | np.uint64(patient + i)
        filled += more
        patient += more
        if patient == sizes[b, c]:
            b, patient = b + 1, 0
    at[0], at[1] = b, patient


@inner
def draw_batch(plan: Plan, c: int, n: int, k0: Any, k1: Any, courses: Courses, found: Found, f: Factors) -> None:
    """Draw what the n patients of a batch of one cell bring along, and where they start."""
    g = plan.groups
    draw_people(plan.people, courses, found, c, c % plan.n_strata, plan.purposes[2:], n, k0, k1)
    find_factors(g, f, found.term, c, n)
    if plan.onset >= 0:
        for i in range(n):
            courses.at[i] += plan.onset_node[np.int64(found.value[plan.onset, i])]


@inner
def follow_batch(plan: Plan, c: int, n: int, k0: Any, k1: Any, courses: Courses, found: Found, f: Factors) -> None:
    """Draw the n patients of a batch of one cell and follow them."""
    g = plan.groups
    draw_batch(plan, c, n, k0, k1, courses, found, f)
    follow(plan.processes, plan.memories, g, courses, f, g.first[c + 1] - g.first[c], n, k0, k1)


@kernel
def draw_individual_tables(
    plan: Plan, sizes: Any, first_replicate: int, k0: Any, k1: Any, table_start: Any, table_size: Any, out: Any
) -> None:
    """Fill `out` with counts, as `jaksim.kernel.paths.draw_path_tables`; sizes (B, C) int64."""
    planes = np.empty((PLANES, BATCH // PLANES + 1), np.uint32)
    courses = empty_courses(plan.memories.start.shape[0])
    found = empty_found(plan.people.n_latents, plan.people.latent.shape[0], plan.people.term_of.shape[0])
    factors = empty_factors(plan.groups.exit.shape[0])
    tally = np.zeros((2, table_size.sum()), np.int64)
    at = np.zeros(2, np.int64)
    out[:] = 0.0
    n_cells = sizes.shape[1]
    for c in range(n_cells):
        courses.address[:] = np.uint64(c) | plan.purposes[0] << _PURPOSE
        at[:] = 0
        left = sizes[:, c].sum()
        while left > 0:
            n = min(BATCH, left)
            left -= n
            row, seen = at[0], at[1]
            fill_batch(plan, sizes, c, at, n, first_replicate, k0, k1, courses, planes)
            follow_batch(plan, c, n, k0, k1, courses, found, factors)
            counted = 0
            while counted < n:
                more = min(n - counted, sizes[row, c] - seen)
                count(plan.memories, counted, more, courses.found, tally)
                move_tally(tally, row * n_cells + c, table_start, table_size, out)
                counted += more
                row, seen = row + 1, 0


@inner
def write_rows(
    m: Memories, courses: Courses, found: Found, first_category: Any, first: int, n: int, row: int, category: Any,
    value: Any,
) -> None:  # fmt: skip
    """Categories and characteristics of patients first .. first + n - 1 of a batch, from a row on."""
    for a in range(courses.found.shape[0]):
        for e in range(m.endpoint[a], m.endpoint[a + 1]):
            for i in range(n):
                known = np.uint64(courses.found[a, first + i]) & CATEGORY
                category[e, row + i] = np.int64(m.category[m.category_start[e] + known]) - first_category[e]
    for k in range(found.value.shape[0]):
        for i in range(n):
            value[row + i, k] = found.value[k, first + i]


@kernel
def draw_individual_rows(
    plan: Plan,
    sizes: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    first_category: Any,
    first_row: Any,
    kind: Any,
    category: Any,
    value: Any,
) -> None:
    """Categories (E, n) int32, starting nodes `kind` (n,) int64 and characteristics (n, P) of every patient; those of
    replicate b and cell c from row first_row[b, c] on."""
    planes = np.empty((PLANES, BATCH // PLANES + 1), np.uint32)
    courses = empty_courses(plan.memories.start.shape[0])
    found = empty_found(plan.people.n_latents, plan.people.latent.shape[0], plan.people.term_of.shape[0])
    factors = empty_factors(plan.groups.exit.shape[0])
    started = np.empty(BATCH, np.int64)
    at = np.zeros(2, np.int64)
    for c in range(sizes.shape[1]):
        courses.address[:] = np.uint64(c) | plan.purposes[0] << _PURPOSE
        at[:] = 0
        left = sizes[:, c].sum()
        while left > 0:
            n = min(BATCH, left)
            left -= n
            b, seen = at[0], at[1]
            fill_batch(plan, sizes, c, at, n, first_replicate, k0, k1, courses, planes)
            for i in range(n):
                started[i] = np.int64(courses.at[i])
            follow_batch(plan, c, n, k0, k1, courses, found, factors)
            done = 0
            while done < n:
                more = min(n - done, sizes[b, c] - seen)
                row = first_row[b, c] + seen
                write_rows(plan.memories, courses, found, first_category, done, more, row, category, value)
                for i in range(more):
                    kind[row + i] = started[done + i]
                done += more
                b, seen = b + 1, 0


@kernel
def draw_individual_states(
    plan: Plan, sizes: Any, replicate: int, k0: Any, k1: Any, kind: Any, value: Any, state: Any
) -> None:
    """Daily states (n, H + 1) int8 of the patients of one replicate, with starting nodes and characteristics as of
    `draw_individual_rows`; sizes (1, C)."""
    planes = np.empty((PLANES, BATCH // PLANES + 1), np.uint32)
    courses = empty_courses(0)
    found = empty_found(plan.people.n_latents, plan.people.latent.shape[0], plan.people.term_of.shape[0])
    factors = empty_factors(plan.groups.exit.shape[0])
    at = np.zeros(2, np.int64)
    row = 0
    for c in range(sizes.shape[1]):
        courses.address[:] = np.uint64(c) | plan.purposes[0] << _PURPOSE
        at[:] = 0
        left = sizes[0, c]
        while left > 0:
            n = min(BATCH, left)
            left -= n
            fill_batch(plan, sizes, c, at, n, replicate, k0, k1, courses, planes)
            for i in range(n):
                kind[row + i] = np.int64(courses.at[i])
            draw_batch(plan, c, n, k0, k1, courses, found, factors)
            g, days = plan.groups, state[row : row + n]
            follow_days(
                plan.processes, plan.memories, g, courses, factors, g.first[c + 1] - g.first[c], n, k0, k1, days
            )
            for k in range(found.value.shape[0]):
                for i in range(n):
                    value[row + i, k] = found.value[k, i]
            row += n
