"""One step of the joint distribution of a score process, as in `recursion`, in plain arrays for single trials.

What is compiled serves many trials at once; to load it takes longer than the boundaries of one trial.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from jaksim.arrays import Floats
from jaksim.normal_law import tails

POINTS, POINT_WEIGHTS = np.polynomial.legendre.leggauss(14)
PANEL: Final = 5.0
REACH: Final = 8.5
DENSITY: Final = 1.0 / math.sqrt(2.0 * math.pi)
CLOSE: Final = 1e-7
MOST_STEPS: Final = 100


class Score(NamedTuple):
    """Where the score of a trial that goes on may be: masses at points, which increase."""

    points: Floats
    masses: Floats


def start() -> Score:
    """The score before the first analysis: 0."""
    return Score(np.zeros(1), np.ones(1))


def above(score: Score, gain: float, theta: float, bound: float) -> float:
    """Probability that the next score exceeds a bound; `gain` is the information gained."""
    distance = (bound - score.points - theta * gain) / math.sqrt(gain)
    return float((score.masses * tails(distance)).sum())


def below(score: Score, gain: float, theta: float, bound: float) -> float:
    """Probability that the next score is below a bound."""
    distance = (score.points + theta * gain - bound) / math.sqrt(gain)
    return float((score.masses * tails(distance)).sum())


def between(score: Score, gain: float, theta: float, low: float, high: float) -> float:
    """Probability that the next score is between two bounds; 0 unless the first is the lower one."""
    if not high > low:
        return 0.0
    return max(0.0, above(score, gain, theta, low) - above(score, gain, theta, high))


def mirrored(score: Score) -> Score:
    """The same law with the opposite sign."""
    return Score(-score.points[::-1], score.masses[::-1])


def advance(score: Score, gain: float, next_gain: float, theta: float, low: float, high: float) -> Score:
    """Points and masses of the next score between two limits, which may be infinite.

    `next_gain` is the information gained after that; points are close enough together for either step.
    """
    if not score.points.size:
        return score
    deviation, shift = math.sqrt(gain), theta * gain
    reach = REACH * deviation
    targets, weights = _quadrature(
        max(low, float(score.points[0]) + shift - reach),
        min(high, float(score.points[-1]) + shift + reach),
        min(deviation, math.sqrt(next_gain)),
    )
    if not targets.size:
        return Score(targets, weights)
    # Of each new point only the old ones within reach matter: a window of the same width for all of them.
    first = np.searchsorted(score.points, targets - shift - reach)
    last = np.searchsorted(score.points, targets - shift + reach)
    window = first[:, None] + np.arange(int((last - first).max()))
    inside = window < last[:, None]
    window = np.minimum(window, score.points.size - 1)
    x = (targets[:, None] - score.points[window] - shift) / deviation
    density = np.where(inside, score.masses[window] * np.exp(-0.5 * x * x), 0.0).sum(axis=1)
    return Score(targets, weights * density * (DENSITY / deviation))


def outside(
    score: Score, gain: float, next_gain: float, theta: float, low: float, high: float, inner: tuple[float, float]
) -> Score:
    """As `advance`, without the scores between the inner limits where the first is below the second."""
    if not inner[0] < inner[1]:
        return advance(score, gain, next_gain, theta, low, high)
    left = advance(score, gain, next_gain, theta, low, min(inner[0], high))
    right = advance(score, gain, next_gain, theta, max(inner[1], low), high)
    return Score(*(np.concatenate(both) for both in zip(left, right, strict=True)))


def bound_with_tail(score: Score, gain: float, theta: float, wanted: float) -> float:
    """The bound that the next score exceeds with a wanted probability; infinite where there is none.

    Newton's method on the logarithm of the tail, which is concave where the masses are one interval of a
    normal density, kept inside a bracket.
    """
    if not wanted > 0.0:
        return math.inf
    points, masses = score
    left = float(masses.sum())
    if wanted >= left:
        return -math.inf
    deviation = math.sqrt(gain)
    low = float(points[0]) + theta * gain - 40.0 * deviation
    high = float(points[-1]) + theta * gain + 40.0 * deviation
    mean = float((points * masses).sum()) / left
    spread = math.sqrt(max(0.0, float((points * points * masses).sum()) / left - mean * mean) + gain)
    bound = mean + theta * gain
    if wanted < 0.5 * left:
        bound += spread * math.sqrt(-2.0 * math.log(2.0 * wanted / left))
    for _ in range(MOST_STEPS):
        x = (bound - points - theta * gain) / deviation
        tail = float((masses * tails(x)).sum())
        density = float((masses * np.exp(-0.5 * x * x)).sum()) * DENSITY / deviation
        if tail > wanted:
            low = bound
        else:
            high = bound
        moved = math.nan
        if tail > 0.0 and density > 0.0:
            moved = bound + math.log(tail / wanted) * tail / density
        if not low <= moved <= high:
            moved = 0.5 * (low + high)
        if abs(moved - bound) <= CLOSE * deviation:
            return moved
        bound = moved
    return bound


def inner_bound(score: Score, gain: float, theta: float, wanted: float, high: float) -> float:
    """The limit m <= high with probability `wanted` of |score| < m, by bisection; -inf where nothing is to be spent."""
    if not wanted > 0.0:
        return -math.inf
    if not score.points.size or between(score, gain, theta, -high, high) <= wanted:
        return high
    low = 0.0
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        if between(score, gain, theta, -middle, middle) < wanted:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _quadrature(low: float, high: float, scale: float) -> tuple[Floats, Floats]:
    """Points and weights between two finite limits, for functions that change over distances of `scale`."""
    if not high > low:
        return np.empty(0), np.empty(0)
    panels = math.ceil((high - low) / (PANEL * scale))
    half = 0.5 * (high - low) / panels
    middles = low + (2.0 * np.arange(panels) + 1.0) * half
    return (middles[:, None] + half * POINTS).ravel(), np.tile(half * POINT_WEIGHTS, panels)
