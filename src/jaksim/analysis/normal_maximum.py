"""Tail probability of the largest of several correlated normal variables, by quadrature."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inner, kernel

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(8)
FARTHEST = 8.5
WIDEST_PIECE = 2.5
MOST_BREAKS = 64
STEEP = 1.0
NEAR_LIMITS = (-5.0, -2.0, 0.0, 2.0, 5.0)
INDEPENDENT = 1e-9
ROOT_HALF = math.sqrt(0.5)
DENSITY = 1.0 / math.sqrt(2.0 * math.pi)


@kernel
def largest_beyond(covariances: Any, z: Any, two_sided: Any, out: Any) -> None:
    """Fill out (B,) with the probability that the largest of m variables passes z (B,), in size if two-sided.

    `covariances` (B, m, m) may be singular. The variables are written as linear forms of independent ones, one more of
    which is integrated at each level over the pieces on which the limits of the next are linear; the last level is
    exact. Tail probabilities are added, so that small ones keep their relative precision. NaN where z is.
    """
    m = covariances.shape[1]
    forms = np.zeros((m, m))
    level = np.zeros(m, dtype=np.int64)
    for b in range(z.shape[0]):
        if z[b] == z[b]:
            n_levels = _linear_forms(covariances[b], forms, level)
            out[b] = min(1.0, _tail(forms, level, n_levels, z[b], two_sided))
        else:
            out[b] = np.nan


@inner
def _linear_forms(covariance: Any, forms: Any, level: Any) -> Any:
    """Rows of unit length with the given correlations, and the last independent variable in each; returns how many.

    A variable without variance is given level -1.
    """
    m = covariance.shape[0]
    forms[:] = 0.0
    owner = np.zeros(m, dtype=np.int64)
    n_levels = 0
    for i in range(m):
        level[i] = -1
        if covariance[i, i] > 0.0:
            rest = 1.0
            for k in range(n_levels):
                j = owner[k]
                value = covariance[i, j] / math.sqrt(covariance[i, i] * covariance[j, j])
                for q in range(k):
                    value -= forms[i, q] * forms[j, q]
                forms[i, k] = value / forms[j, k]
                rest -= forms[i, k] ** 2
            if rest > INDEPENDENT:
                forms[i, n_levels] = math.sqrt(rest)
                owner[n_levels] = i
                n_levels += 1
            for k in range(n_levels):
                if abs(forms[i, k]) > 1e-7:
                    level[i] = k
    return n_levels


@inner
def _tail(forms: Any, level: Any, n_levels: Any, z: Any, two_sided: Any) -> Any:
    y = np.zeros(n_levels)
    weight = np.ones(n_levels + 1)
    points = np.empty((n_levels, (MOST_BREAKS + 8) * NODES.shape[0], 2))
    n_points = np.zeros(n_levels, dtype=np.int64)
    position = np.zeros(n_levels, dtype=np.int64)
    breaks = np.empty(MOST_BREAKS)
    total = 0.0
    at = 0
    entering = True
    while at >= 0:
        if entering:
            low, high = _limits(forms, level, at, y, z, two_sided)
            beyond = 1.0 if low >= high else _normal_tail(-low) + _normal_tail(high)
            total += weight[at] * beyond
            if at == n_levels - 1 or low >= high:
                at -= 1
                entering = False
                continue
            if at == 0 and two_sided:
                low = 0.0
            n_points[at] = _fill_points(forms, level, at, y, z, low, high, breaks, points[at])
            position[at] = 0
        if position[at] < n_points[at]:
            y[at] = points[at, position[at], 0]
            doubled = 2.0 if at == 0 and two_sided else 1.0
            weight[at + 1] = weight[at] * points[at, position[at], 1] * doubled
            position[at] += 1
            at += 1
            entering = True
        else:
            at -= 1
            entering = False
    return total


@inner
def _normal_tail(x: Any) -> Any:
    return 0.5 * math.erfc(x * ROOT_HALF)


@inner
def _limits(forms: Any, level: Any, at: Any, y: Any, z: Any, two_sided: Any) -> Any:
    """Between which values variable `at` keeps all forms of its level from passing z."""
    low = -FARTHEST
    high = FARTHEST
    for i in range(forms.shape[0]):
        if level[i] == at:
            known = 0.0
            for k in range(at):
                known += forms[i, k] * y[k]
            slope = forms[i, at]
            upper = (z - known) / slope
            if slope > 0.0:
                high = min(high, upper)
            else:
                low = max(low, upper)
            if two_sided:
                lower = (-z - known) / slope
                if slope > 0.0:
                    low = max(low, lower)
                else:
                    high = min(high, lower)
    return low, high


@inner
def _fill_points(forms: Any, level: Any, at: Any, y: Any, z: Any, low: Any, high: Any, breaks: Any, points: Any) -> Any:
    """Quadrature points and weights with the normal density between the limits; returns their number."""
    n_breaks = _breaks(forms, level, at, y, z, low, high, breaks)
    n = 0
    left = low
    for i in range(n_breaks + 1):
        right = breaks[i] if i < n_breaks else high
        pieces = math.ceil((right - left) / WIDEST_PIECE)
        for piece in range(pieces):
            half = 0.5 * (right - left) / pieces
            middle = left + (2 * piece + 1) * half
            for q in range(NODES.shape[0]):
                if n < points.shape[0]:
                    x = middle + half * NODES[q]
                    points[n, 0] = x
                    points[n, 1] = half * NODE_WEIGHTS[q] * DENSITY * math.exp(-0.5 * x * x)
                    n += 1
        left = right
    return n


@inner
def _breaks(forms: Any, level: Any, at: Any, y: Any, z: Any, low: Any, high: Any, breaks: Any) -> Any:
    """Where limits of the next level cross, or pass fast through its density, as variable `at` moves; ascending."""
    n = 0
    for i in range(forms.shape[0]):
        for j in range(i + 1):
            if level[i] == at + 1 and level[j] == at + 1:
                for sign_i in (-1.0, 1.0):
                    for sign_j in (-1.0, 1.0):
                        ratio = forms[j, at + 1] / forms[i, at + 1]
                        slope = forms[i, at] * ratio - forms[j, at]
                        if abs(slope) > 1e-12:
                            constant = sign_i * z * ratio - sign_j * z
                            for k in range(at):
                                constant -= (forms[i, k] * ratio - forms[j, k]) * y[k]
                            x = constant / slope
                            if low + 1e-9 < x < high - 1e-9 and n < breaks.shape[0]:
                                breaks[n] = x
                                n += 1
    for i in range(forms.shape[0]):
        if level[i] == at + 1 and abs(forms[i, at]) > STEEP * abs(forms[i, at + 1]):
            for sign in (-1.0, 1.0):
                for limit in NEAR_LIMITS:
                    rest = sign * z - limit * forms[i, at + 1]
                    for k in range(at):
                        rest -= forms[i, k] * y[k]
                    x = rest / forms[i, at]
                    if low + 1e-9 < x < high - 1e-9 and n < breaks.shape[0]:
                        breaks[n] = x
                        n += 1
    breaks[:n].sort()
    return n
