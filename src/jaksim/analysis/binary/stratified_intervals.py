"""Confidence intervals for a risk difference or risk ratio that is common to all strata."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from jaksim.analysis.binary.risk_intervals import wilson
from jaksim.analysis.binary.stratified_scores import stratified_z
from jaksim.arrays import Floats

WIDEST = 50.0
"""Limits of a log ratio beyond 50 count as infinite."""


def difference_interval(x: Floats, n: Floats, z: float, *, cmh: bool) -> tuple[float, float]:
    """The differences that the stratified score test does not reject at the normal quantile z, to 1e-12."""
    return _inverted(lambda value: float(stratified_z(x, n, value, False, cmh, True)), z, -1.0, 1.0)


def log_ratio_interval(x: Floats, n: Floats, z: float, *, cmh: bool) -> tuple[float, float]:
    """The log ratios that the stratified score test does not reject; infinite where no ratio is rejected."""
    low, high = _inverted(lambda value: float(stratified_z(x, n, math.exp(value), True, cmh, True)), z, -WIDEST, WIDEST)
    infinite = [value if abs(value) < WIDEST - 1.0 else math.copysign(math.inf, value) for value in (low, high)]
    return infinite[0], infinite[1]


def stratified_newcombe(x: Floats, n: Floats, z: float) -> tuple[float, float]:
    """Hybrid of stratified Wilson intervals, weights n_0 n_1 / n (Yan and Su 2010, Stat Biopharm Res 2:329)."""
    both = (n > 0.0).all(axis=0)
    if not both.any():
        return math.nan, math.nan
    x, n = x[:, both], n[:, both]
    weight = n[0] * n[1] / n.sum(axis=0)
    weight /= weight.sum()
    risk = x / n
    (low_0, high_0), (low_1, high_1) = (_stratified_wilson(x[arm], n[arm], weight, z) for arm in (0, 1))
    size_0, size_1 = (float((weight**2 / n[arm]).sum()) for arm in (0, 1))
    difference = float(weight @ (risk[1] - risk[0]))
    below = math.sqrt(size_1 * low_1 * (1.0 - low_1) + size_0 * high_0 * (1.0 - high_0))
    above = math.sqrt(size_1 * high_1 * (1.0 - high_1) + size_0 * low_0 * (1.0 - low_0))
    return difference - z * below, difference + z * above


def _stratified_wilson(x: Floats, n: Floats, weight: Floats, z: float) -> tuple[float, float]:
    """Weighted Wilson limits at the quantile that gives the weighted risk its own variance."""
    spread = np.sqrt(x / n * (1.0 - x / n) / n)
    widest = float(weight @ spread)
    inner = z * math.sqrt(float((weight**2 * spread**2).sum())) / widest if widest > 0.0 else z
    limits = np.array([wilson(float(a), float(b), inner) for a, b in zip(x, n, strict=True)])
    return float(weight @ limits[:, 0]), float(weight @ limits[:, 1])


def _inverted(statistic: Callable[[float], float], z: float, lowest: float, highest: float) -> tuple[float, float]:
    """Where a statistic that falls with the value passes z and -z; NaN where it is undefined."""
    if math.isnan(statistic((lowest + highest) / 2.0)):
        return math.nan, math.nan

    def crossing(target: float) -> float:
        low, high = lowest, highest
        for _ in range(200):
            middle = (low + high) / 2.0
            low, high = (middle, high) if statistic(middle) > target else (low, middle)
            if high - low < 1e-13:
                break
        return (low + high) / 2.0

    return crossing(z), crossing(-z)
