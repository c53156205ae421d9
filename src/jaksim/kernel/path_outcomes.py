"""The history of each enrolled patient, walked through the disease process of the cell and read by every automaton."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.paths import daily_states
from jaksim.kernel.philox import block
from jaksim.kernel.walk import Memories, Processes, arriving, first_day_after, leaving, remember

_PURPOSE = np.uint64(24)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_TWO = np.uint64(2)
_THREE = np.uint64(3)


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
    memory = np.empty(m.start.shape[0], np.uint64)
    for b in range(first.shape[0]):
        replicate = np.uint64(first_replicate + b)
        for i in range(first[b], last[b]):
            c = np.int64(arm[b, i]) * n_strata + stratum[b, i]
            who = np.uint64(number[b, i])
            address = np.uint64(c) | purposes[0] << _PURPOSE
            node = first_node(p, c, who, replicate, np.uint64(c) | purposes[1] << _PURPOSE, k0, k1)
            for a in range(memory.shape[0]):
                memory[a] = m.first[np.uint64(a), p.state[node]]
            piece, time, day, turn = _ZERO, 0.0, _ONE, _ZERO
            wait_2, choice_2 = _ZERO, _ZERO
            while day <= m.horizon and p.open[node]:
                if turn & _ONE == _ZERO:
                    wait, choice, wait_2, choice_2 = block(turn >> _ONE, who, replicate, address, k0, k1)
                else:
                    wait, choice = wait_2, choice_2
                piece, time = leaving(p, node, piece, time, exponential(np.uint32(wait)))
                entered = first_day_after(time, m.horizon)
                for a in range(memory.shape[0]):
                    memory[a] = remember(m, a, memory[a], p.state[node], day, entered)
                node = arriving(p, node, piece, choice)
                day = entered
                turn += _ONE
            for a in range(memory.shape[0]):
                final = memory[a]
                if day <= m.horizon:
                    final = remember(m, a, final, p.state[node], day, m.horizon + _ONE)
                e = m.endpoint[a]
                out[a, b, i] = np.int64(m.category[m.category_start[e] + final]) - first_category[a]


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
