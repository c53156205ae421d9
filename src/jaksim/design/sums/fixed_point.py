"""Sums of real numbers as integers, so that any order of adding gives the same bits."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FIXED_POINT_BITS = 40
_LARGEST = 2.0**51


def fixed_point_sum(values: npt.NDArray[np.float64]) -> int:
    """Exact sum of the values rounded to multiples of 2**-40.

    Rounding happens per value, so the sum does not depend on how the values are split into blocks. `values` must be
    finite and at most 2**11 in number; those beyond 2**51 in size are added one by one.
    """
    near = np.abs(values) < _LARGEST
    whole = np.floor(values[near])
    rest = np.rint(np.ldexp(values[near] - whole, FIXED_POINT_BITS))
    total = (int(whole.astype(np.int64).sum()) << FIXED_POINT_BITS) + int(rest.astype(np.int64).sum())
    return total + sum(round(math.ldexp(float(value), FIXED_POINT_BITS)) for value in values[~near])


def from_fixed_point(total: int) -> float:
    """The real number a fixed-point sum stands for."""
    return math.ldexp(total, -FIXED_POINT_BITS) if abs(total) < 2**900 else total / 2**FIXED_POINT_BITS
