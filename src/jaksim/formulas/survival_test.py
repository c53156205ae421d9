"""Tests of two survival curves: the law of their z in large trials, and their z in drawn ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.followed_arm import FollowedArm
from jaksim.formulas.hazards import times_ratio
from jaksim.formulas.nph_size import (
    LargeSampleLaw,
    LogRankWeight,
    Pair,
    log_rank_law,
    rmst_law,
    survival_difference_law,
)
from jaksim.formulas.survival_draws import Drawn, log_rank_scores, restricted_means, survival_estimates
from jaksim.root import root

FARTHEST_LOG = 30.0


@dataclass(frozen=True)
class SurvivalTest:
    """A test by its name: of the log-rank family with its `weights`, or of the curves up to the time `at`."""

    name: str
    weights: tuple[LogRankWeight, ...] = (LogRankWeight(),)
    at: float | None = None

    @property
    def of_curves(self) -> bool:
        """Whether it compares survival or restricted means and not hazards."""
        return self.at is not None and self.name in ("rmst", "rmst_ratio", "milestone")

    def law(self, strata: Sequence[Pair], time: float, *, null: float = 1.0) -> LargeSampleLaw:
        """Expected z and correlations, positive for fewer events in the active arm than at the `null` hazard ratio."""
        if not self.of_curves:
            law = log_rank_law(strata, time, self.weights, null=null)
        else:
            ((reference, active),) = strata
            law = self._difference(reference, active, time)
            if null != 1.0:
                at_null = replace(active, hazard=times_ratio(reference.hazard, null))
                law = replace(law, mean=law.mean - self._difference(reference, at_null, time).mean)
        spread = np.sqrt(law.covariance.diagonal())
        if not (spread > 0.0).all() or not np.isfinite(law.covariance).all():
            what = (
                "hardly anybody is left at the times that the test compares: hazards are too high, or the unit is wrong"
            )
            raise InputError(what, where="‹test›", got=self.name)
        return LargeSampleLaw(-law.mean / spread, law.covariance / np.outer(spread, spread))

    def information(self, strata: Sequence[Pair], time: float) -> float:
        """How much is known at a time: variance of the score, or inverse variance of the difference of curves."""
        if not self.of_curves:
            return float(log_rank_law(strata, time, self.weights).covariance[0, 0])
        ((reference, active),) = strata
        return 1.0 / float(self._difference(reference, active, time).covariance[0, 0])

    def difference(self, reference: FollowedArm, active: FollowedArm, time: float) -> float:
        """What a test of curves compares, active minus reference (of a ratio the logarithm)."""
        return -float(self._difference(reference, active, time).mean[0])

    def _difference(self, reference: FollowedArm, active: FollowedArm, time: float) -> LargeSampleLaw:
        assert self.at is not None
        if self.name == "milestone":
            return survival_difference_law(reference, active, time, at=self.at)
        return rmst_law(reference, active, time, tau=self.at, ratio=self.name == "rmst_ratio")

    def z(self, drawn: Sequence[Drawn], *, null: float = 1.0, shift: float = 0.0) -> Floats:
        """Standardised statistics (R, m) of drawn trials; `shift` is the difference of curves at the null."""
        if not self.of_curves:
            scores, covariances = zip(*(log_rank_scores(one, self.weights, null=null) for one in drawn), strict=True)
            spread = np.sqrt(np.maximum(np.einsum("rii->ri", sum(covariances)), np.finfo(float).tiny))
            found: Floats = -sum(scores) / spread
            return found
        (one,) = drawn
        of = survival_estimates if self.name == "milestone" else restricted_means
        (mean_0, variance_0), (mean_1, variance_1) = of(one, float(self.at or 0.0))
        if self.name == "rmst_ratio":
            variance_0, variance_1 = variance_0 / mean_0**2, variance_1 / mean_1**2
            mean_0, mean_1 = np.log(mean_0), np.log(mean_1)
        spread = np.sqrt(np.maximum(variance_0 + variance_1, np.finfo(float).tiny))
        return np.asarray((mean_1 - mean_0 - shift) / spread)[:, np.newaxis]


def average_hazard_ratio(strata: Sequence[Pair], time: float) -> float:
    """The hazard ratio that the proportional hazards model estimates in large trials at calendar `time`."""

    def score(log_ratio: float) -> float:
        return float(log_rank_law(strata, time, null=math.exp(log_ratio)).mean[0])

    return math.exp(root(score, -FARTHEST_LOG, FARTHEST_LOG))
