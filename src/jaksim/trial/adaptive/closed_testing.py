"""Closed testing: a null hypothesis is rejected where every intersection that it belongs to is.

Source: Marcus, Peritz and Gabriel (1976), Biometrika 63, 655-660; with combination tests Bretz et al. (2006),
Biometrical Journal 48, 623-634.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Booleans, Floats
from jaksim.errors import InputError
from jaksim.trial.monitoring.combination import p_of

INTERSECTION_TESTS: Final = {
    "bonferroni": "the smallest p-value times their number",
    "sidak": "the smallest of independent p-values",
    "simes": "all ordered p-values, for statistics that do not depend on each other or do so positively",
    "dunnett": "the largest of normal statistics with known correlations",
}
MOST_HYPOTHESES: Final = 6


@dataclass(frozen=True)
class ClosedTest:
    """The closure of `hypotheses` null hypotheses whose intersections are tested by one of `INTERSECTION_TESTS`."""

    hypotheses: int
    test: str = "dunnett"

    def __post_init__(self) -> None:
        if self.test not in INTERSECTION_TESTS:
            raise InputError("unknown test of intersections", where="test", allowed=INTERSECTION_TESTS, got=self.test)
        if not 1 <= self.hypotheses <= MOST_HYPOTHESES:
            raise InputError(
                "number of hypotheses", where="closed test", allowed=f"1 to {MOST_HYPOTHESES}", got=self.hypotheses
            )

    @cached_property
    def members(self) -> Booleans:
        """Which hypotheses belong to each intersection (I, H), that of all of them first."""
        numbers = np.arange(2**self.hypotheses - 1, 0, -1)
        return np.asarray((numbers[:, None] >> np.arange(self.hypotheses)[::-1]) & 1, dtype=np.bool_)

    def p_values(self, z: ArrayLike, correlation: ArrayLike | None = None) -> Floats:
        """One-sided p-values (B, I) of all intersections from the statistics z (B, H) of one stage.

        A hypothesis that is not tested in the stage has z NaN, and the others of an intersection speak for it; an
        intersection without any has p NaN. One that is tested but cannot be estimated has z -inf. `correlation` (H, H)
        or (B, H, H) is that of the statistics, for the Dunnett test.
        """
        statistics = np.ascontiguousarray(z, dtype=np.float64)
        correlations = self._correlations(correlation, len(statistics))
        out = np.empty((len(statistics), len(self.members)))
        for number, members in enumerate(self.members):
            given = statistics[:, members]
            if self.test == "dunnett":
                out[:, number] = _dunnett(given, correlations[:, members][:, :, members])
            else:
                out[:, number] = _of_ordered(np.sort(p_of(given), axis=1), self.test)
        return out

    def rejected(self, crossed: Booleans) -> Booleans:
        """Hypotheses (B, H) rejected, given which intersections (B, I) are."""
        return np.stack([crossed[:, self.members[:, h]].all(axis=1) for h in range(self.hypotheses)], axis=1)

    def _correlations(self, correlation: ArrayLike | None, size: int) -> Floats:
        if self.test != "dunnett":
            return np.empty(0)
        if correlation is None:
            raise InputError("the Dunnett test needs the correlation of the statistics", where="correlation")
        h = self.hypotheses
        return np.broadcast_to(np.asarray(correlation, dtype=np.float64), (size, h, h))


def _dunnett(z: Floats, correlation: Floats) -> Floats:
    """Probability (B,) that the largest of the variables that are there passes the largest z."""
    from jaksim.analysis.normal_maximum import largest_beyond

    there = ~np.isnan(z)
    largest = np.where(there, z, -np.inf).max(axis=1)
    # A variable without variance is left out.
    both = there[:, :, None] & there[:, None, :]
    covariance = np.ascontiguousarray(np.where(both, correlation, 0.0))
    finite = np.isfinite(largest)
    out = np.ones(len(z))
    if finite.any():
        found = np.empty(int(finite.sum()))
        largest_beyond(covariance[finite], largest[finite], False, found)
        out[finite] = found
    out[largest == np.inf] = 0.0
    out[~there.any(axis=1)] = np.nan
    return out


def _of_ordered(p: Floats, test: str) -> Floats:
    """Bonferroni, Sidak or Simes p-values (B,) of ordered ones (B, m) with those not there, NaN, at the end."""
    count = (~np.isnan(p)).sum(axis=1)
    smallest = p[:, 0]
    if test == "bonferroni":
        return np.asarray(np.minimum(1.0, count * smallest))
    if test == "sidak":
        with np.errstate(divide="ignore"):
            return np.asarray(-np.expm1(count * np.log1p(-smallest)))
    ranked = count[:, None] * p / np.arange(1, p.shape[1] + 1)
    return np.asarray(np.where(count > 0, np.nanmin(np.where(np.isnan(ranked), np.inf, ranked), axis=1), np.nan))
