"""The weighted sum of benefits and harms, its uncertainty, and what the weights have to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.evidence.balance.outcomes import Outcome, Z

MOST_NODES = 20_000


@dataclass(frozen=True)
class NetBenefit:
    """Weighted benefit of a patient at the stated weights, and over the ranges of the weights.

    `standard_error` takes the differences as independent of each other; `largest_error` is the most that it can be
    whatever they have in common. `over_weights` are the least and the greatest estimate that weights in their ranges
    give, `probability` that of a benefit at the stated weights (normal, independent), `averaged` its mean over weights
    that are uniform in their ranges, `least_probability` the least at any of their corners.
    """

    estimate: float
    standard_error: float
    largest_error: float
    over_weights: tuple[float, float]
    probability: float
    averaged: float
    least_probability: float

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of independent differences."""
        return self.estimate - Z * self.standard_error, self.estimate + Z * self.standard_error

    @property
    def widest_interval(self) -> tuple[float, float]:
        """95 %, whatever the outcomes have in common."""
        return self.estimate - Z * self.largest_error, self.estimate + Z * self.largest_error


def net_benefit(outcomes: Sequence[Outcome]) -> NetBenefit:
    """Of outcomes at their weights and over the ranges of the weights."""
    benefits = np.array([one.benefit.estimate for one in outcomes])
    errors = np.array([one.benefit.standard_error for one in outcomes])
    stated = np.array([one.weight for one in outcomes])
    corners = np.stack(np.meshgrid(*(one.weights for one in outcomes), indexing="ij"), axis=-1).reshape(-1, len(stated))
    nodes, shares = _uniform(outcomes)
    return NetBenefit(
        estimate=float(stated @ benefits),
        standard_error=float(np.sqrt((stated**2) @ (errors**2))),
        largest_error=float(stated @ errors),
        over_weights=(float((corners @ benefits).min()), float((corners @ benefits).max())),
        probability=float(_chance(stated[None], benefits, errors)[0]),
        averaged=float(shares @ _chance(nodes, benefits, errors)),
        least_probability=float(_chance(corners, benefits, errors).min()),
    )


def break_even(outcomes: Sequence[Outcome], place: int) -> float | None:
    """The weight of one outcome at which the net benefit is 0, the others at theirs; None where no weight does it."""
    others = sum(one.weight * one.benefit.estimate for i, one in enumerate(outcomes) if i != place)
    own = outcomes[place].benefit.estimate
    if own == 0.0 or -others / own < 0.0:
        return None
    return -others / own


def _chance(weights: Floats, benefits: Floats, errors: Floats) -> Floats:
    """Probability of a benefit at each of several weights (m, K)."""
    from scipy.special import ndtr

    spread = np.sqrt(weights**2 @ errors**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(spread > 0.0, ndtr(weights @ benefits / spread), 0.5))


def _uniform(outcomes: Sequence[Outcome]) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes (m, K) of weights uniform in their ranges, and the share of each node."""
    wide = [one.weights[0] < one.weights[1] for one in outcomes]
    order = max(2, min(8, math.floor(MOST_NODES ** (1 / max(sum(wide), 1)))))
    places, shares = np.polynomial.legendre.leggauss(order)
    axes, by_axis = [], []
    for one, ranges in zip(outcomes, wide, strict=True):
        low, high = one.weights
        axes.append((low + high) / 2 + (high - low) / 2 * places if ranges else np.array([one.weight]))
        by_axis.append(shares / 2 if ranges else np.ones(1))
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    mass = np.stack(np.meshgrid(*by_axis, indexing="ij"), axis=-1).reshape(-1, len(axes)).prod(axis=1)
    return nodes, mass
