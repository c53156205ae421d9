"""Boundaries found analysis by analysis, for one design or for many trials with information of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel
from jaksim.trial.monitoring.lower_kinds import GIVEN_OR_SPENT, MIRRORED, NO_LOWER, ROUNDING, WEDGE
from jaksim.trial.monitoring.recursion import above, advance, below, bound_with_tail


@kernel
def solve_rows(
    information: Any,
    fixed_upper: Any,
    alpha: Any,
    fixed_lower: Any,
    beta: Any,
    kind: Any,
    binds: Any,
    meets: Any,
    drift: Any,
    out: Any,
) -> None:
    """Fill out (N, K, 2) with the upper and the lower bound of each analysis on the z scale.

    `information` (N, K) increases in each row and ends at the first NaN. `fixed_upper` and `fixed_lower` (N, K) give
    bounds, NaN where one is to be found so that the cumulative probability of crossing it is `alpha` under no drift
    (per side) or `beta` under the drift. `kind` is that of the lower bound; where it `binds`, the upper bounds count on
    it; `meets` (N,) tells where upper and lower bound meet at the last analysis. A lower bound above the upper one is
    set to it. With WEDGE the lower bound is that of |z|, and the upper one is used on both sides.
    """
    for row in range(information.shape[0]):
        looks = 0
        while looks < information.shape[1] and information[row, looks] == information[row, looks]:
            looks += 1
        out[row] = np.nan
        _solve(
            information[row, :looks],
            fixed_upper[row],
            alpha[row],
            fixed_lower[row],
            beta[row],
            kind,
            binds,
            meets[row],
            drift,
            out[row],
        )


@inner
def _solve(
    information: Any,
    fixed_upper: Any,
    alpha: Any,
    fixed_lower: Any,
    beta: Any,
    kind: Any,
    binds: Any,
    meets: Any,
    drift: Any,
    out: Any,
) -> None:
    looks = information.shape[0]
    null_points, null_masses = np.zeros(1), np.ones(1)
    points, masses = np.zeros(1), np.ones(1)
    alpha_used, beta_used = 0.0, 0.0
    for k in range(looks):
        gain = information[k] - (information[k - 1] if k > 0 else 0.0)
        after = information[k + 1] - information[k] if k + 1 < looks else gain
        root = np.sqrt(information[k])
        high = fixed_upper[k] * root
        if high != high:
            high = bound_with_tail(null_points, null_masses, gain, 0.0, _left(alpha[k], alpha_used))
        alpha_used += above(null_points, null_masses, gain, 0.0, high)[0]
        if kind == MIRRORED:
            low = -high
        elif kind == NO_LOWER:
            low = -np.inf
        elif meets and k + 1 == looks:
            low = high
        elif fixed_lower[k] == fixed_lower[k]:
            low = min(fixed_lower[k] * root, high)
        elif kind == WEDGE:
            low = _inner_bound(points, masses, gain, drift, _left(beta[k], beta_used), high)
        else:
            low = min(-bound_with_tail(-points[::-1], masses[::-1], gain, -drift, _left(beta[k], beta_used)), high)
        out[k, 0] = high / root
        out[k, 1] = low / root
        if k + 1 < looks:
            null_kind = kind if binds or kind == MIRRORED else NO_LOWER
            if kind == WEDGE and null_kind == NO_LOWER:
                null_kind = MIRRORED
            null_points, null_masses = _inside(null_points, null_masses, gain, after, 0.0, low, high, null_kind)
            if kind >= GIVEN_OR_SPENT:
                if kind == WEDGE:
                    beta_used += _between(points, masses, gain, drift, -low, low)
                else:
                    beta_used += below(points, masses, gain, drift, low)
                points, masses = _inside(points, masses, gain, after, drift, low, high, kind)


@inner
def _left(allowed: Any, used: Any) -> Any:
    """What may still be spent; nothing where only rounding is left."""
    left = allowed - used
    return left if left > ROUNDING * allowed else 0.0


@inner
def _inside(points: Any, masses: Any, gain: Any, after: Any, theta: Any, low: Any, high: Any, kind: Any) -> Any:
    """The next score where the trial goes on; `low` belongs to |score| with WEDGE."""
    if kind == NO_LOWER:
        return advance(points, masses, gain, after, theta, -np.inf, high)
    if kind == MIRRORED or (kind == WEDGE and not low > 0.0):
        return advance(points, masses, gain, after, theta, -high, high)
    if kind == WEDGE:
        left, left_masses = advance(points, masses, gain, after, theta, -high, -low)
        right, right_masses = advance(points, masses, gain, after, theta, low, high)
        return np.concatenate((left, right)), np.concatenate((left_masses, right_masses))
    return advance(points, masses, gain, after, theta, low, high)


@inner
def _between(points: Any, masses: Any, gain: Any, theta: Any, low: Any, high: Any) -> Any:
    if not high > low:
        return 0.0
    return max(0.0, above(points, masses, gain, theta, low)[0] - above(points, masses, gain, theta, high)[0])


@inner
def _inner_bound(points: Any, masses: Any, gain: Any, theta: Any, wanted: Any, high: Any) -> Any:
    """The limit m <= high with probability `wanted` of |score| < m, by bisection; -inf where nothing is to be spent."""
    if not wanted > 0.0:
        return -np.inf
    if points.shape[0] == 0 or _between(points, masses, gain, theta, -high, high) <= wanted:
        return high
    low = 0.0
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        if _between(points, masses, gain, theta, -middle, middle) < wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
