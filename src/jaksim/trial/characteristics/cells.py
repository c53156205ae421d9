"""Discrete characteristics with a joint law of cells, which are the steps of one latent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.trial.characteristics.marginal import Steps

_ROUNDS = 10_000
_CLOSE = 1e-13


def fitted(seed: Floats, margins: Sequence[Floats]) -> Floats:
    """The table with the margins, and with every odds ratio of the seed, by iterative proportional fitting.

    Deming and Stephan 1940, Annals of Mathematical Statistics 11:427; the table nearest to the seed by
    Kullback-Leibler information (Ireland and Kullback 1968). InputError where zeros of the seed leave no such table.
    """
    table = np.array(seed, dtype=np.float64)
    table /= table.sum()
    axes = range(table.ndim)
    for _ in range(_ROUNDS):
        for axis, margin in zip(axes, margins, strict=True):
            others = tuple(other for other in axes if other != axis)
            now = table.sum(axis=others)
            if np.any((now == 0.0) & (margin > 0.0)):
                raise InputError("zeros leave nobody in a category that has patients", where="table")
            factor = np.divide(margin, now, out=np.zeros_like(now), where=now > 0.0)
            table = table * factor.reshape([-1 if other == axis else 1 for other in axes])
        apart = max(
            float(np.abs(table.sum(axis=tuple(other for other in axes if other != axis)) - margin).max())
            for axis, margin in zip(axes, margins, strict=True)
        )
        if apart < _CLOSE:
            return table
    raise InputError("no table has these margins and zeros", where="table")


def of_one_latent(values: Floats, shares: Floats) -> tuple[Steps, ...]:
    """The columns of `values` (K, P) as steps of one latent, row k of which a share of the patients has."""
    from scipy.special import ndtri

    kept = shares > 0.0
    values, shares = values[kept], shares[kept]
    # From the nearer end: shares above are exact where shares below have lost their digits.
    below = np.cumsum(shares)[:-1] / shares.sum()
    above = np.cumsum(shares[::-1])[::-1][1:] / shares.sum()
    cuts = tuple(np.where(below < 0.5, ndtri(below), -ndtri(above)).tolist())
    return tuple(Steps(cuts, tuple(column)) for column in values.T.tolist())


def shares_of(steps: Steps) -> Floats:
    """The share of patients on each step."""
    from scipy.special import ndtr

    edges = np.array([-np.inf, *steps.cuts, np.inf])
    found: Floats = np.where(edges[:-1] < 0.0, ndtr(edges[1:]) - ndtr(edges[:-1]), ndtr(-edges[:-1]) - ndtr(-edges[1:]))
    return found
