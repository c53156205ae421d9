"""The largest of several correlated normal variables, whose correlations may be singular."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.normal_law import quantile, tails
from jaksim.root import root

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(8)
FARTHEST = 8.5
PIECES = {0: 1, 1: 80, 2: 16}
INDEPENDENT = 1e-9


def all_below(upper: float, mean: ArrayLike, correlation: ArrayLike) -> float:
    """Probability that all of m variables of variance 1 stay below `upper`, to about 1e-5.

    They are written as linear forms of independent ones; over the last of these the integral is exact. InputError
    where there are more than three independent ones.
    """
    forms = _linear_forms(np.asarray(correlation, dtype=np.float64))
    limits = upper - np.asarray(mean, dtype=np.float64)
    outer = forms.shape[1] - 1
    if outer > 2:
        what = "at most three of the tests may be independent of each other"
        raise InputError(what, where="test", got=forms.shape[1])
    points, weights = _grid(outer)
    rest = limits - points @ forms[:, :outer].T
    slope = forms[:, outer]
    level = np.abs(slope) < 1e-7
    inside = (rest[:, level] > 0.0).all(axis=1)
    with np.errstate(divide="ignore"):
        edge = rest[:, ~level] / slope[~level]
    high = np.where(slope[~level] > 0.0, edge, np.inf).min(axis=1)
    low = np.where(slope[~level] < 0.0, edge, -np.inf).max(axis=1)
    kept = inside & (high > low)
    found = weights[kept] @ (tails(low[kept]) - tails(high[kept]))
    return float(found)


def critical_largest(alpha: float, correlation: ArrayLike) -> float:
    """The value that the largest passes with probability `alpha` when all means are 0."""
    m = len(np.asarray(correlation))
    none = np.zeros(m)
    low, high = quantile(1.0 - alpha), quantile(1.0 - alpha / m)
    if m == 1 or all_below(low, none, correlation) > 1.0 - alpha - 1e-9:
        return low
    return root(lambda c: all_below(c, none, correlation) - (1.0 - alpha), low - 1e-3, high + 1e-3, xtol=1e-7)


def _linear_forms(correlation: Floats) -> Floats:
    """Rows of unit length with these correlations, in as few independent variables as they need."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > INDEPENDENT * values.max()
    forms: Floats = vectors[:, kept] * np.sqrt(values[kept])
    # The direction of the largest variance last: over it the integral is exact.
    return forms


def _grid(dimensions: int) -> tuple[Floats, Floats]:
    """Points (n, d) and weights (n,) of the standard normal law in d dimensions."""
    pieces = PIECES.get(dimensions, 1)
    half = FARTHEST / pieces
    middles = np.linspace(-FARTHEST + half, FARTHEST - half, pieces)
    at = (middles[:, np.newaxis] + half * NODES).ravel()
    weight = np.tile(half * NODE_WEIGHTS, pieces) * np.exp(-0.5 * at**2) / np.sqrt(2.0 * np.pi)
    if dimensions == 0:
        return np.zeros((1, 0)), np.ones(1)
    points = np.stack([axis.ravel() for axis in np.meshgrid(*[at] * dimensions)], axis=1)
    weights = weight
    for _ in range(dimensions - 1):
        weights = np.multiply.outer(weights, weight)
    near = weights.ravel() > 1e-14
    return points[near], weights.ravel()[near]
