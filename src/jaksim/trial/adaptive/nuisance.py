"""Nuisance parameters that all patients together show without telling the arms apart, and the patients that they ask
for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.analysis import Method
from jaksim.arrays import Floats
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError

SMALLEST = 1e-6
HAZARDS: Final = (
    "log_rank",
    "weighted_log_rank",
    "modestly_weighted_log_rank",
    "max_combo",
    "cox",
    "gray",
    "fine_gray",
)
RANKS: Final = ("wilcoxon", "van_elteren", "net_benefit", "win_odds")


@dataclass(frozen=True)
class Nuisance:
    """One number q of the pooled patients, `name` in words, and how the patients for a fixed effect depend on it.

    `of` gives q (B,) of counts (B, K) of pooled patients; `size` turns q into patients, up to a constant. `upper` is
    what q stays below.
    """

    name: str
    of: Callable[[Floats, Endpoint], Floats]
    size: Callable[[Floats], Floats]
    upper: float


def nuisance_of(method: Method, endpoint: Endpoint) -> Nuisance:
    """The nuisance parameter of an analysis; InputError where there is none that pooled patients show.

    Sources: Gould (1992), Statistics in Medicine 11, 55-66 for rates; Kieser and Friede (2003), Statistics in Medicine
    22, 3571-3581 for means; Whitehead (1993), Statistics in Medicine 12, 2257-2271 for ordered categories.
    """
    if method.name in HAZARDS:
        return Nuisance("pooled share with an event", event_share, lambda q: 1.0 / q, 1.0)
    if method.name.startswith("risk_difference"):
        return Nuisance("pooled event rate", event_share, lambda q: q * (1.0 - q), 1.0)
    if method.name.startswith("risk_ratio"):
        return Nuisance("pooled event rate", event_share, lambda q: (1.0 - q) / q, 1.0)
    if method.ratio_name == "odds_ratio" and endpoint.kind == "binary":
        return Nuisance("pooled event rate", event_share, lambda q: 1.0 / (q * (1.0 - q)), 1.0)
    if method.name == "mean_difference":
        return Nuisance("pooled standard deviation", standard_deviation, np.square, np.inf)
    if method.name in RANKS:
        return Nuisance("pooled 1 - sum of cubed probabilities", unevenness, lambda q: q, 1.0)
    if method.name == "proportional_odds":
        return Nuisance("pooled 1 - sum of cubed probabilities", unevenness, lambda q: 1.0 / q, 1.0)
    raise InputError(
        f"the patients that {method.name!r} needs depend on nothing that pooled patients show",
        where="adaptation.analysis",
        allowed="rates, hazards, mean day counts or ordered categories",
    )


def event_share(counts: Floats, endpoint: Endpoint) -> Floats:
    """Share (B,) of the patients who have the event."""
    return np.asarray(counts[:, endpoint.status == 1].sum(axis=1) / counts.sum(axis=1))


def standard_deviation(counts: Floats, endpoint: Endpoint) -> Floats:
    """Standard deviation (B,) of the values of all patients, arms not told apart."""
    n = counts.sum(axis=1)
    mean = counts @ endpoint.value / n
    return np.asarray(np.sqrt(np.maximum(counts @ endpoint.value**2 - n * mean**2, 0.0) / (n - 1.0)))


def unevenness(counts: Floats, endpoint: Endpoint) -> Floats:
    """1 minus the sum (B,) of cubed probabilities of the ranks."""
    ranks, place = np.unique(endpoint.rank, return_inverse=True)
    share = counts @ np.eye(len(ranks))[place] / counts.sum(axis=1, keepdims=True)
    return np.asarray(1.0 - (share**3).sum(axis=1))
