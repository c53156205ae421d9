"""Nodes of the joint law of the latents of a stratum, one latent after the other given those before."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.quadrature.rules import chance, normal_rule
from jaksim.trial.characteristics.characteristics import Interval

LEAST: Final = 1e-15
"""Weight of a node that nobody would miss."""


@dataclass(frozen=True)
class Axis:
    """One latent: the intervals within which everything is smooth, and whether it is constant there (`steps`).

    `order` is the number of nodes in each interval of one that is not.
    """

    latent: int
    pieces: tuple[Interval, ...]
    steps: bool
    order: int = 1


def axes_in_order(axes: Sequence[Axis], correlation: Floats) -> list[list[Axis]]:
    """The axes in groups that are independent of each other, within a group those that are constant in pieces last:
    given the others, such a latent has chances of its pieces, and the last of them needs no node inside a piece."""
    left, groups = list(axes), []
    while left:
        group, reached = [left.pop(0)], 0
        while reached < len(group):
            row = correlation[group[reached].latent]
            near = [axis for axis in left if row[axis.latent] != 0.0]
            group += near
            left = [axis for axis in left if axis not in near]
            reached += 1
        groups.append(sorted(group, key=lambda axis: (axis.steps, axis.latent)))
    return groups


def nodes_of(group: Sequence[Axis], correlation: Floats, within: Mapping[int, int]) -> tuple[Floats, Floats]:
    """Latents (n, k) of the axes of one group, in its order, and weights (n,); `within` gives the nodes, by latent, of
    a piece of an axis that is constant in pieces but has others after it."""
    chosen = [axis.latent for axis in group]
    lower = np.linalg.cholesky(correlation[np.ix_(chosen, chosen)])
    points, weights = np.zeros((1, 0)), np.ones(1)
    for k, axis in enumerate(group):
        last = k == len(group) - 1
        middles = points @ lower[k, :k]
        found, chances = [], []
        for point, weight, middle in zip(points, weights.tolist(), middles.tolist(), strict=True):
            for low, high in axis.pieces:
                edges = (low - middle) / lower[k, k], (high - middle) / lower[k, k]
                if axis.steps and last:
                    nodes, shares = chance(*edges)
                else:
                    nodes, shares = normal_rule(*edges, within.get(axis.latent, 1) if axis.steps else axis.order)
                keep = weight * shares > LEAST
                for node, share in zip(nodes[keep].tolist(), shares[keep].tolist(), strict=True):
                    found.append([*point, node])
                    chances.append(weight * share)
        points, weights = np.array(found).reshape(len(found), k + 1), np.array(chances)
    return points @ lower.T, weights


def pieces_of(allowed: Sequence[Interval], breaks: Sequence[float]) -> tuple[Interval, ...]:
    """The allowed intervals, cut at the breaks."""
    found: list[Interval] = []
    for low, high in allowed:
        cuts = sorted({low, high, *(cut for cut in breaks if low < cut < high and math.isfinite(cut))})
        found += itertools.pairwise(cuts)
    return tuple(found)
