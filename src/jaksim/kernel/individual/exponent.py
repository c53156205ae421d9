"""Exponentials by additions, multiplications and one division in a fixed order, as `jaksim.kernel.logarithm`.

Source: argument reduction and minimax polynomial of FreeBSD's e_exp.c (error below 1 ulp).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined

LARGEST = 700.0
_PER_LOG_2 = 1.4426950408889634
_HIGH = 6.93147180369123816490e-01
_LOW = 1.90821492927058770002e-10
_P1 = 1.66666666666666019037e-01
_P2 = -2.77777777770155933842e-03
_P3 = 6.61375632143793436117e-05
_P4 = -1.65339022054652515390e-06
_P5 = 4.13813679705723846039e-08
# Added to a number, it leaves the nearest whole number in the lowest bits.
_ROUNDS = 6755399441055744.0
_ROUNDS_BITS = 0x4338000000000000
_MANTISSA = 52


@inlined
def exponent(x: float) -> Any:
    """exp(x), x being taken for 700 or -700 beyond these."""
    within = min(max(x, -LARGEST), LARGEST)
    shifted = within * _PER_LOG_2 + _ROUNDS
    k = shifted - _ROUNDS
    whole = np.float64(shifted).view(np.int64) - _ROUNDS_BITS
    high = within - k * _HIGH
    low = k * _LOW
    r = high - low
    t = r * r
    c = r - t * (_P1 + t * (_P2 + t * (_P3 + t * (_P4 + t * _P5))))
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return np.int64(np.float64(y).view(np.int64) + (whole << _MANTISSA)).view(np.float64)
