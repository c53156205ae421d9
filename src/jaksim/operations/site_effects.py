"""How sites differ in the course of the disease: a random intercept on the log intensities of getting better."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.model.intensity import IntensityTable
from jaksim.operations.pool import site_words
from jaksim.trial.operations.operations import Operations

_UNIT: Final = 2.0**-32
NODES: Final = 32
_LEAST: Final = 1e-14


def site_factors(operations: Operations, seed: int, first_replicate: int, replicates: int) -> Floats:
    """Factors (B, J) of the intensities of getting better at each site, lognormal around a median of 1."""
    from scipy.special import ndtri

    words = site_words(seed, first_replicate, replicates, operations.recruitment.n_sites)[..., 3]
    logs = operations.site_sd * ndtri((words + 0.5) * _UNIT)
    # One by one: the exponential of an array may differ in its last bit by where in the array a number stands.
    return np.array([math.exp(one) for one in logs.ravel().tolist()]).reshape(logs.shape)


def over_sites(table: IntensityTable, better: Booleans, sd: float) -> list[tuple[float, IntensityTable]]:
    """What the intensities of a patient are a mixture of, over the sites that she may be at: weights that sum to one,
    and tables whose moves `better` (S, S) are multiplied, by Gauss-Hermite quadrature.

    What is the mean over patients of a site is then, by these weights, the mean over sites.
    """
    if sd == 0.0:
        return [(1.0, table)]
    factors, weights = site_nodes(sd)
    tables = [table.times(np.where(better, factor, 1.0)) for factor in factors.tolist()]
    return list(zip(weights.tolist(), tables, strict=True))


def site_nodes(sd: float) -> tuple[Floats, Floats]:
    """Factors (Q,) of the intensities of getting better, and weights of sites with each."""
    if sd == 0.0:
        return np.ones(1), np.ones(1)
    points, weights = np.polynomial.hermite_e.hermegauss(NODES)
    kept = weights > _LEAST * weights.sum()  # a site so far out is not to be met, and its exponentials cost most
    return np.exp(sd * points[kept]), weights[kept] / weights[kept].sum()
