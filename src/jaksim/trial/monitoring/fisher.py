"""Critical values of Fisher's combination of independent p-values, tested after every stage."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError

METHODS = ("equal", "full")
LEAST_LEVEL = 1e-14


def crossing(critical: ArrayLike, futility_p: ArrayLike) -> Floats:
    """Probability (K,) under the null of first rejecting after each stage, where a product of p-values is at or below
    `critical` (K,).

    A trial stops for futility after stage k where the p-value of that stage is above `futility_p` (K - 1,). Exact:
    minus the logarithms of p-values are exponential waiting times, so stage k adds critical_k times the volume of
    ordered points below the limits of the stages before. Source: Bauer and Koehne (1994), Biometrics 50, 1029-1041.
    """
    limits = -np.log(np.asarray(critical, dtype=np.float64))
    below = np.minimum.accumulate((limits[:-1] + np.cumsum(np.log(np.asarray(futility_p, dtype=np.float64))))[::-1])
    below = np.maximum(below[::-1], 0.0)
    volumes = np.ones(len(limits))
    for m in range(1, len(limits)):
        volumes[m] = sum(
            (-1.0) ** (m - j) * below[j - 1] ** (m - j + 1) / math.factorial(m - j + 1) * volumes[j - 1]
            for j in range(1, m + 1)
        )
    return np.exp(-limits) * volumes


def critical_values(looks: int, alpha: float, method: str = "equal", futility_p: Sequence[float] = ()) -> Floats:
    """Critical values (K,) of the product of p-values that spend `alpha` in all.

    "equal": the product of k p-values is tested at one and the same level after every stage; "full": after the last one
    at level alpha, before it at one level that leaves this intact. `futility_p` (K - 1,) stops where the p-value of a
    stage by itself is above, 1 for never; the level counts on stopping there.
    """
    futility = check_futility(looks, futility_p)
    if method not in METHODS:
        raise InputError("unknown method", where="method", allowed=METHODS, got=method)
    last = _product_quantile(looks, alpha)

    def at(level: float) -> Floats:
        found = np.array([_product_quantile(k + 1, level) for k in range(looks)])
        if method == "full":
            found[-1] = last
            found = np.maximum(found, last)
        return found

    level = _root(lambda one: float(crossing(at(one), futility).sum()) - alpha, LEAST_LEVEL, alpha)
    return _checked(at(level), futility)


def critical_values_spending(spent: ArrayLike, futility_p: Sequence[float] = ()) -> Floats:
    """Critical values (K,) at which the cumulative probability of rejecting is `spent` (K,) under the null."""
    total = np.asarray(spent, dtype=np.float64)
    gains = np.diff(total, prepend=0.0)
    if not ((gains > 0.0).all() and total[-1] < 1.0):
        raise InputError("alpha is not spent", where="spent", allowed="increasing, below 1", got=total.tolist())
    futility = check_futility(len(total), futility_p)
    found = np.full(len(total), gains[0])
    for k in range(1, len(total)):
        trial = np.append(found[:k], found[k - 1])
        found[k] = found[k - 1] * gains[k] / crossing(trial, futility[:k])[-1]
    return _checked(found, futility)


def check_futility(looks: int, futility_p: Sequence[float]) -> Floats:
    """Limits of futility (K - 1,), 1 where none are given; InputError for anything else."""
    found = np.array(futility_p if len(futility_p) else [1.0] * (looks - 1), dtype=np.float64)
    if len(found) != looks - 1 or not ((found > 0.0) & (found <= 1.0)).all():
        raise InputError(
            "not limits of p-values", where="futility_p", allowed=f"{looks - 1} numbers above 0 to 1", got=futility_p
        )
    return found


def _product_quantile(stages: int, level: float) -> float:
    """The value that a product of so many p-values is at or below with probability `level`."""
    from scipy.special import gammainccinv

    return float(np.exp(-gammainccinv(stages, level)))


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return low if function(low) >= -1e-12 else float(brentq(function, low, high, xtol=1e-15, rtol=1e-13))


def _checked(critical: Floats, futility: Floats) -> Floats:
    if (np.diff(critical) > 1e-12).any():
        raise InputError("a later stage would reject more easily than an earlier one", got=critical.tolist())
    if (critical[:-1] >= futility).any():
        raise InputError("futility stops where the trial has rejected", where="futility_p", got=futility.tolist())
    return critical
