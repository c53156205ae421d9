"""Counts of daily transitions for a block of replicates: of simulated patients, or drawn as a chain of counts."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.binomial import SMALL_MEAN, draw_binomial
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.paths import draw_states
from jaksim.kernel.walk import Processes

_PURPOSE = np.uint64(24)
_FIRST = np.uint64(0)


class Chains(NamedTuple):
    """Markov chains of daily states. Groups of patients are numbered through all cells.

    starts int64 (C + 1,): the groups of cell c are starts[c] .. starts[c + 1] - 1, with shares (G,) of those from it
    on in its cell, so that the last is 1. first int64 (G,) is the state at randomisation, P (G, H, S, S) the daily
    transition probabilities, rest (G, H, S, S) the probability of a state and all states after it.
    """

    starts: Any
    shares: Any
    first: Any
    P: Any
    rest: Any


@kernel
def count_path_transitions(
    p: Processes, seen_as: Any, sizes: Any, purposes: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """Add up out (B, C, H, R, R) from the paths of `draw_states`; seen_as int64 (S,) is the score of a state, or -1."""
    horizon = out.shape[2]
    most = 0
    for b in range(len(sizes)):
        most = max(most, sizes[b].sum())
    states = np.empty((most, horizon + 1), np.int8)
    out[:] = 0.0
    for b in range(len(sizes)):
        replicate = np.uint64(first_replicate + b)
        draw_states(p, np.uint64(horizon), sizes[b], purposes, replicate, k0, k1, states)
        patient = 0
        for c in range(sizes.shape[1]):
            for _ in range(sizes[b, c]):
                before = seen_as[states[patient, 0]]
                for d in range(horizon):
                    after = seen_as[states[patient, d + 1]]
                    if before >= 0 and after >= 0:
                        out[b, c, d, before, after] += 1.0
                    before = after
                patient += 1


@inner
def binomial(n: float, p: float, stream: Any, replicate: Any, cell: Any, k0: Any, k1: Any) -> float:
    """One draw from Binomial(n, p), by the methods of `jaksim.kernel.binomial`; trial t uses block t of the stream."""
    if n <= 0.0 or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return n
    share = min(p, 1.0 - p)
    log_rest = math.log1p(-share) if n * share < SMALL_MEAN else 0.0
    drawn = draw_binomial(_FIRST, n, share, log_rest, stream, replicate, cell, k0, k1)
    return drawn if p <= 0.5 else n - drawn


@kernel
def draw_chain_transitions(
    chains: Chains, seen_as: Any, sizes: Any, purpose: Any, first_replicate: int, k0: Any, k1: Any, out: Any
) -> None:
    """Draw out (B, C, H, R, R): each day's counts from a state are multinomial given how many were in it.

    Draw number ((g * H + d) * S + r) * S + s of a cell, g counted within the cell, has the stream of that "patient";
    the splits of a cell into its groups come after all of these.
    """
    n_states = chains.P.shape[2]
    horizon = out.shape[2]
    now, after = np.empty(n_states), np.empty(n_states)
    out[:] = 0.0
    for b in range(len(sizes)):
        replicate = np.uint64(first_replicate + b)
        for c in range(sizes.shape[1]):
            cell = np.uint64(c) | purpose << _PURPOSE
            n_groups = chains.starts[c + 1] - chains.starts[c]
            left = np.float64(sizes[b, c])
            for i in range(n_groups):
                g = chains.starts[c] + i
                number = n_groups * horizon * n_states * n_states + i
                size = binomial(left, chains.shares[g], np.uint64(number), replicate, cell, k0, k1)
                left -= size
                now[:] = 0.0
                now[chains.first[g]] = size
                for d in range(horizon):
                    after[:] = 0.0
                    for r in range(n_states):
                        n = now[r]
                        if n > 0.0:
                            first = ((i * horizon + d) * n_states + r) * n_states
                            for s in range(n_states):
                                if n > 0.0 and chains.P[g, d, r, s] > 0.0:
                                    share = chains.P[g, d, r, s] / chains.rest[g, d, r, s]
                                    moved = binomial(n, share, np.uint64(first + s), replicate, cell, k0, k1)
                                    n -= moved
                                    after[s] += moved
                                    if seen_as[r] >= 0 and seen_as[s] >= 0:
                                        out[b, c, d, seen_as[r], seen_as[s]] += moved
                    now[:] = after
