"""What adjustment for covariates is worth: an analysis beside the same without, on the same patients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from jaksim.analysis.regression.models import MODELS
from jaksim.design.sums.summary import Summary, Tally
from jaksim.trial import AnalysisPlan

CLEAR: Final = 5.0
"""Monte Carlo standard errors by which a mean estimate has to differ from no effect for a ratio of signals."""


@dataclass(frozen=True)
class Gain:
    """An adjusted analysis and the unadjusted one that is the same otherwise, by name.

    `difference` is that of their powers, with the Monte Carlo standard error `mc_se` of replicates that are the same
    for both. The relative efficiency is how many times the patients the unadjusted analysis needs for the precision of
    the other: the ratio of the variances of the two estimates where they are of one and the same effect (marginal); the
    squared ratio of mean estimate and standard deviation where the adjusted effect is another (conditional), NaN
    where there is hardly an effect. Its error, of delta method and without the correlation of the two, is an upper
    limit.
    """

    adjusted: str
    unadjusted: str
    difference: float
    mc_se: float
    relative_efficiency: float
    efficiency_mc_se: float
    marginal: bool


def without_adjustment(plan: AnalysisPlan, plans: Sequence[AnalysisPlan]) -> int | None:
    """Position of the analysis that is the same but adjusts for nothing, None where there is none."""
    for position, other in enumerate(plans):
        if other.adjustment is None and replace(plan, name=other.name, role=other.role, adjustment=None) == other:
            return position
    return None


def gains(plans: Sequence[AnalysisPlan], summary: Summary) -> tuple[Gain, ...]:
    """The gains of all analyses that adjust."""
    found = []
    for position, plan in enumerate(plans):
        other = None if plan.adjustment is None else without_adjustment(plan, plans)
        if other is not None:
            found.append(_gain((plan, plans[other]), (position, other), summary))
    return tuple(found)


def _gain(plans: tuple[AnalysisPlan, AnalysisPlan], positions: tuple[int, int], summary: Summary) -> Gain:
    adjusted, plain = (summary.tallies[position] for position in positions)
    n, both = summary.replicates, int(summary.joint[positions])
    more, fewer = adjusted.rejections - both, plain.rejections - both
    difference = (more - fewer) / n
    marginal = MODELS[plans[0].method].marginal
    efficiency, error = _efficiency(adjusted, plain, marginal=marginal)
    return Gain(
        adjusted=plans[0].name,
        unadjusted=plans[1].name,
        difference=difference,
        mc_se=math.sqrt(max((more + fewer) / n - difference**2, 0.0) / n),
        relative_efficiency=efficiency,
        efficiency_mc_se=error,
        marginal=marginal,
    )


def _efficiency(adjusted: Tally, plain: Tally, *, marginal: bool) -> tuple[float, float]:
    """The relative efficiency and its Monte Carlo standard error; NaN without two estimates."""
    if min(adjusted.estimable, plain.estimable) < 2 or not min(adjusted.sd_estimate(), plain.sd_estimate()) > 0.0:
        return math.nan, math.nan
    square = 1.0 / (adjusted.estimable - 1) + 1.0 / (plain.estimable - 1)
    if marginal:
        found = (plain.sd_estimate() / adjusted.sd_estimate()) ** 2
        return found, found * math.sqrt(2.0 * square)
    pair = (adjusted, plain)
    signals = [tally.mean_estimate() / tally.sd_estimate() for tally in pair]
    if min(abs(one) * math.sqrt(tally.estimable) for one, tally in zip(signals, pair, strict=True)) < CLEAR:
        return math.nan, math.nan
    found = (signals[0] / signals[1]) ** 2
    of_means = sum(1.0 / (one**2 * tally.estimable) for one, tally in zip(signals, pair, strict=True))
    return found, found * math.sqrt(2.0 * square + 4.0 * of_means)
