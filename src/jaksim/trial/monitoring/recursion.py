"""One step of the joint distribution of a score process from an analysis to the next, on quadrature points.

The score S has independent normal increments, S_k - S_(k-1) ~ N(theta d, d) with d the information gained. What is left
of the distribution after the boundaries of an analysis is held as masses at Gauss-Legendre points; before the first
analysis it is the point mass 1 at 0. Source: Armitage, McPherson and Rowe (1969), J. R. Stat. Soc. A 132, 235-244;
Jennison and Turnbull (2000), Group Sequential Methods, chapter 19.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner

POINTS, POINT_WEIGHTS = np.polynomial.legendre.leggauss(14)
PANEL = 5.0
REACH = 8.5
DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
ROOT_HALF = math.sqrt(0.5)
CLOSE = 1e-7
MOST_STEPS = 100


@inlined
def normal_tail(x: Any) -> Any:
    """Probability that a standard normal variable exceeds x."""
    return 0.5 * math.erfc(x * ROOT_HALF)


@inner
def above(points: Any, masses: Any, gain: Any, theta: Any, bound: Any) -> Any:
    """Probability that the next score exceeds a bound, and the density there; `gain` is the information gained."""
    deviation = math.sqrt(gain)
    tail = 0.0
    density = 0.0
    for i in range(points.shape[0]):
        x = (bound - points[i] - theta * gain) / deviation
        tail += masses[i] * normal_tail(x)
        density += masses[i] * math.exp(-0.5 * x * x)
    return tail, density * DENSITY / deviation


@inner
def below(points: Any, masses: Any, gain: Any, theta: Any, bound: Any) -> Any:
    """Probability that the next score is below a bound."""
    deviation = math.sqrt(gain)
    tail = 0.0
    for i in range(points.shape[0]):
        tail += masses[i] * normal_tail((points[i] + theta * gain - bound) / deviation)
    return tail


@inner
def quadrature(low: Any, high: Any, scale: Any) -> Any:
    """Points and weights between two finite limits, for functions that change over distances of `scale`."""
    if not high > low:
        return np.empty(0), np.empty(0)
    panels = math.ceil((high - low) / (PANEL * scale))
    size = POINTS.shape[0]
    points = np.empty(panels * size)
    weights = np.empty(panels * size)
    half = 0.5 * (high - low) / panels
    for panel in range(panels):
        middle = low + (2 * panel + 1) * half
        for q in range(size):
            points[panel * size + q] = middle + half * POINTS[q]
            weights[panel * size + q] = half * POINT_WEIGHTS[q]
    return points, weights


@inner
def advance(points: Any, masses: Any, gain: Any, next_gain: Any, theta: Any, low: Any, high: Any) -> Any:
    """Points and masses of the next score between two limits, which may be infinite.

    `next_gain` is the information gained after that; points are close enough together for either step.
    """
    if points.shape[0] == 0:
        return np.empty(0), np.empty(0)
    deviation = math.sqrt(gain)
    shift = theta * gain
    reach = REACH * deviation
    scale = min(deviation, math.sqrt(next_gain))
    last = points.shape[0] - 1
    targets, weights = quadrature(max(low, points[0] + shift - reach), min(high, points[last] + shift + reach), scale)
    first = 0
    for j in range(targets.shape[0]):
        while first < last and targets[j] - points[first] - shift > reach:
            first += 1
        total = 0.0
        for i in range(first, last + 1):
            x = (targets[j] - points[i] - shift) / deviation
            if x < -REACH:
                break
            total += masses[i] * math.exp(-0.5 * x * x)
        weights[j] *= total * DENSITY / deviation
    return targets, weights


@inner
def bound_with_tail(points: Any, masses: Any, gain: Any, theta: Any, wanted: Any) -> Any:
    """The bound that the next score exceeds with a wanted probability; infinite where there is none.

    Newton's method on the logarithm of the tail, which is concave where the masses are one interval of a
    normal density, kept inside a bracket.
    """
    if not wanted > 0.0:
        return np.inf
    left = masses.sum()
    if wanted >= left:
        return -np.inf
    deviation = math.sqrt(gain)
    low = points[0] + theta * gain - 40.0 * deviation
    high = points[points.shape[0] - 1] + theta * gain + 40.0 * deviation
    mean = (points * masses).sum() / left
    spread = math.sqrt(max(0.0, (points * points * masses).sum() / left - mean * mean) + gain)
    share = wanted / left
    bound = mean + theta * gain
    if share < 0.5:
        bound += spread * math.sqrt(-2.0 * math.log(2.0 * share))
    for _ in range(MOST_STEPS):
        tail, density = above(points, masses, gain, theta, bound)
        if tail > wanted:
            low = bound
        else:
            high = bound
        step = 0.0
        if tail > 0.0 and density > 0.0:
            step = math.log(tail / wanted) * tail / density
        moved = bound + step
        if tail <= 0.0 or density <= 0.0 or not low <= moved <= high:
            moved = 0.5 * (low + high)
        if abs(moved - bound) <= CLOSE * deviation:
            return moved
        bound = moved
    return bound
