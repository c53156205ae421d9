"""Posterior of the log odds ratio of a proportional odds model, by quadrature over its integrated likelihood.

Strata have flat priors, and the probabilities of the k categories at the mean of the patients a Dirichlet prior that
weighs as much as one patient, 1 / k for each category, however many there are: flat priors of thresholds, one for each
of many distinct values, would outweigh the data. Both are integrated out by Laplace's method at each of a few values of
the log odds ratio (Tierney and Kadane 1986), thresholds as logits of the categories, in which the information is nearly
the number of patients of each; the logarithm of what is left is close to a parabola and is interpolated.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from jaksim.analysis.normal import upper_quantile
from jaksim.analysis.ordinal.proportional_odds_cells import collapse, informative
from jaksim.analysis.ordinal.proportional_odds_derivatives import log_likelihood_gain
from jaksim.analysis.ordinal.proportional_odds_maximum import maximise
from jaksim.kernel.jit import inner, kernel

REACH: Final = 6.5
"""Half the range of the quadrature, in standard deviations."""
NODES: Final = np.cos(np.pi * np.arange(15) / 14.0)
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(48)


@kernel
def posterior_kernel(
    tables: Any,
    groups: Any,
    n_groups: Any,
    prior_mean: Any,
    prior_sd: Any,
    value: Any,
    nodes: Any,
    points: Any,
    weights: Any,
    out: Any,
) -> None:
    """Fill out (B, 3): posterior mean and standard deviation, and the normal quantile of P(log odds ratio > value)."""
    n_strata = tables.shape[2]
    collapsed = np.empty((2, n_strata, n_groups))
    cells = np.empty((2 * n_strata, n_groups))
    design = np.empty((2 * n_strata, 2), dtype=np.int64)
    totals, alpha, mode_alpha = np.empty(n_groups), np.empty(n_groups), np.empty(n_groups)
    scratch = np.empty((5, n_groups))
    borders = np.empty((n_strata + 2, n_groups))
    small = np.empty((n_strata + 4, n_strata))
    mode_theta = np.empty(n_strata)
    logs = np.empty(nodes.shape[0])
    out[:] = np.nan
    if n_groups == 0:
        return
    precision = 1.0 / (prior_sd * prior_sd)
    for b in range(tables.shape[0]):
        collapse(tables[b], groups, collapsed)
        n_cells, p, k = informative(collapsed, cells, design, totals)
        if k < 2 or p < 1:
            continue
        m = k - 1
        data = cells[:n_cells, :k], design[:n_cells], totals[:k]
        space = scratch[:, :m], borders[: p + 1, :m], small[: p + 4, :p]
        part = small[: p + 4, :p]
        if not maximise(
            data[0], data[1], data[2], alpha[:m], space[0], space[1], space[2], True, 0.0, prior_mean, precision
        ):
            continue
        mode, sd = part[p, p - 1], 1.0 / part[p - 1, p - 1]
        mode_alpha[:m] = alpha[:m]
        mode_theta[:p] = part[p]
        usable = True
        for i in range(nodes.shape[0]):
            at = mode + REACH * sd * nodes[i]
            usable = usable and maximise(
                data[0], data[1], data[2], alpha[:m], space[0], space[1], space[2], False, at, 0.0, 0.0
            )
            gain = log_likelihood_gain(data[0], data[1], data[2], alpha[:m], part[p], mode_alpha[:m], mode_theta[:p])
            logs[i] = gain - _half_log_determinant(scratch[0, :m], part, p) - 0.5 * precision * (at - prior_mean) ** 2
            logs[i] += _log_prior(data[0], data[1], alpha[:m], part[p])
        if usable:
            _summarise(logs, nodes, points, weights, mode, REACH * sd, value, out[b])


@inner
def _log_prior(cells: Any, design: Any, alpha: Any, theta: Any) -> Any:
    """Of the thresholds: Dirichlet for the categories of the mean patient, each cell counted by its patients."""
    p, m = theta.shape[0], alpha.shape[0]
    mean = patients = 0.0
    for c in range(cells.shape[0]):
        size = cells[c].sum()
        delta = theta[p - 1] if design[c, 0] == 1 else 0.0
        if design[c, 1] > 0:
            delta += theta[design[c, 1] - 1]
        mean += size * delta
        patients += size
    mean /= patients
    weight = 1.0 / (m + 1)
    total = 0.0
    for j in range(m):
        x = abs(alpha[j] + mean)
        total -= weight * (x + 2.0 * math.log1p(math.exp(-x)))
        if j > 0:
            total -= (1.0 - weight) * math.log(-math.expm1(alpha[j - 1] - alpha[j]))
    return total


@inner
def _half_log_determinant(pivots: Any, part: Any, p: Any) -> Any:
    """Of the information on thresholds and strata; a stratum that drifts off is left out."""
    total = 0.0
    for j in range(pivots.shape[0]):
        total -= 0.5 * math.log(pivots[j])
    for i in range(p - 1):
        if part[i, i] < np.inf:
            total += math.log(part[i, i])
    return total


@inner
def _interpolate(logs: Any, nodes: Any, x: Any) -> Any:
    """Barycentric interpolation at Chebyshev points of the second kind."""
    above = below = 0.0
    last = nodes.shape[0] - 1
    for i in range(last + 1):
        distance = x - nodes[i]
        if distance == 0.0:
            return logs[i]
        weight = (1.0 if i % 2 == 0 else -1.0) / distance
        if i == 0 or i == last:
            weight *= 0.5
        above += weight * logs[i]
        below += weight
    return above / below


@inner
def _summarise(logs: Any, nodes: Any, points: Any, weights: Any, mode: Any, reach: Any, value: Any, row: Any) -> None:
    cut = min(max((value - mode) / reach, -1.0), 1.0)
    highest = logs.max()
    mass = np.zeros(2)
    first = second = 0.0
    for side in range(2):
        low, high = (-1.0, cut) if side == 0 else (cut, 1.0)
        half = 0.5 * (high - low)
        for i in range(points.shape[0]):
            x = low + half * (1.0 + points[i])
            share = half * weights[i] * math.exp(_interpolate(logs, nodes, x) - highest)
            mass[side] += share
            first += share * x
            second += share * x * x
    total = mass[0] + mass[1]
    mean = first / total
    row[0] = mode + reach * mean
    row[1] = reach * math.sqrt(max(second / total - mean * mean, 0.0))
    tail = min(mass[0], mass[1]) / total
    row[2] = (row[0] - value) / row[1]
    if tail > 1e-9:
        row[2] = math.copysign(upper_quantile(tail), mass[1] - mass[0])
