"""Sums of real numbers as integers, so that any order of adding gives the same bits."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FIXED_POINT_BITS = 40
_LARGEST = 2.0**51
_UNITS = 2.0**FIXED_POINT_BITS


def fixed_point_sum(values: npt.NDArray[np.float64]) -> int:
    """Exact sum of the values rounded to multiples of 2**-40.

    Rounding happens per value, so the sum does not depend on how the values are split into blocks. `values` must be
    finite and at most 2**11 in number; those beyond 2**51 in size are added one by one.
    """
    near = np.abs(values) < _LARGEST
    if near.all():
        return _sum_of_near(values)
    far = sum(round(math.ldexp(float(value), FIXED_POINT_BITS)) for value in values[~near])
    return _sum_of_near(values[near]) + far


def _sum_of_near(values: npt.NDArray[np.float64]) -> int:
    whole = np.floor(values)
    rest = np.rint((values - whole) * _UNITS)
    return (int(whole.astype(np.int64).sum()) << FIXED_POINT_BITS) + int(rest.astype(np.int64).sum())


def from_fixed_point(total: int) -> float:
    """The real number a fixed-point sum stands for."""
    return math.ldexp(total, -FIXED_POINT_BITS) if abs(total) < 2**900 else total / 2**FIXED_POINT_BITS
