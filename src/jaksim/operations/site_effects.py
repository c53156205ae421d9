"""How sites differ in the course of the disease: a random intercept on the log intensities of getting better."""

from __future__ import annotations

import math

import numpy as np

from jaksim.arrays import Floats
from jaksim.operations.pool import site_words
from jaksim.trial.operations.operations import Operations

_UNIT = 2.0**-32


def site_factors(operations: Operations, seed: int, first_replicate: int, replicates: int) -> Floats:
    """Factors (B, J) of the intensities of getting better at each site, lognormal around a median of 1."""
    from scipy.special import ndtri

    words = site_words(seed, first_replicate, replicates, operations.recruitment.n_sites)[..., 3]
    logs = operations.site_sd * ndtri((words + 0.5) * _UNIT)
    # One by one: the exponential of an array may differ in its last bit by where in the array a number stands.
    return np.array([math.exp(one) for one in logs.ravel().tolist()]).reshape(logs.shape)
