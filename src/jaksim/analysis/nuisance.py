"""What all patients together show, arms not told apart, of the patients that a comparison needs.

Sources: Gould (1992), Statistics in Medicine 11, 55-66 for rates; Kieser and Friede (2003), Statistics in Medicine 22,
3571-3581 for means; Whitehead (1993), Statistics in Medicine 12, 2257-2271 for ordered categories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.analysis.counts import CategoryMeanings
from jaksim.arrays import Floats


@dataclass(frozen=True)
class Nuisance:
    """One number q of the pooled patients, `name` in words, and how the patients for a fixed effect depend on it.

    `of` gives q (B,) of counts (B, K) of pooled patients; `size` turns q into patients, up to a constant. `upper` is
    what q stays below.
    """

    name: str
    of: Callable[[Floats, CategoryMeanings], Floats]
    size: Callable[[Floats], Floats]
    upper: float


def event_share(counts: Floats, endpoint: CategoryMeanings) -> Floats:
    """Share (B,) of the patients who have the event."""
    return np.asarray(counts[:, endpoint.status == 1].sum(axis=1) / counts.sum(axis=1))


def standard_deviation(counts: Floats, endpoint: CategoryMeanings) -> Floats:
    """Standard deviation (B,) of the values of all patients, arms not told apart."""
    n = counts.sum(axis=1)
    mean = counts @ endpoint.value / n
    return np.asarray(np.sqrt(np.maximum(counts @ endpoint.value**2 - n * mean**2, 0.0) / (n - 1.0)))


def unevenness(counts: Floats, endpoint: CategoryMeanings) -> Floats:
    """1 minus the sum (B,) of cubed probabilities of the ranks."""
    ranks, place = np.unique(endpoint.rank, return_inverse=True)
    share = counts @ np.eye(len(ranks))[place] / counts.sum(axis=1, keepdims=True)
    return np.asarray(1.0 - (share**3).sum(axis=1))


EVENTS: Final = Nuisance("pooled share with an event", event_share, lambda q: 1.0 / q, 1.0)
RATE_OF_DIFFERENCE: Final = Nuisance("pooled event rate", event_share, lambda q: q * (1.0 - q), 1.0)
RATE_OF_RATIO: Final = Nuisance("pooled event rate", event_share, lambda q: (1.0 - q) / q, 1.0)
RATE_OF_ODDS: Final = Nuisance("pooled event rate", event_share, lambda q: 1.0 / (q * (1.0 - q)), 1.0)
SPREAD: Final = Nuisance("pooled standard deviation", standard_deviation, np.square, np.inf)
RANKS: Final = Nuisance("pooled 1 - sum of cubed probabilities", unevenness, lambda q: q, 1.0)
ODDS_OF_RANKS: Final = Nuisance("pooled 1 - sum of cubed probabilities", unevenness, lambda q: 1.0 / q, 1.0)
