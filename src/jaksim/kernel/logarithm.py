"""Logarithms by additions, multiplications and one division in a fixed order.

Written out rather than taken from the mathematics library so that they become vector instructions, and so that the same
word gives the same waiting time to the last bit on every machine and in plain Python (`jaksim.simulate.reference`).
Source: argument reduction and minimax polynomial of FreeBSD's e_log.c (error below 1 ulp).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined

LOG_2 = 0.6931471805599453
COEFFICIENTS = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
MANTISSA_BITS = 52
WORD_BITS = 33
_L1, _L2, _L3, _L4, _L5, _L6, _L7 = COEFFICIENTS


@inlined
def reduced(x: float) -> Any:
    """Whole k and log(x / 2**k) for x / 2**k between the square roots of 1/2 and 2; x positive and normal."""
    bits = np.float64(x).view(np.int64)
    k = (bits - SQRT_HALF_BITS) >> MANTISSA_BITS
    f = np.int64(bits - (k << MANTISSA_BITS)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = z * (_L1 + z * (_L2 + z * (_L3 + z * (_L4 + z * (_L5 + z * (_L6 + z * _L7))))))
    half_square = 0.5 * f * f
    return k, f - (half_square - s * (half_square + tail))


@inlined
def logarithm(x: float) -> Any:
    """log(x) of a positive normal number."""
    k, rest = reduced(x)
    return k * LOG_2 + rest


@inlined
def exponential(word: Any) -> Any:
    """-log((word + 1/2) / 2**32) for a uint32 word: between 1.2e-10 and 22.9, never 0."""
    k, rest = reduced(np.float64(2 * np.int64(word) + 1))
    return (WORD_BITS - k) * LOG_2 - rest
