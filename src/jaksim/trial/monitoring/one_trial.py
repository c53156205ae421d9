"""Boundaries of one trial, found analysis by analysis as `stagewise` finds those of many."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.trial.monitoring.lower_kinds import GIVEN_OR_SPENT, MIRRORED, NO_LOWER, WEDGE, left
from jaksim.trial.monitoring.score_law import (
    Score,
    above,
    advance,
    below,
    between,
    bound_with_tail,
    inner_bound,
    mirrored,
    outside,
    start,
)


@dataclass(frozen=True, kw_only=True)
class StageRule:
    """What is given and what is spent at each analysis (K,), as `solve_rows` takes it for one row."""

    information: Floats
    fixed_upper: Floats
    alpha: Floats
    fixed_lower: Floats
    beta: Floats
    kind: int
    binds: bool
    meets: bool
    drift: float

    def bounds(self) -> Floats:
        """Upper and lower bound of each analysis (K, 2) on the z scale."""
        out = np.empty((len(self.information), 2))
        gains = np.diff(self.information, prepend=0.0).tolist()
        under_null, planned = start(), start()
        alpha_used, beta_used = 0.0, 0.0
        for k, gain in enumerate(gains):
            root = math.sqrt(self.information[k])
            high = float(self.fixed_upper[k]) * root
            if math.isnan(high):
                high = bound_with_tail(under_null, gain, 0.0, left(float(self.alpha[k]), alpha_used))
            alpha_used += above(under_null, gain, 0.0, high)
            low = self._lower(k, planned, gain, beta_used, high)
            out[k] = high / root, low / root
            if k + 1 < len(gains):
                after = gains[k + 1]
                under_null = _going_on(under_null, gain, after, 0.0, low, high, self._null_kind)
                if self.kind >= GIVEN_OR_SPENT:
                    beta_used += (
                        between(planned, gain, self.drift, -low, low)
                        if self.kind == WEDGE
                        else below(planned, gain, self.drift, low)
                    )
                    planned = _going_on(planned, gain, after, self.drift, low, high, self.kind)
        return out

    @property
    def _null_kind(self) -> int:
        """Kind of the lower bound that the level counts on."""
        if self.binds or self.kind == MIRRORED:
            return self.kind
        return MIRRORED if self.kind == WEDGE else NO_LOWER

    def _lower(self, k: int, planned: Score, gain: float, used: float, high: float) -> float:
        if self.kind == MIRRORED:
            return -high
        if self.kind == NO_LOWER:
            return -math.inf
        if self.meets and k + 1 == len(self.information):
            return high
        given = float(self.fixed_lower[k])
        if not math.isnan(given):
            return min(given * math.sqrt(self.information[k]), high)
        wanted = left(float(self.beta[k]), used)
        if self.kind == WEDGE:
            return inner_bound(planned, gain, self.drift, wanted, high)
        return min(-bound_with_tail(mirrored(planned), gain, -self.drift, wanted), high)


def _going_on(score: Score, gain: float, after: float, theta: float, low: float, high: float, kind: int) -> Score:
    """The next score where the trial goes on; `low` belongs to |score| with WEDGE."""
    if kind == WEDGE:
        return outside(score, gain, after, theta, -high, high, (-low, low))
    if kind == MIRRORED:
        return advance(score, gain, after, theta, -high, high)
    return advance(score, gain, after, theta, -math.inf if kind == NO_LOWER else low, high)
