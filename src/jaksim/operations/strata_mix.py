"""From which strata the patients of a site come: shares as planned, or a draw of the site's own around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.operations.addresses import addressed
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import WHOLE, quantise
from jaksim.trial.operations.recruitment import Recruitment, SiteGroup

_UNIT: Final = 2.0**-32
_FIRST_BLOCK: Final = 1
"""The block of a site's address after that of its opening, rate and intercept."""


def strata_thresholds(
    recruitment: Recruitment, weights: Sequence[float], seed: int, first_replicate: int, replicates: int
) -> NDArray[np.uint64]:
    """Cumulative weights (R, J, S) of the strata at each site in units of 2**-32; R is 1 where they are the same in all
    replicates, else as many as these.

    Shares of a site are Dirichlet around those planned, with the concentration of its group: independent gamma
    variables over their sum.
    """
    groups, of_site = recruitment.groups, np.array(recruitment.group_of)
    planned = [np.cumsum(quantise(group.strata or weights), dtype=np.uint64) for group in groups]
    alike = np.stack([planned[g] for g in of_site])[None]
    if all(math.isinf(group.concentration) for group in groups):
        return alike
    found = np.repeat(alike, replicates, axis=0)
    for g, group in enumerate(groups):
        if math.isfinite(group.concentration):
            mine = np.flatnonzero(of_site == g)
            found[:, mine] = _drawn(group, weights, seed, first_replicate + np.arange(replicates), mine)
    return found


def _drawn(
    group: SiteGroup, weights: Sequence[float], seed: int, replicates: NDArray[np.int64], sites: NDArray[np.int64]
) -> NDArray[np.uint64]:
    share = np.array(group.strata or weights, dtype=np.float64)
    shape = group.concentration * share / share.sum()
    blocks = -(-len(shape) // 2)
    words = np.concatenate(
        [addressed(seed, Purpose.SITE, replicates[:, None], sites, 0, _FIRST_BLOCK + block) for block in range(blocks)],
        axis=-1,
    )
    logs = _log_gammas(shape, (words[..., : 2 * len(shape)] + 0.5) * _UNIT)
    sizes = np.exp(logs - logs.max(axis=-1, keepdims=True))
    up_to = np.cumsum(sizes, axis=-1)
    found: NDArray[np.uint64] = np.floor(up_to / up_to[..., -1:] * WHOLE).astype(np.uint64)
    return found


def _log_gammas(shape: Floats, uniform: Floats) -> Floats:
    """Logarithms (..., S) of gamma variables of shapes (S,), -inf for 0, of two uniform numbers (..., 2 S) each.

    A variable of shape a is one of shape a + 1 times U**(1 / a), whose logarithm a small shape does not lose.
    """
    from scipy.special import gammaincinv

    there = shape > 0.0
    found = np.full((*uniform.shape[:-1], len(shape)), -np.inf)
    first, second = uniform[..., 0::2][..., there], uniform[..., 1::2][..., there]
    found[..., there] = np.log(gammaincinv(shape[there] + 1.0, first)) + np.log(second) / shape[there]
    return found
