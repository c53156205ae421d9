"""Random numbers of many addresses at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.kernel.logarithm import COEFFICIENTS, LOG_2, MANTISSA_BITS, SQRT_HALF_BITS, WORD_BITS

UNIT: Final = 2.0**-32


def exponentials(words: NDArray[np.uint32]) -> Floats:
    """-log((word + 1/2) / 2**32) of each word: `jaksim.kernel.logarithm.exponential`, to the last bit."""
    bits = (2 * words.astype(np.int64) + 1).astype(np.float64).view(np.int64)
    k = (bits - SQRT_HALF_BITS) >> MANTISSA_BITS
    f = (bits - (k << MANTISSA_BITS)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = np.zeros_like(z)
    for coefficient in reversed(COEFFICIENTS):
        tail = z * (coefficient + tail)
    half_square = 0.5 * f * f
    found: Floats = (WORD_BITS - k) * LOG_2 - (f - (half_square - s * (half_square + tail)))
    return found


def steps_of(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For counts (J,): the row of each of their sum, and its place 0, 1, ... in the row."""
    row = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, place
