"""Rules of Gauss for a normal variable, whole or within an interval.

Source: the Lanczos process on a fine discretisation (Gautschi 2004, Orthogonal polynomials, section 2.2.3).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from jaksim.arrays import Floats

REACH: Final = 8.5
"""Latents further out have a chance of 2e-17."""
_FINE: Final = 240
_HALF: Final = math.sqrt(0.5)
_NONE: Final = (np.zeros(0), np.zeros(0))


@lru_cache(maxsize=4096)
def normal_rule(low: float, high: float, order: int) -> tuple[Floats, Floats]:
    """Nodes (n,) and weights of a standard normal variable between two bounds, exact for polynomials of degree 2n - 1.

    The weights sum to the chance of lying between the bounds; there are fewer nodes than `order` where that is all
    that numbers can tell apart, and none where the chance is nothing.
    """
    low, high = max(low, -REACH), min(high, REACH)
    if not low < high:
        return _NONE
    points, weights = _fine_rule()
    x = 0.5 * (low + high) + 0.5 * (high - low) * points
    w = 0.5 * (high - low) * weights * np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    total = float(w.sum())
    if total < 1e-300:
        return _NONE
    diagonal, beside = _lanczos(x, w, order)
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    return values, total * vectors[0] ** 2


@lru_cache(maxsize=1)
def _fine_rule() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(_FINE)


def chance(low: float, high: float) -> tuple[Floats, Floats]:
    """One node between two bounds, with the chance of lying between them; none where that is nothing."""
    # In the tail that is the smaller one: differences of chances near 1 lose all digits.
    share = _above(low) - _above(high) if low > 0.0 else _above(-high) - _above(-low)
    middle = 0.5 * (max(low, min(high, REACH) - 1.0) + min(high, max(low, -REACH) + 1.0))
    return (np.array([middle]), np.array([share])) if share > 0.0 else _NONE


def _above(bound: float) -> float:
    return 0.5 * math.erfc(bound * _HALF)


def _lanczos(x: Floats, w: Floats, order: int) -> tuple[Floats, Floats]:
    """Recurrence coefficients of the polynomials that are orthogonal by weights at points, with full
    reorthogonalisation."""
    now = np.sqrt(w / w.sum())
    basis, diagonal, beside = [now], [], []
    for step in range(order):
        found = x * basis[-1]
        diagonal.append(float(basis[-1] @ found))
        for _ in range(2):
            for one in basis:
                found = found - (one @ found) * one
        size = float(np.linalg.norm(found))
        if step == order - 1 or size < 1e-10:
            break
        beside.append(size)
        basis.append(found / size)
    return np.array(diagonal), np.array(beside[: len(diagonal) - 1])
