"""Posterior probability that each arm of a trial is the best."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from jaksim.analysis.win.quadrants import best_of_two, upper_tail
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel

PANELS: Final = 24
REACH: Final = 8.0
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(8)
# Row i integrates the polynomial through the points from -1 to point i.
_INTO: Final = np.linalg.solve(
    np.vander(POINTS, increasing=True).T,
    ((POINTS[:, None] ** np.arange(1, 9) - (-1.0) ** np.arange(1, 9)) / np.arange(1, 9)).T,
).T
INNER_REACH: Final = 6.0
INNER_POINTS, INNER_WEIGHTS = np.polynomial.legendre.leggauss(24)


def best_of_betas(first: ArrayLike, second: ArrayLike) -> Floats:
    """Probability (B, A) that each of A independent beta variables with shapes (B, A) is the largest.

    Shapes of 0.5 or more. Quadrature over the arc sine of the root, on which beta densities are bounded and of nearly
    equal width, in panels that share the distribution functions of all arms; the error is below 1e-6.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    centre, width = np.arcsin(np.sqrt(a / (a + b))), REACH / (2.0 * np.sqrt(a + b))
    low = np.clip((centre - width).min(axis=1), 0.0, 0.5 * math.pi)
    high = np.clip((centre + width).max(axis=1), 0.0, 0.5 * math.pi)
    half = 0.5 * (high - low) / PANELS
    middle = low[:, None] + half[:, None] * (2.0 * np.arange(PANELS) + 1.0)
    x = middle[:, :, None] + half[:, None, None] * POINTS
    with np.errstate(divide="ignore"):
        sine, cosine = np.log(np.sin(x))[:, None], np.log(np.cos(x))[:, None]
    logs = (2.0 * a - 1.0)[:, :, None, None] * sine + (2.0 * b - 1.0)[:, :, None, None] * cosine
    density = np.exp(logs - logs.max(axis=(2, 3), keepdims=True))
    of_panel = density @ WEIGHTS
    before = np.cumsum(of_panel, axis=2) - of_panel
    total = of_panel.sum(axis=2)
    below = (before[..., None] + density @ _INTO.T) / total[:, :, None, None]
    found = np.empty(a.shape)
    for arm in range(a.shape[1]):
        others = np.prod(np.delete(below, arm, axis=1), axis=1)
        found[:, arm] = ((density[:, arm] * others) @ WEIGHTS).sum(axis=1) / total[:, arm]
    found = np.clip(found, 0.0, 1.0)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def best_of_normals(
    estimate: ArrayLike, variance: ArrayLike, shared: ArrayLike, *, prior_mean: float = 0.0, prior_sd: float = math.inf
) -> Floats:
    """Probability (B, J + 1) that the reference, first, or one of J active arms is the best.

    estimate (B, J) of each active arm against the reference, positive for a benefit, with its variance (B, J), of which
    shared (B, J), a fraction, comes from the reference and is common to all: Dunnett's correlations. Each true value
    has an independent normal prior, flat when `prior_sd` is infinite. A NaN counts as no information. Up to two active
    arms to rounding (`quadrants`), more by quadrature with an error of some 1e-6.
    """
    given = np.array(estimate, dtype=np.float64)
    spread = np.array(variance, dtype=np.float64)
    unknown = ~(np.isfinite(given) & np.isfinite(spread) & (spread > 0.0))
    given[unknown], spread[unknown] = 0.0, 1e12
    fraction = np.array(np.broadcast_to(np.asarray(shared, dtype=np.float64), given.shape))
    fraction[unknown] = 0.0
    if given.shape[1] == 1:
        fraction[:] = 0.0  # one comparison shares its reference with no other
    out = np.empty((len(given), given.shape[1] + 1))
    inverse = 0.0 if math.isinf(prior_sd) else 1.0 / prior_sd**2
    _normal_kernel(given - prior_mean, spread, fraction, prior_mean, inverse, INNER_POINTS, INNER_WEIGHTS, out)
    return out


@inner
def _best_given(mean: Any, sd: Any, arm: Any, points: Any, weights: Any) -> Any:
    """Probability that independent normal variable `arm` is positive and the largest."""
    low, high = max(mean[arm] - INNER_REACH * sd[arm], 0.0), mean[arm] + INNER_REACH * sd[arm]
    if high <= low:
        return 0.0
    half = 0.5 * (high - low)
    total = 0.0
    for i in range(points.shape[0]):
        x = low + half * (1.0 + points[i])
        z = (x - mean[arm]) / sd[arm]
        value = weights[i] * math.exp(-0.5 * z * z)
        for other in range(mean.shape[0]):
            if other != arm:
                value *= upper_tail((mean[other] - x) / sd[other])
        total += value
    return half * total / (sd[arm] * math.sqrt(2.0 * math.pi))


@inner
def _best_of_many(
    centre: Any, slope: Any, sd: Any, middle: Any, spread: Any, mean: Any, points: Any, weights: Any, out: Any
) -> None:
    """Fill out (J + 1,) in proportion; mean (J,) is scratch."""
    out[:] = 0.0
    for i in range(points.shape[0]):
        factor = middle + spread * INNER_REACH * points[i]
        share = weights[i] * math.exp(-0.5 * (INNER_REACH * points[i]) ** 2)
        none = share
        for a in range(mean.shape[0]):
            mean[a] = centre[a] + slope[a] * factor
            none *= upper_tail(mean[a] / sd[a])
        out[0] += none
        for a in range(mean.shape[0]):
            out[a + 1] += share * _best_given(mean, sd, a, points, weights)


@kernel
def _normal_kernel(
    estimate: Any,
    variance: Any,
    shared: Any,
    prior_mean: Any,
    prior_precision: Any,
    points: Any,
    weights: Any,
    out: Any,
) -> None:
    """Fill out (B, J + 1), for more than two active arms by quadrature over the error of the reference, which alone
    makes the arms dependent."""
    arms = estimate.shape[1]
    mean, sd, centre, slope = np.empty(arms), np.empty(arms), np.empty(arms), np.empty(arms)
    square = np.empty(arms)
    for b in range(estimate.shape[0]):
        precision, pull = 1.0, 0.0
        for a in range(arms):
            own = variance[b, a] * (1.0 - shared[b, a])
            error = math.sqrt(variance[b, a] * shared[b, a])
            weight = 1.0 / (1.0 + own * prior_precision)
            marginal = prior_precision * weight
            precision += error * error * marginal
            pull -= error * estimate[b, a] * marginal
            centre[a] = prior_mean + weight * estimate[b, a]
            slope[a] = weight * error
            sd[a] = math.sqrt(weight * own)
        middle, spread = pull / precision, 1.0 / math.sqrt(precision)
        if arms > 2:
            _best_of_many(centre, slope, sd, middle, spread, mean, points, weights, out[b])
        else:
            for a in range(arms):
                mean[a] = centre[a] + slope[a] * middle
                slope[a] *= spread
                square[a] = sd[a] * sd[a] + slope[a] * slope[a]
            if arms == 1:
                out[b, 0] = upper_tail(mean[0] / math.sqrt(square[0]))
                out[b, 1] = upper_tail(-mean[0] / math.sqrt(square[0]))
            else:
                root = math.sqrt(square[0] * sd[1] * sd[1] + sd[0] * sd[0] * slope[1] * slope[1])
                best_of_two(mean, square, slope[0] * slope[1], root, out[b])
        out[b] /= out[b].sum()
