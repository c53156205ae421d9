"""Local levels of every set of hypotheses that are not rejected yet.

A set is written as a number whose bit i stands for hypothesis i. A procedure that gives every set weights for its
hypotheses, which only grow as the set shrinks, rejects in any order what lies below its local level (Bretz et al.,
Stat Med 2009;28:586; Hommel, Bretz and Maurer, Stat Med 2007;26:4063).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats


def members(n: int) -> NDArray[np.bool_]:
    """Which of n hypotheses each set holds (2**n, n)."""
    return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1)


def graph_weights(weights: ArrayLike, transitions: ArrayLike) -> Floats:
    """Weights (2**m, m) of every set under the graph with weights (m,) and transitions (m, m).

    Algorithm 1 of Bretz et al. (2009): a rejected hypothesis hands its weight on along its edges, and edges that led to
    it lead past it.
    """
    start, edges = np.asarray(weights, dtype=np.float64), np.asarray(transitions, dtype=np.float64)
    m = len(start)
    weight, graph = np.zeros((2**m, m)), np.zeros((2**m, m, m))
    weight[-1], graph[-1] = start, edges
    for chosen in range(2**m - 2, -1, -1):
        gone = next(i for i in range(m) if not chosen >> i & 1)
        before = chosen | 1 << gone
        weight[chosen], graph[chosen] = _without(gone, weight[before], graph[before])
    return np.where(members(m), weight, 0.0)


def _without(gone: int, weight: Floats, graph: Floats) -> tuple[Floats, Floats]:
    left = weight + weight[gone] * graph[gone]
    left[gone] = 0.0
    there_and_back = graph[:, gone] * graph[gone, :]
    through = graph + np.outer(graph[:, gone], graph[gone])
    remains = 1.0 - there_and_back[:, None]
    edges = np.divide(through, remains, out=np.zeros_like(graph), where=remains > 1e-12)
    edges[gone], edges[:, gone] = 0.0, 0.0
    np.fill_diagonal(edges, 0.0)
    return left, edges


def equal_weights(m: int) -> Floats:
    """Weights of Holm's procedure: all of a set alike."""
    inside = members(m)
    return np.asarray(inside / np.maximum(inside.sum(axis=1, keepdims=True), 1))


def serial_weights(families: Sequence[Sequence[int]], m: int) -> Floats:
    """Weights (2**m, m) where a family is tested, by Holm's procedure, once every family before it is rejected.

    Families of one hypothesis make a fixed sequence.
    """
    inside = members(m)
    weight = np.zeros(inside.shape)
    waiting = np.ones(len(inside), dtype=np.bool_)
    for family in families:
        here = inside[:, family] & waiting[:, None]
        weight[:, family] = here / np.maximum(here.sum(axis=1, keepdims=True), 1)
        waiting &= ~here.any(axis=1)
    return weight


def parallel_graph(families: Sequence[Sequence[int]], m: int) -> tuple[Floats, Floats]:
    """The graph in which each rejected hypothesis of a family hands its weight on to all of the next family, the last
    of which is tested by Holm's procedure (Dmitrienko, Offen and Westfall, Stat Med 2003;22:2387)."""
    weight, edges = np.zeros(m), np.zeros((m, m))
    weight[list(families[0])] = 1.0 / len(families[0])
    for family, following in zip(families, [*families[1:], families[-1]], strict=True):
        for i in family:
            others = [j for j in following if j != i]
            edges[i, others] = 1.0 / len(others) if others else 0.0
    return weight, edges
